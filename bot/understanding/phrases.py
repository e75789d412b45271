"""Find known words and phrases in a message, even if some words are misspelt.

A phrase is one or more words in a row. A known word can end in "*": `pregnan*` matches every word that begins
with "pregnan". A long word of a message may contain one or two typing errors, but its first letter must be
right. This module must not depend on massages or sessions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 60
"""Only the first `MAX_WORDS` words of a message are read. This limits the time that a very long message
takes.
"""


def words_of(text: str) -> list[str]:
    """Return the first `MAX_WORDS` words of a text, in lower case and without apostrophes."""
    return _WORD.findall(text.lower().replace("'", "").replace("’", "").replace("-", " "))[:MAX_WORDS]


class PhraseMatcher:
    """Finds phrases in a message. `entries` maps each name to the phrases that belong to the name."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.names = list(entries)
        self._by_letter: dict[str, list[tuple[int, str, list[str]]]] = {}
        for name, texts in entries.items():
            for text in texts:
                phrase = text.lower().replace("'", "").replace("-", " ").split()
                rank = (len(" ".join(phrase)), name, phrase)
                self._by_letter.setdefault(phrase[0][0], []).append(rank)

    def first(self, words: Sequence[str]) -> str | None:
        """Return the name to which the longest phrase found in these words belongs; None if no phrase is
        found.

        If several phrases are equally long, the name that comes first in `entries` wins.
        """
        found = [
            (length, -self.names.index(name), name)
            for start in range(len(words))
            for length, name in self._at_start(words[start:])
        ]
        return max(found)[2] if found else None

    def found(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Return the name of each phrase found in these words, with the indexes at which it begins."""
        starts: dict[str, list[int]] = {}
        for start in range(len(words)):
            for _, name in self._at_start(words[start:]):
                starts.setdefault(name, []).append(start)
        return starts

    def begins(self, words: Sequence[str]) -> bool:
        """Return whether these words begin with any of the phrases."""
        return bool(words) and any(self._at_start(words))

    def _at_start(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield each phrase that these words begin with: first its length in characters, then the name that
        the phrase belongs to.
        """
        for length, name, phrase in self._by_letter.get(words[0][0], ()):  # the first letter must be right
            if len(phrase) <= len(words) and all(map(_matches, phrase, words)):
                yield length, name


def _matches(known: str, word: str) -> bool:
    """Return whether a word is the known word, possibly with typing errors. If the known word ends in "*",
    the word only has to begin with the known word's letters.
    """
    if known.endswith("*"):
        stem = known[:-1]
        return word.startswith(stem) or _near(stem, word[: len(stem)])
    return known == word or _near(known, word)


def _near(known: str, word: str) -> bool:
    """Return whether a word differs from the known word, but only by a few typing errors.

    A known word of six to eight letters allows one error, a longer word two. A shorter word allows none,
    because too many other words are similar to it. The first letter must always be right.
    """
    errors = (len(known) >= 6) + (len(known) >= 9)
    return errors > 0 and word[:1] == known[:1] and OSA.distance(known, word, score_cutoff=errors) <= errors
