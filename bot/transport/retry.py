"""Retry calls to Telegram for as long as it cannot be reached.

For calls that the program cannot go on without. Messages have their own retries, in the outbox.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.backoff import backoff
from bot.clock import Clock

log = logging.getLogger(__name__)

MAX_TOKEN_REFUSALS = 3
"""Refusals in a row after which the token counts as invalid. A single one can be Telegram's mistake."""

T = TypeVar("T")


def asked_wait(error: RetryAfter) -> float:
    """Return the seconds that Telegram asks to wait before the next call."""
    wait = error.retry_after
    return float(wait.total_seconds() if isinstance(wait, timedelta) else wait)


async def with_retries(what: str, call: Callable[[], Awaitable[T]], real_time: Clock) -> T:
    """Call until it succeeds, and return what it returns. `what` names the call in the log ("could not ...").

    Raises InvalidToken if Telegram does not accept the token.
    """
    tries = refusals = 0
    while True:
        try:
            return await call()
        except TelegramError as error:
            refusals = refusals + 1 if isinstance(error, InvalidToken) else 0
            if refusals == MAX_TOKEN_REFUSALS:
                raise
            delay = asked_wait(error) if isinstance(error, RetryAfter) else backoff(tries)
            log.warning("could not %s (%s); trying again in %.1f s", what, _reason(error), delay)
            await real_time.sleep(delay)
            tries += 1


def _reason(error: TelegramError) -> str:
    match error:
        case Conflict():
            return f"another program uses this bot's token, run only one: {error.message}"
        case InvalidToken():
            return "Telegram does not know the token"
        case _:
            return error.message
