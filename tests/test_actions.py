"""What one event does to a session: exactly the session after it, and exactly the effects."""

from dataclasses import replace
from typing import Any

import pytest

from bot.routine.model import Routine, Side, Tone, parts
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
    ShowLines,
    ShowNext,
    ShowPart,
    ShowTrack,
    Toast,
    Topic,
)
from bot.session.lines import cues
from bot.session.moves import Result
from bot.session.state import (
    ABANDONED_AFTER,
    HOLDING,
    LATE,
    Ask,
    Choices,
    Cue,
    Finished,
    Idle,
    Knot,
    Line,
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
    Talk,
    Ticking,
    Waiting,
)
from bot.session.transitions import advance, row_of
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


Cues = tuple[Cue, ...]
SOON: Cues = (Cue(10.0, (Line.NEXT,)),)
"""The only thing left to say in a part: ten seconds before its end the next one is announced."""


def ticking(massage: Massage, ago: float = 60.0, left: float = 120.0, ahead: Cues = SOON) -> Running:
    """The timer runs: the part began `ago` seconds ago, and ends in `left` seconds."""
    return Running(massage, Ticking(NOW - ago, NOW + left, ahead))


def waiting(massage: Massage, ago: float = 60.0, left: float = 120.0, ahead: Cues = SOON) -> Running:
    """The timer is off since `ago` seconds."""
    return Running(replace(massage, timer=False), Waiting(NOW - ago, left, ahead))


def paused(
    massage: Massage, left: float = 120.0, reason: Reason = Reason.ASKED, ahead: Cues = SOON
) -> Paused:
    return Paused(massage, left, NOW - 500, reason, ahead)


def begins(massage: Massage, seconds: float, lead_in: float = 0.0, routine: Routine = BACK) -> Running:
    """A part that begins now, with all that the coach says in it."""
    return goes_on(massage, seconds, lead_in, cues(massage, routine, Talk.FULL, seconds))


def goes_on(massage: Massage, left: float, lead_in: float = 0.0, ahead: Cues = SOON) -> Running:
    """A part that goes on now, with only the end still to be announced."""
    return Running(massage, Ticking(NOW + lead_in, NOW + lead_in + left, ahead))


def waits(massage: Massage, left: float, ahead: Cues) -> Running:
    """A part that begins now, without the timer."""
    return waiting(massage, 0.0, left, ahead)


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


def after_work(massage: Massage, seconds: float, **fields: Any) -> Massage:
    return replace(massage, worked=WORKED + seconds, **fields)


def pauses(massage: Massage, reason: Reason, topic: Topic, left: float = 120.0, about: str = "") -> Result:
    """The massage pauses now."""
    return moves(Paused(massage, left, NOW, reason, SOON), Say(topic, about=about))


def each(sentences: dict[str, tuple[State, ev.Event, Result]]) -> pytest.MarkDecorator:
    """Run a test for each sentence: with the state before the event, the event, and what comes of it."""
    rows = [pytest.param(*row, id=sentence) for sentence, row in sentences.items()]
    return pytest.mark.parametrize(("state", "event", "result"), rows)


IN_MASSAGE = {"running": ticking(massage()), "paused": paused(massage())}
ELSEWHERE: dict[str, State] = {
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


@pytest.mark.parametrize(
    ("state", "topic"),
    [
        (Idle(), Topic.ACHE_BEFORE),
        (Preparing(), Topic.ACHE_BEFORE),
        (ELSEWHERE["listening"], Topic.HURT),
        (ELSEWHERE["finished"], Topic.HURT),
    ],
)
def test_pain_outside_a_massage_gets_advice(state: State, topic: Topic) -> None:
    assert happens(state, ev.PainReported()) == stays(state, Say(topic))


PREGNANT = ev.HealthTold(condition="pregnancy")
FEVER = ev.HealthTold(condition="a fever", not_today=True)


@pytest.mark.parametrize(
    "state", [Idle(), ELSEWHERE["listening"], ELSEWHERE["finished"]], ids=lambda s: s.kind
)
@pytest.mark.parametrize("event", [PREGNANT, FEVER], ids=lambda event: event.condition)
def test_while_no_massage_is_prepared_a_condition_gets_advice(state: State, event: ev.HealthTold) -> None:
    assert happens(state, event) == stays(state, Say(Topic.HEALTH, about=event.condition))


@pytest.mark.parametrize(
    ("state", "topic"),
    [
        (Idle(), Topic.EMERGENCY),
        (Preparing(), Topic.EMERGENCY),
        (Preparing(screening=True, track=True, told=True), Topic.EMERGENCY),
        (ELSEWHERE["listening"], Topic.EMERGENCY_IN_TRACK),
        (ELSEWHERE["finished"], Topic.EMERGENCY),
    ],
    ids=lambda each: each.kind if not isinstance(each, str) else None,
)
def test_an_emergency_outside_a_massage_leaves_nothing_that_leads_to_one(state: State, topic: Topic) -> None:
    assert happens(state, ev.EmergencyReported()) == moves(Idle(), Say(topic))


@pytest.mark.parametrize("state", ELSEWHERE.values(), ids=lambda state: state.kind)
def test_when_somebody_is_under_eighteen_nothing_that_leads_to_a_massage_stays(state: State) -> None:
    assert happens(state, ev.YoungTold()) == moves(Idle(), Say(Topic.YOUNG))


@pytest.mark.parametrize("state", [Idle(), Preparing(), ELSEWHERE["finished"]], ids=lambda state: state.kind)
def test_whoever_does_not_feel_safe_gets_advice_before_and_after_a_massage_too(state: State) -> None:
    assert happens(state, ev.UnsafeReported()) == stays(state, Say(Topic.UNSAFE))


@pytest.mark.parametrize(
    ("score", "topic"),
    [
        (0, Topic.RATED_FINE),
        (6, Topic.RATED_FINE),
        (7, Topic.RATED_HIGH),
        (8, Topic.RATED_HIGH),
        (9, Topic.RATED_PAIN),
        (10, Topic.RATED_PAIN),
    ],
)
def test_a_number_out_of_ten_is_answered_during_a_track_too(score: int, topic: Topic) -> None:
    state = Listening(NOW - 600)
    assert happens(state, ev.PressureRated(score=score)) == stays(state, Say(topic, about=str(score)))


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
        (ev.LengthChosen(length=901), chosen(), (Say(Topic.NO_SUCH_LENGTH),)),
        (ev.LengthChosen(revision=40, length=901), chosen(), (Toast(Topic.STALE),)),
        (ev.SideChosen(side=Side.RIGHT), chosen(side=Side.RIGHT), (ShowCard(new=False),)),
        (ev.ToneChosen(tone=Tone.DEEP), chosen(tone=Tone.DEEP), (ShowCard(new=False),)),
        (ev.TalkChosen(talk=Talk.BRIEF), chosen(talk=Talk.BRIEF), (ShowCard(new=False),)),
        (ev.ReadAloudChosen(on=True), chosen(aloud=True), (ShowCard(new=False), ReadSample())),
        (ev.ReadAloudChosen(on=False), chosen(aloud=False), (ShowCard(new=False),)),
    ],
)
def test_a_choice_shows_on_the_card(event: ev.Event, session: Session, effects: tuple[Effect, ...]) -> None:
    assert happens(Preparing(), event) == (session, effects)


CHOICES = [
    (ev.LengthChosen(length=900), {"length": 900.0}),
    (ev.SideChosen(side=Side.RIGHT), {"side": Side.RIGHT}),
    (ev.ToneChosen(tone=Tone.DEEP), {"tone": Tone.DEEP}),
    (ev.TalkChosen(talk=Talk.BRIEF), {"talk": Talk.BRIEF}),
]


