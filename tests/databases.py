"""Fixtures: an empty database for a test, once on SQLite and once on PostgreSQL.

Without PostgreSQL that half is skipped, saying why; with REQUIRE_POSTGRES=1 it fails.
"""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.store import Store
from tests import postgres

MEMORY = Path("/dev/shm")
"""Linux's folder in memory. On a disk, each commit waits some milliseconds for it."""

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this run, started when a test first asks for it."""
    try:
        with postgres.server() as running:
            yield running
    except postgres.Missing as missing:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail(f"{missing}, but REQUIRE_POSTGRES=1 asks for it")
        pytest.skip(str(missing))


@pytest.fixture
def database_folder() -> Iterator[Path]:
    """Where `sqlite_url` lies: an empty folder, in memory where that can be, since no test cuts the power."""
    with TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(database_folder: Path) -> str:
    """A SQLite database that does not exist yet."""
    return f"sqlite:///{database_folder}/coach.db"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """A new, empty database on the run's PostgreSQL server."""
    with postgres_server.database(f"coach{next(_numbers)}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open, empty store: the test runs once on SQLite and once on PostgreSQL."""
    async with Store.open(database_url) as opened:
        yield opened
