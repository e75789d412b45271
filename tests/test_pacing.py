"""The coach's rate limits: Telegram accepts what passes, little is wasted, and a failure's effect ends."""

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.world import Bucket, Limits
from bot.transport.pacing import OUTAGE_CHATS, Buckets, Pacing, Rate

LIMITS = Limits()
START = 1_000_000.0
MANY = 10
"""A number of failures in a row after which the next wait is the longest, 10 s."""
SENDS = st.tuples(st.integers(1, 6), st.booleans(), st.booleans())


@pytest.fixture
def pacing() -> Pacing:
    """Pacing at Telegram's rates: 30 messages a second, 1 a second to each chat."""
    return Pacing(30, 1)


def wait(pacing: Pacing, chat: int, now: float, edit: bool = False, cosmetic: bool = False) -> float:
    return pacing.wait(chat, now, edit=edit, cosmetic=cosmetic)


def may(pacing: Pacing, chat: int, now: float, edit: bool = False, cosmetic: bool = False) -> bool:
    return not wait(pacing, chat, now, edit, cosmetic)


def burst(pacing: Pacing, chat: int, now: float, edit: bool = False) -> int:
    """Send to the chat until it has to wait; return how many messages were sent (100 at most)."""
    sent = 0
    while may(pacing, chat, now, edit) and sent < 100:
        pacing.spend(chat, now, edit=edit)
        sent += 1
    return sent


def begin_outage(pacing: Pacing, seconds: float, now: float = START) -> None:
    """Report 429s from as many chats as it takes to be an outage."""
    for chat in range(1, OUTAGE_CHATS + 1):
        pacing.rate_limited(chat, seconds, now)


# Telegram's rates


@given(wanted=st.lists(SENDS, min_size=40, max_size=120), pauses=st.floats(0.01, 0.5))
def test_telegram_accepts_every_message_that_the_rates_let_through(
    wanted: list[tuple[int, bool, bool]], pauses: float
) -> None:
    pacing, total = Pacing(30, 1), Bucket(LIMITS.total, START)
    chats: defaultdict[int, Bucket] = defaultdict(lambda: Bucket(LIMITS.private, START))
    edits: defaultdict[int, Bucket] = defaultdict(lambda: Bucket(LIMITS.edits, START))
    now = START
    for chat, edit, cosmetic in wanted:
        now += pauses
        if may(pacing, chat, now, edit, cosmetic):
            pacing.spend(chat, now, edit=edit)
            for bucket in [total, chats[chat], *([edits[chat]] if edit else [])]:
                assert not bucket.wait(now)
                bucket.take()


def test_while_many_messages_wait_almost_all_of_the_rate_is_used(pacing: Pacing) -> None:
    total = Bucket(LIMITS.total, START)
    now, sent = START, 0
    while now < START + 60:
        for _ in range(pacing.room(now)):
            assert not total.wait(now)
            total.take()
            pacing.spend(sent, now, edit=False)
            sent += 1
        now += pacing.next_change(now) or 0.001
    assert sent >= 0.99 * 30 * 60


def test_all_chats_together_get_a_burst_of_10_and_then_30_a_second(pacing: Pacing) -> None:
    assert pacing.room(START) == 10
    for chat in range(10):
        assert may(pacing, chat, START)
        pacing.spend(chat, START, edit=False)
    assert pacing.room(START) == 0
    assert wait(pacing, 99, START) == pytest.approx(1 / 30)
    assert pacing.next_change(START) == pytest.approx(1 / 30)
    assert pacing.room(START + 1 / 30) == 1
    assert may(pacing, 99, START + 1 / 30)
    assert pacing.room(START + 0.1) == 3
    assert pacing.room(START + 1) == 10


def test_a_chat_gets_a_burst_of_4_and_then_1_a_second(pacing: Pacing) -> None:
    assert burst(pacing, 1, START) == 4
    assert wait(pacing, 1, START) == 1
    assert may(pacing, 2, START)
    assert pacing.blocked(START) == {1}
    assert pacing.next_change(START) == 1
    assert pacing.blocked(START + 1) == set()
    assert burst(pacing, 1, START + 1) == 1
    assert burst(pacing, 1, START + 100) == 4


