"""A message's HTML -> sentences that a voice can say: no markup, no signs, no digits, no abbreviations.

Pure. It changes how words are written, never which ones they are.
"""

import re
import unicodedata
from collections.abc import Callable
from html import unescape

UNITS = {"h": "hour", "min": "minute", "s": "second", "cm": "centimetre", "ml": "millilitre"}
SHORT = {"e.g.": "for example", "i.e.": "that is", "etc.": "and so on", "vs.": "against", "&": "and"}
ONES = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

VARIATION = "\ufe0f"
"""What makes an emoji of the sign before it."""

_TIME = re.compile(r"\b(\d+)\s?min (\d+)\s?s\b")
_MEASURE = re.compile(rf"\b(\d+(?:\.\d+)?)\s?({'|'.join(UNITS)})\b")
_TAG = re.compile(r"<[^>]+>")
_REWRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b(LEFT|RIGHT)\b"), lambda found: found[0].lower()),
    (_TIME, r"\1 min and \2 s"),
    (re.compile(r"(?<=\d)\s?[-–]\s?(?=\d)"), " to "),
    (re.compile(r"\B\+\s?(?=\d)"), "plus "),
    (_MEASURE, lambda found: _measure(found[1], UNITS[found[2]])),
    (re.compile(r"(?:\bx|×)\s?(\d+)\b|\b(\d+)\s?(?:x\b|×)"), lambda found: f"{found[1] or found[2]} times"),
    (re.compile(r"\b(\d+)\s?%"), r"\1 per cent"),
    (re.compile(r"\b\d{1,6}(?:\.\d+)?\b"), lambda found: _figure(found[0])),
    (re.compile(r"(?<!\S)/(?=\w)"), ""),
    (re.compile(r"\s*[(\[]([^)\]]*)[)\]](?=[.,;:!?])"), r", \1"),
    (re.compile(r"\s*[(\[]([^)\]]*)[)\]]"), r", \1,"),
    (re.compile(r"\s+[–—-]\s+"), ", "),
    (re.compile(r"\s*·\s*"), ". "),
    (re.compile('[“”"«»_*#]'), ""),
)
"""What is written otherwise than said, in the order in which it has to be looked for."""


def aloud(html: str) -> tuple[str, ...]:
    """Its sentences; each line of the text ends one."""
    lines = (_written_out(line) for line in html.split("\n"))
    return tuple(sentence for line in lines if line for sentence in re.split(r"(?<=[.!?])\s+", _ended(line)))


def number(value: int) -> str:
    """A whole number from 0 to 999999 in words: "twenty-five"."""
    if value < 20:
        return ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return f"{TENS[tens - 2]}-{ONES[ones]}" if ones else TENS[tens - 2]
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    most, rest = divmod(value, size)
    joint = " and " if rest < 100 else " "
    return f"{number(most)} {name}" + (f"{joint}{number(rest)}" if rest else "")


def _figure(text: str) -> str:
    """Of "12" or "1.5"."""
    whole, _, part = text.partition(".")
    point = ["point", *(ONES[int(digit)] for digit in part)] if part else []
    return " ".join([number(int(whole)), *point])


def _measure(value: str, unit: str) -> str:
    return f"{_figure(value)} {unit}" + ("" if value == "1" else "s")


def _written_out(line: str) -> str:
    line = unescape(_TAG.sub("", line))
    for short, long in SHORT.items():
        line = re.sub(rf"(?<!\S){re.escape(short)}(?!\w)", long, line)
    for pattern, instead in _REWRITTEN:
        line = pattern.sub(instead, line)
    said = " ".join("".join(sign for sign in line if _said(sign)).split())
    return re.sub(r" (?=[.,;:!?])", "", said)


def _said(sign: str) -> bool:
    """Not an emoji or another sign that has no sound."""
    return unicodedata.category(sign)[0] not in "SC" and sign != VARIATION


def _ended(line: str) -> str:
    line = line.rstrip(" ,;:")
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?")) else f"{line}."
