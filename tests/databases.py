"""Fixtures: an empty database for each test, on SQLite and on PostgreSQL.

Without PostgreSQL, the tests that need it are skipped, and the reason is printed. With REQUIRE_POSTGRES=1
they fail instead.
"""

import os
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.store import Store
from tests import postgres
from tests.postgres import memory_folder

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this run, which is started when a test first needs it."""
    try:
        with postgres.server() as running:
            yield running
    except postgres.Missing as missing:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail(f"{missing}, but REQUIRE_POSTGRES=1 asks for it")
        pytest.skip(str(missing))


@pytest.fixture
def database_folder() -> Iterator[Path]:
    """An empty folder for `sqlite_url`.

    The folder is in memory if possible, because no test needs a database that survives a power cut.
    """
    with TemporaryDirectory(dir=memory_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(database_folder: Path) -> str:
    """The URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{database_folder}/coach.db"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The URL of a new, empty database on this run's PostgreSQL server."""
    with postgres_server.database(f"coach{next(_numbers)}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database. A test that uses it runs twice: on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open, empty store. A test that uses it runs twice: on SQLite and on PostgreSQL."""
    async with Store.open(database_url) as opened:
        yield opened