def test_a_chat_gets_a_burst_of_10_edits_and_then_1_every_3_seconds(pacing: Pacing) -> None:
    sent = [burst(pacing, 1, START + 3.0 * n, edit=True) for n in range(8)]
    assert sent == [4, 3, 3, 3, 1, 1, 1, 1]
    now = START + 21.0
    assert wait(pacing, 1, now, edit=True) == pytest.approx(3)
    assert pacing.next_change(now) == pytest.approx(3)
    assert may(pacing, 1, now)
    assert pacing.blocked(now) == set()


def test_slow_rates_still_let_one_message_through_at_a_time() -> None:
    pacing = Pacing(total=2, chat=0.1)
    assert pacing.room(START) == 1
    assert burst(pacing, 1, START) == 1
    assert pacing.room(START + 0.5) == 1
    assert burst(pacing, 1, START + 9) == 0
    assert burst(pacing, 1, START + 10) == 1
    assert burst(pacing, 2, START + 11, edit=True) == 1
    assert wait(pacing, 2, START + 11, edit=True) == pytest.approx(30)


def test_a_cosmetic_message_leaves_half_of_its_chats_burst_unused(pacing: Pacing) -> None:
    pacing.spend(1, START, edit=False)
    pacing.spend(1, START, edit=False)
    assert may(pacing, 1, START, cosmetic=True)
    pacing.spend(1, START, edit=False)
    assert may(pacing, 1, START)
    assert wait(pacing, 1, START, cosmetic=True) == 1


def test_a_cosmetic_edit_leaves_half_of_its_chats_edits_unused(pacing: Pacing) -> None:
    for second in range(6):
        pacing.spend(1, START + second, edit=True)
    now = START + 10
    pacing.spend(1, now, edit=True)
    assert may(pacing, 1, now, edit=True)
    assert may(pacing, 1, now, cosmetic=True)
    for _ in range(2):
        pacing.spend(1, now, edit=True)
    assert may(pacing, 1, now, edit=True)
    assert wait(pacing, 1, now, edit=True, cosmetic=True) == pytest.approx(2)


def test_a_cosmetic_message_leaves_half_of_the_burst_of_all_chats_unused(pacing: Pacing) -> None:
    for chat in range(5):
        assert pacing.has_spare_capacity(START)
        pacing.spend(chat, START, edit=False)
    assert pacing.has_spare_capacity(START)
    pacing.spend(5, START, edit=False)
    assert pacing.room(START) == 4
    assert not pacing.has_spare_capacity(START)
    assert wait(pacing, 9, START, edit=True, cosmetic=True) == pytest.approx(1 / 30)
    assert may(pacing, 9, START, edit=True)
    assert may(pacing, 9, START + 1 / 30, edit=True, cosmetic=True)


def test_no_change_is_expected_while_nothing_has_to_wait(pacing: Pacing) -> None:
    assert pacing.next_change(START) is None
    pacing.spend(1, START, edit=True)
    assert pacing.next_change(START) is None


# Telegram's errors


def test_a_429_pauses_its_chat_for_as_long_as_telegram_asks(pacing: Pacing) -> None:
    pacing.rate_limited(1, 30, START)
    assert wait(pacing, 1, START) == 30
    assert wait(pacing, 1, START + 29) == 1
    assert may(pacing, 1, START + 30)
    assert may(pacing, 1, START + 31)
    assert may(pacing, 2, START)
    assert pacing.blocked(START + 29) == {1}
    assert pacing.blocked(START + 30) == set()
    assert pacing.blocked(START + 31) == set()
    assert pacing.next_change(START) == 30
    assert pacing.next_change(START + 30) is None
    assert pacing.next_change(START + 31) is None


def test_a_chat_that_is_paused_and_also_out_of_tokens_is_blocked(pacing: Pacing) -> None:
    burst(pacing, 1, START)
    pacing.rate_limited(1, 30, START)
    assert pacing.blocked(START) == {1}


def test_several_429s_in_a_row_pause_all_chats(pacing: Pacing) -> None:
    for chat in range(1, OUTAGE_CHATS):
        pacing.rate_limited(chat, 30, START)
    assert may(pacing, 99, START)
    assert pacing.has_spare_capacity(START)
    pacing.rate_limited(OUTAGE_CHATS, 40, START)
    assert wait(pacing, 99, START) == 40
    assert pacing.room(START + 39) == 0
    assert not pacing.has_spare_capacity(START + 39)
    assert pacing.next_change(START) == 40
    assert pacing.room(START + 40) == 10
    assert pacing.has_spare_capacity(START + 40)
    assert may(pacing, 99, START + 40)


