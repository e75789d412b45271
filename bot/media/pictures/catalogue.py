"""What a message names -> the picture itself, and all that can be named ahead of need."""

from collections.abc import Iterator

from bot.media.pictures import body, making
from bot.media.pictures.making import Picture
from bot.routine.model import Library, Routine, Side, Tone, Turn, parts
from bot.wording.attachments import EndCard, KnotMap, PartPicture, PictureName


def picture(named: PictureName, library: Library) -> Picture:
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


def ahead(library: Library, tone: Tone) -> Iterator[PictureName]:
    """Whatever can be named that does not depend on how a massage goes: stills and maps, then loops."""
    yield from _of_parts(library, tone, moves=False)
    yield KnotMap((), tone)
    yield from (KnotMap(((spot, False),), tone) for spot in body.SPOTS)
    yield from _of_parts(library, tone, moves=True)


def coming(shown: PartPicture, library: Library) -> Iterator[PartPicture]:
    """What the massage that shows this part shows from there on: stills, then loops."""
    routine, here = library.routines[shown.routine], (shown.step, shown.part, shown.knot, shown.stands)
    for begun in Side:
        places = list(_places(routine, begun))
        if here in places:
            for moves in (False, True):
                for place in places[places.index(here) :]:
                    yield PartPicture(routine.id, *place, shown.tone, moves)


def _of_parts(library: Library, tone: Tone, *, moves: bool) -> Iterator[PartPicture]:
    for routine in library.routines.values():
        for begun in Side:
            for place in _places(routine, begun):
                yield PartPicture(routine.id, *place, tone, moves)


def _places(routine: Routine, stands: Side) -> Iterator[tuple[int, int, str | None, Side]]:
    """All that a massage begun from that side can come to: step, part, knot, and where the giver stands."""
    for step, own in enumerate(routine.steps, 1):
        for i, part in enumerate(parts(routine, step)):
            if part.turn is Turn.FAR_AFTER_WALKING:
                stands = stands.other
            yield step, i, None, stands
        if own.each_knot:
            yield from ((step, 0, spot, stands) for spot in body.SPOTS)
