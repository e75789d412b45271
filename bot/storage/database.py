"""How a transaction is run: on SQLite or on PostgreSQL, without holding up the event loop.

A transaction is a plain function of SQLAlchemy's Connection; here it is begun, committed, or rolled back if
it raises. Nothing here may know a table. What goes wrong is raised as SQLAlchemy or the system raise it.
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

ANSWER_WITHIN = 10.0
"""Seconds after which a PostgreSQL that does not answer counts as gone."""

BUSY_FOR = 2.0
"""Seconds after which a SQLite file that another process has locked counts as out of reach."""

READING_FOR = 0.1
"""Seconds that emptying SQLite's log waits for another process to finish reading; all else waits as long."""

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""SQLite's codes for "database disk image is malformed" and "file is not a database"."""

T = TypeVar("T")


class Database(Protocol):
    """Where transactions are run. One that was cancelled may have been committed all the same."""

    async def check(self) -> str:
        """What is damaged, as far as a quick look tells; empty where nothing is."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run what reads, with a single statement."""

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        """Run what reads and writes: all of it is committed, or nothing."""

    async def empty_log(self) -> None:
        """Keep no copies of what was deleted in the log of changes, unless somebody is reading just now."""

    async def close(self) -> None:
        """Let go of every connection."""


def connect(url: URL) -> Database:
    """The database at `url`, whichever driver that names. Raises OSError where its folder cannot be made."""
    return Sqlite(url) if url.get_backend_name() == "sqlite" else Postgres(url)


def is_damage(error: Exception) -> bool:
    """Whether it says that a SQLite file is damaged, or none: to try again is of no use."""
    code: int = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGE  # the lowest byte; the others tell more exactly what it is


class Sqlite:
    """A file, in a folder that is made if missing.

    SQLite has one writer at a time, so one connection serves all, in one thread and in order: with more,
    they would wait for each other in SQLite's own loop of naps, and some of them for seconds. A whole
    transaction is run in one go, since each trip to the thread and back costs more than a statement does.
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
            # No "begin" but our own. To wait less for a lock than the 5 s in which SIGTERM is to be heeded.
            connect_args={"isolation_level": None, "timeout": BUSY_FOR},
        )
        event.listen(self._engine, "connect", _configure)

    async def check(self) -> str:
        """Looks at every page, but not whether indexes agree with tables, which takes three times as long."""
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
            # A transaction that reads first and writes later would fail with "database is locked", without
            # waiting, if another process wrote in between.
            connection.exec_driver_sql("begin immediate")
            return transaction(connection)

    def _empty_log(self) -> None:
        with self._engine.connect() as connection:
            patience = connection.exec_driver_sql("pragma busy_timeout").scalar()
            connection.exec_driver_sql(f"pragma busy_timeout = {READING_FOR * 1000:.0f}")
            try:
                connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
            finally:
                connection.exec_driver_sql(f"pragma busy_timeout = {patience}")


def _configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode = wal")
    cursor.execute("pragma synchronous = full")  # or a power cut takes the last commits with it
    cursor.execute("pragma secure_delete = on")  # what a person had deleted is overwritten
    cursor.close()


class Postgres:
    """A server; callers share a few connections."""

    def __init__(self, url: URL) -> None:
        timeouts = {"timeout": ANSWER_WITHIN, "command_timeout": ANSWER_WITHIN}
        self._engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), connect_args=timeouts)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def check(self) -> str:
        """The server looks after its files itself."""
        return ""

    async def read(self, query: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(query)

    async def write(self, transaction: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(transaction)

    async def empty_log(self) -> None:
        """Nothing can be done from here: the server keeps its log as long as it is told to."""

    async def close(self) -> None:
        await self._engine.dispose()
