"""Finds the way through a massage: the next and the previous part, their lengths, and where the giver stands.

All functions here are pure. They must not decide when the massage moves.
"""

from dataclasses import replace

from bot.routine.model import Part, Routine, Side, Turn, part_time, parts
from bot.session.state import Knot, Massage, Place, Session

FIRST_SIDES = (Turn.FAR, Turn.LEFT)
SECOND_SIDES = (Turn.FAR_AFTER_WALKING, Turn.RIGHT)


def first_stroke(routine: Routine) -> int | None:
    """Return the number of the first step with a stroke, counted from 1; None if no step has a stroke."""
    return next((number for number, step in enumerate(routine.steps, 1) if step.technique), None)


def parts_of(massage: Massage, routine: Routine, step: int) -> tuple[Part, ...]:
    """Return the parts of step `step`, counted from 1.

    If the step has `each_knot`, each knot marked in this massage has a part of its own.
    """
    return parts(routine, step, [knot.spot for knot in massage.knots])


def part_at(massage: Massage, routine: Routine, place: Place | None = None) -> Part:
    """Return the part at `place`, or if `place` is None, the current part of the massage."""
    place = place or massage.place
    return parts_of(massage, routine, place.step)[place.part]


def knot_at(massage: Massage, routine: Routine) -> Knot | None:
    """Return the marked knot that the current part massages, or None if the part has no marked knot."""
    spot = part_at(massage, routine).knot
    return next((knot for knot in massage.knots if knot.spot == spot), None)


def works_on_knots(massage: Massage, routine: Routine) -> bool:
    """Return whether the current step is one for massaging knots, even if no knot is marked."""
    return routine.steps[massage.place.step - 1].each_knot is not None


def place_after(massage: Massage, routine: Routine) -> Place | None:
    """Return the place of the next part, or None after the last one. Knots that hurt are left out."""
    step, part = massage.place.step, massage.place.part
    if part + 1 < len(parts_of(massage, routine, step)):
        after = Place(step, part + 1)
    elif step < len(routine.steps):
        after = Place(step + 1)
    else:
        return None
    there = replace(massage, place=after)
    return place_after(there, routine) if _is_sore(there, routine) else after


def place_before(massage: Massage, routine: Routine) -> Place:
    """Return the place of the previous part. If the current part is the first one, return its own place.

    Knots that hurt are left out.
    """
    step, part = massage.place.step, massage.place.part
    if part == 0 and step == 1:
        return massage.place
    last = len(parts_of(massage, routine, max(1, step - 1))) - 1
    before = Place(step, part - 1) if part > 0 else Place(step - 1, last)
    there = replace(massage, place=before)
    return place_before(there, routine) if _is_sore(there, routine) else before


def beginning_of(massage: Massage, routine: Routine, step: int) -> Place:
    """Return the place at which a step begins: its first part that is no knot that hurt."""
    first = replace(massage, place=Place(step))
    return (place_after(first, routine) if _is_sore(first, routine) else None) or first.place


def _is_sore(massage: Massage, routine: Routine) -> bool:
    knot = knot_at(massage, routine)
    return knot is not None and knot.sore


def stands_at(massage: Massage, routine: Routine, place: Place) -> Side:
    """Return where the giver has to stand for the part at `place` when the massage moves there."""
    stood_first = dict(massage.pairs).get(place.step)
    match part_at(massage, routine, place).turn:
        case Turn.FAR_AFTER_WALKING if stood_first:
            return stood_first.other
        case Turn.FAR if stood_first:
            return stood_first
        case _:
            return massage.stands


def moved_to(massage: Massage, routine: Routine, place: Place) -> Massage:
    """Return the massage after a move to the beginning of the part at `place`."""
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
    """Return the seconds of work for the part at `place`.

    If the part is the second side of a stroke, the time that people added to the first side is included.
    """
    part = part_at(massage, routine, place)
    seconds = part_time(routine, part, session.choices.length, len(massage.knots))
    return seconds + (massage.extra if part.turn in SECOND_SIDES else 0.0)


def starts_strokes(routine: Routine, place: Place) -> bool:
    """Return whether `place` is where strokes begin, after at least one step that has no stroke."""
    return place.step > 1 and place == Place(first_stroke(routine) or 0)
