"""Failures of single messages delay no other chat, and no massage goes on if its messages do not arrive.

The clock, which the waits for Telegram use too, moves only when a test moves it, as in tests/test_outbox.py.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import pytest

from bot.clock import Clock
from bot.coach import Coach
from bot.cues import MAX_CUE_TRIES, CueWorker
from bot.incoming import Commanded, Incoming, Tapped, Wrote
from bot.playground.faults import Cut, Delay, Fail
from bot.playground.world import Limits
from bot.routine.model import Library, Technique
from bot.session.state import Idle, Paused, Reason, Running
from bot.storage.store import Store
from bot.transport.calls import SEND_TIMEOUT
from bot.transport.lanes import MAX_CONCURRENT_CHATS, MAX_UNANSWERED_SENDS
from bot.transport.sender import CHAT_GOES_ON_AFTER
from bot.transport.unanswered import FIRST_RETRY_AFTER, MAX_TRIES
from tests.stage import LIBRARY, PATIENCE, THE_MASSAGE, Guest, Theatre, stage, title_of

UNREADABLE = 'Bad Request: can\'t parse entities: Unsupported start tag "3" at byte offset 7'
NO_CHAT = "Bad Request: chat not found"


async def state_of(guest: Guest) -> object:
    session = await guest.theatre.store.load(guest.person.chat_id)
    assert session
    return session.state


async def advance_until(theatre: Theatre, within: float, happened: Callable[[], bool]) -> None:
    """Move the clock on by 0.1 s until `happened()` is true; fail after `within` seconds of the clock."""
    until = theatre.clock.now() + within
    async with asyncio.timeout(PATIENCE):
        while not happened():
            assert theatre.clock.now() < until
            await theatre.tick()


# Messages that Telegram refuses


async def test_a_massage_goes_back_to_a_part_whose_message_telegram_refused(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Fail(400, said=UNREADABLE), count=1, method="sendMessage")
    await sam.taps("Next")
    sam.sees("Still there?")
    state = await state_of(sam)
    assert isinstance(state, Paused)
    assert (state.reason, state.massage.place.step) == (Reason.LATE, 2)
    await sam.taps("Resume")
    sam.sees(THE_MASSAGE[1])


async def test_a_massage_ends_if_its_chat_is_not_found(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    theatre.world.faults.on(Fail(400, said=NO_CHAT), method="sendMessage")
    await theatre.until_due()
    assert await state_of(sam) == Idle()
    assert await theatre.store.heads([], limit=1) == []


# Cues that fail


def with_a_broken_step(library: Library) -> Library:
    """Add a copy of the back massage whose second step cannot be rendered: it names an unknown place."""
    back = library.routines["back"]
    first, second, *rest = back.steps
    assert isinstance(second.technique, Technique)
    technique = second.technique.model_copy(update={"no_press": ("the-moon",)})
    steps = (first, second.model_copy(update={"technique": technique}), *rest)
    broken = back.model_copy(update={"id": "broken", "steps": steps})
    return replace(library, routines={**library.routines, "broken": broken})


@pytest.fixture
async def shaky(sqlite_url: str) -> AsyncIterator[Theatre]:
    """A coach that has, besides the usual routines, one with a step that cannot be rendered."""
    async with stage(sqlite_url, with_a_broken_step(LIBRARY)) as theatre:
        yield theatre


async def begin(guests: list[Guest], *, broken: int) -> None:
    """Begin a massage with each guest, the first `broken` of them with the broken routine."""
    for number, guest in enumerate(guests):
        await guest.writes("/start")
        if number < broken:
            await guest.taps("Another routine")
            await guest.taps("Another routine")
        await guest.taps("Begin")
        await guest.taps("None of these")


async def test_failing_cues_do_not_delay_other_chats(shaky: Theatre) -> None:
    guests = [shaky.person(f"Guest {number}") for number in range(20)]
    await begin(guests, broken=9)
    shaky.clock.skip(90)
    await shaky.until(lambda: all(guest.titles == THE_MASSAGE[:2] for guest in guests[9:]))
    assert all(guest.titles == THE_MASSAGE[:1] for guest in guests[:9])


async def test_a_cue_that_keeps_failing_is_logged_and_given_up(
    shaky: Theatre, caplog: pytest.LogCaptureFixture
) -> None:
    sam = shaky.person("Sam")
    await begin([sam], broken=1)
    with caplog.at_level(logging.ERROR):
        await advance_until(shaky, 100, lambda: "is left alone" in caplog.text)
    assert caplog.text.count("the cue for chat") == MAX_CUE_TRIES
    async with asyncio.timeout(PATIENCE):
        while await shaky.store.next_due() is not None:
            pass
    await sam.writes("/start")
    sam.sees("start over")


# Priorities


@dataclass
class Crowd:
    """Sam is in a massage, and the start cards of 120 other people wait because of Telegram's rate limits."""

    theatre: Theatre
    sam: Guest
    others: list[Guest]

    async def is_told_early(self, said: str) -> None:
        """Wait until Sam's newest message begins with `said`; assert that most of the cards still wait."""
        await advance_until(self.theatre, 60, lambda: self.sam.last.text.startswith(said))
        assert sum(bool(guest.screen) for guest in self.others) < 60


