"""Logs outages of the database: a few lines for each, however often the database is tried meanwhile."""

import logging
import math
from collections.abc import Callable
from typing import Literal

log = logging.getLogger(__name__)

MIN_LOG_INTERVAL = 30.0
"""Seconds between two log lines about outages, even if the database comes and goes."""

Access = Literal["read", "write"]


class Outage:
    """Logs when the database goes away, every half minute until it is back, and when it is back.

    Reading and writing count separately, because a full disk or a lock stops only writing. `now` returns
    seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failing: set[Access] = set()
        self._logged_at = -math.inf
        self._is_logged = False

    def failed(self, access: Access, error: Exception) -> None:
        """Reading or writing has failed with this error."""
        self._failing.add(access)
        if self._now() >= self._logged_at + MIN_LOG_INTERVAL:
            self._logged_at, self._is_logged = self._now(), True
            log.warning("%s; trying again", error)

    def worked(self, access: Access) -> None:
        """Reading or writing has succeeded. A database that can be written can also be read."""
        self._failing -= {"read"} if access == "read" else {"read", "write"}
        if self._is_logged and not self._failing:
            self._is_logged = False
            log.warning("The database can be used again.")
