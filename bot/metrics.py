"""What is counted while the coach runs, for Prometheus to fetch.

Numbers only: no chat, no name, no word anybody wrote, no address, nothing secret may ever be a label here.
"""

import logging
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

LATENESS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Seconds, the upper ends of the histogram's buckets: from unnoticed to "Still there?"."""


class Metrics:
    """One coach's figures, apart from any other's in the same process. Times are seconds."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._live = Gauge("coach_live_sessions", "Sessions in which something is due", registry=registry)
        self._waiting = Gauge("coach_outbox_messages", "Messages waiting to be sent", registry=registry)
        self._lateness = Histogram(
            "coach_cue_lateness_seconds",
            "From the moment a cue was due to its commit, on the coach's clock",
            buckets=LATENESS,
            registry=registry,
        )
        self._calls = Counter(
            "coach_telegram_calls",
            "Messages, edits and callback answers by what came of them: ok, 400, 403, 429, or failed",
            ["method", "outcome"],
            registry=registry,
        )
        self._updates = Counter(
            "coach_updates", "Updates that came in, and those dropped as a flood", ["fate"], registry=registry
        )
        self._heard = Gauge(
            "coach_telegram_heard_timestamp_seconds", "When Telegram last said anything", registry=registry
        )
        self._errors = Counter("coach_errors", "Errors written to the log", registry=registry)
        self.heard_at: float | None = None
        """When Telegram last said anything, in seconds since 1970."""

    def cue_committed(self, lateness: float) -> None:
        self._lateness.observe(max(0.0, lateness))

    def called(self, method: str, error: TelegramError | None = None) -> None:
        """Count a call of the Bot API, and what came of it."""
        outcome = _outcome(error)
        self._calls.labels(method, outcome).inc()
        if outcome != "failed":
            self.heard()

    def came(self, fate: str) -> None:
        """Count an update: "handled" or "dropped"."""
        self._updates.labels(fate).inc()

    def heard(self) -> None:
        self.heard_at = time.time()
        self._heard.set(self.heard_at)

    def exposed(self, live: int, waiting: int) -> bytes:
        """All figures as Prometheus reads them, with these two counted just now."""
        self._live.set(live)
        self._waiting.set(waiting)
        return generate_latest(self._registry)

    def watching(self) -> logging.Handler:
        """A handler that counts the errors logged."""
        return _Errors(self._errors)


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


class _Errors(logging.Handler):
    def __init__(self, counter: Counter) -> None:
        super().__init__(logging.ERROR)
        self._counter = counter

    def emit(self, record: logging.LogRecord) -> None:
        self._counter.inc()
