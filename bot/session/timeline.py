"""A whole massage ahead of time: what the coach would say if nobody touched anything, and when.

The session's own mind is asked, cue after cue, so that what is planned can never differ from what is lived.
Pure; all times are seconds from the beginning of the massage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.routine.model import Routine
from bot.session.effects import Effect
from bot.session.events import CueDue, ScreenedClear
from bot.session.state import Choices, Preparing, Session
from bot.session.transitions import advance


@dataclass(frozen=True, slots=True)
class Moment:
    """What the coach does `at` so many seconds, and the session right after it."""

    at: float
    session: Session
    effect: Effect


def moments(routine: Routine, choices: Choices) -> Iterator[Moment]:
    """From the first part's beginning to the summary, with no knots marked and the timer on."""
    session = replace(Session.fresh(0, routine, 0.0), choices=choices, state=Preparing(screening=True))
    session, effects, now = *advance(session, ScreenedClear(), routine, 0.0), 0.0
    while True:
        yield from (Moment(now, session, effect) for effect in effects)
        if session.due_at is None:
            return
        now = session.due_at
        session, effects = advance(session, CueDue(), routine, now)
