"""Actions: what one event does to a session. The actions on knots are in `knots`.

Each action takes a Context, the session's state and the event, and returns the next session and the effects.
An action must be pure: it uses no clock, network or database, and contains no wording.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.session import events as ev
from bot.session.effects import (
    Answer,
    Forget,
    ReadSample,
    Say,
    ShowCard,
    ShowChecklist,
    ShowControls,
    ShowNext,
    ShowPart,
    ShowTrack,
    Toast,
    Topic,
)
from bot.session.moves import (
    Context,
    Result,
    enter_part,
    finish,
    go_on,
    pause_massage,
    start_timing,
    time_left,
    with_work,
)
from bot.session.places import FIRST_SIDES, moved_to, part_at, parts_of, place_before, seconds_at
from bot.session.state import (
    LATE,
    LEAD_IN,
    Ask,
    Choices,
    Finished,
    Idle,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Reason,
    Running,
    State,
    Ticking,
    Waiting,
)

MORE_TIME = 30.0
"""Seconds that one tap on "+30 s" adds to the current part."""


# --- Before a massage ----------------------------------------------------------------------------


def show_start_card(context: Context, state: State, event: ev.Started | ev.StartedOver) -> Result:
    """Show the start card. Ticks on the checklist are kept only if a massage was being prepared already."""
    ticked = context.session.ticked if isinstance(state, Preparing) else frozenset()
    return replace(context.session, ticked=ticked).moved(Preparing()), (ShowCard(),)


def ask_to_start_over(context: Context, state: Running | Paused, event: ev.Started) -> Result:
    return pause_massage(context, state, Reason.RESTARTING, Topic.START_OVER)


def choose_routine(context: Context, state: Preparing, event: ev.RoutineChosen) -> Result:
    """Choose the context's routine and its `total_time`. Ticks and the last question are forgotten."""
    routine = context.routine
    choices = replace(context.session.choices, routine=routine.id, length=routine.total_time)
    session = replace(context.session, choices=choices, ticked=frozenset(), asked=None)
    return session, (ShowCard(new=False),)


def choose_length(context: Context, state: Preparing, event: ev.LengthChosen) -> Result:
    if event.length not in context.routine.lengths:
        return context.stay(Toast(Topic.STALE))
    return _choose(context, replace(context.session.choices, length=float(event.length)))


def choose_side(context: Context, state: Preparing, event: ev.SideChosen) -> Result:
    return _choose(context, replace(context.session.choices, side=event.side))


def choose_tone(context: Context, state: Preparing, event: ev.ToneChosen) -> Result:
    return _choose(context, replace(context.session.choices, tone=event.tone))


def choose_aloud(context: Context, state: Preparing, event: ev.ReadAloudChosen) -> Result:
    """Switch reading aloud on or off. If it is switched on, send a sample."""
    session, effects = _choose(context, replace(context.session.choices, aloud=event.on))
    return session, (*effects, ReadSample()) if event.on else effects


def _choose(context: Context, choices: Choices) -> Result:
    return replace(context.session, choices=choices), (ShowCard(new=False),)


def show_checklist(context: Context, state: State, event: ev.ChecklistAsked) -> Result:
    return context.stay(ShowChecklist())


def tick_item(context: Context, state: State, event: ev.ItemTicked) -> Result:
    if not 0 <= event.item < len(context.routine.checklist):
        return context.stay(Toast(Topic.STALE))
    others = context.session.ticked - {event.item}
    ticked = others | {event.item} if event.on else others
    return replace(context.session, ticked=ticked), (ShowChecklist(new=False),)


def ask_about_health(context: Context, state: Preparing, event: ev.Event) -> Result:
    return context.move(replace(state, screening=True), Say(Topic.SCREENING))


def ask_about_health_for_track(context: Context, state: State, event: ev.TrackAsked) -> Result:
    return context.move(Preparing(screening=True, track=True), Say(Topic.SCREENING))


def begin(context: Context, state: Preparing, event: ev.ScreenedClear) -> Result:
    """Begin the massage or the guided track. If the question about health was not asked yet, ask it first."""
    if not state.screening:
        return ask_about_health(context, state, event)
    if state.track:
        return start_track(context, state, event)
    massage = Massage(run=context.session.revision, stands=context.session.choices.side)
    return enter_part(context, massage, Place())


def decline(context: Context, state: Preparing, event: ev.ScreenedOut) -> Result:
    """End the session with a kind message, and delete the chat's data.

    The data are deleted so that nothing about anybody's health is kept.
    """
    return context.move(Idle(), Say(Topic.DECLINED, new=False), Forget())


# --- The guided track ----------------------------------------------------------------------------


