"""The coach's clock, and the alarm that wakes the coach when something is due.

`Clock` is the only source of the current time. A clock can run at the speed of real time, slower or faster,
or stand still. Changes to the system's clock do not move it. `Alarm` uses APScheduler to wake up at the next
due time. This module must not be the only place that keeps the due times. They are stored in the database, so
that a crash cannot lose them.
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
"""Seconds of real time after which the alarm looks for what is due, even if nothing has woken it."""


async def happens(event: asyncio.Event, within: float | None) -> None:
    """Wait for the event, but at most `within` seconds of real time, or without a limit if that is None.

    A timeout raises nothing. `asyncio.wait_for` cannot be used here: in Python 3.11 it loses a cancellation
    that arrives together with the event.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()


def uptime() -> float:
    """Return the seconds since some moment in the past, on a clock that nobody can set.

    On Linux, the time during which the machine is suspended counts too.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Clock:
    """The coach's clock. It advances `speed` seconds per second of real time. At speed 0 it stands still.

    The clock starts from the system's time, in seconds since 1970, times `speed`. So after a restart at the
    same speed, the clock continues as if there had been no restart. The system's time is read only once, so
    that a change to it cannot delay a massage under way.
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
        """Return the current time in seconds. At speed 1, this is the time since 1970."""
        return self._base + (self._ticks() - self._ticks_base) * self.speed

    def until(self, when: float) -> float | None:
        """Return the seconds of real time until this clock shows the time `when`, or None at speed 0.

        The number is negative if the time has passed.
        """
        return (when - self.now()) / self.speed if self.speed else None

    def skip(self, seconds: float) -> None:
        """Move the clock forward by `seconds`. A negative number does nothing."""
        self._rebase(self.now() + max(0.0, seconds), self.speed)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._rebase(self.now(), speed)

    def _rebase(self, now: float, speed: float) -> None:
        self._base, self._ticks_base, self.speed = now, self._ticks(), speed
        self._changed.set()
        self._changed = asyncio.Event()
        for listener in tuple(self._listeners):
            listener()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each skip or change of speed. Return a function that unsubscribes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed on this clock, even if it skips or changes its speed meanwhile."""
        end = self.now() + seconds
        while self.now() < end:
            await happens(self._changed, within=self.until(end))


class Alarm:
    """Calls `drain` whenever something is due.

    `drain` must handle everything that is due, and return the time when something is due next, or None if
    that is not known.
    """

    def __init__(self, clock: Clock, drain: Callable[[], Awaitable[float | None]]) -> None:
        self._clock = clock
        self._drain = drain
        self._next: float | None = None
        """The time of the next planned wake-up, on the coach's clock. None if no wake-up is planned."""
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
        """Wake up at `due_at` if that is earlier than planned. A later time or None changes nothing."""
        if due_at is not None and (self._next is None or due_at < self._next):
            self._arm(due_at)

    async def _drain_and_arm(self) -> None:
        """Call `drain`, then plan the next wake-up, unless `pull` has planned an earlier one meanwhile."""
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
            return  # too far in the future for a datetime; `run` will plan it when it is nearer
        # The job has no fixed id, because APScheduler skips a job if another one with its id is just running.
        self._scheduler.remove_all_jobs()
        # By default, APScheduler skips a wake-up that is more than a second late; None turns this off.
        self._scheduler.add_job(self._wake, DateTrigger(run_date), misfire_grace_time=None)

    async def _wake(self) -> None:
        """Let `run` continue. This is a coroutine because APScheduler runs plain functions in threads."""
        self._woken.set()
