"""Rate limits: Telegram's limits on what the bot sends, and the bot's own limits on what people send.

A message of low priority, such as an edit that only removes old buttons, is called cosmetic here. No function
here reads a clock: the caller passes `now`, in seconds on any clock that never goes backwards. This module
must not wait or send anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.backoff import Hold, backoff

CHAT_BURST_SECONDS = 4.0
"""The largest burst of messages to one chat, given as the seconds it takes at the normal rate. At Telegram's
one message per second, 4 s allow 4 messages at once."""
TOTAL_BURST_SECONDS = 1 / 3
"""The largest burst of messages to all chats together, given as the seconds it takes at the normal rate. At
Telegram's 30 messages per second, 1/3 s allows 10 messages at once."""
EDITS_PER_MESSAGE = 1 / 3
"""How many edits a chat may get for each message that its rate limit allows. Telegram accepts about 20 edits
a minute in a chat, and 60 messages."""
EDIT_BURST_SECONDS = 30.0
"""The largest burst of edits for one chat, given as the seconds it takes at the normal rate. At one edit per
3 s, 30 s allow 10 edits at once."""
COSMETIC_SHARE = 0.5
"""How full a token bucket must be, as a fraction of its maximum, before a cosmetic message may take a token
from the bucket."""
MAX_SLOW_BACKOFF = 30.0
"""The longest wait, in seconds, before another try to send a message that Telegram may have accepted. The
first waits are 1, 4 and 16 s."""
OUTAGE_CHATS = 3
"""If messages to this many chats have failed since the last success, all chats have to wait."""
ROUNDING = 1e-3
"""A bucket with slightly less than one token still gives a token, if no more than this fraction of a token is
missing. So a rounding error never causes a wait."""
FORGET_FAILURES_AFTER = 60.0
"""How many seconds after the end of a chat's hold (its wait after a failure) the chat's failures are
forgotten. Failures that are forgotten do not make the chat's next hold longer."""
MIN_SWEEP_SIZE = 256
"""Full buckets are removed from memory only if more buckets than this are stored."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate limit: `per_second` on average, and at most `burst` at once. `burst` is at least 1."""

    per_second: float
    burst: float


