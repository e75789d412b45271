"""Analyses audio as a listener hears it: where sound begins and ends, and how loud it is."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av import AudioFrame
from av.filter import Graph
from numpy.typing import NDArray

Samples = NDArray[np.float32]

WINDOW = 0.01
"""Length in seconds of the windows whose loudness is measured."""
HEARD = 10 ** (-50 / 20)
"""The lowest level that counts as sound, as a fraction of full scale. Anything softer is quiet."""
QUIET = 0.95
"""Two sounds belong to different stretches if there is quiet for more than this many seconds between them."""


@dataclass(frozen=True)
class Heard:
    """A stretch of sound. `start` and `end` are in seconds."""

    start: float
    end: float


def decode(path: Path) -> tuple[Samples, int]:
    """Return all samples of a mono file, and the number of samples per second."""
    with av.open(path) as file:
        stream = file.streams.audio[0]
        frames = [frame.to_ndarray() for frame in file.decode(stream)]
        assert stream.codec_context.channels == 1
        return np.concatenate(frames, axis=1)[0].astype(np.float32), stream.rate


def stretches(samples: Samples, rate: int) -> list[Heard]:
    """Return the stretches of sound that are separated by quiet."""
    size = round(WINDOW * rate)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    sounding = np.flatnonzero(np.sqrt((windows**2).mean(axis=1)) > HEARD)
    breaks = np.flatnonzero(np.diff(sounding) * WINDOW > QUIET) + 1
    return [
        Heard(float(part[0] * WINDOW), float((part[-1] + 1) * WINDOW)) for part in np.split(sounding, breaks)
    ]


def between(samples: Samples, rate: int, start: float, end: float) -> Samples:
    return samples[round(start * rate) : round(end * rate)]


def loudness(samples: Samples, rate: int) -> tuple[float, float]:
    """Return the integrated loudness in LUFS, and the true peak in dBFS.

    Half a second of silence is added before and after the samples.
    """
    graph = Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout="mono")
    graph.link_nodes(source, graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink"))
    graph.configure()
    told: dict[str, str] = {}
    for frame in _frames(np.pad(samples, rate // 2), rate):
        graph.push(frame)
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                told |= graph.pull().metadata
    return float(told["lavfi.r128.I"]), 20 * math.log10(float(told["lavfi.r128.true_peak"]))


def _frames(samples: Samples, rate: int) -> Iterator[AudioFrame | None]:
    """Yield the samples in frames of one second, then None to mark the end."""
    for start in range(0, len(samples), rate):
        piece = samples[start : start + rate]
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece[None]), "flt", "mono")
        frame.sample_rate, frame.pts = rate, start
        yield frame
    yield None
