"""The files there are for attachments, and the making of what is missing: what is ordered, then all else.

Never waits for a file, and never makes one in the coach's own process.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from functools import lru_cache
from pathlib import Path

from bot.media.orders import Ahead, Orders
from bot.media.pictures.catalogue import picture
from bot.media.pictures.making import Picture, cover
from bot.media.shelf import Shelf
from bot.media.voice.catalogue import recording
from bot.media.voice.studio import Recording, Studio
from bot.media.workshop import Workshop, WorkshopError
from bot.routine.model import Library
from bot.session.state import Choices
from bot.wording.attachments import Attachment, GuidedTrack, VoiceNote

log = logging.getLogger(__name__)

COURTESY, TRACK_COURTESY = 15, 5
"""How nice to all else is what makes loops, and tracks: cues come first on a machine with one core."""
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
        # A track takes half a minute, a loop some seconds: nothing else waits behind them.
        self._stills, self._loops = Orders(newest_first=True), Orders(newest_first=True)
        self._notes, self._tracks = Orders(), Orders()
        self._ahead = Ahead(library)
        self._ahead.prepare(USUAL_TONE)
        self._more_loops = asyncio.Event()
        self._progress: dict[str, float] = {}
        self._without_until: dict[str, float] = {}

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
        """Have it made. Who waits for it orders again and again, or the order is withdrawn."""
        found = self.named(attachment)
        if found is None:
            return
        match attachment:
            case VoiceNote():
                self._notes.add(attachment)
            case GuidedTrack():
                self._tracks.add(attachment)
            case _:
                orders = self._loops if found.suffix == ".mp4" else self._stills
                if attachment not in orders:
                    self._ahead.ordered(attachment)
                orders.add(attachment)
                self._more_loops.set()

    def cover(self, attachment: Attachment) -> Path | None:
        """A track's picture, if it has one."""
        if not isinstance(attachment, GuidedTrack):
            return None
        return self._file(cover(self._library.routines[attachment.routine], attachment.tone))

    def progress(self, attachment: Attachment) -> float | None:
        """How much is done of a track that was ordered, from 0 to 1; None where it is not being made."""
        found = self.named(attachment)
        return self._progress.get(found.key, 0.0) if found and attachment in self._tracks else None

    def give_up(self, key: str) -> None:
        """Leave out what Telegram does not take."""
        self._leave_out(key, REFUSED_FOR)
        self._changed()

    async def run(self) -> None:
        """Make what is missing, until cancelled."""
        await self._shelf.tidy()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._shelf.stay_tidy())
            tasks.create_task(self._work(self._stills))
            tasks.create_task(self._make_loops())
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

    async def _work(self, orders: Orders) -> None:
        """In a process of its own: somebody waits already."""
        async with aclosing(Workshop(self._folder, 0, self._voice_file)) as workshop:
            while True:
                await orders.come()
                while attachment := orders.first():
                    await self._make(attachment, orders, workshop)

    async def _make_tracks(self) -> None:
        """In a process that ends after the last one, since a voice takes much memory."""
        while True:
            await self._tracks.come()
            async with aclosing(Workshop(self._folder, TRACK_COURTESY, self._voice_file)) as workshop:
                while attachment := self._tracks.first():
                    await self._make(attachment, self._tracks, workshop)

    async def _make_loops(self) -> None:
        """And whatever is ahead, in a process that ends after the last one."""
        while True:
            self._more_loops.clear()
            async with aclosing(Workshop(self._folder, COURTESY)) as workshop:
                while attachment := self._loops.first() or self._ahead.take():
                    await self._make(attachment, self._loops, workshop)
                    await asyncio.sleep(0)  # where all is made already, nothing above waits
            await self._more_loops.wait()

    async def _make(self, attachment: Attachment, orders: Orders, workshop: Workshop) -> None:
        found = self.named(attachment)
        if found and not self._file(found):
            await self._made(found, attachment, workshop)
            self._progress.pop(found.key, None)
        orders.done(attachment)
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
