"""The moves of a session: to the beginning of a part, to the next part, into a pause, and to its end.

The actions in `actions` and `knots` are made of these functions, which are pure. They must not depend on
which event caused the move.
"""

from dataclasses import dataclass, replace

from bot.routine.model import WALK_ROUND_SECONDS, Routine
from bot.session.effects import Effect, Say, ShowPart, Topic
from bot.session.lines import cues
from bot.session.places import moved_to, place_after, seconds_at, starts_strokes
from bot.session.state import (
    OIL_AHEAD,
    Cue,
    Finished,
    Line,
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
"""The session after an event, and the effects of the event."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an action needs: the session before the event, the routine, and the current time.

    `now` is in seconds since 1970 on the coach's clock.
    """

    session: Session
    routine: Routine
    now: float

    def stay(self, *effects: Effect) -> Result:
        """Return the session unchanged, with these effects."""
        return self.session, effects

    def move(self, state: State, *effects: Effect) -> Result:
        """Return the session in a new state. All buttons that were shown before become stale."""
        return self.session.moved(state), effects

    def change(self, state: State, *effects: Effect) -> Result:
        """Return the session in a new state in which all buttons that were shown before still work."""
        return replace(self.session, state=state), effects


def enter_part(
    context: Context, massage: Massage, place: Place, note: Say | None = None, cued: bool = False
) -> Result:
    """Go to the beginning of the part at `place`. The words of `note` come before the part's directions.

    If `cued` is true, the part was announced, so it needs no lead-in except for walking round. The first
    stroke has a lead-in only if the massage comes to it from an earlier step: after that the hands are oiled.
    """
    there = moved_to(massage, context.routine, place)
    seconds = seconds_at(there, context.session, context.routine, place)
    walk = there.stands is not massage.stands
    lead_in = 0.0
    if walk:
        lead_in = WALK_ROUND_SECONDS
    elif starts_strokes(context.routine, place) and massage.place.step < place.step and not cued:
        lead_in, note = OIL_AHEAD, Say(Topic.GET_READY)
    show = ShowPart(seconds, lead_in, walk, note=note)
    ahead = plan_cues(context, there, seconds)
    timing = start_timing(there, context.now + lead_in, seconds, ahead)
    return context.move(Running(there, timing), show)


def go_on(context: Context, massage: Massage, note: Say | None = None, cued: bool = False) -> Result:
    """Go to the next part. After the last part, finish the massage."""
    after = place_after(massage, context.routine)
    if after is None or after.step > massage.place.step:
        massage = replace(massage, done=massage.done | {massage.place.step})
    if after is None:
        return finish(context, massage, stopped=False)
    return enter_part(context, massage, after, note, cued)


def pause_massage(context: Context, state: Running | Paused, reason: Reason, message: Say) -> Result:
    """Pause the massage, and send the message."""
    return context.move(pause_here(context, state, reason), message)


def pause_here(context: Context, state: Running | Paused, reason: Reason) -> Paused:
    """Return a pause where the massage is now. A part that has not begun yet still has not."""
    left, massage = time_left(state, context.now), with_work(state, context.now)
    begun = not isinstance(state, Paused) or state.begun
    return Paused(massage, left, context.now, reason, cues_ahead(state, context.now), begun)


def finish(context: Context, massage: Massage, stopped: bool, topic: Topic = Topic.SUMMARY) -> Result:
    """End the massage, and send the message for `topic`.

    `stopped` says whether people ended the massage early.
    """
    finished = Finished(massage.worked, len(massage.done), massage.knots, stopped)
    return context.move(finished, Say(topic))


def pause_at(context: Context, massage: Massage, reason: Reason) -> Paused:
    """Return a pause at the beginning of the massage's current part."""
    seconds = seconds_at(massage, context.session, context.routine, massage.place)
    ahead = plan_cues(context, massage, seconds)
    return Paused(massage, seconds, context.now, reason, ahead, begun=False)


def start_timing(
    massage: Massage, starts_at: float, left: float, ahead: tuple[Cue, ...]
) -> Ticking | Waiting:
    """Return the timing for the `left` seconds of the current part, which goes on at `starts_at`.

    `ahead` are the cues that are still to come. The result is Ticking if the massage's timer is on, or
    Waiting if the timer is off.
    """
    if not massage.timer:
        return Waiting(starts_at, left, ahead)
    return Ticking(starts_at, starts_at + left, ahead)


def plan_cues(context: Context, massage: Massage, seconds: float) -> tuple[Cue, ...]:
    """Return all cues of the massage's current part, which lasts `seconds`."""
    return cues(massage, context.routine, context.session.choices.talk, seconds)


def cues_ahead(state: Running | Paused, now: float) -> tuple[Cue, ...]:
    """Return the cues of the current part that are still to come.

    Reminders that an outage has swallowed are left out. The announcement of the next part never is.
    """
    if isinstance(state, Paused):
        return state.cues
    left = time_left(state, now)
    return tuple(cue for cue in state.timing.cues if cue.left <= left or Line.NEXT in cue.lines)


def with_work(state: Running | Paused, now: float) -> Massage:
    """Return the massage with the seconds of work since the current timing began added to its `worked`.

    If the timer is on, work stops at the end of the part, even if the next event comes later.
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
    """Return the seconds of work left in the current part, at least 0."""
    if isinstance(state, Paused):
        return state.left
    timing = state.timing
    if isinstance(timing, Waiting):
        return timing.left
    return max(0.0, timing.ends_at - max(now, timing.starts_at))