def test_when_an_outage_is_over_the_hold_of_a_single_chat_is_what_changes_next(pacing: Pacing) -> None:
    pacing.rate_limited(99, 60, START)
    begin_outage(pacing, 30)
    assert pacing.next_change(START) == 30, "the end of the outage"
    assert pacing.next_change(START + 30) == 30, "the end of that chat's hold"


def test_the_clock_may_start_at_any_time(pacing: Pacing) -> None:
    begin_outage(pacing, 30, now=1.0)
    assert wait(pacing, 99, 1.0) == 30
    assert pacing.next_change(1.0) == 30
    assert may(pacing, 99, 31.0)


def test_a_shorter_429_does_not_shorten_the_wait_of_all_chats(pacing: Pacing) -> None:
    begin_outage(pacing, 40)
    pacing.rate_limited(9, 5, START)
    assert wait(pacing, 99, START) == 40
    pacing.rate_limited(9, 50, START)
    assert wait(pacing, 99, START) == 50


def test_a_chat_waits_for_the_longer_of_its_own_wait_and_that_of_all_chats(pacing: Pacing) -> None:
    pacing.rate_limited(9, 60, START)
    begin_outage(pacing, 40)
    assert wait(pacing, 9, START) == 60
    pacing.rate_limited(9, 10, START)
    assert wait(pacing, 9, START) == 40


def test_many_429s_to_one_chat_pause_no_other_chat(pacing: Pacing) -> None:
    for _ in range(3 * OUTAGE_CHATS):
        pacing.rate_limited(1, 30, START)
    assert may(pacing, 99, START)


def test_a_success_between_429s_shows_that_there_is_no_outage(pacing: Pacing) -> None:
    for chat in range(3 * OUTAGE_CHATS):
        pacing.rate_limited(chat, 30, START)
        if chat % 2:
            pacing.succeeded(99)
    assert may(pacing, 99, START)


def test_a_success_ends_the_outage_and_only_the_wait_of_its_own_chat(pacing: Pacing) -> None:
    begin_outage(pacing, 40)
    pacing.succeeded(1)
    assert may(pacing, 1, START)
    assert wait(pacing, 2, START) == 40
    assert may(pacing, 99, START)


def test_each_failure_doubles_the_wait_up_to_10_s_and_a_success_resets_it(pacing: Pacing) -> None:
    now, waits = START, []
    for _ in range(10):
        pacing.failed(1, now)
        waits.append(wait(pacing, 1, now))
        now += waits[-1]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10])
    pacing.succeeded(1)
    pacing.failed(1, now)
    assert wait(pacing, 1, now) == pytest.approx(0.1)


def test_a_429_between_failures_does_not_make_the_next_wait_shorter(pacing: Pacing) -> None:
    pacing.failed(1, START)
    pacing.failed(1, START)
    pacing.rate_limited(1, 30, START)
    pacing.failed(1, START + 30)
    assert wait(pacing, 1, START + 30) == pytest.approx(0.4)


def test_a_send_that_may_have_arrived_is_retried_after_1_4_16_and_then_30_seconds(pacing: Pacing) -> None:
    waits = []
    for _ in range(5):
        pacing.failed(1, START, slowly=True)
        waits.append(wait(pacing, 1, START))
    assert waits == [1, 4, 16, 30, 30]


@pytest.mark.parametrize(("seconds", "next_wait"), [(59, 10), (60, 0.1), (61, 0.1)])
def test_failures_are_forgotten_a_minute_after_the_wait_has_ended(
    pacing: Pacing, seconds: float, next_wait: float
) -> None:
    """Old failures are removed when another chat fails."""
    for _ in range(MANY):
        pacing.failed(1, START)
    now = START + 10 + seconds
    pacing.failed(2, now)
    pacing.failed(1, now)
    assert wait(pacing, 1, now) == pytest.approx(next_wait)


def test_an_outage_causes_one_wait_however_many_calls_were_under_way(pacing: Pacing) -> None:
    for chat in range(50):
        pacing.failed(chat, START)
    assert pacing.room(START) == 0
    assert wait(pacing, 99, START) == pytest.approx(0.1)
    assert pacing.room(START + 0.11) == 10


