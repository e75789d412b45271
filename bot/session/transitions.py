"""The coach's mind: which event, in which state, does what.

`advance(session, event, routine, now)` is pure: the same arguments give the same answer, so a caller
whose commit failed may simply load and advance again. `ROWS` is the one table: every event in every
state, those included that mean nothing there and get a short friendly line.
The state diagram in docs/ is drawn from the table. Nothing here may know Telegram, a database, a
clock or the words a person reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.routine.model import WALK_ROUND, Routine, Side, Turn
from bot.session import events as ev
from bot.session.effects import (
    Answer,
    Effect,
    Forget,
    ReadSample,
    Say,
    ShowCard,
    ShowChecklist,
    ShowControls,
    ShowGrid,
    ShowNext,
    ShowPart,
    ShowTrack,
    Tell,
    Topic,
)
from bot.session.places import (
    knot_at,
    part_at,
    parts_of,
    place_after,
    place_before,
    seconds_at,
    stands_at,
    starts_strokes,
)
from bot.session.state import (
    LATE,
    LEAD_IN,
    Ask,
    Finished,
    Idle,
    Knot,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Reason,
    Running,
    Session,
    State,
    Ticking,
    Waiting,
)

MORE_TIME = 30.0
"""Seconds that one tap on +30 s adds."""

Result = tuple[Session, tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class At:
    """Where an event arrives: the session as it was, its routine, the moment."""

    session: Session
    routine: Routine
    now: float

    def stay(self, *effects: Effect) -> Result:
        return self.session, effects

    def move(self, state: State, *effects: Effect) -> Result:
        return self.session.moved(state), effects

    def change(self, state: State, *effects: Effect) -> Result:
        """A new state in which every button still means what it did."""
        return replace(self.session, state=state), effects


def _enter(at: At, massage: Massage, place: Place, note: Topic | None = None, cued: bool = False) -> Result:
    """Go to the part at `place`, from its beginning."""
    stands = stands_at(massage, at.routine, place)
    walk = stands is not massage.stands
    turn = part_at(massage, at.routine, place).turn
    seconds = seconds_at(massage, at.session, at.routine, place)
    if walk:
        lead_in = WALK_ROUND
    else:
        lead_in = LEAD_IN if starts_strokes(at.routine, place) and not cued else 0.0
    here = replace(
        massage,
        place=place,
        stands=stands,
        pairs=_with_pair(massage, place.step, stands) if turn is Turn.FAR else massage.pairs,
        extra=massage.extra if turn in (Turn.FAR_AFTER_WALKING, Turn.RIGHT) else 0.0,
    )
    show = ShowPart(seconds, lead_in, walk, note=note)
    return at.move(Running(here, _timing(here, at.now + lead_in, seconds)), show)


def _with_pair(massage: Massage, step: int, stands: Side) -> tuple[tuple[int, Side], ...]:
    return tuple((dict(massage.pairs) | {step: stands}).items())


def _timing(massage: Massage, starts_at: float, seconds: float) -> Ticking | Waiting:
    return Ticking(starts_at, starts_at + seconds) if massage.timer else Waiting(starts_at, seconds)


def _settled(state: Running | Paused, now: float) -> Massage:
    """The massage with the time worked in this stretch added up."""
    if isinstance(state, Paused):
        return state.massage
    timing = state.timing
    if isinstance(timing, Ticking):
        worked = min(now, timing.ends_at) - timing.starts_at
    else:
        worked = now - timing.since
    return replace(state.massage, worked=state.massage.worked + max(0.0, worked))


def time_left(state: Running | Paused, now: float) -> float:
    """Seconds of work left in the part, never below zero."""
    if isinstance(state, Paused):
        return state.left
    timing = state.timing
    if isinstance(timing, Waiting):
        return timing.left
    return max(0.0, timing.ends_at - max(now, timing.starts_at))


def _pause(at: At, state: Running | Paused, reason: Reason, topic: Topic) -> Result:
    paused = Paused(_settled(state, at.now), time_left(state, at.now), at.now, reason)
    return at.move(paused, Say(topic))


def _finish(at: At, massage: Massage, stopped: bool) -> Result:
    finished = Finished(massage.worked, len(massage.done), massage.knots, stopped)
    return at.move(finished, Say(Topic.SUMMARY))


def _go_on(at: At, massage: Massage, note: Topic | None = None, cued: bool = False) -> Result:
    """On to the next part, or to the end after the last."""
    after = place_after(massage, at.routine)
    if after is None or after.step > massage.place.step:
        massage = replace(massage, done=massage.done | {massage.place.step})
    return _enter(at, massage, after, note, cued) if after else _finish(at, massage, stopped=False)


# --- What to do, event by event ------------------------------------------------------------------


def start(at: At, state: State, event: ev.Started | ev.StartedOver) -> Result:
    ticked = at.session.ticked if isinstance(state, Preparing) else frozenset()
    return replace(at.session, ticked=ticked).moved(Preparing()), (ShowCard(),)


def ask_to_start_over(at: At, state: Running | Paused, event: ev.Started) -> Result:
    return _pause(at, state, Reason.RESTARTING, Topic.START_OVER)


def choose_routine(at: At, state: Preparing, event: ev.RoutineChosen) -> Result:
    choices = replace(at.session.choices, routine=at.routine.id, length=at.routine.total_time)
    session = replace(at.session, choices=choices, ticked=frozenset(), asked=None)
    return session, (ShowCard(new=False),)


def choose_length(at: At, state: Preparing, event: ev.LengthChosen) -> Result:
    if event.length not in at.routine.lengths:
        return at.stay(Tell(Topic.STALE))
    choices = replace(at.session.choices, length=float(event.length))
    return replace(at.session, choices=choices), (ShowCard(new=False),)


def choose_side(at: At, state: Preparing, event: ev.SideChosen) -> Result:
    choices = replace(at.session.choices, side=event.side)
    return replace(at.session, choices=choices), (ShowCard(new=False),)


def choose_tone(at: At, state: Preparing, event: ev.ToneChosen) -> Result:
    choices = replace(at.session.choices, tone=event.tone)
    return replace(at.session, choices=choices), (ShowCard(new=False),)


def choose_aloud(at: At, state: Preparing, event: ev.AloudChosen) -> Result:
    choices = replace(at.session.choices, aloud=event.on)
    sample = (ReadSample(),) if event.on else ()
    return replace(at.session, choices=choices), (ShowCard(new=False), *sample)


def show_checklist(at: At, state: State, event: ev.ChecklistAsked) -> Result:
    return at.stay(ShowChecklist())


def tick(at: At, state: State, event: ev.ItemTicked) -> Result:
    if not 0 <= event.item < len(at.routine.checklist):
        return at.stay(Tell(Topic.STALE))
    ticked = at.session.ticked | {event.item} if event.on else at.session.ticked - {event.item}
    return replace(at.session, ticked=ticked), (ShowChecklist(new=False),)


def screen(at: At, state: Preparing, event: ev.Began) -> Result:
    return at.move(replace(state, screening=True), Say(Topic.SCREENING))


def screen_for_track(at: At, state: State, event: ev.TrackAsked) -> Result:
    return at.move(Preparing(screening=True, track=True), Say(Topic.SCREENING))


def begin(at: At, state: Preparing, event: ev.ScreenedClear) -> Result:
    if not state.screening:
        return screen(at, state, ev.Began())
    if state.track:
        return listen(at, state, event)
    massage = Massage(run=at.session.revision, stands=at.session.choices.side)
    return _enter(at, massage, Place())


def listen(at: At, state: State, event: ev.Event) -> Result:
    """The track, whatever was under way: from here on the player keeps the time."""
    return at.move(Listening(at.now), ShowTrack())


def stop_listening(at: At, state: Listening, event: ev.StopAsked) -> Result:
    """Nobody tells us how far it was heard: the whole massage, once there has been time for it."""
    length = at.session.choices.length
    listened = min(at.now - state.since, length)
    whole = listened == length
    finished = Finished(listened, len(at.routine.steps) if whole else 0, (), stopped=not whole)
    return at.move(finished, Say(Topic.SUMMARY))


def do_without_track(at: At, state: Listening, event: ev.TrackFailed) -> Result:
    return at.move(Preparing(), Say(Topic.NO_TRACK))


def decline(at: At, state: Preparing, event: ev.ScreenedOut) -> Result:
    return at.move(Idle(), Say(Topic.DECLINED, new=False), Forget())


def go_next(at: At, state: Running | Paused, event: ev.NextAsked) -> Result:
    return _go_on(at, _settled(state, at.now))


def go_back(at: At, state: Running | Paused, event: ev.BackAsked) -> Result:
    massage = _settled(state, at.now)
    return _enter(at, massage, place_before(massage, at.routine))


def again(at: At, state: Running | Paused, event: ev.AgainAsked) -> Result:
    return _enter(at, _settled(state, at.now), state.massage.place)


def skip(at: At, state: Running | Paused, event: ev.SkipAsked) -> Result:
    massage = _settled(state, at.now)
    if massage.place.step == len(at.routine.steps):
        return _finish(at, massage, stopped=False)
    return _enter(at, massage, Place(massage.place.step + 1))


def go_to(at: At, state: Running | Paused, event: ev.StepChosen) -> Result:
    if not 1 <= event.step <= len(at.routine.steps):
        return at.stay(Tell(Topic.NO_SUCH_STEP))
    return _enter(at, _settled(state, at.now), Place(event.step))


def pause(at: At, state: Running, event: ev.PauseAsked) -> Result:
    return _pause(at, state, Reason.ASKED, Topic.PAUSED)


def resume(at: At, state: Paused, event: ev.ResumeAsked) -> Result:
    """The part again, with a lead-in and the time that was left; the next one where none was."""
    if not state.left:
        return _go_on(at, state.massage)
    show = ShowPart(state.left, LEAD_IN, resumed=True)
    return at.move(Running(state.massage, _timing(state.massage, at.now + LEAD_IN, state.left)), show)


def add_time(at: At, state: Running | Paused, event: ev.MoreTimeAsked) -> Result:
    first_side = part_at(state.massage, at.routine).turn in (Turn.FAR, Turn.LEFT)
    extra = state.massage.extra + MORE_TIME if first_side else state.massage.extra
    massage = replace(state.massage, extra=extra)
    return at.change(replace(_longer(state), massage=massage), Tell(Topic.TIME_ADDED))


def _longer(state: Running | Paused) -> Running | Paused:
    """With more time; the next part is announced anew, since its moment has moved."""
    if isinstance(state, Paused):
        return replace(state, left=state.left + MORE_TIME)
    timing = state.timing
    if isinstance(timing, Waiting):
        return replace(state, timing=replace(timing, left=timing.left + MORE_TIME))
    return replace(state, timing=Ticking(timing.starts_at, timing.ends_at + MORE_TIME))


def switch_timer(at: At, state: Running | Paused, event: ev.TimerSwitched) -> Result:
    topic = Tell(Topic.TIMER_ON if event.on else Topic.TIMER_OFF)
    if event.on == state.massage.timer:
        return at.stay(topic)
    massage = replace(_settled(state, at.now), timer=event.on)
    if isinstance(state, Paused):
        return at.change(replace(state, massage=massage), topic, ShowControls(more=True))
    timing = _timing(massage, at.now, time_left(state, at.now))
    return at.change(Running(massage, timing), topic, ShowControls(more=True))


def stop(at: At, state: Running | Paused, event: ev.StopAsked) -> Result:
    if isinstance(state, Paused) and state.reason is Reason.STOPPING:
        return _finish(at, state.massage, stopped=True)
    return _pause(at, state, Reason.STOPPING, Topic.STOP)


def confirm_stop(at: At, state: Paused, event: ev.StopConfirmed) -> Result:
    return _finish(at, state.massage, stopped=True)


def open_more(at: At, state: Running | Paused, event: ev.MoreOpened) -> Result:
    return at.stay(ShowControls(more=True))


def close_more(at: At, state: Running | Paused, event: ev.MoreClosed) -> Result:
    return at.stay(ShowControls(more=False))


def show_grid(at: At, state: Running | Paused, event: ev.KnotsAsked) -> Result:
    if not any(step.each_knot for step in at.routine.steps):
        return at.stay(Tell(Topic.NO_KNOTS_HERE))
    return at.stay(ShowGrid())


def mark(at: At, state: Running | Paused, event: ev.SpotMarked) -> Result:
    """Mark a spot, or unmark it: oily fingers slip."""
    marked = [knot.spot for knot in state.massage.knots]
    if event.run != state.massage.run:
        return at.stay(Tell(Topic.STALE))
    if event.on == (event.spot in marked):
        return at.stay(ShowGrid(new=False))
    return _mark(at, state, event.spot) if event.on else _unmark(at, state, event.spot)


def tell_knot(at: At, state: Running | Paused, event: ev.KnotTold) -> Result:
    """Mark the spot, and say so at once: who told it by words has no grid before them."""
    if not any(step.each_knot for step in at.routine.steps):
        return at.stay(Tell(Topic.NO_KNOTS_HERE))
    if event.spot in [knot.spot for knot in state.massage.knots]:
        return at.stay(ShowGrid(open=False))
    session, (_, *shown) = _mark(at, state, event.spot)
    return session, (ShowGrid(open=False), *shown)


def _mark(at: At, state: Running | Paused, spot: str) -> Result:
    """In the knots' own step the first mark turns to that spot at once."""
    massage = replace(state.massage, knots=(*state.massage.knots, Knot(spot)))
    if len(massage.knots) > 1 or not _in_knot_step(at, massage):
        return at.change(replace(state, massage=massage), ShowGrid(new=False))
    if isinstance(state, Paused):
        left = seconds_at(massage, at.session, at.routine, massage.place)
        return at.change(replace(state, massage=massage, left=left), ShowGrid(new=False))
    settled = replace(_settled(state, at.now), knots=massage.knots)
    session, effects = _enter(at, settled, massage.place)
    return session, (ShowGrid(new=False, open=False), *effects)


