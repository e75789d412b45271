"""Store pictures as files. Each picture is made only once.

The name of a file is a digest of everything that the picture depends on. `Gallery.make` takes seconds and
must not run on the event loop. `Gallery.find` is quick.
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
"""The number of pictures in a row of the contact sheet, and the width and height of each picture in
pixels."""


class Gallery:
    """A folder of pictures.

    Several processes may use the same folder at once, because each file appears in it only when it is
    complete.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, picture: Picture) -> Path:
        return self.folder / f"{picture.key}{picture.suffix}"

    def find(self, picture: Picture) -> Path | None:
        path = self.path(picture)
        return path if path.exists() else None

    def make(self, picture: Picture) -> Path:
        """Return the path of the picture's file. If the file is missing, make it, which takes up to 10 s.

        Raises OSError.
        """
        path = self.path(picture)
        if not path.exists():
            # The folder is created before the picture is drawn: if this fails, no drawing is wasted.
            self.folder.mkdir(parents=True, exist_ok=True)
            made = picture.make()
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                file.write(made)
            os.replace(file.name, path)
        return path


def every_part(routine: Routine) -> Iterator[Part]:
    """Yield all parts of the routine.

    In a step that is repeated for each marked knot, a part for each possible spot of a knot is yielded too.
    """
    for number, step in enumerate(routine.steps, 1):
        yield from parts(routine, number)
        if step.each_knot:
            yield from parts(routine, number, list(body.SPOTS))


def every_picture(library: Library, tone: Tone) -> list[Picture]:
    """Return all pictures in this skin tone that can be made before a massage begins, without duplicates."""
    found = [named.picture(each, library) for each in named.prefetchable(library, tone)]
    found += [making.cover(routine, tone) for routine in library.routines.values()]
    return list(dict.fromkeys(found))


def contact_sheet(gallery: Gallery, library: Library, tone: Tone) -> bytes:
    """Return a PNG that shows the stills of all parts of all routines, then the pictures of `examples()`.

    In the stills, the giver starts the massage on the left.
    """
    shown = [
        making.still(routine, part, Side.RIGHT if part.turn is Turn.FAR_AFTER_WALKING else Side.LEFT, tone)
        for routine in library.routines.values()
        for part in every_part(routine)
    ]
    shown += examples(library, tone)
    return _tiled([gallery.make(picture) for picture in dict.fromkeys(shown)])


def examples(library: Library, tone: Tone) -> list[Picture]:
    """Return example pictures: other skin tones, maps of knots, end cards and covers.

    These are the default routine's first stroke in each skin tone except `tone`, two maps of knots, and an
    end card and the cover for each routine.
    """
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
