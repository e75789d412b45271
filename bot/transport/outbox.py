"""Committed messages -> Telegram: each chat's in order, the most urgent chat first, none lost.

A row leaves the outbox only once Telegram has taken or refused it, so a crash in between may repeat one
message and loses none. A send that is not answered may have been taken: it is tried again late, a few times
at most, and not once the chat has had something newer. Callback answers do not come through here: they
cannot wait.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Bot
from telegram import Message as Sent
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError, TimedOut

from bot.clock import Clock, happens
from bot.coach import Coach
from bot.metrics import Metrics
from bot.storage.errors import StoreUnavailable
from bot.storage.policy import Rank
from bot.storage.retry import until_available
from bot.storage.store import Row, Store
from bot.transport.pacing import Pacing
from bot.transport.progress import Progress
from bot.transport.retry import asked_wait
from bot.transport.sending import (
    SLOW,
    file_id,
    is_about_file,
    is_gone,
    is_upload,
    may_be_taken,
    method,
    patience,
    send,
)
from bot.transport.uploads import File, Media
from bot.wording.attachments import GuidedTrack
from bot.wording.messages import Message

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is looked at even if nobody said it has grown."""
AT_ONCE = 16
"""Chats sent to at the same time: enough for 30 a second even if Telegram takes half a second for each.
As many uploads may be under way beside them."""
URGENT_AT_ONCE = 16
"""Chats beside those that can be sent what is urgent: pain waits behind no send that hangs."""
UNANSWERED_AT_ONCE = 128
"""Sends that may wait for their answer while their chats go on."""
GO_ON_AFTER = 2.0
"""Real seconds without an answer after which a chat's next message goes out."""
AGAIN_AFTER = 30.0
"""Real seconds from giving up on an answer to the next try, twice as many before the one after that."""
MOST_TRIES = 3
"""How often a message is sent that is never answered."""

Note = Callable[[], Awaitable[None]]
"""What the store has to know of a row."""


class NoAnswer(TimedOut):
    """Telegram said nothing in time: it may have done what it was asked to, or not."""


@dataclass(slots=True)
class Unanswered:
    """A row that Telegram may have taken without saying so.

    `again_at` is when it may be tried again, on the real clock; while it is still waited for, never.
    `overtaken`: the chat has had something newer, after which a copy would only confuse.
    """

    row: Row
    tries: int = 0
    again_at: float = math.inf
    overtaken: bool = False


