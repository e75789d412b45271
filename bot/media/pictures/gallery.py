"""Pictures as files, each made once: its name is the key of all it depends on.

Must never be waited for by a step: look with `find`, and let `make` run off the event loop.
"""

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL import Image

from bot.media.pictures import body, making, paint
from bot.media.pictures import catalogue as named
from bot.media.pictures.figure import INK
from bot.media.pictures.making import Picture
from bot.routine.model import Library, Part, Routine, Side, Tone, Turn, parts

COLUMNS, TILE = 6, 220
"""Of the contact sheet: tiles in a row, and pixels of a tile."""


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
            self.folder.mkdir(parents=True, exist_ok=True)  # before the work, or it could be for nothing
            made = picture.make()
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                file.write(made)
            os.replace(file.name, path)
        return path


def every_part(routine: Routine) -> Iterator[Part]:
    """All that can be worked: each part, and each spot that can be marked."""
    for number, step in enumerate(routine.steps, 1):
        yield from parts(routine, number)
        if step.each_knot:
            yield from parts(routine, number, list(body.SPOTS))


def every_picture(library: Library, tone: Tone) -> list[Picture]:
    """Whatever can be made ahead, each once."""
    found = [named.picture(each, library) for each in named.ahead(library, tone)]
    found += [making.cover(routine, tone) for routine in library.routines.values()]
    return list(dict.fromkeys(found))


def contact_sheet(gallery: Gallery, library: Library, tone: Tone) -> bytes:
    """All stills of all routines, for a giver who begins on the left, and examples of cards."""
    shown = [
        making.still(routine, part, Side.RIGHT if part.turn is Turn.FAR_AFTER_WALKING else Side.LEFT, tone)
        for routine in library.routines.values()
        for part in every_part(routine)
    ]
    shown += examples(library, tone)
    return _tiled([gallery.make(picture) for picture in dict.fromkeys(shown)])


def examples(library: Library, tone: Tone) -> list[Picture]:
    """A first stroke on other skins, knots marked and eased, what ends each routine and what covers it."""
    first, *others = body.SPOTS
    default = library.default
    stroke = next(part for part in every_part(default) if part.step.technique)
    skins = [making.still(default, stroke, Side.LEFT, other) for other in Tone if other is not tone]
    marked = [dict.fromkeys([first, *others[2:5]], False), {first: True, others[2]: True, others[4]: False}]
    found = [*skins, *(making.knot_map(knots, tone) for knots in marked)]
    for routine in library.routines.values():
        minutes = round(routine.total_time / 60)
        found.append(making.end_card(routine, len(routine.steps), minutes, 3, 2, tone))
        found.append(making.cover(routine, tone))
    return found


def _tiled(files: Sequence[Path]) -> bytes:
    rows = math.ceil(len(files) / COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * TILE), INK)
    for i, file in enumerate(files):
        with Image.open(file) as picture:
            small = picture.convert("RGB").resize((TILE, TILE), Image.Resampling.LANCZOS)
        sheet.paste(small, (i % COLUMNS * TILE, i // COLUMNS * TILE))
    return paint.png(sheet)
