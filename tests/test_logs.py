"""The log: readable, quiet about the libraries, and never with the token in it."""

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
    """The lines that a program with our logging writes to stderr."""
    command = [sys.executable, "-c", PROGRAM, level, token, log_format]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout == ""
    return done.stderr.splitlines()


def run(level: str, token: str) -> list[str]:
    """The lines as text, without their times."""
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
def test_a_program_logs_to_stderr_from_its_level_on_with_the_libraries_quiet(
    level: str, lines: list[str]
) -> None:
    assert [line for line in run(level, TOKEN) if re.match("[A-Z]+ ", line)] == lines


def test_debug_shows_our_details_and_still_no_requests() -> None:
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


def test_the_token_is_blotted_out_of_the_message() -> None:
    assert formatted(f"GET /bot{TOKEN}/getMe").endswith("ERROR bot: GET /bot<token>/getMe")


def test_the_token_is_blotted_out_of_the_arguments() -> None:
    text = formatted("GET %s, %r", f"/bot{TOKEN}", [TOKEN])
    assert text.endswith("ERROR bot: GET /bot<token>, ['<token>']")


def test_the_token_is_blotted_out_where_it_is_escaped_for_a_url() -> None:
    assert formatted("GET %s", TOKEN.replace(":", "%3A")).endswith("GET <token>")


def failure() -> Exception:
    """An error that was raised from another, the token in both."""
    try:
        try:
            raise ConnectionError(f"no answer from /bot{TOKEN}")
        except ConnectionError as error:
            raise ValueError(f"{TOKEN} was rejected") from error
    except ValueError as error:
        return error


def test_the_token_is_blotted_out_of_a_whole_traceback() -> None:
    text = formatted("It failed", error=failure(), tells_all=True)
    assert "ConnectionError: no answer from /bot<token>" in text
    assert "ValueError: <token> was rejected" in text
    assert TOKEN not in text


def test_a_traceback_tells_what_was_raised_where_and_nothing_that_anybody_wrote() -> None:
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
def test_debug_alone_tells_the_texts_of_errors(level: str, told: bool) -> None:
    assert any("division by zero" in line for line in run(level, TOKEN)) == told


def test_a_message_of_several_lines_stays_on_one() -> None:
    assert formatted("said %s", "one\r\ntwo").endswith("ERROR bot: said one\\r\\ntwo")


# As JSON


def as_json(message: str, *args: object, error: Exception | None = None, secret: str = "") -> dict[str, str]:
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("bot.x", logging.WARNING, __file__, 1, message, args, exc_info)
    line = JsonFormatter(TOKEN, secret).format(record)
    assert "\n" not in line
    told: dict[str, str] = json.loads(line)
    return told


def test_a_log_for_collectors_is_one_object_a_line() -> None:
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


def test_an_object_has_the_time_level_logger_and_message() -> None:
    told = as_json('said "%s"', "one\r\ntwo \u2028 \udcff")
    assert datetime.fromisoformat(told.pop("time")).utcoffset() is not None
    assert told == {"level": "WARNING", "logger": "bot.x", "message": 'said "one\r\ntwo \u2028 \udcff"'}


def test_token_and_secret_are_blotted_out_of_an_object() -> None:
    told = as_json("GET /bot%s, hush", TOKEN, error=failure(), secret="hush")
    assert told["message"] == "GET /bot<token>, <token>"
    for what in ("ConnectionError", "ValueError", "in failure"):
        assert what in told["exception"]
    assert TOKEN not in told["exception"]


def test_a_secret_that_is_a_key_leaves_the_keys_as_they_are() -> None:
    assert as_json("the level is high", secret="level")["message"] == "the <token> is high"


def test_a_database_that_cannot_be_used_is_told_without_a_traceback() -> None:
    assert as_json("It failed", error=StoreError("gone"))["exception"] == "gone"


def test_without_a_token_there_is_nothing_to_blot_out() -> None:
    assert formatted("all is well", token="").endswith("ERROR bot: all is well")
