"""Committed messages -> Telegram: each chat's in order, the most urgent chat first, none lost.

A row leaves the outbox only once Telegram has taken or refused it, so a crash in between may repeat one
message and loses none. Callback answers do not come through here: they cannot wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from telegram import Bot
from telegram import Message as Sent
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.attachments import GuidedTrack
from bot.backoff import backoff
from bot.clock import Clock, happens
from bot.coach import Coach
from bot.media import File, Media
from bot.messages import Message
from bot.metrics import Metrics
from bot.pacing import Pacing
from bot.progress import Progress
from bot.sending import file_id, is_about_file, method, send
from bot.store import Row, Store, StoreUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is looked at even if nobody said it has grown."""
AT_ONCE = 16
"""Chats sent to at the same time: enough for 30 a second even if Telegram takes half a second for each.
As many uploads may be under way beside them."""

Note = Callable[[], Awaitable[None]]
"""What the store has to know of a row."""


class Outbox:
    """Sends what the store holds, for the coach.

    `clock` judges what is late. `real_time` paces: Telegram's rates and waits are real ones, whatever the
    coach's speed.
    """

    def __init__(
        self,
        store: Store,
        bot: Bot,
        coach: Coach,
        media: Media,
        pacing: Pacing,
        clock: Clock,
        real_time: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._bot = bot
        self._coach = coach
        self._media = media
        self._pacing = pacing
        self._clock = clock
        self._real_time = real_time
        self._metrics = metrics
        self._progress = Progress(bot, media, pacing, real_time)
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._beside: dict[int, asyncio.Task[None]] = {}
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
            tasks = [*self._sending.values(), *self._beside.values()]
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
        while room := min(AT_ONCE - len(self._sending), self._pacing.room(self._real_time.now())):
            rows = await self._heads(passed_over, room)
            if not rows:
                return
            passed_over |= {row.chat for row in rows if not self._started(row)}

    async def _heads(self, passed_over: set[int], limit: int) -> list[Row]:
        now = self._real_time.now()
        busy = passed_over | self._sending.keys() | self._pacing.blocked(now)
        try:
            return await self._store.heads(busy, limit, cosmetic=self._pacing.has_leisure(now))
        except StoreUnavailable as error:
            log.warning("the outbox cannot be read: %s; trying again in %.0f s", error, LOOK_EVERY)
            return []

    def _started(self, row: Row) -> bool:
        """Start on the row, unless the rates say that it must wait, or what goes beside has no room."""
        now, message = self._real_time.now(), row.message
        lane = self._lane(row)
        if row.chat in lane or len(lane) >= AT_ONCE:
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
                await self._noted(note)
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            self._pacing.failed(row.chat, self._real_time.now())
        finally:
            if file:
                self._media.ended(file)
            del self._lane(row)[row.chat]
            self._grown.set()

    async def _noted(self, note: Note) -> None:
        """Until the store has it: what Telegram took is not sent again while we live."""
        tries = 0
        while True:
            try:
                return await note()
            except StoreUnavailable as error:
                log.warning("%s; trying again in %.1f s", error, backoff(tries))
                await asyncio.sleep(backoff(tries))
                tries += 1

    async def _settle(self, row: Row, file: File | None) -> Note | None:
        """Try once; returns what to note of the row, None if it is to be tried again in its time."""
        message = row.message
        if message is None:
            log.error("a message to chat %s cannot be read, and is dropped", row.chat)
            return partial(self._store.dropped, row)
        if self._is_moot(message):
            return partial(self._given_up, row, message)
        try:
            sent = await send(self._bot, row.chat, message, file)
        except OSError as error:
            if file is None:
                raise
            log.error("%s cannot be read, and is left out: %s", file.content, error.strerror)
            self._media.unreadable(file)
            return None
        except TelegramError as error:
            self._metrics.called(method(message, file), error)
            if file and is_about_file(error):
                await self._media.refused(file, error.message)
                return None
            if file and not isinstance(error, BadRequest | Forbidden | RetryAfter):
                self._media.failed(file)
                if message.is_beside:
                    return None  # nothing else to the chat need wait for it
            return self._refused(row, message, file, error)
        self._metrics.called(method(message, file))
        self._pacing.went_through(row.chat)
        if file:
            await self._media.taken(file, file_id(sent))
        message_id = sent.message_id if isinstance(sent, Sent) else None
        still = file is not None and file.stands_in
        alone = (file is None or still) and self._media.is_coming(message.attachment, still=not still)
        return partial(self._store.sent, row, message_id, self._clock.now(), alone=alone, still=still)

    def _refused(self, row: Row, message: Message, file: File | None, error: TelegramError) -> Note | None:
        """A closed chat ends its session, a bad request is dropped, all else is tried again."""
        now = self._real_time.now()
        match error:
            case Forbidden():
                log.info("chat %s is closed to us (%s); its session ends", row.chat, error.message)
                self._pacing.went_through(row.chat)
                return partial(self._close, row.chat)
            case BadRequest():
                _log_refusal(row.chat, message, file, error)
                self._pacing.went_through(row.chat)
                return partial(self._lost, row, message)
            case RetryAfter():
                log.warning("Telegram asks to wait before another message to chat %s", row.chat)
                self._pacing.refused(row.chat, backoff(0, error), now)
            case _:
                log.warning("no message to chat %s yet (%s); trying again", row.chat, error.message)
                self._pacing.failed(row.chat, now)
        return None

    def _late(self, message: Message) -> bool:
        return message.use_by is not None and self._clock.now() > message.use_by

    async def _given_up(self, row: Row, message: Message) -> None:
        """A cue or a note is dropped; a part takes its massage back, which clears what else was waiting."""
        if not message.adds:
            log.warning("a message to chat %s came too late, or cannot be made", row.chat)
        if message.part:
            await self._coach.undelivered(row.chat, *message.part)
        await self._lost(row, message)

    async def _lost(self, row: Row, message: Message) -> None:
        """It will not be sent; whoever waits for a track is told so."""
        if isinstance(message.attachment, GuidedTrack):
            await self._coach.untracked(row.chat)
        await self._store.dropped(row)

    async def _close(self, chat: int) -> None:
        await self._coach.blocked(chat)
        await self._store.dropped_all(chat)


def _log_refusal(chat: int, message: Message, file: File | None, error: TelegramError) -> None:
    if "message is not modified" not in error.message.lower():
        log.warning("Telegram refused %s to chat %s: %s", method(message, file), chat, error.message)
