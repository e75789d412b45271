"""The small world behind the stand-in: people, chats, messages, files, queued updates, and Telegram's rates.

Sans-IO: no socket, no sleep, no time of day. `now` gives Unix seconds; rates and expiries follow it alone.
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
from bot.playground.people import Person

Key = TypeVar("Key")
Kept = TypeVar("Kept")

TOKEN = "123456789:AAstand-in_for_the_playground_only"
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Updates that come only to a bot that asks for them by name."""
STALE_QUERY = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


@dataclass(frozen=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Limits:
    """Telegram's figures; times in seconds. Tests may loosen or tighten them."""

    private: Rate = Rate(1, 5)
    group: Rate = Rate(20 / 60, 20)
    edits: Rate = Rate(20 / 60, 20)
    total: Rate = Rate(30, 30)
    answer_within: float = 15
    query_lives: float = 150
    update_lives: float = 24 * 3600
    delete_within: float = 48 * 3600
    messages_kept: int = 1000
    """In each chat, and of taps and calls in all: older ones are forgotten."""


class Bucket:
    """A token bucket."""

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0 if there is one now."""
        gained = max(0.0, now - self._at) * self._rate.per_second
        self._tokens = min(self._rate.burst, self._tokens + gained)
        self._at = now
        missing = 1 - self._tokens
        return missing / self._rate.per_second if missing > 1e-9 else 0.0

    def take(self) -> None:
        self._tokens -= 1


@dataclass
class Chat:
    """A private chat (`id` is the person's) or a group (a negative `id`)."""

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
    """A queued update; it is forgotten unread after `until`."""

    id: int
    until: float
    kind: str
    payload: object

    def as_json(self) -> Json:
        return {"update_id": self.id, self.kind: self.payload}


class World:
    """Everything the stand-in knows. One bot, whose `token` opens it."""

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
        self.people: dict[int, Person] = {}
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
        self._last = Counter({"person": 700_000_000, "group": 4_000_000, "update": 100_000})

    # Who is there.

    def person(
        self, first_name: str, last_name: str = "", username: str = "", language: str = "en"
    ) -> Person:
        """Somebody new. Their chat is unknown to the bot until they write in it first."""
        user = User(self._next("person"), first_name, last_name, username, language)
        shape: Json = {"id": user.id, "type": "private", "first_name": first_name}
        names: Json = {"last_name": last_name, "username": username}
        shape |= {key: value for key, value in names.items() if value}
        self.people[user.id] = Person(self, user)
        self.chats[user.id] = self._chat(user.id, shape, self.limits.private)
        self.tell(Change("person", user.id))
        return self.people[user.id]

    def group(self, title: str) -> Chat:
        """A group that the bot is in, in privacy mode: it sees commands, replies to it, and who comes."""
        chat_id = -self._next("group")
        shape: Json = {"id": chat_id, "type": "group", "title": title}
        self.chats[chat_id] = self._chat(chat_id, shape, self.limits.group)
        return self.chats[chat_id]

    def messages(self, chat_id: int) -> tuple[Message, ...]:
        """What the chat shows now, oldest first: edits applied, the deleted gone."""
        return tuple(message for message in self.chats[chat_id].messages.values() if not message.deleted)

    def subscribe(self, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Have `watcher` called at every change; returns what ends that. It must be quick and not raise."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, change: Change) -> None:
        for watcher in tuple(self._watchers):
            watcher(change)

    # What people do; Person's methods lead here.

    def written(self, person: Person, chat_id: int, body: Body, reply_to: int) -> Message:
        chat = self.chats[chat_id]
        if chat.is_group and person.chat_id not in chat.members:
            raise LookupError(f"{person.user.first_name} is not in that group; joins() comes first.")
        chat.members.add(person.chat_id)
        body = replace(body, entities=with_commands(body.text))
        message = self.post(chat, person.user, body, reply_to=reply_to)
        if self._bot_sees(chat, message):
            self._enqueue("message", self.as_sent(message))
        return message

    def rewritten(self, message: Message, text: str) -> Message:
        body = replace(message.body, text=text, entities=with_commands(text))
        edited = self._store(replace(message, body=body, edited=int(self.now())), "edited")
        self._enqueue("edited_message", self.as_sent(edited))
        return edited

    def tapped(self, person: Person, message: Message, button: Button) -> Query:
        query = Query(str(self._next("query")), person.user, message, button.value, self.now())
        self.queries[query.id] = query
        self._forget_oldest(self.queries)
        self._enqueue("callback_query", query.as_json(), self.limits.query_lives)
        self.tell(Change("tapped", message.chat_id, query))
        return query

    def joined(self, person: Person, group: Chat) -> Message:
        group.members.add(person.chat_id)
        service: Json = {"new_chat_members": [person.user.as_json()]}
        message = self.post(group, person.user, Body(), service=service)
        self._enqueue("message", message.as_json())
        return message

    def set_blocked(self, person: Person, blocked: bool) -> None:
        if blocked == person.blocked:
            return
        person.blocked = blocked
        user: Json = {"user": self.bot.as_json()}
        update: Json = {
            "chat": self.chats[person.chat_id].shape,
            "from": person.user.as_json(),
            "date": int(self.now()),
            "old_chat_member": _membership(not blocked) | user,
            "new_chat_member": _membership(blocked) | user,
        }
        self._enqueue("my_chat_member", update)
        self.tell(Change("blocked", person.chat_id))

    # What the bot does; each raises Refused as Telegram would.

    def known_chat(self, chat_id: str) -> Chat:
        """The chat of that id, if the bot may know of it."""
        chat = self.chats.get(int(chat_id)) if re.fullmatch(r"-?\d{1,15}", chat_id) else None
        if chat is None or not (chat.is_group or chat.members):
            raise bad_request("chat not found")
        return chat

    def spend(self, chat: Chat, edit: bool = False) -> None:
        """Count one message or edit against the rates, then see that the person takes messages at all."""
        buckets = [self._total, chat.sends, *([chat.edits] if edit else [])]
        wait = math.ceil(max(bucket.wait(self.now()) for bucket in buckets))
        if wait:
            raise Refused(429, f"Too Many Requests: retry after {wait}", wait)
        for bucket in buckets:
            bucket.take()
        self.check_open(chat)

    def check_open(self, chat: Chat) -> None:
        person = self.people.get(chat.id)
        if person and person.deactivated:
            raise Refused(403, "Forbidden: user is deactivated")
        if person and person.blocked:
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
        """Put a message into a chat."""
        number, date = self._next("message"), int(self.now())
        message = Message(number, chat.id, chat.shape, sender, date, body, silent, protected, reply_to)
        return self._store(replace(message, service=service or {}), "posted")

    def revise(self, message: Message, body: Body) -> Message:
        """Give a message of the bot's a new body."""
        if body == message.body:
            raise bad_request(NOT_MODIFIED)
        return self._store(replace(message, body=body, edited=int(self.now())), "edited")

    def react(self, message: Message, emoji: str) -> None:
        self._store(replace(message, reaction=emoji), "reacted")

    def delete(self, message: Message) -> None:
        """Delete for everyone: within two days, and in a group only what is the bot's own."""
        if self.chats[message.chat_id].is_group and message.sender != self.bot:
            raise bad_request("message can't be deleted")
        if self.now() - message.date > self.limits.delete_within:
            raise bad_request("message can't be deleted for everyone")
        self._store(replace(message, deleted=True), "deleted")

    def answer(self, answer: Answer) -> None:
        """Answer a tap: once, and soon."""
        query = self.queries.get(answer.query_id)
        if query is None or query.answer or self.now() - query.at > self.limits.answer_within:
            raise bad_request(STALE_QUERY)
        query.answer = answer
        self.tell(Change("answered", query.sender.id, answer))

    def keep(self, file: File) -> File:
        """Store a file under a new file_id. The same bytes are kept once, however often they are uploaded."""
        number = self._next("file")
        path = f"{file.kind}s/file_{number}{PurePath(file.name).suffix}"
        content = self._contents.setdefault(file.content, file.content)
        kept = replace(file, file_id=f"AgACAgStandIn{number:012}", path=path, content=content)
        self.files[kept.file_id] = kept
        return kept

    # The queue of updates.

    def updates(self, offset: int, limit: int) -> list[Json]:
        """Confirm everything before `offset` (a negative one: all but the last so many); what is due now."""
        before = len(self._queue)
        now = self.now()
        from_id = self._queue[max(offset, -len(self._queue))].id if offset < 0 and self._queue else offset
        self._queue = [update for update in self._queue if update.id >= from_id and update.until > now]
        if len(self._queue) < before:
            self.tell(Change("confirmed"))
        return [update.as_json() for update in self._queue[:limit]]

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed yet; 0 once it has handled everything."""
        return sum(update.until > self.now() for update in self._queue)

    def drop_updates(self) -> None:
        self._queue.clear()
        self.tell(Change("confirmed"))

    def log(self, method: str, params: Mapping[str, str], code: int, description: str = "") -> None:
        """Note a call and what came of it."""
        call = Call(self.now(), method, dict(params), code, description)
        self.calls.append(call)
        self.tell(Change("called", subject=call))

    def inject(self, kind: str, payload: object) -> None:
        """Queue an update as it is, such as no person's deed would make."""
        self._enqueue(kind, payload)

    def _enqueue(self, kind: str, payload: object, lives: float | None = None) -> None:
        wanted = kind in self.allowed_updates if self.allowed_updates else kind not in ON_REQUEST
        if wanted:
            until = self.now() + (self.limits.update_lives if lives is None else lives)
            self._queue.append(Update(self._next("update"), until, kind, payload))
            self.tell(Change("queued"))

    def _bot_sees(self, chat: Chat, message: Message) -> bool:
        """Whether privacy mode lets a message through to the bot."""
        if not chat.is_group:
            return True
        mine = f"@{self.bot.username}"
        commands = [word for word in message.text.split() if word.startswith("/")]
        addressed = mine in message.text or any("@" not in command for command in commands)
        replied = chat.messages.get(message.reply_to)
        return addressed or (replied is not None and replied.sender == self.bot)

    def as_sent(self, message: Message) -> Json:
        replied = self.chats[message.chat_id].messages.get(message.reply_to)
        return message.as_json() | ({"reply_to_message": replied.as_json()} if replied else {})

    def _store(self, message: Message, what: str) -> Message:
        message = replace(message, shown=tuple(dict.fromkeys((*message.shown, *message.buttons))))
        messages = self.chats[message.chat_id].messages
        messages[message.id] = message
        self._forget_oldest(messages)
        self.tell(Change(what, message.chat_id, message))
        return message

    def _forget_oldest(self, kept: dict[Key, Kept]) -> None:
        if len(kept) > self.limits.messages_kept:
            kept.pop(next(iter(kept)))

    def _chat(self, chat_id: int, shape: Json, rate: Rate) -> Chat:
        return Chat(chat_id, shape, Bucket(rate, self.now()), Bucket(self.limits.edits, self.now()))

    def _next(self, what: str) -> int:
        self._last[what] += 1
        return self._last[what]


def _membership(blocked: bool) -> Json:
    return {"status": "kicked", "until_date": 0} if blocked else {"status": "member"}
