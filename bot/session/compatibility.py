"""Checks whether a session that was stored earlier still fits the current routines."""

from bot.routine.model import Library
from bot.session.places import parts_of
from bot.session.state import Paused, Running, Session


def is_compatible(session: Session, library: Library) -> bool:
    """Return whether the library still has the session's routine and length.

    If the session has a massage under way, the library must also still have the spots of its marked knots
    and the part that it has reached.
    """
    routine = library.routines.get(session.choices.routine)
    if routine is None or session.choices.length not in routine.lengths:
        return False
    if not isinstance(session.state, Running | Paused):
        return True
    massage = session.state.massage
    if not all(knot.spot in library.handbook.spots for knot in massage.knots):
        return False
    step = massage.place.step
    return step <= len(routine.steps) and massage.place.part < len(parts_of(massage, routine, step))
