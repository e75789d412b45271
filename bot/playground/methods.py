"""The Bot API's methods over a world: parameters as they came over the wire -> a result, or a refusal.

Sans-IO. As lenient as Telegram (numbers as text, unknown parameters ignored), as strict, and in its words.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from bot.playground import html
from bot.playground.html import Entity
from bot.playground.media import FORMATS, Medium, recognised
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

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_TOAST = 200
LARGEST_PHOTO = 10 * 2**20
LARGEST_DOWNLOAD = 20 * 2**20
STYLES = ("primary", "success", "danger")
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "find_location",
    "upload_document", "choose_sticker", "record_video_note", "upload_video_note",
}  # fmt: skip
REACTIONS = {"❤\u200d🔥", "👨\u200d💻", "🤷\u200d♂", "🤷\u200d♀"}.union(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕"
    "😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)
FILE_TYPES = {
    "photo": "Photo", "animation": "Animation", "voice": "VoiceNote", "audio": "Audio", "video": "Video",
    "document": "Document", "sticker": "Sticker",
}  # fmt: skip
CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)


@dataclass(frozen=True)
class Upload:
    """A file that came with a call."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Args:
    """A call's parameters: texts by name, nested values as JSON text, and the files that came with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0, least: int = 0, most: int = 2**31 - 1) -> int:
        """A number between `least` and `most`; what is no number counts as 0, as with Telegram."""
        given = self.text(name)
        digits = re.match(r"-?\d{1,18}", given)
        value = int(digits[0]) if digits else 0
        return min(most, max(least, value if given else default))

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def parsed(self, name: str, what: str) -> object:
        """The JSON value of that name, None if it is missing. `what` it is, for the refusal."""
        if not self.text(name):
            return None
        try:
            value: object = json.loads(self.text(name))
        except (ValueError, RecursionError):
            raise bad_request(f"can't parse {what} JSON object") from None
        return value


Method = Callable[[World, Args], object]


def call(world: World, method: str, args: Args) -> object:
    """The result of a method, ready for JSON. Raises Refused."""
    found = METHODS.get(method.lower())
    if found is None:
        raise Refused(404, "Not Found: method not found")
    return found(world, args)


# Reading what was sent.


def _object(value: object, otherwise: str) -> Json:
    if not isinstance(value, dict):
        raise bad_request(otherwise)
    return value


def _field(owner: Json, name: str, default: str | None = None) -> str:
    """A text of an object; a number will do, as with Telegram. No default: it must be there."""
    value = owner.get(name, default)
    if value is None:
        raise ValueError(f'Can\'t find field "{name}"')
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f'Field "{name}" must be of type String')
    return str(value)


def _formatted(given: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    """Text and entities of a text or a caption."""
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
    if len(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return Body(text, html.with_commands(text, entities), None, keyboard)


def _caption(given: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    text, entities = _formatted(given, parse_mode)
    if len(text) > LONGEST_CAPTION:
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
    if style not in ("", "default", *STYLES):
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


def _message(world: World, args: Args, what: str) -> Message:
    """The message that a call is about; `what` it is, for the refusal."""
    if not args.text("chat_id") and not args.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = _chat(world, args).messages.get(args.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"{what} not found")
    return message


def _reply(chat: Chat, args: Args) -> int:
    """The id of the message replied to, 0 for none."""
    given = args.parsed("reply_parameters", "reply parameters")
    asked = _object(given or {}, "object expected as reply parameters")
    replied = asked.get("message_id", 0)
    if asked and not isinstance(replied, int):
        raise bad_request('field "message_id" must be a Number')
    there = isinstance(replied, int) and replied in chat.messages and not chat.messages[replied].deleted
    if asked and not there and asked.get("allow_sending_without_reply") is not True:
        raise bad_request("message to be replied not found")
    return replied if isinstance(replied, int) and there else 0


# Files.


def _stored(world: World, args: Args, kind: str, given: str, about: Args) -> File:
    """The file meant by `given`: a file_id, attach://name, or "" for an upload by the name of its kind."""
    name = given.removeprefix("attach://") if given.startswith("attach://") else kind
    if given and not given.startswith("attach://"):
        return _known_file(world, kind, given)
    if name not in args.files:
        raise bad_request(f"there is no {kind} in the request")
    upload = args.files[name]
    medium = _checked(kind, upload.content)
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
    return world.keep(file)


