"""Faults that can be switched on in the fake Telegram server: cut connections, errors, delays, an outage.

This module only decides which faults affect a call; api.py applies them. It must not sleep or open a socket.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """The connection breaks without an answer.

    If `acted` is true, this happens after the call has taken effect, otherwise before.
    """

    acted: bool = False


@dataclass(frozen=True)
class Fail:
    """The call fails with an error and has no effect.

    `code` is the HTTP status. For code 429, `retry_after` is the number of seconds to wait. `said` is
    Telegram's description of the error; if it is empty, the description is the usual phrase for the code. If
    `html` is true, a proxy in front of Telegram answers with an HTML page of its own, which it can do even
    with code 200.
    """

    code: int = 500
    retry_after: int = 0
    said: str = ""
    html: bool = False


@dataclass(frozen=True)
class Delay:
    """The answer arrives `seconds` late.

    If `held` is true, the call takes effect only after the delay, otherwise before it.
    """

    seconds: float
    held: bool = False


Effect = Cut | Fail | Delay


@dataclass
class Fault:
    """An effect, and the calls that it affects.

    `count` is how many more calls are affected; None means no limit. `share` is the share of calls that are
    affected, from 0 to 1. If `chat_id` is given, only calls about that chat are affected, and if `method` is
    given, only calls to that method.
    """

    effect: Effect
    count: int | None
    share: float
    chat_id: int | None
    method: str | None

    def applies_to(self, method: str, chat_id: int | None) -> bool:
        """Return whether the fault can affect a call to this method about this chat."""
        matches = (self.method is None or self.method.lower() == method.lower()) and self.count != 0
        return matches and self.chat_id in (None, chat_id)


class Faults:
    """The faults that are switched on.

    `now` returns the current time in seconds, which decides when an outage ends. `changed` is called whenever
    a fault is switched on or off, or affects a call. `seed` is for the random choice of the calls that are
    affected by a fault with a `share` below 1.
    """

    def __init__(self, now: Callable[[], float], changed: Callable[[], None], seed: int = 0) -> None:
        self._now = now
        self._changed = changed
        self._random = random.Random(seed)
        self._outage_ends = float("-inf")
        self.active: list[Fault] = []

    def on(
        self,
        effect: Effect,
        count: int | None = None,
        share: float = 1.0,
        chat_id: int | None = None,
        method: str | None = None,
        replaces: Callable[[Effect], bool] = lambda effect: False,
    ) -> None:
        """Switch on a fault. First, switch off all faults for whose effect `replaces` returns true.

        The new fault affects a `share` (0 to 1) of the calls. It ends after it has affected `count` calls;
        None means that it does not end by itself. If `chat_id` or `method` is given, the fault affects only
        calls about this chat, or only calls to this method.
        """
        self.active = [fault for fault in self.active if not replaces(fault.effect)]
        self.active.append(Fault(effect, count, share, chat_id, method))
        self._changed()

    def off(self, matches: Callable[[Effect], bool]) -> None:
        """Switch off the faults for whose effect `matches` returns true."""
        self.active = [fault for fault in self.active if not matches(fault.effect)]
        self._changed()

    def dark(self, seconds: float) -> None:
        """Start an outage of this many seconds, which cuts every connection, including open long polls."""
        self._outage_ends = self._now() + seconds
        self._changed()

    def clear(self) -> None:
        """Switch off all faults, and end an outage."""
        self.active.clear()
        self._outage_ends = float("-inf")
        self._changed()

    @property
    def dark_for(self) -> float:
        """The seconds until the outage ends, or 0 if there is no outage."""
        return max(0.0, self._outage_ends - self._now())

    def effects_on(self, method: str, chat_id: int | None) -> tuple[Effect, ...]:
        """Return the effects of all faults that affect a call, and count the call for each of these faults.

        During an outage, the only effect is that the connection is cut.
        """
        if self.dark_for:
            return (Cut(),)
        candidates = [fault for fault in self.active if fault.applies_to(method, chat_id)]
        affecting = [fault for fault in candidates if self._random.random() < fault.share]
        for fault in affecting:
            fault.count = fault.count - 1 if fault.count is not None else None
        self.active = [fault for fault in self.active if fault.count != 0]
        if affecting:
            self._changed()
        return tuple(fault.effect for fault in affecting)
