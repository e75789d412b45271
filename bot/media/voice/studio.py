"""The way in: tracks and notes as files, each made once; its name is the key of all that it depends on.

Making a track takes up to half a minute, and must never hold up the event loop: look with `find`, and let
`make` run in a thread. This module can be imported without the extra `voice`; `open_studio` needs it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from bot.media.voice.speech import Engine, engine
from bot.wording.track_script import TrackScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.media.voice.sound import Samples

CODE = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
"""This package's own: whatever changes in it makes another sound."""

Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1, in the thread that makes. What it raises ends the making."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A track or a note that can be made. `key` is that of its content; `suffix` is .m4a or .ogg."""

    key: str
    suffix: str
    write: Callable[[Path, Progress], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A recording as a file."""

    path: Path
    seconds: float


class Studio:
    """A folder of recordings. Several processes may use one: a file is whole as soon as it is there."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine

    def track(self, track: TrackScript) -> Recording:
        """The whole massage: M4A, under 20 MB."""
        return Recording(self._key("track", track), ".m4a", partial(_write_track, self._engine, track))

    def note(self, lines: tuple[str, ...]) -> Recording:
        """These lines: OGG with Opus."""
        return Recording(self._key("note", lines), ".ogg", partial(_write_note, self._engine, lines))

    def find(self, recording: Recording) -> Made | None:
        """The file, if it was made."""
        path = self._path(recording)
        return _made(path) if path.exists() else None

    def make(self, recording: Recording, progress: Progress = lambda done: None) -> Made:
        """The file, made if it is not there. Raises OSError, and NoVoice where a voice cannot be loaded."""
        path = self._path(recording)
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False) as file:
                part = Path(file.name)
            try:
                recording.write(part, progress)
                os.replace(part, path)
            finally:
                part.unlink(missing_ok=True)
        progress(1.0)
        return _made(path)

    def _path(self, recording: Recording) -> Path:
        return self._folder / f"{recording.key}{recording.suffix}"

    def _key(self, kind: str, content: TrackScript | tuple[str, ...]) -> str:
        told = repr((_libraries(), self._engine.name, kind, content)).encode()
        return sha256(CODE + told).hexdigest()[:20]


def open_studio(folder: Path, voice_file: Path | None = None) -> Studio:
    """With Piper's voice from that file, or without one the voice of the extra. Raises NoVoice."""
    return Studio(folder, engine(voice_file))


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(version(name) for name in ("av", "numpy", "onnxruntime"))


# What follows needs the extra: it is imported when something is made.


def _write_track(engine: Engine, track: TrackScript, path: Path, progress: Progress) -> None:
    from bot.media.voice.files import write_track
    from bot.media.voice.track import PIECE, Reader, pieces

    def counted() -> "Iterator[Samples]":
        for number, piece in enumerate(pieces(track, Reader(engine))):
            progress(number * PIECE / track.seconds)
            yield piece

    write_track(path, counted(), track)


def _write_note(engine: Engine, lines: tuple[str, ...], path: Path, progress: Progress) -> None:
    from bot.media.voice.files import write_note
    from bot.media.voice.track import Reader

    progress(0.0)
    write_note(path, Reader(engine).lines(lines))


def _made(path: Path) -> Made:
    from bot.media.voice.files import seconds_of

    return Made(path, seconds_of(path))
