"""Delivers single rows of the outbox, which is the database's table of messages to send.

A delivery tries to send the row's message, and decides what happens to the row.

A row is deleted only after Telegram has accepted or refused its message, or when the message is no longer
worth sending. This module must not choose which row is sent next.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from telegram import Message as SentMessage

from bot.clock import Clock
from bot.coach import Coach
from bot.storage.store import Row, Store
from bot.transport.calls import SEND_TIMEOUT, file_id, method
from bot.transport.sender import Sender, SendFailed
from bot.transport.unanswered import AfterTimeout, Unanswered
from bot.transport.uploads import MediaFile, Uploads
from bot.transport.verdict import Verdict, is_refusal
from bot.wording.attachments import GuidedTrack
from bot.wording.messages import Message

log = logging.getLogger(__name__)

Note = Callable[[], Awaitable[None]]
"""A function that records the result of an attempt in the database. It can safely be called again after
StoreUnavailable."""


class Delivery:
    """Tries to send rows of the outbox. `clock` is the coach's clock: its time decides what is too late."""

    def __init__(
        self,
        store: Store,
        coach: Coach,
        sender: Sender,
        uploads: Uploads,
        unanswered: Unanswered,
        clock: Clock,
    ) -> None:
        self._store = store
        self._coach = coach
        self._sender = sender
        self._uploads = uploads
        self._clock = clock
        self.unanswered = unanswered

    def is_moot(self, message: Message) -> bool:
        """Return whether to drop the message: it is too late, or needs an attachment that cannot be made."""
        return self._is_late(message) or self._is_hopeless(message)

    async def attempt(self, row: Row, file: MediaFile | None, on_silence: Callable[[], None]) -> Note | None:
        """Try once to send the row's message, and return the function that records the result.

        Return None if the message has to be sent again later. `on_silence` is called if Telegram is slow to
        answer a new message, so that the chat's next message can be sent meanwhile.
        """
        message = row.message
        if message is None:
            log.error("a message to chat %s cannot be read, and is dropped", row.chat)
            return partial(self._store.dropped, row)
        if self.is_moot(message):
            return partial(self._give_up, row, message)
        if self.unanswered.is_overtaken(row):
            return partial(self._store.dropped, row)
        try:
            sent = await self._sender.send(row.chat, message, file, on_silence)
        except OSError as error:
            if file is None:
                raise
            log.error("%s cannot be read, and is left out: %s", file.content, error.strerror)
            self._uploads.unreadable(file)
            return None
        except SendFailed as failure:
            if file:
                await self._file_failed(file, failure)
            return self._failed(row, message, file, failure)
        return await self._sent(row, message, file, sent)

    async def _sent(
        self, row: Row, message: Message, file: MediaFile | None, sent: SentMessage | bool
    ) -> Note:
        if file:
            await self._uploads.accepted(file, file_id(sent))
        overtaken = self.unanswered.overtake(row)
        message_id = sent.message_id if isinstance(sent, SentMessage) else None
        still = file is not None and file.stands_in
        alone = (file is None or still) and self._uploads.is_expected(message.attachment, or_still=not still)
        now = self._clock.now()
        return partial(self._store.sent, row, message_id, now, alone=alone, still=still, overtaken=overtaken)

    async def _file_failed(self, file: MediaFile, failure: SendFailed) -> None:
        if failure.verdict is Verdict.FILE_REFUSED:
            await self._uploads.refused(file, failure.error.message)
        elif not is_refusal(failure.error):
            self._uploads.failed(file)

    def _failed(self, row: Row, message: Message, file: MediaFile | None, failure: SendFailed) -> Note | None:
        chat, reason = row.chat, failure.error.message
        match failure.verdict:
            case Verdict.FILE_REFUSED:
                return None
            case Verdict.ATTACHMENT_FAILED:
                return partial(self._store.uncertain, row, self._clock.now()) if message.edits else None
            case Verdict.UNANSWERED:
                return self._timed_out(row, message)
            case Verdict.CHAT_CLOSED:
                log.info("chat %s is closed to us (%s); its session ends", chat, reason)
                return partial(self._close, chat)
            case Verdict.MESSAGE_REFUSED:
                if "message is not modified" not in reason.lower():
                    log.warning("Telegram refused %s to chat %s: %s", method(message, file), chat, reason)
                return partial(self._lose, row, message)
            case Verdict.RATE_LIMITED:
                log.warning("Telegram asks to wait before another message to chat %s", chat)
            case Verdict.RETRY | Verdict.RETRY_SLOWLY:
                log.warning("no message to chat %s yet (%s); trying again", chat, reason)
        return None

    def _timed_out(self, row: Row, message: Message) -> Note | None:
        match self.unanswered.timed_out(row):
            case AfterTimeout.DROP:
                return partial(self._store.dropped, row)
            case AfterTimeout.GIVE_UP:
                return partial(self._give_up, row, message)
            case AfterTimeout.RETRY_LATER:
                log.warning(
                    "no answer to a message to chat %s in %.0f s; trying again later", row.chat, SEND_TIMEOUT
                )
                return None

    def _is_late(self, message: Message) -> bool:
        return message.use_by is not None and self._clock.now() > message.use_by

    def _is_hopeless(self, message: Message) -> bool:
        is_expected = self._uploads.is_expected(message.attachment, or_still=not message.still)
        return (message.adds or message.is_audio) and not is_expected

    async def _give_up(self, row: Row, message: Message) -> None:
        if not message.adds:
            log.warning("a message to chat %s came too late, or cannot be made", row.chat)
        await self._lose(row, message)

    async def _lose(self, row: Row, message: Message) -> None:
        """Drop a message that will never be sent, and inform the coach.

        If the message announced the start of a part of a step, the massage goes back to that part, and the
        chat's other messages are dropped too. If the message was a guided track, the coach writes to the chat
        that the track could not be made or sent.
        """
        if message.part:
            await self._coach.undelivered(row.chat, *message.part)
        if isinstance(message.attachment, GuidedTrack):
            await self._coach.track_failed(row.chat)
        await self._store.dropped(row)

    async def _close(self, chat: int) -> None:
        await self._coach.blocked(chat)
        await self._store.delete_messages(chat)