def _unmark(at: At, state: Running | Paused, spot: str) -> Result:
    """In the knots' own step those done or in hand stay, or the place would slip past one."""
    massage = state.massage
    kept = tuple(knot for knot in massage.knots if knot.spot != spot)
    index = next(i for i, knot in enumerate(massage.knots) if knot.spot == spot)
    if _in_knot_step(at, massage) and index <= massage.place.part:
        return at.stay(Tell(Topic.BEING_WORKED))
    return at.change(replace(state, massage=replace(massage, knots=kept)), ShowGrid(new=False))


def _in_knot_step(at: At, massage: Massage) -> bool:
    return at.routine.steps[massage.place.step - 1].each_knot is not None


def close_grid(at: At, state: Running | Paused, event: ev.GridClosed) -> Result:
    return at.stay(ShowGrid(new=False, open=False))


def ease(at: At, state: Running | Paused, event: ev.KnotEased) -> Result:
    knot = knot_at(state.massage, at.routine)
    if knot is None:
        return at.stay(Tell(Topic.EASED if _at_knots(at, state) else Topic.NOT_NOW))
    return _go_on(at, _with_knot(_settled(state, at.now), replace(knot, eased=True)), Topic.EASED)


def stay_tight(at: At, state: Running | Paused, event: ev.KnotStayedTight) -> Result:
    """Once more with the same knot; after that it is left for another day."""
    knot = knot_at(state.massage, at.routine)
    if knot is None:
        return at.stay(Tell(Topic.STILL_TIGHT if _at_knots(at, state) else Topic.NOT_NOW))
    again = replace(knot, eased=False, rounds=knot.rounds + 1)
    massage = _with_knot(_settled(state, at.now), again)
    if knot.rounds:
        return _go_on(at, massage, Topic.LEAVE_IT)
    return _enter(at, massage, massage.place, Topic.STILL_TIGHT)


