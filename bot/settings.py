"""The settings, read from environment variables and `.env`. The fields of `Settings` list all of them.

All errors are reported at once. An error must not repeat a value, because somebody may have put a token or a
password into any variable.
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
"""Only the coach's variables have this prefix. So an unknown variable with this prefix is a mistake."""
MAX_WRONG_SHARE, MAX_MISSING_SHARE = 1 / 6, 0.3
"""An unknown name counts as a misspelling of a setting's name if at most 1/6 of that name's letters are
wrong, or if at most 0.3 of them are missing and none is wrong."""


class SettingsError(Exception):
    """Some settings are missing or wrong. Each line of the text names a variable, and says what to do."""


@dataclass(frozen=True)
class Variable:
    """The environment variable of a setting, the function that parses its text, and its default text."""

    name: str
    parse: Callable[[str], object]
    default: str = ""


@dataclass(frozen=True)
class Settings:
    """The settings of a coach. `.env.example` describes each variable.

    `speed` is how many seconds pass for the coach in each second of real time. If `webhook_url` is not empty,
    `webhook_secret` and `port` are set too; otherwise, updates are polled. If `port` is None, no HTTP server
    is started. If `bind_address` is empty, the server listens on all addresses. Rates are per second: `rate`
    is for all messages, `chat_rate` for the messages to one chat, and `person_rate` for the taps and messages
    accepted from one person. If `media_folder` is None, there are no pictures and no voice. If `voice_file`
    is None, the installed voice is used. If `playground_port` is 0, the playground uses any free port.
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
"""The environment variable of each field of Settings."""

NAMES = [variable.name for variable in VARIABLES.values()]


def has_token(environ: Mapping[str, str], dotenv_path: Path) -> bool:
    """Return whether a token is set, even an invalid one. Raises SettingsError if the file is unreadable."""
    return VARIABLES["token"].name in _texts(environ, dotenv_path)


def media_folder(environ: Mapping[str, str], dotenv_path: Path) -> Path | None:
    """Return the folder of pictures and recordings, or None if it is turned off. Raises SettingsError."""
    variable = VARIABLES["media_folder"]
    try:
        folder = _parse(variable, _texts(environ, dotenv_path))
    except values.Invalid as problem:
        raise SettingsError(f"{variable.name} {problem}") from None
    return folder if isinstance(folder, Path) else None


def load(environ: Mapping[str, str], dotenv_path: Path) -> Settings:
    """Return the settings. Each value comes from `environ`, or else from the file, or else from the defaults.

    An empty value counts as not set. Raises SettingsError, which lists all variables that are missing or
    wrong, or says that the file is unreadable.
    """
    texts = _texts(environ, dotenv_path)
    parsed: dict[str, Any] = {}
    problems = []
    for setting, variable in VARIABLES.items():
        try:
            parsed[setting] = _parse(variable, texts)
        except values.Invalid as problem:
            problems.append(f"{variable.name} {problem}")
    if parsed.get("webhook_url") and not {"WEBHOOK_SECRET", "PORT"} <= texts.keys():
        problems.append("WEBHOOK_URL is not enough: set WEBHOOK_SECRET and PORT too, or remove it to poll.")
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(**parsed)


def misspelt(environ: Mapping[str, str], dotenv_path: Path) -> list[str]:
    """Return a sentence for each variable whose name is probably a misspelt name of a setting.

    Raises SettingsError if the file is unreadable.
    """
    names = sorted({*environ, *_read_dotenv(dotenv_path)} - {*NAMES})
    return [
        f"{name} is not a setting: did you mean {meant}? .env.example lists them all."
        for name in names
        if (meant := _meant(name))
    ]


def _meant(name: str) -> str | None:
    """Return the name of the setting that an unknown name probably means, or None if it resembles none."""
    name = name.upper()
    nearest, _, _ = process.extractOne(name, NAMES, scorer=Indel.distance)
    return nearest if name.startswith(PREFIX) or _is_similar(name, nearest) else None


def _is_similar(name: str, setting: str) -> bool:
    """Return whether `name` has only a few wrong letters, or only lacks some letters of `setting`."""
    shorter = len(setting) - len(name)
    only_missing = Indel.distance(name, setting) == shorter <= len(setting) * MAX_MISSING_SHARE
    return only_missing or OSA.distance(name, setting) <= len(setting) * MAX_WRONG_SHARE


def _parse(variable: Variable, texts: Mapping[str, str]) -> object:
    """Return the variable's value. Raises values.Invalid if the text is not valid."""
    text = texts.get(variable.name, variable.default)
    if not text.isprintable():
        raise values.Invalid("has an invisible character in it: type it again.")
    return variable.parse(text)


def _texts(environ: Mapping[str, str], dotenv_path: Path) -> dict[str, str]:
    """Return the texts of the coach's variables that are set, without whitespace around them."""
    return _non_empty(_read_dotenv(dotenv_path)) | _non_empty(environ)


def _non_empty(source: Mapping[str, str | None]) -> dict[str, str]:
    stripped = {name: (source.get(name) or "").strip() for name in NAMES}
    return {name: text for name, text in stripped.items() if text}


def _read_dotenv(path: Path) -> dict[str, str | None]:
    """Return all variables in the file, or none if there is no file.

    Raises SettingsError if the file is unreadable.
    """
    try:
        return dotenv_values(path, interpolate=False, encoding="utf-8")
    except (OSError, ValueError):
        raise SettingsError(f"{path} cannot be read: save it as plain text in UTF-8, or remove it.") from None
