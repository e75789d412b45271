"""What strangers may send: nothing of it raises what nobody handles, moves another's session or is logged."""

import pytest

from tests.hostile import storm


@pytest.mark.parametrize("webhook", [True, False], ids=["webhook", "polling"])
async def test_hostile_updates_are_taken_given_up_or_turned_away(sqlite_url: str, webhook: bool) -> None:
    counts = await storm(sqlite_url, 400, webhook=webhook)
    assert counts["updates"] == 400
    assert counts["unreadable"]
