"""What a message names -> the picture itself, and all that can be named ahead of need."""

from collections.abc import Iterator
from itertools import product

from bot.attachments import EndCard, KnotMap, PartPicture, Seen
from bot.pictures import body, making
from bot.pictures.making import Picture
from bot.routine import Library, Routine, Side, Tone, parts


def picture(named: Seen, library: Library) -> Picture:
    """Raises LookupError or ValueError where the routine no longer has what was named."""
    match named:
        case PartPicture():
            return _of_part(named, library.routines[named.routine])
        case KnotMap(marked=marked, tone=tone):
            return making.knot_map(dict(marked), tone)
        case EndCard(steps=steps, minutes=minutes, knots=knots, eased=eased, tone=tone):
            routine = library.routines[named.routine]
            return making.end_card(routine, steps, minutes, knots, eased, tone)


def _of_part(named: PartPicture, routine: Routine) -> Picture:
    knots = [named.knot] if named.knot else []
    part = parts(routine, named.step, knots)[named.part]
    make = making.shown if named.moves else making.still
    return make(routine, part, named.stands, named.tone)


def ahead(library: Library, tone: Tone) -> Iterator[Seen]:
    """Whatever can be named that does not depend on how a massage goes, the likeliest first."""
    for moves in (True, False):
        for routine in library.routines.values():
            for (step, part, knot), stands in product(_places(routine), Side):
                yield PartPicture(routine.id, step, part, knot, stands, tone, moves)
    marks = [(), *(((spot, False),) for spot in body.SPOTS)]
    yield from (KnotMap(marked, tone) for marked in marks)


def _places(routine: Routine) -> Iterator[tuple[int, int, str | None]]:
    """All that can be worked, as step, part and knot: each part, then each spot that can be marked."""
    for step, own in enumerate(routine.steps, 1):
        yield from ((step, i, None) for i in range(len(parts(routine, step))))
        if own.each_knot:
            yield from ((step, 0, spot) for spot in body.SPOTS)
