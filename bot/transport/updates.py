"""Telegram's updates -> the coach, each chat's in order, each confirmed only once it is dealt with.

python-telegram-bot's own Updater confirms updates before they are handled, so a crash would lose them.
Here the next `getUpdates`, which is what confirms, is asked only after all handlers have returned; and a
webhook is answered only then. Either way updates are read one by one, and nothing of what people write, nor
their names, is logged. A person's flood is dropped before it reaches the database.
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
from bot.coach import Coach, Commanded, Incoming, Tapped, Wrote
from bot.metrics import Metrics
from bot.transport import payloads as shape
from bot.transport.pacing import Buckets, Rate
from bot.transport.retry import patiently

log = logging.getLogger(__name__)

ALLOWED = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
LONG_POLL = 50
"""Seconds that Telegram holds an empty getUpdates, at most."""

UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, OSError)
"""What python-telegram-bot raises over an update that it does not expect."""

PERSON_BURST = 10.0
"""Seconds' worth of taps and messages that one person may send at once: 10 at 1/s."""
CROWD = 10.0
"""Messages of all people together, beyond the first of each, taken in at once and in each second (at 1/s a
person): the answers to more would hold up everybody's."""
PAIN = Rate(0.2, 1)
"""Words of pain taken from a person even in the middle of a flood: the first of them pauses the massage."""
READ = Rate(5.0, 10)
"""Messages of all floods together that are read for words of pain: meanwhile everybody waits."""
FLOODED_TAPS = Rate(10.0, 20)
"""Taps of all floods together that are answered, so that no button spins under a hasty finger."""
GROUPS = Rate(0.2, 2)
"""Replies to commands in groups, in all of them together: one is enough to be understood."""
ANSWERS_AT_ONCE = 16
"""Taps answered side by side: the HTTP client's own queue takes time by the square of what waits in it."""
ANSWER_TRIES = 4
"""A tap spins for some 15 s at most, and tries come quickly one after the other."""

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]


