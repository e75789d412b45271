"""Retries calls to Telegram for as long as Telegram cannot be reached.

This is for calls without which the program cannot go on. Messages are retried by the outbox instead.
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
"""If Telegram refuses the bot's token this many times in a row, the token counts as invalid. A single refusal
can be Telegram's mistake."""

T = TypeVar("T")


def asked_wait(error: RetryAfter) -> float:
    """Return the seconds that Telegram asks to wait before the next call."""
    wait = error.retry_after
    return float(wait.total_seconds() if isinstance(wait, timedelta) else wait)


async def with_retries(what: str, call: Callable[[], Awaitable[T]], real_time: Clock) -> T:
    """Repeat the call until it succeeds, and return its result.

    `what` describes the call for the log, for example "fetch updates". Raises InvalidToken if Telegram
    refuses the token MAX_TOKEN_REFUSALS times in a row.
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
