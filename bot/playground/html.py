"""Telegram's HTML markup: parse it into plain text and entities, and write it back.

An entity is a part of the text with a format, such as bold. Errors have Telegram's texts. As in Telegram,
the positions of entities are in UTF-16 code units, and positions in errors are in UTF-8 bytes. This module
must not depend on messages and their limits.
"""

import re
from dataclasses import dataclass, replace
from html import escape

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler",
    "tg-spoiler": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
TAG_FOR_TYPE = {kind: tag for tag, kind in reversed(TAGS.items())} | {"expandable_blockquote": "blockquote"}
"""The HTML tag that is written for each type of entity."""
ENTITY_FIELDS = {
    ("a", "href"): "url",
    ("tg-emoji", "emoji-id"): "custom_emoji_id",
    ("tg-time", "unix"): "unix_time",
    ("tg-time", "format"): "date_time_format",
}
"""For each tag and attribute, the field of Entity that contains the attribute's value."""
NAMED_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

SPACE = re.compile(r"[ \t\r\n\v\0]*")
TAG_NAME = re.compile(r"[^ \t\r\n\v\0>]*")
ATTRIBUTE_NAME = re.compile(r"[^ \t\r\n\v\0=>/\"']*")
UNQUOTED_VALUE = re.compile(r"[A-Za-z0-9.-]*")
REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<decimal>[0-9]+)|(?P<name>[A-Za-z]+));?")
SURROGATE = re.compile("[\ud800-\udfff]")
INVALID_UNICODE = (
    "Text contains invalid Unicode characters after decoding HTML entities,"
    " check for unmatched surrogate code units"
)
CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
COMMAND = re.compile(r"(?<![\w/@])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?(?![\w/])")


class ParseError(ValueError):
    """Telegram refuses the markup. The text is Telegram's, without the prefix "can't parse entities: "."""


@dataclass(frozen=True)
class Entity:
    """A part of a text that has a format or a meaning, such as a bold word or a command.

    `offset` and `length` are in UTF-16 code units.
    """

    type: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""
    unix_time: int = 0
    date_time_format: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the entity as Telegram's MessageEntity."""
        return {key: value for key, value in vars(self).items() if value or key == "offset"}


