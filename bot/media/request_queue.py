"""Decide which file is made next: first files that a message waits for, then files that will be needed soon.

Holds only the names of files. Must never make a file or look for one on disk.
"""

import asyncio
import math
import time
from collections.abc import Callable

from bot.media.pictures.catalogue import coming, prefetchable
from bot.routine.model import Library, Tone
from bot.wording.attachments import Attachment, PartPicture, PictureName

REQUEST_LIFETIME_SECONDS = 5.0
"""A request that is not repeated for this long is dropped. The outbox repeats a request once a second while
the message still needs the file, so requests for a part that is over expire."""


class RequestQueue:
    """A queue of requested files, oldest or newest first. Requests that are not repeated expire.

    `now` returns seconds; only differences between its results count.
    """

    def __init__(self, *, newest_first: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        self._newest_first = newest_first
        self._now = now
        self._requested_at: dict[Attachment, float] = {}
        self._added = asyncio.Event()

    def __contains__(self, attachment: Attachment) -> bool:
        return attachment in self._requested_at

    def add(self, attachment: Attachment) -> None:
        """Add a request. If it is queued already, reset its expiry and keep its place."""
        self._requested_at[attachment] = self._now()
        self._added.set()

    def remove(self, attachment: Attachment) -> None:
        self._requested_at.pop(attachment, None)

    def first(self) -> Attachment | None:
        """Drop expired requests and return the next one, which stays in the queue; None if it is empty."""
        oldest = self._now() - REQUEST_LIFETIME_SECONDS
        self._requested_at = {each: at for each, at in self._requested_at.items() if at >= oldest}
        queued = reversed(self._requested_at) if self._newest_first else iter(self._requested_at)
        return next(queued, None)

    async def wait(self) -> None:
        """Wait until the queue is not empty."""
        while not self._requested_at:
            self._added.clear()
            await self._added.wait()


class PrefetchList:
    """Pictures to make before a message needs them.

    Pictures that a current massage will show come first.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._pending: dict[PictureName, None] = {}
        self._tones: set[Tone] = set()
        self._coming: dict[PictureName, int] = {}

    def add_tone(self, tone: Tone) -> None:
        """Add all pictures in this skin tone, ahead of those in the tones added before."""
        if tone not in self._tones:
            self._tones.add(tone)
            self._pending = dict.fromkeys(prefetchable(self._library, tone)) | self._pending

    def prioritise_after(self, requested: PictureName) -> None:
        """Put the pictures first that the massage will show from the requested picture on."""
        self.add_tone(requested.tone)
        if isinstance(requested, PartPicture):
            self._coming = {each: place for place, each in enumerate(coming(requested, self._library))}

    def take(self) -> PictureName | None:
        """Remove the first picture and return it; None if the list is empty."""
        if not self._pending:
            return None
        first = min(self._pending, key=lambda each: self._coming.get(each, math.inf))
        del self._pending[first]
        return first
