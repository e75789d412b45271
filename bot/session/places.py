"""Finding one's way through a massage: which part is where, what comes after it, which side it is on.

Pure questions about a `Massage` and its routine; nothing here changes anything.
"""

from bot.routine.model import Part, Routine, Side, Turn, part_time, parts
from bot.session.state import Knot, Massage, Place, Session


def parts_of(massage: Massage, routine: Routine, step: int) -> tuple[Part, ...]:
    return parts(routine, step, [knot.spot for knot in massage.knots])


def part_at(massage: Massage, routine: Routine, place: Place | None = None) -> Part:
    """The part at a place, or at the massage's own."""
    place = place or massage.place
    return parts_of(massage, routine, place.step)[place.part]


def knot_at(massage: Massage, routine: Routine) -> Knot | None:
    """The knot being worked, if the part is one's."""
    spot = part_at(massage, routine).knot
    return next((knot for knot in massage.knots if knot.spot == spot), None)


def place_after(massage: Massage, routine: Routine) -> Place | None:
    """The next part's place; None at the very end."""
    step, part = massage.place.step, massage.place.part
    if part + 1 < len(parts_of(massage, routine, step)):
        return Place(step, part + 1)
    return Place(step + 1) if step < len(routine.steps) else None


def place_before(massage: Massage, routine: Routine) -> Place:
    """The previous part's place; the first again at the very start."""
    step, part = massage.place.step, massage.place.part
    if part > 0:
        return Place(step, part - 1)
    return Place(step - 1, len(parts_of(massage, routine, step - 1)) - 1) if step > 1 else Place()


def stands_at(massage: Massage, routine: Routine, place: Place) -> Side:
    """Where the giver has to stand for the part at `place`, coming from where the massage is."""
    first = dict(massage.pairs).get(place.step)
    match part_at(massage, routine, place).turn:
        case Turn.FAR_AFTER_WALKING if first:
            return first.other
        case Turn.FAR if first:
            return first
        case _:
            return massage.stands


def seconds_at(massage: Massage, session: Session, routine: Routine, place: Place) -> float:
    """The time of work for the part at `place`; a second side gets what was added on the first."""
    part = part_at(massage, routine, place)
    seconds = part_time(routine, part, session.choices.length, len(massage.knots))
    return seconds + (massage.extra if part.turn in (Turn.FAR_AFTER_WALKING, Turn.RIGHT) else 0.0)


def starts_strokes(routine: Routine, place: Place) -> bool:
    """Whether the first stroke of the whole massage begins here, after lying down."""
    stroked = [number for number, step in enumerate(routine.steps, 1) if step.technique]
    return place == Place(stroked[0]) and place.step > 1 if stroked else False
