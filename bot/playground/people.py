"""The people's side: what a person in the world can do, and what they see.

A test and the chat page act through these methods only. A deed that Telegram's own clients would not allow
raises LookupError or ValueError with one clear sentence.
"""

from typing import TYPE_CHECKING

from bot.playground.model import Answer, Body, Button, File, Message, Query, User

if TYPE_CHECKING:
    from bot.playground.world import Chat, World


class Person:
    """Somebody with a phone. `chat_id`: their private chat with the bot, and their user id."""

    def __init__(self, world: "World", user: User) -> None:
        self._world = world
        self.user = user
        self.chat_id = user.id
        self.blocked = False
        self.deactivated = False

    def writes(self, text: str, chat_id: int | None = None, reply_to: int = 0) -> Message:
        """Send a text, 1 to 4096 characters, to the bot or to a group one has joined."""
        if not text.strip() or len(text) > 4096:
            raise ValueError(f"{self.user.first_name} can send 1 to 4096 characters, not {len(text)}.")
        return self._sends(Body(text), chat_id, reply_to)

    def sends_sticker(self) -> Message:
        return self._sends(Body(media=self._owns("sticker", "sticker.webp")))

    def sends_photo(self, caption: str = "", content: bytes = b"") -> Message:
        return self._sends(Body(caption, media=self._owns("photo", "photo.jpg", content)))

    def sends_voice(self, content: bytes = b"") -> Message:
        return self._sends(Body(media=self._owns("voice", "voice.ogg", content)))

    def edits(self, message_id: int, text: str) -> Message:
        """Change the text of a message of one's own."""
        message = self.message(message_id)
        if message.sender != self.user:
            raise LookupError(f"Message {message_id} is not {self.user.first_name}'s to edit.")
        return self._world.rewritten(message, text)

    def taps(self, message_id: int, button: str, chat_id: int | None = None, stale: bool = False) -> Query:
        """Tap a button by its label or callback data.

        `stale`: the screen lags behind, so that buttons which have gone since can still be tapped.
        """
        self._check_open()
        message = self.message(message_id, chat_id, stale)
        offered = message.shown if stale else message.buttons
        for found in offered:
            if found.kind == "callback_data" and button in (found.text, found.value):
                return self._world.tapped(self, message, found)
        raise LookupError(f"No button {button!r} on message {message_id}; it has {_labels(offered)}.")

    def blocks(self) -> None:
        """Block the bot: it gets 403 from now on."""
        self._world.set_blocked(self, True)

    def unblocks(self) -> None:
        self._world.set_blocked(self, False)

    def deactivates(self) -> None:
        """Delete the account: the bot gets 403, of another kind."""
        self.deactivated = True

    def joins(self, group: "Chat") -> Message:
        """Enter a group; the bot hears of it."""
        return self._world.joined(self, group)

    def messages(self, chat_id: int | None = None) -> tuple[Message, ...]:
        """What the chat shows now, oldest first: edits applied, the deleted gone."""
        return self._world.messages(self.chat_id if chat_id is None else chat_id)

    def message(self, message_id: int, chat_id: int | None = None, deleted: bool = False) -> Message:
        """One message of the chat. Raises LookupError if it is not there to be seen."""
        chat = self._world.chats[self.chat_id if chat_id is None else chat_id]
        message = chat.messages.get(message_id)
        if message is None or (message.deleted and not deleted):
            raise LookupError(f"{self.user.first_name} sees no message {message_id}.")
        return message

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The bot's answers to one's taps, oldest first."""
        queries = (query for query in self._world.queries.values() if query.sender == self.user)
        return tuple(query.answer for query in queries if query.answer)

    def _sends(self, body: Body, chat_id: int | None = None, reply_to: int = 0) -> Message:
        self._check_open()
        return self._world.written(self, self.chat_id if chat_id is None else chat_id, body, reply_to)

    def _check_open(self) -> None:
        if self.blocked or self.deactivated:
            raise LookupError(f"{self.user.first_name} has blocked the bot, or is gone: unblock it first.")

    def _owns(self, kind: str, name: str, content: bytes = b"") -> File:
        return self._world.keep(File(kind, content, name, width=512, height=512))


def _labels(buttons: tuple[Button, ...]) -> str:
    return ", ".join(repr(button.text) for button in buttons) or "none"
