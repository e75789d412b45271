"""Small reference pictures, with which the tests compare new drawings.

    python -m tests.goldens

draws the reference pictures again. Look at them before you commit them.
"""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PIL import Image

from bot.media.pictures import making
from bot.media.pictures.making import Picture
from bot.routine.model import Routine, Side, Tone, parts
from tests.stage import LIBRARY

FOLDER = Path(__file__).parent / "golden"
SIZE = (144, 144)
BACK, NECK = LIBRARY.routines["back"], LIBRARY.routines["neck-and-shoulders"]


@cache
def made(picture: Picture) -> bytes:
    """Return the picture's file. Each picture is drawn only once in a run of the tests."""
    return picture.make()


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(made(picture))).convert("RGB")


def _still(routine: Routine, number: int, part: int = 0, *knots: str) -> Picture:
    return making.still(routine, parts(routine, number, knots)[part], Side.LEFT, Tone.MEDIUM)


GOLDEN: dict[str, Callable[[], Picture]] = {
    "lying-down": lambda: _still(BACK, 1),
    "long-strokes": lambda: _still(BACK, 2),
    "heel-circles": lambda: _still(BACK, 3),
    "fingertips": lambda: _still(BACK, 4),
    "thumbs": lambda: _still(BACK, 5),
    "forearms": lambda: _still(BACK, 6),
    "knot": lambda: _still(BACK, 7, 0, "middle-left"),
    "tapping": lambda: _still(BACK, 8, -1),
    "squeezing": lambda: _still(NECK, 2),
    "neck": lambda: _still(NECK, 4),
    "knot-map": lambda: making.knot_map({"upper-left": True, "centre": False}, Tone.DEEP),
    "end-card": lambda: making.end_card(BACK, 8, 25, 3, 2, Tone.LIGHT),
}


def small(picture: Picture) -> Image.Image:
    return opened(picture).resize(SIZE, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for name, picture in GOLDEN.items():
        small(picture()).save(FOLDER / f"{name}.png", optimize=True)
