"""Find the picture that an attachment names, and list the pictures that messages will need or may need."""

from collections.abc import Iterator

from bot.media.pictures import body, making
from bot.media.pictures.making import Picture
from bot.routine.model import Library, Routine, Side, Tone, Turn, parts
from bot.wording.attachments import EndCard, KnotMap, PartPicture, PictureName


def picture(named: PictureName, library: Library) -> Picture:
    """Return the picture that `named` identifies.

    Raises LookupError or ValueError if the library no longer contains what the picture shows.
    """
    match named:
        case PartPicture():
            return _part_picture(named, library.routines[named.routine])
        case KnotMap(marked=marked, tone=tone):
            return making.knot_map(dict(marked), tone)
        case EndCard(steps=steps, minutes=minutes, knots=knots, eased=eased, tone=tone):
            routine = library.routines[named.routine]
            return making.end_card(routine, steps, minutes, knots, eased, tone)


def _part_picture(named: PartPicture, routine: Routine) -> Picture:
    knots = [named.knot] if named.knot else []
    part = parts(routine, named.step, knots)[named.part]
    make = making.loop_or_still if named.moves else making.still
    return make(routine, part, named.stands, named.tone)


def prefetchable(library: Library, tone: Tone) -> Iterator[PictureName]:
    """Yield the names of all pictures that can be made before a massage begins.

    First come the stills of all parts and the maps with at most one knot, then the loops. End cards and maps
    with several knots are not included, because there are too many different ones.
    """
    yield from _part_pictures(library, tone, moves=False)
    yield KnotMap((), tone)
    yield from (KnotMap(((spot, False),), tone) for spot in body.SPOTS)
    yield from _part_pictures(library, tone, moves=True)


def coming(shown: PartPicture, library: Library) -> Iterator[PartPicture]:
    """Yield the names of the pictures of a massage, from the picture `shown` to the end of the massage.

    First come the stills of all these parts, then the loops.
    """
    routine, here = library.routines[shown.routine], (shown.step, shown.part, shown.knot, shown.stands)
    for first_side in Side:
        places = list(_places(routine, first_side))
        if here in places:
            for moves in (False, True):
                for place in places[places.index(here) :]:
                    yield PartPicture(routine.id, *place, shown.tone, moves)


def _part_pictures(library: Library, tone: Tone, *, moves: bool) -> Iterator[PartPicture]:
    for routine in library.routines.values():
        for first_side in Side:
            for place in _places(routine, first_side):
                yield PartPicture(routine.id, *place, tone, moves)


def _places(routine: Routine, stands: Side) -> Iterator[tuple[int, int, str | None, Side]]:
    """Yield a tuple (step, part, knot, side of the giver) for each part of a massage.

    A part for a marked knot is included for every spot of the back, because people can mark a knot anywhere.
    `stands` is the side where the giver stands at the start of the massage.
    """
    for number, step in enumerate(routine.steps, 1):
        for i, part in enumerate(parts(routine, number)):
            if part.turn is Turn.FAR_AFTER_WALKING:
                stands = stands.other
            yield number, i, None, stands
        if step.each_knot:
            yield from ((number, 0, spot, stands) for spot in body.SPOTS)
