"""Failures of Telegram, the database and the network during a massage."""

import asyncio
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.playground.faults import Cut, Fail
from bot.routine.model import Library
from bot.session.state import Idle
from bot.storage.errors import Conflict
from tests.stage import LIBRARY, PATIENCE, THE_MASSAGE, Guest, Theatre, stage


class Noticed(logging.Handler):
    """A log handler that sets an event when anything is logged."""

    def __init__(self, event: asyncio.Event) -> None:
        super().__init__()
        self.event = event

    def emit(self, record: logging.LogRecord) -> None:
        self.event.set()


async def test_500s_and_cut_connections_are_retried_in_order(theatre: Theatre, sam: Guest) -> None:
    await theatre.stop()
    theatre.real_time = Clock(speed=0)
    theatre.start()
    await sam.begins()
    theatre.world.faults.on(Fail(500), count=2, method="sendMessage")
    theatre.world.faults.on(Cut(), count=2, method="sendMessage")
    await sam.taps("Next")
    assert sam.titles == THE_MASSAGE[:2]


async def test_a_message_that_telegram_refuses_does_not_block_later_ones(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Fail(400), count=1, method="sendMessage")
    await sam.writes("/help")
    await sam.taps("Next")
    assert sam.titles == THE_MASSAGE[:2]


