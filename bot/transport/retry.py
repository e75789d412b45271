"""Calls to Telegram, tried again for as long as it cannot be reached."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.backoff import backoff
from bot.clock import Clock

log = logging.getLogger(__name__)

TOKEN_REFUSALS = 3
"""Refusals in a row after which the token counts as unknown: one alone can be a slip of Telegram's."""

T = TypeVar("T")


def asked_wait(error: RetryAfter) -> float:
    """Seconds that Telegram asks to wait before the next call."""
    wait = error.retry_after
    return float(wait.total_seconds() if isinstance(wait, timedelta) else wait)


async def patiently(what: str, call: Callable[[], Awaitable[T]], real_time: Clock) -> T:
    """What the call returns, tried until Telegram answers: an outage ends nothing.

    Raises InvalidToken where Telegram does not know the token.
    """
    tries = refusals = 0
    while True:
        try:
            return await call()
        except TelegramError as error:
            refusals = refusals + 1 if isinstance(error, InvalidToken) else 0
            if refusals == TOKEN_REFUSALS:
                raise
            delay = asked_wait(error) if isinstance(error, RetryAfter) else backoff(tries)
            log.warning("could not %s (%s); trying again in %.1f s", what, _trouble(error), delay)
            await real_time.sleep(delay)
            tries += 1


def _trouble(error: TelegramError) -> str:
    match error:
        case Conflict():
            return f"another program uses this bot's token, run only one: {error.message}"
        case InvalidToken():
            return "Telegram does not know the token"
        case _:
            return error.message
