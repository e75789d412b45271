"""A message -> the one call of the Bot API that sends it, and what that call gives back.

Nothing here waits, tries again or decides what is sent. That words are HTML is the bot's own default.
"""

from pathlib import Path
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAnimation,
    InputMediaPhoto,
)
from telegram import Message as Sent
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.transport.uploads import File, Kind
from bot.wording.attachments import GuidedTrack
from bot.wording.messages import Keyboard, Message
from bot.wording.script import PERFORMER

NO_TEXT = "there is no text in the message to edit"
"""Telegram's words, where what is edited carries a picture, and its words are a caption."""
INPUTS = {Kind.PHOTO: InputMediaPhoto, Kind.ANIMATION: InputMediaAnimation}
QUICK = 5.0
"""Real seconds to wait for the answer to an edit, which does no harm when it is done twice."""
SLOW = 75.0
"""Real seconds to wait for the answer to anything else: what Telegram took and is sent again comes twice."""
GONE = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated")
"""Telegram's words where there is no chat to send to."""
FORGOTTEN = (
    "wrong file identifier",
    "wrong remote file identifier",
    "invalid remote file identifier",
    "wrong file_id",
    "file_reference_",
)
"""Telegram's words where it no longer knows a file_id."""
REFUSED = (
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
"""Telegram's words where it does not take the file itself."""


async def send(bot: Bot, chat: int, message: Message, file: File | None) -> Sent | bool:
    """Send or edit, with the file if there is one. Raises TelegramError."""
    timeout = patience(message, file)
    how: dict[str, Any] = {
        "reply_markup": _markup(message.keyboard),
        "read_timeout": timeout,
        "write_timeout": timeout,
    }
    if message.edits is not None:
        return await _edit(bot, chat, message.edits, message, file, how)
    words, how["disable_notification"] = message.text or "", message.silent
    if file is None:
        return await bot.send_message(chat, words, **how)
    match file.kind:
        case Kind.PHOTO:
            return await bot.send_photo(chat, _content(file), caption=words, **how)
        case Kind.ANIMATION:
            return await bot.send_animation(chat, _content(file), caption=words, **how)
        case Kind.VOICE:
            return await bot.send_voice(chat, _content(file), caption=words or None, **how)
        case Kind.AUDIO:
            return await bot.send_audio(chat, _content(file), caption=words, **_track(message, file), **how)


def patience(message: Message, file: File | None) -> float:
    """Real seconds to wait for Telegram's answer."""
    return QUICK if message.edits is not None and not is_upload(file) else SLOW


def is_upload(file: File | None) -> bool:
    """Whether the file itself goes to Telegram, not its file_id."""
    return file is not None and isinstance(file.content, Path)


def _track(message: Message, file: File) -> dict[str, Any]:
    """What players show. Raises TypeError for a message that carries no track."""
    if not isinstance(message.attachment, GuidedTrack):
        raise TypeError("an audio is sent as the track that it is")
    return {
        "duration": round(message.attachment.seconds),
        "performer": PERFORMER,
        "title": message.attachment.title,
        "thumbnail": file.cover.read_bytes() if file.cover else None,
    }


async def _edit(
    bot: Bot, chat: int, message_id: int, message: Message, file: File | None, how: dict[str, Any]
) -> Sent | bool:
    words = message.text
    if words is None:
        return await bot.edit_message_reply_markup(chat, message_id, **how)
    if file:
        medium = INPUTS[file.kind](_content(file), caption=words)
        return await bot.edit_message_media(medium, chat, message_id, **how)
    try:
        return await bot.edit_message_text(words, chat, message_id, **how)
    except BadRequest as error:
        if NO_TEXT not in error.message.lower():
            raise
    return await bot.edit_message_caption(chat, message_id, caption=words, **how)


def _content(file: File) -> str | InputFile:
    """The file_id, or what to upload: a mere path would be taken for one on Telegram's own disk."""
    if isinstance(file.content, str):
        return file.content
    return InputFile(file.content.read_bytes(), file.content.name, attach=True)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.text, callback_data=b.data, style=b.style) for b in row] for row in keyboard]
    )


def method(message: Message, file: File | None) -> str:
    """The Bot API's, by which the message goes out."""
    if message.edits is None:
        return f"send{file.kind.capitalize()}" if file else "sendMessage"
    if message.text is None:
        return "editMessageReplyMarkup"
    return "editMessageMedia" if file else "editMessageText"


def file_id(sent: Sent | bool) -> str | None:
    """Of what came with a message, if something did."""
    if not isinstance(sent, Sent):
        return None
    made = sent.animation or sent.voice or sent.audio or (sent.photo[-1] if sent.photo else None)
    return made.file_id if made else None


def is_about_file(error: TelegramError, file: File) -> bool:
    """Whether Telegram no longer knows the file_id, or does not take the file that was uploaded."""
    phrases = REFUSED if is_upload(file) else (*FORGOTTEN, *REFUSED)
    return isinstance(error, BadRequest) and _says(error, phrases)


def is_gone(error: TelegramError) -> bool:
    """Whether there is no chat to send to, now or later."""
    return isinstance(error, Forbidden) or (isinstance(error, BadRequest) and _says(error, GONE))


def may_be_taken(error: TelegramError) -> bool:
    """Whether the call broke off after it was sent, so that Telegram may have done what it was asked to."""
    return isinstance(error.__cause__, httpx.ReadError | httpx.RemoteProtocolError)


def _says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)
