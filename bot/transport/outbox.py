"""Sends the messages in the database: each chat's messages in order, and the most urgent chat first.

This module must not lose a message. If the coach crashes after sending a message but before recording that it
was sent, the message is sent twice. Answers to callback queries are not sent from here, because they cannot
wait.
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
"""How many seconds of real time pass before the outbox is read again, even if `wake` was not called."""


class Outbox:
    """Chooses the rows of the outbox that may be sent now, and starts their delivery.

    `real_time` is the clock for Telegram's rate limits, because they do not depend on the speed of the
    coach's clock.
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
        """Read the outbox again soon, because there may be a new message, or a file for a waiting message."""
        self._changed.set()
        self._progress.wake()

    async def run(self) -> None:
        """Send messages until cancelled."""
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
        """Return after how many seconds of real time the outbox should be read again.

        This is when the rate limits allow another message, but at most LOOK_EVERY.
        """
        wait, speed = self._pacing.next_change(self._real_time.now()), self._real_time.speed
        return min(LOOK_EVERY, wait / speed) if wait and speed else LOOK_EVERY

    async def _start_all(self) -> None:
        """Start sending all rows that may be sent now."""
        passed_over: set[int] = set()
        while rows := await self._heads(passed_over):
            passed_over |= {row.chat for row in rows if not self._start(row)}

    async def _heads(self, passed_over: set[int]) -> list[Row]:
        """Return the next row for each chat to which a message may be sent now.

        Chats in `passed_over` are left out. The number of rows is limited by the rate limits and by the
        number of sends that may run at once.
        """
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
        """Start sending the row.

        Return False if the row has to wait for another send, for the rate limits or for its file.
        """
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
        """Return the file to send with the message; None if no file is available now.

        A new message with text must not wait for an upload, so it is sent only with a file that Telegram
        already has.
        """
        may_upload = message.may_be_overtaken or message.is_audio or message.edits is not None
        return self._uploads.available(message.attachment, may_upload=may_upload, or_still=not message.still)

    def _waits_for_file(self, chat: int, message: Message) -> bool:
        """Return whether the message must not be sent without its file.

        If the file is a guided track, also show in the chat how much of the track has been made.
        """
        if isinstance(message.attachment, GuidedTrack):
            self._progress.show(chat, message.attachment)
        return message.is_audio or message.adds

    async def _deliver(self, row: Row, file: MediaFile | None) -> None:
        try:
            note = await self._delivery.attempt(row, file, on_silence=partial(self._go_on, row))
            if note:
                await until_available(note)  # so that the message is not sent again
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
        """Let the chat's next message be sent while the send of this row waits for Telegram's answer."""
        if self._lanes.detach(row):
            self._unanswered.start_wait(row)
            self._changed.set()
