"""Actions: what one event does to a session. The actions on knots are in `knots`.

Each action takes a Context, the session's state and the event, and returns the next session and the effects.
An action must be pure: it uses no clock, network or database, and contains no wording.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.routine.model import Stance, Turn
from bot.session import events as ev
from bot.session.effects import (
    Answer,
    Forget,
    ReadSample,
    Say,
    ShowCard,
    ShowChecklist,
    ShowControls,
    ShowLines,
    ShowNext,
    ShowPart,
    ShowTrack,
    Toast,
    Topic,
)
from bot.session.lines import BRIEF, announcement
from bot.session.moves import (
    Context,
    Result,
    cues_ahead,
    enter_part,
    finish,
    go_on,
    pause_at,
    pause_massage,
    start_timing,
    time_left,
    with_work,
)
from bot.session.places import (
    FIRST_SIDES,
    beginning_of,
    knot_at,
    moved_to,
    part_at,
    parts_of,
    place_before,
)
from bot.session.state import (
    LATE,
    LEAD_IN,
    Choices,
    Cue,
    Finished,
    Idle,
    Line,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Reason,
    Running,
    Session,
    State,
    Talk,
    Ticking,
    Waiting,
)

SIDES_FROM_STANCE = (Turn.FAR, Turn.FAR_AFTER_WALKING)
"""The turns of parts whose side depends on where the giver stands."""
MORE_TIME = 30.0
"""Seconds that one tap on "+30 s" adds to the current part."""


# --- Before a massage ----------------------------------------------------------------------------


def show_start_card(context: Context, state: State, event: ev.Started | ev.StartedOver) -> Result:
    """Show the start card. Ticks on the checklist are kept only if a massage was being prepared already."""
    return _prepared(context.session), (ShowCard(),)


def ask_to_start_over(context: Context, state: Running | Paused, event: ev.Started) -> Result:
    return pause_massage(context, state, Reason.RESTARTING, Say(Topic.START_OVER))


def choose_routine(context: Context, state: State, event: ev.RoutineChosen) -> Result:
    """Choose the context's routine and its `total_time`. Ticks and the last question are forgotten."""
    routine = context.routine
    choices = replace(context.session.choices, routine=routine.id, length=routine.total_time)
    return _choose(replace(context.session, ticked=frozenset(), asked=None), choices)


def choose_length(context: Context, state: State, event: ev.LengthChosen) -> Result:
    if event.length not in context.routine.lengths:
        return context.stay(Say(Topic.NO_SUCH_LENGTH) if event.revision is None else Toast(Topic.STALE))
    return _choose(context.session, replace(context.session.choices, length=float(event.length)))


def choose_side(context: Context, state: State, event: ev.SideChosen) -> Result:
    return _choose(context.session, replace(context.session.choices, side=event.side))


def choose_tone(context: Context, state: State, event: ev.ToneChosen) -> Result:
    return _choose(context.session, replace(context.session.choices, tone=event.tone))


def choose_talk(context: Context, state: State, event: ev.TalkChosen) -> Result:
    return _choose(context.session, replace(context.session.choices, talk=event.talk))


def choose_aloud(context: Context, state: State, event: ev.ReadAloudChosen) -> Result:
    """Switch reading aloud on or off. If it is switched on, send a sample."""
    session, effects = _choose(context.session, replace(context.session.choices, aloud=event.on))
    return session, (*effects, ReadSample()) if event.on else effects


def _choose(session: Session, choices: Choices) -> Result:
    """Return the session with these choices, and show them on the start card.

    If no massage is being prepared, this begins to prepare one.
    """
    chosen = replace(session, choices=choices)
    if not isinstance(session.state, Preparing):
        return _prepared(chosen), (ShowCard(),)
    return chosen, (ShowCard(new=False),)


def _prepared(session: Session) -> Session:
    """Return the session with a massage in preparation. Ticks of an earlier massage are forgotten."""
    ticked = session.ticked if isinstance(session.state, Preparing) else frozenset()
    return replace(session, ticked=ticked).moved(Preparing())


def show_checklist(context: Context, state: State, event: ev.ChecklistAsked) -> Result:
    return context.stay(ShowChecklist())


def prepare_with_checklist(context: Context, state: State, event: ev.ChecklistAsked) -> Result:
    """Begin to prepare a massage, so that the checklist can offer to begin it."""
    return _prepared(context.session), (ShowChecklist(),)


