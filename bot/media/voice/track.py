"""Turn the script of a guided track into samples.

A script consists of cues. A cue is a group of sentences that the voice says at a given time, perhaps after a
chime. This module must not keep a whole track in memory, so it yields the samples in pieces.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from bot.media.voice.sound import RATE, Samples, chime, normalise, resample
from bot.media.voice.speech import Engine
from bot.wording.track_script import SENTENCE_PAUSE, Cue, TrackScript, sentences_that_fit

PIECE_SECONDS = 60.0
SENTENCE_CACHE_SIZE = 24
"""The number of sentences whose samples are cached. The samples of a sentence are needed twice within a short
time: to measure how long the sentence takes, and to put it into the track."""


class Reader:
    """Converts sentences to samples with a speech engine, all at the same loudness, and caches the latest."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cache: dict[str, Samples] = {}

    def line(self, words: str) -> Samples:
        if words not in self._cache:
            while len(self._cache) >= SENTENCE_CACHE_SIZE:
                del self._cache[next(iter(self._cache))]
            self._cache[words] = normalise(resample(*self._engine.speak(words)))
        return self._cache[words]

    def seconds(self, words: str) -> float:
        return len(self.line(words)) / RATE

    def lines(self, words: tuple[str, ...]) -> Samples:
        """Return the sound of the sentences, with a short pause between them."""
        pause = np.zeros(round(SENTENCE_PAUSE * RATE), np.float32)
        spoken = [sound for line in words for sound in (pause, self.line(line))]
        return np.concatenate(spoken[1:]) if spoken else np.zeros(0, np.float32)

    def cue(self, cue: Cue) -> Samples:
        """Return the sound of a cue: the chime, and as many of the sentences as the cue has time for."""
        words = self.lines(sentences_that_fit(cue, self.seconds))
        rings = chime(cue.chime) if cue.chime else np.zeros(0, np.float32)
        start = round((cue.speaks_at - cue.at) * RATE)
        sound = np.zeros(max(len(rings), start + len(words)), np.float32)
        sound[: len(rings)] += rings
        sound[start : start + len(words)] += words
        return sound


def pieces(track: TrackScript, reader: Reader) -> Iterator[Samples]:
    """Yield the samples of the track in pieces of PIECE_SECONDS. The last piece may be shorter."""
    total, size = round(track.seconds * RATE), round(PIECE_SECONDS * RATE)
    cues, sounding = deque(track.cues), list[tuple[int, Samples]]()
    for start in range(0, total, size):
        piece = np.zeros(min(size, total - start), np.float32)
        while cues and round(cues[0].at * RATE) < start + len(piece):
            cue = cues.popleft()
            sounding.append((round(cue.at * RATE), reader.cue(cue)))
        for at, sound in sounding:
            _mix_in(piece, sound, at - start)
        sounding = [(at, sound) for at, sound in sounding if at + len(sound) > start + len(piece)]
        yield piece


def _mix_in(piece: Samples, sound: Samples, at: int) -> None:
    """Add to `piece` the samples of `sound` that fall within the piece.

    `at` is where the sound starts, in samples from the start of the piece. `at` is negative if the sound
    starts before the piece.
    """
    begin, end = max(0, at), min(len(piece), at + len(sound))
    if begin < end:
        piece[begin:end] += sound[begin - at : end - at]
