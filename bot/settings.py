"""What the environment and `.env` say, as one frozen Settings.

It reads what it is given and nothing else: no global environment, no network, no database. No error repeats a
value, since a token or a password may have been pasted anywhere.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import exists, isdir, isfile
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

TOKEN = "TELEGRAM_BOT_TOKEN"

VARIABLES = {
    "token": TOKEN,
    "api_url": "TELEGRAM_API_URL",
    "database_url": "DATABASE_URL",
    "speed": "COACH_SPEED",
    "log_level": "COACH_LOG",
    "webhook_url": "WEBHOOK_URL",
    "webhook_secret": "WEBHOOK_SECRET",
    "port": "PORT",
    "rate": "TELEGRAM_RATE",
    "chat_rate": "TELEGRAM_CHAT_RATE",
    "person_rate": "PERSON_RATE",
    "media_folder": "MEDIA_FOLDER",
    "voice_file": "VOICE_FILE",
    "playground_port": "PLAYGROUND_PORT",
}
"""Each field of Settings, and the variable it is read from."""

DEFAULTS = {
    "TELEGRAM_API_URL": "https://api.telegram.org",
    "DATABASE_URL": "sqlite:///data/coach.db",
    "COACH_SPEED": "1",
    "COACH_LOG": "INFO",
    "TELEGRAM_RATE": "30",
    "TELEGRAM_CHAT_RATE": "1",
    "PERSON_RATE": "1",
    "MEDIA_FOLDER": "data/media",
    "PLAYGROUND_PORT": "8080",
}

DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

SLOWEST, FASTEST = 0.1, 1000.0
"""The least and the greatest COACH_SPEED: a massage in four hours, and in two seconds."""

LEAST_RATE, GREATEST_RATE = 0.1, 1e6
"""A second: less would be silence, and more is none at all, to whoever tries things out."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(Exception):
    """A setting is missing or wrong; the text is one sentence with the variable's name and the remedy."""


@dataclass(frozen=True)
class Settings:
    """How this coach runs.

    `api_url` has no slash at its end. `database_url` is SQLAlchemy's, with its driver.
    Every wait is divided by `speed`. `log_level` is one of LOG_LEVELS. With a `webhook_url` there are a
    secret and a port too; without one updates are polled, and a `port` None opens none. `rate`: messages a
    second that Telegram takes from us, `chat_rate`: in one chat, `person_rate`: taps and messages a second
    that we take from one person. With no `media_folder` words go without pictures and voice. With no
    `voice_file` the voice is the one that comes along. `playground_port` 0 is any free one.
    """

    token: str = field(repr=False)
    api_url: str
    database_url: str = field(repr=False)
    speed: float
    log_level: str
    webhook_url: str
    webhook_secret: str = field(repr=False)
    port: int | None
    rate: float
    chat_rate: float
    person_rate: float
    media_folder: Path | None
    voice_file: Path | None
    playground_port: int


def has_token(environ: Mapping[str, str], dotenv_path: Path) -> bool:
    """Whether anything, right or wrong, is set as the token. Raises SettingsError for an unreadable file."""
    return TOKEN in _values(environ, dotenv_path)


def load(environ: Mapping[str, str], dotenv_path: Path) -> Settings:
    """Read the settings: `environ` first, then the file, if any, then DEFAULTS; an empty value is none.

    Raises SettingsError for the first variable that is missing or wrong.
    """
    values = _values(environ, dotenv_path)
    settings = Settings(
        token=_token(values.get(TOKEN, "")),
        api_url=_api_url(values["TELEGRAM_API_URL"]),
        database_url=_database_url(values["DATABASE_URL"]),
        speed=_speed("COACH_SPEED", values),
        log_level=_log_level(values["COACH_LOG"]),
        webhook_url=_webhook_url(values.get("WEBHOOK_URL", "")),
        webhook_secret=_webhook_secret(values.get("WEBHOOK_SECRET", "")),
        port=_port("PORT", values["PORT"]) if "PORT" in values else None,
        rate=_rate("TELEGRAM_RATE", values),
        chat_rate=_rate("TELEGRAM_CHAT_RATE", values),
        person_rate=_rate("PERSON_RATE", values),
        media_folder=_folder(values["MEDIA_FOLDER"]),
        voice_file=_voice_file(values.get("VOICE_FILE", "")),
        playground_port=_port("PLAYGROUND_PORT", values["PLAYGROUND_PORT"]),
    )
    if settings.webhook_url and not (settings.webhook_secret and settings.port is not None):
        raise SettingsError(
            "WEBHOOK_URL does not do alone: set WEBHOOK_SECRET and PORT too, or remove it to poll."
        )
    return settings


def _values(environ: Mapping[str, str], dotenv_path: Path) -> dict[str, str]:
    return DEFAULTS | _given(_dotenv(dotenv_path)) | _given(environ)


