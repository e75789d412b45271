"""A script -> the samples of a track, one piece after the other: memory stays flat, however long it is."""

from collections import deque
from collections.abc import Iterator

import numpy as np

from bot.media.voice.sound import RATE, Samples, at_rate, chime, levelled
from bot.media.voice.speech import Engine
from bot.wording.track_script import SENTENCE_PAUSE, Cue, TrackScript, sentences_that_fit

PIECE = 60.0
"""Seconds of sound that are held at a time."""
REMEMBERED = 24
"""Sentences kept after they were spoken: what is measured is used at once."""


class Reader:
    """Says words with an engine, evenly loud."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._spoken: dict[str, Samples] = {}

    def line(self, words: str) -> Samples:
        if words not in self._spoken:
            while len(self._spoken) >= REMEMBERED:
                del self._spoken[next(iter(self._spoken))]
            self._spoken[words] = levelled(at_rate(*self._engine.speak(words)))
        return self._spoken[words]

    def seconds(self, words: str) -> float:
        return len(self.line(words)) / RATE

    def lines(self, words: tuple[str, ...]) -> Samples:
        """All of them, a short pause after each but the last."""
        pause = np.zeros(round(SENTENCE_PAUSE * RATE), np.float32)
        spoken = [sound for line in words for sound in (pause, self.line(line))]
        return np.concatenate(spoken[1:]) if spoken else np.zeros(0, np.float32)

    def cue(self, cue: Cue) -> Samples:
        """Its chime, and as many of its words as there is time for."""
        words = self.lines(sentences_that_fit(cue, self.seconds))
        rings = chime(cue.chime) if cue.chime else np.zeros(0, np.float32)
        start = round((cue.speaks_at - cue.at) * RATE)
        sound = np.zeros(max(len(rings), start + len(words)), np.float32)
        sound[: len(rings)] += rings
        sound[start : start + len(words)] += words
        return sound


def pieces(track: TrackScript, reader: Reader) -> Iterator[Samples]:
    """The track from its beginning to its end, PIECE seconds at a time."""
    whole, size = round(track.seconds * RATE), round(PIECE * RATE)
    cues, sounding = deque(track.cues), list[tuple[int, Samples]]()
    for start in range(0, whole, size):
        piece = np.zeros(min(size, whole - start), np.float32)
        while cues and round(cues[0].at * RATE) < start + len(piece):
            cue = cues.popleft()
            sounding.append((round(cue.at * RATE), reader.cue(cue)))
        for at, sound in sounding:
            _lay(piece, sound, at - start)
        sounding = [(at, sound) for at, sound in sounding if at + len(sound) > start + len(piece)]
        yield piece


def _lay(piece: Samples, sound: Samples, at: int) -> None:
    """Add what of the sound falls into the piece; it begins `at`, perhaps before it."""
    begin, end = max(0, at), min(len(piece), at + len(sound))
    if begin < end:
        piece[begin:end] += sound[begin - at : end - at]
