"""Handles the cues of all chats. A cue is what the coach does by itself at a certain time.

The alarm calls this module when something is due. A cue that fails in one chat must not delay the cues of
other chats.
"""

import asyncio
import logging

from bot.backoff import Hold, backoff
from bot.clock import Clock
from bot.coach import Coach
from bot.storage.errors import StoreUnavailable
from bot.storage.store import Store

log = logging.getLogger(__name__)

MAX_CONCURRENT_CHATS = 8
"""How many cues are handled at the same time. A tap that arrives meanwhile has to wait for these cues at
most, not for all cues that are due."""
MAX_CUE_TRIES = 5
"""How often in a row a chat's cue may fail. After that, the chat is left alone until a person does
something."""


class CueWorker:
    """Handles the cues that are due. If a chat's cue fails, it is retried later, with ever longer waits."""

    def __init__(self, store: Store, coach: Coach, clock: Clock) -> None:
        self._store = store
        self._coach = coach
        self._clock = clock
        self._failed: dict[int, Hold] = {}
        """The chats whose cue has failed, each with the time of the next try on the coach's clock."""

    async def drain(self) -> float | None:
        """Handle all cues that are due, earliest first. Return when the next is due, or None if not known."""
        try:
            while chats := await self._store.due(
                self._clock.now(), limit=MAX_CONCURRENT_CHATS, excluding=self._held()
            ):
                await self._run(chats)
            held = self._held()
            due_at = await self._store.next_due(excluding=held)
        except StoreUnavailable:
            return None
        retries = [self._failed[chat].until for chat in held]
        return min(retries if due_at is None else [*retries, due_at], default=None)

    def _held(self) -> set[int]:
        """Return the chats whose cue has failed, and whose next try is not due yet."""
        now = self._clock.now()
        return {chat for chat, hold in self._failed.items() if hold.until > now}

    async def _run(self, chats: list[int]) -> None:
        """Handle the cues of these chats concurrently."""
        outcomes = await asyncio.gather(*map(self._coach.due, chats), return_exceptions=True)
        for chat, outcome in zip(chats, outcomes, strict=True):
            if isinstance(outcome, Exception):
                await self._hold(chat, outcome)
            else:
                self._failed.pop(chat, None)

    async def _hold(self, chat: int, error: Exception) -> None:
        """Retry the chat's cue later. After the last try, leave the chat alone."""
        tries = self._failed.pop(chat, Hold()).tries + 1
        log.error("the cue for chat %s failed, try %s of %s", chat, tries, MAX_CUE_TRIES, exc_info=error)
        if tries < MAX_CUE_TRIES:
            self._failed[chat] = Hold(self._clock.now() + backoff(tries), tries)
            return
        log.error("chat %s is left alone until somebody writes or taps there", chat)
        session = await self._store.load(chat)
        if session:
            await self._store.park(chat, session.version)