def tick_item(context: Context, state: State, event: ev.ItemTicked) -> Result:
    if not 0 <= event.item < len(context.routine.checklist):
        return context.stay(Toast(Topic.STALE))
    others = context.session.ticked - {event.item}
    ticked = others | {event.item} if event.on else others
    return replace(context.session, ticked=ticked), (ShowChecklist(new=False),)


def ask_about_health(context: Context, state: Preparing, event: ev.Event) -> Result:
    return context.move(replace(state, screening=True), Say(Topic.SCREENING))


def ask_about_health_for_track(context: Context, state: State, event: ev.TrackAsked) -> Result:
    preparing = state if isinstance(state, Preparing) else Preparing()
    return context.move(replace(preparing, screening=True, track=True), Say(Topic.SCREENING))


def begin(context: Context, state: Preparing, event: ev.ScreenedClear | ev.PermissionGiven) -> Result:
    """Begin the massage or the guided track. If the question about health was not asked yet, ask it first."""
    if not state.screening:
        return ask_about_health(context, state, event)
    if state.told and isinstance(event, ev.ScreenedClear):
        return context.stay(Say(Topic.DOCTOR_FIRST))
    if state.track:
        return start_track(context, state, event)
    massage = Massage(run=context.session.revision, stands=context.session.choices.side)
    session, effects = enter_part(context, massage, Place())
    return session, (Say(Topic.AGREEMENT), *effects)


def advise_before_massage(context: Context, state: Preparing, event: ev.HealthTold) -> Result:
    """Advise on a condition. Then the massage begins only after a doctor has agreed, or not at all."""
    message = Say(Topic.HEALTH, about=event.condition)
    if event.not_today:
        return context.move(Idle(), message)
    return context.move(replace(state, screening=True, told=True), message)


def swap_places(context: Context, state: Finished, event: ev.SwapAsked) -> Result:
    """Prepare the same massage for the other person, and ask the question about health anew."""
    return context.move(Preparing(screening=True), Say(Topic.SCREENING))


def decline(context: Context, state: Preparing, event: ev.ScreenedOut) -> Result:
    """End the session with a kind message, and delete the chat's data.

    The data are deleted so that nothing about anybody's health is kept.
    """
    return context.move(Idle(), Say(Topic.DECLINED, new=False), Forget())


# --- The guided track ----------------------------------------------------------------------------


def start_track(context: Context, state: State, event: ev.Event) -> Result:
    """Send the guided track. This ends a massage under way, because from now on the player keeps the time."""
    return context.move(Listening(context.now), ShowTrack())


def ask_to_play_track(context: Context, state: Running | Paused, event: ev.TrackAsked) -> Result:
    """Pause the massage, and ask whether the guided track may end it."""
    return pause_massage(context, state, Reason.TRACK, Say(Topic.PLAY_TRACK))


def stop_track(context: Context, state: Listening, event: ev.StopAsked) -> Result:
    """Finish the track, and send the summary.

    The player does not report how much was heard. So all the time since the start counts as heard, up to the
    length of the track.
    """
    return context.move(listened(context, state), Say(Topic.SUMMARY))


def listened(context: Context, state: Listening) -> Finished:
    length = context.session.choices.length
    listened = min(context.now - state.since, length)
    whole = listened == length
    return Finished(listened, len(context.routine.steps) if whole else 0, (), stopped=not whole)


def go_without_track(context: Context, state: Listening, event: ev.TrackFailed) -> Result:
    return context.move(Preparing(), Say(Topic.NO_TRACK))


def refer_to_player(context: Context, state: Listening, event: ev.Event) -> Result:
    return context.stay(Toast(Topic.PLAYER))


# --- During a massage ----------------------------------------------------------------------------


def go_to_next_part(context: Context, state: Running | Paused, event: ev.NextAsked) -> Result:
    """Go to the next part. In a pause after pain at a knot, that is the part at which the massage waits."""
    if isinstance(state, Paused) and not state.begun:
        return enter_part(context, state.massage, state.massage.place)
    return go_on(context, with_work(state, context.now), _goodbye(context, state))


def _goodbye(context: Context, state: Running | Paused) -> Say | None:
    """Return the message that the knot which is being massaged has had enough; None at any other part."""
    knot = knot_at(state.massage, context.routine)
    return Say(Topic.KNOT_LEFT, about=knot.spot) if knot else None


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
    return enter_part(context, massage, beginning_of(massage, context.routine, massage.place.step + 1))


