"""Fixtures for all tests, and the marks of slow tests, which `make test-fast` leaves out.

pyproject.toml explains each mark. Most tests get their mark here, because of their file or of a fixture that
they use. A few tests are slow for another reason, and are marked `long` in their own files.
"""

from collections.abc import AsyncIterator, Callable, Generator, Iterator

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


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Run one worker more than there are cores, for some slow tests wait for a browser or another process.

    If marks are given, as in `make test-fast`, the tests never wait, so a worker for each core is enough.
    """
    cores = yield
    return cores if config.option.markexpr else cores + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests."""
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
    """Run every test in an event loop that detects when it is at rest."""
    return {"resting": RestingLoop}


@pytest.fixture
async def theatre(sqlite_url: str) -> AsyncIterator[Theatre]:
    """A running coach with its own database. Its clock stands still."""
    async with stage(sqlite_url) as running:
        yield running


@pytest.fixture
def sam(theatre: Theatre) -> Guest:
    return theatre.person("Sam")
