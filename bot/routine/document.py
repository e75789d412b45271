"""A YAML file as plain data in which every key and list entry still knows its line.

Stricter than YAML, so that nothing is read as what its author did not mean: a text stays a text ("no",
"1:30"), only `true` and `false` are booleans, and tabs, anchors, aliases, tags and repeated keys are
refused. This module must never know what a routine is, nor stop at a mistake that it can get past.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import TypeAlias
from unicodedata import category

import yaml

Loc: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a file: keys, and indexes of list entries, from the outside in."""
Value: TypeAlias = "str | bool | float | list[Value] | dict[str, Value]"

LARGEST = 100_000
"""Bytes a file may have: seven times as many as those of the coach have. PyYAML takes seconds for 1 MB."""
DEEP = 50
"""Lists or keys nested deeper than this are refused: much deeper ones take PyYAML minutes, or crash it."""
CITED = 500
"""Characters shown of what is wrong, which may cite a whole file."""
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of what no text may have: control characters, format characters (they change the
direction of writing, or have no width), halves of surrogate pairs, and separators of lines and paragraphs."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_SYNTAX = {
    "mapping values are not allowed": (
        "there is a second colon, or the line is indented too far",
        "put a text that has a colon in it into quotes, and line up the keys",
    ),
    "could not find expected ':'": ("a key has no colon after it", "write `key: value`"),
    "end of stream": ("a quote is opened and never closed", "close it with the same kind of quote"),
    "expected ',' or": ("a bracket is not closed, or a comma is missing", "close it, or add the comma"),
    "expected <block end>": ("the indentation does not line up", "indent equally far what belongs together"),
    "cannot start any token": ("a text begins with a sign that YAML keeps for itself", "put it into quotes"),
}
"""What PyYAML says in part, what that means, and what to do about it."""
RETYPE = "delete it, or type the line anew"
"""What to do about what cannot be seen."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in a file. `line` counts from 1; 0 stands for the file or folder as a whole."""

    path: Path
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        place = f"{path}:{self.line}" if self.line else f"{path}"
        return _shown(f"{place}: {_cut(self.what)}; {_cut(self.remedy)}")


def _cut(text: str) -> str:
    return text if len(text) <= CITED else f"{text[:CITED]}..."


def _shown(text: str) -> str:
    """In one line, with the number of each invisible character in its place."""
    return "".join(f"<{_number(letter)}>" if category(letter) in INVISIBLE else letter for letter in text)


def _number(letter: str) -> str:
    return f"U+{ord(letter):04X}"


def _invisible(text: str) -> str:
    """What to call the first invisible character in it; empty where there is none."""
    found = next((letter for letter in text if category(letter) in INVISIBLE), None)
    return f"an invisible character ({_number(found)})" if found else ""