def _checked(kind: str, content: bytes) -> Medium:
    """What an upload meant as `kind` becomes, if Telegram takes it at all."""
    if not content:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(content) > LARGEST_PHOTO:
        limit = f"too big for a photo; the maximum size is {LARGEST_PHOTO} bytes"
        raise bad_request(f"file of size {len(content)} bytes is {limit}")
    medium = recognised(kind, content)
    if medium is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if kind == "photo" and not _fits(medium.width, medium.height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return medium


def _known_file(world: World, kind: str, file_id: str) -> File:
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {FILE_TYPES[file.kind]} as {FILE_TYPES[kind]}")
    return file


def _fits(width: int, height: int) -> bool:
    return width + height <= 10_000 and max(width, height) <= 20 * min(width, height)


# Sending, editing, deleting.


def _send(world: World, args: Args, body: Body) -> object:
    chat = _chat(world, args)
    reply_to = _reply(chat, args)
    world.spend(chat)
    message = world.post(
        chat, world.bot, body, args.flag("disable_notification"), args.flag("protect_content"), reply_to
    )
    return world.as_sent(message)


def _send_message(world: World, args: Args) -> object:
    return _send(world, args, _text_body(args))


def _send_medium(world: World, args: Args, kind: str) -> object:
    media = _stored(world, args, kind, args.text(kind), args)
    text, entities = _caption(args.text("caption"), args.text("parse_mode"))
    return _send(world, args, Body(text, entities, media, _keyboard(args)))


def _edit(world: World, message: Message, body: Body) -> object:
    if message.sender != world.bot:
        raise bad_request("message can't be edited")
    world.spend(world.chats[message.chat_id], edit=True)
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
    """Body of an InputMedia; its upload is named by attach://."""
    given = args.parsed("media", "input media")
    if not isinstance(given, dict):
        raise ValueError("expected an Object")
    kind, source = _field(given, "type"), _field(given, "media", "")
    if kind not in FORMATS:
        raise ValueError(f'type "{kind}" is unsupported')
    if not source or (source.startswith("attach://") and source.removeprefix("attach://") not in args.files):
        raise ValueError("media not found")
    about = Args({key: str(value) for key, value in given.items()})
    text, entities = _caption(_field(given, "caption", ""), _field(given, "parse_mode", ""))
    return Body(text, entities, _stored(world, args, kind, source, about))


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
    if len(args.text("text")) > LONGEST_TOAST:
        raise bad_request("MESSAGE_TOO_LONG")
    url = args.text("url")
    if url and not url.startswith(f"t.me/{world.bot.username}?start="):
        raise bad_request("URL_INVALID")
    world.answer(Answer(args.text("callback_query_id"), args.text("text"), args.flag("show_alert"), url))
    return True


def _send_action(world: World, args: Args) -> object:
    if args.text("action") not in ACTIONS:
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
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return file.as_json()


def _scope(args: Args) -> tuple[str, str]:
    """Whose commands or description: the scope as JSON, and the language."""
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


def _set_description(world: World, args: Args, kind: str, longest: int) -> object:
    if len(args.text(kind)) > longest:
        raise bad_request("DESCRIPTION_TOO_LONG")
    world.descriptions[kind, args.text("language_code")] = args.text(kind)
    world.tell(Change("profile"))
    return True


# Updates. The HTTP face waits for them; here is what can be said at once.


def _get_updates(world: World, args: Args) -> object:
    if world.webhook_url:
        raise Refused(409, CONFLICT)
    _allow(world, args)
    offset = args.integer("offset", least=-(2**31))
    return world.updates(offset, args.integer("limit", 100, 1, 100))


def _allow(world: World, args: Args) -> None:
    """Note which updates the bot wants from now on; a call that does not say changes nothing."""
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
    return _point_webhook(world, args, args.text("url"))


def _point_webhook(world: World, args: Args, url: str = "") -> object:
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
    "deletewebhook": _point_webhook,
    "getwebhookinfo": _webhook_info,
    "setmycommands": _set_commands,
    "getmycommands": _get_commands,
    "deletemycommands": _delete_commands,
    "setmydescription": partial(_set_description, kind="description", longest=512),
    "setmyshortdescription": partial(_set_description, kind="short_description", longest=120),
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
