"""What one event does to a session: exactly the session after it, and exactly the effects."""

from dataclasses import replace
from typing import Any

import pytest

from bot.routine.model import Routine, Side, Tone
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
    Toast,
    Topic,
)
from bot.session.moves import Result
from bot.session.state import (
    ABANDONED_AFTER,
    LATE,
    Ask,
    Choices,
    Finished,
    Idle,
    Knot,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Question,
    Reason,
    Running,
    Session,
    State,
    Ticking,
    Waiting,
)
from bot.session.transitions import advance
from tests.stage import LIBRARY

BACK, NECK = LIBRARY.routines["back"], LIBRARY.routines["neck-and-shoulders"]
NOW = 1_000_000.0
WHY = Question(Ask.WHY, Place(3))
SESSION = Session(
    7, Choices("back", 1500.0, Side.LEFT), revision=40, ticked=frozenset({0, 3}), version=5, asked=WHY
)
"""The session before every event here, but for its state."""
WORKED = 300.0
"""Seconds of work before the present part."""


def done(*steps: int) -> frozenset[int]:
    return frozenset(steps)


def massage(step: int = 3, part: int = 0, **fields: Any) -> Massage:
    """A massage at this place, with all steps before it done."""
    given: dict[str, Any] = {"stands": Side.LEFT, "worked": WORKED, "done": done(*range(1, step))}
    return Massage(run=39, place=Place(step, part), **given | fields)


def ticking(massage: Massage, ago: float = 60.0, left: float = 120.0, cued: bool = False) -> Running:
    """The timer runs: the part began `ago` seconds ago, and ends in `left` seconds."""
    return Running(massage, Ticking(NOW - ago, NOW + left, cued))


def waiting(massage: Massage, ago: float = 60.0, left: float = 120.0) -> Running:
    """The timer is off since `ago` seconds."""
    return Running(replace(massage, timer=False), Waiting(NOW - ago, left))


def paused(massage: Massage, left: float = 120.0, reason: Reason = Reason.ASKED) -> Paused:
    return Paused(massage, left, NOW - 500, reason)


def begins(massage: Massage, seconds: float, lead_in: float = 0.0) -> Running:
    """A part that begins now."""
    return Running(massage, Ticking(NOW + lead_in, NOW + lead_in + seconds))


def happens(state: State, event: ev.Event, routine: Routine = BACK) -> Result:
    return advance(replace(SESSION, state=state), event, routine, NOW)


def stays(state: State, *effects: Effect) -> Result:
    """The session is as it was."""
    return replace(SESSION, state=state), effects


changes = stays
"""The state is another, but all buttons shown before still work."""


def moves(state: State, *effects: Effect) -> Result:
    """The state is another, and all buttons shown before are stale."""
    return replace(SESSION, state=state, revision=41, asked=None), effects


def each(sentences: dict[str, tuple[State, ev.Event, Result]]) -> pytest.MarkDecorator:
    """Run a test for each sentence: with the state before the event, the event, and what comes of it."""
    rows = [pytest.param(*row, id=sentence) for sentence, row in sentences.items()]
    return pytest.mark.parametrize(("state", "event", "result"), rows)


IN_MASSAGE = {"running": ticking(massage()), "paused": paused(massage())}
ELSEWHERE = {
    "idle": Idle(),
    "preparing": Preparing(),
    "listening": Listening(NOW - 600),
    "finished": Finished(1500.0, 8, (), stopped=False),
}


# --- At any time ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", (IN_MASSAGE | ELSEWHERE).values(), ids=lambda state: state.kind)
@pytest.mark.parametrize(
    ("event", "effect"),
    [
        (ev.Chatted(), Say(Topic.CHATTED)),
        (ev.Unclear(), Say(Topic.UNCLEAR)),
        (ev.HelpAsked(), Say(Topic.HELP)),
        (ev.PrivacyAsked(), Say(Topic.PRIVACY)),
        (ev.VoiceUnavailable(), Say(Topic.NO_VOICE)),
        (ev.ForgetAsked(), Say(Topic.FORGET)),
        (ev.ForgetDeclined(), Say(Topic.KEPT)),
        (ev.ChecklistAsked(), ShowChecklist()),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, ev.Event) else None,
)
def test_this_gets_its_reply_in_every_state_and_moves_nothing(
    state: State, event: ev.Event, effect: Effect
) -> None:
    assert happens(state, event) == stays(state, effect)


@pytest.mark.parametrize("state", (IN_MASSAGE | ELSEWHERE).values(), ids=lambda state: state.kind)
def test_a_chat_can_be_forgotten_in_every_state(state: State) -> None:
    assert happens(state, ev.ForgetConfirmed()) == moves(Idle(), Say(Topic.FORGOTTEN, new=False), Forget())


@pytest.mark.parametrize(
    ("item", "on", "ticked"),
    [
        pytest.param(1, True, {0, 1, 3}, id="a new tick is added"),
        pytest.param(3, True, {0, 3}, id="a tick that is there stays"),
        pytest.param(0, False, {3}, id="a tick is taken away"),
        pytest.param(2, False, {0, 3}, id="no tick stays no tick"),
        pytest.param(9, True, {0, 3, 9}, id="the last item can be ticked"),
    ],
)
def test_the_checklist_is_ticked(item: int, on: bool, ticked: set[int]) -> None:
    after, effects = happens(Preparing(), ev.ItemTicked(item=item, on=on))
    assert after == replace(SESSION, state=Preparing(), ticked=frozenset(ticked))
    assert effects == (ShowChecklist(new=False),)


