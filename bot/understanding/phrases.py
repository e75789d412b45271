"""Words and short phrases, found in what somebody typed. Pure; knows nothing of a massage.

A phrase is words in their order, next to each other; `pregnan*` is any word that begins so. A slip of the
finger in a long word is forgiven.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

_WORD = re.compile(r"[^\W_]+")
MOST = 60
"""Words of a message that are looked at; what follows is a novel."""


def words_of(text: str) -> list[str]:
    """The words of a message or a name, in small letters and without apostrophes."""
    return _WORD.findall(text.lower().replace("'", "").replace("’", "").replace("-", " "))[:MOST]


class Dictionary:
    """Finds which name a message says, in any of the phrases given for it."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.names = list(entries)
        self._by_letter: dict[str, list[tuple[int, str, list[str]]]] = {}
        for name, texts in entries.items():
            for text in texts:
                phrase = text.lower().replace("'", "").replace("-", " ").split()
                rank = (len(" ".join(phrase)), name, phrase)
                self._by_letter.setdefault(phrase[0][0], []).append(rank)

    def first(self, words: Sequence[str]) -> str | None:
        """The name with the longest phrase in these words, of equals the first; None for none."""
        found = [
            (length, -self.names.index(name), name)
            for start in range(len(words))
            for length, name in self._at_start(words[start:])
        ]
        return max(found)[2] if found else None

    def begins(self, words: Sequence[str]) -> bool:
        """Whether these words begin with any of the phrases."""
        return bool(words) and any(self._at_start(words))

    def _at_start(self, words: Sequence[str]) -> Iterator[tuple[int, str]]:
        for length, name, phrase in self._by_letter.get(words[0][0], ()):  # no slip is in a first letter
            if len(phrase) <= len(words) and all(map(_same, phrase, words)):
                yield length, name


def _same(known: str, word: str) -> bool:
    if known.endswith("*"):
        stem = known[:-1]
        return word.startswith(stem) or _near(stem, word[: len(stem)])
    return known == word or _near(known, word)


def _near(known: str, word: str) -> bool:
    """One slip in six letters, two in nine; none in fewer, where another word is always near."""
    slips = (len(known) >= 6) + (len(known) >= 9)
    return slips > 0 and word[:1] == known[:1] and OSA.distance(known, word, score_cutoff=slips) <= slips
