"""What there is in the world: users, buttons, files, messages; each knows its shape in Telegram's JSON.

Plain data that never changes; no rule and no clock lives here. Times are Unix seconds, durations seconds.
"""

from dataclasses import dataclass, field

from bot.playground.html import Entity, write

Json = dict[str, object]


class Refused(Exception):
    """Telegram's no: an error code, the exact description, and for a 429 the seconds to wait."""

    def __init__(self, code: int, description: str, retry_after: int = 0) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(what: str) -> Refused:
    """A 400 in Telegram's words: "Bad Request: " and what is wrong."""
    return Refused(400, f"Bad Request: {what}")


@dataclass(frozen=True)
class User:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    def as_json(self) -> Json:
        said = {key: value for key, value in vars(self).items() if value}
        return {**said, "first_name": self.first_name, "is_bot": self.is_bot}


@dataclass(frozen=True)
class Button:
    """`kind` is the field that says what it does, callback_data or url; `value` what that field holds."""

    text: str
    kind: str
    value: str
    style: str = ""

    def as_json(self) -> Json:
        shape: Json = {"text": self.text, self.kind: self.value}
        return shape | ({"style": self.style} if self.style else {})


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class File:
    """A file; `kind` is the message field it goes by: photo, animation, video, voice, audio, document..."""

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
        """Telegram's File."""
        return {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id[-12:]}",
            "file_size": len(self.content),
            "file_path": self.path,
        }

    def as_media(self) -> Json:
        """The fields it adds to a message."""
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
            fields["document"] = media  # Telegram repeats it, for old clients.
        return fields


@dataclass(frozen=True)
class Body:
    """What an edit can change; `text` is the caption where there is a medium."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: File | None = None
    keyboard: Keyboard = ()

    def as_json(self) -> Json:
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
    """A message as it is now; `chat` is Telegram's Chat, `service` holds fields such as new_chat_members."""

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
    """Every button it ever had, for a tap on a screen that lags behind."""

    @property
    def text(self) -> str:
        """The text, or the caption."""
        return self.body.text

    @property
    def html(self) -> str:
        """The text with its formatting, as Telegram's HTML."""
        return write(self.body.text, self.body.entities)

    @property
    def media(self) -> File | None:
        return self.body.media

    @property
    def keyboard(self) -> Keyboard:
        return self.body.keyboard

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The keyboard's buttons, row after row."""
        return tuple(button for row in self.body.keyboard for button in row)

    def as_json(self) -> Json:
        """Telegram's Message, or its InaccessibleMessage once deleted."""
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
    """A tap on a button, and the bot's answer to it, None until there is one."""

    id: str
    sender: User
    message: Message
    data: str
    at: float
    answer: "Answer | None" = None

    def as_json(self) -> Json:
        """Telegram's CallbackQuery."""
        return {
            "id": self.id,
            "from": self.sender.as_json(),
            "message": self.message.as_json(),
            "chat_instance": str(self.message.chat_id),
            "data": self.data,
        }


@dataclass(frozen=True)
class Answer:
    """What a tapper sees: `text` as a toast, or as an alert; an empty one only ends the waiting."""

    query_id: str
    text: str
    alert: bool
    url: str = ""


@dataclass(frozen=True)
class Call:
    """A call of the Bot API. `code`: 200, or the error's, or 0 where the connection was cut."""

    at: float
    method: str
    params: dict[str, str]
    code: int
    description: str = ""


@dataclass(frozen=True)
class Change:
    """Something happened. `subject`: the message, query, answer or call, or the name of a chat action.

    `what`: posted, edited, deleted, reacted, tapped, answered, acting, queued, confirmed, called, profile,
    webhook, person, blocked or faults; of the program around the world: bot or clock.
    """

    what: str
    chat_id: int = 0
    subject: Message | Query | Answer | Call | str | None = None
