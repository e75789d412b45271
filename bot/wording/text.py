"""Small helpers for building sentences. They must not depend on massages, sessions or Telegram."""

from collections.abc import Iterable, Sequence


def plural(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 step" or "3 steps"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def join_names(names: Sequence[str], conjunction: str = "and") -> str:
    """Return the names as a list in words, such as "a, b and c". There must be at least one name."""
    *most, last = names
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def join_lines(sentences: Iterable[str]) -> str:
    """Return the sentences, each on a line of its own. Empty sentences are left out."""
    return "\n".join(sentence for sentence in sentences if sentence)


def lower_first(text: str) -> str:
    """Return a sentence with its first letter in lower case, so that it can follow a colon.

    The first word does not change if it is "I" or a word in capitals, such as LEFT.
    """
    word = text.partition(" ")[0]
    return text if word == "I" or (len(word) > 1 and word.isupper()) else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]
