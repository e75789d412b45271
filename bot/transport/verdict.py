"""Decides what to do after Telegram has refused a call or not answered it.

All functions here are pure: they must not send, wait or log.
"""

from enum import Enum, auto

import httpx
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError, TimedOut

from bot.transport.calls import is_upload
from bot.transport.uploads import MediaFile
from bot.wording.messages import Message

CHAT_GONE = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated")
"""Phrases in Telegram's errors for a chat that no longer exists."""
FILE_ID_UNKNOWN = (
    "wrong file identifier",
    "wrong remote file identifier",
    "invalid remote file identifier",
    "wrong file_id",
    "file_reference_",
)
"""Phrases in Telegram's errors for a file_id that is no longer valid."""
FILE_REFUSED = (
    "photo_invalid_dimensions",
    "photo_ext_invalid",
    "photo_save_file_invalid",
    "image_process_failed",
    "video_file_invalid",
    "video_content_type_invalid",
    "media_empty",
    "media_invalid",
    "file_parts_invalid",
    "file_part_",
    "is too big",
    "can't use file of type",
    "type of file mismatch",
    "file must be non-empty",
)
"""Phrases in Telegram's errors for a file that Telegram does not accept."""


class NoAnswer(TimedOut):
    """Telegram did not answer in time. The call may or may not have had its effect."""


class Verdict(Enum):
    """What to do with a message after its call failed."""

    FILE_REFUSED = auto()
    """Send the message again, with a new upload or without the file: Telegram refuses the file, or does not
    recognise its file_id."""
    ATTACHMENT_FAILED = auto()
    """Send the message again later: sending its file has failed, and the message is useless without the file.
    The chat's other messages do not wait for this message."""
    UNANSWERED = auto()
    """Send the message again after a long wait, and only a few times: Telegram did not answer, but may have
    accepted the message."""
    CHAT_CLOSED = auto()
    """End the session: the chat no longer exists, or the person in it has blocked the bot."""
    MESSAGE_REFUSED = auto()
    """Drop the message: Telegram will never accept it."""
    RATE_LIMITED = auto()
    """Send the message again after as many seconds as Telegram asks for."""
    RETRY = auto()
    """Send the message again soon: Telegram could not be reached, or had an error of its own. An edit is also
    repeated if Telegram may have accepted it."""
    RETRY_SLOWLY = auto()
    """Send the message again after a few seconds: the connection broke, and Telegram may have accepted the
    message."""


def judge(error: TelegramError, message: Message, file: MediaFile | None) -> Verdict:
    """Return what to do with the message after the call that sent it has failed with `error`.

    `file` is the file that was sent with the message; None if there was none.
    """
    is_edit = message.edits is not None
    match error:
        case _ if file and _is_about_file(error, file):
            return Verdict.FILE_REFUSED
        case _ if file and message.may_be_overtaken and not is_refusal(error):
            return Verdict.ATTACHMENT_FAILED
        case NoAnswer() if not is_edit:
            return Verdict.UNANSWERED
        case _ if _is_chat_gone(error):
            return Verdict.CHAT_CLOSED
        case BadRequest():
            return Verdict.MESSAGE_REFUSED
        case RetryAfter():
            return Verdict.RATE_LIMITED
        case _ if not is_edit and _may_be_taken(error):
            return Verdict.RETRY_SLOWLY
        case _:
            return Verdict.RETRY


def is_refusal(error: TelegramError) -> bool:
    """Return whether Telegram answered with 400, 403 or 429. Any other error counts as an outage."""
    return isinstance(error, BadRequest | Forbidden | RetryAfter)


def _is_about_file(error: TelegramError, file: MediaFile) -> bool:
    phrases = FILE_REFUSED if is_upload(file) else (*FILE_ID_UNKNOWN, *FILE_REFUSED)
    return isinstance(error, BadRequest) and _mentions(error, phrases)


def _is_chat_gone(error: TelegramError) -> bool:
    return isinstance(error, Forbidden) or (isinstance(error, BadRequest) and _mentions(error, CHAT_GONE))


def _may_be_taken(error: TelegramError) -> bool:
    """Return whether Telegram may have handled the call: the connection broke after the request was sent."""
    return isinstance(error.__cause__, httpx.ReadError | httpx.RemoteProtocolError)


def _mentions(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
