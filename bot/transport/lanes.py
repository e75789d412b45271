"""Keeps track of which chats are being sent to, and of how many sends run at once.

A lane is a group of running sends, with at most one send to each chat. There are two lanes. One is for
messages that wait for an attachment or only add an attachment: other messages to the same chat may overtake
them. The other lane is for all other messages. This module must not read a message's text, send a message, or
depend on Telegram's rate limits.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.storage.policy import Rank
from bot.storage.store import Row

MAX_CONCURRENT_CHATS = 16
"""Maximum number of chats that each lane sends to at the same time.

This is enough for 30 messages a second, even if Telegram takes half a second for each.
"""
EXTRA_URGENT_CHATS = 16
"""How many additional chats each lane may send urgent messages to at the same time. Because of them, an
answer to pain never waits for other sends that hang."""
MAX_UNANSWERED_SENDS = 128
"""Maximum number of sends that wait for Telegram's answer while their chats get other messages."""


class Lanes:
    """The running sends. Each lane has at most one send to each chat.

    A send that Telegram does not answer for a while can be detached: the send goes on waiting for its answer,
    but the chat's next message can be sent meanwhile.
    """

    def __init__(self) -> None:
        self._messages: dict[int, asyncio.Task[None]] = {}
        self._attachments: dict[int, asyncio.Task[None]] = {}
        self._detached: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> set[int]:
        """The chats to which a message is being sent that no other message may overtake."""
        return set(self._messages)

    def free(self) -> tuple[int, Rank]:
        """Return how many more sends may be started now, and the least urgent rank that they may have.

        Messages that others may overtake are not counted. If only the places for urgent messages are left,
        the rank is URGENT.
        """
        free = MAX_CONCURRENT_CHATS - len(self._messages)
        return (free, Rank.ADD_PICTURE) if free > 0 else (free + EXTRA_URGENT_CHATS, Rank.URGENT)

    def has_room(self, row: Row) -> bool:
        """Return whether the row's lane has room for the row now."""
        lane = self._lane(row)
        limit = MAX_CONCURRENT_CHATS + (EXTRA_URGENT_CHATS if row.rank is Rank.URGENT else 0)
        return row.chat not in lane and len(lane) < limit

    def start(self, row: Row, sending: Coroutine[Any, Any, None]) -> None:
        """Run `sending`, which sends the row's message, as a task. The task must call `leave` at its end."""
        self._lane(row)[row.chat] = asyncio.create_task(sending)

    def detach(self, row: Row) -> bool:
        """Let the chat's next message start while this send goes on. Must be called from the send's own task.

        Return False, and change nothing, if too many sends are already detached.
        """
        task = asyncio.current_task()
        if task is None or len(self._detached) >= MAX_UNANSWERED_SENDS:
            return False
        self._detached.add(task)
        del self._lane(row)[row.chat]
        return True

    def leave(self, row: Row) -> None:
        """Free the place of a send that is about to end. Must be called from the send's own task."""
        lane, task = self._lane(row), asyncio.current_task()
        if lane.get(row.chat) is task:
            del lane[row.chat]
        elif task:
            self._detached.discard(task)

    async def aclose(self) -> None:
        """Cancel all sends, and wait until their tasks have ended."""
        tasks = [*self._messages.values(), *self._attachments.values(), *self._detached]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _lane(self, row: Row) -> dict[int, asyncio.Task[None]]:
        return self._attachments if row.message and row.message.may_be_overtaken else self._messages
