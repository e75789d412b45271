"""Settings: where they are read from, which source takes precedence, and one helpful sentence per mistake."""

import re
from dataclasses import fields
from pathlib import Path

import hypothesis
import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from bot.settings import NAMES, VARIABLES, Settings, SettingsError, load, misspelt

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"
NO_FILE = Path(__file__).parent / "no-such-file"
EXAMPLE = Path(__file__).parent.parent / ".env.example"


def settings(**environ: str) -> Settings:
    return load({"TELEGRAM_BOT_TOKEN": TOKEN, **environ}, NO_FILE)


def complaint(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(**environ)
    return str(caught.value)


def dotenv(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_bytes(text.encode())
    return path


# Reading


def test_a_token_is_all_that_is_needed() -> None:
    assert settings() == Settings(
        token=TOKEN,
        api_url="https://api.telegram.org",
        database_url="sqlite:///data/coach.db",
        speed=1,
        log_level="INFO",
        log_format="text",
        webhook_url="",
        webhook_secret="",
        port=None,
        bind_address="",
        rate=30,
        chat_rate=1,
        person_rate=1,
        media_folder=Path("data/media"),
        voice_file=None,
        playground_port=8080,
    )


def test_every_setting_can_be_set() -> None:
    assert settings(
        TELEGRAM_API_URL="http://127.0.0.1:8081/",
        DATABASE_URL="postgresql://sam:secret@db.example/coach",
        COACH_SPEED="60",
        COACH_LOG="debug",
        COACH_LOG_FORMAT="JSON",
        WEBHOOK_URL="https://coach.example/telegram",
        WEBHOOK_SECRET="hush-hush_1",
        PORT="8443",
        BIND_ADDRESS="0:0::1",
        TELEGRAM_RATE="1000",
        TELEGRAM_CHAT_RATE="0.5",
        PERSON_RATE="2",
        MEDIA_FOLDER="off",
        PLAYGROUND_PORT="0",
    ) == Settings(
        token=TOKEN,
        api_url="http://127.0.0.1:8081",
        database_url="postgresql+asyncpg://sam:secret@db.example/coach",
        speed=60,
        log_level="DEBUG",
        log_format="json",
        webhook_url="https://coach.example/telegram",
        webhook_secret="hush-hush_1",
        port=8443,
        bind_address="::1",
        rate=1000,
        chat_rate=0.5,
        person_rate=2,
        media_folder=None,
        voice_file=None,
        playground_port=0,
    )


def test_the_file_is_read_and_the_environment_takes_precedence(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "COACH_SPEED=60\nCOACH_LOG='ERROR'  # quiet\n")
    found = load({"TELEGRAM_BOT_TOKEN": TOKEN, "COACH_SPEED": "2"}, path)
    assert (found.speed, found.log_level) == (2, "ERROR")


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    path = dotenv(tmp_path, f"TELEGRAM_BOT_TOKEN={TOKEN}\nCOACH_SPEED=\nCOACH_LOG\n")
    found = load({"TELEGRAM_BOT_TOKEN": "", "DATABASE_URL": "  "}, path)
    assert found == settings()


def test_a_file_that_a_windows_editor_saved_is_read(tmp_path: Path) -> None:
    path = dotenv(tmp_path, f"\ufeffTELEGRAM_BOT_TOKEN={TOKEN}\r\nCOACH_SPEED=60\r\n")
    assert load({}, path) == settings(COACH_SPEED="60")


def test_a_dollar_sign_in_the_file_is_taken_literally(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "DATABASE_URL=postgresql://sam:${COACH_LOG}@db/coach\n")
    found = load({"TELEGRAM_BOT_TOKEN": TOKEN}, path).database_url
    assert make_url(found).password == "${COACH_LOG}"


def test_whitespace_around_a_value_is_ignored() -> None:
    assert settings(TELEGRAM_BOT_TOKEN=f" {TOKEN}\n") == settings()


def test_secrets_are_not_shown() -> None:
    shown = repr(settings(DATABASE_URL="postgres://sam:hush@db/coach", WEBHOOK_SECRET="hush"))
    assert TOKEN not in shown
    assert "hush" not in shown


# The database's address


@pytest.mark.parametrize(
    ("given_url", "used_url"),
    [
        ("sqlite:///here.db", "sqlite:///here.db"),
        ("sqlite:////var/lib/coach.db", "sqlite:////var/lib/coach.db"),
        ("postgresql://db/coach", "postgresql+asyncpg://db/coach"),
        ("postgres://sam:p%40ss@db:5433/coach", "postgresql+asyncpg://sam:p%40ss@db:5433/coach"),
        ("postgres://db/coach?sslmode=require", "postgresql+asyncpg://db/coach?ssl=require"),
        ("postgresql:///coach?host=a:1&host=b:2", "postgresql+asyncpg:///coach?host=a%3A1&host=b%3A2"),
        ("postgresql:///coach?host=/tmp&port=5433", "postgresql+asyncpg:///coach?host=/tmp&port=5433"),
    ],
)
def test_a_database_address_gets_its_driver(given_url: str, used_url: str) -> None:
    found = settings(DATABASE_URL=given_url).database_url
    assert found.replace("%2F", "/") == used_url
    assert create_engine(found).dialect.name in ("sqlite", "postgresql")


# Mistakes


@pytest.mark.parametrize(
    "token",
    [TOKEN.replace(":", ""), f"bot{TOKEN}", f"{TOKEN}/test", "your-token-here", "1:" + "é" * 35],
)
def test_a_token_of_the_wrong_format_is_refused(token: str) -> None:
    said = complaint(TELEGRAM_BOT_TOKEN=token)
    assert said.startswith("TELEGRAM_BOT_TOKEN does not look like")
    assert token not in said


def test_a_missing_token_is_reported() -> None:
    assert complaint(TELEGRAM_BOT_TOKEN="").startswith("TELEGRAM_BOT_TOKEN is not set: ask @BotFather")


@pytest.mark.parametrize(
    "speed", ["fast", "0", "-1", "nan", "inf", "1e999", "1e-320", "0.09", "1001", "1,5", "0x1"]
)
def test_an_invalid_speed_is_refused(speed: str) -> None:
    said = complaint(COACH_SPEED=speed)
    assert said.startswith("COACH_SPEED is not a number from 0.1 to 1000: write 1 for real time")


def test_an_unknown_log_level_is_refused() -> None:
    said = complaint(COACH_LOG="loud")
    assert said == "COACH_LOG is not a log level: write one of DEBUG, INFO, WARNING, ERROR, CRITICAL."


def test_an_unknown_log_format_is_refused() -> None:
    said = complaint(COACH_LOG_FORMAT="xml")
    assert said == "COACH_LOG_FORMAT is not a log format: write one of text, json."


@pytest.mark.parametrize(
    "url",
    [
        "api.telegram.org",
        "ftp://127.0.0.1",
        "https://",
        "http://h:port",
        "http://h:99999",
        "http://[::1",
        "http://h?a",
        "http://h#a",
        "http://h h",
    ],
)
def test_an_invalid_bot_api_address_is_refused(url: str) -> None:
    assert complaint(TELEGRAM_API_URL=url).startswith("TELEGRAM_API_URL is not a web address: write one like")


@pytest.mark.parametrize(
    "url",
    [
        "data/coach.db",
        "sqlite:data/coach.db",
        "sqlite://data/coach.db",
        "mysql://sam@db/coach",
        "postgresql+psycopg://db/coach",
        "postgresql://db:port/coach",
        "postgresql:///coach?host=a&host=b",
        "postgresql://db:65536/coach",
        "postgresql://db:-1/coach",
        "postgresql:///coach?host=db&port=0",
        "postgresql:///coach?host=a:1&host=b:65536",
    ],
)
def test_an_invalid_database_address_is_refused(url: str) -> None:
    said = complaint(DATABASE_URL=url)
    assert said.startswith("DATABASE_URL is not an address the coach can use: write sqlite:///data/coach.db")


@pytest.mark.parametrize(
    "url",
    ["sqlite:///a.db?mode=ro", "sqlite:///a.db?host=b", "postgresql://db/coach?channel_binding=require"],
)
def test_an_unsupported_database_parameter_is_refused(url: str) -> None:
    assert complaint(DATABASE_URL=url).startswith("DATABASE_URL has a parameter the coach does not")


def test_an_unknown_sslmode_is_refused() -> None:
    said = complaint(DATABASE_URL="postgresql://db/coach?sslmode=yes")
    assert said.startswith("DATABASE_URL has an unknown sslmode: write one of disable, ")


@pytest.mark.parametrize("url", ["http://coach.example/telegram", "coach.example", "https://", "https://h?a"])
def test_an_invalid_webhook_address_is_refused(url: str) -> None:
    assert complaint(WEBHOOK_URL=url).startswith("WEBHOOK_URL is not an https:// address: write the one")


def test_a_webhook_path_with_unusual_characters_is_refused() -> None:
    said = complaint(WEBHOOK_URL="https://coach.example/t%20g", WEBHOOK_SECRET="hush", PORT="8443")
    assert said.startswith("WEBHOOK_URL has a path with unusual characters: use only letters")


def test_a_webhook_secret_that_telegram_does_not_accept_is_refused() -> None:
    for secret in ("hush hush", "hüsh", "x" * 257):
        assert complaint(WEBHOOK_SECRET=secret).startswith("WEBHOOK_SECRET is not one that Telegram accepts")


@pytest.mark.parametrize("given", [{}, {"WEBHOOK_SECRET": "hush"}, {"PORT": "8443"}])
def test_a_webhook_needs_a_secret_and_a_port(given: dict[str, str]) -> None:
    said = complaint(WEBHOOK_URL="https://coach.example/telegram", **given)
    assert said.startswith("WEBHOOK_URL is not enough: set WEBHOOK_SECRET and PORT too")


@pytest.mark.parametrize("rate", ["many", "0", "-1", "nan", "inf", "1e-320", "0.09", "1000001", "9" * 5000])
def test_an_invalid_rate_is_refused(rate: str) -> None:
    for name in ("TELEGRAM_RATE", "TELEGRAM_CHAT_RATE", "PERSON_RATE"):
        sentence = f"{name} is not a number from 0.1 to 1000000: write how many a second."
        assert complaint(**{name: rate}) == sentence


def test_numbers_at_both_ends_of_their_ranges_are_accepted() -> None:
    least = settings(COACH_SPEED="0.1", TELEGRAM_RATE="0.1", PORT="0", PLAYGROUND_PORT="0")
    most = settings(COACH_SPEED="1000", TELEGRAM_RATE="1e6", PORT="65535", PLAYGROUND_PORT="65535")
    assert (least.speed, least.rate, least.port, least.playground_port) == (0.1, 0.1, 0, 0)
    assert (most.speed, most.rate, most.port, most.playground_port) == (1000, 1e6, 65535, 65535)


@pytest.mark.parametrize("port", ["-1", "65536", "eighty", "8e3", "٨", "99999999999999999999"])
def test_an_invalid_port_is_refused(port: str) -> None:
    for name in ("PORT", "PLAYGROUND_PORT"):
        assert complaint(**{name: port}).startswith(f"{name} is not a port: write a number up to 65535")


@pytest.mark.parametrize("hidden", ["\0", "\x1b[2J", "\u200b", "\u202e", "\ufeff", "\u2028", "\udcff"])
def test_an_invisible_character_is_refused(hidden: str) -> None:
    for name in NAMES:
        said = complaint(**{name: f"some{hidden}thing"})
        assert said == f"{name} has an invisible character in it: type it again."


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:80", "[::1]", "127.0.0", "*", "1"])
def test_an_invalid_bind_address_is_refused(address: str) -> None:
    said = complaint(BIND_ADDRESS=address)
    assert said.startswith("BIND_ADDRESS is not an IP address: write one like 127.0.0.1 or ::1, or remove it")


def test_a_media_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        said = complaint(MEDIA_FOLDER=str(folder))
        remedy = "name another folder, or write off."
        assert said == f"MEDIA_FOLDER cannot be written to (Not a directory): {remedy}"
    said = complaint(MEDIA_FOLDER=f"{tmp_path}/{'x' * 300}")
    assert said.startswith("MEDIA_FOLDER cannot be written to (File name too long): ")


def test_a_media_folder_need_not_exist_yet(tmp_path: Path) -> None:
    assert settings(MEDIA_FOLDER=f"{tmp_path}/new/one").media_folder == tmp_path / "new" / "one"
    assert settings(MEDIA_FOLDER=str(tmp_path)).media_folder == tmp_path
    assert not [*tmp_path.iterdir()], "reading the settings creates no folder"


def test_a_voice_needs_both_of_its_files(tmp_path: Path) -> None:
    voice = tmp_path / "amy.onnx"
    voice.touch()
    sentence = "VOICE_FILE is not a whole voice for Piper: name its .onnx file, with its .onnx.json beside it"
    assert complaint(VOICE_FILE=str(voice)).startswith(sentence)
    (tmp_path / "amy.onnx.json").touch()
    assert settings(VOICE_FILE=str(voice)).voice_file == voice


def test_a_settings_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"COACH_SPEED=\xff")
    with pytest.raises(SettingsError, match=r"\.env cannot be read: save it as plain text in UTF-8"):
        load({"TELEGRAM_BOT_TOKEN": TOKEN}, path)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    path = dotenv(tmp_path, "COACH_SPEED=fast\nWEBHOOK_SECRET=hush hush\nPORT=8443\n")
    with pytest.raises(SettingsError) as caught:
        load({"WEBHOOK_URL": "https://coach.example", "PORT": "eighty", "TELEGRAM_RATE": "\0"}, path)
    told = [line.split(" ")[0] for line in str(caught.value).split("\n")]
    assert told == ["TELEGRAM_BOT_TOKEN", "COACH_SPEED", "WEBHOOK_SECRET", "PORT", "TELEGRAM_RATE"]


# Misspelt names


def meant(name: str) -> str | None:
    """Return the setting that is suggested for a variable of this name; None if none is suggested."""
    sentences = misspelt({name: "30"}, NO_FILE)
    found = re.fullmatch(rf"{name} is not a setting: did you mean (\w+)\? .+\.", "\n".join(sentences))
    return found[1] if found else None


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("COACH_SPED", "COACH_SPEED"),
        ("coach_speed", "COACH_SPEED"),
        ("COACH_LOGFORMAT", "COACH_LOG_FORMAT"),
        ("COACH_DEBUG", "COACH_LOG"),
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("TELEGRAM_TOKN", "TELEGRAM_BOT_TOKEN"),
        ("WEBHOOK_ULR", "WEBHOOK_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("PERSONRATE", "PERSON_RATE"),
        ("BIND_ADRESS", "BIND_ADDRESS"),
    ],
)
def test_for_a_misspelt_variable_the_likeliest_setting_is_suggested(name: str, ours: str) -> None:
    assert meant(name) == ours


