"""Runs transactions on SQLite or PostgreSQL, without blocking the event loop.

A transaction is a function that takes SQLAlchemy's Connection. The transaction is committed when the function
returns, and rolled back when the function raises. This module must not depend on any particular table, and
must not change the errors that SQLAlchemy, the driver or the operating system raise.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, QueuePool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

POSTGRES_TIMEOUT = 10.0
"""Seconds to wait for an answer from PostgreSQL."""

SQLITE_LOCK_TIMEOUT = 2.0
"""Seconds to wait for a SQLite file that another process has locked, unless the URL has a `timeout` of its
own. This is less than the 5 s within which the coach should stop after the signal SIGTERM.
"""

CHECKPOINT_LOCK_TIMEOUT = 0.1
"""The most seconds that the emptying of SQLite's write-ahead log waits for other processes to finish reading.
All of the coach's transactions wait during this time too.
"""

DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's result codes for "database disk image is malformed" and "file is not a database"."""

T = TypeVar("T")


class Database(Protocol):
    """A database that runs transactions.

    If the task that waits for a transaction is cancelled, the transaction may still be committed.
    """

    async def check(self) -> str:
        """Check the database quickly for damage. Return a description of the damage, or an empty string if
        there is none.
        """

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query that consists of a single statement, and return its result."""

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        """Run a transaction that may read and write, and return its result. Commit all of its changes, or
        none.
        """

    async def empty_log(self) -> None:
        """Remove copies of deleted data from the write-ahead log.

        Copies may remain if another process is reading the database.
        """

    async def close(self) -> None:
        """Close every connection."""


def connect(url: URL) -> Database:
    """Return the database at `url`. Raises OSError if the folder for a SQLite file cannot be created."""
    return Sqlite(url) if url.get_backend_name() == "sqlite" else Postgres(url)


def is_damage(error: Exception) -> bool:
    """Return whether the error means that a SQLite file is damaged, or that the file is not a SQLite file."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGE_CODES  # the lowest byte is the result code; the other bytes give details


class Sqlite:
    """A database in a SQLite file. If the folder for the file does not exist, the folder is created.

    SQLite allows only one writer at a time. So all transactions share one connection and run one after the
    other in one thread. If there were several connections, each would check again and again whether the lock
    is free, and some would wait for seconds. The whole transaction runs in the thread, because switching
    threads for each statement would take longer than running the statement.
    """

    def __init__(self, url: URL) -> None:
        if url.database not in {None, "", ":memory:"}:
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._engine = create_engine(
            url.set(drivername="sqlite", query={"timeout": str(SQLITE_LOCK_TIMEOUT), **url.query}),
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            # If isolation_level is None, sqlite3 does not send "begin" by itself; _write sends it.
            connect_args={"isolation_level": None},
        )
        event.listen(self._engine, "connect", _configure)

    async def check(self) -> str:
        """Check every page of the file. Return a description of the damage, or an empty string if there is
        none.

        The check does not compare indexes with their tables, because that would take three times as long.
        """
        found = await self.read(
            lambda connection: connection.exec_driver_sql("pragma quick_check(1)").scalar()
        )
        return "" if found == "ok" else " ".join(str(found).split())

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self._in_thread(lambda: self._read(query))

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        return await self._in_thread(lambda: self._write(transaction))

    async def empty_log(self) -> None:
        await self._in_thread(self._empty_log)

    async def close(self) -> None:
        await self._in_thread(self._engine.dispose)
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _read(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)

    def _write(self, transaction: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            # After a plain "begin", a transaction that reads and then writes would fail at once with
            # "database is locked" if another process had written between the two.
            connection.exec_driver_sql("begin immediate")
            return transaction(connection)

    def _empty_log(self) -> None:
        with self._engine.connect() as connection:
            usual_timeout = connection.exec_driver_sql("pragma busy_timeout").scalar()
            connection.exec_driver_sql(f"pragma busy_timeout = {CHECKPOINT_LOCK_TIMEOUT * 1000:.0f}")
            try:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            finally:
                connection.exec_driver_sql(f"pragma busy_timeout = {usual_timeout}")


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = full")  # so that a power cut does not lose a commit
    cursor.execute("pragma secure_delete = on")  # overwrite deleted data with zeros
    cursor.close()


class Postgres:
    """A database on a PostgreSQL server, through a pool of connections."""

    def __init__(self, url: URL) -> None:
        timeouts = {"timeout": POSTGRES_TIMEOUT, "command_timeout": POSTGRES_TIMEOUT}
        self._engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), connect_args=timeouts)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def check(self) -> str:
        """Return an empty string: the PostgreSQL server checks its own files."""
        return ""

    async def read(self, query: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(query)

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(transaction)

    async def empty_log(self) -> None:
        """Do nothing: how long a PostgreSQL server keeps its log is a setting of the server."""

    async def close(self) -> None:
        await self._engine.dispose()
