"""Find known words and phrases in a message, with tolerance for typing errors. Must never know a massage.

A phrase is one or more words next to each other. `pregnan*` matches any word that begins like that. Long
words match with a typing error or two, but never in the first letter.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 60
"""Only this many words of a message are read, so that a very long one costs no time."""


def words_of(text: str) -> list[str]:
    """Return the words of a message or a name, in lower case and without apostrophes."""
    return _WORD.findall(text.lower().replace("'", "").replace("’", "").replace("-", " "))[:MAX_WORDS]


class PhraseMatcher:
    """Phrases, each of which stands for a name; finds which name is meant in a message."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.names = list(entries)
        self._by_letter: dict[str, list[tuple[int, str, list[str]]]] = {}
        for name, texts in entries.items():
            for text in texts:
                phrase = text.lower().replace("'", "").replace("-", " ").split()
                rank = (len(" ".join(phrase)), name, phrase)
                self._by_letter.setdefault(phrase[0][0], []).append(rank)

    def first(self, words: Sequence[str]) -> str | None:
        """Return the name whose phrase is the longest found in these words; None if there is none.

        Of phrases equally long, the name given first wins.
        """
        found = [
            (length, -self.names.index(name), name)
            for start in range(len(words))
            for length, name in self._at_start(words[start:])
        ]
        return max(found)[2] if found else None

    def begins(self, words: Sequence[str]) -> bool:
        """Return whether these words begin with any of the phrases."""
        return bool(words) and any(self._at_start(words))

    def _at_start(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield length (in characters) and name of each phrase that the words begin with."""
        for length, name, phrase in self._by_letter.get(words[0][0], ()):  # first letters must match
            if len(phrase) <= len(words) and all(map(_matches, phrase, words)):
                yield length, name


def _matches(known: str, word: str) -> bool:
    """Return whether a word is the known one, but for typing errors; a known word may end in "*"."""
    if known.endswith("*"):
        stem = known[:-1]
        return word.startswith(stem) or _near(stem, word[: len(stem)])
    return known == word or _near(known, word)


def _near(known: str, word: str) -> bool:
    """Return whether a word differs from the known one by few typing errors.

    One error is allowed from six letters on, two from nine. Short words allow none: too many other words are
    near.
    """
    errors = (len(known) >= 6) + (len(known) >= 9)
    return errors > 0 and word[:1] == known[:1] and OSA.distance(known, word, score_cutoff=errors) <= errors
