"""Send the committed messages: each chat's in order, the most urgent chat first.

Must never lose a message: after a crash between sending and recording, one message may come twice. Answers to
callback queries are not sent from here, because they cannot wait.
"""

import asyncio
import logging
from functools import partial

from bot.clock import Clock, happens
from bot.storage.errors import StoreUnavailable
from bot.storage.policy import Rank
from bot.storage.retry import until_available
from bot.storage.store import Row, Store
from bot.transport.delivery import Delivery
from bot.transport.lanes import Lanes
from bot.transport.pacing import Pacing
from bot.transport.progress import Progress
from bot.transport.uploads import MediaFile, Uploads
from bot.wording.attachments import GuidedTrack
from bot.wording.messages import Message

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is read again even if nobody called `wake`."""


class Outbox:
    """Picks the rows of the outbox that may be sent now, and has them delivered.

    `real_time` is the clock of Telegram's rate limits, which do not depend on the coach's speed.
    """

    def __init__(
        self,
        store: Store,
        delivery: Delivery,
        uploads: Uploads,
        progress: Progress,
        pacing: Pacing,
        real_time: Clock,
    ) -> None:
        self._store = store
        self._delivery = delivery
        self._unanswered = delivery.unanswered
        self._uploads = uploads
        self._progress = progress
        self._pacing = pacing
        self._real_time = real_time
        self._lanes = Lanes()
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Look soon: there may be something new to send, or a file that was waited for."""
        self._changed.set()
        self._progress.wake()

    async def run(self) -> None:
        """Send until cancelled."""
        unsubscribe = self._real_time.on_change(self.wake)
        try:
            while True:
                self._changed.clear()
                await self._start_all()
                await happens(self._changed, within=self._until_next_look())
        finally:
            unsubscribe()
            await self._lanes.aclose()
            await self._progress.aclose()

    def _until_next_look(self) -> float:
        """Return the real seconds until the rate limits allow more, at most LOOK_EVERY."""
        wait, speed = self._pacing.next_change(self._real_time.now()), self._real_time.speed
        return min(LOOK_EVERY, wait / speed) if wait and speed else LOOK_EVERY

    async def _start_all(self) -> None:
        """Start sending all rows that may be sent now."""
        passed_over: set[int] = set()
        while rows := await self._heads(passed_over):
            passed_over |= {row.chat for row in rows if not self._start(row)}

    async def _heads(self, passed_over: set[int]) -> list[Row]:
        """Return the first row of each chat that may be sent to now, at most as many as there is room for."""
        now = self._real_time.now()
        free, lowest = self._lanes.free()
        if not self._pacing.has_spare_capacity(now):
            lowest = min(lowest, Rank.IDLE)
        limit = min(free, self._pacing.room(now))
        if limit <= 0:
            return []
        busy = passed_over | self._lanes.busy | self._pacing.blocked(now)
        resting = self._unanswered.resting()
        try:
            return await self._store.heads(busy, limit, resting=resting, last=lowest)
        except StoreUnavailable:
            return []

    def _start(self, row: Row) -> bool:
        """Start sending the row. Return False if a lane, the rate limits or its file make it wait."""
        if not self._lanes.has_room(row):
            return False
        now, message, file = self._real_time.now(), row.message, None
        if message and not self._delivery.is_moot(message):
            file, edit = self._file_for(message), message.edits is not None
            if self._pacing.wait(row.chat, now, edit=edit, cosmetic=row.is_low_priority):
                return False
            if file is None and self._waits_for_file(row.chat, message):
                return False
            self._pacing.spend(row.chat, now, edit=edit)
            if file:
                self._uploads.begin(file)
        self._lanes.start(row, self._deliver(row, file))
        return True

    def _file_for(self, message: Message) -> MediaFile | None:
        """Return the file to send with the message, if there is one now.

        New text never waits for an upload: it takes only what Telegram has already.
        """
        may_upload = message.may_be_overtaken or message.is_audio or message.edits is not None
        return self._uploads.available(message.attachment, may_upload=may_upload, or_still=not message.still)

    def _waits_for_file(self, chat: int, message: Message) -> bool:
        """Return whether the message is not sent without its file; show how far a guided track is."""
        if isinstance(message.attachment, GuidedTrack):
            self._progress.show(chat, message.attachment)
        return message.is_audio or message.adds

    async def _deliver(self, row: Row, file: MediaFile | None) -> None:
        try:
            note = await self._delivery.attempt(row, file, on_silence=partial(self._go_on, row))
            if note:
                await until_available(note)  # what Telegram has taken is not sent again
                self._unanswered.forget(row)
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            self._pacing.failed(row.chat, self._real_time.now())
        finally:
            if file:
                self._uploads.end(file)
            self._lanes.leave(row)
            self._unanswered.end_wait(row)
            self._changed.set()

    def _go_on(self, row: Row) -> None:
        """Let the chat's next message out while the row's send waits for its answer."""
        if self._lanes.detach(row):
            self._unanswered.start_wait(row)
            self._changed.set()
