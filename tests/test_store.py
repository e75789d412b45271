"""The store, on SQLite and on PostgreSQL: the fixture `store` runs each test on both."""

import asyncio
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass, replace
from itertools import count
from pathlib import Path
from types import UnionType
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, MetaData, insert, make_url, select, text

from bot.clock import Clock
from bot.routine.model import Side, Tone
from bot.session.state import Choices, Massage, Running, Session, Talk, Ticking
from bot.storage.database import connect
from bot.storage.errors import AlreadySeen, Conflict, StoreError, StoreUnavailable, Unreadable
from bot.storage.migrations import MIGRATIONS
from bot.storage.policy import MAX_LIVE_BUTTONS, STRIP_SECONDS, Rank
from bot.storage.store import FILE_ID_LIFETIME, UPDATE_ID_LIFETIME, Row, Store
from bot.storage.tables import MAX_FILES, TABLES, files
from bot.wording.attachments import KnotMap
from bot.wording.messages import Button, Message
from tests.postgres import free_port
from tests.stage import Theatre

NOW = 1_800_000_000.0
NEXT = ((Button("Next", "next:1", "primary"),),)
STEP = Message("Step 3 of 8", NEXT)
WORD = Message("Take your time.")
BYE = Message("All forgotten.")
UNSTORABLE = Message("half a pair: \ud83d")

T = TypeVar("T")

updates = count(1)


def new(chat: int = 1, due_at: float | None = None) -> Session:
    """Return a session that is not stored yet, with something due at `due_at`."""
    session = Session(chat, Choices("back", 1500.0), revision=0)
    if due_at is None:
        return session
    return replace(session, state=Running(Massage(1, Side.LEFT), Ticking(due_at - 30, due_at)))


async def put(store: Store, session: Session, *messages: Message) -> None:
    await store.commit(session, messages, update_id=next(updates), now=NOW)


async def change(store: Store, *messages: Message, chat: int = 1) -> None:
    """Commit the stored session again, or a new one, together with the messages."""
    await put(store, await store.load(chat) or new(chat), *messages)


async def forget(store: Store, session: Session) -> None:
    await store.commit(session, [BYE], update_id=next(updates), now=NOW, forget=True)


async def head(store: Store) -> Row:
    [row] = await store.heads([], limit=1)
    return row


async def empty_outbox(store: Store) -> list[Message]:
    """Remove all messages from the outbox; return them in sending order."""
    messages = []
    while rows := await store.heads([], limit=1):
        messages += [row.message for row in rows if row.message]
        await store.dropped(rows[0])
    return messages


async def send(store: Store, message: Message, message_id: int | None) -> list[int | None]:
    """Commit a message and mark it as sent; return the ids of the messages that then lose their buttons."""
    await change(store, message)
    await store.sent(await head(store), message_id, NOW)
    strips = await empty_outbox(store)
    assert strips == [Message(None, edits=strip.edits, silent=True) for strip in strips]
    return [strip.edits for strip in strips]


async def run_directly(url: str, transaction: Callable[[Connection], T]) -> T:
    """Run a transaction on the database without the store."""
    database = connect(make_url(url))
    try:
        return await database.write(transaction)
    finally:
        await database.close()


