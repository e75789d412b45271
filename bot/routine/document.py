"""A YAML file's contents as plain data, with the line of each key and list entry, and the problems found.

This module must not depend on which keys a routine or the handbook has.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from unicodedata import category

Loc: TypeAlias = tuple[str | int, ...]
"""The location of a value in a file: the keys and list indexes that lead to the value, outermost first."""
Value: TypeAlias = "str | bool | float | list[Value] | dict[str, Value]"

MAX_QUOTED_CHARACTERS = 500
"""The most characters that a problem shows of its `what`, and of its `remedy`. Both can quote a wrong value,
which can be as long as the file itself."""
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""The Unicode categories of the characters that no text may contain: control characters, format characters
(which have no width or change the direction of writing), surrogates, line separators and paragraph
separators."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in a file. `line` counts from 1; 0 means the file or folder as a whole.

    `what` says what is wrong, and `remedy` what to do about it.
    """

    path: Path
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem in one line. A path inside the working directory is written relative to it."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        place = f"{path}:{self.line}" if self.line else f"{path}"
        return _with_code_points(f"{place}: {_shorten(self.what)}; {_shorten(self.remedy)}")


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS]}..."


def _with_code_points(text: str) -> str:
    """Return the text with each invisible character replaced by its code point, such as <U+200B>."""
    return "".join(f"<{_code_point(letter)}>" if category(letter) in INVISIBLE else letter for letter in text)


def _code_point(letter: str) -> str:
    return f"U+{ord(letter):04X}"


def find_invisible(text: str) -> str:
    """Return a description of the first invisible character in the text, or "" if there is none."""
    found = next((letter for letter in text if category(letter) in INVISIBLE), None)
    return f"an invisible character ({_code_point(found)})" if found else ""


@dataclass(slots=True)
class Document:
    """The contents of a file, or of several files merged into one, and the problems found in the contents.

    `lines` maps the location of each value to the file and line of the value. `reported` holds the locations
    that have a problem.
    """

    path: Path
    data: dict[str, Value] = field(default_factory=dict)
    lines: dict[Loc, tuple[Path, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    reported: set[Loc] = field(default_factory=set)

    def report_line(self, line: int, what: str, remedy: str) -> None:
        """Add a problem on a line of the file."""
        self.problems.append(Problem(self.path, line, what, remedy))

    def report(self, loc: Loc, what: str, remedy: str) -> None:
        """Add a problem with the value at `loc`, unless that location has a problem already."""
        if loc not in self.reported:
            self.reported.add(loc)
            self.problems.append(Problem(*self.place(loc), what, remedy))

    def under(self, key: str) -> "Document":
        """Return a document in which this document's data, if it has any, are the value of one key."""
        data: dict[str, Value] = {key: self.data} if self.data else {}
        lines = {(key, *loc): place for loc, place in self.lines.items()}
        return Document(self.path, data, lines, self.problems, {(key, *loc) for loc in self.reported})

    def place(self, loc: Loc) -> tuple[Path, int]:
        """Return the file and line of `loc`.

        If `loc` has no line, because its value is missing, the innermost value around `loc` that has a line
        is used.
        """
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, (self.path, 0))

    def find(self, pattern: str) -> Iterator[tuple[Loc, Value]]:
        """Yield each value whose location matches a pattern, with its location.

        A pattern consists of keys with dots between them, as in "step.*.id". `*` stands for any key or list
        index.
        """
        return _find(self.data, pattern.split("."), ())

    def texts(self, pattern: str) -> Iterator[tuple[Loc, str]]:
        """Yield each text whose location matches a pattern such as "step.*.id", with its location."""
        return ((loc, value) for loc, value in self.find(pattern) if isinstance(value, str))


def _find(value: Value, pattern: list[str], loc: Loc) -> Iterator[tuple[Loc, Value]]:
    if not pattern:
        yield loc, value
        return
    children: Iterable[tuple[str | int, Value]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        if pattern[0] in ("*", key):
            yield from _find(child, pattern[1:], (*loc, key))


def describe(loc: Loc) -> str:
    """Return the words for a location in an error: "`technique.where.from`" or "`direction`, entry 2".

    If the value is inside a list entry, such as a step, the keys and indexes up to that entry are left out.
    """
    *outer, last = loc
    if isinstance(last, int):
        return f"{describe(tuple(outer))}, entry {last + 1}"
    keys = last
    while outer and isinstance(outer[-1], str):
        keys = f"{outer.pop()}.{keys}"
    return f"`{keys}`"


def merge(documents: Iterable[Document], path: Path) -> Document:
    """Merge documents into one at `path`. Report each top-level key that several documents have."""
    merged = Document(path)
    for document in documents:
        merged.problems += document.problems
        merged.reported |= document.reported
        for key in document.data:
            if key in merged.data:
                first, _ = merged.place((key,))
                file, line = document.place((key,))
                what = f"`{key}` is in {first.name} already"
                merged.problems.append(Problem(file, line, what, "keep one of the two"))
            else:
                merged.data[key] = document.data[key]
                merged.lines |= {loc: at for loc, at in document.lines.items() if loc[:1] == (key,)}
    return merged
