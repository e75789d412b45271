"""Retries for calls of the store while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.backoff import backoff
from bot.storage.errors import StoreUnavailable

T = TypeVar("T")


async def until_available(call: Callable[[], Awaitable[T]]) -> T:
    """Return what the call returns; call again, after longer and longer waits, on StoreUnavailable."""
    tries = 0
    while True:
        try:
            return await call()
        except StoreUnavailable:
            await asyncio.sleep(backoff(tries))
            tries += 1
