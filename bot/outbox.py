"""Committed messages -> Telegram: each chat's in order, the most urgent chat first, none lost.

A row leaves the outbox only once Telegram has taken or refused it, so a crash in between may repeat one
message and loses none. Callback answers do not come through here: they cannot wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram import Message as Sent
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.backoff import backoff
from bot.clock import Clock, happens
from bot.coach import Coach
from bot.messages import Keyboard, Message
from bot.metrics import Metrics
from bot.pacing import Pacing
from bot.store import Row, Store, StoreUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is looked at even if nobody said it has grown."""
AT_ONCE = 16
"""Chats sent to at the same time: enough for 30 a second even if Telegram takes half a second for each."""

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
        pacing: Pacing,
        clock: Clock,
        real_time: Clock,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._bot = bot
        self._coach = coach
        self._pacing = pacing
        self._clock = clock
        self._real_time = real_time
        self._metrics = metrics
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._grown.set()

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
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

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
        """Start on the row, unless the rates say that it must wait."""
        now, edit = self._real_time.now(), row.message is not None and row.message.edits is not None
        if not self._is_moot(row):
            if self._pacing.wait(row.chat, now, edit=edit, cosmetic=row.is_cosmetic):
                return False
            self._pacing.spend(row.chat, now, edit=edit)
        self._sending[row.chat] = asyncio.create_task(self._deliver(row))
        return True

    def _is_moot(self, row: Row) -> bool:
        """Whether there is nothing to send: it cannot be read, or came too late."""
        return row.message is None or self._late(row.message)

    async def _deliver(self, row: Row) -> None:
        try:
            note = await self._settle(row)
            if note:
                await self._noted(note)
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            self._pacing.failed(row.chat, self._real_time.now())
        finally:
            del self._sending[row.chat]
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

    async def _settle(self, row: Row) -> Note | None:
        """Try once; returns what to note of the row, None if it is to be tried again in its time."""
        message = row.message
        if message is None:
            log.error("a message to chat %s cannot be read, and is dropped", row.chat)
            return partial(self._store.dropped, row)
        if self._late(message):
            return partial(self._too_late, row, message)
        try:
            message_id = await self._send(row.chat, message)
        except TelegramError as error:
            self._metrics.called(_method(message), error)
            return self._refused(row, message, error)
        self._metrics.called(_method(message))
        self._pacing.went_through(row.chat)
        return partial(self._store.sent, row, message_id, self._clock.now())

    def _refused(self, row: Row, message: Message, error: TelegramError) -> Note | None:
        """A closed chat ends its session, a bad request is dropped, all else is tried again."""
        now = self._real_time.now()
        match error:
            case Forbidden():
                log.info("chat %s is closed to us (%s); its session ends", row.chat, error.message)
                self._pacing.went_through(row.chat)
                return partial(self._close, row.chat)
            case BadRequest():
                _log_refusal(row.chat, message, error)
                self._pacing.went_through(row.chat)
                return partial(self._store.dropped, row)
            case RetryAfter():
                log.warning("Telegram asks to wait before another message to chat %s", row.chat)
                self._pacing.refused(row.chat, backoff(0, error), now)
            case _:
                log.warning("no message to chat %s yet (%s); trying again", row.chat, error.message)
                self._pacing.failed(row.chat, now)
        return None

    def _late(self, message: Message) -> bool:
        return message.use_by is not None and self._clock.now() > message.use_by

    async def _too_late(self, row: Row, message: Message) -> None:
        """A cue is dropped; a part takes its massage back, which clears what else was waiting."""
        log.warning("a message to chat %s came too late to be of use", row.chat)
        if message.part:
            await self._coach.undelivered(row.chat, *message.part)
        await self._store.dropped(row)

    async def _close(self, chat: int) -> None:
        await self._coach.blocked(chat)
        await self._store.dropped_all(chat)

    async def _send(self, chat: int, message: Message) -> int | None:
        """Send or edit; the message_id, or None where Telegram tells of none."""
        markup = _markup(message.keyboard)
        if message.edits is None:
            sent: Sent | bool = await self._bot.send_message(
                chat,
                message.text or "",
                parse_mode=ParseMode.HTML,
                reply_markup=markup,
                disable_notification=message.silent,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        elif message.text is None:
            sent = await self._bot.edit_message_reply_markup(chat, message.edits, reply_markup=markup)
        else:
            sent = await self._bot.edit_message_text(
                message.text, chat, message.edits, parse_mode=ParseMode.HTML, reply_markup=markup
            )
        return sent.message_id if isinstance(sent, Sent) else None


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.text, callback_data=b.data, style=b.style) for b in row] for row in keyboard]
    )


def _method(message: Message) -> str:
    """The Bot API's, by which the message goes out."""
    if message.edits is None:
        return "sendMessage"
    return "editMessageReplyMarkup" if message.text is None else "editMessageText"


def _log_refusal(chat: int, message: Message, error: TelegramError) -> None:
    if "message is not modified" not in error.message.lower():
        log.warning("Telegram refused %s to chat %s: %s", _method(message), chat, error.message)
