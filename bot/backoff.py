"""How long to wait before a retry: longer after each failure, up to a limit."""

from dataclasses import dataclass

MAX_BACKOFF = 10.0
"""The longest wait in seconds. Once the cause of the failures is gone, the coach should work again within
this time."""


def backoff(tries: int) -> float:
    """Return the seconds to wait before the next try. `tries` is the number of waits so far, from 0."""
    return min(MAX_BACKOFF, 0.1 * float(2 ** min(tries, 10)))


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait before a retry, until the time `until` on the caller's clock.

    `tries` is the number of failures in a row before the wait.
    """

    until: float = 0.0
    tries: int = 0
