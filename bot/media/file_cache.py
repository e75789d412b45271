"""A cache of files in a folder of limited size, which deletes the least recently used files first.

Nothing looks up a picture that an older version of the code has drawn, so such pictures expire. This module
must not delete files that the program did not make.
"""

import asyncio
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from bot.clock import happens

MAX_BYTES = 500_000_000
"""The maximum total size of the files. All pictures in one skin tone together take about ten million
bytes."""
HEADROOM_BYTES = 50_000_000
"""Eviction starts when less than this is left below MAX_BYTES, and deletes files until twice as much is left.
Workers write fewer bytes than this while an eviction runs."""
IN_USE_SECONDS = 120.0
"""A file that was used within this time is not deleted, because the bot may still be uploading the file, or a
worker may still be writing it."""
MAX_UNUSED_SECONDS = 30 * 24 * 3600.0
"""A file that has not been used for this long is deleted even if there is room."""
RESCAN_SECONDS = 3600.0
"""The interval between scans of the folder. Scans are necessary because other programs can write into the
folder too."""
FILE_NAME = re.compile(r"[0-9a-f]{20}\.(png|jpg|mp4|ogg|m4a)|tmp\w+\.part")
"""A pattern for the names of all finished and unfinished files that this program makes."""


class FileCache:
    """A folder of files, which are found by name. A file's modification time is the time of its last use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._full = asyncio.Event()

    def find(self, name: str) -> Path | None:
        """Return the path of a file, or None if there is no such file. Record that the file is in use now."""
        path = self._folder / name
        try:
            unused_for = time.time() - path.stat().st_mtime
        except OSError:
            return None
        if abs(unused_for) > IN_USE_SECONDS / 2:
            with suppress(OSError):
                os.utime(path)
        return path

    def added(self, path: Path) -> None:
        """Count the size of a newly written file. Start eviction if the cache is nearly full."""
        with suppress(OSError):
            self._size += path.stat().st_size
        if self._size > MAX_BYTES - HEADROOM_BYTES:
            self._full.set()

    async def evict(self) -> None:
        """Delete expired files. If the cache is nearly full, delete the least recently used files as well."""
        self._full.clear()
        self._size = await asyncio.to_thread(evict_files, self._folder, MAX_BYTES - 2 * HEADROOM_BYTES)

    async def keep_evicting(self) -> None:
        """Call `evict` whenever the cache is nearly full, and every RESCAN_SECONDS. Runs until cancelled."""
        while True:
            await happens(self._full, within=RESCAN_SECONDS)
            await self.evict()


def evict_files(folder: Path, max_bytes: int) -> int:
    """Delete expired files, then the least recently used ones until the rest takes at most `max_bytes`.

    Returns the total size of the remaining files in bytes. A file that is in use is never deleted. An
    unfinished file that is not in use counts as expired.
    """
    now, found = time.time(), []
    with suppress(OSError):
        for path in folder.iterdir():
            if FILE_NAME.fullmatch(path.name):
                with suppress(OSError):  # another process may have deleted the file
                    state = path.stat()
                    found.append((state.st_mtime, state.st_size, path))
    total = sum(size for _, size, _ in found)
    for used_at, size, path in sorted(found):
        unused_for = now - used_at
        expired = unused_for > MAX_UNUSED_SECONDS or path.suffix == ".part"
        if (expired or total > max_bytes) and abs(unused_for) > IN_USE_SECONDS:
            with suppress(OSError):
                path.unlink(missing_ok=True)
                total -= size
    return total