class ChatOrder(BaseUpdateProcessor):
    """Lets chats run side by side, and one chat's updates only one after the other."""

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=256)
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        lock = self._locks.setdefault(chat.id if chat else 0, asyncio.Lock())
        try:
            async with lock:
                await coroutine
        finally:
            if isinstance(coroutine, Coroutine):
                coroutine.close()  # it has not begun if we were cancelled while waiting for the lock

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to take down."""


class Guard:
    """Lets a person through a few times a second, and words of pain a few times more.

    Whoever sends more gets nothing through until they pause for as long as one message takes: what a flood
    costs is then next to nothing, however many people send it.
    """

    def __init__(self, per_second: float) -> None:
        self._rate = Rate(per_second, max(1.0, per_second * PERSON_BURST))
        self._people = Buckets(self._rate)
        self._bursts = Buckets(Rate(per_second * CROWD, max(1.0, per_second * CROWD)))
        self._pain = Buckets(PAIN)
        self._read = Buckets(READ)
        self._taps = Buckets(FLOODED_TAPS)

    def admits(self, person: int, now: float) -> bool:
        """Count it, and say whether it is to be taken in."""
        is_first = self._people.tokens(person, now) >= self._rate.burst
        if not self._people.wait(person, now) and (is_first or self._bursts.try_take(0, now)):
            self._people.take(person, now)
            return True
        self._people.drain(person, now)
        return False

    def admits_pain(self, person: int, now: float) -> bool:
        """Count words of pain among what is too many, and say whether they are to be taken in."""
        return self._pain.try_take(person, now)

    def may_be_read(self, now: float) -> bool:
        """Count a message that is one too many, and say whether it is to be read for words of pain."""
        return self._read.try_take(0, now)

    def is_answered(self, now: float) -> bool:
        """Count a tap that is one too many, and say whether it is to be answered."""
        return self._taps.try_take(0, now)


class Updates:
    """Registers the handlers with `application`, and feeds it from Telegram; ends with its block.

    `long_poll` is the way to Telegram on which getUpdates may wait.
    """

    def __init__(
        self,
        application: App,
        long_poll: BaseRequest,
        coach: Coach,
        guard: Guard,
        real_time: Clock,
        metrics: Metrics,
    ) -> None:
        self._application = application
        self._long_poll = long_poll
        self._coach = coach
        self._guard = guard
        self._groups = Buckets(GROUPS)
        self._answering = asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._real_time = real_time
        self._metrics = metrics
        self._beside: set[asyncio.Task[object]] = set()
        private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
        application.add_handlers(
            [
                CallbackQueryHandler(self._tap),
                ChatMemberHandler(self._membership, ChatMemberHandler.MY_CHAT_MEMBER),
                MessageHandler(private & ~filters.StatusUpdate.ALL, self._message),
                MessageHandler(filters.ChatType.GROUPS & filters.COMMAND, self._group),
            ]
        )
        application.add_error_handler(_log_error)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def poll(self) -> None:
        """Fetch and handle updates until cancelled. Raises InvalidToken for a token that was revoked."""
        offset = 0
        while True:
            batch = await patiently("fetch updates", partial(self._fetched, offset), self._real_time)
            self._metrics.heard()
            await asyncio.gather(*map(self.receive, batch))
            offset = int(batch[-1]["update_id"]) + 1 if batch else offset

    async def _fetched(self, offset: int) -> list[dict[str, Any]]:
        """The next updates as Telegram says them; all before `offset` are confirmed.

        Not by `Bot.get_updates`: it reads a whole batch or nothing of it, and logs what it cannot read.
        """
        wanted = {"offset": offset, "timeout": LONG_POLL, "allowed_updates": json.dumps(ALLOWED)}
        url = f"{self._application.bot.base_url}/getUpdates?{urlencode(wanted)}"
        return cast(list[dict[str, Any]], await self._long_poll.post(url))

    async def receive(self, said: Mapping[str, Any]) -> None:
        """Handle one update as Telegram says it; returns once it is dealt with, or given up as unreadable."""
        self._metrics.heard()
        try:
            shape.Update.model_validate(said)
            wanted = {kind: said[kind] for kind in ("update_id", *ALLOWED) if kind in said}
            update = Update.de_json(wanted, self._application.bot)
        except UNREADABLE as error:
            name = type(error).__name__  # and not what it says, which may be what somebody wrote
            log.warning("update %s cannot be read (%s), and is given up", said["update_id"], name)
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
        if query and self._guard.is_answered(self._real_time.now()):
            self._do_beside(self._answered(query.answer))

    def _is_admitted(self, update: Update) -> bool:
        """Whether it is not one too many of the same person, or of the same group; or words of pain."""
        who, now = update.effective_chat or update.effective_user, self._real_time.now()
        if who is None or self._guard.admits(who.id, now):
            return True
        words = _words(update.message) if update.message else Wrote("")
        return self._is_pain(words, now) and self._guard.admits_pain(who.id, now)

    def _is_pain(self, words: Wrote, now: float) -> bool:
        """Unmistakable words are always found; others only while there is time to read what is too many."""
        if self._coach.is_cry(words):
            return True
        return bool(words.text) and self._guard.may_be_read(now) and self._coach.is_pain(words)

    async def _message(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        if message is None or message.from_user is None or message.chat_id != message.from_user.id:
            return
        what = _command(message.text or "", context.bot.username) or _words(message)
        await self._coach.take(Incoming(message.chat_id, update.update_id, _name(message.from_user), what))

    async def _tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
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
            self._do_beside(self._answered(partial(query.answer, toast or None)))

    async def _membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        change = update.my_chat_member
        if change is None or change.chat.id != change.from_user.id:
            return
        if change.new_chat_member.status == ChatMember.BANNED:
            await self._coach.blocked(change.chat.id)

    async def _group(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.message
        command = _command(message.text or "", context.bot.username) if message else None
        if message is None or command is None or not command.name:
            return
        if self._groups.try_take(0, self._real_time.now()):
            line = f"I coach two people at a time, in private: https://t.me/{context.bot.username}"
            self._do_beside(_tried(partial(message.reply_text, line)))

    def _do_beside(self, call: Coroutine[Any, Any, object]) -> None:
        """A call to Telegram that nobody should wait for: a tap spins until it is answered."""
        task: asyncio.Task[object] = asyncio.create_task(call)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _answered(self, answer: Callable[[], Awaitable[object]]) -> None:
        async def in_turn() -> None:
            async with self._answering:
                await answer()

        self._metrics.called("answerCallbackQuery", await _tried(in_turn, ANSWER_TRIES))


async def _tried(call: Callable[[], Awaitable[object]], times: int = 1) -> TelegramError | None:
    """Call, and again soon while Telegram cannot be reached; None, or the error it ended with."""
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
    """The first name; half a pair of surrogates in it could not be stored."""
    return user.first_name.encode("utf-8", "replace").decode()


def _words(message: Message) -> Wrote:
    """What somebody writes under a photo can be a word of pain too."""
    return Wrote(message.text or message.caption or "")


def _command(text: str, username: str) -> Commanded | None:
    """The command at the start of the text, if it is one; nameless where it is addressed to another bot."""
    if not text.startswith("/"):
        return None
    name, _, addressee = text.split(maxsplit=1)[0][1:].partition("@")
    return Commanded(name.lower() if addressee.lower() in ("", username.lower()) else "")


async def _log_error(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    update_id = update.update_id if isinstance(update, Update) else "?"
    log.error("update %s could not be handled, and is given up", update_id, exc_info=context.error)
