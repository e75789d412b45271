"""Makes one attempt to send a message: chooses the connections, limits the wait, and classifies errors.

The result of each attempt affects how soon later messages may be sent. This module must not use the database,
and must not try a second time.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from telegram import Bot
from telegram import Message as SentMessage
from telegram.error import RetryAfter, TelegramError

from bot.clock import Clock
from bot.metrics import Metrics
from bot.transport.calls import answer_timeout, is_upload, method, send
from bot.transport.pacing import Pacing
from bot.transport.retry import asked_wait
from bot.transport.uploads import MediaFile
from bot.transport.verdict import NoAnswer, Verdict, judge
from bot.wording.messages import Message

CHAT_GOES_ON_AFTER = 2.0
"""If Telegram has not answered a new message after this many seconds of real time, the chat's next message
may be sent."""


class SendFailed(Exception):
    """The call failed with `error`. `verdict` says what to do with the message."""

    def __init__(self, verdict: Verdict, error: TelegramError) -> None:
        super().__init__(error.message)
        self.verdict = verdict
        self.error = error


class Sender:
    """Sends messages with the Bot API.

    `upload_bot` is the same bot as `bot`, but has its own connections, which are used for uploads.
    """

    def __init__(self, bot: Bot, upload_bot: Bot, pacing: Pacing, real_time: Clock, metrics: Metrics) -> None:
        self._bot = bot
        self._upload_bot = upload_bot
        self._pacing = pacing
        self._real_time = real_time
        self._metrics = metrics

    async def send(
        self, chat: int, message: Message, file: MediaFile | None, on_silence: Callable[[], None]
    ) -> SentMessage | bool:
        """Send or edit the message, and return Telegram's answer.

        `on_silence` is called if Telegram takes longer than CHAT_GOES_ON_AFTER seconds to answer a new
        message. Raises SendFailed, and OSError if the file cannot be read.
        """
        try:
            sent = await self._answer(chat, message, file, on_silence)
        except TelegramError as error:
            self._metrics.called(method(message, file), error)
            verdict = judge(error, message, file)
            self._adjust_pace(chat, verdict, error)
            raise SendFailed(verdict, error) from error
        self._metrics.called(method(message, file))
        self._pacing.succeeded(chat)
        return sent

    async def _answer(
        self, chat: int, message: Message, file: MediaFile | None, on_silence: Callable[[], None]
    ) -> SentMessage | bool:
        """Send or edit the message, and return Telegram's answer.

        `on_silence` is not called for edits, because edits time out soon and are tried again. Raises
        TelegramError; if no answer arrives in time, this error is a NoAnswer.
        """
        bot, seconds_left = self._upload_bot if is_upload(file) else self._bot, answer_timeout(message, file)
        sending = asyncio.ensure_future(send(bot, chat, message, file))
        try:
            if message.edits is None and not await self._done_within(CHAT_GOES_ON_AFTER, sending):
                on_silence()
                seconds_left -= CHAT_GOES_ON_AFTER
            if not await self._done_within(seconds_left, sending):
                raise NoAnswer("no answer")
            return sending.result()
        finally:
            sending.cancel()

    async def _done_within(self, seconds: float, sending: asyncio.Future[SentMessage | bool]) -> bool:
        """Wait for the call, but at most `seconds` of real time. Return whether the call has ended."""
        sleeper = asyncio.ensure_future(self._real_time.sleep(seconds))
        either: set[asyncio.Future[Any]] = {sending, sleeper}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeper.cancel()
        return sending.done()

    def _adjust_pace(self, chat: int, verdict: Verdict, error: TelegramError) -> None:
        now = self._real_time.now()
        match verdict:
            case Verdict.CHAT_CLOSED | Verdict.MESSAGE_REFUSED:
                self._pacing.succeeded(chat)
            case Verdict.RATE_LIMITED if isinstance(error, RetryAfter):
                self._pacing.rate_limited(chat, asked_wait(error), now)
            case Verdict.RETRY | Verdict.RETRY_SLOWLY:
                self._pacing.failed(chat, now, slowly=verdict is Verdict.RETRY_SLOWLY)
            case _:
                pass  # the error concerns only this message
