"""What a person who uses the fake Telegram server (stand-in) can do and see.

Tests and the chat page use only these methods to act as a person.


An action that Telegram's own apps would not allow raises LookupError or ValueError with one clear sentence.
"""

from bot.playground.model import Answer, Body, Button, File, Message, Query, User
from bot.playground.world import Chat, World

MAX_TEXT_LENGTH = 4096
"""The maximum length of a message in characters. Telegram's apps do not send longer messages."""


def add_person(world: World, first_name: str, last_name: str = "", username: str = "") -> "Person":
    """Add a person who speaks English. The bot cannot see the chat until the person has written in it."""
    return Person(world, world.add_account(first_name, last_name, username, "en").user.id)


class Person:
    """A person with a phone. Raises LookupError if there is no person with this user id.

    `chat_id` is the id of the person's private chat with the bot, which is the same number as the user id.
    """

    def __init__(self, world: World, user_id: int) -> None:
        account = world.accounts.get(user_id)
        if account is None:
            raise LookupError(f"There is nobody with the number {user_id}.")
        self._world = world
        self._account = account
        self.chat_id = user_id

    @property
    def user(self) -> User:
        return self._account.user

    def writes(self, text: str, chat_id: int | None = None, reply_to: int = 0) -> Message:
        """Send a text to the bot, or to a group that the person has joined.

        `reply_to` is the message_id of the message to reply to, or 0 for no reply. Raises ValueError unless
        the text has 1 to 4096 characters.
        """
        if not text.strip() or len(text) > MAX_TEXT_LENGTH:
            raise ValueError(
                f"{self.user.first_name} can send 1 to {MAX_TEXT_LENGTH} characters, not {len(text)}."
            )
        return self._send(Body(text), chat_id, reply_to)

    def sends_sticker(self) -> Message:
        return self._send(Body(media=self._new_file("sticker", "sticker.webp")))

    def sends_photo(self, caption: str = "", content: bytes = b"") -> Message:
        return self._send(Body(caption, media=self._new_file("photo", "photo.jpg", content)))

    def sends_voice(self, content: bytes = b"") -> Message:
        return self._send(Body(media=self._new_file("voice", "voice.ogg", content)))

    def edits(self, message_id: int, text: str) -> Message:
        """Change the text of one of the person's own messages."""
        message = self.message(message_id)
        if message.sender != self.user:
            raise LookupError(f"Message {message_id} is not {self.user.first_name}'s to edit.")
        return self._world.edited_by_person(message, text)

    def taps(self, message_id: int, button: str, chat_id: int | None = None, stale: bool = False) -> Query:
        """Tap a button. `button` is the button's label or its callback data.

        If `stale` is true, the person's screen lags behind, so buttons and messages that have been removed
        can be tapped too.
        """
        self._check_can_write()
        message = self.message(message_id, chat_id, stale)
        offered = message.shown if stale else message.buttons
        for found in offered:
            if found.kind == "callback_data" and button in (found.text, found.value):
                return self._world.tapped(self._account, message, found)
        raise LookupError(f"No button {button!r} on message {message_id}; it has {_labels(offered)}.")

    def blocks(self) -> None:
        """Block the bot. From now on, Telegram refuses the bot's messages with error 403."""
        self._world.set_blocked(self._account, True)

    def unblocks(self) -> None:
        self._world.set_blocked(self._account, False)

    def deactivates(self) -> None:
        """Delete the person's account. The bot gets error 403, with another description than for a block."""
        self._account.deactivated = True

    def joins(self, group: Chat) -> Message:
        """Join a group. The bot gets an update."""
        return self._world.joined(self._account, group)

    def messages(self, chat_id: int | None = None) -> tuple[Message, ...]:
        """Return the messages that the chat shows now, oldest first: with all edits, without deleted ones."""
        return self._world.messages(self.chat_id if chat_id is None else chat_id)

    def message(self, message_id: int, chat_id: int | None = None, deleted: bool = False) -> Message:
        """Return a message of the chat. Raises LookupError if there is no such message.

        A deleted message is found only if `deleted` is true.
        """
        chat = self._world.chats[self.chat_id if chat_id is None else chat_id]
        message = chat.messages.get(message_id)
        if message is None or (message.deleted and not deleted):
            raise LookupError(f"{self.user.first_name} sees no message {message_id}.")
        return message

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The bot's answers to the person's taps, in the order of the taps."""
        queries = (query for query in self._world.queries.values() if query.sender == self.user)
        return tuple(query.answer for query in queries if query.answer)

    def _send(self, body: Body, chat_id: int | None = None, reply_to: int = 0) -> Message:
        self._check_can_write()
        chat_id = self.chat_id if chat_id is None else chat_id
        return self._world.written(self._account, chat_id, body, reply_to)

    def _check_can_write(self) -> None:
        """Raise LookupError if the person has blocked the bot or deleted the account."""
        if self._account.blocked or self._account.deactivated:
            raise LookupError(f"{self.user.first_name} has blocked the bot, or is gone: unblock it first.")

    def _new_file(self, kind: str, name: str, content: bytes = b"") -> File:
        return self._world.store_file(File(kind, content, name, width=512, height=512))


def _labels(buttons: tuple[Button, ...]) -> str:
    return ", ".join(repr(button.text) for button in buttons) or "none"
