"""Turns a message into the Bot API call that sends or edits it.

This module must not delay or repeat a call, or decide what is sent. It sets no parse mode, because the bot's
defaults already tell Telegram that all text is HTML.
"""

from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAnimation,
    InputMediaPhoto,
)
from telegram import Message as SentMessage
from telegram.error import BadRequest

from bot.transport.uploads import MediaFile, MediaKind
from bot.wording.attachments import GuidedTrack
from bot.wording.messages import Keyboard, Message
from bot.wording.track_script import PERFORMER

HAS_NO_TEXT = "there is no text in the message to edit"
"""Part of the error that Telegram returns if `editMessageText` is called for a message with a picture. The
text of such a message is a caption."""
INPUT_MEDIA = {MediaKind.PHOTO: InputMediaPhoto, MediaKind.ANIMATION: InputMediaAnimation}
EDIT_TIMEOUT = 5.0
"""How many seconds of real time to wait for Telegram's answer to an edit without an upload. The timeout is
short because repeating an edit does no harm."""
SEND_TIMEOUT = 75.0
"""How many seconds of real time to wait for Telegram's answer to a new message, or to an edit that uploads a
file. The timeout is long because a new message that is sent again can arrive twice."""


async def send(bot: Bot, chat: int, message: Message, file: MediaFile | None) -> SentMessage | bool:
    """Send `message`, or edit the earlier message that `message` changes, and return Telegram's answer.

    If `file` is not None, it is sent with the message. Raises TelegramError, and OSError if the file cannot
    be read.
    """
    timeout = answer_timeout(message, file)
    options: dict[str, Any] = {
        "reply_markup": _markup(message.keyboard),
        "read_timeout": timeout,
        "write_timeout": timeout,
    }
    if message.edits is not None:
        return await _edit(bot, chat, message.edits, message, file, options)
    return await _send_new(bot, chat, message, file, {**options, "disable_notification": message.silent})


async def _send_new(
    bot: Bot, chat: int, message: Message, file: MediaFile | None, options: dict[str, Any]
) -> SentMessage:
    if file is None:
        return await bot.send_message(chat, message.text or "", **options)
    if file.kind is MediaKind.AUDIO:
        options.update(_track_options(message, file))
    send_file = getattr(bot, f"send_{file.kind}")
    sent: SentMessage = await send_file(chat, _content(file), caption=message.text or None, **options)
    return sent


async def _edit(
    bot: Bot, chat: int, message_id: int, message: Message, file: MediaFile | None, options: dict[str, Any]
) -> SentMessage | bool:
    target: dict[str, Any] = {"chat_id": chat, "message_id": message_id, **options}
    text = message.text
    if text is None:
        return await bot.edit_message_reply_markup(**target)
    if file:
        return await bot.edit_message_media(INPUT_MEDIA[file.kind](_content(file), caption=text), **target)
    try:
        return await bot.edit_message_text(text, **target)
    except BadRequest as error:
        if HAS_NO_TEXT not in error.message.lower():
            raise
    return await bot.edit_message_caption(caption=text, **target)


def answer_timeout(message: Message, file: MediaFile | None) -> float:
    """Return how many seconds of real time to wait for Telegram's answer to the message."""
    return EDIT_TIMEOUT if message.edits is not None and not is_upload(file) else SEND_TIMEOUT


def is_upload(file: MediaFile | None) -> bool:
    """Return whether the bytes of `file` are uploaded. For a file that Telegram has, a file_id is enough."""
    return file is not None and isinstance(file.content, Path)


def method(message: Message, file: MediaFile | None) -> str:
    """Return the name of the Bot API method that `send` calls for the message."""
    if message.edits is None:
        return f"send{file.kind.capitalize()}" if file else "sendMessage"
    if message.text is None:
        return "editMessageReplyMarkup"
    return "editMessageMedia" if file else "editMessageText"


def file_id(sent: SentMessage | bool) -> str | None:
    """Return the file_id of the file in the message that `send` returned; None if it contains no file."""
    if not isinstance(sent, SentMessage):
        return None
    medium = sent.animation or sent.voice or sent.audio or (sent.photo[-1] if sent.photo else None)
    return medium.file_id if medium else None


def _track_options(message: Message, file: MediaFile) -> dict[str, Any]:
    """Return the options for sending a guided track, which contain the details that audio players show.

    Raises TypeError if the message has no guided track.
    """
    if not isinstance(message.attachment, GuidedTrack):
        raise TypeError("an audio file can be sent only with the guided track that it belongs to")
    return {
        "duration": round(message.attachment.seconds),
        "performer": PERFORMER,
        "title": message.attachment.title,
        "thumbnail": file.cover.read_bytes() if file.cover else None,
    }


def _content(file: MediaFile) -> str | InputFile:
    """Return what python-telegram-bot needs to send the file: its file_id, or the bytes to upload.

    The path of the file would not work: in an edit, python-telegram-bot sends a path as the URI of a file on
    the server.
    """
    if isinstance(file.content, str):
        return file.content
    return InputFile(file.content.read_bytes(), file.content.name, attach=True)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(b.text, callback_data=b.data, style=b.style) for b in row] for row in keyboard]
    )
