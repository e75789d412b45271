"""The coach's time, and its alarm clock.

`Clock` is the one source of "now": real time, or faster, or stopped and moved on by hand; its speed can be
changed in mid-run, and nobody who sets the system's clock moves it. `Alarm` has APScheduler ring at the next
moment that is due. What is due is never kept here: it is a column in the database, so a crash cannot lose it,
and a lost ring costs a second at most.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Real seconds after which the alarm looks even if nothing rang."""


async def happens(event: asyncio.Event, within: float | None) -> None:
    """Wait for the event, so many real seconds at most (None: for ever).

    Not `asyncio.wait_for`: Python 3.11's loses a cancellation that arrives together with the event.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()


def uptime() -> float:
    """Seconds that nobody can set. On Linux they go on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """Seconds on the coach's clock, `speed` of them to a real second; at speed 0 it stands still.

    Its zero is that of the wall clock, so that a restart at the same speed goes on where it was. The wall
    clock is read only once, so that setting it in mid-run neither silences a massage nor makes it late.
    """

    def __init__(
        self, speed: float = 1.0, wall: Callable[[], float] = time.time, ticks: Callable[[], float] = uptime
    ) -> None:
        self.speed = speed
        self._ticks = ticks
        self._ticks_base = ticks()
        self._base = wall() * (speed or 1.0)
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        return self._base + (self._ticks() - self._ticks_base) * self.speed

    def until(self, when: float) -> float | None:
        """Real seconds until the clock shows `when`, negative if it has; None if it stands still."""
        return (when - self.now()) / self.speed if self.speed else None

    def move_on(self, seconds: float) -> None:
        """Skip `seconds`, never backwards."""
        self._rebase(self.now() + max(0.0, seconds), self.speed)

    def run_at(self, speed: float) -> None:
        """Go on from now at another speed."""
        self._rebase(self.now(), speed)

    def _rebase(self, now: float, speed: float) -> None:
        self._base, self._ticks_base, self.speed = now, self._ticks(), speed
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in tuple(self._listeners):
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever the time or its speed is changed, so that it can re-arm.

        Returns what ends that.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def sleep(self, seconds: float) -> None:
        """Until `seconds` have gone by on this clock, however it is changed meanwhile."""
        over = self.now() + seconds
        while self.now() < over:
            await happens(self._changed, within=self.until(over))


class Alarm:
    """Calls `drain` whenever a moment is due; `drain` works off what is due and returns the next moment."""

    def __init__(self, clock: Clock, drain: Callable[[], Awaitable[float | None]]) -> None:
        self._clock = clock
        self._drain = drain
        self._next: float | None = None
        self._rung = asyncio.Event()
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def run(self) -> None:
        """Until cancelled."""
        self._scheduler.start()
        unsubscribe = self._clock.on_change(self._rung.set)
        try:
            while True:
                self._rung.clear()
                await self._look()
                await happens(self._rung, within=LOOK_EVERY)
        finally:
            unsubscribe()
            self._scheduler.shutdown(wait=False)

    def pull(self, due_at: float | None) -> None:
        """Ring at `due_at` if that is earlier than what is armed; never later."""
        if due_at is not None and (self._next is None or due_at < self._next):
            self._arm(due_at)

    async def _look(self) -> None:
        """Drain, then arm what comes next, unless a commit has meanwhile pulled something earlier."""
        self._next = None
        try:
            self.pull(await self._drain())
        except Exception:
            log.exception("looking for what is due failed; trying again in %.0f s", LOOK_EVERY)

    def _arm(self, when: float) -> None:
        self._next = when
        wait = self._clock.until(when)
        if wait is None or not self._scheduler.running:
            return
        try:
            run_date = datetime.now(UTC) + timedelta(seconds=wait)
        except OverflowError:
            return  # too far off to be written as a date: some other moment comes first
        # A job under the old one's id would be skipped if that one is just being run.
        self._scheduler.remove_all_jobs()
        # Without a grace of None, a ring that comes a second late is dropped with only a log line.
        self._scheduler.add_job(self._ring, DateTrigger(run_date), misfire_grace_time=None)

    async def _ring(self) -> None:
        """A coroutine, or APScheduler would run it in a thread."""
        self._rung.set()