def utf16_length(text: str) -> int:
    """Return the length of the text in UTF-16 code units. Telegram counts positions in these units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse(markup: str) -> tuple[str, tuple[Entity, ...]]:
    """Return the plain text and the entities of the markup, trimmed as Telegram does. Raises ParseError."""
    text, entities = _Parser(markup).run()
    if SURROGATE.search(text):
        raise ParseError(INVALID_UNICODE)
    return trim(text, entities)


def clean(text: str) -> str:
    """Return the text as Telegram stores it.

    Carriage returns are removed, and each other control character except a line break becomes a space.
    """
    return CONTROL.sub(" ", text.replace("\r", ""))


def trim(text: str, entities: tuple[Entity, ...] = ()) -> tuple[str, tuple[Entity, ...]]:
    """Return the text without whitespace at its ends, and its entities, moved and shortened accordingly.

    Whitespace at the start is removed only before the first entity.
    """
    text = text.rstrip(" \n")
    end = utf16_length(text)
    first = min((entity.offset for entity in entities), default=end)
    blanks = min(len(text) - len(text.lstrip(" \n")), first)
    cut = (replace(e, length=min(e.length, end - e.offset), offset=e.offset - blanks) for e in entities)
    ordered = sorted((e for e in cut if e.length > 0), key=lambda e: (e.offset, -e.length))
    return text[blanks:], tuple(ordered)


def with_commands(text: str, entities: tuple[Entity, ...] = ()) -> tuple[Entity, ...]:
    """Return the entities of the text, and one more for each /command that Telegram would make tappable."""
    found = [
        Entity("bot_command", utf16_length(text[: match.start()]), len(match[0]))
        for match in COMMAND.finditer(text)
    ]
    verbatim = [e for e in entities if e.type in {"code", "pre", "text_link"}]
    free = [c for c in found if not any(e.offset <= c.offset < e.offset + e.length for e in verbatim)]
    return tuple(sorted((*entities, *free), key=lambda e: (e.offset, -e.length)))


def write(text: str, entities: tuple[Entity, ...]) -> str:
    """Return the text as HTML. Entities without a corresponding tag are left out."""
    end_and_start_tags: dict[int, tuple[list[str], list[str]]] = {}
    for entity in entities:
        if entity.type in TAG_FOR_TYPE:
            end_tags, _ = end_and_start_tags.setdefault(entity.offset + entity.length, ([], []))
            end_tags.insert(0, f"</{TAG_FOR_TYPE[entity.type]}>")
            end_and_start_tags.setdefault(entity.offset, ([], []))[1].append(_start_tag(entity))
    offset = 0
    markup = []
    for character in text:
        markup += [tag for tags in end_and_start_tags.pop(offset, ()) for tag in tags]
        markup.append(escape(character, quote=False))
        offset += utf16_length(character)
    return "".join(markup + [tag for tags in end_and_start_tags.pop(offset, ()) for tag in tags])


def _start_tag(entity: Entity) -> str:
    tag = TAG_FOR_TYPE[entity.type]
    if entity.type == "expandable_blockquote":
        return "<blockquote expandable>"
    values = [(key, getattr(entity, field)) for (owner, key), field in ENTITY_FIELDS.items() if owner == tag]
    return f"<{tag}" + "".join(f' {key}="{escape(str(value))}"' for key, value in values if value) + ">"


def _decode(match: re.Match[str]) -> str:
    """Return the character that a reference such as &lt; stands for.

    If Telegram ignores the reference, return it unchanged.
    """
    if match["name"]:
        return NAMED_REFERENCES.get(match["name"], match[0])
    code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
    return chr(code) if 0 < code < 0x10FFFF and len(match[0].rstrip(";")) < 10 else match[0]


@dataclass
class _OpenTag:
    """A start tag whose end tag has not been read yet.

    The tag's content begins at `offset` in UTF-16 code units, and at `index` in the parser's list of
    characters.
    """

    tag: str
    attributes: dict[str, str]
    offset: int
    index: int


class _Parser:
    """A parser that reads the markup once, from start to end.

    `at` is its position in characters. `text` has the characters of the plain text so far, and `units` is
    their number in UTF-16 code units.
    """

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.at = 0
        self.text: list[str] = []
        self.units = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, tuple[Entity, ...]]:
        while self.at < len(self.markup):
            if self.markup.startswith("</", self.at):
                self._end_tag()
            elif self.markup[self.at] == "<":
                self._start_tag()
            else:
                self._character()
        if self.open:
            raise ParseError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        plain = (replace(e, language="") if e.type == "code" else e for e in self.entities)
        return "".join(self.text), tuple(plain)

    def _character(self) -> None:
        match = REFERENCE.match(self.markup, self.at)
        letter = clean(_decode(match) if match else self.markup[self.at])
        self.at = match.end() if match else self.at + 1
        self.text.append(letter)
        self.units += utf16_length(letter)

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._take(TAG_NAME).lower()
        self._expect_more(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if tag not in TAGS:
            raise ParseError(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_OpenTag(tag, attributes, self.units, len(self.text)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        """Read the attributes of a start tag and its `>`. `begin` is the position of the tag."""
        found: dict[str, str] = {}
        while True:
            self._take(SPACE)
            if self.markup.startswith(">", self.at):
                self.at += 1
                return found
            name = self._take(ATTRIBUTE_NAME)
            if not name:
                raise ParseError(
                    f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
                )
            self._take(SPACE)
            self._expect_more(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
            found[name] = self._value(tag, begin) if self.markup[self.at] == "=" else ""

    def _value(self, tag: str, begin: int) -> str:
        self.at += 1
        self._take(SPACE)
        self._expect_more(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        unclosed = f"Unclosed start tag at byte offset {self._byte(begin)}"
        quote = self.markup[self.at]
        if quote not in "\"'":
            return self._unquoted_value(unclosed)
        end = self.markup.find(quote, self.at + 1)
        raw = self.markup[self.at + 1 : end]
        self.at = end + 1 if end >= 0 else len(self.markup)
        self._expect_more(unclosed)
        return REFERENCE.sub(_decode, raw)

    def _unquoted_value(self, unclosed: str) -> str:
        begin = self.at
        value = self._take(UNQUOTED_VALUE).lower()
        self._expect_more(unclosed)
        if not re.match(r"[ \t\r\n\v\0>]", self.markup[self.at]):
            raise ParseError(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return value

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise ParseError(f"Unexpected end tag at byte offset {self._byte(begin)}")
        self.at += 2
        name = self._take(TAG_NAME).lower()
        self._take(SPACE)
        if not self.markup.startswith(">", self.at):
            raise ParseError(f"Unclosed end tag at byte offset {self._byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if name not in ("", opened.tag):
            raise ParseError(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{opened.tag}>",'
                f' found "</{name}>"'
            )
        if self.units > opened.offset:
            self._close(opened)

    def _close(self, opened: _OpenTag) -> None:
        """Add the entity for a tag that has just been closed. Add none for a tag that Telegram ignores."""
        kind = TAGS[opened.tag]
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            kind = "expandable_blockquote"
        entity = Entity(kind, opened.offset, self.units - opened.offset)
        if opened.tag == "a":
            entity = replace(entity, url=opened.attributes.get("href") or "".join(self.text[opened.index :]))
            if not re.match(r"(https?|tg|ton)://|[\w-]+(\.[\w-]+)+", entity.url):
                return
        if opened.tag == "code":
            entity = replace(entity, language=opened.attributes.get("class", "").partition("language-")[2])
        if opened.tag == "tg-emoji" and not opened.attributes.get("emoji-id", "").isdigit():
            raise ParseError("Invalid custom emoji identifier specified")
        self._add(self._with_emoji_or_time(opened, entity))

    def _with_emoji_or_time(self, opened: _OpenTag, entity: Entity) -> Entity | None:
        """Return the entity with the custom emoji or the time of its tag; None if the time is invalid."""
        if opened.tag == "tg-emoji":
            return replace(entity, custom_emoji_id=opened.attributes["emoji-id"])
        if opened.tag != "tg-time":
            return entity
        unix, form = opened.attributes.get("unix", ""), opened.attributes.get("format", "")
        if not re.fullmatch(r"[rR]?|[wW]?[dD]?[tT]?", form):
            raise ParseError("Invalid date format used")
        moment = int(unix) if unix.isdigit() else 0
        return replace(entity, unix_time=moment, date_time_format=form) if moment else None

    def _add(self, entity: Entity | None) -> None:
        """Append the entity, if there is one.

        A <pre> tag directly around a <code> tag with a language makes a single entity, as in Telegram.
        """
        if entity is None:
            return
        last = self.entities[-1] if self.entities else None
        same = last and (last.offset, last.length) == (entity.offset, entity.length)
        if last and same and last.language and entity.type == "pre":
            self.entities[-1] = replace(last, type="pre")
        else:
            self.entities.append(entity)

    def _take(self, pattern: re.Pattern[str]) -> str:
        """Read the text that matches the pattern at the current position, and return it. It may be empty."""
        match = pattern.match(self.markup, self.at)
        found = match[0] if match else ""
        self.at += len(found)
        return found

    def _expect_more(self, problem: str) -> None:
        """Raise a ParseError with the text `problem` if the end of the markup has been reached."""
        if self.at >= len(self.markup):
            raise ParseError(problem)

    def _byte(self, index: int) -> int:
        """Return the offset in UTF-8 bytes of the character at `index` in the markup."""
        return len(self.markup[:index].encode("utf-8", "surrogatepass"))