async def all_rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows, by table."""

    def query(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        tables = reflected(connection).tables.items()
        return {name: [tuple(row) for row in connection.execute(select(table))] for name, table in tables}

    return await run_directly(url, query)


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def columns(tables: MetaData) -> set[tuple[str, type, bool, bool]]:
    return {
        (str(column), column.type.python_type, bool(column.nullable), column.primary_key)
        for table in tables.tables.values()
        for column in table.columns
    }


# Round trips


def anything(kind: object) -> st.SearchStrategy[object]:
    """Return a strategy for all values of a type, with all their fields. Floats are finite."""
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
    if get_origin(kind) is Literal:
        return st.sampled_from(arguments)
    assert isinstance(kind, type), f"no strategy for {kind}"
    return st.from_type(kind)


many = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
chats = st.integers(-(2**63), 2**63 - 1)


@many
@given(session=anything(Session), chat=chats)
async def test_every_session_is_loaded_as_it_was_stored(store: Store, session: Session, chat: int) -> None:
    session = replace(session, chat=chat, version=0)
    await forget(store, session)
    await put(store, session)
    assert await store.load(chat) == replace(session, version=1)


@many
@given(message=anything(Message), chat=chats)
async def test_every_message_is_loaded_as_it_was_stored(store: Store, message: Message, chat: int) -> None:
    await change(store, message, chat=chat)
    row = await head(store)
    assert row == Row(row.id, chat, message, row.rank)
    await store.dropped(row)


async def test_an_unknown_chat_has_no_session(store: Store) -> None:
    await put(store, new(chat=2))
    assert await store.load(1) is None


# Commits: all or nothing, and no lost updates


async def test_each_commit_makes_a_new_version(store: Store) -> None:
    await put(store, new())
    first = await store.load(1)
    assert first == replace(new(), version=1)
    await put(store, replace(first, revision=5))
    assert await store.load(1) == replace(new(), version=2, revision=5)


async def test_a_commit_based_on_another_version_writes_nothing(store: Store, database_url: str) -> None:
    await put(store, new())
    await put(store, replace(new(), version=1, revision=5), STEP)
    before = await all_rows(database_url)
    for version in (0, 1, 3):
        with pytest.raises(Conflict):
            await put(store, replace(new(), version=version, revision=6), WORD)
    assert await all_rows(database_url) == before


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_repeated_update_writes_nothing(store: Store, database_url: str, forgets: bool) -> None:
    await store.commit(new(), [STEP], update_id=70, now=NOW)
    before = await all_rows(database_url)
    again = replace(new(), version=1, revision=5)
    with pytest.raises(AlreadySeen):
        await store.commit(again, [WORD], update_id=70, now=NOW, forget=forgets)
    assert await all_rows(database_url) == before


async def test_a_commit_that_fails_at_its_end_writes_nothing(store: Store, database_url: str) -> None:
    before = await all_rows(database_url)
    for forgets in (False, True):
        with pytest.raises(PydanticSerializationError):
            await store.commit(new(), [STEP, UNSTORABLE], update_id=70, now=NOW, forget=forgets)
    assert await all_rows(database_url) == before


async def test_a_cancelled_commit_is_all_or_nothing(store: Store, database_url: str) -> None:
    outcomes: list[BaseException | None] = []
    for turns in range(50):
        commit = asyncio.create_task(change(store, STEP))
        for _ in range(turns):
            await asyncio.wait({commit}, timeout=0)
        commit.cancel()
        outcomes += await asyncio.gather(commit, return_exceptions=True)
    assert any(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    await until_committed(store)
    tables = await all_rows(database_url)
    [(_, version, *_)] = tables["sessions"]
    assert len(tables["outbox"]) == len(tables["seen"]) == version


async def until_committed(store: Store) -> None:
    """Commit the next revision and a message; retry until it succeeds."""
    while True:
        session = await store.load(1) or new()
        try:
            return await put(store, replace(session, revision=session.revision + 1), STEP)
        except (Conflict, StoreUnavailable):
            continue


async def test_one_of_two_concurrent_commits_wins(store: Store, database_url: str) -> None:
    async with Store.open(database_url) as other:
        for version in range(10):
            ours = replace(new(), version=version, revision=1)
            theirs = replace(new(), version=version, revision=2)
            outcomes = await asyncio.gather(
                put(store, ours, STEP), put(other, theirs, STEP), return_exceptions=True
            )
            lost = [outcome for outcome in outcomes if outcome is not None]
            assert [type(error) for error in lost] == [Conflict]
            winner = ours if outcomes[0] is None else theirs
            assert await store.load(1) == replace(winner, version=version + 1)
    assert len(await empty_outbox(store)) == 10


async def test_no_change_is_lost_with_many_concurrent_callers(store: Store, database_url: str) -> None:
    async with Store.open(database_url) as other:
        await asyncio.gather(*(until_committed(each) for each in [store, other] * 10))
    assert await store.load(1) == replace(new(), version=20, revision=20)


async def test_ids_of_updates_are_remembered_for_two_days(store: Store) -> None:
    await store.commit(new(), [], update_id=70, now=NOW)
    await store.prune(NOW + UPDATE_ID_LIFETIME)
    with pytest.raises(AlreadySeen):
        await store.commit(replace(new(), version=1), [], update_id=70, now=NOW)
    await store.prune(NOW + UPDATE_ID_LIFETIME + 1)
    await store.commit(replace(new(), version=1), [], update_id=70, now=NOW)


async def test_sending_forgetting_and_committing_do_not_deadlock(store: Store, database_url: str) -> None:
    async with Store.open(database_url) as other:
        for message_id in range(20):
            await change(store, STEP)
            row = await head(store)
            await asyncio.gather(
                store.sent(row, message_id, NOW), forget(other, new()), change(other, WORD, chat=2)
            )
            assert sorted(message.text or "" for message in await empty_outbox(store)) == [
                BYE.text,
                WORD.text,
            ]


# What is due


async def test_due_chats_are_listed_earliest_first(store: Store) -> None:
    assert await store.next_due() is None
    for chat, due_at in ((1, NOW + 30), (2, NOW + 10), (3, NOW + 20), (4, None)):
        await put(store, new(chat, due_at))
    assert await store.next_due() == NOW + 10
    assert await store.due(NOW + 9.999, limit=10) == []
    assert await store.due(NOW + 20, limit=10) == [2, 3]
    assert await store.due(NOW + 99, limit=2) == [2, 3]


async def test_a_commit_changes_when_something_is_due(store: Store) -> None:
    await put(store, new(1, NOW + 10))
    await put(store, replace(new(1, NOW + 40.125), version=1))
    assert await store.next_due() == NOW + 40.125
    await put(store, replace(new(1), version=2))
    assert await store.next_due() is None


# The outbox


@many
@given(commits=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), max_size=8), limit=st.integers(1, 4))
async def test_each_chat_gets_its_messages_in_order(
    store: Store, commits: list[tuple[int, int]], limit: int
) -> None:
    numbers = count()
    expected: dict[int, list[Message]] = defaultdict(list)
    received: dict[int, list[Message]] = defaultdict(list)
    for chat, amount in commits:
        messages = [Message(str(next(numbers))) for _ in range(amount)]
        expected[chat] += messages
        await change(store, *messages, chat=chat)
    while rows := await store.heads([], limit):
        assert len(rows) <= limit
        assert len({row.chat for row in rows}) == len(rows)
        for row in rows:
            received[row.chat] += [row.message] if row.message else []
            await store.sent(row, next(numbers), NOW)
    assert received == {chat: messages for chat, messages in expected.items() if messages}


async def test_busy_chats_do_not_block_the_others(store: Store) -> None:
    for chat in (5, 4, 3, 2):
        await change(store, WORD, STEP, chat=chat)
    assert [(row.chat, row.message) for row in await store.heads([], limit=2)] == [(5, WORD), (4, WORD)]
    assert [row.chat for row in await store.heads({5, 3}, limit=1)] == [4]
    assert [row.chat for row in await store.heads({3, 99}, limit=2)] == [5, 4]
    assert [row.chat for row in await store.heads({5, 3, 99}, limit=9)] == [4, 2]
    assert await store.heads([2, 3, 4, 5], limit=9) == []


async def cue(store: Store, chat: int, use_by: float) -> None:
    """Commit a message with this `use_by` that is not a reply."""
    message = Message(f"Cue for {chat}", NEXT, use_by=use_by)
    await store.commit(new(chat), [message], update_id=None, now=NOW)


async def test_the_most_urgent_chat_comes_first(store: Store) -> None:
    for chat, use_by in ((1, NOW + 120), (2, NOW + 8), (3, NOW + 60)):
        await cue(store, chat, use_by)
    await change(store, WORD, chat=4)
    assert [row.chat for row in await store.heads([], limit=9)] == [2, 4, 3, 1]
    assert [row.chat for row in await store.heads([4], limit=2)] == [2, 3]


async def test_a_reply_makes_the_messages_before_it_as_urgent_and_keeps_the_order(store: Store) -> None:
    await cue(store, 1, NOW + 60)
    await cue(store, 2, NOW + 120)
    await change(store, WORD, chat=2)
    assert [row.chat for row in await store.heads([], limit=9)] == [2, 1]
    await store.dropped((await store.heads([], limit=1))[0])
    assert (await head(store)).message == WORD


async def test_the_lower_rank_comes_first_whatever_its_use_by(store: Store) -> None:
    for chat, rank in enumerate((Rank.IDLE, Rank.ANSWER, Rank.URGENT, Rank.PART), 1):
        await store.commit(new(chat), [WORD], update_id=None, now=NOW - chat, rank=rank)
    assert [row.chat for row in await store.heads([], limit=9)] == [3, 4, 2, 1]


async def test_messages_before_an_urgent_one_become_as_urgent(store: Store) -> None:
    await change(store, STEP, WORD)
    await change(store, WORD, chat=2)
    session = await store.load(1)
    assert session
    await store.commit(session, [BYE], update_id=None, now=NOW, rank=Rank.URGENT)
    heads = await store.heads([], limit=9)
    assert [(row.chat, row.rank) for row in heads] == [(1, Rank.URGENT), (2, Rank.IDLE)]
    assert await empty_outbox(store) == [STEP, WORD, BYE, WORD]


async def test_a_row_that_waits_for_its_retry_does_not_block_its_chat(store: Store) -> None:
    await change(store, STEP, WORD)
    first = await head(store)
    [second] = await store.heads([], limit=9, resting=[first.id])
    assert (first.message, second.message) == (STEP, WORD)


async def test_a_message_deleted_while_it_was_sent_loses_its_buttons(store: Store) -> None:
    await change(store, STEP)
    row = await head(store)
    await store.dropped(row)
    await store.sent(row, 10, NOW)
    assert await empty_outbox(store) == [Message(text=None, edits=10, silent=True)]


async def test_an_edit_deleted_while_it_was_sent_keeps_the_buttons_of_a_live_message(store: Store) -> None:
    assert await send(store, STEP, 10) == []
    edit = replace(STEP, edits=10)
    await change(store, edit)
    row = await head(store)
    await change(store, edit)
    await store.sent(row, None, NOW)
    assert await empty_outbox(store) == [edit]


async def test_buttons_are_removed_after_all_normal_messages(store: Store) -> None:
    for message_id in (10, 11):
        await change(store, STEP)
        await store.sent(await head(store), message_id, NOW)
    await cue(store, 2, NOW + 9999)
    assert [row.is_low_priority for row in await store.heads([], limit=9)] == [False, True]
    assert [row.chat for row in await store.heads([], limit=9, last=Rank.IDLE)] == [2]
    await change(store, STEP)
    assert [row.message for row in await store.heads([2], limit=9)] == [STEP], (
        "a new message does not wait until buttons are removed"
    )


async def test_buttons_that_could_not_be_removed_in_time_stay(store: Store) -> None:
    for message_id in (10, 11):
        await change(store, STEP)
        await store.sent(await head(store), message_id, NOW)
    await change(store, WORD, chat=2)
    await store.prune(NOW + STRIP_SECONDS)
    assert len(await store.heads([], limit=9)) == 2
    await store.prune(NOW + STRIP_SECONDS + 1)
    assert [row.message for row in await store.heads([], limit=9)] == [WORD]


async def test_due_sessions_and_waiting_messages_are_counted(store: Store) -> None:
    assert await store.counts() == (0, 0)
    await put(store, new(1, NOW + 10), STEP, WORD)
    await put(store, new(2), STEP)
    assert await store.counts() == (1, 3)


AN_OLDER_MASSAGE = """{
  "chat": 1, "revision": 46, "ticked": [0, 3], "version": 1, "asked": null,
  "choices": {"routine": "back", "length": 1500.0, "side": "left", "tone": "medium", "aloud": false},
  "state": {
    "kind": "running",
    "massage": {
      "run": 40, "stands": "left", "place": {"step": 3, "part": 0}, "pairs": [], "extra": 0.0,
      "knots": [{"spot": "upper-left", "eased": false, "rounds": 0}], "lighter": true, "timer": true,
      "worked": 240.0, "done": [1, 2]
    },
    "timing": {"kind": "ticking", "starts_at": %f, "ends_at": %f, "cued": %s}
  }
}"""
"""A session as the coach stored it before it said anything inside a part."""


@pytest.mark.parametrize("cued", ["true", "false"])
async def test_a_massage_that_an_older_coach_stored_goes_on(theatre: Theatre, cued: str) -> None:
    sam = theatre.person("Sam")
    await sam.begins()
    now, chat = theatre.clock.now(), sam.person.chat_id
    older = json.loads(AN_OLDER_MASSAGE % (now - 100, now + 80, cued)) | {"chat": chat}
    await theatre.stop()
    older["version"] = (stored := await theatre.store.load(chat)) and stored.version
    put_back = text("update sessions set body = :body").bindparams(body=json.dumps(older))
    await run_directly(theatre.settings.database_url, lambda connection: connection.execute(put_back))
    theatre.start()
    await theatre.quiet()
    session = await theatre.store.load(chat)
    assert session
    assert session.choices.talk is Talk.FULL
    assert isinstance(session.state, Running)
    assert session.state.massage.lighter == 1
    assert not session.state.massage.sore
    await theatre.wait(81)
    sam.sees("Step 4 of 8")
    await sam.hears("Next:")


async def test_a_pause_that_an_older_coach_stored_is_resumed(theatre: Theatre) -> None:
    sam = theatre.person("Sam")
    await sam.begins()
    await sam.taps("Pause")
    chat = sam.person.chat_id
    await theatre.stop()
    stored = await theatre.store.load(chat)
    assert stored
    older = json.loads(AN_OLDER_MASSAGE % (0, 0, "true")) | {"chat": chat, "version": stored.version}
    older["revision"] = stored.revision
    older["state"] |= {"kind": "paused", "left": 80.0, "since": theatre.clock.now(), "reason": "asked"}
    del older["state"]["timing"]
    put_back = text("update sessions set body = :body").bindparams(body=json.dumps(older))
    await run_directly(theatre.settings.database_url, lambda connection: connection.execute(put_back))
    theatre.start()
    await sam.taps("Resume")
    sam.sees("Step 3 of 8", "Light pressure, ", "1 min 20 s left")
    await sam.hears("Step 4 of 8")


async def test_an_unreadable_session_can_be_parked(store: Store, database_url: str) -> None:
    await put(store, new(1, NOW + 10))
    spoil = text("update sessions set body = '{}'")
    await run_directly(database_url, lambda connection: connection.execute(spoil))
    with pytest.raises(Unreadable) as caught:
        await store.load(1)
    await store.park(1, caught.value.version + 1)
    assert await store.due(NOW + 99, limit=9) == [1], "a session of another version is not parked"
    await store.park(1, caught.value.version)
    assert await store.due(NOW + 99, limit=9) == []
    with pytest.raises(Unreadable):
        await store.load(1)


async def test_an_unreadable_message_is_a_row_without_a_message(store: Store, database_url: str) -> None:
    await change(store, WORD, STEP)
    row = await head(store)
    spoil = text("update outbox set body = '{}' where id = :id")
    await run_directly(database_url, lambda connection: connection.execute(spoil, {"id": row.id}))
    assert await head(store) == replace(row, message=None)
    await store.dropped(row)
    assert (await head(store)).message == STEP


async def test_dropped_messages_are_gone(store: Store) -> None:
    await change(store, WORD, STEP, WORD)
    await change(store, STEP, chat=2)
    await store.dropped(await head(store))
    assert (await head(store)).message == STEP
    await store.delete_messages(1)
    assert [row.chat for row in await store.heads([], limit=9)] == [2]


async def test_the_id_of_a_deleted_row_is_not_reused(store: Store) -> None:
    await change(store, STEP)
    row = await head(store)
    await store.dropped(row)
    await change(store, WORD, chat=2)
    assert (await head(store)).id > row.id


# Pictures that follow a message


PICTURED = replace(STEP, attachment=KnotMap((("centre", False),), Tone.DEEP))


async def send_without_picture(store: Store) -> None:
    """Send the message PICTURED, whose id becomes 11, without its picture."""
    await change(store, PICTURED)
    await store.sent(await head(store), 11, NOW, alone=True)


async def test_a_missing_picture_is_added_with_low_priority(store: Store) -> None:
    await send_without_picture(store)
    assert await store.heads([], limit=1, last=Rank.IDLE) == []
    row = await head(store)
    assert row.is_low_priority
    assert row.message
    assert row.message.adds
    assert (row.message.edits, row.message.text, row.message.keyboard) == (11, STEP.text, STEP.keyboard)
    assert row.message.attachment == PICTURED.attachment


async def test_the_still_picture_is_added_first_and_the_moving_one_later(store: Store) -> None:
    await send_without_picture(store)
    for still in (True, False):
        row = await head(store)
        assert row.message
        assert (row.message.edits, row.message.adds, row.message.still) == (11, True, not still)
        await store.sent(row, 11, NOW, alone=still, still=still)
    assert await empty_outbox(store) == []


async def test_no_picture_is_added_once_another_message_waits(store: Store) -> None:
    await send_without_picture(store)
    await change(store, BYE)
    assert await empty_outbox(store) == [BYE]
    await change(store, PICTURED, BYE)
    await store.sent(await head(store), 12, NOW, alone=True)
    assert not any(message.adds for message in await empty_outbox(store))


# Which messages have live buttons


async def test_new_buttons_replace_the_old_ones(store: Store) -> None:
    assert await send(store, STEP, 10) == []
    assert await send(store, STEP, 11) == [10]
    assert await send(store, STEP, 12) == [11]


async def test_a_message_without_buttons_leaves_the_old_ones(store: Store) -> None:
    await send(store, STEP, 10)
    assert await send(store, WORD, 11) == []
    assert await send(store, STEP, 12) == [10]


async def test_all_live_buttons_are_removed_when_replaced(store: Store) -> None:
    await send(store, STEP, 10)
    assert await send(store, replace(STEP, replaces=False), 11) == []
    assert await send(store, STEP, 12) == [10, 11]


async def test_only_the_last_few_live_buttons_are_remembered(store: Store) -> None:
    for message_id in range(MAX_LIVE_BUTTONS + 2):
        await send(store, replace(STEP, replaces=False), message_id)
    assert await send(store, STEP, 99) == list(range(2, MAX_LIVE_BUTTONS + 2))


async def test_an_edit_keeps_or_removes_the_buttons(store: Store) -> None:
    await send(store, STEP, 10)
    assert await send(store, replace(STEP, edits=10), 10) == []
    assert await send(store, STEP, 11) == [10]
    assert await send(store, replace(WORD, edits=11), 11) == []
    assert await send(store, STEP, 12) == []


async def test_a_message_with_an_unknown_id_changes_no_buttons(store: Store) -> None:
    await send(store, STEP, 10)
    assert await send(store, STEP, None) == []
    assert await send(store, STEP, 12) == [10]


async def test_buttons_are_removed_after_the_messages_that_wait_already(store: Store) -> None:
    await send(store, STEP, 10)
    await change(store, STEP, WORD)
    await store.sent(await head(store), 11, NOW)
    assert await empty_outbox(store) == [WORD, Message(None, edits=10, silent=True)]


async def test_a_copy_of_a_sent_message_loses_its_buttons(store: Store) -> None:
    await change(store, STEP)
    row = await head(store)
    await store.sent(row, 10, NOW)
    await store.sent(row, 11, NOW)
    assert [message.edits for message in await empty_outbox(store)] == [11], "the copy loses its buttons"
    assert await send(store, STEP, 12) == [10]


async def test_sending_causes_no_conflict(store: Store) -> None:
    await change(store, STEP)
    loaded = await store.load(1)
    assert loaded
    await store.sent(await head(store), 10, NOW)
    await put(store, loaded)
    assert await store.load(1) == replace(loaded, version=2)


# File_ids


async def test_file_ids_are_kept_for_each_bot(store: Store) -> None:
    await store.set_file_id(1, "hands", "first")
    await store.set_file_id(1, "hands", "second")
    await store.set_file_id(2, "hands", "another bot's")
    await store.set_file_id(2, "feet", "gone")
    await store.set_file_id(2, "feet", None)
    assert await store.file_ids(1) == {"hands": "second"}
    assert await store.file_ids(2) == {"hands": "another bot's"}


async def test_file_ids_unused_for_long_are_forgotten(store: Store) -> None:
    for bot, key in ((1, "hands"), (1, "feet"), (2, "hands")):
        await store.set_file_id(bot, key, "id")
    assert await store.prune_file_ids(1, set(), NOW) == []
    assert await store.prune_file_ids(1, {"hands"}, NOW + 60) == []
    assert await store.prune_file_ids(1, set(), NOW + FILE_ID_LIFETIME + 1) == ["feet"]
    assert await store.file_ids(1) == {"hands": "id"}
    assert await store.file_ids(2) == {}


async def test_only_the_file_ids_used_last_are_kept(store: Store, database_url: str) -> None:
    database = connect(make_url(database_url))
    rows = [{"bot": 1, "key": f"{n}", "file_id": "id", "used_at": NOW + n} for n in range(MAX_FILES + 20)]
    await database.write(lambda connection: connection.execute(insert(files), rows))
    await database.close()
    assert await store.prune_file_ids(1, {"0"}, NOW + MAX_FILES + 20) == [f"{n}" for n in range(1, 21)]
    assert len(await store.file_ids(1)) == MAX_FILES


# Forgetting


async def test_forgetting_a_chat_deletes_all_its_rows(store: Store, database_url: str) -> None:
    chat = 987654321
    await change(store, STEP, WORD, chat=chat)
    await change(store, WORD, chat=2)
    await store.sent(await head(store), 10, NOW)
    await forget(store, new(chat))
    assert await store.load(chat) is None
    assert [row.message for row in await store.heads({2}, limit=9)] == [BYE]
    [row] = await store.heads({2}, limit=9)
    await store.sent(row, 11, NOW)
    tables = await all_rows(database_url)
    assert str(chat) not in repr(tables)
    assert [len(tables[name]) for name in ("sessions", "outbox")] == [1, 1]


async def test_no_file_contains_anything_of_a_person_who_was_forgotten(
    sqlite_url: str, database_folder: Path
) -> None:
    chat = 987654321
    async with Store.open(sqlite_url) as store:
        await change(store, Message("Hi Wilhelmina."), chat=chat)
        await store.sent(await head(store), 10, NOW)
        await change(store, Message("Hi Ada."), chat=2)
        assert traces_in(database_folder, "Wilhelmina", chat) == {"Wilhelmina", chat}
        await forget(store, new(chat))
        assert traces_in(database_folder, "Wilhelmina", chat, "Ada") == {chat, "Ada"}, (
            "the last message has not been sent yet"
        )
        [row] = await store.heads({2}, limit=9)
        await store.sent(row, 11, NOW)
        assert traces_in(database_folder, "Wilhelmina", chat, "Ada") == {"Ada"}


async def test_forgotten_data_that_another_program_reads_is_removed_once_it_has_finished(
    sqlite_url: str, database_folder: Path
) -> None:
    async with Store.open(sqlite_url) as store:
        await change(store, Message("Hi Wilhelmina."))
        with open_transaction(sqlite_url, "begin"):
            await forget(store, new())
            assert await empty_outbox(store) == [BYE], "forgetting succeeds"
            await store.prune(NOW)
            assert traces_in(database_folder, "Wilhelmina") == {"Wilhelmina"}
        await store.prune(NOW)
        assert traces_in(database_folder, "Wilhelmina") == set()


async def test_after_the_command_forget_no_file_contains_anything_of_the_chat(
    theatre: Theatre, database_folder: Path
) -> None:
    guest, ada = theatre.person("Wilhelmina"), theatre.person("Ada")
    for person in (ada, guest):
        await person.begins()
    await guest.writes("knot upper left")
    traces = ("Wilhelmina", guest.person.chat_id, "upper-left", ada.person.chat_id)
    assert traces_in(database_folder, *traces) == {*traces}
    await guest.writes("/forget")
    await guest.taps("Yes, forget me")
    await theatre.store.prune(theatre.clock.now())
    assert traces_in(database_folder, *traces) == {ada.person.chat_id}


def traces_in(folder: Path, *traces: str | int) -> set[str | int]:
    """Return which of the traces are in any of the folder's files."""
    contents = [path.read_bytes() for path in folder.iterdir()]
    return {
        trace for trace in traces if any(spelled in each for each in contents for spelled in spellings(trace))
    }


