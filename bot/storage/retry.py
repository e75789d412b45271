"""Retries calls to the store while the database is unavailable."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.backoff import backoff
from bot.storage.errors import StoreUnavailable

T = TypeVar("T")


async def until_available(call: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `call`. If `call` raises StoreUnavailable, wait and call it again. Each wait is
    longer than the one before, up to a limit.
    """
    tries = 0
    while True:
        try:
            return await call()
        except StoreUnavailable:
            await asyncio.sleep(backoff(tries))
            tries += 1