def test_the_wait_grows_while_an_outage_goes_on(pacing: Pacing) -> None:
    begin_outage(pacing, 30)
    pacing.failed(9, START + 29)
    assert wait(pacing, 99, START + 29) == 1, "that call began before the wait"
    pacing.failed(9, START + 30)
    assert wait(pacing, 99, START + 30) == pytest.approx(0.1)
    pacing.failed(9, START + 31)
    assert wait(pacing, 99, START + 31) == pytest.approx(0.2)
    pacing.rate_limited(9, 5, START + 40)
    assert wait(pacing, 99, START + 40) == 5
    pacing.failed(9, START + 45)
    assert wait(pacing, 99, START + 45) == pytest.approx(0.4)


# Buckets


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    buckets = Buckets(Rate(per_second=0.5, burst=3))
    assert [buckets.try_take(1, START) for _ in range(4)] == [True, True, True, False]
    assert buckets.tokens(1, START) == 0
    assert buckets.waits(START) == {1: 2}
    assert not buckets.try_take(1, START + 1)
    assert buckets.tokens(1, START + 1) == 0.5
    assert buckets.try_take(1, START + 2)
    assert buckets.tokens(2, START) == 3
    assert buckets.tokens(1, START + 100) == 3


def test_a_bucket_can_be_overdrawn_and_then_takes_longer_to_refill() -> None:
    buckets = Buckets(Rate(per_second=0.5, burst=1))
    for _ in range(3):
        buckets.take(1, START)
    assert buckets.tokens(1, START) == -2
    assert buckets.wait(1, START) == 6


def test_a_drained_bucket_is_empty_whatever_was_in_it() -> None:
    buckets = Buckets(Rate(per_second=2, burst=3))
    buckets.drain(1, START)
    buckets.drain(1, START)
    assert buckets.tokens(1, START) == 0
    assert buckets.wait(1, START) == 0.5
    assert buckets.wait(1, START, share=1.0) == 1.5
    assert buckets.tokens(1, START + 1.5) == 3


def test_keys_wait_only_while_they_have_no_token() -> None:
    buckets = Buckets(Rate(per_second=1, burst=2))
    for key, taken in ((1, 1), (2, 2), (3, 3)):
        for _ in range(taken):
            buckets.take(key, START)
    assert buckets.waits(START) == {2: 1, 3: 2}
    assert buckets.waits(START + 1) == {3: 1}
    assert buckets.waits(START + 2) == {}
    assert len(buckets) == 1, "one bucket is not full yet"
    assert buckets.waits(START + 3) == {}
    assert len(buckets) == 0


def test_full_buckets_are_forgotten_once_there_are_more_than_256() -> None:
    buckets = Buckets(Rate(per_second=1, burst=4))
    for key in range(256):
        buckets.take(key, START)
    buckets.take(0, START + 100)
    assert len(buckets) == 256
    buckets.take(256, START + 100)
    assert len(buckets) == 2
    for key in range(1000, 1254):
        buckets.take(key, START + 200)
    assert len(buckets) == 256


def test_full_buckets_are_looked_for_again_once_there_are_twice_as_many() -> None:
    buckets = Buckets(Rate(per_second=1, burst=4))
    for key in range(300):
        buckets.take(key, START)
    for key in range(300, 514):
        buckets.take(key, START + 100)
    assert len(buckets) == 514
    buckets.take(514, START + 100)
    assert len(buckets) == 215
    for key in range(1000, 1000 + 430 - 215):
        buckets.take(key, START + 200)
    assert len(buckets) == 430
    buckets.take(2000, START + 200)
    assert len(buckets) == 216


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 10)), max_size=50))
def test_few_buckets_are_kept_however_many_there_were(takes: list[tuple[int, float]]) -> None:
    buckets, now = Buckets(Rate(1, 4)), START
    for key, pause in takes * 20:
        now += pause
        buckets.try_take(key, now)
    for key in range(300):
        buckets.take(key, now + 100)
    assert len(buckets) <= 600


def test_the_wait_for_a_share_is_at_least_that_for_a_token() -> None:
    buckets = Buckets(Rate(per_second=1, burst=4))
    for _ in range(4):
        buckets.take(1, START)
    waits = [buckets.wait(1, START, share) for share in (0.0, 0.1, 0.5, 1.0)]
    assert waits == [1, 1, 2, 4]
    assert all(before <= after for before, after in pairwise(waits))
