"""The verdict on each of Telegram's errors, for a new message, an edit, and a message with a file."""

from pathlib import Path

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transport.uploads import MediaFile, MediaKind
from bot.transport.verdict import (
    CHAT_GONE,
    FILE_ID_UNKNOWN,
    FILE_REFUSED,
    NoAnswer,
    Verdict,
    is_refusal,
    judge,
)
from bot.wording.messages import Message

NEW, EDIT, ADD_PICTURE = (
    Message("Glide up."),
    Message("Glide up.", edits=1),
    Message("Up.", edits=1, adds=True),
)
TRACK = Message("Listen.", awaited=True)
MESSAGES = [NEW, EDIT, ADD_PICTURE, TRACK]
UPLOAD = MediaFile("hands", MediaKind.PHOTO, Path("hands.png"))
KNOWN = MediaFile("hands", MediaKind.PHOTO, "file-id")
FILES = [None, UPLOAD, KNOWN]


def broken(by: Exception) -> NetworkError:
    """Return a network error with this cause, as python-telegram-bot raises it."""
    error = NetworkError("the connection broke")
    error.__cause__ = by
    return error


OUTAGES = [
    NetworkError("Bad Gateway"),
    TimedOut(),
    NoAnswer("no answer"),
    Conflict("terminated by other getUpdates request"),
    InvalidToken("Unauthorized"),
    ChatMigrated(9),
    TelegramError("Internal Server Error"),
    broken(httpx.ConnectError("refused")),
    broken(httpx.ReadError("reset")),
]
REFUSALS = [BadRequest("Bad Request: can't parse entities"), Forbidden("bot was blocked"), RetryAfter(3)]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_refusal_by_telegram_has_the_same_verdict_for_every_message(
    message: Message, file: MediaFile | None
) -> None:
    assert judge(Forbidden("bot was blocked by the user"), message, file) is Verdict.CHAT_CLOSED
    assert judge(RetryAfter(3), message, file) is Verdict.RATE_LIMITED
    assert judge(BadRequest("can't parse entities"), message, file) is Verdict.MESSAGE_REFUSED
    for phrase in CHAT_GONE:
        assert judge(BadRequest(phrase.title()), message, file) is Verdict.CHAT_CLOSED


@pytest.mark.parametrize("message", MESSAGES)
def test_if_telegram_does_not_accept_a_file_only_the_file_is_refused(message: Message) -> None:
    for phrase in FILE_REFUSED:
        assert judge(BadRequest(phrase.title()), message, UPLOAD) is Verdict.FILE_REFUSED
        assert judge(BadRequest(phrase.title()), message, KNOWN) is Verdict.FILE_REFUSED
        assert judge(BadRequest(phrase.title()), message, None) is Verdict.MESSAGE_REFUSED


@pytest.mark.parametrize("message", MESSAGES)
def test_a_file_id_can_be_unknown_only_if_one_was_sent(message: Message) -> None:
    for phrase in FILE_ID_UNKNOWN:
        assert judge(BadRequest(phrase.title()), message, KNOWN) is Verdict.FILE_REFUSED
        assert judge(BadRequest(phrase.title()), message, UPLOAD) is Verdict.MESSAGE_REFUSED


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_in_an_outage_only_messages_that_just_bring_a_file_are_failed_attachments(
    error: TelegramError,
) -> None:
    for file in (UPLOAD, KNOWN):
        assert judge(error, ADD_PICTURE, file) is Verdict.ATTACHMENT_FAILED
        assert judge(error, TRACK, file) is Verdict.ATTACHMENT_FAILED
        assert judge(error, NEW, file) is judge(error, NEW, None)
        assert judge(error, EDIT, file) is Verdict.RETRY
    assert judge(error, ADD_PICTURE, None) is Verdict.RETRY


def test_a_new_message_without_an_answer_is_not_retried_soon_but_an_edit_is() -> None:
    assert judge(NoAnswer("no answer"), NEW, None) is Verdict.UNANSWERED
    assert judge(NoAnswer("no answer"), EDIT, None) is Verdict.RETRY
    assert judge(TimedOut(), NEW, None) is Verdict.RETRY


@pytest.mark.parametrize(
    ("cause", "may_be_taken"),
    [
        (httpx.ReadError("reset"), True),
        (httpx.RemoteProtocolError("server disconnected"), True),
        (httpx.ConnectError("refused"), False),
        (httpx.WriteError("broken pipe"), False),
        (httpx.PoolTimeout("no connection"), False),
    ],
    ids=repr,
)
def test_a_new_message_is_retried_slowly_if_the_connection_broke_while_the_answer_was_read(
    cause: Exception, may_be_taken: bool
) -> None:
    assert judge(broken(cause), NEW, None) is (Verdict.RETRY_SLOWLY if may_be_taken else Verdict.RETRY)
    assert judge(broken(cause), EDIT, None) is Verdict.RETRY


def test_only_400_403_and_429_are_refusals() -> None:
    assert all(is_refusal(error) for error in REFUSALS)
    assert not any(is_refusal(error) for error in OUTAGES)
