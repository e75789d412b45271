"""Run a worker process that makes files, because drawing and speech would block the bot's event loop.

This command starts a worker:

    python -m bot.media.worker FOLDER NICENESS [VOICE_FILE]

The worker reads requests from stdin and makes one file at a time. Each request is an attachment as one line
of JSON. The worker answers on stdout, also in lines of JSON: first with numbers from 0 to 1 that say how much
of the file is done, and finally with a string. The string is empty if the file was made; otherwise it says
why the file could not be made. The worker exits as soon as stdin closes, even in the middle of a file,
because it must not outlive the bot, however the bot ends.
"""

import asyncio
import json
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

ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)

Progress = Callable[[float], None]


class WorkerError(Exception):
    """The worker could not make a file. The error's text says why."""


class WorkerProcess:
    """A process that makes files. `make()` starts the process whenever it is not running."""

    def __init__(self, folder: Path, niceness: int = 0, voice_file: Path | None = None) -> None:
        """Prepare a worker that writes into `folder`.

        `niceness` lowers the priority of the process, from 0 (not at all) to 19. `voice_file` is a voice for
        the speech engine Piper; None means the default voice.
        """
        voice = (str(voice_file.resolve()),) if voice_file else ()
        self._arguments = ("-m", "bot.media.worker", str(folder.resolve()), str(niceness), *voice)
        self._process: asyncio.subprocess.Process | None = None

    async def make(self, attachment: Attachment, progress: Progress = lambda done: None) -> None:
        """Have the worker make the attachment's file. Returns when the file is in the folder.

        `progress` is called with the share of the file that is done, from 0 to 1. Callers must wait until one
        call has returned before they make the next. Raises WorkerError.
        """
        process = await self._started()
        await _send(process, ATTACHMENT.dump_json(attachment) + b"\n")
        while line := await _read_line(process):
            answer = json.loads(line)
            if isinstance(answer, float):
                progress(answer)
            elif answer:
                raise WorkerError(answer)
            else:
                return
        raise WorkerError(f"the worker process ended with code {await process.wait()}")

    async def aclose(self) -> None:
        """Kill the process, even in the middle of a file."""
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        """Return the running process. If none is running, start one."""
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                stdin=pipe,
                stdout=pipe,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl+C must reach only the bot, which then ends the worker
            )
        return self._process


async def _send(process: asyncio.subprocess.Process, request: bytes) -> None:
    if process.stdin is None:
        raise TypeError("the worker process has no pipes")
    with suppress(ConnectionError):
        process.stdin.write(request)
        await process.stdin.drain()


async def _read_line(process: asyncio.subprocess.Process) -> bytes:
    """Return the next line that the worker has written, or an empty line if the process has ended."""
    if process.stdout is None:
        raise TypeError("the worker process has no pipes")
    with suppress(ConnectionError):
        return await process.stdout.readline()
    return b""


def main(folder: Path, niceness: int, voice_file: Path | None) -> None:
    """Make the requested files, one after the other, until stdin closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bot handles Ctrl+C and then closes the pipe
    # These modules load slowly. The bot's process imports this module too, but does not need them.
    from bot.media.voice.speech import NoVoice
    from bot.routine.loading import SHIPPED, load

    os.nice(niceness)
    library = load(SHIPPED)
    for line in _requests():
        reason = ""
        try:
            _make(ATTACHMENT.validate_json(line), library, folder, voice_file)
        except (LookupError, ValueError, OSError, NoVoice) as error:
            reason = f"{type(error).__name__}: {error}"
        _answer(reason)


def _requests() -> Iterator[str]:
    """Yield the lines of stdin.

    A thread reads stdin all the time, so that the process ends as soon as stdin closes, even while a file is
    being made.
    """
    lines = SimpleQueue[str]()
    Thread(target=_read_stdin, args=(lines,), daemon=True).start()
    while True:
        yield lines.get()


def _read_stdin(lines: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # safe even while a file is being written, because an unfinished file has a temporary name


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
            studio.make(recording(attachment, studio, library), _answer)
        case _:
            gallery.make(picture(attachment, library))


@cache
def _studio(folder: Path, voice_file: Path | None) -> "Studio":
    """Return the studio that records speech. The studio is reused, so that its voice is loaded only once."""
    from bot.media.voice.studio import open_studio

    return open_studio(folder, voice_file)


def _answer(answer: float | str) -> None:
    try:
        print(json.dumps(answer), flush=True)
    except BrokenPipeError:
        os._exit(0)  # the bot has ended; a normal exit would flush stdout and fail again


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else None)
