"""Hostile updates raise no unhandled error, change nobody else's session and leak nothing into the log."""

import pytest

from tests.hostile import storm


@pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "polling"])
async def test_hostile_updates_are_handled_dropped_or_refused(sqlite_url: str, webhook: bool) -> None:
    counts = await storm(sqlite_url, 400, webhook=webhook)
    assert counts["updates"] == 400
    assert counts["unreadable"]
