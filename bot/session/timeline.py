"""Plans a whole massage: what the coach says, and when, if nobody taps or writes anything.

The session's own state machine makes the plan, cue after cue, so the plan cannot differ from the real
massage. All functions here are pure. All times are in seconds from the beginning of the massage.
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
    """An effect at `at` seconds into the massage, and the session right after it."""

    at: float
    session: Session
    effect: Effect


def moments(routine: Routine, choices: Choices) -> Iterator[Moment]:
    """Yield every moment from the first part to the summary. No knots are marked, and the timer is on."""
    session = replace(Session.fresh(0, routine, 0.0), choices=choices, state=Preparing(screening=True))
    now = 0.0
    session, effects = advance(session, ScreenedClear(), routine, now)
    while True:
        yield from (Moment(now, session, effect) for effect in effects)
        if session.due_at is None:
            return
        now = session.due_at
        session, effects = advance(session, CueDue(), routine, now)
