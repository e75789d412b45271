"""Plans what the coach says during a part: reminders, check-ins, and the announcement of the next part.

All functions here are pure. They must not contain the words that a person reads.
"""

from bot.routine.model import Part, Pressure, Routine
from bot.session.places import FIRST_SIDES, SECOND_SIDES, first_stroke, part_at
from bot.session.state import CUE_AHEAD, OIL_AHEAD, Cue, Line, Massage, Place, Talk

LONG_PART = 90.0
"""In a part of at least this many seconds, the coach asks the receiver in the middle of it. In a shorter one,
it says all reminders at once."""
LANDMARK_FROM = 120.0
"""In a part of at least this many seconds, there is time to say what the giver can feel."""
APART = 8.0
"""The least number of seconds between two cues, so that nobody is talked over."""
Coaching = tuple[float, tuple[Line, ...]]
"""Lines that are said together, after the share of the part that is over then, from 0 to 1."""
BRIEF = (Line.CHECK_IN, Line.WRONG, Line.NEXT)
"""What the coach says if people want few words."""
LIGHT = (Pressure.VERY_LIGHT, Pressure.LIGHT)


def cues(massage: Massage, routine: Routine, talk: Talk, seconds: float) -> tuple[Cue, ...]:
    """Return the cues of the massage's current part, which lasts `seconds`, in order of time."""
    part = part_at(massage, routine)
    last = announcement(massage.place, routine, seconds)
    said = [
        Cue(seconds - share * seconds, lines)
        for share, lines in _coaching(part, massage.place, routine, talk, seconds)
    ]
    return (*(cue for cue in said if cue.left >= last.left + APART), last)


def announcement(place: Place, routine: Routine, left: float) -> Cue:
    """Return the cue that announces the part after `place`, where `left` seconds of work are left."""
    ahead = OIL_AHEAD if place.step + 1 == first_stroke(routine) else CUE_AHEAD
    return Cue(min(ahead, left), (Line.NEXT,))


def _coaching(part: Part, place: Place, routine: Routine, talk: Talk, seconds: float) -> list[Coaching]:
    """Return what the coach says during the part, each time with the share of the part that is over then."""
    if part.pressure is None:
        return []
    asks = part.pressure not in LIGHT
    check_in = [(1 / 8, (Line.CHECK_IN,))] if asks and place == _first_firm_place(routine) else []
    warnings, mistakes = _reminders(part, place)
    if talk is Talk.BRIEF:
        return [*check_in, *_said((0.4, warnings))]
    if seconds < LONG_PART:
        return [*check_in, *_said((0.4, (*warnings, *mistakes)))]
    landmark = (Line.LANDMARK,) if seconds >= LANDMARK_FROM and warnings and not check_in else ()
    halfway = (Line.HALFWAY,) if asks else ()
    return [*check_in, *_said((1 / 4, (*landmark, *warnings)), (1 / 2, halfway), (3 / 4, mistakes))]


def _said(*coaching: Coaching) -> list[Coaching]:
    """Return those that have at least one line."""
    return [(share, lines) for share, lines in coaching if lines]


def _reminders(part: Part, place: Place) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the reminders of a part: how it feels if something is wrong, and what most people do wrong.

    The warning comes with the first side of a stroke, and with the first knot. A repeated stroke has none.
    """
    if part.again or (part.knot and place.part > 0):
        return (), ()
    warnings = () if part.turn in SECOND_SIDES else (Line.WRONG,)
    return warnings, () if part.turn in FIRST_SIDES else (Line.MISTAKE,)


def _first_firm_place(routine: Routine) -> Place | None:
    """Return the place of the first stroke that presses; None if all strokes are light."""
    for number, step in enumerate(routine.steps, 1):
        if step.technique and step.technique.pressure not in LIGHT:
            return Place(number)
    return None
