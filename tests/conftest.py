"""Fixtures that every test can use."""

from collections.abc import AsyncIterator

import pytest

from tests.stage import Guest, Theatre, stage

pytest_plugins = ["tests.browser", "tests.databases"]


@pytest.fixture
async def theatre(sqlite_url: str) -> AsyncIterator[Theatre]:
    """A coach at work on a database of its own, its clock standing still."""
    async with stage(sqlite_url) as running:
        yield running


@pytest.fixture
def sam(theatre: Theatre) -> Guest:
    return theatre.person("Sam")
