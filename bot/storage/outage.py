"""Logs outages of the database. An outage causes only a few lines in the log, even if the coach tries the
database very often.
"""

import logging
import math
from collections.abc import Callable
from typing import Literal

log = logging.getLogger(__name__)

MIN_LOG_INTERVAL = 30.0
"""The shortest time, in seconds, between two warnings that the database has failed. It applies even if the
database recovers and fails again in between.
"""

Access = Literal["read", "write"]


class Outage:
    """Logs when the database becomes unavailable, and when it can be used again.

    During an outage, the warning is repeated every half minute. Failing reads and failing writes are noted
    separately, because a full disk or a lock blocks only writes. The function `now` returns the time in
    seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failing: set[Access] = set()
        self._logged_at = -math.inf
        self._is_logged = False

    def failed(self, access: Access, error: Exception) -> None:
        """Note that a read or a write has failed with `error`."""
        self._failing.add(access)
        if self._now() >= self._logged_at + MIN_LOG_INTERVAL:
            self._logged_at, self._is_logged = self._now(), True
            log.warning("%s; trying again", error)

    def worked(self, access: Access) -> None:
        """Note that a read or a write has succeeded. After a successful write, reads count as working too."""
        self._failing -= {"read"} if access == "read" else {"read", "write"}
        if self._is_logged and not self._failing:
            self._is_logged = False
            log.warning("The database can be used again.")
