"""Pictures as files, each made once: its name is the key of all it depends on.

Must never be waited for by a step: look with `find`, and let `make` run off the event loop.
"""

import io
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL import Image

from bot.pictures import body, making, paint
from bot.pictures.figure import Tone
from bot.pictures.making import Picture
from bot.routine import Library, Part, Routine, Side, parts


class Gallery:
    """A folder of pictures. Several processes may use one: a file is whole as soon as it is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, picture: Picture) -> Path:
        return self.folder / f"{picture.key}{picture.suffix}"

    def find(self, picture: Picture) -> Path | None:
        path = self.path(picture)
        return path if path.exists() else None

    def make(self, picture: Picture) -> Path:
        """The picture's file, made if it is not there: that takes up to some ten seconds. Raises OSError."""
        path = self.path(picture)
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                file.write(picture.make())
            os.replace(file.name, path)
        return path


def every_part(routine: Routine) -> Iterator[Part]:
    """All that can be worked: each part, and each spot that can be marked."""
    for number, step in enumerate(routine.steps, 1):
        yield from parts(routine, number)
        if step.each_knot:
            yield from parts(routine, number, list(body.SPOTS))


def every_picture(library: Library, tone: Tone) -> list[Picture]:
    """Whatever can be made ahead, each once: what goes with a part from either side, and covers."""
    found: list[Picture] = []
    for routine in library.routines.values():
        for part in every_part(routine):
            found += [making.shown(routine, part, side, tone) for side in Side]
        found.append(making.cover(routine, tone))
    return list(dict.fromkeys(found))


COLUMNS = 7
SHEET_TILE = 240


def contact_sheet(library: Library, tone: Tone) -> bytes:
    """All stills of all routines, for a giver on the left, and an example of each card, as one PNG."""
    shown = [
        making.still(routine, part, Side.LEFT, tone)
        for routine in library.routines.values()
        for part in every_part(routine)
    ]
    shown += _examples(library.default, tone)
    return _tiled([Image.open(io.BytesIO(picture.make())) for picture in dict.fromkeys(shown)])


def _examples(routine: Routine, tone: Tone) -> list[Picture]:
    marked = dict(zip(body.SPOTS, (True, False, False), strict=False))
    steps = len(routine.steps)
    return [
        making.knot_map(marked, tone),
        making.end_card(routine, steps, 25, 3, 2, tone),
        making.cover(routine, tone),
    ]


def _tiled(pictures: Sequence[Image.Image]) -> bytes:
    rows = math.ceil(len(pictures) / COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SHEET_TILE, rows * SHEET_TILE))
    for i, picture in enumerate(pictures):
        small = picture.resize((SHEET_TILE, SHEET_TILE), Image.Resampling.LANCZOS)
        sheet.paste(small, (i % COLUMNS * SHEET_TILE, i // COLUMNS * SHEET_TILE))
    return paint.png(sheet)
