"""Actions on pressure, pain, and what stops the hands: emergencies, health, age, and people who are not safe.

The table in `transitions` says which event leads to which action. All functions here are pure.
"""

from dataclasses import replace

from bot.routine.model import Pressure
from bot.session import events as ev
from bot.session.actions import answer, listened, resume
from bot.session.effects import Say, Topic
from bot.session.knots import with_knot
from bot.session.moves import (
    Context,
    Result,
    finish,
    pause_at,
    pause_here,
    pause_massage,
    with_work,
)
from bot.session.places import knot_at, moved_to, part_at, place_after
from bot.session.state import (
    HOLDING,
    Ask,
    Idle,
    Listening,
    Massage,
    Paused,
    Question,
    Reason,
    Running,
    State,
)

# --- Pressure ------------------------------------------------------------------------------------


def use_less_pressure(context: Context, state: Running | Paused, event: ev.LighterAsked) -> Result:
    """Reduce the pressure of the current stroke and of all that follow by one level."""
    return _use_less_pressure(context, state, Say(Topic.LIGHTER))


def _use_less_pressure(context: Context, state: Running | Paused, message: Say) -> Result:
    pressure = part_at(state.massage, context.routine).pressure
    if pressure and pressure.lighter_by(state.massage.lighter) is Pressure.VERY_LIGHT:
        return context.stay(Say(Topic.LIGHTEST))
    return context.change(replace(state, massage=_lighter(state.massage)), message)


def use_more_pressure(context: Context, state: Running | Paused, event: ev.FirmerAsked) -> Result:
    """Take back one level of lighter pressure. The stroke's own pressure is the most, and after pain the
    pressure stays as it is.
    """
    massage = state.massage
    if massage.sore or not massage.lighter:
        return answer(context, state, ev.Asked(question=Question(Ask.HARDER, massage.place)))
    firmer = replace(massage, lighter=massage.lighter - 1)
    return context.change(replace(state, massage=firmer), Say(Topic.FIRMER))


def _lighter(massage: Massage) -> Massage:
    return replace(massage, lighter=min(massage.lighter + 1, len(Pressure) - 1))


def follow_rating(context: Context, state: Running | Paused, event: ev.PressureRated) -> Result:
    """Act on the receiver's number out of ten: pause if it means pain, and go lighter if it is high."""
    about = str(event.score)
    if event.is_pain:
        return _pause_for_pain(context, state, Say(Topic.RATED_PAIN, about=about))
    if event.is_high:
        return _use_less_pressure(context, state, Say(Topic.RATED_HIGH, about=about))
    return context.stay(Say(Topic.RATED_FINE, about=about))


def answer_rating(context: Context, state: Listening, event: ev.PressureRated) -> Result:
    """Say what the receiver's number out of ten means. The player goes on by itself."""
    about = str(event.score)
    if event.is_pain:
        return context.stay(Say(Topic.RATED_PAIN, about=about))
    return context.stay(Say(Topic.RATED_HIGH if event.is_high else Topic.RATED_FINE, about=about))


# --- Pain ----------------------------------------------------------------------------------------


def pause_for_pain(context: Context, state: Running | Paused, event: ev.PainReported) -> Result:
    """Pause the massage, and reduce the pressure of all strokes that follow, even after a resume."""
    topic = Topic.HURT_AT_KNOT if knot_at(state.massage, context.routine) else Topic.HURT
    return _pause_for_pain(context, state, Say(topic))


def _pause_for_pain(context: Context, state: Running | Paused, message: Say) -> Result:
    """Pause the massage for pain. If it is paused for pain already, only send the message.

    A pause after an emergency has the same reason. If nothing has hurt before, pain told in it is new.
    """
    if isinstance(state, Paused) and state.reason is Reason.PAIN and state.massage.sore:
        return pause_massage(context, state, Reason.PAIN, message)
    return context.move(_after_pain(context, state, Reason.PAIN), message)


def remember_pain(context: Context, state: Paused, event: ev.PainReported) -> Result:
    """Note pain that was told while the massage is held. What holds it stays, and so do its buttons."""
    told_before = state.massage.sore and not knot_at(state.massage, context.routine)
    noted = state if told_before else replace(_after_pain(context, state, state.reason), also=state.also)
    # The advice on pain speaks of carrying on, which is wrong here unless that is still possible today.
    may_go_on = state.reason in (Reason.ASK_FIRST, Reason.YOUNG)
    return context.move(noted, Say(Topic.HURT if may_go_on else Topic.STILL_HELD))


def remember_rating(context: Context, state: Paused, event: ev.PressureRated) -> Result:
    """Note a number out of ten that means pain. What holds the massage stays."""
    if event.is_pain:
        return remember_pain(context, state, ev.PainReported())
    return context.stay(Say(Topic.STILL_HELD))


