"""The files there are for attachments, and the making of what is missing: what is ordered first, then ahead.

Never waits for a file, and never makes one in the coach's own process.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from functools import lru_cache
from itertools import chain
from pathlib import Path

from bot.attachments import Attachment, GuidedTrack, Seen, VoiceNote
from bot.pictures.making import Picture, cover
from bot.pictures.named import ahead, picture
from bot.routine import Library, Tone
from bot.session import Choices
from bot.shelf import Shelf
from bot.voice.named import recording
from bot.voice.studio import Recording, Studio
from bot.workshop import Workshop, WorkshopError

log = logging.getLogger(__name__)

COURTESY, TRACK_COURTESY = 15, 5
"""How nice to all else is what makes files ahead, and tracks: cues come first on a machine with one core."""
LONGEST = 300.0
"""Real seconds after which what is being made is given up."""
FAILED_FOR = 60.0
"""Real seconds for which what could not be made is not tried again."""
REFUSED_FOR = 24 * 3600.0
"""Real seconds for which what Telegram does not take is left out."""
NAMES_KEPT = 1000
"""Of how many attachments it is remembered what they name: there is no end of notes and of maps of knots."""
USUAL_TONE = Choices("", 0.0).tone

Made = Picture | Recording
"""What has a file: its `key` and its `suffix` are the file's name."""


class Orders:
    """What somebody waits for, first come, first made."""

    def __init__(self) -> None:
        self._wanted: dict[Attachment, None] = {}
        self._came = asyncio.Event()

    def add(self, attachment: Attachment) -> None:
        self._wanted[attachment] = None
        self._came.set()

    def done(self, attachment: Attachment) -> None:
        del self._wanted[attachment]

    def first(self) -> Attachment | None:
        return next(iter(self._wanted), None)

    async def come(self) -> None:
        """Until there are some."""
        while not self._wanted:
            self._came.clear()
            await self._came.wait()


class Supply:
    """Files in `folder`; without a `studio` there is no voice.

    `changed` is called whenever there is one more, one proves impossible, or the making of one goes on.
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
        self._shelf = Shelf(folder)
        self._changed = changed
        self._studio = studio
        self._voice_file = voice_file
        self._look_up = lru_cache(NAMES_KEPT)(self._named)
        # A track takes half a minute: neither pictures nor notes wait behind it.
        self._pictures, self._notes, self._tracks = Orders(), Orders(), Orders()
        self._progress: dict[str, float] = {}
        self._ahead: Iterator[Seen] = iter(())
        self._tones: set[Tone] = set()
        self._more_ahead = asyncio.Event()
        self._without_until: dict[str, float] = {}
        self._prepare(USUAL_TONE)

    def named(self, attachment: Attachment) -> Made | None:
        """What is named; None where the routines no longer have it, or it cannot be made."""
        found = self._look_up(attachment)
        if found is None or time.monotonic() < self._without_until.get(found.key, 0.0):
            return None
        return found

    def find(self, attachment: Attachment) -> Path | None:
        """The file, if there is one, which then counts as used."""
        found = self.named(attachment)
        return self._file(found) if found else None

    def order(self, attachment: Attachment) -> None:
        """Have it made."""
        found = self.named(attachment)
        if found:
            self._progress.setdefault(found.key, 0.0)
            self._order(attachment)

    def cover(self, attachment: Attachment) -> Path | None:
        """A track's picture, if it has one."""
        if not isinstance(attachment, GuidedTrack):
            return None
        return self._file(cover(self._library.routines[attachment.routine], attachment.tone))

    def progress(self, attachment: Attachment) -> float | None:
        """How much is done of what was ordered, from 0 to 1; None where it is not being made."""
        found = self.named(attachment)
        return self._progress.get(found.key) if found else None

    def give_up(self, key: str) -> None:
        """Leave out what Telegram does not take."""
        self._leave_out(key, REFUSED_FOR)
        self._changed()

    async def run(self) -> None:
        """Make what is missing, until cancelled."""
        await self._shelf.tidy()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._shelf.stay_tidy())
            tasks.create_task(self._work(self._pictures))
            tasks.create_task(self._make_ahead())
            if self._studio:
                tasks.create_task(self._work(self._notes))
                tasks.create_task(self._make_tracks())

    def _named(self, attachment: Attachment) -> Made | None:
        try:
            match attachment:
                case VoiceNote() | GuidedTrack():
                    return recording(attachment, self._studio, self._library) if self._studio else None
                case _:
                    return picture(attachment, self._library)
        except (LookupError, ValueError) as error:
            log.warning("there is no such thing as %s: %s", attachment, error)
            return None

    def _file(self, made: Made) -> Path | None:
        return self._shelf.find(f"{made.key}{made.suffix}")

    def _order(self, attachment: Attachment) -> None:
        match attachment:
            case VoiceNote():
                self._notes.add(attachment)
            case GuidedTrack():
                self._tracks.add(attachment)
            case _:
                self._prepare(attachment.tone)
                self._pictures.add(attachment)

    def _prepare(self, tone: Tone) -> None:
        """Put whatever a massage in that tone will want before all that is made ahead of need."""
        if tone not in self._tones:
            self._tones.add(tone)
            self._ahead = chain(ahead(self._library, tone), self._ahead)
            self._more_ahead.set()

    async def _work(self, orders: Orders) -> None:
        """In a process of its own: somebody waits already."""
        async with aclosing(Workshop(self._folder, 0, self._voice_file)) as workshop:
            while True:
                await orders.come()
                await self._work_off(orders, workshop)

    async def _make_tracks(self) -> None:
        """In a process that ends after the last one, since a voice takes much memory."""
        while True:
            await self._tracks.come()
            async with aclosing(Workshop(self._folder, TRACK_COURTESY, self._voice_file)) as workshop:
                await self._work_off(self._tracks, workshop)

    async def _work_off(self, orders: Orders, workshop: Workshop) -> None:
        while attachment := orders.first():
            await self._make(attachment, workshop)
            orders.done(attachment)

    async def _make_ahead(self) -> None:
        while True:
            self._more_ahead.clear()
            async with aclosing(Workshop(self._folder, COURTESY)) as workshop:
                while attachment := next(self._ahead, None):
                    await self._make(attachment, workshop)
            await self._more_ahead.wait()

    async def _make(self, attachment: Attachment, workshop: Workshop) -> None:
        found = self.named(attachment)
        if found and not self._file(found):
            await self._made(found, attachment, workshop)
        if found:
            self._progress.pop(found.key, None)
        self._changed()

    async def _made(self, found: Made, attachment: Attachment, workshop: Workshop) -> None:
        def progress(done: float) -> None:
            self._progress[found.key] = done
            self._changed()

        try:
            async with asyncio.timeout(LONGEST):
                await workshop.make(attachment, progress)
        except (WorkshopError, OSError, ValueError) as error:
            why = str(error) or f"not within {LONGEST:.0f} s"
            log.warning("no file for a %s: %s", type(attachment).__name__, why)
            await workshop.aclose()  # whatever it says after that would be taken for the next one's answer
        path = self._file(found)
        if path:
            self._shelf.grown(path)
        else:
            self._leave_out(found.key, FAILED_FOR)

    def _leave_out(self, key: str, seconds: float) -> None:
        now = time.monotonic()
        still = {each: until for each, until in self._without_until.items() if until > now}
        self._without_until = still | {key: now + seconds}