@pytest.mark.parametrize("state", [Idle(), ELSEWHERE["finished"]], ids=lambda state: state.kind)
@pytest.mark.parametrize(("event", "choice"), CHOICES, ids=lambda each: type(each).__name__)
def test_a_choice_made_in_words_begins_to_prepare_a_massage(
    state: State, event: ev.Event, choice: dict[str, Any]
) -> None:
    after, effects = moves(Preparing(), ShowCard())
    choices = replace(SESSION.choices, **choice)
    assert happens(state, event) == (replace(after, choices=choices, ticked=frozenset()), effects)


@pytest.mark.parametrize("state", [Idle(), ELSEWHERE["finished"]], ids=lambda state: state.kind)
def test_the_checklist_begins_to_prepare_a_massage_with_nothing_ticked(state: State) -> None:
    after, effects = moves(Preparing(), ShowChecklist())
    assert happens(state, ev.ChecklistAsked()) == (replace(after, ticked=frozenset()), effects)


@pytest.mark.parametrize(
    "state",
    [Preparing(), Preparing(screening=True), *IN_MASSAGE.values(), ELSEWHERE["listening"]],
    ids=lambda state: state.kind,
)
def test_the_checklist_moves_nothing_once_a_massage_is_prepared(state: State) -> None:
    assert happens(state, ev.ChecklistAsked()) == stays(state, ShowChecklist())


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (ev.SideChosen(side=Side.RIGHT), Preparing(screening=True, track=True)),
        (ev.TalkChosen(talk=Talk.BRIEF), Preparing(screening=True)),
    ],
)
def test_a_choice_made_at_the_question_about_health_leaves_the_question_open(
    event: ev.Event, state: Preparing
) -> None:
    after, effects = happens(state, event)
    assert (after.state, after.revision, effects) == (state, 40, (ShowCard(new=False),))


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
SAY_ALOUD = Say(Topic.AGREEMENT)
TOLD = Preparing(screening=True, told=True)
"""Somebody has told of a condition with which a doctor must be asked first."""


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
            moves(begins(FIRST, 90.0), SAY_ALOUD, ShowPart(90.0)),
        ),
        "none of these: the track is sent, if one was asked for": (
            Preparing(screening=True, track=True),
            ev.ScreenedClear(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "a doctor has said yes: step 1 begins, as with none of these": (
            Preparing(screening=True),
            ev.PermissionGiven(),
            moves(begins(FIRST, 90.0), SAY_ALOUD, ShowPart(90.0)),
        ),
        "a doctor has said yes before the question: the question is asked": (
            Preparing(),
            ev.PermissionGiven(),
            moves(Preparing(screening=True), Say(Topic.SCREENING)),
        ),
        "a condition is told: the question is open, and the coach waits for a doctor's yes": (
            Preparing(),
            PREGNANT,
            moves(TOLD, Say(Topic.HEALTH, about="pregnancy")),
        ),
        "a condition is told at the question": (
            Preparing(screening=True, track=True),
            PREGNANT,
            moves(replace(TOLD, track=True), Say(Topic.HEALTH, about="pregnancy")),
        ),
        "a second condition is told": (
            TOLD,
            PREGNANT,
            moves(TOLD, Say(Topic.HEALTH, about="pregnancy")),
        ),
        "a condition with which nobody is massaged today ends it": (
            Preparing(),
            FEVER,
            moves(Idle(), Say(Topic.HEALTH, about="a fever")),
        ),
        "so it does after another condition": (
            TOLD,
            FEVER,
            moves(Idle(), Say(Topic.HEALTH, about="a fever")),
        ),
        "once a condition is told, none of these is no answer": (
            TOLD,
            ev.ScreenedClear(),
            stays(TOLD, Say(Topic.DOCTOR_FIRST)),
        ),
        "nor is it before a track": (
            replace(TOLD, track=True),
            ev.ScreenedClear(),
            stays(replace(TOLD, track=True), Say(Topic.DOCTOR_FIRST)),
        ),
        "a doctor has said yes to the condition: step 1 begins": (
            TOLD,
            ev.PermissionGiven(),
            moves(begins(FIRST, 90.0), SAY_ALOUD, ShowPart(90.0)),
        ),
        "a doctor has said yes to the condition: the track is sent": (
            replace(TOLD, track=True),
            ev.PermissionGiven(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "no doctor has said yes: not today": (
            TOLD,
            ev.ScreenedOut(),
            moves(Idle(), Say(Topic.DECLINED, new=False), Forget()),
        ),
        "Begin once more asks again, and the condition is not forgotten": (
            TOLD,
            ev.Began(),
            moves(TOLD, Say(Topic.SCREENING)),
        ),
        "nor is it if a track is asked for instead": (
            TOLD,
            ev.TrackAsked(),
            moves(replace(TOLD, track=True), Say(Topic.SCREENING)),
        ),
        "yes, or no: which answer is meant?": (
            Preparing(screening=True),
            ev.VagueAnswer(),
            stays(Preparing(screening=True), Say(Topic.WHICH)),
        ),
        "the two swap places: the question is asked anew for the other person": (
            ELSEWHERE["finished"],
            ev.SwapAsked(),
            moves(Preparing(screening=True), Say(Topic.SCREENING)),
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
    assert after.state == begins(Massage(run=40, stands=Side.RIGHT), 90.0)
    assert effects == (SAY_ALOUD, ShowPart(90.0))


# --- A guided track ------------------------------------------------------------------------------


@each(
    {
        "a massage that runs pauses, and the coach asks whether the track may end it": (
            ticking(massage()),
            ev.TrackAsked(),
            pauses(after_work(massage(), 60), Reason.TRACK, Topic.PLAY_TRACK),
        ),
        "a massage that is paused stays so, and the coach asks": (
            paused(massage()),
            ev.TrackAsked(),
            pauses(massage(), Reason.TRACK, Topic.PLAY_TRACK),
        ),
        "yes, play it: the massage gives way to the track": (
            paused(massage(), reason=Reason.TRACK),
            ev.TrackConfirmed(),
            moves(Listening(NOW), ShowTrack()),
        ),
        "no, resume: the massage goes on": (
            paused(massage(), left=70, reason=Reason.TRACK),
            ev.ResumeAsked(),
            moves(goes_on(massage(), 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
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
GETS_READY = ShowPart(210.0, lead_in=25.0, note=Say(Topic.GET_READY))
"""The first stroke of the back massage, if nobody has announced it."""


@each(
    {
        "Next: step 3 is done, and step 4 begins": (
            ticking(massage(3)),
            ev.NextAsked(),
            moves(begins(after_work(FIRST_SIDE, 60), 120.0), ShowPart(120.0)),
        ),
        "Next before the first stroke leaves time to pour the oil, and says so": (
            ticking(massage(1)),
            ev.NextAsked(),
            moves(begins(after_work(massage(2), 60), 210.0, lead_in=25), GETS_READY),
        ),
        "so does Next in a pause": (
            paused(massage(1)),
            ev.NextAsked(),
            moves(begins(massage(2), 210.0, lead_in=25), GETS_READY),
        ),
        "so does Skip": (
            ticking(massage(1)),
            ev.SkipAsked(),
            moves(begins(after_work(massage(2, done=done()), 60), 210.0, lead_in=25), GETS_READY),
        ),
        "so does the choice of the step": (
            ticking(massage(1)),
            ev.StepChosen(step=2),
            moves(begins(after_work(massage(2, done=done()), 60), 210.0, lead_in=25), GETS_READY),
        ),
        "Again in the first stroke begins it at once: the hands are oiled": (
            ticking(massage(2)),
            ev.AgainAsked(),
            moves(begins(after_work(massage(2), 60), 210.0), ShowPart(210.0)),
        ),
        "Next on the first side leads to the other one, and the step is not done yet": (
            ticking(FIRST_SIDE),
            ev.NextAsked(),
            moves(
                begins(after_work(OTHER_SIDE, 60), 120.0, lead_in=15),
                ShowPart(120.0, lead_in=15.0, walk=True),
            ),
        ),
        "Next on the other side leads to the next step, worked from there": (
            ticking(OTHER_SIDE),
            ev.NextAsked(),
            moves(
                begins(after_work(OTHER_SIDE, 60, place=Place(5), done=done(1, 2, 3, 4)), 150.0),
                ShowPart(150.0),
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
            moves(
                waits(after_work(FIRST_SIDE, 500), 120.0, cues(FIRST_SIDE, BACK, Talk.FULL, 120.0)),
                ShowPart(120.0),
            ),
        ),
        "Back leads to the step before, which stays done": (
            ticking(massage(3)),
            ev.BackAsked(),
            moves(begins(after_work(massage(2), 60, done=done(1, 2)), 210.0), ShowPart(210.0)),
        ),
        "Back in the first part begins it again": (
            ticking(massage(1)),
            ev.BackAsked(),
            moves(begins(after_work(massage(1), 60), 90.0), ShowPart(90.0)),
        ),
        "Back in the second part leads to the first part of all": (
            ticking(massage(2)),
            ev.BackAsked(),
            moves(begins(after_work(massage(1), 60, done=done(1)), 90.0), ShowPart(90.0)),
        ),
        "Back on the other side leads round to the first one": (
            ticking(OTHER_SIDE),
            ev.BackAsked(),
            moves(
                begins(after_work(FIRST_SIDE, 60), 120.0, lead_in=15),
                ShowPart(120.0, lead_in=15.0, walk=True),
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
            moves(begins(after_work(FIRST_SIDE, 60, place=Place(5)), 150.0), ShowPart(150.0)),
        ),
        "Skip in the last step is the end, and that step is not done": (
            ticking(massage(8, 1)),
            ev.SkipAsked(),
            moves(Finished(360.0, 7, (), stopped=False), Say(Topic.SUMMARY)),
        ),
        "Skip in a pause goes on": (
            paused(massage(2)),
            ev.SkipAsked(),
            moves(begins(massage(3, done=done(1)), 180.0), ShowPart(180.0)),
        ),
        "the first step can be chosen": (
            ticking(massage(3)),
            ev.StepChosen(step=1),
            moves(begins(after_work(massage(1), 60, done=done(1, 2)), 90.0), ShowPart(90.0)),
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
    assert state == begins(massage(4, 1), 60.0, routine=NECK)
    assert effects == (ShowPart(60.0),)


def test_a_routine_that_begins_with_a_stroke_has_no_lead_in_before_it() -> None:
    state, effects = happens_in(NECK, paused(massage(2)), ev.BackAsked())
    assert state == begins(massage(1, done=done(1)), 60.0, routine=NECK)
    assert effects == (ShowPart(60.0),)


def test_a_routine_without_a_stroke_has_no_lead_in_at_all() -> None:
    lying_down = BACK.steps[0]
    strokeless = BACK.model_copy(update={"steps": (lying_down, lying_down), "total_time": 180.0})
    state, effects = happens_in(strokeless, paused(massage(1)), ev.NextAsked())
    assert state == begins(massage(2), 90.0, routine=strokeless)
    assert effects == (ShowPart(90.0),)


def test_back_leads_to_the_other_side_of_a_first_step_that_has_two_sides() -> None:
    both_sides, lying_down = BACK.steps[3], BACK.steps[0]
    two_sided = BACK.model_copy(update={"steps": (both_sides, lying_down), "total_time": 330.0})
    before = massage(2, stands=Side.RIGHT, pairs=((1, Side.LEFT),))
    state, effects = happens_in(two_sided, paused(before), ev.BackAsked())
    assert state == begins(replace(before, place=Place(1, 1)), 120.0, routine=two_sided)
    assert effects == (ShowPart(120.0),)


# --- Time ----------------------------------------------------------------------------------------

MORE_TO_SAY: Cues = (Cue(80.0, (Line.HALFWAY,)), Cue(40.0, (Line.WRONG,)), *SOON)
LATER = tuple(replace(cue, left=cue.left + 30) for cue in MORE_TO_SAY[:-1])


@each(
    {
        "+30 s adds thirty seconds to a part that runs, and its end is announced anew": (
            ticking(massage(), left=8, ahead=()),
            ev.MoreTimeAsked(),
            changes(ticking(massage(), left=38), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s leaves what is still to be said where it is, and announces the end later": (
            ticking(massage(), left=100, ahead=MORE_TO_SAY),
            ev.MoreTimeAsked(),
            changes(ticking(massage(), left=130, ahead=(*LATER, *SOON)), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s in a pause leaves it too": (
            paused(massage(), left=100, ahead=MORE_TO_SAY),
            ev.MoreTimeAsked(),
            changes(paused(massage(), left=130, ahead=(*LATER, *SOON)), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s without the timer leaves it too": (
            waiting(massage(), left=100, ahead=MORE_TO_SAY),
            ev.MoreTimeAsked(),
            changes(waiting(massage(), left=130, ahead=(*LATER, *SOON)), Toast(Topic.TIME_ADDED)),
        ),
        "+30 s before the first stroke announces it in time to pour the oil": (
            ticking(massage(1), left=8, ahead=()),
            ev.MoreTimeAsked(),
            changes(ticking(massage(1), left=38, ahead=(Cue(25.0, (Line.NEXT,)),)), Toast(Topic.TIME_ADDED)),
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
                begins(replace(OTHER_SIDE, extra=30.0), 150.0, lead_in=15),
                ShowPart(150.0, lead_in=15.0, walk=True),
            ),
        ),
        "the next step gets no time that was added to the one before": (
            paused(replace(OTHER_SIDE, extra=30.0)),
            ev.NextAsked(),
            moves(begins(replace(OTHER_SIDE, place=Place(5), done=done(1, 2, 3, 4)), 150.0), ShowPart(150.0)),
        ),
        "the timer is switched off: the part waits with the time that was left": (
            ticking(massage(), left=90, ahead=MORE_TO_SAY),
            ev.TimerSwitched(on=False),
            changes(
                waits(after_work(massage(), 60), 90.0, MORE_TO_SAY),
                Toast(Topic.TIMER_OFF),
                ShowControls(more=True),
            ),
        ),
        "the timer is switched on: the part runs with the time that was left": (
            waiting(massage(), ago=500, left=90, ahead=MORE_TO_SAY),
            ev.TimerSwitched(on=True),
            changes(
                goes_on(after_work(massage(), 500), 90.0, ahead=MORE_TO_SAY),
                Toast(Topic.TIMER_ON),
                ShowControls(more=True),
            ),
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
    """A part of 180 s whose announcement, or with `cued` its end, was due `ago` seconds ago."""
    left = -ago if cued else 10 - ago
    return ticking(massage, ago=180 - left, left=left, ahead=() if cued else SOON)


def late(massage: Massage, left: float, ahead: Cues = ()) -> Paused:
    return Paused(massage, left, NOW, Reason.LATE, ahead)


def unseen(massage: Massage, seconds: float) -> Paused:
    """A pause at the beginning of the part, with all there is to say in it."""
    return replace(late(massage, seconds, cues(massage, BACK, Talk.FULL, seconds)), begun=False)


@each(
    {
        "a reminder is said, and is of use until the next cue": (
            ticking(massage(), left=80, ahead=MORE_TO_SAY),
            ev.CueDue(),
            changes(
                ticking(massage(), left=80, ahead=MORE_TO_SAY[1:]),
                ShowLines((Line.HALFWAY,), use_by=NOW + 40),
            ),
        ),
        "of two reminders that are due only the last one is said": (
            ticking(massage(), left=30, ahead=MORE_TO_SAY),
            ev.CueDue(),
            changes(ticking(massage(), left=30, ahead=SOON), ShowLines((Line.WRONG,), use_by=NOW + 20)),
        ),
        "if the next part is due to be announced, no reminder is said": (
            ticking(massage(), left=7, ahead=MORE_TO_SAY),
            ev.CueDue(),
            changes(ticking(massage(), left=7, ahead=()), ShowNext(7.0, use_by=NOW + 7)),
        ),
        "an outage of three minutes inside a part swallows a reminder, and the massage goes on": (
            ticking(massage(), ago=200, left=20, ahead=(Cue(210.0, (Line.LANDMARK,)), *SOON)),
            ev.CueDue(),
            changes(ticking(massage(), ago=200, left=20), ShowLines((Line.LANDMARK,), use_by=NOW + 10)),
        ),
        "after a longer outage no old reminder is said, only the announcement": (
            ticking(massage(3), ago=300, left=-LATE, ahead=MORE_TO_SAY),
            ev.CueDue(),
            moves(late(after_work(massage(3), 170), 10.0, SOON), Say(Topic.STILL_THERE)),
        ),
        "before its time a cue does nothing": (
            due(massage(), ago=-1),
            ev.CueDue(),
            stays(due(massage(), ago=-1)),
        ),
        "ten seconds before its end the next part is announced": (
            due(massage()),
            ev.CueDue(),
            changes(ticking(massage(), ago=170, left=10, ahead=()), ShowNext(10.0, use_by=NOW + 10)),
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
            moves(begins(after_work(massage(2), 180), 210.0), ShowPart(210.0)),
        ),
        "the first stroke was not announced, and begins when there was time to pour the oil": (
            due(massage(1), ago=30),
            ev.CueDue(),
            moves(begins(after_work(massage(2), 180), 210.0, lead_in=25), GETS_READY),
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
            moves(late(after_work(massage(3), 170), 10.0, SOON), Say(Topic.STILL_THERE)),
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
            moves(unseen(after_work(FIRST_SIDE, 60), 120.0), Say(Topic.STILL_THERE)),
        ),
        "the other side was not seen": (
            ticking(replace(OTHER_SIDE, place=Place(5), extra=30.0)),
            ev.Undelivered(step=4, part=1),
            moves(unseen(after_work(OTHER_SIDE, 60, extra=30.0), 150.0), Say(Topic.STILL_THERE)),
        ),
        "a knot's message was not seen, and its mark is gone since": (
            waiting(massage(7)),
            ev.Undelivered(step=7, part=2),
            moves(unseen(after_work(massage(7, timer=False), 60), 150.0), Say(Topic.STILL_THERE)),
        ),
        "Next then enters the part that nobody saw": (
            unseen(OTHER_SIDE, 120.0),
            ev.NextAsked(),
            moves(begins(OTHER_SIDE, 120.0), ShowPart(120.0)),
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

LIGHTER, SORE = massage(lighter=1), massage(lighter=1, sore=True)
LOW, CENTRE = Knot("lower-left"), Knot("centre")
ONE, TWO = massage(7, knots=(LOW,)), massage(7, knots=(LOW, CENTRE))
SECOND = replace(TWO, place=Place(7, 1))


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
            moves(goes_on(massage(), 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
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
            pauses(after_work(SORE, 60), Reason.PAIN, Topic.HURT),
        ),
        "pain in a pause": (
            paused(massage()),
            ev.PainReported(),
            pauses(SORE, Reason.PAIN, Topic.HURT),
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
        "firmer, please, after lighter: the pressure is what it was": (
            ticking(LIGHTER),
            ev.FirmerAsked(),
            changes(ticking(massage()), Say(Topic.FIRMER)),
        ),
        "firmer, please, in a pause": (
            paused(LIGHTER),
            ev.FirmerAsked(),
            changes(paused(massage()), Say(Topic.FIRMER)),
        ),
        "firmer after lighter twice is one level firmer": (
            waiting(massage(lighter=2)),
            ev.FirmerAsked(),
            changes(waiting(massage(lighter=1)), Say(Topic.FIRMER)),
        ),
        "firmer before the first stroke counts for all strokes": (
            ticking(massage(1, lighter=1)),
            ev.FirmerAsked(),
            changes(ticking(massage(1)), Say(Topic.FIRMER)),
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


# --- Pain, health and safety ---------------------------------------------------------------------


def held(massage: Massage, reason: Reason, *also: Reason) -> Paused:
    """A pause that waits for what `reason` asks for, and then for the others."""
    return replace(paused(massage, reason=reason), also=also)


@each(
    {
        "pain told once more is answered once more, and costs no further pressure": (
            paused(SORE, reason=Reason.PAIN),
            ev.PainReported(),
            pauses(SORE, Reason.PAIN, Topic.HURT),
        ),
        "nine out of ten after that costs no further pressure either": (
            paused(SORE, reason=Reason.PAIN),
            ev.PressureRated(score=9),
            pauses(SORE, Reason.PAIN, Topic.RATED_PAIN, about="9"),
        ),
        "six out of ten is fine": (
            ticking(massage()),
            ev.PressureRated(score=6),
            stays(ticking(massage()), Say(Topic.RATED_FINE, about="6")),
        ),
        "nought out of ten is fine": (
            paused(massage()),
            ev.PressureRated(score=0),
            stays(paused(massage()), Say(Topic.RATED_FINE, about="0")),
        ),
        "seven out of ten is lighter at once": (
            ticking(massage()),
            ev.PressureRated(score=7),
            changes(ticking(LIGHTER), Say(Topic.RATED_HIGH, about="7")),
        ),
        "eight out of ten is lighter at once": (
            paused(massage()),
            ev.PressureRated(score=8),
            changes(paused(LIGHTER), Say(Topic.RATED_HIGH, about="8")),
        ),
        "nine out of ten pauses": (
            ticking(massage()),
            ev.PressureRated(score=9),
            pauses(after_work(SORE, 60), Reason.PAIN, Topic.RATED_PAIN, about="9"),
        ),
        "ten out of ten pauses": (
            waiting(massage()),
            ev.PressureRated(score=10),
            pauses(after_work(SORE, 60, timer=False), Reason.PAIN, Topic.RATED_PAIN, about="10"),
        ),
        "lighter once more is two levels lighter": (
            ticking(LIGHTER),
            ev.LighterAsked(),
            changes(ticking(massage(lighter=2)), Say(Topic.LIGHTER)),
        ),
        "lighter than the lightest there is not": (
            ticking(massage(lighter=2)),
            ev.LighterAsked(),
            stays(ticking(massage(lighter=2)), Say(Topic.LIGHTEST)),
        ),
        "eight out of ten at the lightest: there is nothing lighter": (
            ticking(massage(lighter=2)),
            ev.PressureRated(score=8),
            stays(ticking(massage(lighter=2)), Say(Topic.LIGHTEST)),
        ),
        "lighter before the first stroke counts for all strokes": (
            ticking(massage(1)),
            ev.LighterAsked(),
            changes(ticking(massage(1, lighter=1)), Say(Topic.LIGHTER)),
        ),
        "an emergency pauses, and what hurts is not the point": (
            waiting(massage()),
            ev.EmergencyReported(),
            pauses(after_work(massage(timer=False), 60), Reason.EMERGENCY, Topic.EMERGENCY),
        ),
        "we're all right: the coach asks whether to go on, more lightly": (
            paused(massage(), left=70, reason=Reason.EMERGENCY),
            ev.EmergencyEnded(),
            pauses(LIGHTER, Reason.PAIN, Topic.EMERGENCY_OVER, left=70.0),
        ),
        "only Resume goes on after that": (
            paused(LIGHTER, left=70, reason=Reason.PAIN),
            ev.ResumeAsked(),
            moves(goes_on(LIGHTER, 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "pain told after an emergency is new, and takes away more pressure": (
            paused(LIGHTER, left=70, reason=Reason.PAIN),
            ev.PainReported(),
            pauses(massage(lighter=2, sore=True), Reason.PAIN, Topic.HURT, left=70.0),
        ),
        "a fever pauses until another day": (
            ticking(massage()),
            FEVER,
            pauses(after_work(massage(), 60), Reason.NOT_TODAY, Topic.HEALTH, about="a fever"),
        ),
        "pregnancy pauses until a doctor has said yes": (
            paused(massage()),
            PREGNANT,
            pauses(massage(), Reason.ASK_FIRST, Topic.HEALTH, about="pregnancy"),
        ),
        "a condition told while a knot is visited pauses at that knot": (
            ticking(ONE),
            PREGNANT,
            pauses(after_work(ONE, 60), Reason.ASK_FIRST, Topic.HEALTH, about="pregnancy"),
        ),
        "a doctor has said yes: the massage goes on where it was": (
            paused(massage(), left=70, reason=Reason.ASK_FIRST),
            ev.PermissionGiven(),
            moves(goes_on(massage(), 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "a doctor has said yes when the part was just over: the next one begins": (
            paused(massage(3), left=0, reason=Reason.ASK_FIRST),
            ev.PermissionGiven(),
            moves(begins(FIRST_SIDE, 120.0), ShowPart(120.0)),
        ),
        "somebody is young: the massage pauses until a parent has said yes": (
            ticking(massage()),
            ev.YoungTold(),
            pauses(after_work(massage(), 60), Reason.YOUNG, Topic.YOUNG),
        ),
        "a parent has said yes": (
            paused(massage(), left=70, reason=Reason.YOUNG),
            ev.PermissionGiven(),
            moves(goes_on(massage(), 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "whoever does not feel safe ends the massage at once": (
            ticking(massage(3)),
            ev.UnsafeReported(),
            moves(Finished(360.0, 2, (), stopped=True), Say(Topic.UNSAFE)),
        ),
        "whoever does not feel safe in a pause ends it too": (
            paused(massage(3), reason=Reason.EMERGENCY),
            ev.UnsafeReported(),
            moves(Finished(WORKED, 2, (), stopped=True), Say(Topic.UNSAFE)),
        ),
        "whoever does not feel safe ends a track at once": (
            Listening(NOW - 600),
            ev.UnsafeReported(),
            moves(Finished(600.0, 0, (), stopped=True), Say(Topic.UNSAFE)),
        ),
        "a held massage is stopped without a second question": (
            paused(massage(3), reason=Reason.NOT_TODAY),
            ev.StopAsked(),
            moves(Finished(WORKED, 2, (), stopped=True), Say(Topic.SUMMARY)),
        ),
        "a held massage is stopped by its button": (
            paused(massage(3), reason=Reason.ASK_FIRST),
            ev.StopConfirmed(),
            moves(Finished(WORKED, 2, (), stopped=True), Say(Topic.SUMMARY)),
        ),
        "pain in a held massage is remembered, and holds it as before": (
            paused(massage(), reason=Reason.ASK_FIRST),
            ev.PainReported(),
            pauses(SORE, Reason.ASK_FIRST, Topic.HURT),
        ),
        "on a day on which nothing goes on, nobody is told to carry on more lightly": (
            paused(massage(), reason=Reason.NOT_TODAY),
            ev.PainReported(),
            pauses(SORE, Reason.NOT_TODAY, Topic.STILL_HELD),
        ),
        "so a doctor's yes goes on more lightly": (
            paused(SORE, left=70, reason=Reason.ASK_FIRST),
            ev.PermissionGiven(),
            moves(goes_on(SORE, 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)),
        ),
        "pain in an emergency is remembered, but the emergency is what is spoken of": (
            paused(massage(), reason=Reason.EMERGENCY),
            ev.PainReported(),
            pauses(SORE, Reason.EMERGENCY, Topic.STILL_HELD),
        ),
        "pain leaves every reason to hold the massage": (
            held(massage(), Reason.EMERGENCY, Reason.YOUNG, Reason.ASK_FIRST),
            ev.PainReported(),
            moves(
                replace(held(SORE, Reason.EMERGENCY, Reason.YOUNG, Reason.ASK_FIRST), since=NOW),
                Say(Topic.STILL_HELD),
            ),
        ),
    }
)
def test_nobody_is_hurt(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize(
    "fields", [{}, {"sore": True}, {"lighter": 1, "sore": True}, {"lighter": 2, "sore": True}]
)
@pytest.mark.parametrize("reason", [None, Reason.ASKED, Reason.PAIN])
def test_firmer_is_only_answered_at_full_pressure_and_after_pain(
    fields: dict[str, Any], reason: Reason | None
) -> None:
    """The answer says how much pressure is right, and no pressure changes."""
    here = massage(**fields)
    state = paused(here, reason=reason) if reason else ticking(here)
    question = Question(Ask.HARDER, here.place)
    after, effects = happens(state, ev.FirmerAsked())
    assert after == replace(SESSION, state=state, asked=question)
    assert effects == (Answer(question, 120.0),)


HELD = sorted(HOLDING)


@pytest.mark.parametrize("reason", HELD)
@pytest.mark.parametrize(
    "event",
    [
        ev.ResumeAsked(),
        ev.NextAsked(),
        ev.BackAsked(),
        ev.AgainAsked(),
        ev.SkipAsked(),
        ev.StepChosen(step=2),
        ev.PauseAsked(),
        ev.Asked(question=WHY),
        ev.Unclear(),
        ev.HelpAsked(),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_held_massage_says_what_it_waits_for_and_waits(reason: Reason, event: ev.Event) -> None:
    state = paused(massage(), reason=reason)
    assert happens(state, event) == stays(state, Say(Topic.STILL_HELD))


GOES_ON = {
    Reason.EMERGENCY: ev.EmergencyEnded,
    Reason.ASK_FIRST: ev.PermissionGiven,
    Reason.YOUNG: ev.PermissionGiven,
}
"""What ends a pause of each kind. Nothing ends the fourth one but a stop. After an emergency, the coach asks
again.
"""


@pytest.mark.parametrize("reason", HELD)
@pytest.mark.parametrize("answer", [ev.EmergencyEnded, ev.PermissionGiven])
def test_only_the_right_answer_ends_a_held_pause(reason: Reason, answer: type[ev.Event]) -> None:
    state = paused(massage(), reason=reason)
    after, effects = happens(state, answer())
    if GOES_ON.get(reason) is answer:
        assert row_of(after.state) is (Paused if reason is Reason.EMERGENCY else Running)
    else:
        assert (after, effects) == stays(state, Say(Topic.STILL_HELD))


@pytest.mark.parametrize("reason", HELD)
def test_start_in_a_held_massage_ends_it_and_health_is_asked_about_anew(reason: Reason) -> None:
    after, effects = moves(Preparing(), ShowCard())
    held = paused(massage(), reason=reason)
    assert happens(held, ev.Started()) == (replace(after, ticked=frozenset()), effects)


IN_ORDER = [Reason.NOT_TODAY, Reason.EMERGENCY, Reason.YOUNG, Reason.ASK_FIRST]
"""The order in which the reasons to hold a massage have to be settled."""
ALARMS = {
    Reason.EMERGENCY: ev.EmergencyReported(),
    Reason.YOUNG: ev.YoungTold(),
    Reason.ASK_FIRST: ev.HealthTold(condition="pregnancy"),
    Reason.NOT_TODAY: ev.HealthTold(condition="a fever", not_today=True),
}


@pytest.mark.parametrize("first", IN_ORDER)
@pytest.mark.parametrize("second", IN_ORDER)
def test_of_two_reasons_to_hold_a_massage_both_count_in_their_order(first: Reason, second: Reason) -> None:
    after, _ = happens(paused(massage(), reason=first), ALARMS[second])
    assert isinstance(after.state, Paused)
    reasons = [reason for reason in IN_ORDER if reason in (first, second)]
    assert [after.state.reason, *after.state.also] == reasons


def test_reasons_to_hold_a_massage_add_up() -> None:
    state: State = ticking(massage())
    for reason in reversed(IN_ORDER):
        state = happens(state, ALARMS[reason])[0].state
    assert state == replace(held(after_work(massage(), 60), *IN_ORDER), since=NOW)


SETTLED: dict[tuple[Reason, Reason], list[type[ev.Event]]] = {
    (Reason.EMERGENCY, Reason.YOUNG): [ev.EmergencyEnded, ev.PermissionGiven],
    (Reason.EMERGENCY, Reason.ASK_FIRST): [ev.EmergencyEnded, ev.PermissionGiven],
    (Reason.YOUNG, Reason.ASK_FIRST): [ev.PermissionGiven, ev.PermissionGiven],
}
"""Two reasons in their order, and the answers that settle them one after the other."""


@pytest.mark.parametrize("told_in_order", [True, False])
@pytest.mark.parametrize("reasons", SETTLED, ids="-".join)
def test_two_reasons_are_settled_one_after_the_other(
    reasons: tuple[Reason, Reason], told_in_order: bool
) -> None:
    """The massage asks for the second after the first, whichever was told first, and goes on after both."""
    first, second = reasons if told_in_order else reasons[::-1]
    state = happens(paused(massage(), left=70, reason=first), ALARMS[second])[0].state
    answers = SETTLED[reasons]
    if answers[1] is not answers[0]:
        assert happens(state, answers[1]()) == stays(state, Say(Topic.STILL_HELD)), "that is not asked yet"
    waits_on = LIGHTER if reasons[0] is Reason.EMERGENCY else massage()
    asks = Paused(waits_on, 70, NOW, reasons[1], SOON)
    assert happens(state, answers[0]()) == moves(asks, Say(Topic.STILL_HELD))
    assert happens(asks, answers[1]()) == moves(
        goes_on(waits_on, 70.0, lead_in=10), ShowPart(70.0, lead_in=10.0, resumed=True)
    )


@pytest.mark.parametrize("first", IN_ORDER[1:])
@pytest.mark.parametrize("told_in_order", [True, False])
@pytest.mark.parametrize("answer", [ev.EmergencyEnded, ev.PermissionGiven])
def test_not_today_is_never_settled_whatever_else_holds_the_massage(
    first: Reason, told_in_order: bool, answer: type[ev.Event]
) -> None:
    told = [Reason.NOT_TODAY, first] if told_in_order else [first, Reason.NOT_TODAY]
    state = happens(paused(massage(), reason=told[0]), ALARMS[told[1]])[0].state
    assert happens(state, answer()) == stays(state, Say(Topic.STILL_HELD))
    assert state == replace(held(massage(), Reason.NOT_TODAY, first), since=NOW)


# --- The side where the giver stands -------------------------------------------------------------


def corrected(state: State, *effects: Effect, moved: bool = False) -> Result:
    """The giver stands on the other side than chosen on the card, so the choice is another too."""
    session, effects = (moves if moved else changes)(state, *effects)
    return replace(session, choices=replace(SESSION.choices, side=Side.RIGHT)), effects


SIDE_CHANGED = Say(Topic.SIDE_CHANGED)


@each(
    {
        "in a part of both sides only what follows changes": (
            ticking(massage(3)),
            ev.SideChosen(side=Side.RIGHT),
            corrected(ticking(massage(3, stands=Side.RIGHT)), SIDE_CHANGED),
        ),
        "on the first side the part is shown again with the time that is left": (
            ticking(FIRST_SIDE, left=80),
            ev.SideChosen(side=Side.RIGHT),
            corrected(
                ticking(replace(FIRST_SIDE, stands=Side.RIGHT, pairs=((4, Side.RIGHT),)), left=80),
                ShowPart(80.0, resumed=True, note=SIDE_CHANGED),
                moved=True,
            ),
        ),
        "on the other side both sides are exchanged": (
            ticking(OTHER_SIDE, left=80),
            ev.SideChosen(side=Side.LEFT),
            corrected(
                ticking(replace(OTHER_SIDE, stands=Side.LEFT, pairs=((4, Side.RIGHT),)), left=80),
                ShowPart(80.0, resumed=True, note=SIDE_CHANGED),
                moved=True,
            ),
        ),
        "on the first side without the timer": (
            waiting(FIRST_SIDE, left=80),
            ev.SideChosen(side=Side.RIGHT),
            corrected(
                waiting(replace(FIRST_SIDE, stands=Side.RIGHT, pairs=((4, Side.RIGHT),)), left=80),
                ShowPart(80.0, resumed=True, note=SIDE_CHANGED),
                moved=True,
            ),
        ),
        "in a pause the part is shown when it goes on": (
            paused(FIRST_SIDE),
            ev.SideChosen(side=Side.RIGHT),
            corrected(paused(replace(FIRST_SIDE, stands=Side.RIGHT, pairs=((4, Side.RIGHT),))), SIDE_CHANGED),
        ),
        "the side where the giver stands already is only said": (
            ticking(FIRST_SIDE),
            ev.SideChosen(side=Side.LEFT),
            stays(ticking(FIRST_SIDE), SIDE_CHANGED),
        ),
    }
)
def test_the_side_is_corrected_in_a_massage(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


@pytest.mark.parametrize("part", [0, 1])
def test_a_giver_who_stands_behind_has_no_side_to_correct(part: int) -> None:
    state = ticking(massage(4, part))
    assert happens(state, ev.SideChosen(side=Side.RIGHT), NECK) == stays(state, Toast(Topic.NOT_NOW))


# --- Knots ---------------------------------------------------------------------------------------


def ready(massage: Massage, seconds: float, reason: Reason = Reason.PAIN) -> Paused:
    """A pause at the beginning of a part that nobody has begun, with all there is to say in it."""
    return Paused(massage, seconds, NOW, reason, cues(massage, BACK, Talk.FULL, seconds), begun=False)


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
            paused(massage(knots=(LOW,))),
            marks("centre"),
            changes(paused(massage(knots=(LOW, CENTRE))), ShowGrid(new=False)),
        ),
        "a second tap on a spot changes nothing": (
            ticking(massage(knots=(CENTRE,))),
            marks("centre"),
            stays(ticking(massage(knots=(CENTRE,))), ShowGrid(new=False)),
        ),
        "a spot is unmarked": (
            ticking(massage(knots=(LOW, CENTRE))),
            marks("lower-left", on=False),
            changes(ticking(massage(knots=(CENTRE,))), ShowGrid(new=False)),
        ),
        "a spot that is not marked cannot be unmarked": (
            paused(massage(knots=(LOW,))),
            marks("centre", on=False),
            stays(paused(massage(knots=(LOW,))), ShowGrid(new=False)),
        ),
        "the grid of an earlier massage is stale": (
            ticking(massage()),
            marks("centre", run=38),
            stays(ticking(massage()), Toast(Topic.STALE)),
        ),
        "the first spot marked in the knots' step is worked on at once": (
            ticking(massage(7)),
            marks("lower-left"),
            moves(begins(after_work(ONE, 60), 120.0), ShowGrid(new=False, open=False), ShowPart(120.0)),
        ),
        "the first spot marked in a pause of the knots' step gets the time of a knot": (
            paused(massage(7), left=33),
            marks("lower-left"),
            changes(replace(ready(ONE, 120.0, Reason.ASKED), since=NOW - 500), ShowGrid(new=False)),
        ),
        "and Next enters that knot, which has not begun": (
            ready(ONE, 120.0, Reason.ASKED),
            ev.NextAsked(),
            moves(begins(ONE, 120.0), ShowPart(120.0)),
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
            marks("lower-left", on=False),
            stays(ticking(SECOND), Toast(Topic.BEING_WORKED)),
        ),
        "a knot that comes later can be unmarked": (
            paused(TWO),
            marks("centre", on=False),
            changes(paused(ONE), ShowGrid(new=False)),
        ),
        "spots are massaged from the lower back upwards, whatever the order of marking": (
            ticking(massage(knots=(CENTRE,))),
            marks("lower-left"),
            changes(ticking(massage(knots=(LOW, CENTRE))), ShowGrid(new=False)),
        ),
        "in a row of spots the left one comes first": (
            paused(massage(knots=(Knot("lower-right"), CENTRE))),
            marks("lower-middle"),
            changes(
                paused(massage(knots=(Knot("lower-middle"), Knot("lower-right"), CENTRE))),
                ShowGrid(new=False),
            ),
        ),
        "a low spot marked while a higher one is visited comes next": (
            ticking(massage(7, knots=(CENTRE, Knot("upper-left")))),
            marks("lower-left"),
            changes(
                ticking(massage(7, knots=(CENTRE, LOW, Knot("upper-left")))),
                ShowGrid(new=False),
            ),
        ),
        "a spot is taken away in words, and what is still marked is shown": (
            ticking(massage(knots=(LOW, CENTRE))),
            ev.KnotRetracted(spot="lower-left"),
            changes(ticking(massage(knots=(CENTRE,))), ShowGrid(open=False)),
        ),
        "a spot that is not marked cannot be taken away in words": (
            paused(massage(knots=(LOW,))),
            ev.KnotRetracted(spot="centre"),
            stays(paused(massage(knots=(LOW,))), Say(Topic.NOT_MARKED, about="centre")),
        ),
        "a knot that is being worked on cannot be taken away in words": (
            ticking(SECOND),
            ev.KnotRetracted(spot="centre"),
            stays(ticking(SECOND), Toast(Topic.BEING_WORKED)),
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
            ev.KnotReported(spot="lower-left"),
            moves(begins(after_work(ONE, 60), 120.0), ShowGrid(open=False), ShowPart(120.0)),
        ),
    }
)
def test_knots_are_marked(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


EASED, TIGHT = replace(LOW, eased=True), replace(LOW, rounds=1)
LEFT_LOW = Say(Topic.KNOT_LEFT, about="lower-left")


@each(
    {
        "Next leads to the first knot": (
            paused(massage(6, len(parts(BACK, 6)) - 1, knots=(LOW, CENTRE))),
            ev.NextAsked(),
            moves(begins(TWO, 75.0), ShowPart(75.0)),
        ),
        "Next leaves a knot, and says which": (
            ticking(TWO),
            ev.NextAsked(),
            moves(begins(after_work(SECOND, 60), 75.0), ShowPart(75.0, note=LEFT_LOW)),
        ),
        "Next in a pause leaves a knot, and says which": (
            paused(TWO),
            ev.NextAsked(),
            moves(begins(SECOND, 75.0), ShowPart(75.0, note=LEFT_LOW)),
        ),
        "at its end a knot is left, and the coach says which": (
            due(TWO, cued=True),
            ev.CueDue(),
            moves(begins(after_work(SECOND, 180), 75.0), ShowPart(75.0, note=LEFT_LOW)),
        ),
        "Resume after a knot's end leaves it, and says which": (
            paused(TWO, left=0),
            ev.ResumeAsked(),
            moves(begins(SECOND, 75.0), ShowPart(75.0, note=LEFT_LOW)),
        ),
        "after the last knot the next step begins, and the coach says which knot was left": (
            ticking(SECOND),
            ev.NextAsked(),
            moves(
                begins(after_work(massage(8, knots=(LOW, CENTRE)), 60), 90.0),
                ShowPart(90.0, note=Say(Topic.KNOT_LEFT, about="centre")),
            ),
        ),
        "with no knot marked, Next leaves none": (
            ticking(massage(7)),
            ev.NextAsked(),
            moves(begins(after_work(massage(8), 60), 90.0), ShowPart(90.0)),
        ),
        "an eased knot leads to the next one": (
            ticking(TWO),
            ev.KnotEased(),
            moves(
                begins(after_work(SECOND, 60, knots=(EASED, CENTRE)), 75.0),
                ShowPart(75.0, note=Say(Topic.EASED, about="lower-left")),
            ),
        ),
        "the last one leads to the next step": (
            paused(SECOND),
            ev.KnotEased(),
            moves(
                begins(massage(8, knots=(LOW, replace(CENTRE, eased=True))), 90.0),
                ShowPart(90.0, note=Say(Topic.EASED, about="centre")),
            ),
        ),
        "a knot that is still tight is worked on once more": (
            ticking(TWO),
            ev.KnotStayedTight(),
            moves(
                begins(after_work(TWO, 60, knots=(TIGHT, CENTRE)), 75.0),
                ShowPart(75.0, note=Say(Topic.STILL_TIGHT)),
            ),
        ),
        "a knot that is tight after that too is left for another day": (
            paused(massage(7, knots=(TIGHT, CENTRE))),
            ev.KnotStayedTight(),
            moves(
                begins(massage(7, 1, knots=(replace(TIGHT, rounds=2), CENTRE)), 75.0),
                ShowPart(75.0, note=Say(Topic.LEAVE_IT, about="lower-left")),
            ),
        ),
        "a knot that was eased before is tight again": (
            paused(massage(7, knots=(EASED, CENTRE))),
            ev.KnotStayedTight(),
            moves(
                begins(massage(7, knots=(TIGHT, CENTRE)), 75.0), ShowPart(75.0, note=Say(Topic.STILL_TIGHT))
            ),
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
            ticking(massage(3, knots=(LOW,))),
            ev.KnotEased(),
            stays(ticking(massage(3, knots=(LOW,))), Toast(Topic.NOT_NOW)),
        ),
        "in another step no knot can be reported as tight": (
            paused(massage(3, knots=(LOW,))),
            ev.KnotStayedTight(),
            stays(paused(massage(3, knots=(LOW,))), Toast(Topic.NOT_NOW)),
        ),
    }
)
def test_knots_are_worked_on_one_by_one(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


HURT_LOW, HURT_CENTRE = replace(LOW, sore=True), replace(CENTRE, sore=True)
FIRST_SORE = massage(7, knots=(HURT_LOW, CENTRE), lighter=1, sore=True)
"""No massage is at this place after pain: its first knot has hurt."""
SECOND_SORE = replace(FIRST_SORE, place=Place(7, 1))
"""After pain at the first knot the massage is at the second."""
STEP_EIGHT = massage(8, knots=(HURT_LOW, CENTRE), lighter=1, sore=True)
BOTH_SORE = massage(8, knots=(HURT_LOW, HURT_CENTRE), lighter=1, sore=True)
LAST_OF_SIX = Place(6, len(parts(BACK, 6)) - 1)


@each(
    {
        "pain at a knot: the pause is at the next one already": (
            ticking(TWO),
            ev.PainReported(),
            moves(
                ready(after_work(SECOND_SORE, 60), 75.0),
                Say(Topic.HURT_AT_KNOT),
            ),
        ),
        "so Resume goes on to the next one": (
            ready(SECOND_SORE, 75.0),
            ev.ResumeAsked(),
            moves(begins(SECOND_SORE, 75.0, lead_in=10), ShowPart(75.0, lead_in=10.0, resumed=True)),
        ),
        "Next enters the next one too": (
            ready(SECOND_SORE, 75.0),
            ev.NextAsked(),
            moves(begins(SECOND_SORE, 75.0), ShowPart(75.0)),
        ),
        "Again enters the next one too": (
            ready(SECOND_SORE, 75.0),
            ev.AgainAsked(),
            moves(begins(SECOND_SORE, 75.0), ShowPart(75.0)),
        ),
        "pain told once more does not skip the next one": (
            ready(SECOND_SORE, 75.0),
            ev.PainReported(),
            moves(ready(SECOND_SORE, 75.0), Say(Topic.HURT_AT_KNOT)),
        ),
        "a question whether to stop does not skip the next one": (
            ready(SECOND_SORE, 75.0),
            ev.StopAsked(),
            moves(ready(SECOND_SORE, 75.0, Reason.STOPPING), Say(Topic.STOP)),
        ),
        "an alarm does not skip the next one": (
            ready(SECOND_SORE, 75.0),
            PREGNANT,
            moves(ready(SECOND_SORE, 75.0, Reason.ASK_FIRST), Say(Topic.HEALTH, about="pregnancy")),
        ),
        "pain at the last knot: the pause is at the next step": (
            paused(SECOND),
            ev.PainReported(),
            moves(
                ready(massage(8, knots=(LOW, HURT_CENTRE), lighter=1, sore=True), 90.0),
                Say(Topic.HURT_AT_KNOT),
            ),
        ),
        "Next enters that step, since nobody has begun it": (
            ready(BOTH_SORE, 90.0),
            ev.NextAsked(),
            moves(begins(BOTH_SORE, 90.0), ShowPart(90.0)),
        ),
        "nine out of ten at a knot: the pause is at the next one too": (
            ticking(TWO),
            ev.PressureRated(score=9),
            moves(ready(after_work(SECOND_SORE, 60), 75.0), Say(Topic.RATED_PAIN, about="9")),
        ),
        "pain told after an emergency at a knot leaves that knot too": (
            paused(replace(TWO, lighter=1), reason=Reason.PAIN),
            ev.PainReported(),
            moves(ready(replace(SECOND_SORE, lighter=2), 75.0), Say(Topic.HURT_AT_KNOT)),
        ),
        "pain at a knot in a held massage: it is held at the next one": (
            paused(TWO, reason=Reason.ASK_FIRST),
            ev.PainReported(),
            moves(ready(SECOND_SORE, 75.0, Reason.ASK_FIRST), Say(Topic.HURT)),
        ),
        "and a doctor's yes goes on there, more lightly": (
            ready(SECOND_SORE, 75.0, Reason.ASK_FIRST),
            ev.PermissionGiven(),
            moves(begins(SECOND_SORE, 75.0, lead_in=10), ShowPart(75.0, lead_in=10.0, resumed=True)),
        ),
        "after an emergency too the next one has not begun": (
            ready(SECOND_SORE, 75.0, Reason.EMERGENCY),
            ev.EmergencyEnded(),
            moves(ready(replace(SECOND_SORE, lighter=2), 75.0), Say(Topic.EMERGENCY_OVER)),
        ),
        "Next from step 6 leads over a knot that hurt": (
            paused(replace(FIRST_SORE, place=LAST_OF_SIX)),
            ev.NextAsked(),
            moves(begins(SECOND_SORE, 75.0), ShowPart(75.0)),
        ),
        "Back after pain at a knot leads over that knot": (
            ready(SECOND_SORE, 75.0),
            ev.BackAsked(),
            moves(begins(replace(SECOND_SORE, place=LAST_OF_SIX), 60.0), ShowPart(60.0)),
        ),
        "Back from step 8 leads to the knot that did not hurt": (
            paused(replace(STEP_EIGHT, knots=(LOW, HURT_CENTRE))),
            ev.BackAsked(),
            moves(
                begins(
                    replace(STEP_EIGHT, knots=(LOW, HURT_CENTRE), place=Place(7)),
                    75.0,
                ),
                ShowPart(75.0),
            ),
        ),
        "Back from step 8 leads over all knots that hurt": (
            paused(BOTH_SORE),
            ev.BackAsked(),
            moves(begins(replace(BOTH_SORE, place=LAST_OF_SIX), 60.0), ShowPart(60.0)),
        ),
        "the choice of the step leads to the first knot that did not hurt": (
            ticking(STEP_EIGHT),
            ev.StepChosen(step=7),
            moves(begins(after_work(replace(STEP_EIGHT, place=Place(7, 1)), 60), 75.0), ShowPart(75.0)),
        ),
        "if all have hurt, the choice of the step leads on to step 8": (
            ticking(replace(BOTH_SORE, place=Place(3))),
            ev.StepChosen(step=7),
            moves(begins(after_work(BOTH_SORE, 60), 90.0), ShowPart(90.0)),
        ),
        "Skip in step 6 leads over a knot that hurt": (
            paused(replace(FIRST_SORE, place=Place(6))),
            ev.SkipAsked(),
            moves(begins(SECOND_SORE, 75.0), ShowPart(75.0)),
        ),
        "pain in the step for knots with none marked pauses there": (
            ticking(massage(7)),
            ev.PainReported(),
            pauses(after_work(massage(7, lighter=1, sore=True), 60), Reason.PAIN, Topic.HURT),
        ),
    }
)
def test_a_knot_that_hurt_is_left_alone_for_good(state: State, event: ev.Event, result: Result) -> None:
    assert happens(state, event) == result


def test_pain_at_the_last_knot_of_a_routine_that_ends_with_knots_leaves_nothing_to_resume() -> None:
    ends_with_knots = BACK.model_copy(update={"steps": BACK.steps[:7], "total_time": 1200.0})
    hurt, effects = happens_in(ends_with_knots, ticking(ONE), ev.PainReported())
    sore = replace(ONE, knots=(HURT_LOW,), lighter=1, sore=True)
    assert hurt == Paused(after_work(sore, 60), 0.0, NOW, Reason.PAIN)
    assert effects == (Say(Topic.HURT_AT_KNOT),)
    state, effects = happens_in(ends_with_knots, hurt, ev.ResumeAsked())
    assert state == Finished(360.0, 7, (HURT_LOW,), stopped=False)
    assert effects == (Say(Topic.SUMMARY),)


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
