"""One outage of the database is a few lines in the log, however often it is tried meanwhile."""

import logging
import math
from collections.abc import Callable

log = logging.getLogger(__name__)

TOLD_EVERY = 30.0
"""Seconds between two lines about an outage, also where it comes and goes."""


class Outage:
    """Logs that the database is away: at once, each half minute while that lasts, and when it is back.

    Reading and writing are told apart: a full disk or a lock stops only the second. `now` gives seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failing: set[str] = set()
        self._told_at = -math.inf
        self._is_told = False

    def failed(self, to: str, why: Exception) -> None:
        """It could not be used `to` "read" or "write"."""
        self._failing.add(to)
        if self._now() >= self._told_at + TOLD_EVERY:
            self._told_at, self._is_told = self._now(), True
            log.warning("%s; trying again", why)

    def worked(self, to: str) -> None:
        """It could be used `to` "read" or "write"; whatever can be written can be read."""
        self._failing -= {to} if to == "read" else {"read", "write"}
        if self._is_told and not self._failing:
            self._is_told = False
            log.warning("The database can be used again.")
