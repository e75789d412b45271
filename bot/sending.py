"""A message -> the one call of the Bot API that sends it, and what that call gives back.

Nothing here waits, tries again or decides what is sent. That words are HTML is the bot's own default.
"""

from pathlib import Path

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAnimation,
    InputMediaPhoto,
)
from telegram import Message as Sent
from telegram.error import BadRequest, TelegramError

from bot.attachments import GuidedTrack
from bot.media import File, Kind
from bot.messages import Keyboard, Message
from bot.voice.script import PERFORMER

NO_TEXT = "there is no text in the message to edit"
"""Telegram's words, where what is edited carries a picture, and its words are a caption."""
INPUTS = {Kind.PHOTO: InputMediaPhoto, Kind.ANIMATION: InputMediaAnimation}
QUICK, UPLOAD = 5.0, 60.0
"""Real seconds to wait for the answer to a call, and to an upload that nothing else waits behind."""
ABOUT_FILES = ("file", "media", "photo", "image", "video", "animation", "voice", "audio")
ABOUT_PEOPLE = "forbidden"
"""Telegram's word, where it is the person who wants no voice messages."""


async def send(bot: Bot, chat: int, message: Message, file: File | None) -> Sent | bool:
    """Send or edit, with the file if there is one. Raises TelegramError."""
    if message.edits is not None:
        return await _edit(bot, chat, message.edits, message, file)
    words, markup, silent = message.text or "", _markup(message.keyboard), message.silent
    if file is None:
        return await bot.send_message(chat, words, reply_markup=markup, disable_notification=silent)
    if isinstance(message.attachment, GuidedTrack):
        return await _send_track(bot, chat, message, message.attachment, file)
    content, patience = _content(file), _patience(message, file)
    match file.kind:
        case Kind.PHOTO:
            return await bot.send_photo(
                chat,
                content,
                caption=words,
                reply_markup=markup,
                disable_notification=silent,
                read_timeout=patience,
                write_timeout=patience,
            )
        case Kind.ANIMATION:
            return await bot.send_animation(
                chat,
                content,
                caption=words,
                reply_markup=markup,
                disable_notification=silent,
                read_timeout=patience,
                write_timeout=patience,
            )
        case Kind.VOICE:
            return await bot.send_voice(
                chat,
                content,
                caption=words or None,
                reply_markup=markup,
                disable_notification=silent,
                read_timeout=patience,
                write_timeout=patience,
            )
        case Kind.AUDIO:
            raise TypeError("an audio is sent as the track that it is")


async def _send_track(bot: Bot, chat: int, message: Message, track: GuidedTrack, file: File) -> Sent:
    return await bot.send_audio(
        chat,
        _content(file),
        duration=round(track.seconds),
        performer=PERFORMER,
        title=track.title,
        thumbnail=file.cover.read_bytes() if file.cover else None,
        caption=message.text or "",
        reply_markup=_markup(message.keyboard),
        disable_notification=message.silent,
        read_timeout=_patience(message, file),
        write_timeout=_patience(message, file),
    )


async def _edit(bot: Bot, chat: int, message_id: int, message: Message, file: File | None) -> Sent | bool:
    words, markup = message.text, _markup(message.keyboard)
    if words is None:
        return await bot.edit_message_reply_markup(chat, message_id, reply_markup=markup)
    if file:
        medium = INPUTS[file.kind](_content(file), caption=words)
        patience = _patience(message, file)
        return await bot.edit_message_media(
            medium, chat, message_id, reply_markup=markup, read_timeout=patience, write_timeout=patience
        )
    try:
        return await bot.edit_message_text(words, chat, message_id, reply_markup=markup)
    except BadRequest as error:
        if NO_TEXT not in error.message.lower():
            raise
    return await bot.edit_message_caption(chat, message_id, caption=words, reply_markup=markup)


def _patience(message: Message, file: File) -> float:
    """Real seconds for Telegram's answer: an upload that it took, and was sent again, would come twice."""
    return UPLOAD if message.is_beside and isinstance(file.content, Path) else QUICK


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


def is_about_file(error: TelegramError) -> bool:
    """Whether it is the file that Telegram does not take, rather than the message."""
    said = error.message.lower()
    if not isinstance(error, BadRequest) or ABOUT_PEOPLE in said:
        return False
    return any(word in said for word in ABOUT_FILES)
