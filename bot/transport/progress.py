"""How far the making of a track is, told in its chat by one plain message, gone at the end.

Kept in memory alone: a restart may begin another. Whatever goes wrong here ends the telling and nothing else.
"""

import asyncio
import logging

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.clock import Clock
from bot.transport.pacing import Pacing
from bot.transport.retry import asked_wait
from bot.transport.uploads import Media
from bot.wording.attachments import GuidedTrack
from bot.wording.render import making

log = logging.getLogger(__name__)

QUARTERS = 4
"""How often it is told, from the first word to the last."""


class Progress:
    """Tells it to each chat that waits."""

    def __init__(self, bot: Bot, media: Media, pacing: Pacing, real_time: Clock) -> None:
        self._bot = bot
        self._media = media
        self._pacing = pacing
        self._real_time = real_time
        self._telling: dict[int, asyncio.Task[None]] = {}
        self._given_up: dict[int, GuidedTrack] = {}
        self._changed = asyncio.Event()

    def show(self, chat: int, track: GuidedTrack) -> None:
        """It is waited for there, and something may be sent there now."""
        if chat in self._telling or self._given_up.get(chat) == track:
            return
        if self._media.progress(track) is not None:
            self._pacing.spend(chat, self._real_time.now(), edit=False)
            self._telling[chat] = asyncio.create_task(self._tell(chat, track))

    def wake(self) -> None:
        """More may have been made."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def aclose(self) -> None:
        """Tell no more."""
        for task in self._telling.values():
            task.cancel()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)

    async def _tell(self, chat: int, track: GuidedTrack) -> None:
        try:
            message = await self._bot.send_message(chat, making(0.0), disable_notification=True)
            await self._follow(chat, message.message_id, track)
            await self._bot.delete_message(chat, message.message_id)
        except TelegramError as error:
            self._given_up[chat] = track  # once is enough: who is not told waits no longer
            if isinstance(error, RetryAfter):
                self._pacing.rate_limited(chat, asked_wait(error), self._real_time.now())
            log.info("chat %s is not told how far its track is: %s", chat, error.message)
        finally:
            del self._telling[chat]

    async def _follow(self, chat: int, message_id: int, track: GuidedTrack) -> None:
        """Until it is made, or proves hopeless."""
        told = 0
        while (done := self._media.progress(track)) is not None:
            quarter, now = int(done * QUARTERS), self._real_time.now()
            changed = self._changed
            if told < quarter < QUARTERS and not self._pacing.wait(chat, now, edit=True, cosmetic=True):
                self._pacing.spend(chat, now, edit=True)
                await self._bot.edit_message_text(making(quarter / QUARTERS), chat, message_id)
                told = quarter
            else:
                await changed.wait()
