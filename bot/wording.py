"""Words and short phrases, found in what somebody typed. Pure; knows nothing of a massage.

A phrase is words in their order, next to each other; `pregnan*` is any word that begins so. A slip of the
finger in a long word is forgiven.
"""

import re
from collections.abc import Mapping, Sequence

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
        self._phrases = [
            (name, text.lower().replace("'", "").replace("-", " ").split())
            for name, texts in entries.items()
            for text in texts
        ]

    def first(self, words: Sequence[str]) -> str | None:
        """The name with the longest phrase in these words, of equals the first; None for none."""
        found = [(len(" ".join(phrase)), name) for name, phrase in self._phrases if stands_in(phrase, words)]
        return max(found, key=lambda match: match[0])[1] if found else None


def stands_in(phrase: Sequence[str], words: Sequence[str]) -> bool:
    starts = range(len(words) - len(phrase) + 1)
    return any(all(map(_same, phrase, words[start:])) for start in starts)


def _same(known: str, word: str) -> bool:
    if known.endswith("*"):
        stem = known[:-1]
        return word.startswith(stem) or _near(stem, word[: len(stem)])
    return known == word or _near(known, word)


def _near(known: str, word: str) -> bool:
    """One slip in six letters, two in nine; none in fewer, where another word is always near."""
    slips = (len(known) >= 6) + (len(known) >= 9)
    return slips > 0 and word[:1] == known[:1] and OSA.distance(known, word, score_cutoff=slips) <= slips
