"""The outbox keeps to Telegram's rate limits and to each chat's order, whatever Telegram answers.

The clock, which the rate limits use too, moves only when a test moves it. Messages that arrive at once
did not have to wait; the others arrive when the test moves the clock on.
"""

import logging
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.clock import Clock
from bot.playground.faults import Cut, Fail
from bot.playground.world import Limits
from bot.session.state import Finished, Idle, Paused, Reason, Running
from tests.stage import THE_MASSAGE, Guest, Theatre, stage


@pytest.fixture
async def strict(sqlite_url: str) -> AsyncIterator[Theatre]:
    """A coach at work, with Telegram's own rate limits."""
    async with stage(sqlite_url, limits=Limits()) as theatre:
        yield theatre


def refusals(theatre: Theatre) -> list[int]:
    return [call.code for call in theatre.world.calls if call.code not in (200, 0)]


async def test_a_burst_to_one_chat_is_paced_and_stays_in_order(strict: Theatre) -> None:
    sam, ann = strict.person("Sam"), strict.person("Ann")
    for command in ("/start", "/help", "/privacy", "/help", "/privacy", "/help"):
        sam.person.writes(command)
    await strict.until(lambda: len(sam.screen) == 4)
    await ann.writes_and_sees("/help", "How this works")
    assert len(sam.screen) == 4
    await strict.recovers()
    first_lines = [message.text.split("\n")[0] for message in sam.screen[1:]]
    assert first_lines == ["How this works", "What I remember"] * 2 + ["How this works"]
    assert refusals(strict) == []


async def test_many_chats_at_once_cause_no_429_and_all_are_answered(strict: Theatre) -> None:
    guests = [strict.person(f"Guest {number}") for number in range(60)]
    for guest in guests:
        guest.person.writes("/start")
    await strict.until(lambda: strict.world.pending == 0)
    await strict.recovers()
    assert [len(guest.screen) for guest in guests] == [1] * 60
    assert refusals(strict) == []


async def test_old_buttons_are_removed_once_there_is_spare_capacity(strict: Theatre) -> None:
    sam = strict.person("Sam")
    for command in ("/start", "/help", "/help", "/help"):
        sam.person.writes(command)
    await strict.until(lambda: len(sam.screen) == 4)
    assert len([message for message in sam.screen if message.keyboard]) > 1
    await strict.recovers()
    assert [message for message in sam.screen if message.keyboard] == [sam.last]
    assert refusals(strict) == []


async def ticks(strict: Theatre, sam: Guest, times: int) -> None:
    """Tap the checklist's rows in turn, once a second."""
    for number in range(times):
        sam.person.taps(sam.screen[0].id, f"tick::{number % 8}:{1 - number // 8 % 2}", stale=True)
        await strict.until(lambda: strict.world.pending == 0)
        strict.clock.skip(1)


async def test_edits_are_paced_too_and_a_newer_edit_replaces_those_that_wait(strict: Theatre) -> None:
    sam = strict.person("Sam")
    sam.person.writes("/checklist")
    await strict.until(lambda: len(sam.screen) == 1)
    await ticks(strict, sam, 35)
    sent = strict.calls("editMessageText")
    assert 10 < sent < 30
    await strict.recovers()
    assert strict.calls("editMessageText") <= sent + 2
    assert [text[0] for text in sam.buttons[:8]] == ["☑" if n < 3 else "☐" for n in range(8)]
    assert refusals(strict) == []


async def test_the_answer_to_pain_is_sent_before_waiting_edits(strict: Theatre) -> None:
    sam = strict.person("Sam")
    sam.person.writes("/checklist")
    await strict.until(lambda: len(sam.screen) == 1)
    sam.person.writes("/start")
    await strict.until(lambda: len(sam.screen) == 2)
    for number, button in enumerate(("Begin", "None of these"), 3):
        strict.clock.skip(10)
        sam.person.taps(sam.last.id, button)
        await strict.until(partial(sam.has_seen, number))
    await ticks(strict, sam, 35)
    sam.person.writes("ow that hurts")
    await strict.until(lambda: strict.world.pending == 0)
    strict.clock.skip(1)
    await strict.until(lambda: sam.last.text.startswith("Stop there; lift your hands."))


