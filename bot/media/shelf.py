"""The folder of made files, which stays under a size: what was used longest ago is deleted first.

Whoever looks for a file here uses it. Nobody looks for the pictures that earlier code drew, so they go in
time. What else lies in the folder is left alone.
"""

import asyncio
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from bot.clock import happens

LARGEST = 500_000_000
"""Bytes that the files may have together; all pictures for one skin have some ten million."""
SPARE = 50_000_000
"""Bytes below that at which files are deleted, until twice as many are free. It is more than can be made
meanwhile."""
IN_USE = 120.0
"""Seconds since its last use for which no file is deleted: it may be on its way to Telegram, or half made."""
KEPT = 30 * 24 * 3600.0
"""Seconds since its last use after which a file is deleted even where there is room."""
LOOK_EVERY = 3600.0
"""Seconds after which what is there is counted again, since other programs can put files into the folder."""
OURS = re.compile(r"[0-9a-f]{20}\.(png|jpg|mp4|ogg|m4a)|tmp\w+\.part")
"""The names of files that are made here, whole and half made."""


class Shelf:
    """The folder's files, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._full = asyncio.Event()

    def find(self, name: str) -> Path | None:
        """The file, if there is one; it counts as used now."""
        path = self._folder / name
        try:
            unused_for = time.time() - path.stat().st_mtime
        except OSError:
            return None
        if abs(unused_for) > IN_USE / 2:
            with suppress(OSError):
                os.utime(path)
        return path

    def grown(self, by: Path) -> None:
        """This file has been made."""
        with suppress(OSError):
            self._size += by.stat().st_size
        if self._size > LARGEST - SPARE:
            self._full.set()

    async def tidy(self) -> None:
        """Delete what there is no room for, and what nobody uses any more."""
        self._full.clear()
        self._size = await asyncio.to_thread(tidied, self._folder, LARGEST - 2 * SPARE)

    async def stay_tidy(self) -> None:
        """Until cancelled."""
        while True:
            await happens(self._full, within=LOOK_EVERY)
            await self.tidy()


def tidied(folder: Path, most: int) -> int:
    """Delete files until they have at most so many bytes together. Returns how many they have then.

    Half made files that nobody works on any more are deleted with the rest.
    """
    now, found = time.time(), []
    with suppress(OSError):
        for path in folder.iterdir():
            if OURS.fullmatch(path.name):
                with suppress(OSError):  # it is gone already
                    state = path.stat()
                    found.append((state.st_mtime, state.st_size, path))
    size = sum(each for _, each, _ in found)
    for used_at, its_size, path in sorted(found):
        unused_for = now - used_at
        useless = unused_for > KEPT or path.suffix == ".part"
        if (useless or size > most) and abs(unused_for) > IN_USE:
            with suppress(OSError):
                path.unlink(missing_ok=True)
                size -= its_size
    return size
