"""Committed messages -> Telegram, each chat's in order, none lost.

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
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.backoff import backoff
from bot.clock import Clock, happens
from bot.coach import Coach
from bot.messages import Keyboard, Message
from bot.store import Row, Store, StoreUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is looked at even if nobody said it has grown."""
AT_ONCE = 50
"""Chats sent to at the same time."""


class Outbox:
    """Sends what the store holds, for the coach.

    `clock` judges what is late, `real_time` paces the retries: Telegram's waits are real ones,
    whatever the coach's speed.
    """

    def __init__(self, store: Store, bot: Bot, coach: Coach, clock: Clock, real_time: Clock) -> None:
        self._store = store
        self._bot = bot
        self._clock = clock
        self._coach = coach
        self._real_time = real_time
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._grown.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._grown.clear()
                await self._look()
                await happens(self._grown, within=LOOK_EVERY)
        finally:
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def _look(self) -> None:
        room = AT_ONCE - len(self._sending)
        if room <= 0:
            return
        try:
            rows = await self._store.heads(list(self._sending), limit=room)
        except StoreUnavailable as error:
            log.warning("the outbox cannot be read: %s; trying again in %.0f s", error, LOOK_EVERY)
            return
        for row in rows:
            self._sending[row.chat] = asyncio.create_task(self._deliver(row))

    async def _deliver(self, row: Row) -> None:
        try:
            await self._noted(await self._settle(row))
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            await asyncio.sleep(LOOK_EVERY)
        finally:
            del self._sending[row.chat]
            self._grown.set()

    async def _noted(self, note: Callable[[], Awaitable[None]]) -> None:
        """Until the store has it: what Telegram took is not sent again while we live."""
        tries = 0
        while True:
            try:
                return await note()
            except StoreUnavailable as error:
                log.warning("%s; trying again in %.1f s", error, backoff(tries))
                await asyncio.sleep(backoff(tries))
                tries += 1

    async def _settle(self, row: Row) -> Callable[[], Awaitable[None]]:
        """Try until Telegram has taken or refused the row, or it is too late; returns what to note of it."""
        message, tries = row.message, 0
        if message is None:
            log.error("a message to chat %s cannot be read, and is dropped", row.chat)
            return partial(self._store.dropped, row)
        while not self._late(message):
            try:
                message_id = await self._send(row.chat, message)
            except Forbidden as error:
                log.info("chat %s is closed to us (%s); its session ends", row.chat, error.message)
                return partial(self._close, row.chat)
            except BadRequest as error:
                _log_refusal(row.chat, message, error)
                return partial(self._store.dropped, row)
            except TelegramError as error:
                log.warning("no message to chat %s yet (%s); trying again", row.chat, error.message)
                await self._real_time.sleep(backoff(tries, error))
                tries += 1
            else:
                return partial(self._store.sent, row, message_id)
        return partial(self._too_late, row, message)

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


def _log_refusal(chat: int, message: Message, error: TelegramError) -> None:
    if "message is not modified" in error.message.lower():
        return
    what = "an edit" if message.edits else "a message"
    log.warning("Telegram refused %s to chat %s: %s", what, chat, error.message)
