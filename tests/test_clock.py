"""The clock: one source of now, whose speed can change while others wait on it."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import Clock

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
