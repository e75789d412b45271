"""What a person did in a chat, as plain data. This module must not import Telegram's own classes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tap on a button: its callback data, and the message_id of the message it belongs to."""

    data: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command; `name` is without its slash."""

    name: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A message that is not a command; `text` is empty for a message without text, such as a sticker."""

    text: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update: its chat, its update_id, the person's first name, and what the person did."""

    chat: int
    update_id: int
    name: str
    what: Tapped | Commanded | Wrote
