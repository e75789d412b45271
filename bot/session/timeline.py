"""Plans a whole massage ahead: what the coach would say, and when, if nobody touched anything.

It asks the session's own state machine, cue after cue, so a plan cannot differ from the real massage. Pure;
all times are in seconds from the beginning of the massage.
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
    """An effect `at` seconds into the massage, and the session right after it."""

    at: float
    session: Session
    effect: Effect


def moments(routine: Routine, choices: Choices) -> Iterator[Moment]:
    """Yield every moment from the first part to the summary, with no knots marked and the timer on."""
    session = replace(Session.fresh(0, routine, 0.0), choices=choices, state=Preparing(screening=True))
    now = 0.0
    session, effects = advance(session, ScreenedClear(), routine, now)
    while True:
        yield from (Moment(now, session, effect) for effect in effects)
        if session.due_at is None:
            return
        now = session.due_at
        session, effects = advance(session, CueDue(), routine, now)
