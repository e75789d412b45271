"""Sends that Telegram does not answer: retried late, a few times at most, and not after a newer message."""

from dataclasses import replace

import pytest

from bot.clock import Clock
from bot.storage.policy import Rank
from bot.storage.store import Row
from bot.transport.calls import SEND_TIMEOUT
from bot.transport.unanswered import FIRST_RETRY_AFTER, MAX_TRIES, AfterTimeout, Unanswered
from bot.wording.messages import Message

ROW = Row(3, 7, Message("Glide up."), Rank.IDLE)
NEWER = replace(ROW, id=4)
ELSEWHERE = replace(ROW, id=1, chat=6)
ELSEWHERE_TOO = replace(ROW, id=2, chat=8)


@pytest.fixture
def clock() -> Clock:
    return Clock(speed=0)


@pytest.fixture
def unanswered(clock: Clock) -> Unanswered:
    return Unanswered(clock)


def time_out(unanswered: Unanswered, clock: Clock, row: Row = ROW) -> AfterTimeout:
    """Send the row, and wait for its answer until the timeout; return what is to be done then."""
    unanswered.start_wait(row)
    clock.skip(SEND_TIMEOUT)
    after = unanswered.timed_out(row)
    unanswered.end_wait(row)
    return after


def test_a_row_is_not_sent_again_while_the_coach_waits_for_its_answer(
    unanswered: Unanswered, clock: Clock
) -> None:
    assert unanswered.resting() == []
    unanswered.start_wait(ROW)
    clock.skip(1e6)
    assert unanswered.resting() == [ROW.id]


def test_a_row_whose_call_fails_in_another_way_may_be_sent_again_at_once(unanswered: Unanswered) -> None:
    unanswered.start_wait(ROW)
    unanswered.end_wait(ROW)
    assert unanswered.resting() == []


def test_the_end_of_a_call_that_was_never_slow_changes_nothing(unanswered: Unanswered) -> None:
    unanswered.end_wait(ROW)
    assert unanswered.resting() == []
    assert not unanswered.is_overtaken(ROW)


def test_each_retry_waits_twice_as_long_and_the_last_timeout_gives_up(
    unanswered: Unanswered, clock: Clock
) -> None:
    for tries in range(MAX_TRIES - 1):
        assert time_out(unanswered, clock) is AfterTimeout.RETRY_LATER
        clock.skip(FIRST_RETRY_AFTER * 2**tries - 1)
        assert unanswered.resting() == [ROW.id]
        clock.skip(1)
        assert unanswered.resting() == []
    assert time_out(unanswered, clock) is AfterTimeout.GIVE_UP


def test_the_tries_of_a_send_that_could_not_be_detached_count_too(
    unanswered: Unanswered, clock: Clock
) -> None:
    after = []
    for tries in range(MAX_TRIES):
        clock.skip(SEND_TIMEOUT)  # no `start_wait`, because too many sends are waiting already
        after.append(unanswered.timed_out(ROW))
        clock.skip(FIRST_RETRY_AFTER * 2**tries)
    assert after == [AfterTimeout.RETRY_LATER, AfterTimeout.RETRY_LATER, AfterTimeout.GIVE_UP]


def test_a_row_is_not_sent_again_while_its_retry_waits_for_an_answer(
    unanswered: Unanswered, clock: Clock
) -> None:
    time_out(unanswered, clock)
    clock.skip(FIRST_RETRY_AFTER)
    unanswered.start_wait(ROW)
    clock.skip(1e6)
    assert unanswered.resting() == [ROW.id]


def test_the_timeouts_of_other_chats_change_nothing(unanswered: Unanswered, clock: Clock) -> None:
    time_out(unanswered, clock)
    unanswered.timed_out(ELSEWHERE)
    assert unanswered.resting() == [ROW.id, ELSEWHERE.id]


def test_a_newer_message_in_the_chat_makes_a_retry_needless(unanswered: Unanswered, clock: Clock) -> None:
    unanswered.start_wait(ROW)
    unanswered.start_wait(ELSEWHERE)
    unanswered.start_wait(ELSEWHERE_TOO)
    assert unanswered.overtake(NEWER) == [ROW.id]
    assert unanswered.is_overtaken(ROW)
    assert not unanswered.is_overtaken(ELSEWHERE)
    clock.skip(SEND_TIMEOUT)
    assert unanswered.timed_out(ROW) is AfterTimeout.DROP
    assert unanswered.timed_out(ELSEWHERE) is AfterTimeout.RETRY_LATER


def test_a_row_overtakes_neither_itself_nor_newer_rows(unanswered: Unanswered) -> None:
    unanswered.start_wait(ROW)
    unanswered.start_wait(NEWER)
    assert unanswered.overtake(ROW) == []
    assert not unanswered.is_overtaken(ROW)
    assert not unanswered.is_overtaken(NEWER)


@pytest.mark.parametrize("rank", [Rank.REMOVE_BUTTONS, Rank.WAITING_FOR_AUDIO, Rank.ADD_PICTURE])
def test_a_cosmetic_message_overtakes_nothing(unanswered: Unanswered, rank: Rank) -> None:
    unanswered.start_wait(ROW)
    assert unanswered.overtake(replace(NEWER, rank=rank)) == []
    assert not unanswered.is_overtaken(ROW)


def test_a_row_that_has_left_the_outbox_is_forgotten(unanswered: Unanswered, clock: Clock) -> None:
    time_out(unanswered, clock)
    unanswered.forget(ROW)
    assert unanswered.resting() == []
    assert time_out(unanswered, clock) is AfterTimeout.RETRY_LATER
    assert unanswered.overtake(NEWER) == [ROW.id]


@pytest.mark.parametrize("later", [0, 1])
def test_rows_that_were_dropped_elsewhere_do_not_accumulate(
    unanswered: Unanswered, clock: Clock, later: float
) -> None:
    time_out(unanswered, clock)
    clock.skip(FIRST_RETRY_AFTER)
    assert unanswered.overtake(NEWER) == [ROW.id], (
        "the row is still known, because it may be sent at any moment"
    )
    clock.skip(SEND_TIMEOUT + later)
    unanswered.timed_out(ELSEWHERE)
    assert unanswered.overtake(NEWER) == []