def spellings(trace: str | int) -> list[bytes]:
    """Return the trace as text and, if it is a number, as SQLite stores it."""
    stored = [trace.to_bytes(4, "big")] if isinstance(trace, int) else []
    return [str(trace).encode(), *stored]


async def test_a_message_sent_while_its_chat_is_forgotten_leaves_nothing_behind(store: Store) -> None:
    await change(store, STEP)
    row = await head(store)
    await forget(store, new())
    await store.sent(row, 10, NOW)
    assert await empty_outbox(store) == [BYE]
    assert await send(store, STEP, 11) == []


# Opening


async def test_an_empty_database_gets_its_tables(store: Store, database_url: str) -> None:
    found = await run_directly(database_url, reflected)
    assert columns(found) == columns(TABLES)
    assert (await all_rows(database_url))["schema_version"] == [(len(MIGRATIONS),)]


async def test_stored_data_is_there_when_the_database_is_opened_again(database_url: str) -> None:
    async with Store.open(database_url) as store:
        await put(store, new(1, NOW + 10), STEP)
    async with Store.open(database_url) as store:
        assert await store.load(1) == replace(new(1, NOW + 10), version=1)
        assert await empty_outbox(store) == [STEP]


async def test_coaches_that_start_at_the_same_time_all_open_the_database(database_url: str) -> None:
    await asyncio.gather(*(open_and_close(database_url) for _ in range(5)))
    assert (await all_rows(database_url))["schema_version"] == [(len(MIGRATIONS),)]