@given(name=st.sampled_from(NAMES), at=st.integers(0, 30))
def test_a_missing_letter_or_two_swapped_ones_are_noticed_in_every_long_name(name: str, at: int) -> None:
    at %= len(name) - 1
    hypothesis.assume(name != "PORT")
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    for wrong in {name[:at] + name[at + 1 :], swapped} - {name}:
        assert meant(wrong) == name


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOST", "HOME", "PWD", "LANG", "PORT0", "PORT_8080", "SPORT", "POST", "http_proxy"),
        *("TELEGRAM_API_ID", "TELEGRAM_API_HASH", "TELEGRAM_CHAT_ID", "TELEGRAM_BOT_USERNAME"),
        *("DATABASE", "DATABASE_USER", "DATABASE_HOST", "DATABASE_PORT", "MEDIA_ROOT", "REDIS_URL"),
        *("PGDATABASE", "WEBHOOK_PORT", "PYTHONPATH", "TELEGRAM", "INVOCATION_ID"),
    ],
)
def test_variables_of_other_programs_are_ignored(name: str) -> None:
    assert misspelt({name: "30"}, NO_FILE) == []


def test_a_misspelt_name_in_the_file_is_reported_without_its_value(tmp_path: Path) -> None:
    path = dotenv(tmp_path, f"TELEGRAM_TOKEN={TOKEN}\nCOACH_SPEED=1\n")
    [told] = misspelt({"COACH_SPEED": "2"}, path)
    assert told == (
        "TELEGRAM_TOKEN is not a setting: did you mean TELEGRAM_BOT_TOKEN? .env.example lists them all."
    )


