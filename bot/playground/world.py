"""The state of the fake Telegram server (stand-in): accounts, chats, messages, files, updates, rate limits.

This module must not open a socket, sleep or read the system's clock. `World.now` is the only source of time.
"""

import math
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TypeVar

from bot.playground.faults import Faults
from bot.playground.html import with_commands
from bot.playground.model import (
    Answer,
    Body,
    Button,
    Call,
    Change,
    File,
    Json,
    Message,
    Query,
    Refused,
    User,
    bad_request,
)

K = TypeVar("K")
V = TypeVar("V")

TOKEN = "123456789:AAstand-in_for_the_playground_only"
OPT_IN_UPDATES = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""The kinds of update that a bot gets only if it lists them in allowed_updates."""
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


@dataclass(frozen=True)
class Rate:
    """A rate limit: how many messages are allowed per second on average, and how many at once."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Limits:
    """Telegram's limits. Tests may loosen or tighten them.

    `private` is the rate of messages and edits in one private chat, and `group` that in one group. `edits` is
    the rate of edits in one chat, and `total` the rate of all messages and edits of the bot. All times are in
    seconds. A tap can be answered until `answer_within` after it. A message can be deleted until
    `delete_within` after it was sent. An update that the bot does not confirm stays in the queue for
    `query_lives` if it is a tap, and for `update_lives` otherwise.
    """

    private: Rate = Rate(1, 5)
    group: Rate = Rate(20 / 60, 20)
    edits: Rate = Rate(20 / 60, 20)
    total: Rate = Rate(30, 30)
    answer_within: float = 15
    query_lives: float = 150
    update_lives: float = 24 * 3600
    delete_within: float = 48 * 3600
    messages_kept: int = 1000
    """How many messages of each chat are kept, and how many taps and calls in all. The oldest are dropped."""


class Bucket:
    """A token bucket that enforces a Rate. It is full at first."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def wait(self, now: float) -> float:
        """Return the number of seconds until a token is available; 0 if one is available now."""
        gained = max(0.0, now - self._filled_at) * self._rate.per_second
        self._tokens = min(self._rate.burst, self._tokens + gained)
        self._filled_at = now
        missing = 1 - self._tokens
        return missing / self._rate.per_second if missing > 1e-9 else 0.0

    def take(self) -> None:
        """Take a token. Call this only after `wait` has returned 0."""
        self._tokens -= 1


@dataclass
class Account:
    """A person's account. The person may have blocked the bot, or deleted the account (`deactivated`)."""

    user: User
    blocked: bool = False
    deactivated: bool = False


@dataclass
class Chat:
    """A private chat, whose `id` is the person's user id, or a group, whose `id` is negative.

    `shape` is Telegram's Chat object. `sends` and `edits` are the token buckets for the chat's rate limits.
    `members` contains the user ids of the members; the person in a private chat becomes a member with the
    first message. `messages` contains all messages by message_id, including deleted ones.
    """

    id: int
    shape: Json
    sends: Bucket
    edits: Bucket
    members: set[int] = field(default_factory=set)
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        return self.id < 0


@dataclass(frozen=True)
class Update:
    """A queued update.

    `kind` is the name of the field that is set in Telegram's Update, and `payload` is the value of that
    field. The update is dropped at `expires_at` (in seconds since 1970) if the bot has not confirmed it
    before.
    """

    id: int
    expires_at: float
    kind: str
    payload: object

    def as_json(self) -> Json:
        return {"update_id": self.id, self.kind: self.payload}


