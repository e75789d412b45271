"""Where log lines go and what they look like.

No line may ever carry the bot's token: whoever holds it is the bot; nor the webhook's secret, with which
anybody could speak as Telegram. So the finished text is searched, traceback and all, as the last thing
before it is written.
"""

import logging
from typing import Any
from urllib.parse import quote

from bot.store import StoreError

NOISY = ("httpx", "httpcore", "apscheduler")
"""Libraries that log every request or wake-up at INFO; only their warnings are of use here."""


def configure(level: str, token: str, secret: str = "") -> None:
    """Send all records from `level` (a name, such as "INFO") to stderr, token and secret blotted out."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(token, secret))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Otherwise a record that cannot be formatted is printed raw, arguments and all.
    logging.raiseExceptions = False
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class Formatter(logging.Formatter):
    """One line a record, a traceback below it if there is one, `<token>` in place of token or secret.

    A StoreError has said all there is to say: it is written without its traceback.
    """

    def __init__(self, token: str, secret: str = "") -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._spellings = {token, quote(token, safe=""), secret} - {""}

    def formatException(self, ei: Any) -> str:
        return str(ei[1]) if isinstance(ei[1], StoreError) else super().formatException(ei)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\n", "\\n").replace("\r", "\\r")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for spelling in self._spellings:
            line = line.replace(spelling, "<token>")
        return line
