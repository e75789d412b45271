"""Keeps track of messages that Telegram may have accepted without answering, and of when to send them again.

This information is in memory only, so such a message is sent again after a restart. This module must not send
anything itself.
"""

import math
from dataclasses import dataclass
from enum import Enum, auto

from bot.clock import Clock
from bot.storage.store import Row
from bot.transport.calls import SEND_TIMEOUT

FIRST_RETRY_AFTER = 30.0
"""Seconds of real time between a message's first timeout and the second attempt to send it. Each later wait
is twice as long as the one before."""
MAX_TRIES = 3
"""How many times a message is sent if Telegram never answers."""


class AfterTimeout(Enum):
    """What to do with a message if its answer has not arrived in time."""

    RETRY_LATER = auto()
    DROP = auto()
    """Drop the message: the chat has received a newer message, so this message would only confuse now."""
    GIVE_UP = auto()
    """Drop the message, because it has been tried often enough. The coach is informed."""


@dataclass(slots=True)
class _Send:
    """A row of the outbox whose message may have been sent.

    `retry_at` is a time on the clock of real time, or infinite while the call is still waiting for its
    answer. `overtaken` is true if the chat has received a newer message.
    """

    row: Row
    timeouts: int = 0
    retry_at: float = math.inf
    overtaken: bool = False


class Unanswered:
    """The outbox rows whose messages Telegram has not answered.

    `real_time` is the clock that decides when a row may be sent again.
    """

    def __init__(self, real_time: Clock) -> None:
        self._real_time = real_time
        self._sends: dict[int, _Send] = {}

    def resting(self) -> list[int]:
        """Return the ids of the rows that must not be sent again yet."""
        now = self._real_time.now()
        return [row_id for row_id, send in self._sends.items() if send.retry_at > now]

    def start_wait(self, row: Row) -> None:
        """Record that the chat gets its next message while this row waits for its answer.

        During this wait, the row must not be sent again.
        """
        self._sends.setdefault(row.id, _Send(row)).retry_at = math.inf

    def end_wait(self, row: Row) -> None:
        """Record that the call for the row has ended.

        The row may be sent again at once, unless `timed_out` has set a later time.
        """
        send = self._sends.get(row.id)
        if send and send.retry_at == math.inf:
            send.retry_at = 0.0

    def timed_out(self, row: Row) -> AfterTimeout:
        """Count a call that was not answered in time, and return what to do with the row."""
        now = self._real_time.now()
        send = self._sends.setdefault(row.id, _Send(row))
        send.retry_at = math.inf  # so that _forget_before keeps this send
        self._forget_before(now - SEND_TIMEOUT)
        send.timeouts += 1
        if send.overtaken:
            return AfterTimeout.DROP
        if send.timeouts >= MAX_TRIES:
            return AfterTimeout.GIVE_UP
        send.retry_at = now + FIRST_RETRY_AFTER * 2 ** (send.timeouts - 1)
        return AfterTimeout.RETRY_LATER

    def overtake(self, row: Row) -> list[int]:
        """Record that the row has been sent. Return the ids of the older unanswered rows of its chat.

        Those rows count as overtaken from now on, because their chat has received a newer message. A
        low-priority row overtakes nothing, because it contains nothing new. A remark overtakes nothing
        either, because it does not replace the message that it adds something to.
        """
        if row.is_low_priority or row.is_remark:
            return []
        older = [send for send in self._sends.values() if send.row.chat == row.chat and send.row.id < row.id]
        for send in older:
            send.overtaken = True
        return [send.row.id for send in older]

    def is_overtaken(self, row: Row) -> bool:
        """Return whether the chat has received a newer message than this row."""
        send = self._sends.get(row.id)
        return send is not None and send.overtaken

    def forget(self, row: Row) -> None:
        """Forget the row, because it has left the outbox."""
        self._sends.pop(row.id, None)

    def _forget_before(self, long_ago: float) -> None:
        self._sends = {row_id: send for row_id, send in self._sends.items() if send.retry_at > long_ago}
