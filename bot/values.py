"""Parsers for settings, which are given as strings. Each parser returns the value, or raises Invalid.

An error must not repeat the string, because somebody may have put a token or a password into any variable.
"""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from os.path import isfile
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

MIN_SPEED, MAX_SPEED = 0.1, 1000.0
"""The limits of the speed, in seconds of the coach's clock per second of real time. A massage takes four
hours at the lowest speed, and two seconds at the highest."""

MIN_RATE, MAX_RATE = 0.1, 1e6
"""The limits of a rate, per second. The highest rate is so high that it limits nothing. Tests use it."""

T = TypeVar("T")


class Invalid(Exception):
    """A text is not valid. The message says what is wrong and what to do.

    The message is a sentence without its subject: the caller puts the name of the variable before it.
    """


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return a parser that returns None for an empty text, and otherwise the result of `parse`."""
    return lambda text: parse(text) if text else None


def one_of(kind: str, *choices: str) -> Callable[[str], str]:
    """Return a parser for one of the choices, in upper or lower case. Errors call a choice a `kind`."""
    spellings = {choice.lower(): choice for choice in choices}

    def parse(text: str) -> str:
        if text.lower() not in spellings:
            raise Invalid(f"is not a {kind}: write one of {', '.join(choices)}.")
        return spellings[text.lower()]

    return parse


def token(text: str) -> str:
    if not text:
        raise Invalid(
            "is not set: ask @BotFather in Telegram for a token, and put it into .env or the environment."
        )
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text):
        raise Invalid(
            "does not look like 123456789:AbC..., digits, a colon, letters and digits:"
            " copy all of it from @BotFather."
        )
    return text


def api_url(text: str) -> str:
    """Return the URL without a slash at the end."""
    if not _is_web_address(text):
        raise Invalid(
            "is not a web address: write one like http://127.0.0.1:8081, or remove it to use Telegram's own."
        )
    return text.rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        more = url.query or url.fragment or " " in text
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0 and not more
    except ValueError:
        return False


def database_url(text: str) -> str:
    """Return the URL in SQLAlchemy's form, with the name of the driver."""
    try:
        url = make_url(text)
        url = _with_asyncpg_parameters(url).set(drivername=DRIVERS[url.drivername])
        # SQLAlchemy parses the URL now as it will when connecting, so that errors in the URL are found now.
        _, arguments = url.get_dialect()().create_connect_args(url)
        ports = arguments.get("port", [])  # a list if there are several hosts
        if not all(0 < port < 2**16 for port in (ports if isinstance(ports, list) else [ports])):
            raise ValueError
    except (ArgumentError, KeyError, ValueError):
        raise Invalid(
            "is not an address the coach can use: write sqlite:///data/coach.db"
            " (four slashes before an absolute path) or postgresql://user:password@host/name."
        ) from None
    return url.render_as_string(hide_password=False)


def _with_asyncpg_parameters(url: URL) -> URL:
    """Return the URL with `sslmode` renamed to `ssl`, the name that asyncpg uses for the same values.

    Raises Invalid if the URL has a parameter that the driver does not support.
    """
    if url.query and (url.drivername == "sqlite" or url.query.keys() - {"host", "port", "sslmode"}):
        raise Invalid(
            "has a parameter the coach does not know: keep at most host, port and sslmode,"
            " for PostgreSQL, after the question mark."
        )
    mode = url.query.get("sslmode")
    if mode is None:
        return url
    if mode not in SSL_MODES:
        raise Invalid(f"has an unknown sslmode: write one of {', '.join(SSL_MODES)}.")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def speed(text: str) -> float:
    return _number(text, MIN_SPEED, MAX_SPEED, "write 1 for real time, 60 to try things out")


def rate(text: str) -> float:
    return _number(text, MIN_RATE, MAX_RATE, "write how many a second")


def _number(text: str, least: float, most: float, remedy: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise Invalid(f"is not a number from {least:g} to {most:.0f}: {remedy}.")
    return number


def webhook_url(text: str) -> str:
    if text and not (_is_web_address(text) and text.startswith("https://")):
        raise Invalid(
            "is not an https:// address: write the one at which Telegram can reach this coach,"
            " such as https://coach.example/telegram, or remove it to poll for updates."
        )
    if not re.fullmatch(r"[\w./~-]*", urlsplit(text).path, re.ASCII):
        raise Invalid("has a path with unusual characters: use only letters, digits, / . _ ~ and -.")
    return text


def webhook_secret(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", text):
        raise Invalid("is not one that Telegram accepts: use up to 256 letters, digits, _ and -.")
    return text


def port(text: str) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else -1
    if not 0 <= number < 2**16:
        raise Invalid("is not a port: write a number up to 65535, such as 8081, or 0 for any free one.")
    return number


def address(text: str) -> str:
    """Return the IP address in its usual form. An empty text is returned as it is."""
    try:
        return str(ip_address(text)) if text else ""
    except ValueError:
        raise Invalid(
            "is not an IP address: write one like 127.0.0.1 or ::1, or remove it to listen on all of them."
        ) from None


def folder(text: str) -> Path | None:
    """Return the folder, or None for "off". Raises Invalid unless files can be written there.

    The folder is not created here.
    """
    if text.lower() == "off":
        return None
    try:
        with TemporaryFile(dir=_nearest_existing(Path(text))):
            return Path(text)
    except OSError as error:
        problem = error.strerror
        raise Invalid(f"cannot be written to ({problem}): name another folder, or write off.") from None


def _nearest_existing(folder: Path) -> Path:
    """Return the folder if it exists, or else its nearest parent that exists."""
    for each in (folder, *folder.parents):
        with suppress(FileNotFoundError):
            each.stat()
            return each
    return folder


def voice_file(text: str) -> Path:
    if not (isfile(text) and isfile(f"{text}.json")):
        raise Invalid(
            "is not a whole voice for Piper: name its .onnx file, with its .onnx.json beside it,"
            " or remove it to use the installed voice."
        )
    return Path(text)
