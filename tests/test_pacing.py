"""The rates: whoever sends when he may is never refused, wastes little, and bears no grudge for ever."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from bot.playground.world import Bucket, Limits
from bot.transport.pacing import ALL_REFUSED, Buckets, Pacing, Rate

LIMITS = Limits()
START = 1_000_000.0
SENDS = st.tuples(st.integers(1, 6), st.booleans(), st.booleans())


def may(pacing: Pacing, chat: int, now: float, edit: bool = False, cosmetic: bool = False) -> bool:
    return not pacing.wait(chat, now, edit=edit, cosmetic=cosmetic)


@given(wanted=st.lists(SENDS, min_size=40, max_size=120), pauses=st.floats(0.01, 0.5))
def test_what_the_rates_let_through_telegram_takes(
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


def test_with_many_waiting_hardly_any_of_the_rate_is_wasted() -> None:
    pacing, total = Pacing(30, 1), Bucket(LIMITS.total, START)
    now, sent = START, 0
    while now < START + 60:
        for _ in range(pacing.room(now)):
            assert not total.wait(now)
            total.take()
            pacing.spend(sent, now, edit=False)
            sent += 1
        now += pacing.next(now) or 0.001
    assert sent >= 0.99 * 30 * 60


def test_a_chat_gets_a_short_burst_and_then_one_a_second() -> None:
    pacing = Pacing(30, 1)
    for _ in range(4):
        assert may(pacing, 1, START)
        pacing.spend(1, START, edit=False)
    assert not may(pacing, 1, START)
    assert may(pacing, 2, START)
    assert pacing.blocked(START) == {1}
    assert pacing.next(START) == pacing.wait(1, START, edit=False, cosmetic=False)
    assert may(pacing, 1, START + 1)
    assert pacing.blocked(START + 1) == set()


def test_edits_are_counted_twice() -> None:
    pacing = Pacing(30, 1)
    for second in range(20):
        if may(pacing, 1, START + second, edit=True):
            pacing.spend(1, START + second, edit=True)
    assert not may(pacing, 1, START + 20, edit=True)
    assert may(pacing, 1, START + 20)


def test_what_is_cosmetic_leaves_room_for_what_matters() -> None:
    pacing = Pacing(30, 1)
    for _ in range(3):
        pacing.spend(1, START, edit=False)
    assert may(pacing, 1, START)
    assert not may(pacing, 1, START, edit=True, cosmetic=True)
    for chat in range(6):
        pacing.spend(chat, START, edit=False)
    assert pacing.room(START) > 0
    assert not pacing.has_leisure(START)
    assert not may(pacing, 9, START, edit=True, cosmetic=True)
    assert may(pacing, 9, START + 1, edit=True, cosmetic=True)


def test_a_refusal_holds_its_own_chat_and_several_in_a_row_hold_all() -> None:
    pacing = Pacing(30, 1)
    for chat in range(1, ALL_REFUSED):
        pacing.refused(chat, 30, START)
    assert may(pacing, 99, START)
    assert not may(pacing, 1, START + 29)
    pacing.refused(ALL_REFUSED, 40, START)
    assert not may(pacing, 99, START + 39)
    assert pacing.room(START) == 0
    assert pacing.next(START) == 40
    assert may(pacing, 99, START + 40)


def test_refusals_with_a_success_between_them_are_their_chats_own() -> None:
    pacing = Pacing(30, 1)
    for chat in range(3 * ALL_REFUSED):
        pacing.refused(chat, 30, START)
        if chat % 2:
            pacing.went_through(99)
    assert may(pacing, 99, START)


def test_failures_wait_longer_each_time_and_a_success_ends_it() -> None:
    pacing, now, waits = Pacing(30, 1), START, []
    for _ in range(10):
        pacing.failed(1, now)
        waits.append(pacing.wait(1, now, edit=False, cosmetic=False))
        now += waits[-1]
    assert waits == sorted(waits)
    assert waits[0] < 1
    assert waits[-1] == 10
    pacing.went_through(1)
    pacing.failed(1, now)
    assert pacing.wait(1, now, edit=False, cosmetic=False) < 1


def test_an_outage_is_one_wait_for_all_however_many_were_under_way() -> None:
    pacing = Pacing(30, 1)
    for chat in range(50):
        pacing.failed(chat, START)
    assert pacing.room(START) == 0
    wait = pacing.next(START)
    assert wait is not None
    assert wait < 1
    assert pacing.room(START + wait) > 0


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 10)), max_size=50))
def test_full_buckets_are_forgotten(takes: list[tuple[int, float]]) -> None:
    buckets, now = Buckets(Rate(1, 4)), START
    for key, pause in takes * 20:
        now += pause
        buckets.take_if_there(key, now)
    for key in range(300):
        buckets.take(key, now + 100)
    assert len(buckets) <= 600
