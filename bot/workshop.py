"""Makes the files that messages carry, in a process of its own: the coach's must not stand still meanwhile.

    python -m bot.workshop FOLDER NICE     what the process runs; it reads orders and answers on its pipes

One order at a time. The process ends when its pipe is closed, so none outlives the coach, however that ends.
"""

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter

from bot.attachments import Attachment

log = logging.getLogger(__name__)

ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)


class WorkshopError(Exception):
    """A file could not be made; the text says why."""


class Workshop:
    """The process, started at the first order and again whenever it has ended."""

    def __init__(self, folder: Path, courtesy: int = 0) -> None:
        """`courtesy`: how nice it is to other processes, from 0 to 19."""
        self._arguments = (sys.executable, "-m", "bot.workshop", str(folder.resolve()), str(courtesy))
        self._process: asyncio.subprocess.Process | None = None

    async def make(self, attachment: Attachment) -> None:
        """Returns once the file is in the folder. Raises WorkshopError. Not to be called again meanwhile."""
        process = await self._running()
        answer = await _answer(process, ATTACHMENT.dump_json(attachment) + b"\n")
        if not answer:
            raise WorkshopError(f"the workshop ended with code {await process.wait()}")
        if why := json.loads(answer):
            raise WorkshopError(why)

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
                *self._arguments,
                stdin=pipe,
                stdout=pipe,
                cwd=Path(__file__).parents[1],
                start_new_session=True,  # Ctrl+C is for the coach to deal with
            )
        return self._process


async def _answer(process: asyncio.subprocess.Process, order: bytes) -> bytes:
    """Empty where the process has ended."""
    if process.stdin is None or process.stdout is None:
        raise TypeError("the workshop has no pipes")
    with suppress(ConnectionError):
        process.stdin.write(order)
        await process.stdin.drain()
        return await process.stdout.readline()
    return b""


def main(folder: Path, courtesy: int) -> None:
    """Make what is ordered, a line each, until there are no more lines."""
    # Here, since they take their time, and the coach needs none of them in order to order.
    from bot.loading import SHIPPED, load
    from bot.pictures.gallery import Gallery
    from bot.pictures.named import picture

    os.nice(courtesy)
    library, gallery = load(SHIPPED), Gallery(folder)
    for line in sys.stdin:
        why = ""
        try:
            gallery.make(picture(ATTACHMENT.validate_json(line), library))
        except (LookupError, ValueError, OSError) as error:
            why = f"{type(error).__name__}: {error}"
        print(json.dumps(why), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