class Buckets:
    """Token buckets with the same rate, one for each key.

    Each message takes a token from a bucket. A bucket gets `rate.per_second` new tokens per second, until it
    contains `rate.burst`. A bucket is stored as the time at which it will be full again. Full buckets need
    not be stored.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: dict[int, float] = {}
        self._sweep_above = MIN_SWEEP_SIZE

    def __len__(self) -> int:
        return len(self._full_at)

    def tokens(self, key: int, now: float) -> float:
        """Return how many tokens the bucket contains.

        The number is negative if more tokens were taken than the bucket contained.
        """
        return self._rate.burst - max(0.0, self._full_at.get(key, now) - now) * self._rate.per_second

    def wait(self, key: int, now: float, share: float = 0.0) -> float:
        """Return the seconds until the bucket contains a token, and at least `share` of its burst."""
        missing = max(1.0, share * self._rate.burst) - self.tokens(key, now)
        return missing / self._rate.per_second if missing > ROUNDING else 0.0

    def take(self, key: int, now: float) -> None:
        """Take a token, even if the bucket contains none."""
        self._full_at[key] = max(now, self._full_at.get(key, now)) + 1 / self._rate.per_second
        if len(self._full_at) > self._sweep_above:
            self._sweep(now)
            self._sweep_above = max(MIN_SWEEP_SIZE, 2 * len(self._full_at))

    def try_take(self, key: int, now: float) -> bool:
        """Take a token if the bucket contains one. Return whether a token was taken."""
        if self.wait(key, now):
            return False
        self.take(key, now)
        return True

    def drain(self, key: int, now: float) -> None:
        """Empty the bucket."""
        self._full_at[key] = now + self._rate.burst / self._rate.per_second

    def waits(self, now: float) -> dict[int, float]:
        """Return the seconds until each empty bucket contains a token again, by key."""
        self._sweep(now)
        return {key: wait for key in self._full_at if (wait := self.wait(key, now))}

    def _sweep(self, now: float) -> None:
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}


class Pacing:
    """Decides when a message may be sent, according to Telegram's rate limits and latest errors.

    Each message takes a token from its chat's bucket and one from the bucket for all chats. An edit also
    takes one from its chat's bucket for edits. A cosmetic message is sent only while each of these buckets is
    at least half full, so that it never delays other messages. After an error, the chat is put on hold:
    nothing is sent to it for a while.
    """

    def __init__(self, total: float, chat: float) -> None:
        """Set the rate limits.

        `total` is the number of messages per second to all chats together, `chat` the number to one chat.
        """
        edits = chat * EDITS_PER_MESSAGE
        self._total = Buckets(Rate(total, max(1.0, total * TOTAL_BURST_SECONDS)))
        self._chats = Buckets(Rate(chat, max(1.0, chat * CHAT_BURST_SECONDS)))
        self._edits = Buckets(Rate(edits, max(1.0, edits * EDIT_BURST_SECONDS)))
        self._holds: dict[int, Hold] = {}
        self._failing: set[int] = set()
        self._outage = Hold()

    def room(self, now: float) -> int:
        """Return how many messages may be sent right now, each to a different chat."""
        return int(self._total.tokens(0, now) + ROUNDING) if now >= self._outage.until else 0

    def has_spare_capacity(self, now: float) -> bool:
        """Return whether the rate limit for all chats together allows cosmetic messages now."""
        return now >= self._outage.until and not self._total.wait(0, now, COSMETIC_SHARE)

    def wait(self, chat: int, now: float, *, edit: bool, cosmetic: bool) -> float:
        """Return the seconds until a message may be sent to the chat; 0 if it may be sent now."""
        share = COSMETIC_SHARE if cosmetic else 0.0
        held = max(self._outage.until, self._holds.get(chat, Hold()).until) - now
        waits = [held, self._total.wait(0, now, share), self._chats.wait(chat, now, share)]
        return max(0.0, *waits, self._edits.wait(chat, now, share) if edit else 0.0)

    def spend(self, chat: int, now: float, *, edit: bool) -> None:
        """Count a message that is about to be sent."""
        self._total.take(0, now)
        self._chats.take(chat, now)
        if edit:
            self._edits.take(chat, now)

    def blocked(self, now: float) -> set[int]:
        """Return the chats to which nothing can be sent now."""
        held = {chat for chat, hold in self._holds.items() if hold.until > now}
        return held | self._chats.waits(now).keys()

    def next_change(self, now: float) -> float | None:
        """Return the seconds until the next wait ends, after which more may be sent; None without a wait."""
        return min(filter(lambda wait: wait > 0, self._waits(now)), default=None)

    def _waits(self, now: float) -> Iterable[float]:
        if self._outage.until > now:
            return [self._outage.until - now]
        holds = (hold.until - now for hold in self._holds.values())
        buckets = (bucket.waits(now).values() for bucket in (self._chats, self._edits))
        return [self._total.wait(0, now), *holds, *(wait for waits in buckets for wait in waits)]

    def succeeded(self, chat: int) -> None:
        """Note that Telegram can be reached, because it has accepted or refused a message to the chat.

        This ends the chat's hold, and the hold of all chats.
        """
        self._holds.pop(chat, None)
        self._failing.clear()
        self._outage = Hold()

    def rate_limited(self, chat: int, seconds: float, now: float) -> None:
        """Put the chat on hold for `seconds`, because Telegram answered a message with error 429.

        If OUTAGE_CHATS chats have failed since the last success, put all chats on hold.
        """
        self._hold(chat, Hold(now + seconds, self._holds.get(chat, Hold()).tries), now)
        if self._is_outage():
            self._outage = Hold(max(self._outage.until, now + seconds), self._outage.tries)

    def failed(self, chat: int, now: float, *, slowly: bool = False) -> None:
        """Put the chat on hold, because Telegram did not answer a message, or answered with error 5xx.

        The hold becomes longer with each failure in a row. If OUTAGE_CHATS chats have failed since the last
        success, put all chats on hold. Set `slowly` if Telegram may have accepted the message: the hold is
        then longer, because the message could arrive twice if it is sent again.
        """
        hold = self._holds.get(chat, Hold())
        least = min(MAX_SLOW_BACKOFF, 4.0**hold.tries) if slowly else 0.0
        self._hold(chat, _next_hold(hold, now, least), now)
        # A call that began before the outage was noticed must not make the outage's hold longer.
        if self._is_outage() and now >= self._outage.until:
            self._outage = _next_hold(self._outage, now)

    def _is_outage(self) -> bool:
        return len(self._failing) >= OUTAGE_CHATS

    def _hold(self, chat: int, hold: Hold, now: float) -> None:
        self._failing.add(chat)
        remembered = now - FORGET_FAILURES_AFTER
        self._holds = {c: h for c, h in self._holds.items() if h.until > remembered} | {chat: hold}


def _next_hold(hold: Hold, now: float, least: float = 0.0) -> Hold:
    """Return the hold after one more failure. It lasts at least `least` seconds."""
    return Hold(now + max(least, backoff(hold.tries)), hold.tries + 1)
