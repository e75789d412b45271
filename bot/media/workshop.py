"""Makes the files that messages carry, in a process of its own: the coach's must not stand still meanwhile.

    python -m bot.media.workshop FOLDER NICE [VOICE_FILE]

is what the process runs; it reads orders and answers on its pipes, one order at a time. The answers are how
much is done, from 0 to 1, as often as it likes, then why it could not be made, empty where it was. It
ends as soon as its pipe is closed, whatever it is making, so none outlives the coach, however that ends.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bot.wording.attachments import Attachment, GuidedTrack, VoiceNote

if TYPE_CHECKING:
    from bot.media.voice.studio import Studio
    from bot.routine.model import Library

log = logging.getLogger(__name__)

ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)

Progress = Callable[[float], None]


class WorkshopError(Exception):
    """A file could not be made; the text says why."""


class Workshop:
    """The process, started at the first order and again whenever it has ended."""

    def __init__(self, folder: Path, courtesy: int = 0, voice_file: Path | None = None) -> None:
        """`courtesy`: how nice it is to other processes, from 0 to 19."""
        voice = (str(voice_file.resolve()),) if voice_file else ()
        self._arguments = ("-m", "bot.media.workshop", str(folder.resolve()), str(courtesy), *voice)
        self._process: asyncio.subprocess.Process | None = None

    async def make(self, attachment: Attachment, progress: Progress = lambda done: None) -> None:
        """Returns once the file is in the folder. Raises WorkshopError. Not to be called again meanwhile.

        `progress` is told how much is done, from 0 to 1, where that takes its time.
        """
        process = await self._running()
        await _order(process, ATTACHMENT.dump_json(attachment) + b"\n")
        while answer := await _answer(process):
            said = json.loads(answer)
            if isinstance(said, float):
                progress(said)
            elif said:
                raise WorkshopError(said)
            else:
                return
        raise WorkshopError(f"the workshop ended with code {await process.wait()}")

    async def aclose(self) -> None:
        """End the process, whatever it is making."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                stdin=pipe,
                stdout=pipe,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl+C is for the coach to deal with
            )
        return self._process


async def _order(process: asyncio.subprocess.Process, order: bytes) -> None:
    if process.stdin is None:
        raise TypeError("the workshop has no pipes")
    with suppress(ConnectionError):
        process.stdin.write(order)
        await process.stdin.drain()


async def _answer(process: asyncio.subprocess.Process) -> bytes:
    """Empty where the process has ended."""
    if process.stdout is None:
        raise TypeError("the workshop has no pipes")
    with suppress(ConnectionError):
        return await process.stdout.readline()
    return b""


def main(folder: Path, courtesy: int, voice_file: Path | None) -> None:
    """Make what is ordered, a line each, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the coach, which then closes the pipe
    # Here, since they take their time, and the coach needs none of them in order to order.
    from bot.media.voice.speech import NoVoice
    from bot.routine.loading import SHIPPED, load

    os.nice(courtesy)
    library = load(SHIPPED)
    for line in _orders():
        why = ""
        try:
            _make(ATTACHMENT.validate_json(line), library, folder, voice_file)
        except (LookupError, ValueError, OSError, NoVoice) as error:
            why = f"{type(error).__name__}: {error}"
        _say(why)


def _orders() -> Iterator[str]:
    """The lines that come in, read by a thread, which sees the pipe close while something is made."""
    lines = SimpleQueue[str]()
    Thread(target=_read, args=(lines,), daemon=True).start()
    while True:
        yield lines.get()


def _read(lines: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # what is half made is a file of another name


def _make(attachment: Attachment, library: "Library", folder: Path, voice_file: Path | None) -> None:
    from bot.media.pictures import making
    from bot.media.pictures.catalogue import picture
    from bot.media.pictures.gallery import Gallery
    from bot.media.voice.catalogue import recording

    gallery = Gallery(folder)
    match attachment:
        case VoiceNote() | GuidedTrack():
            if isinstance(attachment, GuidedTrack):
                gallery.make(making.cover(library.routines[attachment.routine], attachment.tone))
            studio = _studio(folder, voice_file)
            studio.make(recording(attachment, studio, library), _say)
        case _:
            gallery.make(picture(attachment, library))


@cache
def _studio(folder: Path, voice_file: Path | None) -> "Studio":
    """One, since its voice stays loaded."""
    from bot.media.voice.studio import open_studio

    return open_studio(folder, voice_file)


def _say(answer: float | str) -> None:
    try:
        print(json.dumps(answer), flush=True)
    except BrokenPipeError:
        os._exit(0)  # the coach has ended, and Python itself would try once more to write it


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else None)