async def test_a_session_ends_if_the_account_of_its_person_is_deactivated(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    sam.person.deactivates()
    await theatre.until_due()
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.state == Idle()


async def test_after_an_outage_of_ten_minutes_the_coach_asks_one_question(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    theatre.world.faults.on(Fail(502), method="sendMessage")
    await theatre.passes(600)
    count = len(sam.screen)
    theatre.world.faults.clear()
    await theatre.recovers()
    sam.sees("Still there?", "step 4 of 8")
    assert len(sam.screen) == count + 1
    await sam.taps("Resume")
    sam.sees("Step 4 of 8 · Fingertips", "RIGHT side, far from you")


async def test_an_update_that_is_received_twice_is_handled_once(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    theatre.world.faults.on(Cut(), method="getUpdates")
    sam.person.writes("/next")
    await theatre.until(lambda: [m for m in sam.screen if m.keyboard] == [sam.last] and len(sam.titles) == 2)
    await theatre.stop()
    assert theatre.world.pending == 1, "the update was handled but not confirmed"
    theatre.world.faults.clear()
    theatre.start()
    await theatre.quiet()
    assert sam.titles == THE_MASSAGE[:2]


async def test_a_locked_database_delays_an_update_but_does_not_lose_it(sqlite_url: str) -> None:
    async with stage(f"{sqlite_url}?timeout=0") as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        other = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)
        other.execute("begin immediate")
        noticed = asyncio.Event()
        handler = Noticed(noticed)
        logging.getLogger("bot").addHandler(handler)
        sam.person.taps(sam.last.id, "Next")
        async with asyncio.timeout(PATIENCE):
            await noticed.wait()
        logging.getLogger("bot").removeHandler(handler)
        assert theatre.world.pending == 1, "the update is not confirmed before its commit"
        other.execute("rollback")
        other.close()
        await theatre.quiet()
        assert sam.titles == THE_MASSAGE[:2]


async def test_a_massage_whose_routine_has_changed_ends_with_a_message(sqlite_url: str) -> None:
    async with stage(sqlite_url) as theatre:
        sam = theatre.person("Sam")
        await sam.begins()
        await theatre.stop()
        back = LIBRARY.routines["back"]
        changed = back.model_copy(update={"lengths": (1200.0,), "total_time": 1200.0})
        theatre.library = replace(LIBRARY, routines={**LIBRARY.routines, "back": changed})
        theatre.start()
        await theatre.until_due()
        sam.sees("The routine has changed since")
        assert await theatre.store.next_due() is None


async def test_an_unreadable_update_is_skipped_and_logged(
    theatre: Theatre, sam: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    await sam.begins()
    await theatre.stop()
    sam.person.writes("/next")
    theatre.world.inject("message", {"message_id": "none", "text": "my back aches", "poll": {}})
    number = theatre.world.updates(0, 100)[-1]["update_id"]
    sam.person.writes("/next")
    theatre.start()
    await theatre.quiet()
    assert sam.titles == THE_MASSAGE[:3], "the updates before and after it are handled"
    assert caplog.messages == [f"update {number} cannot be read (ValidationError), and is given up"]


@pytest.mark.parametrize("code", [200, 401, 403, 502])
@pytest.mark.parametrize("method", ["getUpdates", "sendMessage"])
async def test_an_html_page_from_a_proxy_is_logged_on_one_line_and_the_call_is_retried(
    theatre: Theatre, sam: Guest, caplog: pytest.LogCaptureFixture, code: int, method: str
) -> None:
    await sam.begins()
    await theatre.stop()
    theatre.real_time = Clock(speed=0)
    theatre.world.faults.on(Fail(code, html=True), count=2, method=method)
    theatre.start()
    await sam.taps("Next")
    assert sam.titles == THE_MASSAGE[:2]
    assert len(caplog.messages) == 2
    assert all(f"what answers with {code} is not Telegram" in message for message in caplog.messages)
    assert not any(record.exc_info for record in caplog.records)


async def test_text_that_cannot_be_encoded_is_not_logged(
    theatre: Theatre, sam: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    await sam.begins()
    noticed = asyncio.Event()
    handler = Noticed(noticed)
    logging.getLogger("bot.transport.updates").addHandler(handler)
    with caplog.at_level(logging.INFO, "bot.transport.updates"):
        user = sam.person.user.as_json()
        theatre.world.inject("callback_query", {"id": "aches \ud83d", "from": user, "chat_instance": "1"})
        async with asyncio.timeout(PATIENCE):
            await noticed.wait()
    logging.getLogger("bot.transport.updates").removeHandler(handler)
    [message] = caplog.messages
    assert message.startswith("an answer did not arrive")
    assert "aches" not in message


async def test_a_call_is_retried_if_telegram_refuses_the_token_once_or_twice(
    theatre: Theatre, sam: Guest
) -> None:
    await theatre.stop()
    theatre.real_time = Clock(speed=0)
    theatre.start()
    await sam.begins()
    theatre.world.faults.on(Fail(401), count=2, method="getUpdates")
    await sam.taps("Next")
    assert sam.titles == THE_MASSAGE[:2]


async def test_a_permanent_conflict_loses_only_one_update(
    theatre: Theatre, sam: Guest, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await sam.begins()
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as other:
        other.execute("update sessions set version = version + 1")
        other.commit()
    await sam.taps("Next")
    [record] = caplog.records
    assert "could not be handled, and is given up" in record.getMessage()
    assert record.exc_info
    assert record.exc_info[0] is Conflict
    kim = theatre.person("Kim")
    await kim.writes("/start")
    kim.sees("Hi Kim.")


@pytest.mark.parametrize("column", ["seen (seen_at)", "sessions (controls)"])
async def test_a_violation_of_an_unexpected_constraint_is_logged_with_a_traceback(
    theatre: Theatre, sam: Guest, sqlite_url: str, caplog: pytest.LogCaptureFixture, column: str
) -> None:
    await sam.writes("/start")
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as other:
        other.execute("update sessions set controls = '[]'")
        other.execute(f"create unique index mistaken on {column}")
        other.commit()
    kim = theatre.person("Kim")
    await kim.writes("/start")
    assert kim.screen == []
    [record] = caplog.records
    assert "could not be handled, and is given up" in record.getMessage()
    assert record.exc_info
    assert record.exc_info[0] is IntegrityError


async def test_a_command_for_another_bot_changes_nothing(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    for command in ("/next@other_bot", "/stop@other_bot"):
        before = await theatre.store.load(sam.person.chat_id)
        await sam.writes(command)
        sam.sees("Sorry, I don't know that one")
        after = await theatre.store.load(sam.person.chat_id)
        assert before
        assert after
        assert after.state == before.state
    await sam.writes("/next@Back_Massage_Bot")
    assert sam.titles == THE_MASSAGE[:2]


async def test_an_unreadable_session_is_logged_once_and_ends_at_the_next_tap(
    theatre: Theatre, sam: Guest, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await sam.begins()
    await theatre.stop()
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as other:
        other.execute("update sessions set body = '{}'")
        other.commit()
    theatre.start()
    await theatre.until_due()
    for _ in range(3):
        await theatre.wait(60)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    await sam.taps("Next")
    assert "The routine has changed since" in sam.screen[-2].text + sam.last.text
    await sam.begins()
    assert sam.titles[-1] == THE_MASSAGE[0]


async def test_blocking_the_bot_after_forget_stores_nothing(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.writes("/forget")
    await sam.taps("Yes, forget me")
    sam.person.blocks()
    await theatre.quiet()
    assert await theatre.store.load(sam.person.chat_id) is None


async def test_a_library_of_one_routine_offers_no_other(sqlite_url: str) -> None:
    alone = Library(LIBRARY.handbook, {"back": LIBRARY.routines["back"]})
    async with stage(sqlite_url, alone) as theatre:
        sam = theatre.person("Sam")
        await sam.writes("/start")
        assert "Another routine" not in sam.buttons
