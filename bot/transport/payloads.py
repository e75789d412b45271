"""What must be there in an update, as Telegram says it, for the handlers to rely on.

python-telegram-bot checks neither that a field is there nor what type it has. Nothing here may know what an
update means.
"""

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    model_config = ConfigDict(strict=True)


class Somebody(Shape):
    id: int
    first_name: str


class Place(Shape):
    id: int
    type: str


class Message(Shape):
    message_id: int
    chat: Place
    text: str = ""
    caption: str = ""


class SentMessage(Message):
    sender: Somebody = Field(alias="from")


class Query(Shape):
    id: str
    sender: Somebody = Field(alias="from")
    message: Message | None = None
    data: str = ""


class Member(Shape):
    status: str


class Change(Shape):
    chat: Place
    sender: Somebody = Field(alias="from")
    new_chat_member: Member


class Update(Shape):
    """Raises pydantic's ValidationError, a ValueError, from `model_validate`."""

    update_id: int
    message: SentMessage | None = None
    callback_query: Query | None = None
    my_chat_member: Change | None = None
