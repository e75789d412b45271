"""How long to wait before a retry: longer after each failure, up to a limit. Pure."""

from dataclasses import dataclass

MAX_BACKOFF = 10.0
"""Seconds. When the cause of the failures is gone, nobody should wait longer than this for the coach."""


def backoff(tries: int) -> float:
    """Return the seconds to wait before the next try. `tries` counts earlier waits: 0 for the first."""
    return min(MAX_BACKOFF, 0.1 * float(2 ** min(tries, 10)))


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait until the time `until` on the caller's clock, after `tries` failures in a row."""

    until: float = 0.0
    tries: int = 0
