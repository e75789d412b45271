"""A message, and where it was written -> how likely each meaning is, and each thing it may be about. Pure.

A small transformer encoder (six layers, BERT's shape), read from one file beside this and worked out with
numpy alone. It knows nothing of sessions, routines or events; `tests/questions/learn.py` makes the file.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEARNT = Path(__file__).with_name("network.npz")
HEADS = 12
MOST_LETTERS, MOST_PIECES = 240, 20
"""Of a message; of a longer one, the first letters, and the first and last pieces."""
START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_WORD = re.compile(r"\w+|[^\w\s]")
_LONG_RUN = re.compile(r"(.)\1{2,}")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """How likely, from 0 to 1, each meaning is, and each thing it may be about."""

    means: dict[str, float]
    about: dict[str, float]


class Pieces:
    """Cuts text into the longest pieces of words that the reader knows, by number (WordPiece)."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.numbers = {piece: number for number, piece in enumerate(pieces)}

    def read(self, where: str, text: str) -> list[int]:
        """Both, one after the other, as numbers."""
        said = [START, *self._cut(where), END, *self._cut(plain(text)), END]
        if len(said) > MOST_PIECES:
            said = said[: MOST_PIECES // 2] + said[-MOST_PIECES // 2 :]
        return [self.numbers[piece] for piece in said]

    def _cut(self, text: str) -> Iterator[str]:
        for word in _WORD.findall(text):
            yield from self._pieces(word) or [UNKNOWN]

    def _pieces(self, word: str) -> list[str]:
        """Of one word; empty where some of it is unknown."""
        found: list[str] = []
        while word:
            mark = "##" if found else ""
            fits = (n for n in range(len(word), 0, -1) if mark + word[:n] in self.numbers)
            if not (length := next(fits, 0)):
                return []
            found.append(mark + word[:length])
            word = word[length:]
        return found


class Reader:
    """Reads messages with what was learnt. Raises OSError or ValueError for a file that is none of ours."""

    def __init__(self, path: Path = LEARNT) -> None:
        with np.load(path) as file:
            learnt = dict(file)
        self._pieces = Pieces(_texts(learnt.pop("pieces")))
        self._means, self._about = _texts(learnt.pop("means")), _texts(learnt.pop("about"))
        learnt.pop("made_of", None)  # in files of earlier versions
        self._weights = {name: _whole(name, learnt) for name in learnt if not name.endswith(".scale")}

    def read(self, where: str, text: str) -> Reading:
        """What a message may mean, written in a place that `where` tells in a few words."""
        sentence = encoded(self._pieces.read(where, text), self._weights)
        means = _shares(_linear(sentence, "means", self._weights))
        about = _shares(_linear(sentence, "about", self._weights))
        return Reading(
            dict(zip(self._means, means.tolist(), strict=True)),
            dict(zip(self._about, about.tolist(), strict=True)),
        )


def plain(text: str) -> str:
    """In small letters without accents, long runs of one letter cut to two."""
    letters = unicodedata.normalize("NFD", text[:MOST_LETTERS].lower().replace("’", "'"))
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    return _LONG_RUN.sub(r"\1\1", bare)


def encoded(pieces: list[int], weights: Mapping[str, Floats]) -> Floats:
    """A message's pieces in one row of numbers: the first piece's beside the mean of all."""
    rows = weights["pieces.weight"][pieces] + weights["places.weight"][: len(pieces)]
    rows = _even(rows, "start", weights)
    for layer in range(sum(name.endswith("attend.weight") for name in weights)):
        rows = _layer(rows, f"{layer}.", weights)
    return np.concatenate([rows[0], rows.mean(axis=0)])


def _layer(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    mixed = _linear(_attention(_linear(rows, f"{name}attend", weights)), f"{name}mix", weights)
    rows = _even(rows + mixed, f"{name}mixed", weights)
    wide = _bend(_linear(rows, f"{name}widen", weights))
    return _even(rows + _linear(wide, f"{name}narrow", weights), f"{name}done", weights)


def _attention(rows: Floats) -> Floats:
    """Each piece in the light of all the others; `rows` holds queries, keys and values side by side."""
    length, width = len(rows), rows.shape[1] // 3
    split = rows.reshape(length, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
    queries, keys, values = split
    light = _shares(queries @ keys.transpose(0, 2, 1) / np.float32((width // HEADS) ** 0.5))
    return (light @ values).transpose(1, 0, 2).reshape(length, width)


def _linear(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    return rows @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _even(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    """Each row brought to the same mean and spread (layer normalisation)."""
    away = rows - rows.mean(axis=-1, keepdims=True)
    spread = np.sqrt((away * away).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    even: Floats = away / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return even


def _bend(rows: Floats) -> Floats:
    """GELU, by the usual approximation."""
    inner = np.tanh(rows * (np.float32(0.7978846) + np.float32(0.0356774) * rows * rows))
    bent: Floats = np.float32(0.5) * rows * (1 + inner)
    return bent


def _shares(rows: Floats) -> Floats:
    """Softmax."""
    grown: Floats = np.exp(rows - rows.max(axis=-1, keepdims=True))
    shares: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return shares


def _whole(name: str, learnt: Mapping[str, NDArray[np.generic]]) -> Floats:
    """Weights are kept as small whole numbers with a scale for each column."""
    kept = learnt[name].astype(np.float32)
    return kept * learnt[f"{name}.scale"].astype(np.float32) if f"{name}.scale" in learnt else kept


def _texts(lines: NDArray[np.generic]) -> list[str]:
    return str(lines).split("\n")