async def test_a_database_of_a_newer_coach_is_not_changed(database_url: str) -> None:
    async with Store.open(database_url) as store:
        await put(store, new(), STEP)
    await run_directly(database_url, lambda c: c.execute(text("update schema_version set version = 99")))
    before = await all_rows(database_url)
    with pytest.raises(StoreError, match=r"version 99.*: run the newer coach"):
        await open_and_close(database_url)
    assert await all_rows(database_url) == before


async def test_either_all_tables_are_created_or_none(database_url: str) -> None:
    await run_directly(database_url, lambda c: c.execute(text("create table seen (somebody_elses text)")))
    with pytest.raises(StoreError, match=r"seen.* already exists"):
        await open_and_close(database_url)
    assert await all_rows(database_url) == {"seen": []}


async def open_and_close(url: str) -> None:
    async with Store.open(url):
        pass


CHILD = """
import asyncio, sys
from tests.test_store import Store, STEP, change

async def main():
    async with Store.open(sys.argv[1]) as store:
        while True:
            await change(store, STEP)
            print("committed", flush=True)

asyncio.run(main())
"""


async def test_the_commits_of_a_killed_coach_are_kept(database_url: str) -> None:
    command = (sys.executable, "-c", CHILD, database_url)
    project = Path(__file__).parents[1]
    child = await asyncio.create_subprocess_exec(*command, cwd=project, stdout=asyncio.subprocess.PIPE)
    assert child.stdout
    for _ in range(5):
        assert await child.stdout.readline() == b"committed\n"
    child.kill()
    await child.communicate()
    async with Store.open(database_url) as store:
        await until_committed(store)
    tables = await all_rows(database_url)
    [(_, version, *_)] = tables["sessions"]
    assert len(tables["outbox"]) == len(tables["seen"]) == version
    assert len(tables["seen"]) > 5