NEVER_WRONG = {"TELEGRAM_BOT_TOKEN", "MEDIA_FOLDER"}


@given(
    name=st.sampled_from(sorted({*NAMES} - NEVER_WRONG)),
    secret=st.sampled_from(["", "://", "?", "@h/"]),
)
def test_a_token_pasted_into_the_wrong_setting_is_never_shown(name: str, secret: str) -> None:
    assert TOKEN not in complaint(**{name: f"x{secret}{TOKEN}"})


ANYTHING = st.text() | st.from_regex(r"\A(sqlite|postgres|https?)://.*\Z")


@given(name=st.sampled_from(NAMES), value=ANYTHING)
@hypothesis.settings(deadline=None)
def test_any_value_is_accepted_or_reported_in_one_sentence_with_the_name(name: str, value: str) -> None:
    said = ""
    try:
        create_engine(settings(**{name: value}).database_url)
    except SettingsError as error:
        said = str(error)
    assert re.fullmatch(rf"({name} .+: .+\.)?", said)


# The example file


def test_the_example_lists_every_variable_and_no_other() -> None:
    assert list(VARIABLES) == [field.name for field in fields(Settings)]
    assert list(dotenv_values(EXAMPLE)) == NAMES


def test_every_variable_in_the_example_has_a_comment_above_it() -> None:
    paragraphs = EXAMPLE.read_text().strip().split("\n\n")[1:]
    for paragraph, name in zip(paragraphs, NAMES, strict=True):
        assert re.fullmatch(rf"(# .+\n)+{name}=.*", paragraph)


def test_the_values_in_the_example_are_the_defaults() -> None:
    assert load({"TELEGRAM_BOT_TOKEN": TOKEN}, EXAMPLE) == settings()