def go_to_step(context: Context, state: Running | Paused, event: ev.StepChosen) -> Result:
    if not 1 <= event.step <= len(context.routine.steps):
        return context.stay(Toast(Topic.NO_SUCH_STEP))
    massage = with_work(state, context.now)
    return enter_part(context, massage, beginning_of(massage, context.routine, event.step))


def pause(context: Context, state: Running, event: ev.PauseAsked) -> Result:
    return pause_massage(context, state, Reason.ASKED, Say(Topic.PAUSED))


def resume(context: Context, state: Paused, event: ev.Event) -> Result:
    """Resume the part with the time left, after a lead-in. If no time is left, go to the next part."""
    if not state.left:
        return go_on(context, state.massage, _goodbye(context, state))
    timing = start_timing(state.massage, context.now + LEAD_IN, state.left, state.cues)
    return context.move(Running(state.massage, timing), ShowPart(state.left, LEAD_IN, resumed=True))


def add_time(context: Context, state: Running | Paused, event: ev.MoreTimeAsked) -> Result:
    """Add MORE_TIME to the part and, if the part is a stroke's first side, also to the second side."""
    massage = state.massage
    if part_at(massage, context.routine).turn in FIRST_SIDES:
        massage = replace(massage, extra=massage.extra + MORE_TIME)
    return context.change(_with_more_time(context, state, massage), Toast(Topic.TIME_ADDED))


def _with_more_time(context: Context, state: Running | Paused, massage: Massage) -> Running | Paused:
    """Return the state with MORE_TIME added to the current part.

    If the next part was announced already, it will be announced again, because its start has moved.
    """
    left = time_left(state, context.now) + MORE_TIME
    reminders = (
        replace(cue, left=cue.left + MORE_TIME)
        for cue in cues_ahead(state, context.now)
        if Line.NEXT not in cue.lines
    )
    ahead = (*reminders, announcement(massage.place, context.routine, left))
    if isinstance(state, Paused):
        return replace(state, massage=massage, left=left, cues=ahead)
    timing = state.timing
    if isinstance(timing, Waiting):
        return Running(massage, replace(timing, left=left, cues=ahead))
    return Running(massage, replace(timing, ends_at=timing.ends_at + MORE_TIME, cues=ahead))


def correct_side(context: Context, state: Running | Paused, event: ev.SideChosen) -> Result:
    """Correct the side where the giver stands. All sides are exchanged, so that pairs stay equal.

    If the current part is done from a particular side, it is shown again with the time that is left.
    """
    if context.routine.stance is Stance.BEHIND:
        return context.stay(Toast(Topic.NOT_NOW))
    massage = state.massage
    if event.side is massage.stands:
        return context.stay(Say(Topic.SIDE_CHANGED))
    pairs = tuple((step, stood.other) for step, stood in massage.pairs)
    choices = replace(context.session.choices, side=context.session.choices.side.other)
    session = replace(context.session, choices=choices)
    corrected = replace(massage, stands=event.side, pairs=pairs)
    if isinstance(state, Paused) or part_at(massage, context.routine).turn not in SIDES_FROM_STANCE:
        changed = replace(session, state=replace(state, massage=corrected))
        return changed, (Say(Topic.SIDE_CHANGED),)
    show = ShowPart(time_left(state, context.now), resumed=True, note=Say(Topic.SIDE_CHANGED))
    return session.moved(replace(state, massage=corrected)), (show,)


def change_talk(context: Context, state: Running | Paused, event: ev.TalkChosen) -> Result:
    """Change how much the coach says. Less is said at once, and more from the next part on."""
    choices = replace(context.session.choices, talk=event.talk)
    session = replace(context.session, choices=choices)
    topic = Toast(Topic.TALK_FULL if event.talk is Talk.FULL else Topic.TALK_BRIEF)
    if event.talk is Talk.FULL:
        return session, (topic,)
    if isinstance(state, Paused):
        return replace(session, state=replace(state, cues=_needed(state.cues))), (topic,)
    timing = replace(state.timing, cues=_needed(state.timing.cues))
    return replace(session, state=replace(state, timing=timing)), (topic,)


def _needed(cues: tuple[Cue, ...]) -> tuple[Cue, ...]:
    """Return the cues without what a brief coach leaves out. Warnings and announcements stay."""
    kept = [(cue.left, tuple(line for line in cue.lines if line in BRIEF)) for cue in cues]
    return tuple(Cue(left, lines) for left, lines in kept if lines)


