"""An event loop that detects when the program has nothing left to do, so that no test has to sleep or poll.

The loop is at rest when no callback is ready and no thread is working. If the clock stands still, the coach
has then done everything it can do at that moment. The fake Telegram server runs in the same loop, so it has
nothing left to do either. Work of other processes is ignored.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Args = TypeVarTuple("Args")
Events = list[tuple[selectors.SelectorKey, int]]


class RestingLoop(asyncio.SelectorEventLoop):
    """The loop in which every test runs."""

    def __init__(self) -> None:
        self._working = 0
        self._skipped = 0.0
        self._children: list[asyncio.SubprocessTransport] = []
        self._until_rest: list[asyncio.Future[None]] = []
        self._until_stir: list[asyncio.Future[None]] = []
        super().__init__(_Selector(self._comes_to_rest, lambda: _release(self._until_stir)))

    def time(self) -> float:
        return super().time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Move the loop's clock forward, so that its timers end sooner. Threads do not notice."""
        self._skipped += seconds

    async def rest(self) -> None:
        """Wait until the program can do nothing before a timer ends or something arrives from outside."""
        self._until_rest.append(self.create_future())
        await self._until_rest[-1]

    async def stir(self) -> None:
        """Wait until a timer or something from outside gives the program something to do again."""
        self._until_stir.append(self.create_future())
        await self._until_stir[-1]

    async def no_child_runs(self) -> None:
        """Wait until every process that was started in this loop has ended and its pipes are closed."""
        while any(child.get_returncode() is None for child in self._children):
            await self.stir()
        await self.rest()

    async def subprocess_exec(
        self, protocol_factory: Callable[[], Any], program: Any, *args: Any, **how: Any
    ) -> tuple[asyncio.SubprocessTransport, Any]:
        """Start a process as usual, and keep it for `no_child_runs`."""
        child, protocol = await super().subprocess_exec(protocol_factory, program, *args, **how)
        self._children.append(child)
        return child, protocol

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], T], *args: *Args
    ) -> asyncio.Future[T]:
        """Run a function in a thread as usual. Until the function returns, the loop is not at rest."""
        done = super().run_in_executor(executor, func, *args)
        self._working += 1
        done.add_done_callback(self._worked)
        return done

    def _worked(self, _: object) -> None:
        self._working -= 1

    def _comes_to_rest(self) -> bool:
        """Wake the waiters for rest, unless a thread is working. Return whether there were any waiters."""
        return not self._working and _release(self._until_rest)


def running_loop() -> RestingLoop:
    """Return the loop that runs this test."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, RestingLoop)
    return loop


class _Selector(selectors.DefaultSelector):
    """Detects that the loop is about to wait, which means that no callback is ready.

    The loop calls `select` to get events from outside. It passes a `timeout` of 0 if it does not want to
    wait.
    """

    def __init__(self, comes_to_rest: Callable[[], bool], stirs: Callable[[], bool]) -> None:
        super().__init__()
        self._comes_to_rest = comes_to_rest
        self._stirs = stirs

    def select(self, timeout: float | None = None) -> Events:
        events = super().select(0)
        if not events and timeout != 0:
            if self._comes_to_rest():
                return events
            events = super().select(timeout)
        self._stirs()
        return events


def _release(waiters: list[asyncio.Future[None]]) -> bool:
    """Wake all waiters. Return whether there were any."""
    released = [waiter for waiter in waiters if not waiter.done()]
    waiters.clear()
    for waiter in released:
        waiter.set_result(None)
    return bool(released)
