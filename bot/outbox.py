"""Committed messages -> Telegram, each chat's in order, none lost.

A row leaves the outbox only once Telegram has taken or refused it, so a crash in between may repeat one
message and loses none. Callback answers do not come through here: they cannot wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram import Message as Sent
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.clock import Clock, happens
from bot.messages import Keyboard, Message
from bot.store import Row, Store, StoreUnavailable

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the outbox is looked at even if nobody said it has grown."""
AT_ONCE = 50
"""Chats sent to at the same time."""
BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between tries while Telegram stumbles; the last one again and again."""


class Outbox:
    """Sends what the store holds. `blocked(chat)` is called where the person has left.

    `clock` judges what is late, `wire` paces the retries: Telegram's waits are real ones, whatever
    the coach's speed.
    """

    def __init__(
        self, store: Store, bot: Bot, clock: Clock, wire: Clock, blocked: Callable[[int], Awaitable[None]]
    ) -> None:
        self._store = store
        self._bot = bot
        self._clock = clock
        self._wire = wire
        self._blocked = blocked
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
            log.warning("the outbox cannot be read (%s); trying again in %.0f s", error, LOOK_EVERY)
            return
        for row in rows:
            self._sending[row.chat] = asyncio.create_task(self._deliver(row))

    async def _deliver(self, row: Row) -> None:
        try:
            await self._until_settled(row)
        except StoreUnavailable as error:
            log.warning(
                "a message to chat %s could not be ticked off (%s); it may come twice", row.chat, error
            )
            await asyncio.sleep(LOOK_EVERY)
        except Exception:
            log.exception("a message to chat %s could not be sent; trying again", row.chat)
            await asyncio.sleep(LOOK_EVERY)
        finally:
            del self._sending[row.chat]
            self._grown.set()

    async def _until_settled(self, row: Row) -> None:
        """Try until Telegram has taken or refused the row."""
        tries = 0
        while not self._late(row.message):
            try:
                message_id = await self._send(row.chat, row.message)
            except RetryAfter as error:
                await self._wire.sleep(seconds_to_wait(error))
            except Forbidden as error:
                log.info("chat %s is closed to us (%s); its session ends", row.chat, error.message)
                await self._blocked(row.chat)
                return await self._store.dropped_all(row.chat)
            except BadRequest as error:
                _log_refusal(row, error)
                return await self._store.dropped(row)
            except NetworkError as error:
                log.warning("Telegram stumbled (%s); trying again", type(error).__name__)
                await self._wire.sleep(BACKOFF[min(tries, len(BACKOFF) - 1)])
            else:
                return await self._store.sent(row, message_id)
            tries += 1
        log.info("a message to chat %s came too late to be of use, and was dropped", row.chat)
        return await self._store.dropped(row)

    def _late(self, message: Message) -> bool:
        return message.use_by is not None and self._clock.now() > message.use_by

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


def seconds_to_wait(error: RetryAfter) -> float:
    """As a number, which python-telegram-bot may give as a timedelta."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()


def _log_refusal(row: Row, error: TelegramError) -> None:
    if "message is not modified" in error.message:
        return
    what = "an edit" if row.message.edits else "a message"
    log.warning("Telegram refused %s to chat %s: %s", what, row.chat, error.message)
