"""Configures the log: where its lines are written, and what they look like.

A line must never contain the bot's token, with which anybody could control the bot, or the webhook's secret,
with which anybody could pretend to be Telegram. So both are replaced in the finished text, including the
traceback, just before the text is written.

Unless the level is DEBUG, a line must not contain what people write, or their names. So a traceback contains
the type of an error but not its text, which can repeat what a parser or a database was given.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote

from bot.storage.errors import StoreError

NOISY_LIBRARIES = ("httpx", "httpcore", "apscheduler")
"""These libraries log every request or wake-up at INFO, so only their warnings and errors are logged here."""


def configure(level: str, token: str, secret: str = "", log_format: str = "text") -> None:
    """Write all records of at least `level` to stderr, with the token and the secret replaced.

    `level` is a name, such as "INFO". `log_format` is "text", for people, or "json", for log collectors.
    """
    formatter = JsonFormatter if log_format == "json" else Formatter
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(token, secret, tells_all=level == "DEBUG"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Otherwise, if logging could not format a record, it would print the record's arguments.
    logging.raiseExceptions = False
    for name in NOISY_LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Formats a record as one line, with a traceback below it if there is one.

    The token and the secret are replaced by `<token>`. If `tells_all` is true, tracebacks contain the texts
    of the errors too. A StoreError is written without a traceback, because its text says everything.
    """

    def __init__(self, token: str, secret: str = "", *, tells_all: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._spellings = {token, quote(token, safe=""), secret} - {""}
        self._tells_all = tells_all

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\n", "\\n").replace("\r", "\\r")

    def formatException(self, ei: ExcInfo) -> str:
        error = ei[1]
        if isinstance(error, StoreError):
            return str(error)
        if self._tells_all or error is None:
            return super().formatException(ei)
        return "\n".join(_traceback_without_texts(error))

    def format(self, record: logging.LogRecord) -> str:
        return self._without_secrets(super().format(record))

    def _without_secrets(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, "<token>")
        return text


class JsonFormatter(Formatter):
    """Formats a record as one line of JSON, without the secrets and texts that Formatter leaves out.

    The keys are time (ISO 8601, UTC), level, logger and message, and exception if there is an error.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: self._without_secrets(text) for key, text in fields.items()})


def _traceback_without_texts(error: BaseException) -> Iterator[str]:
    """Yield the lines of an error's traceback, after those of its cause. Error messages are left out."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier:
        yield from _traceback_without_texts(earlier)
    yield "Traceback (most recent call last):"
    yield from (frame.rstrip("\n") for frame in traceback.format_tb(error.__traceback__))
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _traceback_without_texts(each)