def _at_knots(at: At, state: Running | Paused) -> bool:
    """Whether knots are worked here, those too that nobody marked."""
    return at.routine.steps[state.massage.place.step - 1].each_knot is not None


def _with_knot(massage: Massage, changed: Knot) -> Massage:
    knots = tuple(changed if knot.spot == changed.spot else knot for knot in massage.knots)
    return replace(massage, knots=knots)


def hurt(at: At, state: Running | Paused, event: ev.HurtSaid) -> Result:
    """However it is resumed: from here on lighter."""
    lighter = replace(state, massage=replace(state.massage, lighter=True))
    return _pause(at, lighter, Reason.PAIN, _said_of(event))


def hurt_at_rest(at: At, state: State, event: ev.HurtSaid) -> Result:
    return at.stay(Say(_said_of(event)))


def _said_of(event: ev.HurtSaid) -> Topic:
    return Topic.EMERGENCY if event.emergency else Topic.HURT


def go_lighter(at: At, state: Running | Paused, event: ev.LighterAsked) -> Result:
    massage = replace(state.massage, lighter=True)
    return at.change(replace(state, massage=massage), Say(Topic.LIGHTER))


def answer(at: At, state: State, event: ev.Asked) -> Result:
    """Nothing moves. It is remembered for "and after that?", unless it tells of somebody's health."""
    told = event.question.ask is Ask.CONDITION
    asked = at.session.asked if told else event.question
    left = time_left(state, at.now) if isinstance(state, Running | Paused) else 0.0
    return replace(at.session, asked=asked), (Answer(event.question, left),)


