"""A message, and where it was written -> a score for each meaning and each thing it may be about. Pure.

Weighs the runs of letters and words in it, each by what was learnt of it: a plain second opinion beside the
network of `bot.understanding.network`. `tests/questions/learn_grams.py` makes the file that it reads.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEARNT = Path(__file__).with_name("ngrams.npz")
LETTERS, WORDS = (2, 3, 4, 5), (1, 2, 3)
"""How many letters, within a word, and how many words make a gram."""

Floats = NDArray[np.float32]


def grams_of(where: str, text: str) -> Iterator[str]:
    """What a message is weighed by; `text` in small letters."""
    words = text.replace("'", "").split()
    for word in words:
        spaced = f" {word} "
        for size in LETTERS:
            yield from (spaced[at : at + size] for at in range(max(1, len(spaced) - size + 1)))
    for size in WORDS:
        yield from (f"={' '.join(words[at : at + size])}" for at in range(len(words) - size + 1))
    yield from (f"@{word}" for word in where.split())


class Grams:
    """Weighs messages by what was learnt. Raises OSError or ValueError for a file that is none of ours."""

    def __init__(self, path: Path = LEARNT) -> None:
        with np.load(path) as file:
            learnt = dict(file)
        self._rows = {gram: number for number, gram in enumerate(str(learnt["grams"]).split("\n"))}
        self._rare: Floats = learnt["rare"]
        self._means, self._about = _Scores("means", learnt), _Scores("about", learnt)

    def read(self, where: str, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """A score for each meaning and for each thing: below zero for what is unlikely."""
        found = Counter(gram for gram in grams_of(where, text) if gram in self._rows)
        rows = [self._rows[gram] for gram in found]
        share = (1 + np.log(np.array(list(found.values()), np.float32))) * self._rare[rows]
        share /= np.sqrt((share * share).sum()) or 1
        return self._means.of(rows, share), self._about.of(rows, share)


class _Scores:
    """What each gram says for and against each name; whole numbers, with a scale for each name."""

    def __init__(self, part: str, learnt: Mapping[str, NDArray[np.generic]]) -> None:
        self._names = str(learnt[f"{part}.names"]).split("\n")
        self._weights = learnt[f"{part}.weights"]
        self._scale = learnt[f"{part}.scale"].astype(np.float32)
        self._start = learnt[f"{part}.start"].astype(np.float32)

    def of(self, rows: list[int], share: Floats) -> dict[str, float]:
        scores = self._start + share @ self._weights[rows].astype(np.float32) * self._scale
        return dict(zip(self._names, scores.tolist(), strict=True))
