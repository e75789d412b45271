"""Record guided tracks and voice notes. Each recording is made only once and then stored as a file.

The name of a file is a digest of everything that the recording depends on. `Studio.make` takes up to half a
minute and must not run on the event loop. This module can be imported without the packages of the extra
`voice`, but `open_studio` needs them.
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
"""The source code of this package. It is included in the digest that identifies a recording, because any
change in the code may change the recording."""

Progress = Callable[[float], None]
"""A function that is called with the share of the recording that is done, from 0 to 1. It is called in the
thread that records. If the function raises an error, the recording is abandoned."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A guided track or a voice note that can be recorded.

    `key` is a digest of everything that the recording depends on. `suffix` is .m4a or .ogg. `write(path,
    progress)` makes the recording and writes it to a file.
    """

    key: str
    suffix: str
    write: Callable[[Path, Progress], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """The file of a recording, and its duration in seconds."""

    path: Path
    seconds: float


class Studio:
    """A folder of recordings, and the speech engine that makes new ones.

    Several processes may use the same folder at once, because each file appears in it only when it is
    complete.
    """

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine

    def track(self, track: TrackScript) -> Recording:
        """Return the guided track with this script, without making its file.

        The file is an M4A file of less than 20 MB.
        """
        return Recording(self._key("track", track), ".m4a", partial(_write_track, self._engine, track))

    def note(self, lines: tuple[str, ...]) -> Recording:
        """Return the voice note with these sentences, without making its file.

        The file is an OGG file with Opus.
        """
        return Recording(self._key("note", lines), ".ogg", partial(_write_note, self._engine, lines))

    def find(self, recording: Recording) -> RecordingFile | None:
        """Return the recording's file, or None if the recording has not been made yet."""
        path = self._path(recording)
        return _recording_file(path) if path.exists() else None

    def make(self, recording: Recording, progress: Progress = lambda done: None) -> RecordingFile:
        """Return the recording's file. Make the file first if it does not exist.

        Raises OSError, or NoVoice if no voice can be loaded.
        """
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
        return _recording_file(path)

    def _path(self, recording: Recording) -> Path:
        return self._folder / f"{recording.key}{recording.suffix}"

    def _key(self, kind: str, content: TrackScript | tuple[str, ...]) -> str:
        description = repr((_libraries(), self._engine.name, kind, content)).encode()
        return sha256(CODE + description).hexdigest()[:20]


def open_studio(folder: Path, voice_file: Path | None = None) -> Studio:
    """Return a studio that speaks with Piper and this voice file, or with Hibari if `voice_file` is None.

    Raises NoVoice.
    """
    return Studio(folder, engine(voice_file))


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(version(name) for name in ("av", "numpy", "onnxruntime"))


# The functions below import modules that need the packages of the extra `voice`.


def _write_track(engine: Engine, track: TrackScript, path: Path, progress: Progress) -> None:
    from bot.media.voice.files import write_track
    from bot.media.voice.track import PIECE_SECONDS, Reader, pieces

    def pieces_with_progress() -> "Iterator[Samples]":
        for number, piece in enumerate(pieces(track, Reader(engine))):
            progress(number * PIECE_SECONDS / track.seconds)
            yield piece

    write_track(path, pieces_with_progress(), track)


def _write_note(engine: Engine, lines: tuple[str, ...], path: Path, progress: Progress) -> None:
    from bot.media.voice.files import write_note
    from bot.media.voice.track import Reader

    progress(0.0)
    write_note(path, Reader(engine).lines(lines))


def _recording_file(path: Path) -> RecordingFile:
    from bot.media.voice.files import seconds_of

    return RecordingFile(path, seconds_of(path))
