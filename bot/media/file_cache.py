"""A cache of files in a folder of limited size. The least recently used file is deleted first.

A picture drawn by an older version of the code is never looked up again, so it expires. Must never delete a
file that this program did not make.
"""

import asyncio
import os
import re
import time
from contextlib import suppress
from pathlib import Path

from bot.clock import happens

MAX_BYTES = 500_000_000
"""The size limit of all files together. All pictures in one skin tone take some ten million bytes."""
HEADROOM_BYTES = 50_000_000
"""Eviction starts this far below the limit, and frees twice as much. More than is made while it runs."""
IN_USE_SECONDS = 120.0
"""A file used within this time is never deleted: it may be being uploaded or written."""
MAX_UNUSED_SECONDS = 30 * 24 * 3600.0
"""A file that was not used for this long is deleted even if there is room."""
RESCAN_SECONDS = 3600.0
"""How often the folder is scanned again, because other programs can write into it."""
FILE_NAME = re.compile(r"[0-9a-f]{20}\.(png|jpg|mp4|ogg|m4a)|tmp\w+\.part")
"""The names of finished and unfinished files that this program makes."""


class FileCache:
    """The files in a folder, found by name. A file's modification time is the time of its last use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._full = asyncio.Event()

    def find(self, name: str) -> Path | None:
        """Return the file's path and mark it as used now; None if there is no such file."""
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
        """Count a file that a worker has just written. If the cache is nearly full, eviction starts."""
        with suppress(OSError):
            self._size += path.stat().st_size
        if self._size > MAX_BYTES - HEADROOM_BYTES:
            self._full.set()

    async def evict(self) -> None:
        """Delete expired files, and the least recently used ones if the cache is nearly full."""
        self._full.clear()
        self._size = await asyncio.to_thread(evict_files, self._folder, MAX_BYTES - 2 * HEADROOM_BYTES)

    async def keep_evicting(self) -> None:
        """Evict whenever the cache is nearly full, and every RESCAN_SECONDS. Runs until cancelled."""
        while True:
            await happens(self._full, within=RESCAN_SECONDS)
            await self.evict()


def evict_files(folder: Path, max_bytes: int) -> int:
    """Delete expired files, then the least recently used ones until at most `max_bytes` are left.

    Returns the bytes that are left. An unfinished file that is not in use counts as expired.
    """
    now, found = time.time(), []
    with suppress(OSError):
        for path in folder.iterdir():
            if FILE_NAME.fullmatch(path.name):
                with suppress(OSError):  # another process may have deleted it
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
