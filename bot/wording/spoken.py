"""Turn a message's HTML into sentences for a speech synthesiser: no markup, symbols, digits or abbreviations.

This module must never change what is said, only how it is written.
"""

import re
import unicodedata
from collections.abc import Callable
from html import unescape

UNITS = {"h": "hour", "min": "minute", "s": "second", "cm": "centimetre", "ml": "millilitre"}
ABBREVIATIONS = {"e.g.": "for example", "i.e.": "that is", "etc.": "and so on", "vs.": "against", "&": "and"}
UP_TO_NINETEEN = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

EMOJI_SELECTOR = "\ufe0f"
"""A character that turns the symbol before it into an emoji."""

_TIME = re.compile(r"\b(\d+)\s?min (\d+)\s?s\b")
_MEASURE = re.compile(rf"\b(\d+(?:\.\d+)?)\s?({'|'.join(UNITS)})\b")
_TAG = re.compile(r"<[^>]+>")
_REPLACEMENTS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(LEFT|RIGHT)\b"), lambda found: found[0].lower()),
    (_TIME, r"\1 min and \2 s"),
    (re.compile(r"(?<=\d)\s?[-–]\s?(?=\d)"), " to "),
    (re.compile(r"\B\+\s?(?=\d)"), "plus "),
    (_MEASURE, lambda found: _measure(found[1], UNITS[found[2]])),
    (re.compile(r"(?:\bx|×)\s?(\d+)\b|\b(\d+)\s?(?:x\b|×)"), lambda found: f"{found[1] or found[2]} times"),
    (re.compile(r"\b(\d+)\s?%"), r"\1 per cent"),
    (re.compile(r"\b\d{1,6}(?:\.\d+)?\b"), lambda found: _decimal(found[0])),
    (re.compile(r"(?<!\S)/(?=\w)"), ""),
    (re.compile(r"\s*[(\[]([^)\]]*)[)\]](?=[.,;:!?])"), r", \1"),
    (re.compile(r"\s*[(\[]([^)\]]*)[)\]]"), r", \1,"),
    (re.compile(r"\s+[–—-]\s+"), ", "),
    (re.compile(r"\s*·\s*"), ". "),
    (re.compile('[“”"«»_*#]'), ""),
)
"""Patterns of text that is written differently from how it is spoken, with their replacements. They are
applied in this order.
"""


def spoken_sentences(html: str) -> tuple[str, ...]:
    """Return the sentences of a message in HTML, in words that can be spoken. A line break always ends a
    sentence.
    """
    lines = (_written_out(line) for line in html.split("\n"))
    return tuple(
        sentence for line in lines if line for sentence in re.split(r"(?<=[.!?])\s+", _sentence(line))
    )


def number_in_words(value: int) -> str:
    """Return a whole number from 0 to 999999 in words, such as "twenty-five"."""
    if value < 20:
        return UP_TO_NINETEEN[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return f"{TENS[tens - 2]}-{UP_TO_NINETEEN[ones]}" if ones else TENS[tens - 2]
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    most, rest = divmod(value, size)
    joint = " and " if rest < 100 else " "
    return f"{number_in_words(most)} {name}" + (f"{joint}{number_in_words(rest)}" if rest else "")


def _decimal(text: str) -> str:
    """Return a number in words. For example, "12" becomes "twelve", and "1.5" becomes "one point five"."""
    whole, _, digits = text.partition(".")
    fraction = ["point", *(UP_TO_NINETEEN[int(digit)] for digit in digits)] if digits else []
    return " ".join([number_in_words(int(whole)), *fraction])


def _measure(value: str, unit: str) -> str:
    return f"{_decimal(value)} {unit}" + ("" if value == "1" else "s")


def _written_out(line: str) -> str:
    """Return a line without markup, with symbols, digits and abbreviations written as words."""
    line = unescape(_TAG.sub("", line))
    for short, long in ABBREVIATIONS.items():
        line = re.sub(rf"(?<!\S){re.escape(short)}(?!\w)", long, line)
    for pattern, replacement in _REPLACEMENTS:
        line = pattern.sub(replacement, line)
    words = " ".join("".join(character for character in line if _is_spoken(character)).split())
    return re.sub(r" (?=[.,;:!?])", "", words)


def _is_spoken(character: str) -> bool:
    """Return whether a character is spoken. Emojis, other symbols and control characters are not."""
    return unicodedata.category(character)[0] not in "SC" and character != EMOJI_SELECTOR


def _sentence(line: str) -> str:
    """Return a line that begins with a capital letter and ends with ".", "!" or "?"."""
    line = line.rstrip(" ,;:")
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?")) else f"{line}."
