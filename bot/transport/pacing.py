"""How often a thing may be done: Telegram's rates for what we send, ours for what a person sends.

Pure: `now` is passed in, in seconds of whatever clock the caller keeps, as long as it never goes backwards.
Nothing here waits, sends, or knows what is being counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.backoff import Hold, backoff

CHAT_BURST = 4.0
"""Seconds' worth that one chat may be sent at once, after a silence: 4 messages at Telegram's 1/s."""
TOTAL_BURST = 1 / 3
"""Seconds' worth that all chats together may be sent at once: 10 messages at Telegram's 30/s."""
EDITS = 1 / 3
"""Edits to each message that a chat may be sent: Telegram takes some 20 a minute."""
EDITS_BURST = 30.0
"""Seconds' worth of edits that one chat may be sent at once: 10 of them."""
SLOWEST = 30.0
"""Seconds at most before another try of what may have been taken: 1, 4 and 16 come first."""
ALL_REFUSED = 3
"""Chats that fail in a row, nothing going through between them, before the trouble counts as everybody's."""
NEARLY = 1e-3
"""So little of a token may be missing: rounding must not make a second wait out of one."""
FORGIVEN_AFTER = 60.0
"""Seconds after a hold's end at which a chat's failures are forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and at most `burst` (1 or more) at once."""

    per_second: float
    burst: float


class Buckets:
    """A token bucket for each key, kept as the moment at which it is full again; full ones are forgotten."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[int, float] = {}
        self._sweep_above = 256

    def __len__(self) -> int:
        return len(self._full_at)

    def level(self, key: int, now: float) -> float:
        """How many tokens there are."""
        return self._rate.burst - max(0.0, self._full_at.get(key, now) - now) * self._rate.per_second

    def wait(self, key: int, now: float, share: float = 0.0) -> float:
        """Seconds until there is a token, and that `share` of all that it holds."""
        missing = max(1.0, share * self._rate.burst) - self.level(key, now)
        return missing / self._rate.per_second if missing > NEARLY else 0.0

    def take(self, key: int, now: float) -> None:
        self._full_at[key] = max(now, self._full_at.get(key, now)) + 1 / self._rate.per_second
        if len(self._full_at) > self._sweep_above:
            self._sweep(now)
            self._sweep_above = max(256, 2 * len(self._full_at))

    def take_if_there(self, key: int, now: float) -> bool:
        """Take a token, unless there is none."""
        if self.wait(key, now):
            return False
        self.take(key, now)
        return True

    def empty(self, key: int, now: float) -> None:
        """Take all tokens."""
        self._full_at[key] = now + self._rate.burst / self._rate.per_second

    def waits(self, now: float) -> dict[int, float]:
        """The keys without a token, and the seconds until they have one."""
        self._sweep(now)
        return {key: wait for key in self._full_at if (wait := self.wait(key, now))}

    def _sweep(self, now: float) -> None:
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}


class Pacing:
    """Telegram's rates for sending, and its refusals.

    A message draws on its chat's bucket and on everybody's, an edit on its chat's for edits too. What is
    cosmetic goes only where each of them is at least half full, so that it never delays what matters.
    """

    def __init__(self, total: float, chat: float) -> None:
        """`total`: messages a second over all chats; `chat`: to one of them."""
        self._total = Buckets(Rate(total, max(1.0, total * TOTAL_BURST)))
        self._chats = Buckets(Rate(chat, max(1.0, chat * CHAT_BURST)))
        self._edits = Buckets(Rate(chat * EDITS, max(1.0, chat * EDITS * EDITS_BURST)))
        self._holds: dict[int, Hold] = {}
        self._failing: set[int] = set()
        self._everybody = Hold()

    def room(self, now: float) -> int:
        """How many messages may go out at once now, to different chats."""
        return int(self._total.level(0, now) + NEARLY) if now >= self._everybody.until else 0

    def has_leisure(self, now: float) -> bool:
        """Whether what is cosmetic may go out now."""
        return now >= self._everybody.until and not self._total.wait(0, now, share=0.5)

    def wait(self, chat: int, now: float, *, edit: bool, cosmetic: bool) -> float:
        """Seconds until a message may go to the chat; 0 if it may now."""
        share = 0.5 if cosmetic else 0.0
        held = max(self._everybody.until, self._holds.get(chat, Hold()).until) - now
        waits = [held, self._total.wait(0, now, share), self._chats.wait(chat, now, share)]
        return max(0.0, *waits, self._edits.wait(chat, now, share) if edit else 0.0)

    def spend(self, chat: int, now: float, *, edit: bool) -> None:
        """Count a message that goes out."""
        self._total.take(0, now)
        self._chats.take(chat, now)
        if edit:
            self._edits.take(chat, now)

    def blocked(self, now: float) -> set[int]:
        """The chats to which nothing can go now."""
        held = {chat for chat, hold in self._holds.items() if hold.until > now}
        return held | self._chats.waits(now).keys()

    def next(self, now: float) -> float | None:
        """Seconds until something may go that could not now; None where nothing is held up."""
        return min(filter(lambda wait: wait > 0, self._waits(now)), default=None)

    def _waits(self, now: float) -> Iterable[float]:
        if self._everybody.until > now:
            return [self._everybody.until - now]
        holds = (hold.until - now for hold in self._holds.values())
        buckets = (bucket.waits(now).values() for bucket in (self._chats, self._edits))
        return [self._total.wait(0, now), *holds, *(wait for waits in buckets for wait in waits)]

    def went_through(self, chat: int) -> None:
        """Telegram took or read what went to the chat: it is well."""
        self._holds.pop(chat, None)
        self._failing.clear()
        self._everybody = Hold()

    def refused(self, chat: int, seconds: float, now: float) -> None:
        """A 429: nothing more to the chat for so long, or to anybody if several were refused in a row."""
        self._hold(chat, Hold(now + seconds, self._holds.get(chat, Hold()).tries), now)
        if len(self._failing) >= ALL_REFUSED:
            self._everybody = Hold(max(self._everybody.until, now + seconds), self._everybody.tries)

    def failed(self, chat: int, now: float, *, slowly: bool = False) -> None:
        """No answer, or a 5xx: wait, longer each time; everybody does if several failed in a row.

        `slowly`: it may have been taken all the same, and would then come twice.
        """
        hold = self._holds.get(chat, Hold())
        least = min(SLOWEST, 4.0**hold.tries) if slowly else 0.0
        self._hold(chat, _longer(hold, now, least), now)
        # What was under way already when the hold began says nothing new.
        if len(self._failing) >= ALL_REFUSED and now >= self._everybody.until:
            self._everybody = _longer(self._everybody, now)

    def _hold(self, chat: int, hold: Hold, now: float) -> None:
        self._failing.add(chat)
        self._holds = {c: h for c, h in self._holds.items() if h.until > now - FORGIVEN_AFTER} | {chat: hold}


def _longer(hold: Hold, now: float, least: float = 0.0) -> Hold:
    return Hold(now + max(least, backoff(hold.tries)), hold.tries + 1)
