"""Finds the way through a massage: which part is at a place, what comes next, where the giver stands, for how
long.

Pure functions of a massage and its routine. They must never decide when the massage moves.
"""

from dataclasses import replace

from bot.routine.model import Part, Routine, Side, Turn, part_time, parts
from bot.session.state import Knot, Massage, Place, Session

FIRST_SIDES = (Turn.FAR, Turn.LEFT)
SECOND_SIDES = (Turn.FAR_AFTER_WALKING, Turn.RIGHT)


def parts_of(massage: Massage, routine: Routine, step: int) -> tuple[Part, ...]:
    """Return the parts of step `step`, counted from 1, with the massage's marked knots."""
    return parts(routine, step, [knot.spot for knot in massage.knots])


def part_at(massage: Massage, routine: Routine, place: Place | None = None) -> Part:
    """Return the part at a place, by default the massage's own."""
    place = place or massage.place
    return parts_of(massage, routine, place.step)[place.part]


def knot_at(massage: Massage, routine: Routine) -> Knot | None:
    """Return the knot that the present part works on, or None if it works on no marked knot."""
    spot = part_at(massage, routine).knot
    return next((knot for knot in massage.knots if knot.spot == spot), None)


def works_on_knots(massage: Massage, routine: Routine) -> bool:
    """Return whether the present step works on knots, marked or not."""
    return routine.steps[massage.place.step - 1].each_knot is not None


def place_after(massage: Massage, routine: Routine) -> Place | None:
    """Return the place of the next part, or None after the last one."""
    step, part = massage.place.step, massage.place.part
    if part + 1 < len(parts_of(massage, routine, step)):
        return Place(step, part + 1)
    return Place(step + 1) if step < len(routine.steps) else None


def place_before(massage: Massage, routine: Routine) -> Place:
    """Return the place of the previous part, or of the first part if there is none before it."""
    step, part = massage.place.step, massage.place.part
    if part > 0:
        return Place(step, part - 1)
    return Place(step - 1, len(parts_of(massage, routine, step - 1)) - 1) if step > 1 else Place()


def stands_at(massage: Massage, routine: Routine, place: Place) -> Side:
    """Return where the giver has to stand for the part at `place`, coming from the massage's place."""
    stood_first = dict(massage.pairs).get(place.step)
    match part_at(massage, routine, place).turn:
        case Turn.FAR_AFTER_WALKING if stood_first:
            return stood_first.other
        case Turn.FAR if stood_first:
            return stood_first
        case _:
            return massage.stands


def moved_to(massage: Massage, routine: Routine, place: Place) -> Massage:
    """Return the massage at the beginning of the part at `place`."""
    stands, turn = stands_at(massage, routine, place), part_at(massage, routine, place).turn
    pairs = dict(massage.pairs) | ({place.step: stands} if turn is Turn.FAR else {})
    return replace(
        massage,
        place=place,
        stands=stands,
        pairs=tuple(pairs.items()),
        extra=massage.extra if turn in SECOND_SIDES else 0.0,
    )


def seconds_at(massage: Massage, session: Session, routine: Routine, place: Place) -> float:
    """Return the seconds of work for the part at `place`, with time added to its first side included."""
    part = part_at(massage, routine, place)
    seconds = part_time(routine, part, session.choices.length, len(massage.knots))
    return seconds + (massage.extra if part.turn in SECOND_SIDES else 0.0)


def starts_strokes(routine: Routine, place: Place) -> bool:
    """Return whether the first stroke is at this place, and a step without a stroke comes before it."""
    strokes = [number for number, step in enumerate(routine.steps, 1) if step.technique]
    return place == Place(strokes[0]) and place.step > 1 if strokes else False
