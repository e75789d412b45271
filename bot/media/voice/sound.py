"""Process samples: resample, trim silence, normalise the loudness, limit peaks. Synthesise the chimes.

Samples are mono float32 values from -1 to 1, at `RATE` samples per second. Loudness is measured as ITU-R
BS.1770 defines it, in LUFS. This module must not let samples clip.
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
"""The loudness of every sentence in LUFS. This is the usual loudness of mono speech."""
PEAK_LIMIT = 10 ** (-3 / 20)
"""The highest absolute value of a sample: -3 dB. The margin is for the overshoot of codecs and players."""
SILENCE_THRESHOLD = 0.01
"""Samples below this share of a sentence's peak count as silence."""
EDGE_SAMPLES = round(0.03 * RATE)
"""When the silence around a sentence is trimmed, this many samples are kept before the first sound and after
the last. The kept samples are faded in and out."""

CHIMES = {
    Chime.START: ((523.25, 0.0), (783.99, 0.25)),
    Chime.NEXT: ((659.26, 0.0),),
    Chime.ROUND: ((659.26, 0.0), (659.26, 0.35)),
    Chime.END: ((783.99, 0.0), (659.26, 0.3), (523.25, 0.6)),
}
"""The notes of each chime. Each note has a frequency in hertz and a start in seconds."""
CHIME_SECONDS, CHIME_LEVEL = 2.0, 0.12
PARTIALS = ((1.0, 1.0, 3.5), (2.0, 0.35, 6.0), (3.01, 0.12, 9.0))
"""The partials (overtones) of a singing bowl. Each has three numbers: its frequency as a multiple of the
note's frequency, its amplitude, and its rate of exponential decay per second."""

# The shelf and high-pass filters of BS.1770, as frequency, gain (of the shelf) and Q. They are given in this
# form because the standard has coefficients for 48 kHz only.
SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
PASS_HZ, PASS_Q = 38.13547087602444, 0.5003270373238773
BLOCK, STEP = round(0.4 * RATE), round(0.1 * RATE)


def resample(samples: Samples, rate: int) -> Samples:
    """Convert samples from `rate` samples per second to RATE."""
    if rate == RATE:
        return samples
    wanted = round(len(samples) * RATE / rate)
    resampled = np.fft.irfft(np.fft.rfft(samples)[: wanted // 2 + 1], wanted) * (wanted / len(samples))
    return resampled.astype(np.float32)


def normalise(samples: Samples) -> Samples:
    """Trim the silence at both ends, bring the rest to LOUDNESS, and limit its peaks to PEAK_LIMIT.

    Returns an empty array if there is only silence.
    """
    heard = _trim(samples)
    if not len(heard):
        return heard
    gain = 10 ** ((LOUDNESS - loudness(heard)) / 20)
    return _limit((heard * gain).astype(np.float32))


def _trim(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > SILENCE_THRESHOLD * np.max(np.abs(samples), initial=0.0))
    if not len(loud):
        return np.zeros(0, np.float32)
    heard = samples[max(0, loud[0] - EDGE_SAMPLES) : loud[-1] + 1 + EDGE_SAMPLES].copy()
    fade = np.linspace(0, 1, min(EDGE_SAMPLES, len(heard)), dtype=np.float32)
    heard[: len(fade)] *= fade
    heard[-len(fade) :] *= fade[::-1]
    return heard


def _limit(samples: Samples) -> Samples:
    """Lower the gain for some milliseconds around each peak above PEAK_LIMIT, so that no peak is clipped."""
    if np.max(np.abs(samples)) <= PEAK_LIMIT:
        return samples
    reach = RATE // 200
    over = np.maximum(np.abs(samples) / PEAK_LIMIT, 1.0)
    padded = np.pad(over, 2 * reach, mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(1)
    window = np.hanning(2 * reach + 3)[1:-1]
    return (samples / np.convolve(held, window / window.sum(), "valid")).astype(np.float32)


def loudness(samples: Samples) -> float:
    """Return the gated integrated loudness of the samples in LUFS, or minus infinity if they are silent.

    For the measurement, the samples are padded with silence at both ends.
    """
    heard = _k_weight(np.pad(samples, BLOCK))
    energy = np.concatenate([[0.0], np.cumsum(heard**2)])
    starts = np.arange(0, len(heard) - BLOCK + 1, STEP)
    blocks = (energy[starts + BLOCK] - energy[starts]) / BLOCK
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return -math.inf
    blocks = blocks[blocks > blocks.mean() / 10]
    return float(-0.691 + 10 * math.log10(blocks.mean()))


def _k_weight(samples: Samples) -> Floats:
    """Apply the filters of BS.1770, which are called K-weighting.

    The samples are padded with silence at their end. Otherwise what the filters put out after the last sample
    would wrap round to the start.
    """
    size = math.ceil(len(samples) / RATE + 0.5) * RATE  # a size with small prime factors makes the FFT fast
    heard: Floats = np.fft.irfft(np.fft.rfft(samples, size) * _k_response(size), size)
    return heard[: len(samples)]


def _k_response(size: int) -> Complexes:
    """Return the combined frequency response of the shelf and the high-pass filter of BS.1770.

    The result has one value for each frequency of an FFT of `size` samples.
    """
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    warped, gain = math.tan(math.pi * SHELF_HZ / RATE), 10 ** (SHELF_DB / 20)
    middle = gain**0.4996667741545416 * warped / SHELF_Q
    shelf = _biquad(gain, middle, warped, delay) / _biquad(1, warped / SHELF_Q, warped, delay)
    warped = math.tan(math.pi * PASS_HZ / RATE)
    lowest = 1 + warped / PASS_Q + warped**2
    response: Complexes = shelf * lowest * (1 - delay) ** 2 / _biquad(1, warped / PASS_Q, warped, delay)
    return response


def _biquad(outer: float, middle: float, warped: float, delay: Complexes) -> Complexes:
    """Return the numerator or denominator of a biquad filter's response at each frequency.

    In the analogue filter, `outer` is the coefficient of s**2. `middle` is the coefficient of s, multiplied
    by `warped`. `warped` is tan(pi * frequency / RATE), where `frequency` is the filter's own frequency.
    `delay` has the value of z**-1 at each frequency.
    """
    return (
        (outer + middle + warped**2)
        + 2 * (warped**2 - outer) * delay
        + (outer - middle + warped**2) * delay**2
    )


# --- Chimes --------------------------------------------------------------------------------------


@cache
def chime(which: Chime) -> Samples:
    time = np.arange(round(CHIME_SECONDS * RATE)) / RATE
    mixed = np.zeros_like(time)
    for note, start in CHIMES[which]:
        mixed += _strike(note, np.maximum(time - start, 0.0))
    mixed *= np.minimum(1.0, (CHIME_SECONDS - time) / 0.3)
    sound: Samples = (CHIME_LEVEL * mixed / np.max(np.abs(mixed))).astype(np.float32)
    return sound


def _strike(note: float, since: Floats) -> Floats:
    """Return the sound of a struck note. `note` is its frequency in hertz.

    For each sample, `since` has the time in seconds since the strike.
    """
    sound = np.zeros_like(since)
    for multiple, amplitude, decay in PARTIALS:
        sound += amplitude * np.exp(-decay * since) * np.sin(2 * np.pi * note * multiple * since)
    return sound * np.minimum(1.0, since / 0.015)