@pytest.mark.parametrize("item", [-1, len(BACK.checklist)])
def test_an_item_that_is_not_on_the_checklist_cannot_be_ticked(item: int) -> None:
    assert happens(Preparing(), ev.ItemTicked(item=item)) == stays(Preparing(), Toast(Topic.STALE))


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (Idle(), 0.0),
        (ticking(massage(), ago=-10, left=170), 170.0 - 10),
        (ticking(massage(), left=110), 110.0),
        (ticking(massage(), left=-5), 0.0),
        (waiting(massage(), left=100), 100.0),
        (paused(massage(), left=90), 90.0),
    ],
)
def test_an_answer_says_how_much_time_is_left_and_the_question_is_remembered(
    state: State, left: float
) -> None:
    question = Question(Ask.HOW, Place(3))
    after, effects = happens(state, ev.Asked(question=question))
    assert after == replace(SESSION, state=state, asked=question)
    assert effects == (Answer(question, left),)


def test_a_question_about_health_is_answered_and_not_remembered() -> None:
    question = Question(Ask.CONDITION, about="fever")
    assert happens(Idle(), ev.Asked(question=question)) == stays(Idle(), Answer(question, 0.0))


@pytest.mark.parametrize("state", ELSEWHERE.values(), ids=lambda state: state.kind)
@pytest.mark.parametrize(("emergency", "topic"), [(False, Topic.HURT), (True, Topic.EMERGENCY)])
def test_pain_outside_a_massage_gets_advice(state: State, emergency: bool, topic: Topic) -> None:
    assert happens(state, ev.PainReported(emergency=emergency)) == stays(state, Say(topic))


@pytest.mark.parametrize("state", [Idle(), Preparing(), ELSEWHERE["finished"]], ids=lambda state: state.kind)
@pytest.mark.parametrize("event", [ev.CueDue(), ev.Blocked(), ev.Undelivered(), ev.TrackFailed()])
def test_without_a_massage_events_of_the_timer_and_of_delivery_do_nothing(
    state: State, event: ev.Event
) -> None:
    assert happens(state, event) == stays(state)


# --- Before a massage ----------------------------------------------------------------------------


def chosen(**choices: Any) -> Session:
    return replace(SESSION, state=Preparing(), choices=replace(SESSION.choices, **choices))


@pytest.mark.parametrize(
    ("event", "session", "effects"),
    [
        (ev.LengthChosen(length=900), chosen(length=900.0), (ShowCard(new=False),)),
        (ev.LengthChosen(length=901), chosen(), (Toast(Topic.STALE),)),
        (ev.SideChosen(side=Side.RIGHT), chosen(side=Side.RIGHT), (ShowCard(new=False),)),
        (ev.ToneChosen(tone=Tone.DEEP), chosen(tone=Tone.DEEP), (ShowCard(new=False),)),
        (ev.ReadAloudChosen(on=True), chosen(aloud=True), (ShowCard(new=False), ReadSample())),
        (ev.ReadAloudChosen(on=False), chosen(aloud=False), (ShowCard(new=False),)),
    ],
)
def test_a_choice_shows_on_the_card(event: ev.Event, session: Session, effects: tuple[Effect, ...]) -> None:
    assert happens(Preparing(), event) == (session, effects)


def test_another_routine_comes_at_its_usual_length_with_nothing_ticked_or_asked() -> None:
    after, effects = happens(Preparing(), ev.RoutineChosen(routine=NECK.id), NECK)
    choices = Choices("neck-and-shoulders", 480.0, Side.LEFT)
    assert after == replace(SESSION, state=Preparing(), choices=choices, ticked=frozenset(), asked=None)
    assert effects == (ShowCard(new=False),)


def test_start_shows_the_card_again_with_the_ticks_of_the_massage_in_preparation() -> None:
    assert happens(Preparing(screening=True), ev.Started()) == moves(Preparing(), ShowCard())


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (Idle(), ev.Started()),
        (Listening(NOW), ev.Started()),
        (ELSEWHERE["finished"], ev.Started()),
        (paused(massage()), ev.StartedOver()),
    ],
)
def test_a_start_from_any_other_state_shows_the_card_with_nothing_ticked(
    state: State, event: ev.Event
) -> None:
    after, effects = moves(Preparing(), ShowCard())
    assert happens(state, event) == (replace(after, ticked=frozenset()), effects)


FIRST = Massage(run=40, stands=Side.LEFT)
"""A massage that begins. Its run is the revision at which it began."""


