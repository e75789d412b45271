"""Reads Telegram's updates and hands them to the coach, each chat's in order.

An update must not be confirmed to Telegram before it is handled, because a crash in between would lose the
update. python-telegram-bot's own Updater confirms updates too early. Each call to `getUpdates` confirms the
updates that the previous call returned, so the next call is made only after those updates are handled. A
webhook call is also answered only after its update is handled. This module must not log what people write, or
their names.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Self, TypeAlias, cast
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from telegram import ChatMember, Message, Update, User
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import (
    Application,
    BaseUpdateProcessor,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.backoff import backoff
from bot.clock import Clock
from bot.coach import Coach
from bot.incoming import Commanded, Incoming, Tapped, Wrote
from bot.metrics import Metrics
from bot.transport import payloads
from bot.transport.flood import FloodGuard
from bot.transport.pacing import Buckets, Rate
from bot.transport.retry import with_retries

log = logging.getLogger(__name__)

ALLOWED_UPDATES = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
LONG_POLL_SECONDS = 50
"""Seconds for which Telegram may hold a getUpdates call open until there is an update."""

UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""The errors that python-telegram-bot raises for an update that has an unexpected form."""

GROUP_REPLY_RATE = Rate(0.2, 2)
"""How many commands in groups are answered, in all groups together: one every 5 s, and at most 2 at once. One
reply is enough to tell a group that the coach works only in private chats."""
MAX_CONCURRENT_TAP_ANSWERS = 16
"""How many taps are answered at the same time. More answers would wait in the HTTP client's queue, which
becomes very slow when it is long (its time is quadratic)."""
TAP_ANSWER_TRIES = 4
"""How many times the coach tries to answer a tap. The tries follow each other quickly, because a button stops
spinning after about 15 s."""
MAX_CONCURRENT_UPDATES = 256

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]


