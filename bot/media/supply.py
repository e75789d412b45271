"""Find the files of attachments, and have worker processes make the missing ones.

An attachment identifies a picture or recording that a message carries. Requested files are made first, then
pictures that will be needed soon. This module must not make a message wait for its file, and must not make a
file in the bot's own process.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import lru_cache
from pathlib import Path

from bot.media.file_cache import FileCache
from bot.media.pictures.catalogue import picture
from bot.media.pictures.making import Picture, cover
from bot.media.request_queue import PrefetchList, RequestQueue
from bot.media.voice.catalogue import recording
from bot.media.voice.studio import Recording, Studio
from bot.media.worker import WorkerError, WorkerProcess
from bot.routine.model import Library
from bot.session.state import Choices
from bot.wording.attachments import Attachment, GuidedTrack, VoiceNote

log = logging.getLogger(__name__)

LOOP_NICENESS, TRACK_NICENESS = 15, 5
"""The niceness (Unix scheduling priority) of the workers that make loops and tracks. A loop is an animated
picture, a track is the recording of a whole massage. These workers have a low priority, so that the bot's
messages are on time even on a machine with one core."""
MAKE_TIMEOUT_SECONDS = 300.0
"""A worker that needs more than this many seconds of real time for one file is killed."""
RETRY_AFTER_SECONDS = 60.0
"""If a file could not be made, it is not tried again for this many seconds of real time."""
REJECTED_SECONDS = 24 * 3600.0
"""If a file cannot be sent, messages leave it out for this many seconds of real time."""
LOOKUP_CACHE_SIZE = 1000
"""The number of attachments for which the picture or recording is cached. The cache has a limit, because
the number of possible voice notes and maps of knots is unlimited."""
DEFAULT_TONE = Choices("", 0.0).tone

Media = Picture | Recording
"""A picture or a recording. In both, `key` followed by `suffix` is the name of the file."""


class Supply:
    """Finds the files of attachments in `folder`, and has missing files made.

    `changed` is called when a file has been made or could not be made, and whenever the progress of a
    recording changes. If `studio` is None, no recordings are made or found. `voice_file` is a voice for the
    speech engine Piper; None means the default voice.
    """

    def __init__(
        self,
        library: Library,
        folder: Path,
        changed: Callable[[], None],
        studio: Studio | None = None,
        voice_file: Path | None = None,
    ) -> None:
        self._library = library
        self._folder = folder
        self._cache = FileCache(folder)
        self._changed = changed
        self._studio = studio
        self._voice_file = voice_file
        self._cached_lookup = lru_cache(LOOKUP_CACHE_SIZE)(self._lookup)
        # Making a track takes half a minute, and making a loop takes some seconds. Each kind of file has a
        # queue and a worker of its own, so that quick files do not wait for slow ones.
        self._stills, self._loops = RequestQueue(newest_first=True), RequestQueue(newest_first=True)
        self._notes, self._tracks = RequestQueue(), RequestQueue()
        self._prefetch = PrefetchList(library)
        self._prefetch.add_tone(DEFAULT_TONE)
        self._more_to_draw = asyncio.Event()
        self._progress: dict[str, float] = {}
        self._blocked_until: dict[str, float] = {}

    def lookup(self, attachment: Attachment) -> Media | None:
        """Return the picture or recording that the attachment names.

        Returns None if the routines no longer contain it, if making its file failed within the last minute,
        or if sending its file failed within the last day.
        """
        found = self._cached_lookup(attachment)
        if found is None or time.monotonic() < self._blocked_until.get(found.key, 0.0):
            return None
        return found

    def find(self, attachment: Attachment) -> Path | None:
        """Return the path of the attachment's file, and mark the file as used now.

        Returns None if the file does not exist yet, or if `lookup()` returns None.
        """
        found = self.lookup(attachment)
        return self._file(found) if found else None

    def request(self, attachment: Attachment) -> None:
        """Request the attachment's file. The request expires if it is not repeated within 5 seconds."""
        found = self.lookup(attachment)
        if found is None:
            return
        match attachment:
            case VoiceNote():
                self._notes.add(attachment)
            case GuidedTrack():
                self._tracks.add(attachment)
            case _:
                queue = self._loops if found.suffix == ".mp4" else self._stills
                if attachment not in queue:
                    self._prefetch.prioritise_after(attachment)
                queue.add(attachment)
                self._more_to_draw.set()

    def cover(self, attachment: Attachment) -> Path | None:
        """Return the path of a guided track's cover picture.

        Returns None if the cover has not been made yet, or if the attachment is not a guided track.
        """
        if not isinstance(attachment, GuidedTrack):
            return None
        return self._file(cover(self._library.routines[attachment.routine], attachment.tone))

    def progress(self, attachment: Attachment) -> float | None:
        """Return how much of a requested guided track has been made, from 0 to 1.

        Returns None if the attachment is not a guided track whose file is currently requested.
        """
        found = self.lookup(attachment)
        return self._progress.get(found.key, 0.0) if found and attachment in self._tracks else None

    def reject(self, key: str) -> None:
        """Leave the file with this key out of messages for a day.

        To be called if the file cannot be read, or if Telegram refuses the file.
        """
        self._block(key, REJECTED_SECONDS)
        self._changed()

    async def run(self) -> None:
        """Make requested files, and make pictures that will be needed soon. Runs until cancelled."""
        await self._cache.evict()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._cache.keep_evicting())
            tasks.create_task(self._serve(self._stills))
            tasks.create_task(self._make_loops())
            if self._studio:
                tasks.create_task(self._serve(self._notes))
                tasks.create_task(self._make_tracks())

    def _lookup(self, attachment: Attachment) -> Media | None:
        try:
            match attachment:
                case VoiceNote() | GuidedTrack():
                    return recording(attachment, self._studio, self._library) if self._studio else None
                case _:
                    return picture(attachment, self._library)
        except (LookupError, ValueError) as error:
            log.warning("the routines do not contain %s: %s", attachment, error)
            return None

    def _file(self, media: Media) -> Path | None:
        return self._cache.find(f"{media.key}{media.suffix}")

    async def _serve(self, queue: RequestQueue) -> None:
        """Make the files that are requested in a queue. Runs until cancelled.

        The worker process keeps running while the queue is empty, because starting it takes time.
        """
        async with aclosing(WorkerProcess(self._folder, 0, self._voice_file)) as worker:
            while True:
                await queue.wait()
                while attachment := queue.first():
                    await self._make(attachment, queue, worker)

    async def _make_tracks(self) -> None:
        """Make requested guided tracks. Runs until cancelled.

        The worker process is stopped when no request is left, because the voice that it has loaded takes much
        memory.
        """
        while True:
            await self._tracks.wait()
            async with aclosing(WorkerProcess(self._folder, TRACK_NICENESS, self._voice_file)) as worker:
                while attachment := self._tracks.first():
                    await self._make(attachment, self._tracks, worker)

    async def _make_loops(self) -> None:
        """Make requested loops. If none is requested, make pictures that will be needed soon.

        The worker process is stopped when there is nothing left to make. Runs until cancelled.
        """
        while True:
            self._more_to_draw.clear()
            async with aclosing(WorkerProcess(self._folder, LOOP_NICENESS)) as worker:
                while attachment := self._loops.first() or self._prefetch.take():
                    await self._make(attachment, self._loops, worker)
                    await asyncio.sleep(0)  # lets other tasks run even if the file already existed
            await self._more_to_draw.wait()

    async def _make(self, attachment: Attachment, queue: RequestQueue, worker: WorkerProcess) -> None:
        """Have the worker make the attachment's file if it is missing, then remove the request."""
        found = self.lookup(attachment)
        if found and not self._file(found):
            await self._make_in_worker(found, attachment, worker)
            self._progress.pop(found.key, None)
        queue.remove(attachment)
        self._changed()

    async def _make_in_worker(self, media: Media, attachment: Attachment, worker: WorkerProcess) -> None:
        """Have the worker make the file of `media`. If this fails, log the reason.

        After a failure, the file is not tried again for RETRY_AFTER_SECONDS.
        """

        def progress(done: float) -> None:
            self._progress[media.key] = done
            self._changed()

        try:
            async with asyncio.timeout(MAKE_TIMEOUT_SECONDS):
                await worker.make(attachment, progress)
        except (WorkerError, OSError, ValueError) as error:
            reason = str(error) or f"not within {MAKE_TIMEOUT_SECONDS:.0f} s"
            log.warning("no file for a %s: %s", type(attachment).__name__, reason)
            await worker.aclose()  # a late answer could be mistaken for the answer to the next request
        path = self._file(media)
        if path:
            self._cache.added(path)
        else:
            self._block(media.key, RETRY_AFTER_SECONDS)

    def _block(self, key: str, seconds: float) -> None:
        """Make `lookup()` return None for attachments with this key, for the next `seconds`."""
        now = time.monotonic()
        blocked = {each: until for each, until in self._blocked_until.items() if until > now}
        self._blocked_until = blocked | {key: now + seconds}