def start_track(context: Context, state: State, event: ev.Event) -> Result:
    """Send the guided track. This ends a massage under way, because from now on the player keeps the time."""
    return context.move(Listening(context.now), ShowTrack())


def stop_track(context: Context, state: Listening, event: ev.StopAsked) -> Result:
    """Finish the track, and send the summary.

    The player does not report how much was heard. So all the time since the start counts as heard, up to the
    length of the track.
    """
    length = context.session.choices.length
    listened = min(context.now - state.since, length)
    whole = listened == length
    finished = Finished(listened, len(context.routine.steps) if whole else 0, (), stopped=not whole)
    return context.move(finished, Say(Topic.SUMMARY))


def go_without_track(context: Context, state: Listening, event: ev.TrackFailed) -> Result:
    return context.move(Preparing(), Say(Topic.NO_TRACK))


def refer_to_player(context: Context, state: Listening, event: ev.Event) -> Result:
    return context.stay(Toast(Topic.PLAYER))


# --- During a massage ----------------------------------------------------------------------------


def go_to_next_part(context: Context, state: Running | Paused, event: ev.NextAsked) -> Result:
    return go_on(context, with_work(state, context.now))


def go_to_previous_part(context: Context, state: Running | Paused, event: ev.BackAsked) -> Result:
    massage = with_work(state, context.now)
    return enter_part(context, massage, place_before(massage, context.routine))


def restart_part(context: Context, state: Running | Paused, event: ev.AgainAsked) -> Result:
    return enter_part(context, with_work(state, context.now), state.massage.place)


def skip_step(context: Context, state: Running | Paused, event: ev.SkipAsked) -> Result:
    """Go to the next step without counting the current one as done. In the last step, finish the massage."""
    massage = with_work(state, context.now)
    if massage.place.step == len(context.routine.steps):
        return finish(context, massage, stopped=False)
    return enter_part(context, massage, Place(massage.place.step + 1))


def go_to_step(context: Context, state: Running | Paused, event: ev.StepChosen) -> Result:
    if not 1 <= event.step <= len(context.routine.steps):
        return context.stay(Toast(Topic.NO_SUCH_STEP))
    return enter_part(context, with_work(state, context.now), Place(event.step))


def pause(context: Context, state: Running, event: ev.PauseAsked) -> Result:
    return pause_massage(context, state, Reason.ASKED, Topic.PAUSED)


def resume(context: Context, state: Paused, event: ev.ResumeAsked) -> Result:
    """Resume the part with the time left, after a lead-in. If no time is left, go to the next part."""
    if not state.left:
        return go_on(context, state.massage)
    timing = start_timing(state.massage, context.now + LEAD_IN, state.left)
    return context.move(Running(state.massage, timing), ShowPart(state.left, LEAD_IN, resumed=True))


def add_time(context: Context, state: Running | Paused, event: ev.MoreTimeAsked) -> Result:
    """Add MORE_TIME to the part and, if the part is a stroke's first side, also to the second side."""
    massage = state.massage
    if part_at(massage, context.routine).turn in FIRST_SIDES:
        massage = replace(massage, extra=massage.extra + MORE_TIME)
    return context.change(replace(_with_more_time(state), massage=massage), Toast(Topic.TIME_ADDED))


def _with_more_time(state: Running | Paused) -> Running | Paused:
    """Return the state with MORE_TIME added to the current part.

    If the next part was announced already, it will be announced again, because its start has moved.
    """
    if isinstance(state, Paused):
        return replace(state, left=state.left + MORE_TIME)
    timing = state.timing
    if isinstance(timing, Waiting):
        return replace(state, timing=replace(timing, left=timing.left + MORE_TIME))
    return replace(state, timing=Ticking(timing.starts_at, timing.ends_at + MORE_TIME))


def switch_timer(context: Context, state: Running | Paused, event: ev.TimerSwitched) -> Result:
    topic = Toast(Topic.TIMER_ON if event.on else Topic.TIMER_OFF)
    if event.on == state.massage.timer:
        return context.stay(topic)
    massage = replace(with_work(state, context.now), timer=event.on)
    if isinstance(state, Paused):
        return context.change(replace(state, massage=massage), topic, ShowControls(more=True))
    timing = start_timing(massage, context.now, time_left(state, context.now))
    return context.change(Running(massage, timing), topic, ShowControls(more=True))


def stop(context: Context, state: Running | Paused, event: ev.StopAsked) -> Result:
    """Pause the massage, and ask whether to stop it. If that question was asked already, stop the massage."""
    if isinstance(state, Paused) and state.reason is Reason.STOPPING:
        return finish(context, state.massage, stopped=True)
    return pause_massage(context, state, Reason.STOPPING, Topic.STOP)


