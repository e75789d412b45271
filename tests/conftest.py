"""Fixtures that every test can use."""

from collections.abc import AsyncIterator, Callable

import pytest

from tests.resting import RestingLoop
from tests.stage import Guest, Theatre, stage

pytest_plugins = ["tests.browser", "tests.databases", "tests.drawings"]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], RestingLoop]]:
    """Run every test in a loop that tells when it is at rest."""
    return {"resting": RestingLoop}


@pytest.fixture
async def theatre(sqlite_url: str) -> AsyncIterator[Theatre]:
    """A coach at work on a database of its own, its clock standing still."""
    async with stage(sqlite_url) as running:
        yield running


@pytest.fixture
def sam(theatre: Theatre) -> Guest:
    return theatre.person("Sam")
