"""Reads a YAML file into a Document.

The reader is stricter than YAML, so that every value means what its author sees. Texts such as "no" and
"1:30" stay texts, only `true` and `false` are booleans, and tabs, anchors, aliases, tags and repeated keys
are refused. After a mistake the reader continues with the rest of the file if possible, so that an author
gets all mistakes at once. This module must not depend on which keys a routine or the handbook has.
"""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

import yaml

from bot.routine.document import Document, Loc, Value, describe, find_invisible

MAX_FILE_BYTES = 100_000
"""The largest file that is read. This is more than five times the size of the longest shipped file. The limit
is needed because PyYAML takes seconds for 1 MB."""
MAX_NESTING = 50
"""The maximum depth of lists and keys inside one another. For a much deeper file, PyYAML takes minutes or
crashes."""
RETYPE = "delete it, or type the line again"
"""The remedy for an invisible character."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_SYNTAX_ERRORS = {
    "mapping values are not allowed": (
        "there is a second colon, or the line is indented too far",
        "put a text that has a colon in it into quotes, and line up the keys",
    ),
    "could not find expected ':'": ("a key has no colon after it", "write `key: value`"),
    "end of stream": ("a quote is opened and never closed", "close it with the same kind of quote"),
    "expected ',' or": ("a bracket is not closed, or a comma is missing", "close it, or add the comma"),
    "expected <block end>": ("the indentation does not line up", "indent equally far what belongs together"),
    "cannot start any token": ("a text begins with a character that YAML reserves", "put it into quotes"),
}
"""For a text that occurs in PyYAML's message: what is wrong, and the remedy."""


class _TooDeep(Exception):
    """Lists or keys are nested deeper than MAX_NESTING. `line` is the line where this depth is exceeded."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def read(path: Path) -> Document:
    """Read a file. Problems are reported to the returned document; nothing is raised."""
    document = Document(path, lines={(): (path, 1)})
    text = _read_text(document)
    if text is None or _has_tabs(document, text):
        return document
    try:
        loader = _choose_loader(text)
        _report_refused_syntax(document, text, loader)
        _Builder(document).build(yaml.compose(text, loader))
    except _TooDeep as error:
        what = "lists or keys are nested far too deep"
        document.report_line(error.line, what, "see docs/routines.md for how deep they go")
    except yaml.composer.ComposerError:
        pass  # an unknown alias, a repeated anchor or a second document; each has been reported already
    except yaml.MarkedYAMLError as error:
        _report_syntax_error(document, error)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.report_line(line, "there is an invisible control character", RETYPE)
    return document


def _read_text(document: Document) -> str | None:
    """Return the file's text, or None after reporting why it cannot be read."""
    raw = _read_bytes(document)
    if raw is None:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        document.report_line(line, "this is not UTF-8", "save the file in the encoding UTF-8")
        return None


def _read_bytes(document: Document) -> bytes | None:
    """Return the file's bytes, or None after reporting why the file cannot be read.

    Only a regular file is opened, because reading from a pipe may never end.
    """
    try:
        if not S_ISREG(document.path.stat().st_mode):
            document.report_line(0, "it is a folder, a pipe or a device", "name a file")
            return None
        with document.path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        document.report_line(0, "there is no such file or folder", "check the spelling")
        return None
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        remedy = "make sure that it is a file and that you may read it"
        document.report_line(0, f"it cannot be read ({why})", remedy)
        return None
    if len(raw) > MAX_FILE_BYTES:
        document.report_line(0, f"it is larger than {MAX_FILE_BYTES:,} bytes", "make it shorter")
        return None
    return raw


def _has_tabs(document: Document, text: str) -> bool:
    """Report every line that contains a tab. Return whether there is such a line."""
    for line, content in enumerate(text.split("\n"), 1):
        if "\t" in content:
            document.report_line(line, "there is a tab", "use spaces; YAML allows no tabs before a key")
    return bool(document.problems)


def _events(text: str, loader: type[yaml.SafeLoader]) -> Iterator[yaml.Event]:
    """Yield PyYAML's parser events. Raises yaml.YAMLError, or _TooDeep if values are nested too deeply."""
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_NESTING:
            raise _TooDeep(_line(event))
        yield event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _choose_loader(text: str) -> type[yaml.SafeLoader]:
    """Return PyYAML's fast loader if it accepts the text, or else the slow one, which has better errors."""
    fast: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        deque(_events(text, fast), maxlen=0)
    except yaml.YAMLError:
        return yaml.SafeLoader
    return fast


def _report_refused_syntax(document: Document, text: str, loader: type[yaml.SafeLoader]) -> None:
    """Report syntax that YAML allows but this reader refuses. Raises yaml.YAMLError if `text` is not YAML."""
    documents = 0
    for event in _events(text, loader):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            document.report_line(line, f"`*{event.anchor}` repeats another place", "write it out here")
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            remedy = "delete it, and write out each value where it is needed"
            document.report_line(line, f"`&{event.anchor}` is an anchor", remedy)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            document.report_line(line, f"`{tag}` is a tag", "delete it; no tag is needed here")
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                remedy = "keep to one document in a file, without a line of ---"
                document.report_line(line, "a second document begins here", remedy)


def _report_syntax_error(document: Document, error: yaml.MarkedYAMLError) -> None:
    message = f"{error.context} {error.problem}"
    what, remedy = next(
        (words for part, words in _SYNTAX_ERRORS.items() if part in message),
        ("this is not YAML", "check quotes, colons and indentation here and on the line above"),
    )
    start = error.context_mark if "block" not in (error.context or "block") else None
    mark = start or error.problem_mark
    document.report_line(mark.line + 1 if mark else 1, what, remedy)


class _Builder:
    """Copies the values of PyYAML's nodes, and their lines, into a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def build(self, root: yaml.Node | None) -> None:
        if root is None or not root.value:
            self.document.report((), "the file is empty", "write it as docs/routines.md shows, or delete it")
        elif not isinstance(root, yaml.MappingNode):
            self.document.report((), "the file has no keys", "write lines like `name: Back massage`")
        else:
            self.document.data = self._mapping(root, ())

    def _value(self, node: yaml.Node, loc: Loc) -> Value:
        if id(node) in self.seen:  # only an alias leads to a node twice, and the alias has been reported
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
                what = "there is a list where a key should be"
                self.document.report_line(line, what, "write one word and a colon")
            elif hidden := find_invisible(key):
                self.document.report_line(line, f"a key has {hidden} in it", RETYPE)
            elif key in data:
                _, first = self.document.place((*loc, key))
                what = f"`{key}` is on line {first} already"
                self.document.report_line(line, what, "keep one of the two")
            else:
                self.document.lines[*loc, key] = (self.document.path, line)
                data[key] = self._value(value_node, (*loc, key))
        return data

    def _entry(self, node: yaml.Node, loc: Loc) -> Value:
        self.document.lines[loc] = (self.document.path, node.start_mark.line + 1)
        return self._value(node, loc)

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> Value:
        text = " ".join(str(node.value).split())
        if hidden := find_invisible(text):
            self.document.report(loc, f"{describe(loc)} has {hidden} in it", RETYPE)
            return ""
        if node.style:  # a quoted text or a block; a plain scalar has no style
            return text
        if text in ("", "~", "null"):
            self.document.report(loc, f"{describe(loc)} is empty", "write something there, or delete it")
            return ""
        if text in ("true", "false"):
            return text == "true"
        return float(text) if _NUMBER.fullmatch(text) else text