@dataclass(slots=True)
class Document:
    """What stands in a file, or in several read as one, and what is wrong with it."""

    path: Path
    data: dict[str, Value] = field(default_factory=dict)
    lines: dict[Loc, tuple[Path, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    reported: set[Loc] = field(default_factory=set)

    def note(self, line: int, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.path, line, what, remedy))

    def report(self, loc: Loc, what: str, remedy: str) -> None:
        """Note what is wrong at `loc`, unless something is noted there already."""
        if loc not in self.reported:
            self.reported.add(loc)
            self.problems.append(Problem(*self.place(loc), what, remedy))

    def place(self, loc: Loc) -> tuple[Path, int]:
        """File and line of `loc`, or of the nearest thing around it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, (self.path, 0))

    def find(self, pattern: str) -> Iterator[tuple[Loc, Value]]:
        """Every value at a dotted `pattern`, in which * is any key or entry: "step.*.id"."""
        return _find(self.data, pattern.split("."), ())

    def texts(self, pattern: str) -> Iterator[tuple[Loc, str]]:
        """The texts among them."""
        return ((loc, value) for loc, value in self.find(pattern) if isinstance(value, str))


def _find(value: Value, pattern: list[str], loc: Loc) -> Iterator[tuple[Loc, Value]]:
    if not pattern:
        yield loc, value
        return
    inside: Iterable[tuple[str | int, Value]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, below in inside:
        if pattern[0] in ("*", key):
            yield from _find(below, pattern[1:], (*loc, key))


def spoken(loc: Loc) -> str:
    """How a sentence names a place: "`technique.where.from`", "`direction`, entry 2"."""
    *outer, last = loc
    if isinstance(last, int):
        return f"{spoken(tuple(outer))}, entry {last + 1}"
    keys = last
    while outer and isinstance(outer[-1], str):
        keys = f"{outer.pop()}.{keys}"
    return f"`{keys}`"


def merge(documents: Iterable[Document], path: Path) -> Document:
    """Several files read as one that stands at `path`; a key may stand in one of them only."""
    whole = Document(path)
    for document in documents:
        whole.problems += document.problems
        whole.reported |= document.reported
        for key in document.data:
            if key in whole.data:
                first, _ = whole.place((key,))
                document_path, line = document.place((key,))
                again = f"`{key}` stands in {first.name} already"
                whole.problems.append(Problem(document_path, line, again, "keep one of the two"))
            else:
                whole.data[key] = document.data[key]
                whole.lines |= {loc: at for loc, at in document.lines.items() if loc[:1] == (key,)}
    return whole


class _TooDeep(Exception):
    """Lists or keys are nested too deep from this line on."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def read(path: Path) -> Document:
    """The file as a Document; what is wrong with it is noted there, never raised."""
    document = Document(path, lines={(): (path, 1)})
    text = _text(document)
    if text is None or _has_tabs(document, text):
        return document
    try:
        loader = _loader(text)
        _note_marks(document, text, loader)
        _Filler(document).fill(yaml.compose(text, loader))
    except _TooDeep as error:
        what = "lists or keys are nested far too deep"
        document.note(error.line, what, "see docs/routines.md for how deep they go")
    except yaml.composer.ComposerError:
        pass  # an alias of nothing, a second anchor or document: each has been noted as a mark
    except yaml.MarkedYAMLError as error:
        _note_syntax(document, error)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.note(line, "there is an invisible control character", RETYPE)
    return document


def _text(document: Document) -> str | None:
    """The file's text; None where there is none to be had."""
    raw = _bytes(document)
    if raw is None:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        document.note(line, "this is not UTF-8", "save the file in the encoding UTF-8")
        return None


def _bytes(document: Document) -> bytes | None:
    """What stands in the file, unless it is no regular one or too large: a pipe or a device may never end."""
    try:
        if not S_ISREG(document.path.stat().st_mode):
            document.note(0, "it is a folder, a pipe or a device", "name a file")
            return None
        with document.path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        document.note(0, "there is no such file or folder", "check the spelling")
        return None
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        document.note(0, f"it cannot be read ({why})", "see that it is a file and that you may read it")
        return None
    if len(raw) > LARGEST:
        document.note(0, f"it is larger than {LARGEST:,} bytes", "keep to what docs/routines.md tells of")
        return None
    return raw


def _has_tabs(document: Document, text: str) -> bool:
    for line, content in enumerate(text.split("\n"), 1):
        if "\t" in content:
            document.note(line, "there is a tab", "use spaces; YAML allows no tabs before a key")
    return bool(document.problems)


def _events(text: str, loader: type[yaml.SafeLoader]) -> Iterator[yaml.Event]:
    """What PyYAML finds in the text, one after the other. Raises yaml.YAMLError and _TooDeep."""
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEP:
            raise _TooDeep(_line(event))
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _loader(text: str) -> type[yaml.SafeLoader]:
    """PyYAML's fast one where it has no complaint; the other tells better where and what is wrong."""
    fast: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        deque(_events(text, fast), maxlen=0)
    except yaml.YAMLError:
        return yaml.SafeLoader
    return fast


def _note_marks(document: Document, text: str, loader: type[yaml.SafeLoader]) -> None:
    """Note what YAML allows and this does not. Raises yaml.YAMLError where the text is no YAML."""
    starts = 0
    for event in _events(text, loader):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            document.note(line, f"`*{event.anchor}` repeats another place", "write it out here")
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            document.note(
                line, f"`&{event.anchor}` is an anchor", "delete it; what is needed twice is written twice"
            )
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            document.note(line, f"`{tag}` is a tag", "delete it, for none is needed here")
        if isinstance(event, yaml.DocumentStartEvent):
            starts += 1
            if starts == 2:
                document.note(line, "a second document begins here", "keep to one a file; no line of ---")


def _note_syntax(document: Document, error: yaml.MarkedYAMLError) -> None:
    said = f"{error.context} {error.problem}"
    what, remedy = next(
        (words for part, words in _SYNTAX.items() if part in said),
        ("this is not YAML", "check quotes, colons and indentation here and on the line above"),
    )
    starts = error.context_mark if "block" not in (error.context or "block") else None
    mark = starts or error.problem_mark
    document.note(mark.line + 1 if mark else 1, what, remedy)


class _Filler:
    """Puts the values of composed nodes into a document, and the lines they stand on."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def fill(self, root: yaml.Node | None) -> None:
        if root is None or not root.value:
            self.document.report((), "the file is empty", "write it as docs/routines.md shows, or delete it")
        elif not isinstance(root, yaml.MappingNode):
            self.document.report((), "the file is not made of keys", "write lines like `name: Back massage`")
        else:
            self.document.data = self._mapping(root, ())

    def _value(self, node: yaml.Node, loc: Loc) -> Value:
        if id(node) in self.seen:  # only an alias comes by twice, and it has been noted
            self.document.reported.add(loc)
            return ""
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, loc)
        return [self._entry(entry, (*loc, index)) for index, entry in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Value]:
        data: dict[str, Value] = {}
        for key_node, value_node in node.value:
            line, key = key_node.start_mark.line + 1, key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self.document.note(line, "a list stands where a key should", "write one word and a colon")
            elif hidden := _invisible(key):
                self.document.note(line, f"a key has {hidden} in it", RETYPE)
            elif key in data:
                _, first = self.document.place((*loc, key))
                self.document.note(line, f"`{key}` stands on line {first} already", "keep one of the two")
            else:
                self.document.lines[*loc, key] = (self.document.path, line)
                data[key] = self._value(value_node, (*loc, key))
        return data

    def _entry(self, node: yaml.Node, loc: Loc) -> Value:
        self.document.lines[loc] = (self.document.path, node.start_mark.line + 1)
        return self._value(node, loc)

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> Value:
        text = " ".join(str(node.value).split())
        if hidden := _invisible(text):
            self.document.report(loc, f"{spoken(loc)} has {hidden} in it", RETYPE)
            return ""
        if node.style:  # None or empty where it is plain
            return text
        if text in ("", "~", "null"):
            self.document.report(loc, f"{spoken(loc)} is empty", "write something there, or delete it")
            return ""
        if text in ("true", "false"):
            return text == "true"
        return float(text) if _NUMBER.fullmatch(text) else text
