"""Reads and writes sessions and messages in the tables, within a transaction of the store.

Each function runs a few SQL statements on the given connection. The functions must not begin or end a
transaction.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from bot.session.state import Session
from bot.storage import policy, tables
from bot.storage.errors import AlreadySeen, Conflict, Unreadable
from bot.storage.policy import Priority, Rank, Superseded
from bot.wording.messages import Message

_SESSION = TypeAdapter(Session)
_MESSAGE = TypeAdapter(Message)


def load_session(connection: Connection, chat: int) -> Session | None:
    """Return the chat's session; None if none is stored. Raises Unreadable if the session cannot be read."""
    stored = connection.execute(tables.SELECT_SESSION, {"of_chat": chat}).first()
    if stored is None:
        return None
    try:
        return _SESSION.validate_json(stored.body)
    except ValidationError:
        raise Unreadable(chat, stored.version) from None


def save_session(connection: Connection, session: Session) -> None:
    """Store the session as its next version.

    Raises Conflict unless the stored session has the same version as `session`. If `session` has version 0,
    no session must be stored yet.
    """
    after = replace(session, version=session.version + 1)
    body = _SESSION.dump_json(after).decode()
    values: dict[str, object] = {"version": after.version, "due_at": after.due_at, "body": body}
    if session.version:
        of_version = {"of_chat": session.chat, "from_version": session.version}
        saved = connection.execute(tables.UPDATE_SESSION, {**of_version, **values})
    else:
        saved = connection.execute(tables.INSERT_SESSION, {"chat": session.chat, "controls": "[]", **values})
    if not saved.rowcount:
        raise Conflict(f"what is stored of chat {session.chat} is not at version {session.version}")


def delete_chat(connection: Connection, chat: int) -> None:
    """Delete the chat's session and all of its messages."""
    connection.execute(tables.DELETE_SESSION, {"of_chat": chat})
    connection.execute(tables.DELETE_MESSAGES, {"of_chat": chat})


def note_update(connection: Connection, update_id: int, now: float) -> None:
    """Note that an update from Telegram was handled. Raises AlreadySeen if the update had been handled
    before.
    """
    if not connection.execute(tables.INSERT_SEEN, {"update_id": update_id, "seen_at": now}).rowcount:
        raise AlreadySeen(f"update {update_id}")


def waiting_messages(connection: Connection, chat: int) -> list[tuple[int, Message]]:
    """Return the chat's waiting messages with their row ids, oldest first. Messages that cannot be read are
    left out.
    """
    rows = connection.execute(tables.SELECT_MESSAGES, {"of_chat": chat}).all()
    return [(row.id, message) for row in rows if (message := read_message(row.body))]


def read_message(body: str) -> Message | None:
    """Return the message that is stored as this JSON; None if it cannot be read, because another version of
    the coach wrote it.
    """
    try:
        return _MESSAGE.validate_json(body)
    except ValidationError:
        return None


def delete_useless(
    connection: Connection, chat: int, added: Sequence[Message], superseded: Superseded
) -> None:
    """Delete the chat's waiting messages that are not worth sending any more, after a commit that adds the
    messages in `added`.

    `superseded` says which messages the event of the commit has made useless.
    """
    for row_id, waiting in waiting_messages(connection, chat):
        if policy.is_useless(waiting, added, superseded):
            connection.execute(tables.DELETE_MESSAGE, {"row": row_id})


def append(
    connection: Connection,
    chat: int,
    messages: Iterable[Message],
    now: float,
    rank: Rank = Rank.IDLE,
    *,
    is_reply: bool = False,
) -> None:
    """Put messages at the end of a chat's queue.

    Messages that are already in the queue become at least as urgent as the new ones, so that they are sent
    first. Low-priority messages are an exception: they keep their place, and do not make others more urgent.
    """
    added: list[Priority] = []
    rows: list[dict[str, object]] = []
    for message in messages:
        priority = policy.priority(message, rank, now, is_reply=is_reply)
        body = _MESSAGE.dump_json(message).decode()
        added.append(priority)
        rows.append({"chat": chat, "body": body, "rank": priority.rank, "urgent_by": priority.urgent_by})
    if rows:
        connection.execute(tables.INSERT_MESSAGES, rows)
    if raised := policy.raised(added):
        values = {"of_chat": chat, "to": raised.rank, "by": raised.urgent_by}
        connection.execute(tables.RAISE_PRIORITY, values)


def lock_live_buttons(connection: Connection, chat: int) -> list[int] | None:
    """Return the message_ids of the chat's messages with live buttons (buttons that the coach still has to
    remove); None if the chat has no session.

    The query locks the session's row. Every other transaction on a session locks this row first too, so no
    deadlock can occur.
    """
    controls = connection.scalar(tables.LOCK_LIVE_BUTTONS, {"of_chat": chat})
    return None if controls is None else json.loads(controls)


def set_live_buttons(connection: Connection, chat: int, live: Sequence[int]) -> None:
    connection.execute(tables.UPDATE_LIVE_BUTTONS, {"of_chat": chat, "controls": json.dumps(live)})
