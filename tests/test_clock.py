"""The clock, whose speed can change while tasks wait, and the alarm, which runs a worker when work is due."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Alarm, Clock
from tests.stage import PATIENCE

SPEEDS = st.floats(min_value=0.1, max_value=1000)
WAITS = st.floats(min_value=0, max_value=3600)


@given(st.lists(st.tuples(SPEEDS, WAITS), max_size=8))
def test_a_change_of_speed_does_not_make_the_time_jump(changes: list[tuple[float, float]]) -> None:
    ticks = [1_000.0]
    clock = Clock(ticks=lambda: ticks[0])
    shown = clock.now()
    for speed, wait in changes:
        clock.set_speed(speed)
        ticks[0] += wait
        shown += speed * wait
        assert abs(clock.now() - shown) < 1e-3
        left = clock.until(shown + 60)
        assert left is not None
        assert abs(left - 60 / speed) < 1e-3


@given(st.lists(st.tuples(st.floats(min_value=-1e6, max_value=1e6), WAITS), max_size=8), SPEEDS)
def test_setting_the_system_clock_does_not_change_the_time(
    changes: list[tuple[float, float]], speed: float
) -> None:
    wall, ticks = [1_000_000.0], [1_000.0]
    clock = Clock(speed, wall=lambda: wall[0], ticks=lambda: ticks[0])
    shown = clock.now()
    assert shown == 1_000_000.0 * speed
    for set_by, wait in changes:
        wall[0] += set_by + wait
        ticks[0] += wait
        shown += speed * wait
        assert abs(clock.now() - shown) < 1e-3


async def test_a_sleeper_wakes_sooner_when_the_clock_runs_faster() -> None:
    clock = Clock(speed=0.001)
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.set_speed(100_000)
    async with asyncio.timeout(PATIENCE):
        await sleeping


def test_time_can_only_be_skipped_forwards() -> None:
    clock = Clock(speed=0)
    before = clock.now()
    clock.skip(-5)
    assert clock.now() == before
    clock.skip(5)
    assert clock.now() == before + 5


def test_listeners_are_called_until_they_unsubscribe() -> None:
    clock, heard = Clock(), [0]

    def listener() -> None:
        heard[0] += 1

    leave = clock.on_change(listener)
    clock.set_speed(60)
    clock.skip(1)
    leave()
    clock.set_speed(1)
    assert heard == [2]


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
async def test_no_wake_up_is_skipped_while_another_is_running(
    steps: int, caplog: pytest.LogCaptureFixture
) -> None:
    looked = asyncio.Event()

    async def drain() -> None:
        looked.set()

    clock = Clock()
    alarm = Alarm(clock, drain)
    running = asyncio.create_task(alarm.run())
    await looked.wait()
    for earlier in range(20):  # each moment is past, and earlier than the one before
        alarm.pull(clock.now() - earlier)
        for _ in range(steps):
            await asyncio.sleep(0)
    running.cancel()
    assert caplog.messages == []