def forget(at: At, state: State, event: ev.ForgetConfirmed) -> Result:
    return at.move(Idle(), Say(Topic.FORGOTTEN, new=False), Forget())


def end_blocked(at: At, state: State, event: ev.Blocked) -> Result:
    """Nobody is there to read: end without a word, keep the choices."""
    return at.move(Idle())


def cue(at: At, state: Running, event: ev.CueDue) -> Result:
    """The timer's moment: announce the next part, go to it, or ask whether anyone is there."""
    due_at = at.session.due_at
    if due_at is None or at.now < due_at:
        return at.stay()
    if isinstance(state.timing, Waiting):
        return at.move(Idle())
    if at.now - due_at > LATE:
        return _late(at, state, due_at)
    if at.now < state.timing.ends_at:
        cued = Running(state.massage, replace(state.timing, cued=True))
        return at.change(cued, ShowNext(use_by=state.timing.ends_at))
    return _go_on(at, _settled(state, at.now), cued=state.timing.cued)


def _late(at: At, state: Running, due_at: float) -> Result:
    """Paused with the time that was left when the cue was due."""
    paused = Paused(_settled(state, due_at), time_left(state, due_at), at.now, Reason.LATE)
    return at.move(paused, Say(Topic.STILL_THERE))


def go_back_unheard(at: At, state: Running, event: ev.Undelivered) -> Result:
    """Back to the start of the part that nobody heard of, paused: what came after was not heard either."""
    last = len(parts_of(state.massage, at.routine, event.step)) - 1
    place = Place(event.step, min(event.part, last))
    session, _ = _enter(at, _settled(state, at.now), place)
    if not isinstance(session.state, Running):
        return session, ()
    massage = session.state.massage
    left = seconds_at(massage, at.session, at.routine, place)
    return at.move(Paused(massage, left, at.now, Reason.LATE), Say(Topic.STILL_THERE))


