"""The files there are for attachments, and the making of what is missing: what is ordered first, then ahead.

Never waits for a file, and never makes one in the coach's own process.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing
from itertools import chain
from pathlib import Path

from bot.attachments import Attachment
from bot.pictures.gallery import Gallery
from bot.pictures.making import Picture
from bot.pictures.named import ahead, picture
from bot.routine import Library, Tone
from bot.session import Choices
from bot.workshop import Workshop, WorkshopError

log = logging.getLogger(__name__)

COURTESY = 15
"""How nice what is made ahead is to all else: cues come first on a machine with one core."""
USUAL_TONE = Choices("", 0.0).tone


class Supply:
    """Files in `folder`. `changed` is called whenever there is one more, or one proves impossible."""

    def __init__(self, library: Library, folder: Path, changed: Callable[[], None]) -> None:
        self._library = library
        self._folder = folder
        self._gallery = Gallery(folder)
        self._changed = changed
        self._pictures: dict[Attachment, Picture | None] = {}
        self._ordered: dict[Attachment, None] = {}
        self._ahead: Iterator[Attachment] = iter(())
        self._tones: set[Tone] = set()
        self._order_came = asyncio.Event()
        self._more_ahead = asyncio.Event()
        self._hopeless: set[str] = set()
        self._prepare(USUAL_TONE)

    def picture(self, attachment: Attachment) -> Picture | None:
        """What is named; None where the routines no longer have it, or it cannot be made."""
        if attachment not in self._pictures:
            try:
                self._pictures[attachment] = picture(attachment, self._library)
            except (LookupError, ValueError) as error:
                log.warning("%s is no picture: %s", attachment, error)
                self._pictures[attachment] = None
        found = self._pictures[attachment]
        return None if found and found.key in self._hopeless else found

    def path(self, attachment: Attachment) -> Path | None:
        """The file, if there is one; otherwise it is ordered."""
        found = self.picture(attachment)
        path = self._gallery.find(found) if found else None
        if found and path is None:
            self._ordered[attachment] = None
            self._prepare(attachment.tone)
            self._order_came.set()
        return path

    def give_up(self, key: str) -> None:
        """Make no more of what Telegram does not take."""
        self._hopeless.add(key)
        self._changed()

    async def run(self) -> None:
        """Make what is missing, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._make_ordered())
            tasks.create_task(self._make_ahead())

    def _prepare(self, tone: Tone) -> None:
        """Put whatever a massage in that tone will want before all that is made ahead of need."""
        if tone not in self._tones:
            self._tones.add(tone)
            self._ahead = chain(ahead(self._library, tone), self._ahead)
            self._more_ahead.set()

    async def _make_ordered(self) -> None:
        """In a process of its own: somebody looks at the words already."""
        async with aclosing(Workshop(self._folder)) as workshop:
            while True:
                self._order_came.clear()
                for attachment in list(self._ordered):
                    await self._make(attachment, workshop)
                    self._ordered.pop(attachment)
                await self._order_came.wait()

    async def _make_ahead(self) -> None:
        while True:
            self._more_ahead.clear()
            async with aclosing(Workshop(self._folder, COURTESY)) as workshop:
                while attachment := next(self._ahead, None):
                    await self._make(attachment, workshop)
            await self._more_ahead.wait()

    async def _make(self, attachment: Attachment, workshop: Workshop) -> None:
        found = self.picture(attachment)
        if found is None or self._gallery.find(found):
            return
        try:
            await workshop.make(attachment)
        except WorkshopError as error:
            log.warning("no picture %s: %s", attachment, error)
        if self._gallery.find(found) is None:
            self._hopeless.add(found.key)
        self._changed()