# Databases that cannot be used


async def test_a_file_that_is_not_a_database_is_not_changed(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sam, " * 1000)
    with pytest.raises(
        StoreError, match=r"letter\.txt cannot be used: file is not a database\. .* name another"
    ):
        await open_and_close(f"sqlite:///{letter}")
    assert letter.read_text() == "Dear Sam, " * 1000


PAGE = 4096


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (lambda file: file[: 5 * PAGE] + bytes(PAGE) + file[6 * PAGE :], "Page 6: .* returns error code 11"),
        (lambda file: file[: 9 * PAGE], "database disk image is malformed"),
        (lambda file: b"x" * PAGE + file[PAGE:], "file is not a database"),
    ],
    ids=["a page", "cut short", "the first page"],
)
async def test_a_damaged_file_is_reported_and_not_changed(
    sqlite_url: str, database_folder: Path, spoilt: Callable[[bytes], bytes], reason: str
) -> None:
    async with Store.open(sqlite_url) as store:
        for chat in range(50):
            await change(store, STEP, chat=chat)
    file = database_folder / "coach.db"
    before = spoilt(file.read_bytes())
    file.write_bytes(before)
    with pytest.raises(
        StoreError, match=f"coach.db cannot be used: .*{reason}.*`sqlite3 {file} .recover"
    ) as told:
        await open_and_close(sqlite_url)
    assert not isinstance(told.value, StoreUnavailable)
    assert "\n" not in str(told.value)
    assert file.read_bytes() == before