def _given(source: Mapping[str, str | None]) -> dict[str, str]:
    stripped = {name: (source.get(name) or "").strip() for name in VARIABLES.values()}
    for name, value in stripped.items():
        if not value.isprintable():
            raise SettingsError(f"{name} has an invisible character in it: type it anew.")
    return {name: value for name, value in stripped.items() if value}


def _dotenv(path: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, ValueError):
        raise SettingsError(f"{path} cannot be read: save it as plain text in UTF-8, or remove it.") from None


def _token(value: str) -> str:
    if not value:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not set: ask @BotFather in Telegram for a token,"
            " and put it into .env or the environment."
        )
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", value):
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN does not look like 123456789:AbC..., digits, a colon, letters and digits:"
            " copy the whole of it from @BotFather."
        )
    return value


def _api_url(value: str) -> str:
    if not _is_web_address(value):
        raise SettingsError(
            "TELEGRAM_API_URL is not a web address: write one like http://127.0.0.1:8081,"
            " or remove it to use Telegram's own."
        )
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        url = urlsplit(value)
        more = url.query or url.fragment or " " in value
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0 and not more
    except ValueError:
        return False


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
        url = _translated(url).set(drivername=DRIVERS[url.drivername])
        # SQLAlchemy's own reading of the address, as it would do when connecting.
        _, how = url.get_dialect()().create_connect_args(url)
        ports = how.get("port", [])  # of several hosts there are several
        if not all(0 < port < 2**16 for port in (ports if isinstance(ports, list) else [ports])):
            raise ValueError
    except (ArgumentError, KeyError, ValueError):
        raise SettingsError(
            "DATABASE_URL is not an address the coach can use: write sqlite:///data/coach.db"
            " (four slashes before an absolute path) or postgresql://user:password@host/name."
        ) from None
    return url.render_as_string(hide_password=False)


def _translated(url: URL) -> URL:
    """Refuse parameters that the driver would stumble over; sslmode is asyncpg's ssl, in the same words."""
    if url.query and (url.drivername == "sqlite" or url.query.keys() - {"host", "port", "sslmode"}):
        raise SettingsError(
            "DATABASE_URL has a parameter the coach does not know: keep at most host, port and sslmode,"
            " for PostgreSQL, after the question mark."
        )
    mode = url.query.get("sslmode")
    if mode is None:
        return url
    if mode not in SSL_MODES:
        raise SettingsError(f"DATABASE_URL has an unknown sslmode: write one of {', '.join(SSL_MODES)}.")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _speed(name: str, values: Mapping[str, str]) -> float:
    return _number(name, values, SLOWEST, FASTEST, "write 1 for real time, 60 to try things out")


def _rate(name: str, values: Mapping[str, str]) -> float:
    return _number(name, values, LEAST_RATE, GREATEST_RATE, "write how many a second")


def _number(name: str, values: Mapping[str, str], least: float, most: float, remedy: str) -> float:
    try:
        number = float(values[name])
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise SettingsError(f"{name} is not a number from {least:g} to {most:.0f}: {remedy}.")
    return number


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise SettingsError(f"COACH_LOG is not a log level: write one of {', '.join(LOG_LEVELS)}.")
    return value.upper()


def _webhook_url(value: str) -> str:
    if value and not (_is_web_address(value) and value.startswith("https://")):
        raise SettingsError(
            "WEBHOOK_URL is not an https:// address: write the one that leads to this coach from outside,"
            " such as https://coach.example/telegram, or remove it to poll for updates."
        )
    if not re.fullmatch(r"[\w./~-]*", urlsplit(value).path, re.ASCII):
        raise SettingsError(
            "WEBHOOK_URL has a path that is hard to spell: use letters, digits, / . _ ~ and - alone."
        )
    return value


def _webhook_secret(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value):
        raise SettingsError(
            "WEBHOOK_SECRET is not one that Telegram takes: use up to 256 letters, digits, _ and -."
        )
    return value


def _folder(value: str) -> Path | None:
    if exists(value) and not isdir(value):
        raise SettingsError("MEDIA_FOLDER is there, and is no folder: name one, or write off.")
    return None if value.lower() == "off" else Path(value)


def _voice_file(value: str) -> Path | None:
    if not value:
        return None
    if not (isfile(value) and isfile(f"{value}.json")):
        raise SettingsError(
            "VOICE_FILE is not a whole voice for Piper: name its .onnx file, with its .onnx.json beside it,"
            " or remove it for the voice that comes along."
        )
    return Path(value)


def _port(name: str, value: str) -> int:
    port = int(value) if re.fullmatch(r"[0-9]{1,5}", value) else -1
    if not 0 <= port < 2**16:
        raise SettingsError(
            f"{name} is not a port: write a number up to 65535, such as 8081, or 0 for any free one."
        )
    return port
