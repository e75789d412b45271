"""The coach's clock, and the alarm that wakes the coach when something is due.

`Clock` is the only source of the current time. It runs in real time, faster, or stands still, and changes to
the system's clock do not move it. `Alarm` uses APScheduler to wake up at the next due time. Due times must
never be kept here: the database has them, so that a crash cannot lose them.
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

POLL_INTERVAL = 1.0
"""Real seconds after which the alarm checks what is due even if nothing has woken it."""


async def happens(event: asyncio.Event, within: float | None) -> None:
    """Wait for the event, but at most `within` real seconds (None: no limit). A timeout raises nothing.

    `asyncio.wait_for` would not do: in Python 3.11 it loses a cancellation that arrives with the event.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()


def uptime() -> float:
    """Return the seconds since some moment, on a clock that nobody can set.

    On Linux, time during which the machine is suspended counts too.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """The coach's clock. It advances `speed` seconds in each real second; at speed 0 it stands still.

    It starts from the wall clock, in seconds since 1970, so that a restart at the same speed continues where
    it was. The wall clock is read only once, so that a change to it cannot delay a massage under way.
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
        """Return the time in seconds. At speed 1, it counts from 1970."""
        return self._base + (self._ticks() - self._ticks_base) * self.speed

    def until(self, when: float) -> float | None:
        """Return the real seconds until the time `when`, negative if it has passed; None at speed 0."""
        return (when - self.now()) / self.speed if self.speed else None

    def skip(self, seconds: float) -> None:
        """Skip `seconds`. A negative number does nothing."""
        self._rebase(self.now() + max(0.0, seconds), self.speed)

    def set_speed(self, speed: float) -> None:
        """Change the speed, from now on."""
        self._rebase(self.now(), speed)

    def _rebase(self, now: float, speed: float) -> None:
        self._base, self._ticks_base, self.speed = now, self._ticks(), speed
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in tuple(self._listeners):
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each skip or change of speed; return the function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed on this clock, also if it skips or changes its speed meanwhile."""
        end = self.now() + seconds
        while self.now() < end:
            await happens(self._changed, within=self.until(end))


class Alarm:
    """Calls `drain` whenever something is due.

    `drain` handles all that is due, and returns when something is due next; None if nothing is known.
    """

    def __init__(self, clock: Clock, drain: Callable[[], Awaitable[float | None]]) -> None:
        self._clock = clock
        self._drain = drain
        self._next: float | None = None
        """The time for which the scheduler is set, on the coach's clock."""
        self._woken = asyncio.Event()
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    async def run(self) -> None:
        """Run until cancelled."""
        self._scheduler.start()
        unsubscribe = self._clock.on_change(self._woken.set)
        try:
            while True:
                self._woken.clear()
                await self._drain_and_arm()
                await happens(self._woken, within=POLL_INTERVAL)
        finally:
            unsubscribe()
            self._scheduler.shutdown(wait=False)

    def pull(self, due_at: float | None) -> None:
        """Wake up at `due_at` if that is earlier than planned; a later time or None changes nothing."""
        if due_at is not None and (self._next is None or due_at < self._next):
            self._arm(due_at)

    async def _drain_and_arm(self) -> None:
        """Drain, then plan the next wake-up, unless `pull` has meanwhile planned an earlier one."""
        self._next = None
        try:
            self.pull(await self._drain())
        except Exception:
            log.exception("looking for what is due failed; trying again in %.0f s", POLL_INTERVAL)

    def _arm(self, when: float) -> None:
        self._next = when
        wait = self._clock.until(when)
        if wait is None or not self._scheduler.running:
            return
        try:
            run_date = datetime.now(UTC) + timedelta(seconds=wait)
        except OverflowError:
            return  # too far off for a datetime; polling will plan it when it is nearer
        # Replacing the job under one id would not do: APScheduler skips a job whose id is just being run.
        self._scheduler.remove_all_jobs()
        # With a misfire_grace_time, APScheduler would skip a wake-up that is a second late.
        self._scheduler.add_job(self._wake, DateTrigger(run_date), misfire_grace_time=None)

    async def _wake(self) -> None:
        """Let `run` continue. This is a coroutine because APScheduler runs plain functions in threads."""
        self._woken.set()
