"""Metrics for Prometheus.

A label must not contain a chat id, a name, words that somebody wrote, an address or a secret.
"""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

LATENESS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""The upper limits of the lateness histogram's buckets, in seconds. They reach from a delay that nobody
notices to one after which the coach asks "Still there?"."""


class Metrics:
    """The metrics of one coach, in a registry of its own, so that one process can run several coaches."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._live = Gauge("coach_live_sessions", "Sessions in which something is due", registry=registry)
        self._waiting = Gauge("coach_outbox_messages", "Messages waiting to be sent", registry=registry)
        self._lateness = Histogram(
            "coach_cue_lateness_seconds",
            "From the moment a cue was due to its commit, on the coach's clock",
            buckets=LATENESS_BUCKETS,
            registry=registry,
        )
        self._calls = Counter(
            "coach_telegram_calls",
            "Messages, edits and callback answers by outcome: ok, 400, 403, 429, or failed",
            ["method", "outcome"],
            registry=registry,
        )
        self._updates = Counter(
            "coach_updates", "Updates that were handled, or dropped as a flood", ["fate"], registry=registry
        )
        self._heard = Gauge(
            "coach_telegram_heard_timestamp_seconds", "When Telegram last responded", registry=registry
        )
        self._errors = Counter("coach_errors", "Errors written to the log", registry=registry)
        self.heard_at: float | None = None
        """When Telegram last responded, in seconds since 1970, or None if Telegram has never responded."""

    def cue_committed(self, lateness: float) -> None:
        """Count a cue.

        `lateness` is how long after its due time the cue was committed, in seconds on the coach's clock.
        """
        self._lateness.observe(max(0.0, lateness))

    def called(self, method: str, error: TelegramError | None = None) -> None:
        """Count a call to the Bot API by its outcome. `error` is None if the call succeeded."""
        outcome = _outcome(error)
        self._calls.labels(method, outcome).inc()
        if outcome != "failed":
            self.heard()

    def came(self, fate: str) -> None:
        """Count an update. `fate` is "handled" or "dropped"."""
        self._updates.labels(fate).inc()

    def heard(self) -> None:
        """Record that Telegram has just responded."""
        self.heard_at = time.time()
        self._heard.set(self.heard_at)

    def as_text(self, live: int, waiting: int) -> bytes:
        """Return all metrics in Prometheus's text format.

        `live` is the number of sessions in which something is due, `waiting` the number of messages to send.
        """
        self._live.set(live)
        self._waiting.set(waiting)
        return generate_latest(self._registry)

    def watching(self) -> logging.Handler:
        """Return a log handler that counts the errors that are logged."""
        return _ErrorCounter(self._errors)


def _outcome(error: TelegramError | None) -> str:
    match error:
        case None:
            return "ok"
        case RetryAfter():
            return "429"
        case Forbidden():
            return "403"
        case BadRequest():
            return "400"
        case _:
            return "failed"


class _ErrorCounter(logging.Handler):
    def __init__(self, counter: Counter) -> None:
        super().__init__(logging.ERROR)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        self._counter.inc()
