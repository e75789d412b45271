"""Decide which file is made next: first the files that messages need now, then those needed soon.

This module deals only with attachments, which identify files. It must not make a file or look for a file on
disk.
"""

import asyncio
import math
import time
from collections.abc import Callable

from bot.media.pictures.catalogue import coming, prefetchable
from bot.routine.model import Library, Tone
from bot.wording.attachments import Attachment, PartPicture, PictureName

REQUEST_LIFETIME_SECONDS = 5.0
"""A request that is not repeated for this long is dropped. The outbox (the queue of outgoing messages)
repeats a request once a second for as long as a message needs the file. For example, when a part of the
massage has ended, nobody repeats the request for its picture any more, and the request expires."""


class RequestQueue:
    """A queue of requests for files. Requests that are not repeated expire.

    If `newest_first` is true, the newest request is served first, otherwise the oldest. `now()` returns the
    current time in seconds, counted from any fixed moment.
    """

    def __init__(self, *, newest_first: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        self._newest_first = newest_first
        self._now = now
        self._requested_at: dict[Attachment, float] = {}
        self._added = asyncio.Event()

    def __contains__(self, attachment: Attachment) -> bool:
        return attachment in self._requested_at

    def add(self, attachment: Attachment) -> None:
        """Add a request. If the attachment is already in the queue, renew its expiry and keep its place."""
        self._requested_at[attachment] = self._now()
        self._added.set()

    def remove(self, attachment: Attachment) -> None:
        self._requested_at.pop(attachment, None)

    def first(self) -> Attachment | None:
        """Drop expired requests, then return the next request, or None if the queue is empty.

        The returned request stays in the queue.
        """
        oldest = self._now() - REQUEST_LIFETIME_SECONDS
        self._requested_at = {each: at for each, at in self._requested_at.items() if at >= oldest}
        queued = reversed(self._requested_at) if self._newest_first else iter(self._requested_at)
        return next(queued, None)

    async def wait(self) -> None:
        """Wait until there is a request in the queue."""
        while not self._requested_at:
            self._added.clear()
            await self._added.wait()


class PrefetchList:
    """A list of pictures to make before a message needs them.

    When a message needs the picture of one part of a massage, the pictures of the later parts are moved to
    the start of the list, because messages will need them next.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._pending: dict[PictureName, None] = {}
        self._tones: set[Tone] = set()
        self._coming: dict[PictureName, int] = {}

    def add_tone(self, tone: Tone) -> None:
        """Add all pictures in this skin tone to the start of the list, unless they were added before."""
        if tone not in self._tones:
            self._tones.add(tone)
            self._pending = dict.fromkeys(prefetchable(self._library, tone)) | self._pending

    def prioritise_after(self, requested: PictureName) -> None:
        """Move the requested picture of a part and the pictures of all later parts to the start of the list.

        Other pictures, such as maps of knots, do not change the order. If the pictures in the requested skin
        tone have not been added yet, they are added first.
        """
        self.add_tone(requested.tone)
        if isinstance(requested, PartPicture):
            self._coming = {each: place for place, each in enumerate(coming(requested, self._library))}

    def take(self) -> PictureName | None:
        """Remove and return the first picture. Return None if the list is empty."""
        if not self._pending:
            return None
        first = min(self._pending, key=lambda each: self._coming.get(each, math.inf))
        del self._pending[first]
        return first
