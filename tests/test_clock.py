"""The clock: one source of now, whose speed can change while others wait on it; and the alarm."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Alarm, Clock
from tests.stage import PATIENCE

SPEEDS = st.floats(min_value=0.1, max_value=1000)
WAITS = st.floats(min_value=0, max_value=3600)


@given(st.lists(st.tuples(SPEEDS, WAITS), max_size=8))
def test_a_change_of_speed_never_jumps(changes: list[tuple[float, float]]) -> None:
    ticks = [1_000.0]
    clock = Clock(ticks=lambda: ticks[0])
    shown = clock.now()
    for speed, wait in changes:
        clock.run_at(speed)
        ticks[0] += wait
        shown += speed * wait
        assert abs(clock.now() - shown) < 1e-3
        left = clock.until(shown + 60)
        assert left is not None
        assert abs(left - 60 / speed) < 1e-3


@given(st.lists(st.tuples(st.floats(min_value=-1e6, max_value=1e6), WAITS), max_size=8), SPEEDS)
def test_who_sets_the_walls_clock_moves_nothing(changes: list[tuple[float, float]], speed: float) -> None:
    wall, ticks = [1_000_000.0], [1_000.0]
    clock = Clock(speed, wall=lambda: wall[0], ticks=lambda: ticks[0])
    shown = clock.now()
    assert shown == 1_000_000.0 * speed
    for set_by, wait in changes:
        wall[0] += set_by + wait
        ticks[0] += wait
        shown += speed * wait
        assert abs(clock.now() - shown) < 1e-3


async def test_whoever_sleeps_wakes_sooner_when_time_runs_faster() -> None:
    clock = Clock(speed=0.001)
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.run_at(100_000)
    async with asyncio.timeout(PATIENCE):
        await sleeping


def test_time_is_skipped_forwards_only() -> None:
    clock = Clock(speed=0)
    before = clock.now()
    clock.move_on(-5)
    assert clock.now() == before
    clock.move_on(5)
    assert clock.now() == before + 5


def test_who_listens_hears_of_every_change_until_they_leave() -> None:
    clock, heard = Clock(), [0]

    def listener() -> None:
        heard[0] += 1

    leave = clock.on_change(listener)
    clock.run_at(60)
    clock.move_on(1)
    leave()
    clock.run_at(1)
    assert heard == [2]


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_no_ring_is_skipped_while_another_is_under_way(
    steps: int, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Event()

    async def drain() -> None:
        looked.set()

    clock = Clock()
    alarm = Alarm(clock, drain)
    running = asyncio.create_task(alarm.run())
    await looked.wait()
    for earlier in range(20):  # each is due already, and earlier than the one before
        alarm.pull(clock.now() - earlier)
        for _ in range(steps):
            await asyncio.sleep(0)
    running.cancel()
    assert caplog.messages == []
