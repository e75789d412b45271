"""What is to be made next: what somebody waits for, then what somebody will want.

Names only; nothing here makes anything, or knows what has been made.
"""

import asyncio
import math
import time
from collections.abc import Callable

from bot.media.pictures.catalogue import ahead, coming
from bot.routine.model import Library, Tone
from bot.wording.attachments import Attachment, PartPicture, PictureName

RENEWED_WITHIN = 5.0
"""Seconds after which an order that is not given again is withdrawn. The outbox looks once a second at what
waits there, so the order of a part that is over is not renewed."""


class Orders:
    """What somebody waits for, in the order in which it came, or the other way round.

    `now` is in seconds, from any moment on.
    """

    def __init__(self, *, newest_first: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        self._newest_first = newest_first
        self._now = now
        self._renewed_at: dict[Attachment, float] = {}
        self._came = asyncio.Event()

    def __contains__(self, attachment: Attachment) -> bool:
        return attachment in self._renewed_at

    def add(self, attachment: Attachment) -> None:
        """Order it, or renew its order, which keeps its place."""
        self._renewed_at[attachment] = self._now()
        self._came.set()

    def done(self, attachment: Attachment) -> None:
        self._renewed_at.pop(attachment, None)

    def first(self) -> Attachment | None:
        """What is to be made now; it stays ordered until it is `done`."""
        since = self._now() - RENEWED_WITHIN
        self._renewed_at = {each: at for each, at in self._renewed_at.items() if at >= since}
        left = reversed(self._renewed_at) if self._newest_first else iter(self._renewed_at)
        return next(left, None)

    async def come(self) -> None:
        """Until there are some."""
        while not self._renewed_at:
            self._came.clear()
            await self._came.wait()


class Ahead:
    """Pictures that nobody has ordered yet: first those that the massage of the last order will show next."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._left: dict[PictureName, None] = {}
        self._tones: set[Tone] = set()
        self._coming: dict[PictureName, int] = {}

    def prepare(self, tone: Tone) -> None:
        """Have all pictures in that tone, before those in other tones."""
        if tone not in self._tones:
            self._tones.add(tone)
            self._left = dict.fromkeys(ahead(self._library, tone)) | self._left

    def ordered(self, seen: PictureName) -> None:
        """Somebody waits for this one."""
        self.prepare(seen.tone)
        if isinstance(seen, PartPicture):
            self._coming = {each: place for place, each in enumerate(coming(seen, self._library))}

    def take(self) -> PictureName | None:
        """The next one; it is not given again."""
        if not self._left:
            return None
        first = min(self._left, key=lambda each: self._coming.get(each, math.inf))
        del self._left[first]
        return first