async def test_damage_that_is_found_later_is_reported_as_permanent(sqlite_url: str) -> None:
    async with Store.open(sqlite_url) as store:
        await change(store, STEP)
        damage(Path(str(make_url(sqlite_url).database)))
        assert (await head(store)).message == STEP, "tables that are not damaged can be read"
        for call in (store.load(1), put(store, new(), STEP), store.damaged()):
            with pytest.raises(StoreError, match=r"malformed.* \.recover") as told:
                await call
            assert not isinstance(told.value, StoreUnavailable)


async def test_the_folder_of_the_database_is_created_or_the_error_says_why_not(tmp_path: Path) -> None:
    await open_and_close(f"sqlite:///{tmp_path}/data/of/the/coach.db")
    (tmp_path / "taken").touch()
    with pytest.raises(StoreError, match=r"File exists: .*taken'\. .* where the coach may write\."):
        await open_and_close(f"sqlite:///{tmp_path}/taken/coach.db")
    with pytest.raises(StoreError, match=r"unable to open database file.* where the coach may write\."):
        await open_and_close(f"sqlite:///{tmp_path}/data")


async def test_a_refused_login_is_explained_without_the_password(postgres_url: str) -> None:
    url = make_url(postgres_url).set(password="secret")
    for wrong, reason in (
        (url.set(database="nobodys"), 'database "nobodys" does not exist'),
        (url.set(username="stranger"), 'role "stranger" does not exist'),
        (url.set(port=free_port()), "Connect call failed"),
    ):
        with pytest.raises(StoreError, match=f"{reason}.* Check DATABASE_URL, and") as refusal:
            await open_and_close(wrong.render_as_string(hide_password=False))
        assert "secret" not in str(refusal.value)


