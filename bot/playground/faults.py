"""Faults that can be switched on while the stand-in runs: cut connections, errors, late replies, an outage.

This module only decides which faults affect a call; api.py applies them. It must never sleep or open a
socket.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """The connection breaks without an answer: before the call takes effect, or after it if `acted`."""

    acted: bool = False


@dataclass(frozen=True)
class Fail:
    """The call fails with an error and has no effect.

    `code` is the HTTP status; `retry_after`, in seconds, belongs to 429. `said` is Telegram's description of
    the error; if empty, the usual phrase for the code. With `html`, a proxy in front of Telegram answers
    with a page of its own, even if the code is 200.
    """

    code: int = 500
    retry_after: int = 0
    said: str = ""
    html: bool = False


@dataclass(frozen=True)
class Delay:
    """The answer comes `seconds` late. The call takes effect at once, or only after the delay if `held`."""

    seconds: float
    held: bool = False


Effect = Cut | Fail | Delay


@dataclass
class Fault:
    """An effect, and the calls that it affects.

    `count` is how many more calls it affects, None for no limit. `share` is the share of calls, from 0 to 1.
    `chat_id` and `method` restrict it to one chat and to one method, None to any.
    """

    effect: Effect
    count: int | None
    share: float
    chat_id: int | None
    method: str | None

    def applies_to(self, method: str, chat_id: int | None) -> bool:
        """Return whether the fault can affect a call of this method in this chat."""
        matches = (self.method is None or self.method.lower() == method.lower()) and self.count != 0
        return matches and self.chat_id in (None, chat_id)


class Faults:
    """The faults that are switched on.

    `changed` is called whenever a fault is switched on or off, or affects a call. `seed` decides which calls
    are affected by a fault with a share.
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
        """Switch a fault on, and switch off those whose effect `replaces` returns true for.

        It affects a `share` (0 to 1) of the calls, and ends after `count` calls; None means that it does not
        end by itself. With `chat_id` or `method` it affects only calls for this chat, or of this method.
        """
        self.active = [fault for fault in self.active if not replaces(fault.effect)]
        self.active.append(Fault(effect, count, share, chat_id, method))
        self._changed()

    def off(self, matches: Callable[[Effect], bool]) -> None:
        """Switch off the faults whose effect `matches` returns true for."""
        self.active = [fault for fault in self.active if not matches(fault.effect)]
        self._changed()

    def dark(self, seconds: float) -> None:
        """Start an outage: cut every connection for this many seconds, also those that wait for an answer."""
        self._outage_ends = self._now() + seconds
        self._changed()

    def clear(self) -> None:
        """Switch all faults off, and end an outage."""
        self.active.clear()
        self._outage_ends = float("-inf")
        self._changed()

    @property
    def dark_for(self) -> float:
        """The seconds until the outage ends; 0 if there is none."""
        return max(0.0, self._outage_ends - self._now())

    def effects_on(self, method: str, chat_id: int | None) -> tuple[Effect, ...]:
        """Return the effects of all faults on a call, and count the call against each of them."""
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
