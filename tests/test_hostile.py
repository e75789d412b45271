"""What strangers may send: nothing of it raises what nobody handles, or moves another's session."""

from tests.hostile import storm


async def test_hostile_updates_are_taken_given_up_or_turned_away(sqlite_url: str) -> None:
    counts = await storm(sqlite_url, 400)
    assert counts["updates"] == 400