@pytest.fixture
async def crowd(sqlite_url: str) -> AsyncIterator[Crowd]:
    async with stage(sqlite_url, limits=Limits()) as theatre:
        sam = theatre.person("Sam")
        sam.person.writes("/start")
        for number, button in enumerate(("Begin", "None of these"), 1):
            await theatre.until(partial(sam.has_seen, number))
            theatre.clock.skip(10)
            sam.person.taps(sam.last.id, button)
        await theatre.until(lambda: bool(sam.titles))
        others = [theatre.person(f"Guest {number}") for number in range(120)]
        for guest in others:
            guest.person.writes("/start")
        await theatre.until(lambda: theatre.world.pending == 0)
        yield Crowd(theatre, sam, others)


async def test_the_answer_to_pain_is_sent_before_start_cards(crowd: Crowd) -> None:
    crowd.sam.person.writes("ow")
    await crowd.theatre.until(lambda: crowd.theatre.world.pending == 0)
    await crowd.is_told_early("Stop there; lift your hands.")


async def test_answers_during_a_massage_are_sent_before_start_cards(crowd: Crowd) -> None:
    crowd.sam.person.writes("how long is this step")
    await crowd.theatre.until(lambda: crowd.theatre.world.pending == 0)
    await crowd.is_told_early("1 min")


async def test_cues_and_parts_of_a_massage_are_sent_before_start_cards(crowd: Crowd) -> None:
    crowd.theatre.clock.skip((await crowd.theatre.store.next_due() or 0.0) - crowd.theatre.clock.now())
    await crowd.is_told_early("Starting in 25 s")
    (lying_down,) = [message for message in crowd.sam.screen if title_of(message.text)]
    crowd.sam.person.taps(lying_down.id, "Next")
    await crowd.is_told_early(LIBRARY.default.steps[1].cue)


# Sends that Telegram does not answer


async def test_a_send_that_is_answered_late_is_not_repeated(theatre: Theatre, sam: Guest) -> None:
    theatre.world.faults.on(Delay(60), method="sendMessage")
    sam.person.writes("/help")
    await theatre.until(lambda: sam.has_seen(1))
    await theatre.passes(200)
    await theatre.until(lambda: bool(theatre.world.calls) and theatre.calls("sendMessage") == 1)
    await theatre.recovers()
    assert len(sam.screen) == 1


async def test_a_send_that_is_never_answered_is_retried_a_few_times_after_long_waits(
    theatre: Theatre, sam: Guest
) -> None:
    theatre.world.faults.on(Delay(10_000), method="sendMessage")
    sam.person.writes("/help")
    moments = []
    for tries in range(1, MAX_TRIES + 1):
        await advance_until(theatre, 2 * SEND_TIMEOUT, partial(sam.has_seen, tries))
        moments.append(theatre.clock.now())
    await theatre.recovers()
    assert len(sam.screen) == MAX_TRIES
    assert all(after - before >= SEND_TIMEOUT + FIRST_RETRY_AFTER for before, after in pairwise(moments))


async def test_a_chat_goes_on_while_a_send_hangs_and_gets_that_message_only_once(
    theatre: Theatre, sam: Guest
) -> None:
    theatre.world.faults.on(Delay(10_000), count=1, method="sendMessage")
    sam.person.writes("/help")
    await theatre.until(lambda: sam.has_seen(1))
    sam.person.writes("/privacy")
    await theatre.until(lambda: theatre.world.pending == 0)
    assert len(sam.screen) == 1
    theatre.clock.skip(CHAT_GOES_ON_AFTER)
    await theatre.until(lambda: sam.has_seen(2))
    sam.sees("What I remember")
    await theatre.passes(SEND_TIMEOUT + FIRST_RETRY_AFTER)
    await theatre.recovers()
    assert len(sam.screen) == 2


