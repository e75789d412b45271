"""Runs transactions on SQLite or PostgreSQL, without blocking the event loop.

A transaction is a function that takes SQLAlchemy's Connection. It is committed when the function returns, and
rolled back when it raises. Nothing here may know a table, or change the errors that SQLAlchemy, the driver or
the operating system raise.
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
"""Seconds to wait for PostgreSQL to answer."""

SQLITE_LOCK_TIMEOUT = 2.0
"""Seconds to wait for a SQLite file that another process has locked. It is less than the 5 s within which the
coach should stop after SIGTERM."""

CHECKPOINT_LOCK_TIMEOUT = 0.1
"""Seconds to wait, before SQLite's log is emptied, for another process to finish reading. All transactions
wait for as long."""

DAMAGE_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's result codes for "database disk image is malformed" and "file is not a database"."""

T = TypeVar("T")


class Database(Protocol):
    """Runs transactions. A transaction that is cancelled from outside may be committed all the same."""

    async def check(self) -> str:
        """Return what a quick check finds damaged; empty if it finds nothing."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query of a single statement, and return its result."""

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        """Run a transaction that reads and writes, and return its result. Commit all of it, or nothing."""

    async def empty_log(self) -> None:
        """Remove copies of deleted data from the write-ahead log, unless another process is reading."""

    async def close(self) -> None:
        """Close every connection."""


def connect(url: URL) -> Database:
    """Return the database at `url`. Raises OSError if the folder for a SQLite file cannot be made."""
    return Sqlite(url) if url.get_backend_name() == "sqlite" else Postgres(url)


def is_damage(error: Exception) -> bool:
    """Return whether the error means that a SQLite file is damaged, or is no SQLite file."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGE_CODES  # the lowest byte is the result code, the others give details


class Sqlite:
    """A SQLite file, in a folder that is made if it is missing.

    SQLite allows one writer at a time, so all transactions share one connection and run in one thread, in
    order. Several connections would poll for the lock, and some of them would wait for seconds. Each
    transaction runs in the thread as a whole, because switching threads takes longer than a statement.
    """

    def __init__(self, url: URL) -> None:
        if url.database not in {None, "", ":memory:"}:
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            # Without an isolation level, sqlite3 sends no "begin" of its own; _write sends it.
            connect_args={"isolation_level": None, "timeout": SQLITE_LOCK_TIMEOUT},
        )
        event.listen(self._engine, "connect", _configure)

    async def check(self) -> str:
        """Check every page, but not whether indexes match their tables: that takes three times as long."""
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
            # After a plain "begin", a transaction that reads before it writes would fail at once with
            # "database is locked" if another process wrote in between.
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
    cursor.execute("pragma synchronous = full")  # so that a power cut loses no commit
    cursor.execute("pragma secure_delete = on")  # overwrite what is deleted
    cursor.close()


class Postgres:
    """A database on a PostgreSQL server, through a pool of connections."""

    def __init__(self, url: URL) -> None:
        timeouts = {"timeout": POSTGRES_TIMEOUT, "command_timeout": POSTGRES_TIMEOUT}
        self._engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), connect_args=timeouts)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def check(self) -> str:
        """Return nothing: the server checks its files itself."""
        return ""

    async def read(self, query: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(query)

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(transaction)

    async def empty_log(self) -> None:
        """Do nothing: how long the server keeps its log is the server's own setting."""

    async def close(self) -> None:
        await self._engine.dispose()