def _after_pain(context: Context, state: Running | Paused, reason: Reason) -> Paused:
    """Return a pause with less pressure from here. After pain at a knot, it is at the part after the knot."""
    massage = replace(_lighter(with_work(state, context.now)), sore=True)
    knot = knot_at(massage, context.routine)
    if knot is None:
        return replace(pause_here(context, state, reason), massage=massage)
    massage, after = with_knot(massage, replace(knot, sore=True)), place_after(massage, context.routine)
    if after is None:
        return Paused(massage, 0.0, context.now, reason)
    if after.step > massage.place.step:
        massage = replace(massage, done=massage.done | {massage.place.step})
    return pause_at(context, moved_to(massage, context.routine, after), reason)


# --- What holds a massage ------------------------------------------------------------------------


def hold_for_emergency(context: Context, state: Running | Paused, event: ev.EmergencyReported) -> Result:
    return _hold(context, state, Reason.EMERGENCY, Say(Topic.FIRE if event.fire else Topic.EMERGENCY))


def hold_for_health(context: Context, state: Running | Paused, event: ev.HealthTold) -> Result:
    """Pause the massage until a doctor has agreed; for some conditions, until another day.

    The condition itself is not stored.
    """
    reason = Reason.NOT_TODAY if event.not_today else Reason.ASK_FIRST
    return _hold(context, state, reason, Say(Topic.HEALTH, about=event.condition))


def hold_for_age(context: Context, state: Running | Paused, event: ev.YoungTold) -> Result:
    return _hold(context, state, Reason.YOUNG, Say(Topic.YOUNG))


def _hold(context: Context, state: Running | Paused, reason: Reason, message: Say) -> Result:
    """Pause the massage until what `reason`, and every reason before it, asks for has been answered."""
    reasons = {reason}
    if isinstance(state, Paused) and state.reason in HOLDING:
        reasons |= {state.reason, *state.also}
    return context.move(_held_for(pause_here(context, state, reason), reasons), message)


def _held_for(state: Paused, reasons: set[Reason]) -> Paused:
    first, *rest = sorted(reasons, key=HOLDING.index)
    return replace(state, reason=first, also=tuple(rest))


def go_on_with_permission(context: Context, state: Paused, event: ev.PermissionGiven) -> Result:
    """Resume the massage if a doctor's or a parent's word is the last thing that it waits for."""
    if state.reason not in (Reason.ASK_FIRST, Reason.YOUNG):
        return context.stay(Say(Topic.STILL_HELD))
    return _ask_the_next(context, state) if state.also else resume(context, state, event)


def go_on_after_emergency(context: Context, state: Paused, event: ev.EmergencyEnded) -> Result:
    """Ask whether to go on after an emergency, more gently. If the massage waits for something else too, ask
    for that.
    """
    if state.reason is not Reason.EMERGENCY:
        return context.stay(Say(Topic.STILL_HELD))
    gentler = replace(state, massage=_lighter(state.massage))
    if state.also:
        return _ask_the_next(context, gentler)
    return pause_massage(context, gentler, Reason.PAIN, Say(Topic.EMERGENCY_OVER))


def _ask_the_next(context: Context, state: Paused) -> Result:
    return context.move(_held_for(state, set(state.also)), Say(Topic.STILL_HELD))


# --- What ends a massage, or what comes before or after one --------------------------------------


def stop_for_safety(context: Context, state: Running | Paused, event: ev.UnsafeReported) -> Result:
    """End the massage at once. Nobody is asked whether they are sure."""
    return finish(context, with_work(state, context.now), stopped=True, topic=Topic.UNSAFE)


def stop_track_for_safety(context: Context, state: Listening, event: ev.UnsafeReported) -> Result:
    return context.move(listened(context, state), Say(Topic.UNSAFE))


def end_for_emergency(context: Context, state: State, event: ev.EmergencyReported) -> Result:
    """Say whom to call, and offer nothing that leads to a massage."""
    if event.fire:
        return context.move(Idle(), Say(Topic.FIRE))
    listening = isinstance(state, Listening)
    return context.move(Idle(), Say(Topic.EMERGENCY_IN_TRACK if listening else Topic.EMERGENCY))


def end_for_age(context: Context, state: State, event: ev.YoungTold) -> Result:
    """End the preparation or the track, so that no button leads on before a parent has been asked."""
    return context.move(Idle(), Say(Topic.YOUNG))


def advise_on_health(context: Context, state: State, event: ev.HealthTold) -> Result:
    return context.stay(Say(Topic.HEALTH, about=event.condition))
