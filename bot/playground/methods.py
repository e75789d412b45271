"""The methods of the Bot API, as the fake Telegram server (stand-in) performs them.

Each takes the World, which is the state of the server, and the call's parameters. It returns the result of
the call, or raises Refused. The methods are as lenient as Telegram, which accepts numbers as text and ignores
unknown parameters. They are also as strict as Telegram, and use its descriptions of errors. This module must
not do I/O.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from bot.playground import html
from bot.playground.html import Entity
from bot.playground.media import RECOGNISERS, Medium, recognise
from bot.playground.model import (
    Answer,
    Body,
    Button,
    Change,
    File,
    Json,
    Keyboard,
    Message,
    Refused,
    bad_request,
)
from bot.playground.world import Chat, World

# The maximum lengths, in characters.
MAX_TEXT_LENGTH = 4096
MAX_CAPTION_LENGTH = 1024
MAX_TOAST_LENGTH = 200

MAX_PHOTO_BYTES = 10 * 2**20
MAX_DOWNLOAD_BYTES = 20 * 2**20
BUTTON_STYLES = ("primary", "success", "danger")
CHAT_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "find_location",
    "upload_document", "choose_sticker", "record_video_note", "upload_video_note",
}  # fmt: skip
REACTIONS = {"❤\u200d🔥", "👨\u200d💻", "🤷\u200d♂", "🤷\u200d♀"}.union(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕"
    "😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)
FILE_TYPE_NAMES = {
    "photo": "Photo", "animation": "Animation", "voice": "VoiceNote", "audio": "Audio", "video": "Video",
    "document": "Document", "sticker": "Sticker",
}  # fmt: skip
WEBHOOK_CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True)
class Upload:
    """A file that was sent with a call."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Args:
    """The parameters and the uploaded files of a call, by name. Objects and lists are given as JSON texts."""

    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0, least: int = 0, most: int = 2**31 - 1) -> int:
        """Return the parameter as a number, limited to the range from `least` to `most`.

        If the parameter is missing, `default` is used, and limited too. A text that is not a number counts as
        0, as in Telegram.
        """
        given = self.text(name)
        digits = re.match(r"-?\d{1,18}", given)
        value = int(digits[0]) if digits else 0
        return min(most, max(least, value if given else default))

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def parsed(self, name: str, noun: str) -> object:
        """Return the JSON value of the parameter, or None if the parameter is missing.

        Raises Refused if the parameter is not JSON. `noun` is what the description of this error calls it.
        """
        if not self.text(name):
            return None
        try:
            value: object = json.loads(self.text(name))
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {noun} JSON object") from None
        return value


Method = Callable[[World, Args], object]


def call(world: World, method: str, args: Args) -> object:
    """Call a method and return its result, which can be serialised to JSON. Raises Refused."""
    found = METHODS.get(method.lower())
    if found is None:
        raise Refused(404, "Not Found: method not found")
    return found(world, args)


# Parsing parameters.


def _object(value: object, problem: str) -> Json:
    """Return the value if it is a JSON object. Otherwise raise Refused with the description `problem`."""
    if not isinstance(value, dict):
        raise bad_request(problem)
    return value


def _field(owner: Json, name: str, default: str | None = None) -> str:
    """Return a field of a JSON object as text. Numbers are converted to text, as in Telegram.

    Raises ValueError with Telegram's description if the field has another type, or if it is missing and there
    is no default.
    """
    value = owner.get(name, default)
    if value is None:
        raise ValueError(f'Can\'t find field "{name}"')
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f'Field "{name}" must be of type String')
    return str(value)


