"""Faults to switch on while the stand-in runs: cut connections, refusals, late replies, darkness.

Says what befalls a call; the HTTP face does it. Never sleeps and touches no socket.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """The connection breaks without an answer: before the call has had its effect, or after it if `acted`."""

    acted: bool = False


@dataclass(frozen=True)
class Fail:
    """An error instead of the call's effect: 429 with `retry_after` (seconds), or any other code.

    `said`: Telegram's description of it, where the code alone does not tell. `html`: a proxy in front of
    Telegram says so, in a page of its own; its code can be 200.
    """

    code: int = 500
    retry_after: int = 0
    said: str = ""
    html: bool = False


@dataclass(frozen=True)
class Delay:
    """The answer comes so many seconds later. The call has its effect at once, or if `held` then too."""

    seconds: float
    held: bool = False


Effect = Cut | Fail | Delay


@dataclass
class Fault:
    """An effect, and which calls it befalls. `count`: how many are left, None is no end."""

    effect: Effect
    count: int | None
    share: float
    chat_id: int | None
    method: str | None

    def meant_for(self, method: str, chat_id: int | None) -> bool:
        meant = (self.method is None or self.method.lower() == method.lower()) and self.count != 0
        return meant and self.chat_id in (None, chat_id)


class Faults:
    """The switches. `changed` is called whenever one is moved or strikes.

    Whom a share of calls befalls is drawn with a fixed `seed`.
    """

    def __init__(self, now: Callable[[], float], changed: Callable[[], None], seed: int = 0) -> None:
        self._now = now
        self._changed = changed
        self._random = random.Random(seed)
        self._dark_until = float("-inf")
        self.active: list[Fault] = []

    def on(
        self,
        effect: Effect,
        count: int | None = None,
        share: float = 1.0,
        chat_id: int | None = None,
        method: str | None = None,
        instead: Callable[[Effect], bool] = lambda effect: False,
    ) -> None:
        """Switch a fault on for the next `count` calls (None: until clear()), or for a `share` (0 to 1).

        Those whose effect `instead` is true of are switched off by it.
        """
        self.active = [fault for fault in self.active if not instead(fault.effect)]
        self.active.append(Fault(effect, count, share, chat_id, method))
        self._changed()

    def off(self, meant: Callable[[Effect], bool]) -> None:
        """Switch off the faults whose effect is `meant`."""
        self.active = [fault for fault in self.active if not meant(fault.effect)]
        self._changed()

    def dark(self, seconds: float) -> None:
        """Cut every connection, the waiting ones too, for so many seconds from now."""
        self._dark_until = self._now() + seconds
        self._changed()

    def clear(self) -> None:
        """Switch everything off."""
        self.active.clear()
        self._dark_until = float("-inf")
        self._changed()

    @property
    def dark_for(self) -> float:
        """Seconds of darkness still to come; 0 for none."""
        return max(0.0, self._dark_until - self._now())

    def strike(self, method: str, chat_id: int | None) -> tuple[Effect, ...]:
        """What befalls this call; each fault that strikes is counted down."""
        if self.dark_for:
            return (Cut(),)
        meant = [fault for fault in self.active if fault.meant_for(method, chat_id)]
        struck = [fault for fault in meant if self._random.random() < fault.share]
        for fault in struck:
            fault.count = fault.count - 1 if fault.count is not None else None
        self.active = [fault for fault in self.active if fault.count != 0]
        if struck:
            self._changed()
        return tuple(fault.effect for fault in struck)
