"""The fields of an update that the handlers use, checked for presence and type.

python-telegram-bot checks neither. The classes are named after the Bot API's types. This module must not
depend on what an update means to the coach.
"""

from pydantic import BaseModel, ConfigDict, Field


class Payload(BaseModel):
    """The base class. Its `model_validate` raises pydantic's ValidationError, which is a ValueError."""

    model_config = ConfigDict(strict=True)


class User(Payload):
    id: int
    first_name: str


class Chat(Payload):
    id: int
    type: str


class MaybeInaccessibleMessage(Payload):
    """The message that a tapped button belongs to. Its sender is left out, because no handler uses it."""

    message_id: int
    chat: Chat
    text: str = ""
    caption: str = ""


class Message(MaybeInaccessibleMessage):
    """A message from a person."""

    sender: User = Field(alias="from")


class CallbackQuery(Payload):
    id: str
    sender: User = Field(alias="from")
    message: MaybeInaccessibleMessage | None = None
    data: str = ""


class ChatMember(Payload):
    status: str


class ChatMemberUpdated(Payload):
    chat: Chat
    sender: User = Field(alias="from")
    new_chat_member: ChatMember


class Update(Payload):
    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None
