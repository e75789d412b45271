"""Where log lines go and what they look like.

No line may ever carry the bot's token: whoever holds it is the bot; nor the webhook's secret, with which
anybody could speak as Telegram. So the finished text is searched, traceback and all, as the last thing
before it is written.

Nor may a line carry what people write, or their names, unless the level is DEBUG. So a traceback says what
kind of error was raised where, but not the error's own text: that can repeat what a parser or a database was
given.
"""

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote

from bot.storage.errors import StoreError

NOISY = ("httpx", "httpcore", "apscheduler")
"""Libraries that log every request or wake-up at INFO; only their warnings are of use here."""


def configure(level: str, token: str, secret: str = "", log_format: str = "text") -> None:
    """Send all records from `level` (a name, such as "INFO") to stderr, token and secret blotted out.

    `log_format`: "text" for people to read, "json" for log collectors.
    """
    formatter = JsonFormatter if log_format == "json" else Formatter
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(token, secret, tells_all=level == "DEBUG"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Otherwise a record that cannot be formatted is printed raw, arguments and all.
    logging.raiseExceptions = False
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """One line a record, a traceback below it if there is one, `<token>` in place of token or secret.

    `tells_all`: with the errors' own texts in the traceback. A StoreError has said all there is to say: it
    is written without its traceback.
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
        return super().formatException(ei) if self._tells_all or error is None else "\n".join(_told(error))

    def format(self, record: logging.LogRecord) -> str:
        return self._blotted(super().format(record))

    def _blotted(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, "<token>")
        return text


class JsonFormatter(Formatter):
    """One JSON object a line: time (ISO 8601, in UTC), level, logger, message, and exception if there is one.

    What is left out of the text format is left out here too.
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: self._blotted(text) for key, text in told.items()})


def _told(error: BaseException) -> Iterator[str]:
    """What was raised where, what it was raised from first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier:
        yield from _told(earlier)
    yield "Traceback (most recent call last):"
    yield from (frame.rstrip("\n") for frame in traceback.format_tb(error.__traceback__))
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each)