class Outbox:
    """Sends what the store holds, for the coach.

    `uploads` is the same bot with connections of its own. `clock` judges what is late. `real_time` paces:
    Telegram's rates and waits are real ones, whatever the coach's speed.
    """

    def __init__(
        self,
        store: Store,
        bot: Bot,
        uploads: Bot,
        coach: Coach,
        media: Media,
        pacing: Pacing,
        clock: Clock,
        real_time: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._bot = bot
        self._uploads = uploads
        self._coach = coach
        self._media = media
        self._pacing = pacing
        self._clock = clock
        self._real_time = real_time
        self._metrics = metrics
        self._progress = Progress(bot, media, pacing, real_time)
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._beside: dict[int, asyncio.Task[None]] = {}
        self._unanswered: dict[int, Unanswered] = {}
        self._waiting: set[asyncio.Task[None]] = set()
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._grown.set()
        self._progress.wake()

    async def run(self) -> None:
        """Until cancelled."""
        unsubscribe = self._real_time.on_change(self.wake)
        try:
            while True:
                self._grown.clear()
                await self._look()
                await happens(self._grown, within=self._until_next_look())
        finally:
            unsubscribe()
            tasks = [*self._sending.values(), *self._beside.values(), *self._waiting]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._progress.aclose()

    def _until_next_look(self) -> float:
        """Real seconds: until the rates let something through, or soon anyway."""
        wait, speed = self._pacing.next(self._real_time.now()), self._real_time.speed
        return min(LOOK_EVERY, wait / speed) if wait and speed else LOOK_EVERY

    async def _look(self) -> None:
        """Start sending all that may go now, to each chat one message at a time."""
        passed_over: set[int] = set()
        while rows := await self._heads(passed_over):
            passed_over |= {row.chat for row in rows if not self._started(row)}

    async def _heads(self, passed_over: set[int]) -> list[Row]:
        """What may go now, as far as there is room."""
        now = self._real_time.now()
        lanes, last = AT_ONCE - len(self._sending), Rank.ADDITION
        if lanes <= 0:
            lanes, last = lanes + URGENT_AT_ONCE, Rank.URGENT
        elif not self._pacing.has_leisure(now):
            last = Rank.REST
        limit = min(lanes, self._pacing.room(now))
        if limit <= 0:
            return []
        busy = passed_over | self._sending.keys() | self._pacing.blocked(now)
        resting = [row_id for row_id, unanswered in self._unanswered.items() if unanswered.again_at > now]
        try:
            return await self._store.heads(busy, limit, resting=resting, last=last)
        except StoreUnavailable:
            return []

    def _started(self, row: Row) -> bool:
        """Start on the row, unless the rates say that it must wait, or what goes beside has no room."""
        now, message = self._real_time.now(), row.message
        lane = self._lane(row)
        if row.chat in lane or len(lane) >= AT_ONCE + URGENT_AT_ONCE * (row.rank is Rank.URGENT):
            return False
        file = self._at_hand(message) if message else None
        if message and not self._is_moot(message):
            edit = message.edits is not None
            if self._pacing.wait(row.chat, now, edit=edit, cosmetic=row.is_cosmetic):
                return False
            if file is None and self._waits_for_file(row.chat, message):
                return False
            self._pacing.spend(row.chat, now, edit=edit)
            if file:
                self._media.begins(file)
        lane[row.chat] = asyncio.create_task(self._deliver(row, file))
        return True

    def _lane(self, row: Row) -> dict[int, asyncio.Task[None]]:
        """Where what is sent to a chat goes one after the other."""
        return self._beside if row.message and row.message.is_beside else self._sending

    def _at_hand(self, message: Message) -> File | None:
        """What goes with it: new words never wait for an upload."""
        upload = message.is_beside or message.is_heard or message.edits is not None
        return self._media.at_hand(message.attachment, upload=upload, still=not message.still)

    def _waits_for_file(self, chat: int, message: Message) -> bool:
        """Whether it does not go without what it carries, which is not at hand."""
        if isinstance(message.attachment, GuidedTrack):
            self._progress.show(chat, message.attachment)
        return message.is_heard or message.adds

    def _is_moot(self, message: Message) -> bool:
        """Whether there is nothing to send: it is too late, or what it is about will never be there."""
        return self._late(message) or self._is_hopeless(message)

    def _is_hopeless(self, message: Message) -> bool:
        is_coming = self._media.is_coming(message.attachment, still=not message.still)
        return (message.adds or message.is_heard) and not is_coming

    async def _deliver(self, row: Row, file: File | None) -> None:
        try:
            note = await self._settle(row, file)
            if note:
                await until_available(note)  # while we live, what Telegram took is not sent again
                self._unanswered.pop(row.id, None)
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            self._pacing.failed(row.chat, self._real_time.now())
        finally:
            if file:
                self._media.ended(file)
            self._leave(row)
            self._grown.set()

    def _leave(self, row: Row) -> None:
        """Its sending is over, whatever came of it."""
        lane, task = self._lane(row), asyncio.current_task()
        if lane.get(row.chat) is task:
            del lane[row.chat]
        elif task:
            self._waiting.discard(task)
        if (unanswered := self._unanswered.get(row.id)) and unanswered.again_at == math.inf:
            unanswered.again_at = 0.0

    async def _settle(self, row: Row, file: File | None) -> Note | None:
        """Try once; returns what to note of the row, None if it is to be tried again in its time."""
        message = row.message
        if message is None:
            log.error("a message to chat %s cannot be read, and is dropped", row.chat)
            return partial(self._store.dropped, row)
        if self._is_moot(message):
            return partial(self._given_up, row, message)
        if (again := self._unanswered.get(row.id)) and again.overtaken:
            return partial(self._store.dropped, row)
        try:
            sent = await self._answered(row, message, file)
        except OSError as error:
            if file is None:
                raise
            log.error("%s cannot be read, and is left out: %s", file.content, error.strerror)
            self._media.unreadable(file)
            return None
        except TelegramError as error:
            self._metrics.called(method(message, file), error)
            return await self._failed(row, message, file, error)
        self._metrics.called(method(message, file))
        self._pacing.went_through(row.chat)
        if file:
            await self._media.taken(file, file_id(sent))
        overtaken = self._overtaken(row)
        message_id = sent.message_id if isinstance(sent, Sent) else None
        still = file is not None and file.stands_in
        alone = (file is None or still) and self._media.is_coming(message.attachment, still=not still)
        now = self._clock.now()
        return partial(self._store.sent, row, message_id, now, alone=alone, still=still, overtaken=overtaken)

    async def _answered(self, row: Row, message: Message, file: File | None) -> Sent | bool:
        """What Telegram says to it. Raises TelegramError: NoAnswer if it says nothing in time.

        After a moment without an answer the chat goes on, unless it is an edit: those are soon tried again.
        """
        bot, most = self._uploads if is_upload(file) else self._bot, patience(message, file)
        sending = asyncio.ensure_future(send(bot, row.chat, message, file))
        try:
            if message.edits is None and not await self._done_within(GO_ON_AFTER, sending):
                self._go_on(row)
                most -= GO_ON_AFTER
            if not await self._done_within(most, sending):
                raise NoAnswer("no answer")
            return sending.result()
        finally:
            sending.cancel()

    async def _done_within(self, seconds: float, sending: asyncio.Future[Sent | bool]) -> bool:
        """Whether the call ends within so many real seconds."""
        sleeper = asyncio.ensure_future(self._real_time.sleep(seconds))
        either: set[asyncio.Future[Any]] = {sending, sleeper}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
        return sending.done()

    def _go_on(self, row: Row) -> None:
        """Let the chat's next message out while this one waits for its answer, if not too many do."""
        lane, task = self._lane(row), asyncio.current_task()
        if task is None or len(self._waiting) >= UNANSWERED_AT_ONCE:
            return
        self._waiting.add(task)
        del lane[row.chat]
        unanswered = self._unanswered.setdefault(row.id, Unanswered(row))
        unanswered.again_at = math.inf
        self._grown.set()

    def _overtaken(self, row: Row) -> list[int]:
        """What the chat had to wait for before this: a copy of it would only confuse."""
        if row.is_cosmetic:
            return []
        older = [u for u in self._unanswered.values() if u.row.chat == row.chat and u.row.id < row.id]
        for unanswered in older:
            unanswered.overtaken = True
        return [unanswered.row.id for unanswered in older]

    async def _failed(
        self, row: Row, message: Message, file: File | None, error: TelegramError
    ) -> Note | None:
        if file and is_about_file(error, file):
            await self._media.refused(file, error.message)
            return None
        if file and not isinstance(error, BadRequest | Forbidden | RetryAfter):
            self._media.failed(file)
            if message.is_beside:  # nothing else to the chat need wait for it
                return partial(self._store.uncertain, row, self._clock.now()) if message.edits else None
        return self._refused(row, message, file, error)

    def _refused(self, row: Row, message: Message, file: File | None, error: TelegramError) -> Note | None:
        """A closed chat ends its session, a bad request is dropped, all else is tried again."""
        now = self._real_time.now()
        match error:
            case NoAnswer() if message.edits is None:
                return self._wait_longer(row, message, now)
            case _ if is_gone(error):
                log.info("chat %s is closed to us (%s); its session ends", row.chat, error.message)
                self._pacing.went_through(row.chat)
                return partial(self._close, row.chat)
            case BadRequest():
                _log_refusal(row.chat, message, file, error)
                self._pacing.went_through(row.chat)
                return partial(self._lost, row, message)
            case RetryAfter():
                log.warning("Telegram asks to wait before another message to chat %s", row.chat)
                self._pacing.refused(row.chat, asked_wait(error), now)
            case _:
                log.warning("no message to chat %s yet (%s); trying again", row.chat, error.message)
                self._pacing.failed(row.chat, now, slowly=message.edits is None and may_be_taken(error))
        return None

    def _wait_longer(self, row: Row, message: Message, now: float) -> Note | None:
        """It may have been taken: a few more tries, with much time between them."""
        long_ago = now - SLOW
        self._unanswered = {i: other for i, other in self._unanswered.items() if other.again_at > long_ago}
        unanswered = self._unanswered.setdefault(row.id, Unanswered(row))
        unanswered.tries += 1
        if unanswered.overtaken:
            return partial(self._store.dropped, row)
        if unanswered.tries >= MOST_TRIES:
            return partial(self._given_up, row, message)
        unanswered.again_at = now + AGAIN_AFTER * 2 ** (unanswered.tries - 1)
        log.warning("no answer to a message to chat %s in %.0f s; trying again later", row.chat, SLOW)
        return None

    def _late(self, message: Message) -> bool:
        return message.use_by is not None and self._clock.now() > message.use_by

    async def _given_up(self, row: Row, message: Message) -> None:
        if not message.adds:
            log.warning("a message to chat %s came too late, or cannot be made", row.chat)
        await self._lost(row, message)

    async def _lost(self, row: Row, message: Message) -> None:
        """It will not be sent. A part takes its massage back, which clears what else was waiting; whoever
        waits for a track is told so.
        """
        if message.part:
            await self._coach.undelivered(row.chat, *message.part)
        if isinstance(message.attachment, GuidedTrack):
            await self._coach.untracked(row.chat)
        await self._store.dropped(row)

    async def _close(self, chat: int) -> None:
        await self._coach.blocked(chat)
        await self._store.dropped_all(chat)


def _log_refusal(chat: int, message: Message, file: File | None, error: TelegramError) -> None:
    if "message is not modified" not in error.message.lower():
        log.warning("Telegram refused %s to chat %s: %s", method(message, file), chat, error.message)
