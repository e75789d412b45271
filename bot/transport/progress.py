"""Shows in a chat how much of a guided track has been made, in one message that is deleted at the end.

A guided track is an audio file of a whole massage. Progress is kept in memory only, so after a restart
another message may appear. This module must not delay or break anything else: if anything goes wrong, the
chat merely sees no progress.
"""

import asyncio
import logging

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.clock import Clock
from bot.transport.pacing import Pacing
from bot.transport.retry import asked_wait
from bot.transport.uploads import Uploads
from bot.wording.attachments import GuidedTrack
from bot.wording.render import track_progress_text

log = logging.getLogger(__name__)

STAGES = 4
"""The making of a track is divided into this many equal stages. The progress message is edited after each
stage except the last, after which the message is deleted."""


class Progress:
    """The progress messages of all chats that wait for a guided track."""

    def __init__(self, bot: Bot, uploads: Uploads, pacing: Pacing, real_time: Clock) -> None:
        self._bot = bot
        self._uploads = uploads
        self._pacing = pacing
        self._real_time = real_time
        self._shown: dict[int, asyncio.Task[None]] = {}
        self._given_up: dict[int, GuidedTrack] = {}
        self._changed = asyncio.Event()

    def show(self, chat: int, track: GuidedTrack) -> None:
        """Show the progress of the track, unless the chat already sees a progress message.

        Before calling this, check that the rate limits allow a message to the chat.
        """
        if chat in self._shown or self._given_up.get(chat) == track:
            return
        if self._uploads.progress(track) is not None:
            self._pacing.spend(chat, self._real_time.now(), edit=False)
            self._shown[chat] = asyncio.create_task(self._show(chat, track))

    def wake(self) -> None:
        """Check the progress of all tracks again, because more of a track may have been made."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def aclose(self) -> None:
        """Stop showing progress. The messages that are shown now are not deleted."""
        for task in self._shown.values():
            task.cancel()
        await asyncio.gather(*self._shown.values(), return_exceptions=True)

    async def _show(self, chat: int, track: GuidedTrack) -> None:
        try:
            message = await self._bot.send_message(chat, track_progress_text(0.0), disable_notification=True)
            await self._follow(chat, message.message_id, track)
            await self._bot.delete_message(chat, message.message_id)
        except TelegramError as error:
            self._given_up[chat] = track
            if isinstance(error, RetryAfter):
                self._pacing.rate_limited(chat, asked_wait(error), self._real_time.now())
            log.info("chat %s is not told how far its track is: %s", chat, error.message)
        finally:
            del self._shown[chat]

    async def _follow(self, chat: int, message_id: int, track: GuidedTrack) -> None:
        """Update the progress message until the track is no longer being made."""
        shown = 0
        while (done := self._uploads.progress(track)) is not None:
            stage, now = int(done * STAGES), self._real_time.now()
            changed = self._changed
            if shown < stage < STAGES and not self._pacing.wait(chat, now, edit=True, cosmetic=True):
                self._pacing.spend(chat, now, edit=True)
                await self._bot.edit_message_text(track_progress_text(stage / STAGES), chat, message_id)
                shown = stage
            else:
                await changed.wait()
