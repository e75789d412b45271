"""Samples: as loud as each other, without silence at their ends, never clipped; and the chimes.

Samples are float32, mono, -1 to 1, `RATE` a second. Loudness is that of ITU-R BS.1770, in LUFS.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.wording.track_script import Chime

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

RATE = 24_000
LOUDNESS = -19.0
"""Of every sentence: as loud as spoken word usually is in one channel."""
CEILING = 10 ** (-3 / 20)
"""No sample is louder; what codecs and players add stays under full scale."""
QUIET = 0.01
"""Of a sentence's greatest sample: below it nothing is heard yet, or any more."""
EDGE = round(0.03 * RATE)
"""Kept before the first sound and after the last, and faded."""

CHIMES = {
    Chime.START: ((523.25, 0.0), (783.99, 0.25)),
    Chime.NEXT: ((659.26, 0.0),),
    Chime.ROUND: ((659.26, 0.0), (659.26, 0.35)),
    Chime.END: ((783.99, 0.0), (659.26, 0.3), (523.25, 0.6)),
}
"""Notes of each in hertz, with the second at which they are struck: up, one, twice the same, down."""
CHIME_SECONDS, CHIME_LEVEL = 2.0, 0.12
PARTIALS = ((1.0, 1.0, 3.5), (2.0, 0.35, 6.0), (3.01, 0.12, 9.0))
"""Of a struck bowl: multiple of the note, strength, and how fast it dies away."""

# BS.1770's two filters, by the frequencies and gains behind its tables, so that they hold at any rate.
SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773
BLOCK, STEP = round(0.4 * RATE), round(0.1 * RATE)


def at_rate(samples: Samples, rate: int) -> Samples:
    """From another rate to RATE."""
    if rate == RATE:
        return samples
    wanted = round(len(samples) * RATE / rate)
    resampled = np.fft.irfft(np.fft.rfft(samples)[: wanted // 2 + 1], wanted) * (wanted / len(samples))
    return resampled.astype(np.float32)


def levelled(samples: Samples) -> Samples:
    """The heard part of it at LOUDNESS, its peaks bent down to CEILING."""
    heard = _trimmed(samples)
    if not len(heard):
        return heard
    gain = 10 ** ((LOUDNESS - loudness(heard)) / 20)
    return _limited((heard * gain).astype(np.float32))


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > QUIET * np.max(np.abs(samples), initial=0.0))
    if not len(loud):
        return np.zeros(0, np.float32)
    heard = samples[max(0, loud[0] - EDGE) : loud[-1] + 1 + EDGE].copy()
    fade = np.linspace(0, 1, min(EDGE, len(heard)), dtype=np.float32)
    heard[: len(fade)] *= fade
    heard[-len(fade) :] *= fade[::-1]
    return heard


def _limited(samples: Samples) -> Samples:
    """Turned down around what is over CEILING, within some milliseconds, so that nothing is cut off."""
    if np.max(np.abs(samples)) <= CEILING:
        return samples
    reach = RATE // 200
    over = np.maximum(np.abs(samples) / CEILING, 1.0)
    padded = np.pad(over, 2 * reach, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(1)
    window = np.hanning(2 * reach + 3)[1:-1]
    return (samples / np.convolve(held, window / window.sum(), "valid")).astype(np.float32)


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS, gated, with quiet before it and after; -inf of silence."""
    heard = _weighted(np.pad(samples, BLOCK))
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    starts = np.arange(0, len(heard) - BLOCK + 1, STEP)
    blocks = (energy[starts + BLOCK] - energy[starts]) / BLOCK
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return -math.inf
    blocks = blocks[blocks > blocks.mean() / 10]
    return float(-0.691 + 10 * math.log10(blocks.mean()))


def _weighted(samples: Samples) -> Floats:
    """As the ear weights it. Filtering in the frequency domain needs room for what rings on."""
    size = math.ceil(len(samples) / RATE + 0.5) * RATE  # of small factors, which is quick
    heard: Floats = np.fft.irfft(np.fft.rfft(samples, size) * _weights(size), size)
    return heard[: len(samples)]


def _weights(size: int) -> Complexes:
    """For each frequency of a Fourier transform of so many samples: BS.1770's shelf and high pass."""
    back = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    steep, high = math.tan(math.pi * SHELF_HZ / RATE), 10 ** (SHELF_DB / 20)
    middle = high**0.4996667741545416 * steep / SHELF_Q
    shelf = _quadratic(high, middle, steep, back) / _quadratic(1, steep / SHELF_Q, steep, back)
    steep = math.tan(math.pi * PASS_HZ / RATE)
    lowest = 1 + steep / PASS_Q + steep**2
    weights: Complexes = shelf * lowest * (1 - back) ** 2 / _quadratic(1, steep / PASS_Q, steep, back)
    return weights


def _quadratic(outer: float, middle: float, steep: float, back: Complexes) -> Complexes:
    """One side of a filter of the second order, whose frequency is in `steep`."""
    return (outer + middle + steep**2) + 2 * (steep**2 - outer) * back + (outer - middle + steep**2) * back**2


# --- Chimes --------------------------------------------------------------------------------------


@cache
def chime(which: Chime) -> Samples:
    time = np.arange(round(CHIME_SECONDS * RATE)) / RATE
    whole = np.zeros_like(time)
    for note, struck in CHIMES[which]:
        whole += _struck(note, np.maximum(time - struck, 0.0))
    whole *= np.minimum(1.0, (CHIME_SECONDS - time) / 0.3)
    rung: Samples = (CHIME_LEVEL * whole / np.max(np.abs(whole))).astype(np.float32)
    return rung


def _struck(note: float, since: Floats) -> Floats:
    """A note that sets in within some hundredths of a second, and dies away."""
    sound = np.zeros_like(since)
    for multiple, strength, dying in PARTIALS:
        sound += strength * np.exp(-dying * since) * np.sin(2 * np.pi * note * multiple * since)
    return sound * np.minimum(1.0, since / 0.015)
