"""The data of the fake Telegram server: users, buttons, files, messages and so on, and their JSON form.

Times are in seconds since 1970, durations in seconds. This module must not contain rules about what Telegram
allows, or use a clock.
"""

from dataclasses import dataclass, field

from bot.playground.html import Entity, write

Json = dict[str, object]


class Refused(Exception):
    """Telegram refuses a call, with an error code and a description.

    The description is exactly Telegram's. For code 429, `retry_after` is the number of seconds to wait.
    """

    def __init__(self, code: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(problem: str) -> Refused:
    """Return an error with code 400 and the description "Bad Request: " followed by the problem."""
    return Refused(400, f"Bad Request: {problem}")


@dataclass(frozen=True)
class User:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    def as_json(self) -> Json:
        """Return the user as Telegram's User."""
        given = {key: value for key, value in vars(self).items() if value}
        return {**given, "first_name": self.first_name, "is_bot": self.is_bot}


@dataclass(frozen=True)
class Button:
    """A button of an inline keyboard.

    `kind` is the name of the field in Telegram's InlineKeyboardButton that says what the button does:
    "callback_data" or "url". `value` is the value of that field.
    """

    text: str
    kind: str
    value: str
    style: str = ""

    def as_json(self) -> Json:
        """Return the button as Telegram's InlineKeyboardButton."""
        shape: Json = {"text": self.text, self.kind: self.value}
        return shape | ({"style": self.style} if self.style else {})


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class File:
    """A file. `kind` is the field of Telegram's Message that contains it, such as photo or voice."""

    kind: str
    content: bytes = field(repr=False)
    name: str = ""
    mime_type: str = ""
    file_id: str = ""
    path: str = ""
    width: int = 0
    height: int = 0
    duration: int = 0
    title: str = ""
    performer: str = ""

    def as_json(self) -> Json:
        """Return the file as Telegram's File."""
        return {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id[-12:]}",
            "file_size": len(self.content),
            "file_path": self.path,
        }

    def as_media(self) -> Json:
        """Return the file as the fields of a Telegram Message, such as photo or voice."""
        file = self.as_json()
        del file["file_path"]
        size: Json = {"width": self.width, "height": self.height}
        if self.kind == "photo":
            sizes: list[Json] = [file | size]
            return {"photo": sizes}
        if self.kind == "sticker":
            still: Json = {"is_animated": False, "is_video": False, "type": "regular", "emoji": "👍"}
            return {"sticker": file | size | still}
        named: Json = {"file_name": self.name, "mime_type": self.mime_type}
        if self.kind in {"animation", "video"}:
            named |= size
        spoken: Json = {"title": self.title, "performer": self.performer} if self.kind == "audio" else {}
        timed: Json = {} if self.kind == "document" else {"duration": self.duration}
        media = file | timed | {key: value for key, value in (named | spoken).items() if value != ""}
        fields: Json = {self.kind: media}
        if self.kind == "animation":
            fields["document"] = media  # Telegram sets this field as well, for old apps
        return fields


@dataclass(frozen=True)
class Body:
    """The parts of a message that an edit can change. If there is a `media` file, `text` is its caption."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: File | None = None
    keyboard: Keyboard = ()

    def as_json(self) -> Json:
        """Return the body as the fields of a Telegram Message, such as text, photo and reply_markup."""
        text, entities = ("caption", "caption_entities") if self.media else ("text", "entities")
        shape = self.media.as_media() if self.media else {}
        if self.text:
            shape[text] = self.text
        if self.entities:
            shape[entities] = [entity.as_json() for entity in self.entities]
        if self.keyboard:
            rows = [[button.as_json() for button in row] for row in self.keyboard]
            shape["reply_markup"] = {"inline_keyboard": rows}
        return shape


@dataclass(frozen=True)
class Message:
    """The current state of a message.

    `chat` is Telegram's Chat. `service` has the fields of a service message, such as new_chat_members.
    `reply_to` is the message_id of the message that this one replies to, or 0. `edited` is the time of the
    last edit, or 0.
    """

    id: int
    chat_id: int
    chat: Json
    sender: User
    date: int
    body: Body
    silent: bool = False
    protected: bool = False
    reply_to: int = 0
    edited: int = 0
    deleted: bool = False
    reaction: str = ""
    service: Json = field(default_factory=dict)
    shown: tuple[Button, ...] = ()
    """Every button that the message has ever had. Any of these buttons can be tapped on a screen that lags
    behind."""

    @property
    def text(self) -> str:
        """The message's text, or the caption of its media."""
        return self.body.text

    @property
    def html(self) -> str:
        """The message's text with its formatting, as Telegram's HTML."""
        return write(self.body.text, self.body.entities)

    @property
    def media(self) -> File | None:
        return self.body.media

    @property
    def keyboard(self) -> Keyboard:
        return self.body.keyboard

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons of the keyboard, row after row."""
        return tuple(button for row in self.body.keyboard for button in row)

    def as_json(self) -> Json:
        """Return the message as Telegram's Message, or as an InaccessibleMessage if it has been deleted."""
        place: Json = {"message_id": self.id, "chat": self.chat}
        if self.deleted:
            return place | {"date": 0}
        shape = place | {"from": self.sender.as_json(), "date": self.date}
        shape |= self.body.as_json() | self.service
        if self.edited:
            shape["edit_date"] = self.edited
        if self.protected:
            shape["has_protected_content"] = True
        return shape


@dataclass
class Query:
    """A callback query: a tap on a button at the time `at`.

    `data` is the button's callback data. `answer` is the bot's answer to the tap, or None if there is none
    yet.
    """

    id: str
    sender: User
    message: Message
    data: str
    at: float
    answer: "Answer | None" = None

    def as_json(self) -> Json:
        """Return the query as Telegram's CallbackQuery."""
        return {
            "id": self.id,
            "from": self.sender.as_json(),
            "message": self.message.as_json(),
            "chat_instance": str(self.message.chat_id),
            "data": self.data,
        }


@dataclass(frozen=True)
class Answer:
    """The bot's answer to a tap. `text` is shown as an alert if `alert` is true, otherwise as a toast.

    If `text` is empty, nothing is shown, but the button stops showing that it is waiting.
    """

    query_id: str
    text: str
    alert: bool
    url: str = ""


@dataclass(frozen=True)
class Call:
    """A call to the Bot API. `code` is 200, the code of an error, or 0 if the connection was cut."""

    at: float
    method: str
    params: dict[str, str]
    code: int
    description: str = ""


@dataclass(frozen=True)
class Change:
    """A change in the simulated world, or in the playground that runs it.

    `what` is one of these:

    - a message: "posted", "edited", "deleted", "reacted"
    - a callback query: "tapped", "answered"
    - a call to the Bot API: "called"
    - a chat action, such as typing: "acting"
    - the bot's updates: "queued", "confirmed"
    - the bot's commands or description: "profile"
    - a new person: "person"
    - what the user of the playground has set: "webhook", "blocked", "faults"
    - the playground itself: "bot", "clock"

    `subject` is the message, callback query, answer or call that changed, or the name of the chat action.
    """

    what: str
    chat_id: int = 0
    subject: Message | Query | Answer | Call | str | None = None
