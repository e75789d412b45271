"""What the coach relies on in its store. SQLite and PostgreSQL are held to the same: `store` is each in turn."""

import asyncio
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass, replace
from itertools import count
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, MetaData, inspect, make_url, select, text

from bot.database import connect
from bot.messages import Button, Message
from bot.migrations import MIGRATIONS
from bot.routine import Side
from bot.session import Choices, Massage, Running, Session, Ticking
from bot.store import (
    LIVE_CONTROLS,
    REMEMBERED,
    TABLES,
    AlreadySeen,
    Conflict,
    Row,
    Store,
    StoreError,
    StoreUnavailable,
)

NOW = 1_800_000_000.0
NEXT = ((Button("Next", "next:1", "primary"),),)
STEP = Message("Step 3 of 8", NEXT)
WORD = Message("Take your time.")
BYE = Message("All forgotten.")
UNSTORABLE = Message("half a pair: \ud83d")

updates = count(1)


def new(chat: int = 1, due_at: float | None = None) -> Session:
    """A session that is new to the store, due then."""
    session = Session(chat, Choices("back", 1500.0), revision=0)
    if due_at is None:
        return session
    return replace(session, state=Running(Massage(1, Side.LEFT), Ticking(due_at - 30, due_at)))


async def put(store: Store, session: Session, *messages: Message) -> None:
    await store.commit(session, messages, update_id=next(updates), now=NOW)


async def change(store: Store, *messages: Message, chat: int = 1) -> None:
    """Commit what is stored of the chat, or a new session, once more."""
    await put(store, await store.load(chat) or new(chat), *messages)


async def forget(store: Store, session: Session) -> None:
    await store.commit(session, [BYE], update_id=next(updates), now=NOW, forget=True)


async def head(store: Store) -> Row:
    [row] = await store.heads([], limit=1)
    return row


async def emptied(store: Store) -> list[Message]:
    """All messages in the outbox, in the order they would be sent in; it is empty then."""
    messages = []
    while rows := await store.heads([], limit=1):
        messages.append(rows[0].message)
        await store.dropped(rows[0])
    return messages


async def send(store: Store, message: Message, message_id: int | None) -> list[int | None]:
    """Commit a message and say it was sent; the messages that are to lose their buttons, by id."""
    await change(store, message)
    await store.sent(await head(store), message_id)
    strips = await emptied(store)
    assert strips == [Message(None, edits=strip.edits, silent=True) for strip in strips]
    return [strip.edits for strip in strips]


async def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, read past the store."""
    database = connect(make_url(url))
    try:
        return await database.read(_all_rows)
    finally:
        await database.close()


def _all_rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    found = MetaData()
    found.reflect(connection)
    return {
        name: [tuple(row) for row in connection.execute(select(table))]
        for name, table in found.tables.items()
    }


async def run(url: str, *statements: str) -> None:
    """Change the database behind the store's back."""

    def transaction(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    database = connect(make_url(url))
    try:
        await database.write(transaction)
    finally:
        await database.close()


# What is stored comes back


def anything(kind: object) -> st.SearchStrategy[object]:
    """Any value of a type, to the last field; floats are finite, as all times are."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: anything(hints[field.name]) for field in fields(kind)})
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin in {Union, UnionType}:
            return st.one_of(*map(anything, arguments))
        case origin if origin is tuple and Ellipsis in arguments:
            return st.lists(anything(arguments[0]), max_size=3).map(tuple)
        case origin if origin is tuple:
            return st.tuples(*map(anything, arguments))
        case origin if origin is frozenset:
            return st.frozensets(anything(arguments[0]), max_size=3)
    if kind is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    assert not arguments or get_origin(kind) is Literal, kind
    return st.from_type(kind)
