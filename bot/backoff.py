"""How long to wait before trying again: longer each time, up to a bound."""

from datetime import timedelta

from telegram.error import RetryAfter

LONGEST = 10.0
"""Seconds; nobody should wait longer for a coach that could work again."""


def backoff(tries: int, error: Exception | None = None) -> float:
    """Seconds to wait after so many failed tries, from 0; as long as Telegram asks for where it does."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return float(wait.total_seconds() if isinstance(wait, timedelta) else wait)
    return min(LONGEST, 0.1 * float(2 ** min(tries, 10)))