def _formatted(given: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    """Return the plain text and the entities of a text or caption. Raises Refused if it is not valid."""
    if len(given.encode(errors="surrogatepass")) > 2**15:
        raise bad_request("text is too long")
    if parse_mode.lower() not in ("", "none", "html"):
        raise bad_request("unsupported parse_mode")
    if parse_mode.lower() != "html":
        return html.trim(html.clean(given))
    try:
        return html.parse(given)
    except html.ParseError as error:
        raise bad_request(f"can't parse entities: {error}") from None


def _text_body(args: Args) -> Body:
    if "entities" in args.values:
        raise bad_request("the stand-in takes no entities; send HTML with parse_mode")
    if not args.text("text"):
        raise bad_request("message text is empty")
    preview = args.parsed("link_preview_options", "link preview options") or {}
    _object(preview, "object expected as link preview options")
    text, entities = _formatted(args.text("text"), args.text("parse_mode"))
    keyboard = _keyboard(args)
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > MAX_TEXT_LENGTH:
        raise bad_request("message is too long")
    return Body(text, html.with_commands(text, entities), None, keyboard)


def _caption(given: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    text, entities = _formatted(given, parse_mode)
    if len(text) > MAX_CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return text, html.with_commands(text, entities)


def _keyboard(args: Args) -> Keyboard:
    markup = args.parsed("reply_markup", "reply keyboard markup")
    if markup is None:
        return ()
    rows = _object(markup, "object expected as reply markup").get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    try:
        keyboard = tuple(tuple(_button(button) for button in row) for row in rows)
    except ValueError as error:
        raise bad_request(f"can't parse inline keyboard button: {error}") from None
    for button in (button for row in keyboard for button in row):
        _check_button(button)
    if any(len(row) > 8 for row in keyboard) or sum(map(len, keyboard)) > 100:
        raise bad_request("reply markup is too long")
    return tuple(row for row in keyboard if row)


def _button(given: object) -> Button:
    if not isinstance(given, dict):
        raise ValueError("InlineKeyboardButton must be an Object")
    text, style = _field(given, "text"), _field(given, "style", "").lower()
    if style not in ("", "default", *BUTTON_STYLES):
        raise ValueError("invalid button style specified")
    kind = "url" if _field(given, "url", "") else "callback_data"
    value = _field(given, kind, "")
    if not value:
        raise ValueError("Text buttons are unallowed in the inline keyboard")
    return Button(text, kind, value, style.replace("default", ""))


def _check_button(button: Button) -> None:
    if not button.text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if button.kind == "callback_data" and len(button.value.encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if button.kind == "url" and not re.match(r"(https?|tg)://[^\s/]|[\w-]+(\.[\w-]+)+(/|$)", button.value):
        raise bad_request(f"inline keyboard button URL '{button.value}' is invalid: Wrong HTTP URL")


def _chat(world: World, args: Args) -> Chat:
    if not args.text("chat_id"):
        raise bad_request("chat_id is empty")
    return world.known_chat(args.text("chat_id"))


def _message(world: World, args: Args, noun: str) -> Message:
    """Return the message that a call is about. Raises Refused if there is no such message.

    `noun` is what the description of this error calls the message, such as "message to edit".
    """
    if not args.text("chat_id") and not args.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = _chat(world, args).messages.get(args.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"{noun} not found")
    return message


def _replied_to(chat: Chat, args: Args) -> int:
    """Return the message_id of the message to reply to, or 0 if there is none."""
    given = args.parsed("reply_parameters", "reply parameters")
    parameters = _object(given or {}, "object expected as reply parameters")
    if not parameters:
        return 0
    replied = parameters.get("message_id", 0)
    if not isinstance(replied, int):
        raise bad_request('field "message_id" must be a Number')
    if replied in chat.messages and not chat.messages[replied].deleted:
        return replied
    if parameters.get("allow_sending_without_reply") is not True:
        raise bad_request("message to be replied not found")
    return 0


# Files.


def _file(world: World, args: Args, kind: str, source: str, about: Args) -> File:
    """Return the file that a call sends as `kind`. If the file is uploaded with the call, store it.

    `source` is a file_id, or attach:// followed by the name of an uploaded file. If `source` is empty, the
    file is the one uploaded under the name `kind`. `about` has the file's width, height, duration, title and
    performer.
    """
    name = source.removeprefix("attach://") if source.startswith("attach://") else kind
    if source and not source.startswith("attach://"):
        return _known_file(world, kind, source)
    if name not in args.files:
        raise bad_request(f"there is no {kind} in the request")
    upload = args.files[name]
    medium = _recognise(kind, upload.content)
    file = File(
        medium.kind,
        upload.content,
        upload.name,
        medium.mime_type,
        width=about.integer("width") or medium.width,
        height=about.integer("height") or medium.height,
        duration=about.integer("duration"),
        title=about.text("title"),
        performer=about.text("performer"),
    )
    return world.store_file(file)


def _recognise(kind: str, content: bytes) -> Medium:
    """Return how Telegram classifies a file that is uploaded as `kind`.

    Raises Refused if Telegram would refuse the file.
    """
    if not content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(content) > MAX_PHOTO_BYTES:
        limit = f"too big for a photo; the maximum size is {MAX_PHOTO_BYTES} bytes"
        raise bad_request(f"file of size {len(content)} bytes is {limit}")
    medium = recognise(kind, content)
    if medium is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if kind == "photo" and not _is_photo_size(medium.width, medium.height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return medium


def _known_file(world: World, kind: str, file_id: str) -> File:
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {FILE_TYPE_NAMES[file.kind]} as {FILE_TYPE_NAMES[kind]}")
    return file


def _is_photo_size(width: int, height: int) -> bool:
    """Return whether Telegram accepts a photo of this size in pixels."""
    return width + height <= 10_000 and max(width, height) <= 20 * min(width, height)


# Sending, editing, deleting.


def _send(world: World, args: Args, body: Body) -> object:
    chat = _chat(world, args)
    reply_to = _replied_to(chat, args)
    world.charge(chat)
    message = world.post(
        chat, world.bot, body, args.flag("disable_notification"), args.flag("protect_content"), reply_to
    )
    return world.as_sent(message)


def _send_message(world: World, args: Args) -> object:
    return _send(world, args, _text_body(args))


def _send_medium(world: World, args: Args, kind: str) -> object:
    media = _file(world, args, kind, args.text(kind), args)
    text, entities = _caption(args.text("caption"), args.text("parse_mode"))
    return _send(world, args, Body(text, entities, media, _keyboard(args)))


def _edit(world: World, message: Message, body: Body) -> object:
    if message.sender != world.bot:
        raise bad_request("message can't be edited")
    world.charge(world.chats[message.chat_id], edit=True)
    return world.as_sent(world.revise(message, body))


def _edit_text(world: World, args: Args) -> object:
    body = _text_body(args)
    message = _message(world, args, "message to edit")
    if message.media and message.sender == world.bot:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, body)


def _edit_caption(world: World, args: Args) -> object:
    keyboard = _keyboard(args)
    text, entities = _caption(args.text("caption"), args.text("parse_mode"))
    message = _message(world, args, "message to edit")
    if not message.media and message.sender == world.bot:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, message, Body(text, entities, message.media, keyboard))


def _edit_markup(world: World, args: Args) -> object:
    keyboard = _keyboard(args)
    message = _message(world, args, "message to edit")
    return _edit(world, message, replace(message.body, keyboard=keyboard))


def _edit_media(world: World, args: Args) -> object:
    if not args.text("media"):
        raise bad_request('parameter "media" is required')
    keyboard = _keyboard(args)
    try:
        body = _input_media(world, args)
    except ValueError as error:
        raise bad_request(f"can't parse InputMedia: {error}") from None
    return _edit(world, _message(world, args, "message to edit"), replace(body, keyboard=keyboard))


def _input_media(world: World, args: Args) -> Body:
    """Return the body that the parameter `media`, an InputMedia, describes."""
    given = args.parsed("media", "input media")
    if not isinstance(given, dict):
        raise ValueError("expected an Object")
    kind, source = _field(given, "type"), _field(given, "media", "")
    if kind not in RECOGNISERS:
        raise ValueError(f'type "{kind}" is unsupported')
    if not source or (source.startswith("attach://") and source.removeprefix("attach://") not in args.files):
        raise ValueError("media not found")
    about = Args({key: str(value) for key, value in given.items()})
    text, entities = _caption(_field(given, "caption", ""), _field(given, "parse_mode", ""))
    return Body(text, entities, _file(world, args, kind, source, about))


def _delete_message(world: World, args: Args) -> object:
    if not args.text("chat_id"):
        raise bad_request("chat identifier is not specified")
    if not args.integer("message_id"):
        raise bad_request("message identifier is not specified")
    world.delete(_message(world, args, "message to delete"))
    return True


def _set_reaction(world: World, args: Args) -> object:
    given = args.parsed("reaction", "reaction types") or []
    if not isinstance(given, list):
        raise bad_request("expected an Array of ReactionType")
    message = _message(world, args, "message to react")
    try:
        emoji = [_emoji(one) for one in given]
    except ValueError as error:
        raise bad_request(f"can't parse ReactionType: {error}") from None
    if not REACTIONS.issuperset(emoji):
        raise bad_request("REACTION_INVALID")
    if len(emoji) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    world.react(message, "".join(emoji))
    return True


def _emoji(given: object) -> str:
    if not isinstance(given, dict):
        raise ValueError("expected an Object")
    if _field(given, "type") != "emoji":
        raise ValueError("invalid reaction type specified")
    return _field(given, "emoji").replace("\ufe0f", "")


def _answer_query(world: World, args: Args) -> object:
    if len(args.text("text")) > MAX_TOAST_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    url = args.text("url")
    if url and not url.startswith(f"t.me/{world.bot.username}?start="):
        raise bad_request("URL_INVALID")
    world.answer(Answer(args.text("callback_query_id"), args.text("text"), args.flag("show_alert"), url))
    return True


def _send_action(world: World, args: Args) -> object:
    if args.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = _chat(world, args)
    world.check_open(chat)
    world.tell(Change("acting", chat.id, args.text("action")))
    return True


# The bot itself, its chats and files.


def _get_me(world: World, args: Args) -> object:
    abilities = "can_join_groups", "can_read_all_group_messages", "supports_inline_queries"
    return world.bot.as_json() | dict.fromkeys(abilities, False) | {"can_join_groups": True}


def _get_chat(world: World, args: Args) -> object:
    kinds = "unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"
    gifts = dict.fromkeys(kinds, False)
    full: Json = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return _chat(world, args).shape | full


def _get_file(world: World, args: Args) -> object:
    if not args.text("file_id"):
        raise bad_request("file_id not specified")
    file = world.files.get(args.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return file.as_json()


def _scope(args: Args) -> tuple[str, str]:
    """Return the scope of a list of commands as JSON, and the language code of the list."""
    scope = _object(args.parsed("scope", "BotCommandScope") or {"type": "default"}, "expected an Object")
    return json.dumps(scope, sort_keys=True), args.text("language_code")


def _set_commands(world: World, args: Args) -> object:
    given = args.parsed("commands", "commands") or []
    if not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    try:
        commands = [_command(one) for one in given]
    except ValueError as error:
        raise bad_request(f"can't parse BotCommand: {error}") from None
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.commands[_scope(args)] = commands
    world.tell(Change("profile"))
    return True


def _command(given: object) -> Json:
    if not isinstance(given, dict):
        raise ValueError("expected an Object")
    name = _field(given, "command").strip().removeprefix("/")
    description = _field(given, "description").strip()
    for problem, wrong in (
        ("command must be non-empty", not name),
        ("command length must not exceed 32", len(name) > 32),
        ("command description must be non-empty", not description),
        ("command description length must not exceed 256", len(description) > 256),
        ("BOT_COMMAND_INVALID", not re.fullmatch(r"[a-z0-9_]*", name)),
    ):
        if wrong:
            raise bad_request(problem)
    return {"command": name, "description": description}


def _get_commands(world: World, args: Args) -> object:
    return world.commands.get(_scope(args), [])


def _delete_commands(world: World, args: Args) -> object:
    world.commands.pop(_scope(args), None)
    world.tell(Change("profile"))
    return True


def _set_description(world: World, args: Args, kind: str, max_length: int) -> object:
    if len(args.text(kind)) > max_length:
        raise bad_request("DESCRIPTION_TOO_LONG")
    world.descriptions[kind, args.text("language_code")] = args.text(kind)
    world.tell(Change("profile"))
    return True


# Updates.


def _get_updates(world: World, args: Args) -> object:
    """Return the updates that are queued now, without waiting. A long poll is held open in api.py."""
    if world.webhook_url:
        raise Refused(409, WEBHOOK_CONFLICT)
    _set_allowed_updates(world, args)
    offset = args.integer("offset", least=-(2**31))
    return world.updates(offset, args.integer("limit", 100, 1, 100))


def _set_allowed_updates(world: World, args: Args) -> None:
    """Set the kinds of update that the bot wants. If the parameter is missing, the kinds stay the same."""
    allowed = args.parsed("allowed_updates", "allowed_updates")
    if isinstance(allowed, list):
        world.allowed_updates = frozenset(str(kind) for kind in allowed)


def _set_webhook(world: World, args: Args) -> object:
    if args.text("url") and not args.text("url").startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(args.text("secret_token")) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", args.text("secret_token")):
        raise bad_request("secret token contains unallowed characters")
    return _change_webhook(world, args, args.text("url"))


def _change_webhook(world: World, args: Args, url: str = "") -> object:
    """Set the URL of the webhook. An empty URL deletes the webhook."""
    if args.flag("drop_pending_updates"):
        world.drop_updates()
    world.webhook_url = url
    world.tell(Change("webhook"))
    return True


def _webhook_info(world: World, args: Args) -> object:
    return {"url": world.webhook_url, "has_custom_certificate": False, "pending_update_count": world.pending}


METHODS: dict[str, Method] = {
    "getme": _get_me,
    "getchat": _get_chat,
    "getfile": _get_file,
    "getupdates": _get_updates,
    "setwebhook": _set_webhook,
    "deletewebhook": _change_webhook,
    "getwebhookinfo": _webhook_info,
    "setmycommands": _set_commands,
    "getmycommands": _get_commands,
    "deletemycommands": _delete_commands,
    "setmydescription": partial(_set_description, kind="description", max_length=512),
    "setmyshortdescription": partial(_set_description, kind="short_description", max_length=120),
    "sendmessage": _send_message,
    "sendphoto": partial(_send_medium, kind="photo"),
    "sendanimation": partial(_send_medium, kind="animation"),
    "sendvoice": partial(_send_medium, kind="voice"),
    "sendaudio": partial(_send_medium, kind="audio"),
    "sendchataction": _send_action,
    "editmessagetext": _edit_text,
    "editmessagecaption": _edit_caption,
    "editmessagemedia": _edit_media,
    "editmessagereplymarkup": _edit_markup,
    "deletemessage": _delete_message,
    "setmessagereaction": _set_reaction,
    "answercallbackquery": _answer_query,
}
