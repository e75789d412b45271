"""What can be set, by the environment and `.env`: `Settings` is the table of it.

What is wrong is told all at once, and without any value: a token or a password may have been pasted anywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from dotenv import dotenv_values
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from bot import values

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("text", "json")
PREFIX = "COACH_"
"""Variables that begin so are ours alone, so that an unknown one is a mistake."""
WRONG_LETTERS, LEFT_OUT = 1 / 6, 0.3
"""How much of a variable's name may be misspelt, or left out, and it is still taken for that name."""


class SettingsError(Exception):
    """Settings are missing or wrong: a line for each, a sentence with the variable's name and the remedy."""


@dataclass(frozen=True)
class Variable:
    """Where a setting is read from: the variable, how its text is read, and the text if it is not set."""

    name: str
    parse: Callable[[str], object]
    default: str = ""


@dataclass(frozen=True)
class Settings:
    """How this coach runs; `.env.example` tells of each variable.

    Every wait is divided by `speed`. With a `webhook_url` there are a secret and a port too; without one
    updates are polled, and a `port` None opens none. An empty `bind_address` is all of them. `rate`: messages
    a second that Telegram takes from us, `chat_rate`: in one chat, `person_rate`: taps and messages a second
    that we take from one person. With no `media_folder` words go without pictures and voice. With no
    `voice_file` the voice is the one that comes along. `playground_port` 0 is any free one.
    """

    token: Annotated[str, Variable("TELEGRAM_BOT_TOKEN", values.token)] = field(repr=False)
    api_url: Annotated[str, Variable("TELEGRAM_API_URL", values.api_url, "https://api.telegram.org")]
    database_url: Annotated[str, Variable("DATABASE_URL", values.database_url, "sqlite:///data/coach.db")] = (
        field(repr=False)
    )
    speed: Annotated[float, Variable("COACH_SPEED", values.speed, "1")]
    log_level: Annotated[str, Variable("COACH_LOG", values.one_of("log level", *LOG_LEVELS), "INFO")]
    log_format: Annotated[
        str, Variable("COACH_LOG_FORMAT", values.one_of("log format", *LOG_FORMATS), "text")
    ]
    webhook_url: Annotated[str, Variable("WEBHOOK_URL", values.webhook_url)]
    webhook_secret: Annotated[str, Variable("WEBHOOK_SECRET", values.webhook_secret)] = field(repr=False)
    port: Annotated[int | None, Variable("PORT", values.optional(values.port))]
    bind_address: Annotated[str, Variable("BIND_ADDRESS", values.address)]
    rate: Annotated[float, Variable("TELEGRAM_RATE", values.rate, "30")]
    chat_rate: Annotated[float, Variable("TELEGRAM_CHAT_RATE", values.rate, "1")]
    person_rate: Annotated[float, Variable("PERSON_RATE", values.rate, "1")]
    media_folder: Annotated[Path | None, Variable("MEDIA_FOLDER", values.folder, "data/media")]
    voice_file: Annotated[Path | None, Variable("VOICE_FILE", values.optional(values.voice_file))]
    playground_port: Annotated[int, Variable("PLAYGROUND_PORT", values.port, "8080")]


VARIABLES: dict[str, Variable] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(Settings, include_extras=True).items()
}
"""Each field of Settings, and where it is read from."""

NAMES = [variable.name for variable in VARIABLES.values()]


def has_token(environ: Mapping[str, str], dotenv_path: Path) -> bool:
    """Whether anything, right or wrong, is set as the token. Raises SettingsError for an unreadable file."""
    return VARIABLES["token"].name in _given(environ, dotenv_path)


def load(environ: Mapping[str, str], dotenv_path: Path) -> Settings:
    """Read the settings: `environ` first, then the file, if any, then the defaults; an empty value is none.

    Raises SettingsError for all variables that are missing or wrong.
    """
    given = _given(environ, dotenv_path)
    found: dict[str, Any] = {}
    wrong = []
    for setting, variable in VARIABLES.items():
        try:
            found[setting] = _parsed(variable, given)
        except values.Invalid as why:
            wrong.append(f"{variable.name} {why}")
    if found.get("webhook_url") and not {"WEBHOOK_SECRET", "PORT"} <= given.keys():
        wrong.append("WEBHOOK_URL does not do alone: set WEBHOOK_SECRET and PORT too, or remove it to poll.")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return Settings(**found)


def misspelt(environ: Mapping[str, str], dotenv_path: Path) -> list[str]:
    """A sentence for each variable that is probably meant to be one of ours, and is not.

    Raises SettingsError for an unreadable file.
    """
    names = sorted({*environ, *_dotenv(dotenv_path)} - {*NAMES})
    return [
        f"{name} is not a setting: did you mean {meant}? .env.example lists them all."
        for name in names
        if (meant := _meant(name))
    ]


def _meant(name: str) -> str | None:
    """The variable of ours that this name is probably meant to be."""
    name = name.upper()
    nearest, _, _ = process.extractOne(name, NAMES, scorer=Indel.distance)
    return nearest if name.startswith(PREFIX) or _is_like(name, nearest) else None


def _is_like(name: str, ours: str) -> bool:
    """Whether few letters are wrong, or some are left out and none is wrong."""
    shorter = len(ours) - len(name)
    left_out = Indel.distance(name, ours) == shorter <= len(ours) * LEFT_OUT
    return left_out or OSA.distance(name, ours) <= len(ours) * WRONG_LETTERS


def _parsed(variable: Variable, given: Mapping[str, str]) -> object:
    text = given.get(variable.name, variable.default)
    if not text.isprintable():
        raise values.Invalid("has an invisible character in it: type it anew.")
    return variable.parse(text)


def _given(environ: Mapping[str, str], dotenv_path: Path) -> dict[str, str]:
    """What is set of ours, without the spaces around it."""
    return _set(_dotenv(dotenv_path)) | _set(environ)


def _set(source: Mapping[str, str | None]) -> dict[str, str]:
    stripped = {name: (source.get(name) or "").strip() for name in NAMES}
    return {name: text for name, text in stripped.items() if text}


def _dotenv(path: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, ValueError):
        raise SettingsError(f"{path} cannot be read: save it as plain text in UTF-8, or remove it.") from None