@each(
    {
        "Begin asks about health": (
            Preparing(),
            ev.Began(),
            moves(Preparing(screening=True), Say(Topic.SCREENING)),
        ),
        "Begin keeps in mind that a track was asked for": (
            Preparing(track=True),
            ev.Began(),
            moves(Preparing(screening=True, track=True), Say(Topic.SCREENING)),
        ),
        "an answer about health comes before its question: the question is asked": (
            Preparing(),
            ev.ScreenedClear(),
            moves(Preparing(screening=True), Say(Topic.SCREENING)),
        ),
        "none of these: step 1 begins at once": (
            Preparing(screening=True),
            ev.ScreenedClear(),
            moves(begins(FIRST, 60.0), ShowPart(60.0)),
        ),
        "none of these: the track is sent, if one was asked for": (
            Preparing(screening=True, track=True),
            ev.ScreenedClear(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "one of these: not today, and nothing is kept": (
            Preparing(screening=True),
            ev.ScreenedOut(),
            moves(Idle(), Say(Topic.DECLINED, new=False), Forget()),
        ),
    }
)
def test_the_question_about_health_comes_before_the_first_step(
    state: State, event: ev.Event, result: Result
) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize("state", [Idle(), Preparing(), ELSEWHERE["finished"]], ids=lambda state: state.kind)
def test_the_question_about_health_comes_before_a_track(state: State) -> None:
    asks = moves(Preparing(screening=True, track=True), Say(Topic.SCREENING))
    assert happens(state, ev.TrackAsked()) == asks


def test_a_massage_begins_on_the_side_and_in_the_length_chosen() -> None:
    choices = Choices("back", 900.0, Side.RIGHT)
    session = replace(SESSION, state=Preparing(screening=True), choices=choices)
    after, effects = advance(session, ev.ScreenedClear(), BACK, NOW)
    assert after.state == begins(Massage(run=40, stands=Side.RIGHT), 40.0)
    assert effects == (ShowPart(40.0),)


# --- A guided track ------------------------------------------------------------------------------


@each(
    {
        "a massage that runs gives way to the track": (
            ticking(massage()),
            ev.TrackAsked(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "a massage that is paused gives way to the track": (
            paused(massage()),
            ev.TrackAsked(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "the track is sent again, and counts from there": (
            Listening(NOW - 600),
            ev.TrackAsked(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "Stop in the middle counts the time since the start, and no step": (
            Listening(NOW - 600),
            ev.StopAsked(),
            moves(Finished(600.0, 0, (), stopped=True), Say(Topic.SUMMARY)),
        ),
        "Stop at the end counts all steps": (
            Listening(NOW - 1500),
            ev.StopAsked(),
            moves(Finished(1500.0, 8, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "Stop long after the end counts no more than the track's length": (
            Listening(NOW - 5000),
            ev.StopAsked(),
            moves(Finished(1500.0, 8, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "a track that cannot be sent leads back to the card": (
            Listening(NOW),
            ev.TrackFailed(),
            moves(Preparing(), Say(Topic.NO_TRACK)),
        ),
        "a message that does not arrive changes nothing in a track": (
            Listening(NOW),
            ev.Undelivered(),
            stays(Listening(NOW)),
        ),
        "an old track that fails changes nothing in a massage": (
            ticking(massage()),
            ev.TrackFailed(),
            stays(ticking(massage())),
        ),
    }
)
def test_a_track_plays_in_the_player(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize(
    "event",
    [
        ev.NextAsked(),
        ev.BackAsked(),
        ev.AgainAsked(),
        ev.SkipAsked(),
        ev.StepChosen(step=2),
        ev.PauseAsked(),
        ev.ResumeAsked(),
        ev.MoreTimeAsked(),
        ev.TimerSwitched(on=False),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_command_for_a_massage_refers_to_the_player_of_a_track(event: ev.Event) -> None:
    assert happens(Listening(NOW - 600), event) == stays(Listening(NOW - 600), Toast(Topic.PLAYER))


# --- From part to part ---------------------------------------------------------------------------

FIRST_SIDE = massage(4, pairs=((4, Side.LEFT),))
OTHER_SIDE = replace(FIRST_SIDE, place=Place(4, 1), stands=Side.RIGHT)
"""The giver stood on the left for the first side of step 4, and has walked round."""


def after_work(massage: Massage, seconds: float, **fields: Any) -> Massage:
    return replace(massage, worked=WORKED + seconds, **fields)


@each(
    {
        "Next: step 3 is done, and step 4 begins": (
            ticking(massage(3)),
            ev.NextAsked(),
            moves(begins(after_work(FIRST_SIDE, 60), 120.0), ShowPart(120.0)),
        ),
        "Next before the first stroke leaves time to get the hands ready": (
            ticking(massage(1)),
            ev.NextAsked(),
            moves(begins(after_work(massage(2), 60), 180.0, lead_in=10), ShowPart(180.0, lead_in=10.0)),
        ),
        "Next on the first side leads to the other one, and the step is not done yet": (
            ticking(FIRST_SIDE),
            ev.NextAsked(),
            moves(
                begins(after_work(OTHER_SIDE, 60), 120.0, lead_in=10),
                ShowPart(120.0, lead_in=10.0, walk=True),
            ),
        ),
        "Next on the other side leads to the next step, worked from there": (
            ticking(OTHER_SIDE),
            ev.NextAsked(),
            moves(
                begins(after_work(OTHER_SIDE, 60, place=Place(5), done=done(1, 2, 3, 4)), 180.0),
                ShowPart(180.0),
            ),
        ),
        "Next in the last part is the end": (
            ticking(massage(8, 4)),
            ev.NextAsked(),
            moves(Finished(360.0, 8, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "Next in a pause goes on, and a pause is no work": (
            paused(massage(3)),
            ev.NextAsked(),
            moves(begins(FIRST_SIDE, 120.0), ShowPart(120.0)),
        ),
        "Next during the lead-in has nothing to count": (
            ticking(massage(3), ago=-5, left=185),
            ev.NextAsked(),
            moves(begins(FIRST_SIDE, 120.0), ShowPart(120.0)),
        ),
        "Next long after the part's end counts the part": (
            ticking(massage(3), ago=200, left=-20),
            ev.NextAsked(),
            moves(begins(after_work(FIRST_SIDE, 180), 120.0), ShowPart(120.0)),
        ),
        "Next without the timer counts all the time, and the timer stays off": (
            waiting(massage(3), ago=500),
            ev.NextAsked(),
            moves(waiting(after_work(FIRST_SIDE, 500), ago=0), ShowPart(120.0)),
        ),
        "Back leads to the step before, which stays done": (
            ticking(massage(3)),
            ev.BackAsked(),
            moves(
                begins(after_work(massage(2), 60, done=done(1, 2)), 180.0, lead_in=10),
                ShowPart(180.0, lead_in=10.0),
            ),
        ),
        "Back in the first part begins it again": (
            ticking(massage(1)),
            ev.BackAsked(),
            moves(begins(after_work(massage(1), 60), 60.0), ShowPart(60.0)),
        ),
        "Back in the second part leads to the first part of all": (
            ticking(massage(2)),
            ev.BackAsked(),
            moves(begins(after_work(massage(1), 60, done=done(1)), 60.0), ShowPart(60.0)),
        ),
        "Back on the other side leads round to the first one": (
            ticking(OTHER_SIDE),
            ev.BackAsked(),
            moves(
                begins(after_work(FIRST_SIDE, 60), 120.0, lead_in=10),
                ShowPart(120.0, lead_in=10.0, walk=True),
            ),
        ),
        "Back in step 5 leads to the last part of step 4": (
            paused(replace(OTHER_SIDE, place=Place(5))),
            ev.BackAsked(),
            moves(begins(OTHER_SIDE, 120.0), ShowPart(120.0)),
        ),
        "Back inside a step leads to the part before": (
            paused(massage(8, 2, pairs=((8, Side.LEFT),))),
            ev.BackAsked(),
            moves(begins(massage(8, 1, pairs=((8, Side.LEFT),)), 90.0), ShowPart(90.0)),
        ),
        "Again begins the part once more": (
            ticking(massage(3), ago=100, left=80),
            ev.AgainAsked(),
            moves(begins(after_work(massage(3), 100), 180.0), ShowPart(180.0)),
        ),
        "Again on the other side stays on that side": (
            paused(OTHER_SIDE),
            ev.AgainAsked(),
            moves(begins(OTHER_SIDE, 120.0), ShowPart(120.0)),
        ),
        "Skip leads over the other side too, and the step is not done": (
            ticking(FIRST_SIDE),
            ev.SkipAsked(),
            moves(begins(after_work(FIRST_SIDE, 60, place=Place(5)), 180.0), ShowPart(180.0)),
        ),
        "Skip in the last step is the end, and that step is not done": (
            ticking(massage(8, 1)),
            ev.SkipAsked(),
            moves(Finished(360.0, 7, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "Skip in a pause goes on": (
            paused(massage(5)),
            ev.SkipAsked(),
            moves(begins(massage(6, done=done(1, 2, 3, 4)), 120.0), ShowPart(120.0)),
        ),
        "the first step can be chosen": (
            ticking(massage(3)),
            ev.StepChosen(step=1),
            moves(begins(after_work(massage(1), 60, done=done(1, 2)), 60.0), ShowPart(60.0)),
        ),
        "the last step can be chosen": (
            paused(massage(3)),
            ev.StepChosen(step=8),
            moves(begins(massage(8, done=done(1, 2)), 90.0), ShowPart(90.0)),
        ),
        "there is no step 0": (
            ticking(massage(3)),
            ev.StepChosen(step=0),
            stays(ticking(massage(3)), Toast(Topic.NO_SUCH_STEP)),
        ),
        "there is no step 9": (
            paused(massage(3)),
            ev.StepChosen(step=9),
            stays(paused(massage(3)), Toast(Topic.NO_SUCH_STEP)),
        ),
    }
)
def test_the_massage_goes_from_part_to_part(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


def happens_in(routine: Routine, state: State, event: ev.Event) -> tuple[State, tuple[Effect, ...]]:
    """Return the state after the event in a massage by this routine, and the effects."""
    choices = Choices(routine.id, routine.total_time)
    after, effects = advance(replace(SESSION, state=state, choices=choices), event, routine, NOW)
    return after.state, effects


def test_a_giver_who_stands_behind_works_both_sides_from_there() -> None:
    state, effects = happens_in(NECK, paused(massage(4)), ev.NextAsked())
    assert state == begins(massage(4, 1), 60.0)
    assert effects == (ShowPart(60.0),)


def test_a_routine_that_begins_with_a_stroke_has_no_lead_in_before_it() -> None:
    state, effects = happens_in(NECK, paused(massage(2)), ev.BackAsked())
    assert state == begins(massage(1, done=done(1)), 60.0)
    assert effects == (ShowPart(60.0),)


def test_a_routine_without_a_stroke_has_no_lead_in_at_all() -> None:
    lying_down = BACK.steps[0]
    strokeless = BACK.model_copy(update={"steps": (lying_down, lying_down), "total_time": 120.0})
    state, effects = happens_in(strokeless, paused(massage(1)), ev.NextAsked())
    assert state == begins(massage(2), 60.0)
    assert effects == (ShowPart(60.0),)


def test_back_leads_to_the_other_side_of_a_first_step_that_has_two_sides() -> None:
    both_sides, lying_down = BACK.steps[3], BACK.steps[0]
    two_sided = BACK.model_copy(update={"steps": (both_sides, lying_down), "total_time": 300.0})
    before = massage(2, stands=Side.RIGHT, pairs=((1, Side.LEFT),))
    state, effects = happens_in(two_sided, paused(before), ev.BackAsked())
    assert state == begins(replace(before, place=Place(1, 1)), 120.0)
    assert effects == (ShowPart(120.0),)


# --- Time ----------------------------------------------------------------------------------------


@each(
    {
        "+30 s adds thirty seconds to a part that runs, and its end is announced anew": (
            ticking(massage(), left=8, cued=True),
            ev.MoreTimeAsked(),
            changes(ticking(massage(), left=38), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s adds thirty seconds to a paused part": (
            paused(massage(), left=50),
            ev.MoreTimeAsked(),
            changes(paused(massage(), left=80), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s adds thirty seconds to a waiting part": (
            waiting(massage(), left=50),
            ev.MoreTimeAsked(),
            changes(waiting(massage(), left=80), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s on the first side is noted for the other one": (
            ticking(replace(FIRST_SIDE, extra=30.0), left=60),
            ev.MoreTimeAsked(),
            changes(ticking(replace(FIRST_SIDE, extra=60.0), left=90), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s on the other side is for that side alone": (
            ticking(OTHER_SIDE, left=60),
            ev.MoreTimeAsked(),
            changes(ticking(OTHER_SIDE, left=90), Toast(Topic.TIME_ADDED)),
        ),
        "the other side gets the time that was added to the first one": (
            paused(replace(FIRST_SIDE, extra=30.0)),
            ev.NextAsked(),
            moves(
                begins(replace(OTHER_SIDE, extra=30.0), 150.0, lead_in=10),
                ShowPart(150.0, lead_in=10.0, walk=True),
            ),
        ),
        "the next step gets no time that was added to the one before": (
            paused(replace(OTHER_SIDE, extra=30.0)),
            ev.NextAsked(),
            moves(begins(replace(OTHER_SIDE, place=Place(5), done=done(1, 2, 3, 4)), 180.0), ShowPart(180.0)),
        ),
        "the timer is switched off: the part waits with the time that was left": (
            ticking(massage(), left=90, cued=True),
            ev.TimerSwitched(on=False),
            changes(
                waiting(after_work(massage(), 60), ago=0, left=90),
                Toast(Topic.TIMER_OFF),
                ShowControls(more=True),
            ),
        ),
        "the timer is switched on: the part runs with the time that was left": (
            waiting(massage(), ago=500, left=90),
            ev.TimerSwitched(on=True),
            changes(begins(after_work(massage(), 500), 90.0), Toast(Topic.TIMER_ON), ShowControls(more=True)),
        ),
        "the timer is switched off in a pause": (
            paused(massage()),
            ev.TimerSwitched(on=False),
            changes(paused(massage(timer=False)), Toast(Topic.TIMER_OFF), ShowControls(more=True)),
        ),
        "the timer is switched on in a pause": (
            paused(massage(timer=False)),
            ev.TimerSwitched(on=True),
            changes(paused(massage()), Toast(Topic.TIMER_ON), ShowControls(more=True)),
        ),
        "a timer that is on already stays on": (
            ticking(massage()),
            ev.TimerSwitched(on=True),
            stays(ticking(massage()), Toast(Topic.TIMER_ON)),
        ),
        "a timer that is off already stays off": (
            waiting(massage()),
            ev.TimerSwitched(on=False),
            stays(waiting(massage()), Toast(Topic.TIMER_OFF)),
        ),
    }
)
def test_time_is_added_and_the_timer_switched(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize(("part", "extra"), [(0, 30.0), (1, 0.0)])
def test_time_added_is_noted_for_the_other_side_by_a_giver_who_stands_behind_too(
    part: int, extra: float
) -> None:
    state = paused(massage(4, part), left=50)
    expected = changes(paused(massage(4, part, extra=extra), left=80), Toast(Topic.TIME_ADDED))
    assert happens(state, ev.MoreTimeAsked(), NECK) == expected


def due(massage: Massage, ago: float = 0.0, cued: bool = False) -> Running:
    """A part of 180 s whose next cue, or with `cued` its end, was due `ago` seconds ago."""
    left = -ago if cued else 10 - ago
    return ticking(massage, ago=180 - left, left=left, cued=cued)


def late(massage: Massage, left: float) -> Paused:
    return Paused(massage, left, NOW, Reason.LATE)


@each(
    {
        "before its time a cue does nothing": (
            due(massage(), ago=-1),
            ev.CueDue(),
            stays(due(massage(), ago=-1)),
        ),
        "ten seconds before its end the next part is announced": (
            due(massage()),
            ev.CueDue(),
            changes(ticking(massage(), ago=170, left=10, cued=True), ShowNext(use_by=NOW + 10)),
        ),
        "once announced, the part goes on to its end": (
            due(massage(), ago=-1, cued=True),
            ev.CueDue(),
            stays(due(massage(), ago=-1, cued=True)),
        ),
        "at the end the next part begins": (
            due(massage(3), cued=True),
            ev.CueDue(),
            moves(begins(after_work(FIRST_SIDE, 180), 120.0), ShowPart(120.0)),
        ),
        "the first stroke was announced, and begins at once": (
            due(massage(1), cued=True),
            ev.CueDue(),
            moves(begins(after_work(massage(2), 180), 180.0), ShowPart(180.0)),
        ),
        "the first stroke was not announced, and begins with a lead-in": (
            due(massage(1), ago=30),
            ev.CueDue(),
            moves(begins(after_work(massage(2), 180), 180.0, lead_in=10), ShowPart(180.0, lead_in=10.0)),
        ),
        "an announcement that comes only at the end is left out": (
            due(massage(3), ago=10),
            ev.CueDue(),
            moves(begins(after_work(FIRST_SIDE, 180), 120.0), ShowPart(120.0)),
        ),
        "the last part ends the massage": (
            due(massage(8, 4), cued=True),
            ev.CueDue(),
            moves(Finished(480.0, 8, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "two minutes late the next part still begins": (
            due(massage(3), ago=LATE, cued=True),
            ev.CueDue(),
            moves(begins(after_work(FIRST_SIDE, 180), 120.0), ShowPart(120.0)),
        ),
        "more than two minutes late the coach pauses and asks": (
            due(massage(3), ago=LATE + 1, cued=True),
            ev.CueDue(),
            moves(late(after_work(massage(3), 180), 0.0), Say(Topic.STILL_THERE)),
        ),
        "the time that was left when the announcement was due is kept": (
            due(massage(3), ago=LATE + 1),
            ev.CueDue(),
            moves(late(after_work(massage(3), 170), 10.0), Say(Topic.STILL_THERE)),
        ),
        "without the timer a massage waits for a day": (
            waiting(massage(), ago=ABANDONED_AFTER - 1),
            ev.CueDue(),
            stays(waiting(massage(), ago=ABANDONED_AFTER - 1)),
        ),
        "without the timer a massage ends after a day, without a message": (
            waiting(massage(), ago=ABANDONED_AFTER),
            ev.CueDue(),
            moves(Idle()),
        ),
        "a pause lasts for a day": (
            replace(paused(massage()), since=NOW - ABANDONED_AFTER + 1),
            ev.CueDue(),
            stays(replace(paused(massage()), since=NOW - ABANDONED_AFTER + 1)),
        ),
        "a pause ends after a day, without a message": (
            replace(paused(massage()), since=NOW - ABANDONED_AFTER),
            ev.CueDue(),
            moves(Idle()),
        ),
        "a track lasts for a day": (
            Listening(NOW - ABANDONED_AFTER + 1),
            ev.CueDue(),
            stays(Listening(NOW - ABANDONED_AFTER + 1)),
        ),
        "a track ends after a day, without a message": (
            Listening(NOW - ABANDONED_AFTER),
            ev.CueDue(),
            moves(Idle()),
        ),
    }
)
def test_the_timer_moves_on(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@each(
    {
        "the first side was not seen: the giver goes back to where they stood": (
            ticking(OTHER_SIDE),
            ev.Undelivered(step=4, part=0),
            moves(late(after_work(FIRST_SIDE, 60), 120.0), Say(Topic.STILL_THERE)),
        ),
        "the other side was not seen": (
            ticking(replace(OTHER_SIDE, place=Place(5), extra=30.0)),
            ev.Undelivered(step=4, part=1),
            moves(late(after_work(OTHER_SIDE, 60, extra=30.0), 150.0), Say(Topic.STILL_THERE)),
        ),
        "a knot's message was not seen, and its mark is gone since": (
            waiting(massage(7)),
            ev.Undelivered(step=7, part=2),
            moves(late(after_work(massage(7, timer=False), 60), 180.0), Say(Topic.STILL_THERE)),
        ),
        "a message that was not seen does nothing in a pause": (
            paused(OTHER_SIDE),
            ev.Undelivered(step=4),
            stays(paused(OTHER_SIDE)),
        ),
    }
)
def test_the_massage_pauses_at_a_part_that_nobody_saw(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize(
    "state", [ticking(massage()), paused(massage()), Listening(NOW)], ids=lambda state: state.kind
)
def test_whoever_blocks_the_bot_ends_the_massage_or_track_without_a_message(state: State) -> None:
    assert happens(state, ev.Blocked()) == moves(Idle())


# --- Pauses, stops, pain, buttons ----------------------------------------------------------------

LIGHTER = massage(lighter=True)


def pauses(massage: Massage, reason: Reason, topic: Topic, left: float = 120.0) -> Result:
    """The massage pauses now."""
    return moves(Paused(massage, left, NOW, reason), Say(topic))


@each(
    {
        "Pause keeps the time that is left": (
            ticking(massage()),
            ev.PauseAsked(),
            pauses(after_work(massage(), 60), Reason.ASKED, Topic.PAUSED),
        ),
        "Pause during the lead-in keeps all the part's time": (
            ticking(massage(), ago=-5, left=185),
            ev.PauseAsked(),
            pauses(massage(), Reason.ASKED, Topic.PAUSED, left=180.0),
        ),
        "Pause without the timer keeps the time too": (
            waiting(massage(), ago=500, left=90),
            ev.PauseAsked(),
            pauses(after_work(massage(timer=False), 500), Reason.ASKED, Topic.PAUSED, left=90.0),
        ),
        "Pause in a pause changes nothing": (
            paused(massage()),
            ev.PauseAsked(),
            stays(paused(massage()), Say(Topic.TAKE_YOUR_TIME)),
        ),
        "Resume goes on after a lead-in with the time that was left": (
            paused(massage(), left=70),
            ev.ResumeAsked(),
            moves(begins(massage(), 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "Resume without the timer waits again": (
            paused(massage(timer=False), left=70),
            ev.ResumeAsked(),
            moves(waiting(massage(), ago=-10, left=70), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "Resume with no time left goes on to the next part": (
            paused(massage(3), left=0),
            ev.ResumeAsked(),
            moves(begins(FIRST_SIDE, 120.0), ShowPart(120.0)),
        ),
        "Resume with no time left in the last part is the end": (
            paused(massage(8, 4), left=0),
            ev.ResumeAsked(),
            moves(Finished(WORKED, 8, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "Stop pauses and asks": (
            ticking(massage()),
            ev.StopAsked(),
            pauses(after_work(massage(), 60), Reason.STOPPING, Topic.STOP),
        ),
        "Stop in a pause asks": (
            paused(massage()),
            ev.StopAsked(),
            pauses(massage(), Reason.STOPPING, Topic.STOP),
        ),
        "a second Stop stops": (
            paused(massage(3), reason=Reason.STOPPING),
            ev.StopAsked(),
            moves(Finished(WORKED, 2, (), stopped=True), Say(Topic.SUMMARY)),
        ),
        "yes, stop: the summary counts knots, steps and time": (
            paused(massage(8, knots=(Knot("centre", eased=True),)), reason=Reason.STOPPING),
            ev.StopConfirmed(),
            moves(Finished(WORKED, 7, (Knot("centre", eased=True),), stopped=True), Say(Topic.SUMMARY)),
        ),
        "/start pauses and asks": (
            ticking(massage()),
            ev.Started(),
            pauses(after_work(massage(), 60), Reason.RESTARTING, Topic.START_OVER),
        ),
        "/start in a pause asks": (
            paused(massage()),
            ev.Started(),
            pauses(massage(), Reason.RESTARTING, Topic.START_OVER),
        ),
        "pain pauses, and all pressure is reduced from there": (
            ticking(massage()),
            ev.PainReported(),
            pauses(after_work(LIGHTER, 60), Reason.PAIN, Topic.HURT),
        ),
        "pain in a pause": (
            paused(massage()),
            ev.PainReported(),
            pauses(LIGHTER, Reason.PAIN, Topic.HURT),
        ),
        "an emergency pauses too": (
            waiting(massage()),
            ev.PainReported(emergency=True),
            pauses(after_work(LIGHTER, 60, timer=False), Reason.PAIN, Topic.EMERGENCY),
        ),
        "lighter, please: the massage goes on with less pressure": (
            ticking(massage()),
            ev.LighterAsked(),
            changes(ticking(LIGHTER), Say(Topic.LIGHTER)),
        ),
        "lighter, please, in a pause": (
            paused(massage()),
            ev.LighterAsked(),
            changes(paused(LIGHTER), Say(Topic.LIGHTER)),
        ),
        "More shows all buttons": (
            ticking(massage()),
            ev.MoreOpened(),
            stays(ticking(massage()), ShowControls(more=True)),
        ),
        "Less shows the usual ones": (
            paused(massage()),
            ev.MoreClosed(),
            stays(paused(massage()), ShowControls(more=False)),
        ),
    }
)
def test_the_massage_is_paused_resumed_and_stopped(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


# --- Knots ---------------------------------------------------------------------------------------

LEFT_UP, CENTRE = Knot("upper-left"), Knot("centre")
ONE, TWO = massage(7, knots=(LEFT_UP,)), massage(7, knots=(LEFT_UP, CENTRE))
SECOND = replace(TWO, place=Place(7, 1))


def marks(spot: str, on: bool = True, run: int = 39) -> ev.SpotMarked:
    return ev.SpotMarked(run=run, spot=spot, on=on)


@each(
    {
        "the grid opens": (ticking(massage()), ev.KnotsAsked(), stays(ticking(massage()), ShowGrid())),
        "the grid closes": (
            paused(massage()),
            ev.GridClosed(),
            stays(paused(massage()), ShowGrid(new=False, open=False)),
        ),
        "a spot is marked": (
            ticking(massage()),
            marks("centre"),
            changes(ticking(massage(knots=(CENTRE,))), ShowGrid(new=False)),
        ),
        "a second spot comes after the first": (
            paused(massage(knots=(LEFT_UP,))),
            marks("centre"),
            changes(paused(massage(knots=(LEFT_UP, CENTRE))), ShowGrid(new=False)),
        ),
        "a second tap on a spot changes nothing": (
            ticking(massage(knots=(CENTRE,))),
            marks("centre"),
            stays(ticking(massage(knots=(CENTRE,))), ShowGrid(new=False)),
        ),
        "a spot is unmarked": (
            ticking(massage(knots=(LEFT_UP, CENTRE))),
            marks("upper-left", on=False),
            changes(ticking(massage(knots=(CENTRE,))), ShowGrid(new=False)),
        ),
        "a spot that is not marked cannot be unmarked": (
            paused(massage(knots=(LEFT_UP,))),
            marks("centre", on=False),
            stays(paused(massage(knots=(LEFT_UP,))), ShowGrid(new=False)),
        ),
        "the grid of an earlier massage is stale": (
            ticking(massage()),
            marks("centre", run=38),
            stays(ticking(massage()), Toast(Topic.STALE)),
        ),
        "the first spot marked in the knots' step is worked on at once": (
            ticking(massage(7)),
            marks("upper-left"),
            moves(begins(after_work(ONE, 60), 120.0), ShowGrid(new=False, open=False), ShowPart(120.0)),
        ),
        "the first spot marked in a pause of the knots' step gets the time of a knot": (
            paused(massage(7), left=33),
            marks("upper-left"),
            changes(paused(ONE, left=120), ShowGrid(new=False)),
        ),
        "a second spot marked in the knots' step is worked on later": (
            ticking(ONE),
            marks("centre"),
            changes(ticking(TWO), ShowGrid(new=False)),
        ),
        "a knot that is being worked on cannot be unmarked": (
            ticking(SECOND),
            marks("centre", on=False),
            stays(ticking(SECOND), Toast(Topic.BEING_WORKED)),
        ),
        "a knot that was worked on before cannot be unmarked": (
            ticking(SECOND),
            marks("upper-left", on=False),
            stays(ticking(SECOND), Toast(Topic.BEING_WORKED)),
        ),
        "a knot that comes later can be unmarked": (
            paused(TWO),
            marks("centre", on=False),
            changes(paused(ONE), ShowGrid(new=False)),
        ),
        "a knot told of in words is marked, and what is marked is shown": (
            ticking(massage()),
            ev.KnotReported(spot="centre"),
            changes(ticking(massage(knots=(CENTRE,))), ShowGrid(open=False)),
        ),
        "a knot told of again is shown again": (
            paused(massage(knots=(CENTRE,))),
            ev.KnotReported(spot="centre"),
            stays(paused(massage(knots=(CENTRE,))), ShowGrid(open=False)),
        ),
        "a knot told of in the knots' step is worked on at once": (
            ticking(massage(7)),
            ev.KnotReported(spot="upper-left"),
            moves(begins(after_work(ONE, 60), 120.0), ShowGrid(open=False), ShowPart(120.0)),
        ),
    }
)
def test_knots_are_marked(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


EASED, TIGHT = replace(LEFT_UP, eased=True), replace(LEFT_UP, rounds=1)


@each(
    {
        "Next leads to the first knot": (
            paused(massage(6, knots=(LEFT_UP, CENTRE))),
            ev.NextAsked(),
            moves(begins(TWO, 90.0), ShowPart(90.0)),
        ),
        "an eased knot leads to the next one": (
            ticking(TWO),
            ev.KnotEased(),
            moves(
                begins(after_work(SECOND, 60, knots=(EASED, CENTRE)), 90.0),
                ShowPart(90.0, note=Topic.EASED),
            ),
        ),
        "the last one leads to the next step": (
            paused(SECOND),
            ev.KnotEased(),
            moves(
                begins(massage(8, knots=(LEFT_UP, replace(CENTRE, eased=True))), 90.0),
                ShowPart(90.0, note=Topic.EASED),
            ),
        ),
        "a knot that is still tight is worked on once more": (
            ticking(TWO),
            ev.KnotStayedTight(),
            moves(
                begins(after_work(TWO, 60, knots=(TIGHT, CENTRE)), 90.0),
                ShowPart(90.0, note=Topic.STILL_TIGHT),
            ),
        ),
        "a knot that is tight after that too is left for another day": (
            paused(massage(7, knots=(TIGHT, CENTRE))),
            ev.KnotStayedTight(),
            moves(
                begins(massage(7, 1, knots=(replace(TIGHT, rounds=2), CENTRE)), 90.0),
                ShowPart(90.0, note=Topic.LEAVE_IT),
            ),
        ),
        "a knot that was eased before is tight again": (
            paused(massage(7, knots=(EASED, CENTRE))),
            ev.KnotStayedTight(),
            moves(begins(massage(7, knots=(TIGHT, CENTRE)), 90.0), ShowPart(90.0, note=Topic.STILL_TIGHT)),
        ),
        "with no knot marked, an eased one is only acknowledged": (
            ticking(massage(7)),
            ev.KnotEased(),
            stays(ticking(massage(7)), Toast(Topic.EASED)),
        ),
        "with no knot marked, a tight one is only acknowledged": (
            paused(massage(7)),
            ev.KnotStayedTight(),
            stays(paused(massage(7)), Toast(Topic.STILL_TIGHT)),
        ),
        "in another step no knot can be reported as eased": (
            ticking(massage(3, knots=(LEFT_UP,))),
            ev.KnotEased(),
            stays(ticking(massage(3, knots=(LEFT_UP,))), Toast(Topic.NOT_NOW)),
        ),
        "in another step no knot can be reported as tight": (
            paused(massage(3, knots=(LEFT_UP,))),
            ev.KnotStayedTight(),
            stays(paused(massage(3, knots=(LEFT_UP,))), Toast(Topic.NOT_NOW)),
        ),
    }
)
def test_knots_are_worked_on_one_by_one(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize("event", [ev.KnotsAsked(), ev.KnotReported(spot="centre")])
def test_a_routine_without_a_step_for_knots_marks_none(event: ev.Event) -> None:
    assert happens(ticking(massage()), event, NECK) == stays(ticking(massage()), Toast(Topic.NO_KNOTS_HERE))


# --- Buttons -------------------------------------------------------------------------------------


def test_a_button_of_this_revision_works_and_an_older_one_says_that_it_is_stale() -> None:
    state = ticking(massage())
    assert happens(state, ev.MoreOpened(revision=40)) == stays(state, ShowControls(more=True))
    assert happens(state, ev.MoreOpened(revision=39)) == stays(state, Toast(Topic.STALE))


def test_an_event_that_does_nothing_in_a_state_says_so() -> None:
    assert happens(Idle(), ev.NextAsked()) == stays(Idle(), Toast(Topic.NOT_NOW))
