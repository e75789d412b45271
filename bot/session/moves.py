"""The moves of a session: into a part, on to the next one, into a pause, to the end.

Pure functions; the actions in `actions` and `knots` are made of them. They must never know which event came.
"""

from dataclasses import dataclass, replace

from bot.routine.model import WALK_ROUND_SECONDS, Routine
from bot.session.effects import Effect, Say, ShowPart, Topic
from bot.session.places import moved_to, place_after, seconds_at, starts_strokes
from bot.session.state import (
    LEAD_IN,
    Finished,
    Massage,
    Paused,
    Place,
    Reason,
    Running,
    Session,
    State,
    Ticking,
    Waiting,
)

Result = tuple[Session, tuple[Effect, ...]]
"""The session after an event, and what to do about the event."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an action starts from: the session before the event, its routine, and the time."""

    session: Session
    routine: Routine
    now: float

    def stay(self, *effects: Effect) -> Result:
        """Leave the session as it is."""
        return self.session, effects

    def move(self, state: State, *effects: Effect) -> Result:
        """Go to a new state. All buttons shown before are stale then."""
        return self.session.moved(state), effects

    def change(self, state: State, *effects: Effect) -> Result:
        """Go to a new state in which all buttons shown before still work."""
        return replace(self.session, state=state), effects


def enter_part(
    context: Context, massage: Massage, place: Place, note: Topic | None = None, cued: bool = False
) -> Result:
    """Go to the beginning of the part at `place`; `cued` means that it was announced."""
    there = moved_to(massage, context.routine, place)
    seconds = seconds_at(there, context.session, context.routine, place)
    walk = there.stands is not massage.stands
    lead_in = 0.0
    if walk:
        lead_in = WALK_ROUND_SECONDS
    elif starts_strokes(context.routine, place) and not cued:
        lead_in = LEAD_IN
    show = ShowPart(seconds, lead_in, walk, note=note)
    return context.move(Running(there, start_timing(there, context.now + lead_in, seconds)), show)


def go_on(context: Context, massage: Massage, note: Topic | None = None, cued: bool = False) -> Result:
    """Go to the next part, or finish after the last one."""
    after = place_after(massage, context.routine)
    if after is None or after.step > massage.place.step:
        massage = replace(massage, done=massage.done | {massage.place.step})
    if after is None:
        return finish(context, massage, stopped=False)
    return enter_part(context, massage, after, note, cued)


def pause_massage(context: Context, state: Running | Paused, reason: Reason, topic: Topic) -> Result:
    """Pause now, and say why."""
    left = time_left(state, context.now)
    return context.move(Paused(with_work(state, context.now), left, context.now, reason), Say(topic))


def finish(context: Context, massage: Massage, stopped: bool) -> Result:
    """End the massage with the summary; `stopped` means before its end."""
    finished = Finished(massage.worked, len(massage.done), massage.knots, stopped)
    return context.move(finished, Say(Topic.SUMMARY))


def start_timing(massage: Massage, starts_at: float, seconds: float) -> Ticking | Waiting:
    """Return the timing of `seconds` of work from `starts_at`, with the timer on or off as in the massage."""
    return Ticking(starts_at, starts_at + seconds) if massage.timer else Waiting(starts_at, seconds)


def with_work(state: Running | Paused, now: float) -> Massage:
    """Return the massage with the work since the state began added to `worked`.

    While the timer runs, work ends with the part, however late the next event comes.
    """
    if isinstance(state, Paused):
        return state.massage
    timing = state.timing
    if isinstance(timing, Ticking):
        worked = min(now, timing.ends_at) - timing.starts_at
    else:
        worked = now - timing.since
    return replace(state.massage, worked=state.massage.worked + max(0.0, worked))


def time_left(state: Running | Paused, now: float) -> float:
    """Return the seconds of work left in the part, at least 0."""
    if isinstance(state, Paused):
        return state.left
    timing = state.timing
    if isinstance(timing, Waiting):
        return timing.left
    return max(0.0, timing.ends_at - max(now, timing.starts_at))
