"""Encode samples to audio files: M4A for a guided track, OGG with Opus for a voice note.

This module must not collect all samples of a track in memory. It encodes one piece at a time.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

from bot.media.voice.sound import RATE, Samples
from bot.wording.track_script import PERFORMER, TrackScript

if TYPE_CHECKING:
    from av.container.core import Chapter

TRACK_BITRATE, NOTE_BITRATE = 64_000, 32_000
"""The bitrates of a guided track and of a voice note, in bits per second."""
MAX_TRACK_BYTES = 19_000_000
"""The maximum size of a guided track's file. If a track would be larger at TRACK_BITRATE, it is encoded with
a lower bitrate."""
TIME_BASE = Fraction(1, RATE)


def write_track(path: Path, pieces: Iterable[Samples], track: TrackScript) -> None:
    """Write a guided track to an M4A file with title, performer and chapters.

    `pieces` are the samples of the track, in order. The file is arranged so that a player can start before it
    has loaded the whole file. Raises OSError.
    """
    bits = min(TRACK_BITRATE, int(MAX_TRACK_BYTES * 8 / track.seconds))
    with av.open(path, "w", format="ipod", options={"movflags": "+faststart"}) as file:
        file.metadata.update(title=track.title, artist=PERFORMER)
        file.set_chapters(list(_chapters(track)))
        stream = file.add_stream("aac", rate=RATE, layout="mono", options={"b": str(bits)})
        _encode(file, stream, pieces)


def write_note(path: Path, samples: Samples) -> None:
    """Write a voice note to an OGG file with Opus, the format that Telegram requires. Raises OSError."""
    with av.open(path, "w", format="ogg") as file:
        settings = {"b": str(NOTE_BITRATE), "application": "voip"}
        stream = file.add_stream("libopus", rate=RATE, layout="mono", options=settings)
        _encode(file, stream, [samples])


def seconds_of(path: Path) -> float:
    with av.open(path) as file:
        return (file.duration or 0) / av.time_base


def _chapters(track: TrackScript) -> Iterator["Chapter"]:
    starts = [0.0, *(at for at, _ in track.chapters[1:])]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], track.seconds], strict=True)):
        yield {
            "id": number,
            "start": round(start * 1000),
            "end": round(end * 1000),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": track.chapters[number][1]},
        }


def _encode(file: OutputContainer, stream: AudioStream, pieces: Iterable[Samples]) -> None:
    at = 0
    for piece in pieces:
        for start in range(0, len(piece), RATE):
            second = piece[start : start + RATE]
            file.mux(stream.encode(_frame(second, at)))
            at += len(second)
    file.mux(stream.encode(None))


def _frame(samples: Samples, at: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None]), "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, TIME_BASE
    return frame
