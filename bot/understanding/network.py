"""The neural network: gives a probability to each meaning of a message, and to each thing that the message
may be about.

The network is a small transformer encoder (six layers, shaped like BERT), computed with numpy.
`tests/questions/learn.py` trains the network and writes the file of weights. This module must not depend on
sessions, routines or events.
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
MAX_LETTERS, MAX_TOKENS = 240, 20
"""Limits on what the network reads: the first 240 characters of a message, and 20 tokens. If there are more
tokens, the network reads the first 10 and the last 10.
"""
START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_WORD = re.compile(r"\w+|[^\w\s]")
_LONG_RUN = re.compile(r"(.)\1{2,}")

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """The result for one message: the probability, from 0 to 1, of each meaning and of each thing that the
    message may be about.
    """

    means: dict[str, float]
    about: dict[str, float]


class Pieces:
    """A WordPiece tokeniser: splits each word into the longest pieces that are in the vocabulary."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.numbers = {piece: number for number, piece in enumerate(pieces)}

    def read(self, where: str, text: str) -> list[int]:
        """Return the token ids of `where`, followed by the token ids of the message. `where` describes the
        state of the session in a few words.
        """
        said = [START, *self._cut(where), END, *self._cut(plain(text)), END]
        if len(said) > MAX_TOKENS:
            said = said[: MAX_TOKENS // 2] + said[-MAX_TOKENS // 2 :]
        return [self.numbers[piece] for piece in said]

    def _cut(self, text: str) -> Iterator[str]:
        for word in _WORD.findall(text):
            yield from self._pieces(word) or [UNKNOWN]

    def _pieces(self, word: str) -> list[str]:
        """Return the tokens of one word, or an empty list if a piece of the word is not in the vocabulary."""
        found: list[str] = []
        while word:
            mark = "##" if found else ""
            fits = (n for n in range(len(word), 0, -1) if mark + word[:n] in self.numbers)
            if not (length := next(fits, 0)):
                return []
            found.append(mark + word[:length])
            word = word[length:]
        return found


class Network:
    """The trained network. Creating a network raises OSError or ValueError if the file of weights cannot be
    read.
    """

    def __init__(self, path: Path = LEARNT) -> None:
        with np.load(path) as file:
            learnt = dict(file)
        self._pieces = Pieces(_texts(learnt.pop("pieces")))
        self._means, self._about = _texts(learnt.pop("means")), _texts(learnt.pop("about"))
        learnt.pop("made_of", None)  # only files written by earlier versions contain this
        self._weights = {name: _dequantised(name, learnt) for name in learnt if not name.endswith(".scale")}

    def read(self, where: str, text: str) -> Reading:
        """Return the probability of each meaning of a message, and of each thing that the message may be
        about.

        `where` describes the state of the session in a few words.
        """
        sentence = encoded(self._pieces.read(where, text), self._weights)
        means = _softmax(_linear(sentence, "means", self._weights))
        about = _softmax(_linear(sentence, "about", self._weights))
        return Reading(
            dict(zip(self._means, means.tolist(), strict=True)),
            dict(zip(self._about, about.tolist(), strict=True)),
        )


def plain(text: str) -> str:
    """Return the first `MAX_LETTERS` characters of a text in lower case and without accents. Of three or more
    equal characters in a row, only two are kept.
    """
    letters = unicodedata.normalize("NFD", text[:MAX_LETTERS].lower().replace("’", "'"))
    bare = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")
    return _LONG_RUN.sub(r"\1\1", bare)


def encoded(pieces: list[int], weights: Mapping[str, Floats]) -> Floats:
    """Return the embedding of a message: the output for the first token, followed by the mean of the outputs
    for all tokens. The shape is (2 * width,).

    `pieces` contains the message's token ids.
    """
    rows = weights["pieces.weight"][pieces] + weights["places.weight"][: len(pieces)]
    rows = _layer_norm(rows, "start", weights)
    for layer in range(sum(name.endswith("attend.weight") for name in weights)):
        rows = _layer(rows, f"{layer}.", weights)
    return np.concatenate([rows[0], rows.mean(axis=0)])


def _layer(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    """Return the output of one encoder layer. Both `rows` and the output have the shape (tokens, width)."""
    mixed = _linear(_attention(_linear(rows, f"{name}attend", weights)), f"{name}mix", weights)
    rows = _layer_norm(rows + mixed, f"{name}mixed", weights)
    wide = _gelu(_linear(rows, f"{name}widen", weights))
    return _layer_norm(rows + _linear(wide, f"{name}narrow", weights), f"{name}done", weights)


def _attention(rows: Floats) -> Floats:
    """Return the multi-head self-attention, of shape (tokens, width).

    `rows` has the shape (tokens, 3 * width): queries, keys, values.
    """
    length, width = len(rows), rows.shape[1] // 3
    split = rows.reshape(length, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
    queries, keys, values = split
    attention = _softmax(queries @ keys.transpose(0, 2, 1) / np.float32((width // HEADS) ** 0.5))
    return (attention @ values).transpose(1, 0, 2).reshape(length, width)


def _linear(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    return rows @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _layer_norm(rows: Floats, name: str, weights: Mapping[str, Floats]) -> Floats:
    """Return the rows after layer normalisation with the weights called `name`."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    normalised: Floats = centred / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return normalised


def _gelu(rows: Floats) -> Floats:
    """Return the GELU activation of the rows, computed with the tanh approximation."""
    inner = np.tanh(rows * (np.float32(0.7978846) + np.float32(0.0356774) * rows * rows))
    activated: Floats = np.float32(0.5) * rows * (1 + inner)
    return activated


def _softmax(rows: Floats) -> Floats:
    exponentials: Floats = np.exp(rows - rows.max(axis=-1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def _dequantised(name: str, learnt: Mapping[str, NDArray[np.generic]]) -> Floats:
    """Return the weights called `name` as floats. Most weights are stored as 8-bit integers that have to be
    multiplied by scale factors.
    """
    stored = learnt[name].astype(np.float32)
    return stored * learnt[f"{name}.scale"].astype(np.float32) if f"{name}.scale" in learnt else stored


def _texts(lines: NDArray[np.generic]) -> list[str]:
    return str(lines).split("\n")
