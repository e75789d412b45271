"""A massage, as the two of them live it."""

from tests.stage import Guest, Theatre

BACK = [
    "Step 1 of 8 · Lying down",
    "Step 2 of 8 · Long strokes",
    "Step 3 of 8 · Heel circles",
    "Step 4 of 8 · Fingertips",
    "Step 4 of 8 · Fingertips, other side",
    "Step 5 of 8 · Thumbs along the spine",
    "Step 6 of 8 · Forearms",
    "Step 7 of 8 · Knots",
    "Step 8 of 8 · Long strokes again",
    "Step 8 of 8 · Heel circles again",
    "Step 8 of 8 · Fingertips again",
    "Step 8 of 8 · Fingertips again, other side",
    "Step 8 of 8 · Tapping",
]


async def test_a_whole_massage_with_no_tap_after_the_screening(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    began = theatre.clock.now()
    while "whole massage" not in sam.last.text:
        await theatre.until_due()
    assert sam.titles == BACK
    assert theatre.clock.now() - began == 25 * 60 + 2 * 10
    sam.sees("25 minutes", "8 steps", "glass of water")


async def test_the_same_by_next_alone(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    for title in BACK:
        assert sam.last.text.startswith(title + "\n")
        await sam.taps("Next")
    sam.sees("whole massage")
    assert sam.titles == BACK