class World:
    """The state of the stand-in, which has one bot, and the people who talk to the bot.

    `now` returns the time in seconds since 1970, which decides about rate limits and expiry. `token` is the
    bot's token. `seed` is for the random choice of the calls that a fault affects.
    """

    def __init__(
        self,
        now: Callable[[], float],
        token: str = TOKEN,
        username: str = "back_massage_bot",
        limits: Limits | None = None,
        seed: int = 0,
    ) -> None:
        self.now = now
        self.began = now()
        self.token = token
        self.limits = limits or Limits()
        self.bot = User(int(token.partition(":")[0]), "Massage coach", username=username, is_bot=True)
        self.accounts: dict[int, Account] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, File] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.calls: deque[Call] = deque(maxlen=self.limits.messages_kept)
        self.webhook_url = ""
        self.allowed_updates: frozenset[str] = frozenset()
        self.faults = Faults(now, lambda: self.tell(Change("faults")), seed)
        self._queue: list[Update] = []
        self._watchers: list[Callable[[Change], None]] = []
        self._contents: dict[bytes, bytes] = {}
        self._total = Bucket(self.limits.total, now())
        self._last_ids = Counter({"user": 700_000_000, "group": 4_000_000, "update": 100_000})

    # Accounts, chats and subscribers.

    def add_account(self, first_name: str, last_name: str, username: str, language_code: str) -> Account:
        """Add an account for a person, and the person's private chat with the bot.

        The bot cannot see the chat until the person has written in it.
        """
        user = User(self._next_id("user"), first_name, last_name, username, language_code)
        shape: Json = {"id": user.id, "type": "private", "first_name": first_name}
        names: Json = {"last_name": last_name, "username": username}
        shape |= {key: value for key, value in names.items() if value}
        self.accounts[user.id] = Account(user)
        self.chats[user.id] = self._new_chat(user.id, shape, self.limits.private)
        self.tell(Change("person", user.id))
        return self.accounts[user.id]

    def group(self, title: str) -> Chat:
        """Add a group that the bot is a member of.

        The bot is in privacy mode: it sees only commands, replies to its own messages, and new members.
        """
        chat_id = -self._next_id("group")
        shape: Json = {"id": chat_id, "type": "group", "title": title}
        self.chats[chat_id] = self._new_chat(chat_id, shape, self.limits.group)
        return self.chats[chat_id]

    def messages(self, chat_id: int) -> tuple[Message, ...]:
        """Return the messages that the chat shows now, oldest first: with all edits, without deleted ones."""
        return tuple(message for message in self.chats[chat_id].messages.values() if not message.deleted)

    def subscribe(self, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Call `watcher` on every change from now on. Return a function that ends the subscription.

        The watcher must return quickly and must not raise an error.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, change: Change) -> None:
        """Call all watchers with the change."""
        for watcher in tuple(self._watchers):
            watcher(change)

    # What people do. Only Person calls these methods.

    def written(self, account: Account, chat_id: int, body: Body, reply_to: int) -> Message:
        """Post a person's message. Raises LookupError for a group that the person has not joined."""
        chat, user = self.chats[chat_id], account.user
        if chat.is_group and user.id not in chat.members:
            raise LookupError(f"{user.first_name} is not in that group; joins() comes first.")
        chat.members.add(user.id)
        body = replace(body, entities=with_commands(body.text))
        message = self.post(chat, user, body, reply_to=reply_to)
        if self._bot_sees(chat, message):
            self._enqueue("message", self.as_sent(message))
        return message

    def edited_by_person(self, message: Message, text: str) -> Message:
        """Change the text of a person's message."""
        body = replace(message.body, text=text, entities=with_commands(text))
        edited = self._store(replace(message, body=body, edited=int(self.now())), "edited")
        self._enqueue("edited_message", self.as_sent(edited))
        return edited

    def tapped(self, account: Account, message: Message, button: Button) -> Query:
        """Queue an update with the callback query of a tap."""
        query = Query(str(self._next_id("query")), account.user, message, button.value, self.now())
        self.queries[query.id] = query
        self._drop_oldest(self.queries)
        self._enqueue("callback_query", query.as_json(), self.limits.query_lives)
        self.tell(Change("tapped", message.chat_id, query))
        return query

    def joined(self, account: Account, group: Chat) -> Message:
        """Add a person to a group, and post the service message about it."""
        group.members.add(account.user.id)
        service: Json = {"new_chat_members": [account.user.as_json()]}
        message = self.post(group, account.user, Body(), service=service)
        self._enqueue("message", message.as_json())
        return message

    def set_blocked(self, account: Account, blocked: bool) -> None:
        """Block or unblock the bot for a person. The bot gets an update if this changes anything."""
        if blocked == account.blocked:
            return
        account.blocked = blocked
        user: Json = {"user": self.bot.as_json()}
        update: Json = {
            "chat": self.chats[account.user.id].shape,
            "from": account.user.as_json(),
            "date": int(self.now()),
            "old_chat_member": _membership(not blocked) | user,
            "new_chat_member": _membership(blocked) | user,
        }
        self._enqueue("my_chat_member", update)
        self.tell(Change("blocked", account.user.id))

    # What the bot does. Each method raises Refused if Telegram would refuse the call.

    def known_chat(self, chat_id: str) -> Chat:
        """Return the chat with this id.

        Raises Refused if there is no such chat, or if it is a private chat in which the person has not
        written yet.
        """
        chat = self.chats.get(int(chat_id)) if re.fullmatch(r"-?\d{1,15}", chat_id) else None
        if chat is None or not (chat.is_group or chat.members):
            raise bad_request("chat not found")
        return chat

    def charge(self, chat: Chat, edit: bool = False) -> None:
        """Count a message or an edit against the rate limits. Raises Refused if a limit has been reached.

        Also raises Refused if the person has blocked the bot or deleted the account, but the message still
        counts then.
        """
        buckets = [self._total, chat.sends, *([chat.edits] if edit else [])]
        wait = math.ceil(max(bucket.wait(self.now()) for bucket in buckets))
        if wait:
            raise Refused(429, f"Too Many Requests: retry after {wait}", wait)
        for bucket in buckets:
            bucket.take()
        self.check_open(chat)

    def check_open(self, chat: Chat) -> None:
        """Raise Refused if the person in this chat has blocked the bot or deleted the account."""
        account = self.accounts.get(chat.id)
        if account and account.deactivated:
            raise Refused(403, "Forbidden: user is deactivated")
        if account and account.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")

    def post(
        self,
        chat: Chat,
        sender: User,
        body: Body,
        silent: bool = False,
        protected: bool = False,
        reply_to: int = 0,
        service: Json | None = None,
    ) -> Message:
        """Put a message into a chat. `service` contains the additional fields of a service message."""
        message_id, date = self._next_id("message"), int(self.now())
        message = Message(message_id, chat.id, chat.shape, sender, date, body, silent, protected, reply_to)
        return self._store(replace(message, service=service or {}), "posted")

    def revise(self, message: Message, body: Body) -> Message:
        """Edit one of the bot's messages. Raises Refused if the edit changes nothing."""
        if body == message.body:
            raise bad_request(NOT_MODIFIED)
        return self._store(replace(message, body=body, edited=int(self.now())), "edited")

    def react(self, message: Message, emoji: str) -> None:
        """Set the bot's reaction to a message. An empty `emoji` removes the reaction."""
        self._store(replace(message, reaction=emoji), "reacted")

    def delete(self, message: Message) -> None:
        """Delete a message for everyone.

        Raises Refused if the message is too old, or if it is in a group and the bot has not sent it.
        """
        if self.chats[message.chat_id].is_group and message.sender != self.bot:
            raise bad_request("message can't be deleted")
        if self.now() - message.date > self.limits.delete_within:
            raise bad_request("message can't be deleted for everyone")
        self._store(replace(message, deleted=True), "deleted")

    def answer(self, answer: Answer) -> None:
        """Answer a tap. Raises Refused if the tap has been answered before, or if it is too late."""
        query = self.queries.get(answer.query_id)
        if query is None or query.answer or self.now() - query.at > self.limits.answer_within:
            raise bad_request(STALE_QUERY)
        query.answer = answer
        self.tell(Change("answered", query.sender.id, answer))

    def store_file(self, file: File) -> File:
        """Store a file under a new file_id. Bytes that have been stored before are not copied."""
        number = self._next_id("file")
        path = f"{file.kind}s/file_{number}{PurePath(file.name).suffix}"
        content = self._contents.setdefault(file.content, file.content)
        stored = replace(file, file_id=f"AgACAgStandIn{number:012}", path=path, content=content)
        self.files[stored.file_id] = stored
        return stored

    # The queue of updates.

    def updates(self, offset: int, limit: int) -> list[Json]:
        """Confirm all updates before `offset`, an update_id. Return up to `limit` of the remaining updates.

        A negative `offset` confirms all but the last `-offset` updates.
        """
        before = len(self._queue)
        now = self.now()
        from_id = self._queue[max(offset, -len(self._queue))].id if offset < 0 and self._queue else offset
        self._queue = [update for update in self._queue if update.id >= from_id and update.expires_at > now]
        if len(self._queue) < before:
            self.tell(Change("confirmed"))
        return [update.as_json() for update in self._queue[:limit]]

    @property
    def pending(self) -> int:
        """The number of updates that the bot has not confirmed and that have not expired."""
        return sum(update.expires_at > self.now() for update in self._queue)

    def drop_updates(self) -> None:
        """Drop all queued updates."""
        self._queue.clear()
        self.tell(Change("confirmed"))

    def log(self, method: str, params: Mapping[str, str], code: int, description: str = "") -> None:
        """Record a call. `code` is 200, the code of an error, or 0 if the connection was cut."""
        call = Call(self.now(), method, dict(params), code, description)
        self.calls.append(call)
        self.tell(Change("called", subject=call))

    def inject(self, kind: str, payload: object) -> None:
        """Queue an update of any form, even of a form that no person's action could cause."""
        self._enqueue(kind, payload)

    def _enqueue(self, kind: str, payload: object, lifetime: float | None = None) -> None:
        """Queue an update if the bot wants updates of this kind.

        The update expires after `lifetime` seconds. None means the usual lifetime.
        """
        wanted = kind in self.allowed_updates if self.allowed_updates else kind not in OPT_IN_UPDATES
        if wanted:
            expires_at = self.now() + (self.limits.update_lives if lifetime is None else lifetime)
            self._queue.append(Update(self._next_id("update"), expires_at, kind, payload))
            self.tell(Change("queued"))

    def _bot_sees(self, chat: Chat, message: Message) -> bool:
        """Return whether the bot gets an update for the message.

        In a group, the bot is in privacy mode: it sees only commands, messages that mention it, and replies
        to its own messages.
        """
        if not chat.is_group:
            return True
        mention = f"@{self.bot.username}"
        commands = [word for word in message.text.split() if word.startswith("/")]
        addressed = mention in message.text or any("@" not in command for command in commands)
        replied = chat.messages.get(message.reply_to)
        return addressed or (replied is not None and replied.sender == self.bot)

    def as_sent(self, message: Message) -> Json:
        """Return the message as Telegram's Message, including the message that it replies to."""
        replied = self.chats[message.chat_id].messages.get(message.reply_to)
        return message.as_json() | ({"reply_to_message": replied.as_json()} if replied else {})

    def _store(self, message: Message, what: str) -> Message:
        """Store a new or changed message. Call all watchers with the change `what`."""
        message = replace(message, shown=tuple(dict.fromkeys((*message.shown, *message.buttons))))
        messages = self.chats[message.chat_id].messages
        messages[message.id] = message
        self._drop_oldest(messages)
        self.tell(Change(what, message.chat_id, message))
        return message

    def _drop_oldest(self, entries: dict[K, V]) -> None:
        """Drop the oldest entry if there are more entries than `messages_kept`."""
        if len(entries) > self.limits.messages_kept:
            entries.pop(next(iter(entries)))

    def _new_chat(self, chat_id: int, shape: Json, rate: Rate) -> Chat:
        return Chat(chat_id, shape, Bucket(rate, self.now()), Bucket(self.limits.edits, self.now()))

    def _next_id(self, kind: str) -> int:
        self._last_ids[kind] += 1
        return self._last_ids[kind]


def _membership(blocked: bool) -> Json:
    """Return Telegram's ChatMember for the bot in a private chat, but without the field `user`."""
    return {"status": "kicked", "until_date": 0} if blocked else {"status": "member"}
