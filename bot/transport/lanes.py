"""Which chats are being sent to, and how many sends run at once.

Must never look into a message, send one, or know Telegram's rate limits.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.storage.policy import Rank
from bot.storage.store import Row

MAX_CONCURRENT_CHATS = 16
"""Chats that are sent to at the same time, and as many more that are sent attachments.

That is enough for 30 messages a second, even if Telegram takes half a second for each.
"""
EXTRA_URGENT_CHATS = 16
"""Further chats that only urgent messages may use, so that pain never waits behind sends that hang."""
MAX_UNANSWERED_SENDS = 128
"""Sends that may wait for their answer while their chats go on."""


class Lanes:
    """The running sends: at most one message and one attachment to each chat at a time.

    A send that Telegram does not answer for a while can be detached. Its chat then gets its next message,
    and the send goes on waiting.
    """

    def __init__(self) -> None:
        self._messages: dict[int, asyncio.Task[None]] = {}
        self._attachments: dict[int, asyncio.Task[None]] = {}
        self._detached: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> set[int]:
        """The chats that a message is being sent to."""
        return set(self._messages)

    def free(self) -> tuple[int, Rank]:
        """Return how many messages may be started now, and the lowest rank that they may have."""
        free = MAX_CONCURRENT_CHATS - len(self._messages)
        return (free, Rank.ADD_PICTURE) if free > 0 else (free + EXTRA_URGENT_CHATS, Rank.URGENT)

    def has_room(self, row: Row) -> bool:
        """Return whether the row can be started now."""
        lane = self._lane(row)
        limit = MAX_CONCURRENT_CHATS + (EXTRA_URGENT_CHATS if row.rank is Rank.URGENT else 0)
        return row.chat not in lane and len(lane) < limit

    def start(self, row: Row, sending: Coroutine[Any, Any, None]) -> None:
        """Run `sending` as a task. It must call `leave` when it is over."""
        self._lane(row)[row.chat] = asyncio.create_task(sending)

    def detach(self, row: Row) -> bool:
        """Let the chat's next message start while this send goes on; called by the send's own task.

        Return False, and change nothing, if too many sends are detached already.
        """
        task = asyncio.current_task()
        if task is None or len(self._detached) >= MAX_UNANSWERED_SENDS:
            return False
        self._detached.add(task)
        del self._lane(row)[row.chat]
        return True

    def leave(self, row: Row) -> None:
        """Free the send's place; called by the send's own task when it is over."""
        lane, task = self._lane(row), asyncio.current_task()
        if lane.get(row.chat) is task:
            del lane[row.chat]
        elif task:
            self._detached.discard(task)

    async def aclose(self) -> None:
        """Cancel all sends, and wait until they have ended."""
        tasks = [*self._messages.values(), *self._attachments.values(), *self._detached]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _lane(self, row: Row) -> dict[int, asyncio.Task[None]]:
        return self._attachments if row.message and row.message.may_be_overtaken else self._messages