async def test_a_call_can_be_retried_after_the_database_was_locked(sqlite_url: str) -> None:
    async with Store.open(f"{sqlite_url}?timeout=0") as store:
        await put(store, new())
        with open_transaction(sqlite_url, "begin immediate"):
            assert await store.load(1) == replace(new(), version=1)
            with pytest.raises(StoreUnavailable, match="database is locked"):
                await change(store, STEP)
        await change(store, STEP)
        assert await empty_outbox(store) == [STEP]


AWAY = "The database cannot be used for now: no such table: seen; trying again"
BACK = "The database can be used again."


@contextmanager
def unwritable(url: str) -> Iterator[None]:
    """While the block runs, sessions can be loaded but not committed."""
    with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as other:
        other.execute("alter table seen rename to elsewhere")
        yield
        other.execute("alter table elsewhere rename to seen")


async def test_an_outage_is_logged_at_once_then_every_half_minute_and_at_its_end(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(speed=0)
    async with Store.open(sqlite_url, clock.now) as store:
        await put(store, new())
        with unwritable(sqlite_url):
            for half_minutes in (1, 2):
                for _ in range(30):
                    with pytest.raises(StoreUnavailable):
                        await change(store)
                    await store.load(1)
                    clock.skip(1.0)
                assert caplog.messages == half_minutes * [AWAY]
        for _ in range(2):
            await store.load(1)
            await change(store, STEP)
        assert caplog.messages == [AWAY, AWAY, BACK]


async def test_a_database_that_fails_now_and_then_is_logged_every_half_minute(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(speed=0)
    async with Store.open(sqlite_url, clock.now) as store:
        await put(store, new())
        for _ in range(31):
            with unwritable(sqlite_url), pytest.raises(StoreUnavailable):
                await change(store)
            await change(store)
            await change(store)
            clock.skip(1.0)
    assert caplog.messages == [AWAY, BACK, AWAY, BACK]


@contextmanager
def open_transaction(url: str, transaction: str) -> Iterator[None]:
    """Keep a transaction of another connection open while the block runs."""
    with closing(sqlite3.connect(str(make_url(url).database))) as other:
        other.execute(transaction)
        other.execute("select * from sessions").fetchall()
        yield
        other.rollback()


def damage(file: Path) -> None:
    """Damage the file, also for open connections: the table of sessions then begins on a page of an index."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("pragma writable_schema = on")
        elsewhere = "select rootpage from sqlite_schema where name = 'seen_seen_at'"
        other.execute(f"update sqlite_schema set rootpage = ({elsewhere}) where name = 'sessions'")
        other.commit()
        other.execute("pragma schema_version = 99")


TERMINATE = """
select pg_terminate_backend(pid, 60000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


async def test_a_call_can_be_retried_after_the_connections_were_lost(postgres_url: str) -> None:
    async with Store.open(postgres_url) as store:
        await put(store, new())
        await run_directly(postgres_url, lambda c: c.execute(text(TERMINATE)))
        with pytest.raises(StoreUnavailable):
            await change(store, STEP)
        await change(store, STEP)
        assert await empty_outbox(store) == [STEP]


async def test_sqlite_waits_until_a_commit_is_on_the_disk(sqlite_url: str) -> None:
    modes = text("select journal_mode, synchronous from pragma_journal_mode, pragma_synchronous")
    assert await run_directly(sqlite_url, lambda c: tuple(c.execute(modes).one())) == ("wal", 2)
