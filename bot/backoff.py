"""How long to wait before another try: longer each time, up to a bound. Pure."""

from dataclasses import dataclass

LONGEST = 10.0
"""Seconds. Nobody should wait longer for a coach that could work again."""


def backoff(tries: int) -> float:
    """Seconds to wait after this many failed tries; `tries` counts from 0."""
    return min(LONGEST, 0.1 * float(2 ** min(tries, 10)))


@dataclass(frozen=True, slots=True)
class Hold:
    """Do nothing before `until` (a time on the caller's clock), after `tries` failures in a row."""

    until: float = 0.0
    tries: int = 0