async def test_a_waiting_cue_is_dropped_once_the_massage_has_moved_on(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    shown = len(sam.screen)
    for button, said in (("Next", "Step 4"), ("Pause", "Paused")):
        theatre.world.faults.on(Fail(429, retry_after=6), count=1, chat_id=sam.person.chat_id)
        theatre.clock.skip((await theatre.store.next_due() or 0) - theatre.clock.now())
        await theatre.until(lambda: not theatre.world.faults.active)
        sam.person.taps(sam.last.id, button)
        await theatre.until(lambda: theatre.world.pending == 0)
        await theatre.recovers()
        sam.sees(said)
    assert not [message for message in sam.screen[shown:] if message.text.startswith("Next:")]


async def test_a_massage_does_not_end_while_its_chat_gets_no_messages(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 8")
    theatre.world.faults.on(Fail(429, retry_after=1800), count=1, chat_id=sam.person.chat_id)
    await theatre.passes(1830)
    await theatre.recovers()
    assert sam.last.text.startswith("Still there?")
    await sam.taps("Resume")
    sam.sees("Step 8")


async def test_a_chat_with_a_429_waits_as_long_as_telegram_asks_and_delays_nobody_else(
    theatre: Theatre, sam: Guest
) -> None:
    ann = theatre.person("Ann")
    theatre.world.faults.on(Fail(429, retry_after=30), count=1, chat_id=sam.person.chat_id)
    sam.person.writes("/help")
    await theatre.until(lambda: 429 in refusals(theatre))
    await ann.writes_and_sees("/help", "How this works")
    theatre.clock.skip(29)
    await ann.writes_and_sees("/privacy", "/forget deletes the lot")
    assert sam.screen == []
    theatre.clock.skip(2)
    await theatre.quiet()
    sam.sees("How this works")


async def test_after_several_429s_no_chat_gets_messages_but_taps_are_answered(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Fail(429, retry_after=30), count=3, method="sendMessage")
    guests = [theatre.person(name) for name in ("Ann", "Ben", "Cleo", "Dan")]
    for guest in guests[:3]:
        guest.person.writes("/help")
    await theatre.until(lambda: refusals(theatre) == [429] * 3)
    guests[3].person.writes("/help")
    sam.person.taps(sam.last.id, "Next")
    await theatre.until(lambda: len(sam.person.answers) == 3 and theatre.world.pending == 0)
    assert [guest.screen for guest in guests] == [[], [], [], []]
    assert sam.titles == THE_MASSAGE[:1]
    await theatre.recovers()
    assert [len(guest.screen) for guest in guests] == [1, 1, 1, 1]
    assert sam.titles == THE_MASSAGE[:2]


async def test_a_403_ends_the_session_and_is_logged(
    theatre: Theatre, sam: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    await sam.begins()
    sam.person.deactivates()
    with caplog.at_level(logging.INFO):
        await theatre.until_due()
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.state == Idle()
    assert f"chat {sam.person.chat_id} is closed to us" in caplog.text


async def test_a_400_is_logged_with_method_and_reason(
    theatre: Theatre, sam: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    theatre.world.faults.on(Fail(400), count=1, method="sendMessage")
    await sam.writes("/help")
    await sam.writes("/privacy")
    sam.sees("What I remember")
    assert f"Telegram refused sendMessage to chat {sam.person.chat_id}: Bad Request" in caplog.text


async def test_the_answer_to_a_tap_is_retried_after_a_cut_connection(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    theatre.world.faults.on(Cut(), count=2, method="answerCallbackQuery")
    await sam.taps("More")
    await sam.taps("+30 s")
    assert sam.toast == "30 s more."


async def test_an_answer_that_comes_too_late_for_its_tap_is_not_retried(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    theatre.world.faults.on(Fail(400), count=1, method="answerCallbackQuery")
    sam.person.taps(sam.last.id, "Next")
    await theatre.until(lambda: sam.titles == THE_MASSAGE[:2] and 400 in refusals(theatre))
    await sam.writes_and_sees("/help", "How this works")
    calls = [call for call in theatre.world.calls if call.method == "answerCallbackQuery"]
    assert [call.code for call in calls] == [200, 200, 400]


async def test_with_many_faults_every_massage_is_still_sent_in_order_to_its_end(
    theatre: Theatre,
) -> None:
    await theatre.stop()
    theatre.real_time = Clock(speed=0)  # a clock for waits alone, so that the massages stand still
    theatre.start()
    guests = [theatre.person(f"Guest {number}") for number in range(3)]
    for guest in guests:
        await guest.begins()
    faults = theatre.world.faults
    faults.on(Fail(500), share=0.05)
    faults.on(Cut(), share=0.05, method="sendMessage")
    faults.on(Cut(acted=True), share=0.02, method="sendMessage")
    faults.on(Fail(429, retry_after=3), share=0.03)
    while await theatre.store.next_due() is not None:
        await theatre.until_due()
    for guest in guests:
        session = await theatre.store.load(guest.person.chat_id)
        assert session
        assert isinstance(session.state, Finished)
        assert list(dict.fromkeys(guest.titles)) == THE_MASSAGE
    cut = [call for call in theatre.world.calls if call.code == 0]
    assert sum(len(guest.titles) - len(THE_MASSAGE) for guest in guests) <= len(cut), (
        "only messages whose connection was cut arrive twice"
    )
    assert {call.code for call in theatre.world.calls} >= {200, 0, 500, 429}


async def test_after_an_outage_each_chat_gets_one_question_and_nothing_else(theatre: Theatre) -> None:
    guests = [theatre.person(f"Guest {number}") for number in range(3)]
    for guest in guests:
        await guest.begins()
    before = [len(guest.screen) for guest in guests]
    theatre.world.faults.dark(600)
    await theatre.passes(590)
    theatre.clock.skip(10)
    await theatre.recovers()
    for guest in guests:
        guest.sees("Still there?", "of 8")
        session = await theatre.store.load(guest.person.chat_id)
        assert session
        assert isinstance(session.state, Paused)
        assert session.state.reason is Reason.LATE
        await guest.taps("Resume")
        session = await theatre.store.load(guest.person.chat_id)
        assert session
        assert isinstance(session.state, Running)
    assert [len(guest.screen) for guest in guests] == [number + 2 for number in before]
