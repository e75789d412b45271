"""Rate limits: Telegram's for what the bot sends, and the bot's own for what people send.

Pure: the caller passes `now`, in seconds on any clock that never goes backwards. Must never wait or send.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.backoff import Hold, backoff

CHAT_BURST_SECONDS = 4.0
"""Seconds' worth of messages that one chat may be sent at once: 4 messages at Telegram's 1/s."""
TOTAL_BURST_SECONDS = 1 / 3
"""Seconds' worth of messages that all chats together may be sent at once: 10 at Telegram's 30/s."""
EDITS_PER_MESSAGE = 1 / 3
"""Edits that a chat may be sent for each message that it may be sent: Telegram takes some 20 a minute."""
EDIT_BURST_SECONDS = 30.0
"""Seconds' worth of edits that one chat may be sent at once: 10 edits."""
COSMETIC_SHARE = 0.5
"""The share of its tokens that a bucket must hold before a cosmetic message may draw on it."""
MAX_SLOW_BACKOFF = 30.0
"""Seconds at most before a retry of what may have been taken; the first waits are 1, 4 and 16 s."""
OUTAGE_CHATS = 3
"""Chats that fail one after the other, with no success between them, before all chats have to wait."""
ROUNDING = 1e-3
"""A token may lack this much and still count, so that a rounding error never adds a wait."""
FORGET_FAILURES_AFTER = 60.0
"""Seconds after the end of a chat's hold at which its failures no longer make the next hold longer."""
MIN_SWEEP_SIZE = 256
"""Buckets are searched for full ones only when there are more than this many."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate limit: `per_second` in the long run, and at most `burst` (1 or more) at once."""

    per_second: float
    burst: float