def expire(at: At, state: Paused | Listening, event: ev.CueDue) -> Result:
    due_at = at.session.due_at
    return at.move(Idle()) if due_at is not None and at.now >= due_at else at.stay()


def says(topic: Topic) -> Callable[[At, State, ev.Event], Result]:
    """A handler that says it, and moves nothing."""

    def handler(at: At, state: State, event: ev.Event) -> Result:
        return at.stay(Say(topic))

    return handler


def leave_to_player(at: At, state: Listening, event: ev.Event) -> Result:
    return at.stay(Tell(Topic.PLAYER))


def ignore(at: At, state: State, event: ev.Event) -> Result:
    """Say that it means nothing here."""
    return at.stay(Tell(Topic.NOT_NOW))


def nothing(at: At, state: State, event: ev.Event) -> Result:
    return at.stay()


# --- The table -----------------------------------------------------------------------------------

Handler = Callable[..., Result]
States = tuple[type[State], ...]

ANY: States = (Idle, Preparing, Running, Paused, Listening, Finished)
AT_REST: States = (Idle, Preparing, Finished)
UNDER_WAY: States = (Running, Paused)

ROWS: tuple[tuple[States, type[ev.Event], Handler, States], ...] = (
    # in one of       on                  do                 and then be there still, or in one of
    ((*AT_REST, Listening), ev.Started, start, (Preparing,)),
    (UNDER_WAY, ev.Started, ask_to_start_over, (Paused,)),
    ((Paused,), ev.StartedOver, start, (Preparing,)),
    ((Preparing,), ev.RoutineChosen, choose_routine, ()),
    ((Preparing,), ev.LengthChosen, choose_length, ()),
    ((Preparing,), ev.SideChosen, choose_side, ()),
    ((Preparing,), ev.ToneChosen, choose_tone, ()),
    ((Preparing,), ev.AloudChosen, choose_aloud, ()),
    ((Preparing,), ev.Began, screen, (Preparing,)),
    (AT_REST, ev.TrackAsked, screen_for_track, (Preparing,)),
    ((*UNDER_WAY, Listening), ev.TrackAsked, listen, (Listening,)),
    ((Preparing,), ev.ScreenedClear, begin, (Preparing, Running, Listening)),
    ((Preparing,), ev.ScreenedOut, decline, (Idle,)),
    (ANY, ev.ChecklistAsked, show_checklist, ()),
    (ANY, ev.ItemTicked, tick, ()),
    (UNDER_WAY, ev.NextAsked, go_next, (Running, Finished)),
    (UNDER_WAY, ev.BackAsked, go_back, (Running,)),
    (UNDER_WAY, ev.AgainAsked, again, (Running,)),
    (UNDER_WAY, ev.SkipAsked, skip, (Running, Finished)),
    (UNDER_WAY, ev.StepChosen, go_to, (Running,)),
    ((Running,), ev.PauseAsked, pause, (Paused,)),
    ((Paused,), ev.PauseAsked, says(Topic.TAKE_YOUR_TIME), ()),
    ((Paused,), ev.ResumeAsked, resume, (Running, Finished)),
    (UNDER_WAY, ev.MoreTimeAsked, add_time, ()),
    (UNDER_WAY, ev.TimerSwitched, switch_timer, ()),
    ((Running,), ev.StopAsked, stop, (Paused,)),
    ((Paused,), ev.StopAsked, stop, (Paused, Finished)),
    ((Paused,), ev.StopConfirmed, confirm_stop, (Finished,)),
    ((Listening,), ev.StopAsked, stop_listening, (Finished,)),
    ((Listening,), ev.TrackFailed, do_without_track, (Preparing,)),
    (ANY, ev.VoiceMissed, says(Topic.NO_VOICE), ()),
    (UNDER_WAY, ev.MoreOpened, open_more, ()),
    (UNDER_WAY, ev.MoreClosed, close_more, ()),
    (UNDER_WAY, ev.KnotsAsked, show_grid, ()),
    (UNDER_WAY, ev.SpotMarked, mark, ()),
    (UNDER_WAY, ev.KnotTold, tell_knot, (Running,)),
    (UNDER_WAY, ev.GridClosed, close_grid, ()),
    (UNDER_WAY, ev.KnotEased, ease, (Running, Finished)),
    (UNDER_WAY, ev.KnotStayedTight, stay_tight, (Running, Finished)),
    (UNDER_WAY, ev.HurtSaid, hurt, (Paused,)),
    ((*AT_REST, Listening), ev.HurtSaid, hurt_at_rest, ()),
    (UNDER_WAY, ev.LighterAsked, go_lighter, ()),
    (ANY, ev.Asked, answer, ()),
    (ANY, ev.Chatted, says(Topic.CHATTED), ()),
    ((Running,), ev.CueDue, cue, (Running, Paused, Finished, Idle)),
    ((Paused, Listening), ev.CueDue, expire, (Idle,)),
    (AT_REST, ev.CueDue, nothing, ()),
    ((Running,), ev.Undelivered, go_back_unheard, (Paused,)),
    ((Idle, Preparing, Paused, Listening, Finished), ev.Undelivered, nothing, ()),
    (ANY, ev.Unclear, says(Topic.UNCLEAR), ()),
    (ANY, ev.HelpAsked, says(Topic.HELP), ()),
    (ANY, ev.PrivacyAsked, says(Topic.PRIVACY), ()),
    (ANY, ev.ForgetAsked, says(Topic.FORGET), ()),
    (ANY, ev.ForgetConfirmed, forget, (Idle,)),
    (ANY, ev.ForgetDeclined, says(Topic.KEPT), ()),
    ((*UNDER_WAY, Listening), ev.Blocked, end_blocked, (Idle,)),
    (AT_REST, ev.Blocked, nothing, ()),
    # The player's own buttons do it.
    ((Listening,), ev.NextAsked, leave_to_player, ()),
    ((Listening,), ev.BackAsked, leave_to_player, ()),
    ((Listening,), ev.AgainAsked, leave_to_player, ()),
    ((Listening,), ev.SkipAsked, leave_to_player, ()),
    ((Listening,), ev.StepChosen, leave_to_player, ()),
    ((Listening,), ev.PauseAsked, leave_to_player, ()),
    ((Listening,), ev.ResumeAsked, leave_to_player, ()),
    ((Listening,), ev.MoreTimeAsked, leave_to_player, ()),
    ((Listening,), ev.TimerSwitched, leave_to_player, ()),
    # What means nothing here, such as Next with no massage under way: a friendly line, no move.
    ((Idle, Preparing, Running, Listening, Finished), ev.StartedOver, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.RoutineChosen, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.LengthChosen, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.SideChosen, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.ToneChosen, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.Began, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.ScreenedClear, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.ScreenedOut, ignore, ()),
    (AT_REST, ev.NextAsked, ignore, ()),
    (AT_REST, ev.BackAsked, ignore, ()),
    (AT_REST, ev.AgainAsked, ignore, ()),
    (AT_REST, ev.SkipAsked, ignore, ()),
    (AT_REST, ev.StepChosen, ignore, ()),
    (AT_REST, ev.PauseAsked, ignore, ()),
    ((Idle, Preparing, Running, Finished), ev.ResumeAsked, ignore, ()),
    (AT_REST, ev.MoreTimeAsked, ignore, ()),
    (AT_REST, ev.TimerSwitched, ignore, ()),
    (AT_REST, ev.StopAsked, ignore, ()),
    ((Idle, Preparing, Running, Listening, Finished), ev.StopConfirmed, ignore, ()),
    ((*AT_REST, Listening), ev.MoreOpened, ignore, ()),
    ((*AT_REST, Listening), ev.MoreClosed, ignore, ()),
    ((*AT_REST, Listening), ev.KnotsAsked, ignore, ()),
    ((*AT_REST, Listening), ev.SpotMarked, ignore, ()),
    ((*AT_REST, Listening), ev.KnotTold, ignore, ()),
    ((*AT_REST, Listening), ev.LighterAsked, ignore, ()),
    ((*AT_REST, Listening), ev.GridClosed, ignore, ()),
    ((*AT_REST, Listening), ev.KnotEased, ignore, ()),
    ((*AT_REST, Listening), ev.KnotStayedTight, ignore, ()),
    ((Idle, Running, Paused, Listening, Finished), ev.AloudChosen, ignore, ()),
    ((*AT_REST, *UNDER_WAY), ev.TrackFailed, nothing, ()),
)

TRANSITIONS: dict[tuple[type[State], type[ev.Event]], tuple[Handler, States]] = {
    (state, event): (handler, to) for states, event, handler, to in ROWS for state in states
}


def advance(session: Session, event: ev.Event, routine: Routine, now: float) -> Result:
    """The session after `event` at `now`, and what to do about it. Pure; raises nothing."""
    if event.revision not in (None, session.revision):
        return session, (Tell(Topic.STALE),)
    handler, _ = TRANSITIONS[type(session.state), type(event)]
    return handler(At(session, routine, now), session.state, event)