def switch_timer(context: Context, state: Running | Paused, event: ev.TimerSwitched) -> Result:
    topic = Toast(Topic.TIMER_ON if event.on else Topic.TIMER_OFF)
    if event.on == state.massage.timer:
        return context.stay(topic)
    massage = replace(with_work(state, context.now), timer=event.on)
    if isinstance(state, Paused):
        return context.change(replace(state, massage=massage), topic, ShowControls(more=True))
    left = time_left(state, context.now)
    timing = start_timing(massage, context.now, left, cues_ahead(state, context.now))
    return context.change(Running(massage, timing), topic, ShowControls(more=True))


def stop(context: Context, state: Running | Paused, event: ev.StopAsked) -> Result:
    """Pause the massage, and ask whether to stop it. If that question was asked already, stop the massage."""
    if isinstance(state, Paused) and state.reason is Reason.STOPPING:
        return finish(context, state.massage, stopped=True)
    return pause_massage(context, state, Reason.STOPPING, Say(Topic.STOP))


def confirm_stop(context: Context, state: Paused, event: ev.StopConfirmed | ev.StopAsked) -> Result:
    return finish(context, state.massage, stopped=True)


def show_more_buttons(context: Context, state: Running | Paused, event: ev.MoreOpened) -> Result:
    return context.stay(ShowControls(more=True))


def show_fewer_buttons(context: Context, state: Running | Paused, event: ev.MoreClosed) -> Result:
    return context.stay(ShowControls(more=False))


# --- The timer and delivery ----------------------------------------------------------------------


def follow_timer(context: Context, state: Running, event: ev.CueDue) -> Result:
    """Say what is due, or go to the next part. If several cues are due at once, only the last one is said.

    If the next part should have been announced, or should have begun, more than LATE seconds ago, pause
    instead, and ask whether anybody is still there. If the timer is off, a cue is due only after a day in
    which nobody has touched the session, so end the session.
    """
    due_at = context.session.due_at
    if due_at is None or context.now < due_at:
        return context.stay()
    if isinstance(state.timing, Waiting):
        return context.move(Idle())
    missed_at = state.timing.announced_at
    if context.now - missed_at > LATE:
        left = time_left(state, missed_at)
        ahead = cues_ahead(state, missed_at)
        paused = Paused(with_work(state, missed_at), left, context.now, Reason.LATE, ahead)
        return context.move(paused, Say(Topic.STILL_THERE))
    if context.now < state.timing.ends_at:
        return _say_cue(context, state, state.timing)
    massage, said = with_work(state, context.now), not state.timing.cues
    return go_on(context, massage, _goodbye(context, state), cued=said)


def _say_cue(context: Context, state: Running, timing: Ticking) -> Result:
    due = [cue for cue in timing.cues if timing.time_of(cue) <= context.now]
    ahead = timing.cues[len(due) :]
    said = Running(state.massage, replace(timing, cues=ahead))
    if Line.NEXT in due[-1].lines:
        return context.change(said, ShowNext(timing.ends_at - context.now, use_by=timing.ends_at))
    return context.change(said, ShowLines(due[-1].lines, use_by=timing.time_of(ahead[0])))


def return_to_unseen_part(context: Context, state: Running, event: ev.Undelivered) -> Result:
    """Pause, and go back to the beginning of the part whose message did not arrive.

    The messages of a chat are delivered in order, so nobody has seen the messages of later parts either.
    """
    last = len(parts_of(state.massage, context.routine, event.step)) - 1
    place = Place(event.step, min(event.part, last))
    massage = moved_to(with_work(state, context.now), context.routine, place)
    return context.move(pause_at(context, massage, Reason.LATE), Say(Topic.STILL_THERE))


def expire(context: Context, state: Paused | Listening, event: ev.CueDue) -> Result:
    """End the session without a message if nobody has touched it for a day."""
    due_at = context.session.due_at
    return context.move(Idle()) if due_at is not None and context.now >= due_at else context.stay()


def end_silently(context: Context, state: State, event: ev.Blocked) -> Result:
    """End the session without a message, because nobody can read one. The choices are kept."""
    return context.move(Idle())


# --- At any time ---------------------------------------------------------------------------------


def answer(context: Context, state: State, event: ev.Asked) -> Result:
    """Answer a question, and remember the question, so that "and after that?" can be understood next."""
    left = time_left(state, context.now) if isinstance(state, Running | Paused) else 0.0
    return replace(context.session, asked=event.question), (Answer(event.question, left),)


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
