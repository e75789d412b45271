"""Fixtures that every test can use, and the marks of those that take long: `make test-fast` leaves these out.

pyproject.toml says what each mark means. A test gets it here, by its file or by a fixture that it uses; the
few that take some seconds for another reason are marked `long` where they stand.
"""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.resting import RestingLoop
from tests.stage import Guest, Theatre, stage

pytest_plugins = ["tests.browser", "tests.databases", "tests.drawings"]

MARK_OF_FILE = {
    "test_command_line.py": "process",
    "test_hostile.py": "network",
    "test_listening.py": "voice",
    "test_logs.py": "process",
    "test_media.py": "drawing",
    "test_packaging.py": "process",
    "test_pictures.py": "drawing",
    "test_process.py": "process",
    "test_voice.py": "voice",
    "test_webhook.py": "network",
}
MARK_OF_FIXTURE = {"browser": "browser", "postgres_url": "postgres"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that take long."""
    for item in items:
        if isinstance(item, pytest.Function):
            for mark in _marks(item):
                item.add_marker(mark)


def _marks(test: pytest.Function) -> Iterator[str]:
    if test.path.name in MARK_OF_FILE:
        yield MARK_OF_FILE[test.path.name]
    yield from (mark for fixture, mark in MARK_OF_FIXTURE.items() if fixture in test.fixturenames)
    if "database_url" in test.fixturenames and test.callspec.params["database_url"] == "postgres":
        yield "postgres"


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
