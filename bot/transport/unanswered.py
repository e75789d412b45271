"""Sends that Telegram may have taken without answering, and when each may be tried again.

Kept in memory only: after a restart such a message is sent again. Must never send anything itself.
"""

import math
from dataclasses import dataclass
from enum import Enum, auto

from bot.clock import Clock
from bot.storage.store import Row
from bot.transport.calls import SEND_TIMEOUT

FIRST_RETRY_AFTER = 30.0
"""Real seconds from a timeout to the second try. The wait before each further try is twice as long."""
MAX_TRIES = 3
"""How often a message is sent that is never answered."""


class AfterTimeout(Enum):
    """What to do with a message whose answer did not come in time."""

    RETRY_LATER = auto()
    DROP = auto()
    """The chat has received something newer, after which a copy would only confuse."""
    GIVE_UP = auto()
    """It has been tried often enough."""


@dataclass(slots=True)
class _Send:
    """A row of the outbox that may have been sent.

    `retry_at` is a time on the real clock; infinite while the answer is still waited for. `overtaken` says
    that the chat has received something newer.
    """

    row: Row
    timeouts: int = 0
    retry_at: float = math.inf
    overtaken: bool = False


class Unanswered:
    """The outbox rows of sends without an answer, by row id. `real_time` is the clock of the waits."""

    def __init__(self, real_time: Clock) -> None:
        self._real_time = real_time
        self._sends: dict[int, _Send] = {}

    def resting(self) -> list[int]:
        """Return the ids of the rows that must not be sent now."""
        now = self._real_time.now()
        return [row_id for row_id, send in self._sends.items() if send.retry_at > now]

    def start_wait(self, row: Row) -> None:
        """The chat goes on while the row waits for its answer: do not send the row meanwhile."""
        self._sends.setdefault(row.id, _Send(row)).retry_at = math.inf

    def end_wait(self, row: Row) -> None:
        """The call is over. The row may be sent again at once, unless `timed_out` has set a time."""
        send = self._sends.get(row.id)
        if send and send.retry_at == math.inf:
            send.retry_at = 0.0

    def timed_out(self, row: Row) -> AfterTimeout:
        """Count a call that was not answered in time, and return what to do with the row."""
        now = self._real_time.now()
        send = self._sends.setdefault(row.id, _Send(row))
        send.retry_at = math.inf  # it is not forgotten with the old ones
        self._forget_before(now - SEND_TIMEOUT)
        send.timeouts += 1
        if send.overtaken:
            return AfterTimeout.DROP
        if send.timeouts >= MAX_TRIES:
            return AfterTimeout.GIVE_UP
        send.retry_at = now + FIRST_RETRY_AFTER * 2 ** (send.timeouts - 1)
        return AfterTimeout.RETRY_LATER

    def overtake(self, row: Row) -> list[int]:
        """Mark all older sends to the chat as overtaken by the row, and return their row ids.

        A cosmetic row overtakes nothing: it tells nothing newer.
        """
        if row.is_low_priority:
            return []
        older = [send for send in self._sends.values() if send.row.chat == row.chat and send.row.id < row.id]
        for send in older:
            send.overtaken = True
        return [send.row.id for send in older]

    def is_overtaken(self, row: Row) -> bool:
        """Return whether the chat has received something newer than the row."""
        send = self._sends.get(row.id)
        return send is not None and send.overtaken

    def forget(self, row: Row) -> None:
        """The row has left the outbox."""
        self._sends.pop(row.id, None)

    def _forget_before(self, long_ago: float) -> None:
        self._sends = {row_id: send for row_id, send in self._sends.items() if send.retry_at > long_ago}
