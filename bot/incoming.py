"""What a person did in a chat, as plain data. This module must not import Telegram's own classes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tap on a button: the button's callback data, and the message_id of the button's message."""

    data: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command. `name` has no slash."""

    name: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A message that is not a command. `text` is empty if the message has no text, as for a sticker."""

    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update: its chat's id, its update_id, the person's first name, and what the person did."""

    chat: int
    update_id: int
    name: str
    what: Tapped | Commanded | Wrote
