"""The log is readable, leaves out the requests of libraries, and never contains the token."""

import json
import logging
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.logs import Formatter, JsonFormatter
from bot.storage.errors import StoreError
from tests.stage import PATIENCE

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"

PROGRAM = """
import logging, sys
from bot.logs import configure

logging.basicConfig(format="as it was before: %(message)s")
configure(sys.argv[1], sys.argv[2], log_format=sys.argv[3])
log = logging.getLogger("bot.somewhere")
log.debug("a detail")
log.info("started with %s", sys.argv[2])
log.warning("%d apples", sys.argv[2])
for library in ("httpx", "httpcore.connection", "apscheduler.scheduler"):
    logging.getLogger(library).info("a request")
logging.getLogger("httpx").warning("a slow request")
log.error("an end")
try:
    1 / 0
except ArithmeticError:
    log.exception("a mistake")
"""


def written(level: str, token: str, log_format: str) -> list[str]:
    """Return the lines that a program with the coach's logging writes to stderr."""
    command = [sys.executable, "-c", PROGRAM, level, token, log_format]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout == ""
    return done.stderr.splitlines()


def run(level: str, token: str) -> list[str]:
    """Return the lines of the log in its text format, without their times."""
    return [re.sub(r"^[0-9-]+ [0-9:,]+ ", "", line) for line in written(level, token, "text")]


@pytest.mark.parametrize(
    ("level", "lines"),
    [
        (
            "INFO",
            [
                "INFO bot.somewhere: started with <token>",
                "WARNING httpx: a slow request",
                "ERROR bot.somewhere: an end",
                "ERROR bot.somewhere: a mistake",
            ],
        ),
        ("ERROR", ["ERROR bot.somewhere: an end", "ERROR bot.somewhere: a mistake"]),
    ],
)
def test_messages_at_or_above_the_level_are_logged_without_the_requests_of_libraries(
    level: str, lines: list[str]
) -> None:
    assert [line for line in run(level, TOKEN) if re.match("[A-Z]+ ", line)] == lines


def test_debug_shows_the_coachs_details_but_no_requests_of_libraries() -> None:
    lines = run("DEBUG", TOKEN)
    assert "DEBUG bot.somewhere: a detail" in lines
    assert not any("a request" in line for line in lines)


def formatted(
    message: str,
    *args: object,
    error: Exception | None = None,
    token: str = TOKEN,
    tells_all: bool = False,
) -> str:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot", logging.ERROR, __file__, 1, message, args, exc_info)
    return Formatter(token, tells_all=tells_all).format(record)


def test_the_token_is_redacted_in_the_message() -> None:
    assert formatted(f"GET /bot{TOKEN}/getMe").endswith("ERROR bot: GET /bot<token>/getMe")


def test_the_token_is_redacted_in_the_arguments() -> None:
    text = formatted("GET %s, %r", f"/bot{TOKEN}", [TOKEN])
    assert text.endswith("ERROR bot: GET /bot<token>, ['<token>']")


def test_the_token_is_redacted_if_it_is_escaped_for_a_url() -> None:
    assert formatted("GET %s", TOKEN.replace(":", "%3A")).endswith("GET <token>")


def failure() -> Exception:
    """Return an error that was raised from another error, with the token in the texts of both."""
    try:
        try:
            raise ConnectionError(f"no answer from /bot{TOKEN}")
        except ConnectionError as error:
            raise ValueError(f"{TOKEN} was rejected") from error
    except ValueError as error:
        return error


def test_the_token_is_redacted_in_a_whole_traceback() -> None:
    text = formatted("It failed", error=failure(), tells_all=True)
    assert "ConnectionError: no answer from /bot<token>" in text
    assert "ValueError: <token> was rejected" in text
    assert TOKEN not in text


def test_a_traceback_shows_the_types_and_places_of_errors_but_not_their_texts() -> None:
    words = "Sam's back aches"
    with pytest.raises(ValidationError) as parsing:
        TypeAdapter(int).validate_python(words)
    with pytest.raises(ExceptionGroup) as ending:
        raise ExceptionGroup(words, [KeyError(words)]) from parsing.value
    assert words in str(parsing.value)
    text = formatted("It failed", error=ending.value)
    assert words not in text
    for told in ("ValidationError", "ExceptionGroup", "KeyError", "in validate_python", "test_logs.py"):
        assert told in text


@pytest.mark.parametrize(("level", "told"), [("DEBUG", True), ("INFO", False)])
def test_only_debug_shows_the_texts_of_errors(level: str, told: bool) -> None:
    assert any("division by zero" in line for line in run(level, TOKEN)) == told


def test_a_message_of_several_lines_is_logged_on_one() -> None:
    assert formatted("said %s", "one\r\ntwo").endswith("ERROR bot: said one\\r\\ntwo")


# As JSON


def as_json(message: str, *args: object, error: Exception | None = None, secret: str = "") -> dict[str, str]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.x", logging.WARNING, __file__, 1, message, args, exc_info)
    line = JsonFormatter(TOKEN, secret).format(record)
    assert "\n" not in line
    told: dict[str, str] = json.loads(line)
    return told


def test_the_json_log_has_one_object_per_line() -> None:
    told = [json.loads(line) for line in written("INFO", TOKEN, "json")]
    assert [(each["level"], each["logger"], each["message"]) for each in told] == [
        ("INFO", "bot.somewhere", "started with <token>"),
        ("WARNING", "httpx", "a slow request"),
        ("ERROR", "bot.somewhere", "an end"),
        ("ERROR", "bot.somewhere", "a mistake"),
    ]
    assert all(datetime.fromisoformat(each["time"]).utcoffset() is not None for each in told)
    assert [each.get("exception", "").count("ZeroDivisionError") for each in told] == [0, 0, 0, 1]
    assert "division by zero" not in told[-1]["exception"]


def test_a_json_object_has_the_time_level_logger_and_message() -> None:
    told = as_json('said "%s"', "one\r\ntwo \u2028 \udcff")
    assert datetime.fromisoformat(told.pop("time")).utcoffset() is not None
    assert told == {"level": "WARNING", "logger": "bot.x", "message": 'said "one\r\ntwo \u2028 \udcff"'}


def test_the_token_and_the_secret_are_redacted_in_a_json_object() -> None:
    told = as_json("GET /bot%s, hush", TOKEN, error=failure(), secret="hush")
    assert told["message"] == "GET /bot<token>, <token>"
    for what in ("ConnectionError", "ValueError", "in failure"):
        assert what in told["exception"]
    assert TOKEN not in told["exception"]


def test_a_secret_that_equals_a_json_key_does_not_change_the_keys() -> None:
    assert as_json("the level is high", secret="level")["message"] == "the <token> is high"


def test_a_database_that_cannot_be_used_is_logged_without_a_traceback() -> None:
    assert as_json("It failed", error=StoreError("gone"))["exception"] == "gone"


def test_without_a_token_nothing_is_redacted() -> None:
    assert formatted("all is well", token="").endswith("ERROR bot: all is well")
