"""Errors of the database, and the sentences that explain them to the person who runs the coach.

The text of an error must not contain a password, an SQL statement or anything that a user wrote.
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
"""Advice for a database that cannot be opened. The keys are SQLAlchemy's names for the database systems."""
DAMAGE_REMEDY = (
    "If it is the coach's, it is damaged: save what can be read of it with"
    " `sqlite3 {file} .recover | sqlite3 saved.db`, move it and the -wal and -shm files beside it away,"
    " and put saved.db or a backup in its place (docs/operating.md tells more)."
    " If it is not, name another one in DATABASE_URL."
)
"""Advice for a SQLite file that is damaged, or for a file that is not a SQLite file."""
DATABASE_ERRORS = (exc.DBAPIError, exc.TimeoutError, OSError)
"""The errors that are raised when the database, its driver or the network fails. Some subclasses, listed in
BUGS, do not mean such a failure.
"""
BUGS = (exc.DataError, exc.IntegrityError, exc.NotSupportedError, exc.ProgrammingError)
"""Subclasses of SQLAlchemy's DBAPIError that only a bug in the coach can cause."""


class StoreError(Exception):
    """The database cannot be used; the text of the error says why.

    If the error is a StoreUnavailable, a retry can help. Otherwise a retry does not help, and the text says
    what to do.
    """


class StoreUnavailable(StoreError):
    """The database is temporarily unreachable, locked or full. A retry can help."""


class Conflict(Exception):
    """The stored session has changed since the caller loaded it. The caller has to load the session again."""


class AlreadySeen(Exception):
    """An update from Telegram has already been handled, so it must not be handled again."""


class Unreadable(Exception):
    """The stored session was written by another version of the coach, and this version cannot read it.

    The attribute `version` is the stored session's own version, which counts its commits.
    """

    def __init__(self, chat: int, version: int) -> None:
        super().__init__(f"the session of chat {chat} cannot be read")
        self.version = version


@contextmanager
def explain_opening(url: URL) -> Iterator[None]:
    """Turn every database error that occurs while the database at `url` is opened into a StoreError."""
    try:
        yield
    except DATABASE_ERRORS as error:
        remedy = DAMAGE_REMEDY if is_damage(error) else REMEDY[url.get_backend_name()]
        raise _unusable(url, _reason(error), remedy) from error


@contextmanager
def explain_use(url: URL) -> Iterator[None]:
    """Turn the database errors that occur in the block into errors of the store.

    If an error means that the database is damaged, it becomes a StoreError; any other becomes a
    StoreUnavailable. The errors in BUGS are not changed.
    """
    try:
        yield
    except BUGS:
        raise
    except DATABASE_ERRORS as error:
        if is_damage(error):
            raise damaged(url, _reason(error)) from error
        raise StoreUnavailable(f"The database cannot be used for now: {_reason(error)}") from error


def damaged(url: URL, reason: str) -> StoreError:
    """Return the error for a damaged SQLite file. `reason` is SQLite's description of the damage."""
    return _unusable(url, reason, DAMAGE_REMEDY)


def _unusable(url: URL, reason: str, remedy: str) -> StoreError:
    where = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return StoreError(f"The database {where} cannot be used: {reason}. {remedy.format(file=url.database)}")


def _reason(error: Exception) -> str:
    """Return the driver's own message for an error.

    The result does not contain the SQL statement, because the statement may contain text that a user wrote.
    """
    return str(error.orig if isinstance(error, exc.DBAPIError) else error) or "it does not answer"
