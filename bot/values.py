"""How the text of each setting is read: what it stands for, or what is wrong with it.

No complaint repeats the text, since a token or a password may have been pasted anywhere.
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

SLOWEST, FASTEST = 0.1, 1000.0
"""The least and the greatest speed: a massage in four hours, and in two seconds."""

LEAST_RATE, GREATEST_RATE = 0.1, 1e6
"""A second: less would be silence, and more is none at all, to whoever tries things out."""

T = TypeVar("T")


class Invalid(Exception):
    """What is wrong with a text, and the remedy: a sentence that lacks the variable's name in front."""


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """None for an empty text."""
    return lambda text: parse(text) if text else None


def one_of(kind: str, *choices: str) -> Callable[[str], str]:
    """One of the choices, in capitals or not."""
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
            " copy the whole of it from @BotFather."
        )
    return text


def api_url(text: str) -> str:
    """Without a slash at its end."""
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
    """SQLAlchemy's, with its driver."""
    try:
        url = make_url(text)
        url = _translated(url).set(drivername=DRIVERS[url.drivername])
        # SQLAlchemy's own reading of the address, as it would do when connecting.
        _, how = url.get_dialect()().create_connect_args(url)
        ports = how.get("port", [])  # of several hosts there are several
        if not all(0 < port < 2**16 for port in (ports if isinstance(ports, list) else [ports])):
            raise ValueError
    except (ArgumentError, KeyError, ValueError):
        raise Invalid(
            "is not an address the coach can use: write sqlite:///data/coach.db"
            " (four slashes before an absolute path) or postgresql://user:password@host/name."
        ) from None
    return url.render_as_string(hide_password=False)


def _translated(url: URL) -> URL:
    """Refuse parameters that the driver would stumble over; sslmode is asyncpg's ssl, in the same words."""
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
    return _number(text, SLOWEST, FASTEST, "write 1 for real time, 60 to try things out")


def rate(text: str) -> float:
    return _number(text, LEAST_RATE, GREATEST_RATE, "write how many a second")


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
            "is not an https:// address: write the one that leads to this coach from outside,"
            " such as https://coach.example/telegram, or remove it to poll for updates."
        )
    if not re.fullmatch(r"[\w./~-]*", urlsplit(text).path, re.ASCII):
        raise Invalid("has a path that is hard to spell: use letters, digits, / . _ ~ and - alone.")
    return text


def webhook_secret(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", text):
        raise Invalid("is not one that Telegram takes: use up to 256 letters, digits, _ and -.")
    return text


def port(text: str) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else -1
    if not 0 <= number < 2**16:
        raise Invalid("is not a port: write a number up to 65535, such as 8081, or 0 for any free one.")
    return number


def address(text: str) -> str:
    """An IP address of this machine, or empty."""
    try:
        return str(ip_address(text)) if text else ""
    except ValueError:
        raise Invalid(
            "is not an IP address: write one like 127.0.0.1 or ::1, or remove it to listen on all of them."
        ) from None


def folder(text: str) -> Path | None:
    """One that can be written to, or made; it is not made yet. None for "off"."""
    if text.lower() == "off":
        return None
    try:
        with TemporaryFile(dir=_nearest(Path(text))):
            return Path(text)
    except OSError as error:
        why = error.strerror
        raise Invalid(f"cannot be written to ({why}): name another folder, or write off.") from None


def _nearest(folder: Path) -> Path:
    """The folder, or where it is not there the nearest one above it."""
    for each in (folder, *folder.parents):
        with suppress(FileNotFoundError):
            each.stat()
            return each
    return folder


def voice_file(text: str) -> Path:
    if not (isfile(text) and isfile(f"{text}.json")):
        raise Invalid(
            "is not a whole voice for Piper: name its .onnx file, with its .onnx.json beside it,"
            " or remove it for the voice that comes along."
        )
    return Path(text)
