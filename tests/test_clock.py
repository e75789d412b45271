"""The clock: one source of now, whose speed can change while others wait on it."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Alarm, Clock

SPEEDS = st.floats(min_value=0.1, max_value=1000)
WAITS = st.floats(min_value=0, max_value=3600)


@given(st.lists(st.tuples(SPEEDS, WAITS), max_size=8))
def test_a_change_of_speed_never_jumps(changes: list[tuple[float, float]]) -> None:
    world = [1_000_000.0]
    clock = Clock(world=lambda: world[0])
    shown = clock.now()
    for speed, wait in changes:
        clock.run_at(speed)
        world[0] += wait
        shown += speed * wait
        assert abs(clock.now() - shown) < 1e-3
        in_world = clock.in_world(shown + 60)
        assert in_world is not None
        assert abs(in_world - (world[0] + 60 / speed)) < 1e-3


async def test_whoever_sleeps_wakes_sooner_when_time_runs_faster() -> None:
    clock = Clock(speed=0.001)
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.run_at(100_000)
    async with asyncio.timeout(20):
        await sleeping


async def test_an_alarm_set_at_one_speed_rings_at_another() -> None:
    clock = Clock(speed=0.001)
    due_at, rung = clock.now() + 60, asyncio.Event()

    async def drain() -> float | None:
        if clock.now() < due_at:
            return due_at
        rung.set()
        return None

    alarm = asyncio.create_task(Alarm(clock, drain).run())
    await asyncio.sleep(0)
    clock.run_at(100_000)
    async with asyncio.timeout(20):
        await rung.wait()
    alarm.cancel()
    await asyncio.gather(alarm, return_exceptions=True)


async def test_an_alarm_that_has_ended_hears_no_more_of_the_clock() -> None:
    clock, rings = Clock(speed=0), []

    async def drain() -> float | None:
        rings.append(clock.now())
        return None

    alarm = asyncio.create_task(Alarm(clock, drain).run())
    await asyncio.sleep(0)
    alarm.cancel()
    await asyncio.gather(alarm, return_exceptions=True)
    before = list(rings)
    clock.move_on(60)
    await asyncio.sleep(0)
    assert rings == before
