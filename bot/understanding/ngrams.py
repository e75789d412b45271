"""The n-gram model: a linear classifier that looks at short sequences of letters and of words.

The model is a second opinion beside the neural network. `tests/questions/learn_grams.py` trains the model and
writes the file of weights. This module must not depend on sessions or events.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEARNT = Path(__file__).with_name("ngrams.npz")
LETTERS, WORDS = (2, 3, 4, 5), (1, 2, 3)
"""The lengths of the n-grams. `LETTERS` gives the numbers of letters in a sequence within one word; `WORDS`
gives the numbers of words in a sequence of words.
"""

Floats = NDArray[np.float32]


def grams_of(where: str, text: str) -> Iterator[str]:
    """Yield the n-grams of a message, and one feature for each word of `where`, which describes the state of
    the session in a few words.

    `text` must be in lower case.
    """
    words = text.replace("'", "").split()
    for word in words:
        spaced = f" {word} "
        for size in LETTERS:
            yield from (spaced[at : at + size] for at in range(max(1, len(spaced) - size + 1)))
    for size in WORDS:
        yield from (f"={' '.join(words[at : at + size])}" for at in range(len(words) - size + 1))
    yield from (f"@{word}" for word in where.split())


class NGramModel:
    """The trained model. Creating a model raises OSError or ValueError if the weights cannot be read."""

    def __init__(self, path: Path = LEARNT) -> None:
        with np.load(path) as file:
            learnt = dict(file)
        self._rows = {gram: number for number, gram in enumerate(str(learnt["grams"]).split("\n"))}
        self._idf: Floats = learnt["rare"]
        self._means, self._about = _Scores("means", learnt), _Scores("about", learnt)

    def read(self, where: str, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """Return a score for each meaning, and a score for each thing that the message may be about.

        `where` describes the state of the session in a few words. Unlikely meanings and things have negative
        scores.
        """
        found = Counter(gram for gram in grams_of(where, text) if gram in self._rows)
        rows = [self._rows[gram] for gram in found]
        # These are TF-IDF values with sublinear term frequency, normalised to length 1.
        values = (1 + np.log(np.array(list(found.values()), np.float32))) * self._idf[rows]
        values /= np.sqrt((values * values).sum()) or 1
        return self._means.of(rows, values), self._about.of(rows, values)


class _Scores:
    """Gives a score to each of several names, which are meanings or things that a message may be about. Each
    pair of an n-gram and a name has a weight.

    The weights are stored as integers, with a scale and an intercept for each name.
    """

    def __init__(self, part: str, learnt: Mapping[str, NDArray[np.generic]]) -> None:
        self._names = str(learnt[f"{part}.names"]).split("\n")
        self._weights = learnt[f"{part}.weights"]
        self._scale = learnt[f"{part}.scale"].astype(np.float32)
        self._intercept = learnt[f"{part}.start"].astype(np.float32)

    def of(self, rows: list[int], values: Floats) -> dict[str, float]:
        """Return the score of each name. `rows` contains the row numbers of the n-grams that were found in
        the message, `values` their TF-IDF values.
        """
        scores = self._intercept + values @ self._weights[rows].astype(np.float32) * self._scale
        return dict(zip(self._names, scores.tolist(), strict=True))
