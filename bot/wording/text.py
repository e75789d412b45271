"""Small helpers for building sentences. They must never know about a massage, a session or Telegram."""

from collections.abc import Iterable, Sequence


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: "1 step", "3 steps"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def join_names(names: Sequence[str], conjunction: str = "and") -> str:
    """Return "a, b and c". There must be at least one name."""
    *most, last = names
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def join_lines(sentences: Iterable[str]) -> str:
    """Return the sentences on a line each; empty ones are left out."""
    return "\n".join(sentence for sentence in sentences if sentence)


def lower_first(text: str) -> str:
    """Return a sentence as it continues after a colon. "I" and words in capitals, such as LEFT, keep them."""
    word = text.partition(" ")[0]
    return text if word == "I" or (len(word) > 1 and word.isupper()) else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