async def test_a_part_whose_send_is_not_answered_is_sent_once_more_while_it_lasts(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Delay(10_000), count=1, method="sendMessage")
    sam.person.taps(sam.last.id, "Next")
    await theatre.until(lambda: sam.titles == THE_MASSAGE[:2])
    await advance_until(theatre, 119, lambda: sam.titles == [*THE_MASSAGE[:2], THE_MASSAGE[1]])
    assert isinstance(await state_of(sam), Running)


def controls_of(guest: Guest) -> list[str]:
    """Return the first lines of the guest's messages that have buttons."""
    return [message.text.split("\n")[0] for message in guest.screen if message.keyboard]


async def test_a_late_answer_to_a_send_leaves_the_buttons_on_the_newest_message(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Delay(40), count=1, method="sendMessage")
    sam.person.taps(sam.last.id, "Next")
    await theatre.until(lambda: sam.titles == THE_MASSAGE[:2])
    sam.person.writes("pause")
    await advance_until(theatre, 30, lambda: sam.last.text.startswith("Paused"))
    paused = controls_of(sam)[-1:]
    await theatre.passes(45)
    await theatre.until(lambda: controls_of(sam) == paused)
    await theatre.recovers()
    assert controls_of(sam) == paused
    assert "Resume" in sam.buttons


async def test_a_part_whose_send_is_not_answered_is_not_repeated_after_a_pause(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    theatre.world.faults.on(Delay(10_000), count=1, method="sendMessage")
    sam.person.taps(sam.last.id, "Next")
    await theatre.until(lambda: sam.titles == THE_MASSAGE[:2])
    sam.person.writes("pause")
    await advance_until(theatre, 30, lambda: sam.last.text.startswith("Paused"))
    await theatre.passes(SEND_TIMEOUT + FIRST_RETRY_AFTER + 20)
    assert sam.titles == THE_MASSAGE[:2]
    await theatre.stop()
    theatre.start()
    await sam.writes_and_sees("/help", "How this works")
    assert sam.titles == THE_MASSAGE[:2]


async def test_the_answer_to_pain_does_not_wait_for_sends_that_hang(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    theatre.world.faults.on(Delay(60), method="sendMessage")
    for number in range(MAX_CONCURRENT_CHATS + MAX_UNANSWERED_SENDS + 10):
        theatre.person(f"Guest {number}").person.writes("/help")
    await theatre.until(lambda: theatre.world.pending == 0)
    for _ in range(300):
        await theatre.tick()
    sam.person.writes("ow")
    await advance_until(theatre, 20, lambda: sam.last.text.startswith("Stop there"))


async def test_a_send_that_was_cut_off_and_may_have_arrived_is_not_repeated_quickly(
    theatre: Theatre, sam: Guest
) -> None:
    theatre.world.faults.on(Cut(acted=True), method="sendMessage")
    sam.person.writes("/help")
    await theatre.until(lambda: sam.has_seen(1))
    for _ in range(750):
        await theatre.tick()
    assert 3 <= len(sam.screen) <= 5
    theatre.world.faults.clear()
    await theatre.recovers()


async def test_a_failed_chat_does_not_wake_the_alarm_before_its_retry(sqlite_url: str) -> None:
    clock, sam = Clock(speed=0), 1
    async with Store.open(sqlite_url) as store:
        library = with_a_broken_step(LIBRARY)
        coach = Coach(store, library, clock, lambda due_at: None, lambda late: None)
        cues = CueWorker(store, coach, clock)
        actions: list[Commanded | Tapped | Wrote] = [
            Commanded("start"),
            Tapped("routine::broken", 1),
            Wrote("begin"),
            Wrote("none of these"),
        ]
        for number, what in enumerate(actions):
            await coach.take(Incoming(sam, number, "Sam", what))
        clock.skip(60)
        again_at = await cues.drain()
        assert again_at is not None
        assert again_at > clock.now()
        await coach.take(Incoming(sam, 9, "Sam", Wrote("pause")))
        clock.skip(10)
        assert await cues.drain() == await store.next_due()