class Buckets:
    """A token bucket for each key, all with the same rate.

    A bucket is stored as the time at which it is full again. Full buckets are forgotten.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[int, float] = {}
        self._sweep_above = MIN_SWEEP_SIZE

    def __len__(self) -> int:
        return len(self._full_at)

    def tokens(self, key: int, now: float) -> float:
        """Return how many tokens the bucket holds; negative if more were taken than it held."""
        return self._rate.burst - max(0.0, self._full_at.get(key, now) - now) * self._rate.per_second

    def wait(self, key: int, now: float, share: float = 0.0) -> float:
        """Return the seconds until the bucket holds a token, and at least this share of its burst."""
        missing = max(1.0, share * self._rate.burst) - self.tokens(key, now)
        return missing / self._rate.per_second if missing > ROUNDING else 0.0

    def take(self, key: int, now: float) -> None:
        """Take a token, even if there is none."""
        self._full_at[key] = max(now, self._full_at.get(key, now)) + 1 / self._rate.per_second
        if len(self._full_at) > self._sweep_above:
            self._sweep(now)
            self._sweep_above = max(MIN_SWEEP_SIZE, 2 * len(self._full_at))

    def try_take(self, key: int, now: float) -> bool:
        """Take a token if there is one. Return whether there was."""
        if self.wait(key, now):
            return False
        self.take(key, now)
        return True

    def drain(self, key: int, now: float) -> None:
        """Take all tokens."""
        self._full_at[key] = now + self._rate.burst / self._rate.per_second

    def waits(self, now: float) -> dict[int, float]:
        """Return the seconds until there is a token again, for each key without one."""
        self._sweep(now)
        return {key: wait for key in self._full_at if (wait := self.wait(key, now))}

    def _sweep(self, now: float) -> None:
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}


class Pacing:
    """When a message may be sent, given Telegram's rate limits and its latest errors.

    A message takes a token from its chat's bucket and from the one for all chats, an edit also one from its
    chat's bucket for edits. A cosmetic message is sent only while each of these is at least half full, so
    that it never delays one that matters.
    """

    def __init__(self, total: float, chat: float) -> None:
        """`total` is the messages a second to all chats together, `chat` to any one of them."""
        edits = chat * EDITS_PER_MESSAGE
        self._total = Buckets(Rate(total, max(1.0, total * TOTAL_BURST_SECONDS)))
        self._chats = Buckets(Rate(chat, max(1.0, chat * CHAT_BURST_SECONDS)))
        self._edits = Buckets(Rate(edits, max(1.0, edits * EDIT_BURST_SECONDS)))
        self._holds: dict[int, Hold] = {}
        self._failing: set[int] = set()
        self._outage = Hold()

    def room(self, now: float) -> int:
        """Return how many messages may be sent at once now, each to a different chat."""
        return int(self._total.tokens(0, now) + ROUNDING) if now >= self._outage.until else 0

    def has_spare_capacity(self, now: float) -> bool:
        """Return whether cosmetic messages may be sent now."""
        return now >= self._outage.until and not self._total.wait(0, now, COSMETIC_SHARE)

    def wait(self, chat: int, now: float, *, edit: bool, cosmetic: bool) -> float:
        """Return the seconds until a message may be sent to the chat; 0 if it may be sent now."""
        share = COSMETIC_SHARE if cosmetic else 0.0
        held = max(self._outage.until, self._holds.get(chat, Hold()).until) - now
        waits = [held, self._total.wait(0, now, share), self._chats.wait(chat, now, share)]
        return max(0.0, *waits, self._edits.wait(chat, now, share) if edit else 0.0)

    def spend(self, chat: int, now: float, *, edit: bool) -> None:
        """Count a message that is being sent."""
        self._total.take(0, now)
        self._chats.take(chat, now)
        if edit:
            self._edits.take(chat, now)

    def blocked(self, now: float) -> set[int]:
        """Return the chats that nothing can be sent to now."""
        held = {chat for chat, hold in self._holds.items() if hold.until > now}
        return held | self._chats.waits(now).keys()

    def next_change(self, now: float) -> float | None:
        """Return the seconds until something may be sent that may not be now; None if nothing waits."""
        return min(filter(lambda wait: wait > 0, self._waits(now)), default=None)

    def _waits(self, now: float) -> Iterable[float]:
        if self._outage.until > now:
            return [self._outage.until - now]
        holds = (hold.until - now for hold in self._holds.values())
        buckets = (bucket.waits(now).values() for bucket in (self._chats, self._edits))
        return [self._total.wait(0, now), *holds, *(wait for waits in buckets for wait in waits)]

    def succeeded(self, chat: int) -> None:
        """Telegram accepted or rejected a message to the chat: end its hold, and any outage."""
        self._holds.pop(chat, None)
        self._failing.clear()
        self._outage = Hold()

    def rate_limited(self, chat: int, seconds: float, now: float) -> None:
        """Telegram answered 429: hold the chat for so many seconds. If several failed in a row, hold all."""
        self._hold(chat, Hold(now + seconds, self._holds.get(chat, Hold()).tries), now)
        if self._is_outage():
            self._outage = Hold(max(self._outage.until, now + seconds), self._outage.tries)

    def failed(self, chat: int, now: float, *, slowly: bool = False) -> None:
        """Telegram did not answer, or with a 5xx: hold the chat, longer after each failure in a row.

        If several chats failed in a row, hold all. `slowly` waits longer still: the message may have been
        taken, and would then arrive twice.
        """
        hold = self._holds.get(chat, Hold())
        least = min(MAX_SLOW_BACKOFF, 4.0**hold.tries) if slowly else 0.0
        self._hold(chat, _next_hold(hold, now, least), now)
        # A call that was under way before the outage was noticed must not make its hold longer.
        if self._is_outage() and now >= self._outage.until:
            self._outage = _next_hold(self._outage, now)

    def _is_outage(self) -> bool:
        return len(self._failing) >= OUTAGE_CHATS

    def _hold(self, chat: int, hold: Hold, now: float) -> None:
        self._failing.add(chat)
        remembered = now - FORGET_FAILURES_AFTER
        self._holds = {c: h for c, h in self._holds.items() if h.until > remembered} | {chat: hold}


def _next_hold(hold: Hold, now: float, least: float = 0.0) -> Hold:
    """Return the hold after one more failure, of at least so many seconds."""
    return Hold(now + max(least, backoff(hold.tries)), hold.tries + 1)
