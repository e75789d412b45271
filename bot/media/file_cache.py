"""A cache of files in a folder of limited size, which deletes the least recently used files first.

When the code that makes the files changes, the files get new names. The files with the old names are then no
longer used, and expire. This module must not delete files that the program did not make.
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
"""Eviction (the deletion of old files) starts when the free space below MAX_BYTES is smaller than this, and
goes on until the free space is twice this. The headroom is large enough for everything that workers write
while an eviction runs."""
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
    """A folder of files, which are found by name.

    The modification time of a file records when the file was last used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._full = asyncio.Event()

    def find(self, name: str) -> Path | None:
        """Return the path of the file with this name, and mark the file as used now.

        Returns None if there is no such file.
        """
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
        """Delete files that were not used for MAX_UNUSED_SECONDS.

        If the cache is nearly full, also delete the least recently used of the other files.
        """
        self._full.clear()
        self._size = await asyncio.to_thread(evict_files, self._folder, MAX_BYTES - 2 * HEADROOM_BYTES)

    async def keep_evicting(self) -> None:
        """Call `evict()` whenever the cache is nearly full, and at least every RESCAN_SECONDS.

        Runs until cancelled.
        """
        while True:
            await happens(self._full, within=RESCAN_SECONDS)
            await self.evict()


def evict_files(folder: Path, max_bytes: int) -> int:
    """Delete expired files, then the least recently used files until the rest takes at most `max_bytes`.

    A file has expired if it was not used for MAX_UNUSED_SECONDS, or if it is unfinished. Files that were used
    within the last IN_USE_SECONDS are never deleted. Returns the total size of the remaining files in bytes.
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
