"""What can go wrong with the database, and the sentences that explain it to whoever runs the coach.

A message must never contain a password, a statement or anything that a person wrote.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc
from sqlalchemy.engine import URL

from bot.storage.database import is_damage

REMEDY = {
    "sqlite": "Check that DATABASE_URL names a database of the coach's, or none yet,"
    " in a folder where the coach may write.",
    "postgresql": "Check DATABASE_URL, and that the server runs and lets the coach in.",
}
"""What to do about a database that cannot be opened, by SQLAlchemy's name of the database system."""
DAMAGE_REMEDY = (
    "If it is the coach's, it is damaged: save what can be read of it with"
    " `sqlite3 {file} .recover | sqlite3 saved.db`, move it and the -wal and -shm files beside it away,"
    " and put saved.db or a backup in its place (docs/operating.md tells more)."
    " If it is not, name another one in DATABASE_URL."
)
"""What to do about a SQLite file that is damaged, or that is not a SQLite file."""
DATABASE_ERRORS = (exc.DBAPIError, exc.TimeoutError, OSError)
"""What is raised when the database, its driver or the network fails. BUGS are the exceptions to this."""
BUGS = (exc.DataError, exc.IntegrityError, exc.NotSupportedError, exc.ProgrammingError)
"""Subclasses of DBAPIError that mean a bug in the coach."""


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do. A retry does not help."""


class StoreUnavailable(StoreError):
    """The database is unreachable, locked or full for now. A retry can help."""


class Conflict(Exception):
    """Somebody else has committed the session since it was loaded: load it again."""


class AlreadySeen(Exception):
    """The update was handled before."""


class Unreadable(Exception):
    """The stored session was written by another version of the coach, and this one cannot read it."""

    def __init__(self, chat: int, version: int) -> None:
        super().__init__(f"the session of chat {chat} cannot be read")
        self.version = version


@contextmanager
def explain_opening(url: URL) -> Iterator[None]:
    """Raise StoreError for every error while the database at `url` is opened."""
    try:
        yield
    except DATABASE_ERRORS as error:
        remedy = DAMAGE_REMEDY if is_damage(error) else REMEDY[url.get_backend_name()]
        raise _unusable(url, _reason(error), remedy) from error


@contextmanager
def explain_use(url: URL) -> Iterator[None]:
    """Raise StoreUnavailable where a retry can help, and StoreError where the database is damaged."""
    try:
        yield
    except BUGS:
        raise
    except DATABASE_ERRORS as error:
        if is_damage(error):
            raise damaged(url, _reason(error)) from error
        raise StoreUnavailable(f"The database cannot be used for now: {_reason(error)}") from error


def damaged(url: URL, reason: str) -> StoreError:
    """Return the error for a damaged SQLite file; `reason` is what SQLite says about it."""
    return _unusable(url, reason, DAMAGE_REMEDY)


def _unusable(url: URL, reason: str, remedy: str) -> StoreError:
    where = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return StoreError(f"The database {where} cannot be used: {reason}. {remedy.format(file=url.database)}")


def _reason(error: Exception) -> str:
    """Return the driver's own message, without the statement, which may contain what a person wrote."""
    return str(error.orig if isinstance(error, exc.DBAPIError) else error) or "it does not answer"