def confirm_stop(context: Context, state: Paused, event: ev.StopConfirmed) -> Result:
    return finish(context, state.massage, stopped=True)


def show_more_buttons(context: Context, state: Running | Paused, event: ev.MoreOpened) -> Result:
    return context.stay(ShowControls(more=True))


def show_fewer_buttons(context: Context, state: Running | Paused, event: ev.MoreClosed) -> Result:
    return context.stay(ShowControls(more=False))


def use_less_pressure(context: Context, state: Running | Paused, event: ev.LighterAsked) -> Result:
    massage = replace(state.massage, lighter=True)
    return context.change(replace(state, massage=massage), Say(Topic.LIGHTER))


def pause_for_pain(context: Context, state: Running | Paused, event: ev.PainReported) -> Result:
    """Pause the massage, and reduce the pressure of all strokes that follow, even after a resume."""
    lighter = replace(state, massage=replace(state.massage, lighter=True))
    return pause_massage(context, lighter, Reason.PAIN, _pain_topic(event))


# --- The timer and delivery ----------------------------------------------------------------------


def follow_timer(context: Context, state: Running, event: ev.CueDue) -> Result:
    """Announce the next part or go to it, whichever is due, or do nothing if neither is due.

    If the cue was due more than LATE seconds ago, pause instead, and ask whether anybody is still there. If
    the timer is off, a cue is due only after a day in which nobody has touched the session, so end the
    session.
    """
    due_at = context.session.due_at
    if due_at is None or context.now < due_at:
        return context.stay()
    if isinstance(state.timing, Waiting):
        return context.move(Idle())
    if context.now - due_at > LATE:
        paused = Paused(with_work(state, due_at), time_left(state, due_at), context.now, Reason.LATE)
        return context.move(paused, Say(Topic.STILL_THERE))
    if context.now < state.timing.ends_at:
        cued = Running(state.massage, replace(state.timing, cued=True))
        return context.change(cued, ShowNext(use_by=state.timing.ends_at))
    return go_on(context, with_work(state, context.now), cued=state.timing.cued)


def return_to_unseen_part(context: Context, state: Running, event: ev.Undelivered) -> Result:
    """Pause, and go back to the beginning of the part whose message did not arrive.

    The messages of a chat are delivered in order, so nobody has seen the messages of later parts either.
    """
    last = len(parts_of(state.massage, context.routine, event.step)) - 1
    place = Place(event.step, min(event.part, last))
    massage = moved_to(with_work(state, context.now), context.routine, place)
    left = seconds_at(massage, context.session, context.routine, place)
    return context.move(Paused(massage, left, context.now, Reason.LATE), Say(Topic.STILL_THERE))


def expire(context: Context, state: Paused | Listening, event: ev.CueDue) -> Result:
    """End the session without a message if nobody has touched it for a day."""
    due_at = context.session.due_at
    return context.move(Idle()) if due_at is not None and context.now >= due_at else context.stay()


def end_silently(context: Context, state: State, event: ev.Blocked) -> Result:
    """End the session without a message, because nobody can read one. The choices are kept."""
    return context.move(Idle())


# --- At any time ---------------------------------------------------------------------------------


def advise_on_pain(context: Context, state: State, event: ev.PainReported) -> Result:
    return context.stay(Say(_pain_topic(event)))


def _pain_topic(event: ev.PainReported) -> Topic:
    return Topic.EMERGENCY if event.emergency else Topic.HURT


def answer(context: Context, state: State, event: ev.Asked) -> Result:
    """Answer a question, and remember the question, so that "and after that?" can be understood next.

    A question about somebody's health is not remembered.
    """
    about_health = event.question.ask is Ask.CONDITION
    asked = context.session.asked if about_health else event.question
    left = time_left(state, context.now) if isinstance(state, Running | Paused) else 0.0
    return replace(context.session, asked=asked), (Answer(event.question, left),)


def forget(context: Context, state: State, event: ev.ForgetConfirmed) -> Result:
    return context.move(Idle(), Say(Topic.FORGOTTEN, new=False), Forget())


def say(topic: Topic) -> Callable[[Context, State, ev.Event], Result]:
    """Return an action that changes nothing and sends the message for `topic`."""

    def say_topic(context: Context, state: State, event: ev.Event) -> Result:
        return context.stay(Say(topic))

    return say_topic


def do_nothing(context: Context, state: State, event: ev.Event) -> Result:
    return context.stay()


def ignore(context: Context, state: State, event: ev.Event) -> Result:
    """Say that the event has no effect now."""
    return context.stay(Toast(Topic.NOT_NOW))