class PerChatProcessor(BaseUpdateProcessor):
    """Handles each chat's updates one after the other, and different chats' updates at the same time."""

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=MAX_CONCURRENT_UPDATES)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        lock = self._locks.setdefault(chat.id if chat else 0, asyncio.Lock())
        try:
            async with lock:
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # if cancelled while waiting for the lock, the coroutine was never started

    async def initialize(self) -> None:
        """Do nothing: there is nothing to set up."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""


class Updates:
    """The handlers of updates, which are registered with `application`.

    Use the object as an async context manager, which cancels its background tasks at the end. `long_poll` is
    the HTTP client for getUpdates. Its calls may wait for LONG_POLL_SECONDS.
    """

    def __init__(
        self,
        application: App,
        long_poll: BaseRequest,
        coach: Coach,
        guard: FloodGuard,
        real_time: Clock,
        metrics: Metrics,
    ) -> None:
        self._application = application
        self._long_poll = long_poll
        self._coach = coach
        self._guard = guard
        self._group_replies = Buckets(GROUP_REPLY_RATE)
        self._answer_slots = asyncio.Semaphore(MAX_CONCURRENT_TAP_ANSWERS)
        self._real_time = real_time
        self._metrics = metrics
        self._background: set[asyncio.Task[object]] = set()
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        application.add_handlers(
            [
                CallbackQueryHandler(self._on_tap),
                ChatMemberHandler(self._on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
                MessageHandler(private & ~filters.StatusUpdate.ALL, self._on_message),
                MessageHandler(filters.ChatType.GROUPS & filters.COMMAND, self._on_group_command),
            ]
        )
        application.add_error_handler(_log_error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def poll(self) -> None:
        """Fetch and handle updates until cancelled. Raises InvalidToken if the token was revoked."""
        offset = 0
        while True:
            batch = await with_retries("fetch updates", partial(self._fetch, offset), self._real_time)
            self._metrics.heard()
            await asyncio.gather(*map(self.receive, batch))
            offset = int(batch[-1]["update_id"]) + 1 if batch else offset

    async def _fetch(self, offset: int) -> list[dict[str, Any]]:
        """Return the next updates as JSON objects, and confirm all updates before `offset` to Telegram.

        `Bot.get_updates` is not used, because it drops and logs the whole batch if one update cannot be read.
        """
        wanted = {
            "offset": offset,
            "timeout": LONG_POLL_SECONDS,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        url = f"{self._application.bot.base_url}/getUpdates?{urlencode(wanted)}"
        return cast(list[dict[str, Any]], await self._long_poll.post(url))

    async def receive(self, payload: Mapping[str, Any]) -> None:
        """Handle one update, given as a JSON object.

        Return after the update is handled, or dropped because it cannot be read.
        """
        self._metrics.heard()
        try:
            payloads.Update.model_validate(payload)
            wanted = {field: payload[field] for field in ("update_id", *ALLOWED_UPDATES) if field in payload}
            update = Update.de_json(wanted, self._application.bot)
        except UNREADABLE as error:
            name = type(error).__name__  # the error's message may quote what somebody wrote
            log.warning("update %s cannot be read (%s), and is given up", payload["update_id"], name)
        else:
            await self._process(update)

    async def _process(self, update: Update) -> None:
        if self._is_admitted(update):
            self._metrics.came("handled")
            application = self._application
            await application.update_processor.process_update(update, application.process_update(update))
            return
        self._metrics.came("dropped")
        query = update.callback_query
        if query and self._guard.may_answer(self._real_time.now()):
            self._in_background(self._answer(query.answer))

    def _is_admitted(self, update: Update) -> bool:
        """Return whether to handle the update.

        From a person who sends too much, only reports of pain are handled.
        """
        who, now = update.effective_chat or update.effective_user, self._real_time.now()
        if who is None or self._guard.admits(who.id, now):
            return True
        words = _words(update.message) if update.message else Wrote("")
        return self._is_pain(words, now) and self._guard.admits_pain(who.id, now)

    def _is_pain(self, words: Wrote, now: float) -> bool:
        """Return whether the words report pain.

        Unmistakable reports of pain are always recognised. All other words are searched for a report of pain
        only as often as the flood guard allows, because the search is slow.
        """
        if self._coach.is_unmistakable_pain(words):
            return True
        return bool(words.text) and self._guard.may_read(now) and self._coach.is_pain(words)

    async def _on_message(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is None or message.from_user is None or message.chat_id != message.from_user.id:
            return
        what = _command(message.text or "", context.bot.username) or _words(message)
        await self._coach.take(Incoming(message.chat_id, update.update_id, _name(message.from_user), what))

    async def _on_tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        if query is None:
            return
        message, toast = query.message, ""
        try:
            if message and message.chat.id == query.from_user.id:
                what = Tapped(query.data or "", message.message_id)
                incoming = Incoming(message.chat.id, update.update_id, _name(query.from_user), what)
                toast = await self._coach.take(incoming)
        finally:
            self._in_background(self._answer(partial(query.answer, toast or None)))

    async def _on_membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        change = update.my_chat_member
        if change is None or change.chat.id != change.from_user.id:
            return
        if change.new_chat_member.status == ChatMember.BANNED:
            await self._coach.blocked(change.chat.id)

    async def _on_group_command(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        command = _command(message.text or "", context.bot.username) if message else None
        if message is None or command is None or not command.name:
            return
        if self._group_replies.try_take(0, self._real_time.now()):
            line = f"I coach two people at a time, in private: https://t.me/{context.bot.username}"
            self._in_background(_try_to(partial(message.reply_text, line)))

    def _in_background(self, call: Coroutine[Any, Any, object]) -> None:
        """Make a call to Telegram in the background, so that the chat's next update does not wait for it."""
        task: asyncio.Task[object] = asyncio.create_task(call)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _answer(self, answer: Callable[[], Awaitable[object]]) -> None:
        """Answer a tap, and count the result in the metrics."""

        async def in_turn() -> None:
            async with self._answer_slots:
                await answer()

        self._metrics.called("answerCallbackQuery", await _try_to(in_turn, TAP_ANSWER_TRIES))


async def _try_to(call: Callable[[], Awaitable[object]], times: int = 1) -> TelegramError | None:
    """Make the call. If Telegram cannot be reached, try again, up to `times` tries in all.

    Return None after a success, otherwise the error of the last try.
    """
    tries = 0
    while True:
        try:
            await call()
            return None
        except TelegramError as error:
            tries += 1
            if tries == times or isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                log.info("an answer did not arrive: %s", error.message)
                return error
        await asyncio.sleep(backoff(tries))


def _name(user: User) -> str:
    """Return the first name. Lone surrogates in it are replaced, because the database cannot store them."""
    return user.first_name.encode("utf-8", "replace").decode()


def _words(message: Message) -> Wrote:
    """Return what the person wrote: the text of a message, or its caption, which can report pain too."""
    return Wrote(message.text or message.caption or "")


def _command(text: str, username: str) -> Commanded | None:
    """Return the command that the text begins with; None if the text does not begin with a command.

    If the command is meant for another bot, the name in the result is empty.
    """
    if not text.startswith("/"):
        return None
    name, _, addressee = text.split(maxsplit=1)[0][1:].partition("@")
    return Commanded(name.lower() if addressee.lower() in ("", username.lower()) else "")


async def _log_error(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    update_id = update.update_id if isinstance(update, Update) else "?"
    log.error("update %s could not be handled, and is given up", update_id, exc_info=context.error)
