"""The state machine of a session: its table, whole massages, and events in any order."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.routine import loading
from bot.routine.model import Routine, Side, Turn, all_parts
from bot.session import events as ev
from bot.session.effects import (
    Forget,
    ReadSample,
    Say,
    ShowControls,
    ShowLines,
    ShowNext,
    ShowPart,
    Toast,
    Topic,
)
from bot.session.moves import cues_ahead, time_left
from bot.session.places import knot_at, part_at, place_after, place_before
from bot.session.state import (
    ABANDONED_AFTER,
    CUE_AHEAD,
    LATE,
    LEAD_IN,
    OIL_AHEAD,
    Ask,
    Cue,
    Finished,
    Idle,
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
    Ticking,
)
from bot.session.transitions import TABLE, TRANSITIONS, Held, advance, row_of
from bot.understanding.utterance import Situation
from bot.wording.context import RenderContext
from bot.wording.messages import CALLBACK_VERBS, button, event_from_callback
from bot.wording.render import render
from tests.stage import title_of

LIBRARY = loading.load(Path("routines"))
BACK = LIBRARY.routines["back"]
STATES = (*get_args(State), Held)
EVENTS = [
    each
    for each in vars(ev).values()
    if isinstance(each, type) and issubclass(each, ev.Event) and each not in (ev.Event, ev.Alarm)
]

ABOUT_A_SPOT = (ev.SpotMarked, ev.KnotReported, ev.KnotRetracted)
"""Events that need the name of a spot."""


class Chat:
    """A session with its own clock. `on` passes events to it; only `wait` and `until_due` move the clock."""

    def __init__(self, routine: Routine = BACK) -> None:
        self.now = 1_000_000.0
        self.routine = routine
        self.session = Session.fresh(7, routine, self.now)
        self.effects: tuple[Any, ...] = ()

    def on(self, *events: ev.Event) -> "Chat":
        for event in events:
            self.session, self.effects = advance(self.session, event, self.routine, self.now)
        return self

    def wait(self, seconds: float) -> "Chat":
        self.now += seconds
        return self

    def until_due(self, late: float = 0.0) -> "Chat":
        assert self.session.due_at is not None
        self.now = max(self.now, self.session.due_at) + late
        return self.on(ev.CueDue())

    def until_announced(self, late: float = 0.0) -> "Chat":
        """Follow the timer until the next part is announced. `late` is how late that comes."""
        while self.lines != (Line.NEXT,):
            self.until_due()
        return self.until_due(late)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the coach says next in the current part."""
        assert isinstance(self.session.state, Running)
        ahead = self.session.state.timing.cues
        return ahead[0].lines if ahead else ()

    @property
    def massage(self) -> Massage:
        assert isinstance(self.session.state, Running | Paused)
        return self.session.state.massage

    def state(self) -> State:
        return self.session.state

    def stands(self) -> Side:
        return self.massage.stands

    @property
    def left(self) -> float:
        assert isinstance(self.session.state, Running | Paused)
        return time_left(self.session.state, self.now)

    @property
    def ahead(self) -> tuple[Cue, ...]:
        """What is still to be said in the current part."""
        assert isinstance(self.session.state, Running | Paused)
        return cues_ahead(self.session.state, self.now)

    @property
    def words(self) -> list[str]:
        context = RenderContext(self.session, LIBRARY)
        visible = (
            effect for effect in self.effects if not isinstance(effect, Forget | ReadSample | ShowControls)
        )
        return [render(effect, context).text or "" for effect in visible]

    def begun(self) -> "Chat":
        return self.on(ev.Started(), ev.Began(), ev.ScreenedClear())


def at_step(step: int, part: int = 0, routine: Routine = BACK) -> Chat:
    chat = Chat(routine).begun()
    for _ in all_parts(routine):
        if chat.massage.place == Place(step, part):
            return chat
        chat.on(ev.NextAsked())
    raise AssertionError(f"Next never leads to part {part} of step {step}")


# --- The table -----------------------------------------------------------------------------------


IGNORED: dict[tuple[type[State], ...], tuple[type[ev.Event], ...]] = {
    # In these states these events do nothing: there is no massage that they could change,
    (Idle, Preparing, Finished): (
        ev.NextAsked,
        ev.BackAsked,
        ev.AgainAsked,
        ev.SkipAsked,
        ev.StepChosen,
        ev.PauseAsked,
        ev.MoreTimeAsked,
        ev.TimerSwitched,
        ev.StopAsked,
    ),
    (Idle, Preparing, Finished, Listening, Held): (
        ev.MoreOpened,
        ev.MoreClosed,
        ev.LighterAsked,
        ev.FirmerAsked,
        ev.KnotsAsked,
        ev.SpotMarked,
        ev.KnotReported,
        ev.KnotRetracted,
        ev.GridClosed,
        ev.KnotEased,
        ev.KnotStayedTight,
    ),
    (Finished, Idle, Preparing): (ev.PressureRated,),
    (Held,): (ev.MoreTimeAsked, ev.TimerSwitched, ev.TrackAsked),
    # a massage or a track is under way already,
    (Running, Paused, Held, Listening): (
        ev.RoutineChosen,
        ev.LengthChosen,
        ev.ToneChosen,
        ev.ReadAloudChosen,
    ),
    (Held, Listening): (ev.SideChosen, ev.TalkChosen),
    # the question about health is not open,
    (Idle, Running, Paused, Held, Listening, Finished): (
        ev.Began,
        ev.ScreenedClear,
        ev.ScreenedOut,
        ev.VagueAnswer,
    ),
    # no massage is over,
    (Idle, Preparing, Running, Paused, Held, Listening): (ev.SwapAsked,),
    # or no massage is paused, or not for a reason that this answers.
    (Idle, Preparing, Running, Finished): (ev.ResumeAsked,),
    (Idle, Preparing, Running, Held, Listening, Finished): (ev.StartedOver, ev.TrackConfirmed),
    (Idle, Preparing, Running, Listening, Finished): (ev.StopConfirmed,),
    (Idle, Running, Paused, Listening, Finished): (ev.PermissionGiven,),
    (Idle, Preparing, Running, Paused, Listening, Finished): (ev.EmergencyEnded,),
}
IGNORED_PAIRS = [pair for states, events in IGNORED.items() for pair in product(states, events)]


def test_every_pair_of_state_and_event_is_either_in_the_table_or_ignored_on_purpose() -> None:
    pairs = [pair for states, rows in TABLE.items() for pair in product(states, rows)] + IGNORED_PAIRS
    assert sorted(map(str, pairs)) == sorted(map(str, product(STATES, EVENTS)))


ROWS = [(states, event, action) for states, rows in TABLE.items() for event, (action, *_) in rows.items()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1].__name__}-{row[2].__name__}")
def test_a_row_fits_the_types_of_its_action(row: tuple[Any, ...]) -> None:
    states, event, action = row
    hints = get_type_hints(action)
    accepted = get_args(hints["state"]) or (hints["state"],)
    assert {Paused if state is Held else state for state in states} <= set(accepted)
    assert any(issubclass(event, kind) for kind in (get_args(hints["event"]) or (hints["event"],)))


EXAMPLES: dict[type[State], State] = {
    type(state): state for state in (Idle(), Preparing(), Listening(0.0), Finished(0.0, 0, (), False))
}


@pytest.mark.parametrize(
    ("state", "event"), IGNORED_PAIRS, ids=lambda each: each.__name__ if isinstance(each, type) else None
)
def test_an_ignored_event_gets_a_reply_and_changes_nothing(state: type[State], event: type[ev.Event]) -> None:
    chat = at_step(3)
    if state is Paused:
        chat.on(ev.PauseAsked())
    elif state is Held:
        chat.on(ev.YoungTold())
    elif state is not Running:
        chat.session = replace(chat.session, state=EXAMPLES[state])
    before = chat.session
    chat.on(event())
    assert chat.session == before
    assert chat.effects == (Toast(Topic.NOT_NOW),)


@pytest.mark.parametrize("event", [e for e in CALLBACK_VERBS.values() if "run" not in get_type_hints(e)])
def test_a_stale_button_changes_nothing(event: type[ev.Event]) -> None:
    chat = at_step(3)
    before = chat.session
    chat.on(event(revision=before.revision - 1))
    assert chat.session == before
    assert chat.effects == (Toast(Topic.STALE),)


@pytest.mark.parametrize("event", list(CALLBACK_VERBS.values()))
def test_the_data_of_a_button_is_decoded_as_its_event(event: type[ev.Event]) -> None:
    made = event(revision=12)
    data = button("x", made).data
    assert event_from_callback(data) == made
    assert len(data.encode()) <= 64


@pytest.mark.parametrize(
    "data",
    [
        "",
        ":",
        "next",
        "next:x",
        "next:1:2",
        "next: 1",
        "next:01",
        "side:1:up",
        "tick::1:2",
        "NEXT:1",
        "next:٣",
    ],
)
def test_forged_button_data_is_refused(data: str) -> None:
    assert event_from_callback(data) is None


# --- A massage -----------------------------------------------------------------------------------

SAY_ALOUD = Say(Topic.AGREEMENT)


def test_begin_and_one_answer_start_step_one_at_once() -> None:
    chat = Chat().begun()
    assert chat.effects == (SAY_ALOUD, ShowPart(90.0))
    assert chat.massage.place == Place(1)


def test_the_timer_alone_shows_every_part_once_and_in_order() -> None:
    chat = Chat().begun()
    seen = [chat.massage.place]
    began = chat.now
    while not isinstance(chat.session.state, Finished):
        chat.until_due()
        if any(isinstance(effect, ShowPart) for effect in chat.effects):
            seen.append(chat.massage.place)
    assert seen == [Place(p.number, i) for p, i in _numbered(BACK)]
    walks = 2 * 15
    assert chat.now - began == 25 * 60 + walks
    assert chat.state() == Finished(25 * 60, 8, (), stopped=False)


def _numbered(routine: Routine) -> list[tuple[Any, int]]:
    parts = all_parts(routine)
    return [(part, [p for p in parts if p.number == part.number].index(part)) for part in parts]


def test_the_next_part_is_announced_ten_seconds_ahead_however_little_time_is_left() -> None:
    chat = at_step(3)
    started = chat.now
    chat.until_announced()
    assert chat.effects == (ShowNext(CUE_AHEAD, use_by=started + 180),)
    assert chat.now == started + 180 - CUE_AHEAD
    assert chat.until_due().massage.place == Place(4)
    chat = at_step(3).wait(130).on(ev.PauseAsked(), ev.ResumeAsked())
    resumed = chat.now
    assert chat.until_announced().now == resumed + LEAD_IN + 50 - CUE_AHEAD
    chat = at_step(3).wait(174).on(ev.PauseAsked(), ev.ResumeAsked())
    resumed = chat.now
    assert chat.until_announced().now == resumed + LEAD_IN + 6 - CUE_AHEAD


def test_there_is_a_lead_in_before_step_two_and_after_a_pause_but_not_before_step_one() -> None:
    assert Chat().begun().effects == (SAY_ALOUD, ShowPart(90.0, lead_in=0))
    chat = Chat().begun().on(ev.NextAsked())
    assert chat.effects == (ShowPart(210.0, lead_in=OIL_AHEAD, note=Say(Topic.GET_READY)),)
    assert "oil" in chat.words[0]
    assert chat.left == 210
    assert chat.wait(OIL_AHEAD + 30).left == 180
    assert chat.on(ev.AgainAsked()).effects == (ShowPart(210.0, lead_in=0),), "the hands are oiled"
    assert at_step(3).on(ev.BackAsked()).effects == (ShowPart(210.0, lead_in=0),)
    chat = at_step(5).wait(50).on(ev.PauseAsked())
    assert chat.wait(500).on(ev.ResumeAsked()).effects == (ShowPart(100.0, lead_in=LEAD_IN, resumed=True),)
    assert chat.left == 100
    assert chat.wait(LEAD_IN + 30).left == 70


def test_the_timer_announces_the_first_stroke() -> None:
    chat = Chat().begun().until_announced()
    assert chat.left == OIL_AHEAD
    assert chat.words[0].startswith("<b>Starting in 25 s.</b> ")
    assert "oil" in chat.words[0]
    assert chat.until_due().effects == (ShowPart(210.0, lead_in=0),)


def test_the_giver_walks_round_to_the_other_side_and_back() -> None:
    chat = at_step(4)
    assert chat.stands() is Side.LEFT
    assert "<b>RIGHT</b> side, far from you" in chat.words[0]
    chat.on(ev.NextAsked())
    assert chat.stands() is Side.RIGHT
    assert "Walk round" in chat.words[0]
    assert "<b>LEFT</b> side, far from you" in chat.words[0]
    chat.on(ev.BackAsked())
    assert chat.stands() is Side.LEFT
    assert "Walk back" in chat.words[0]
    chat.on(ev.NextAsked(), ev.NextAsked())
    assert chat.stands() is Side.RIGHT, "step 5 is worked from where the giver stands"


def test_going_back_to_a_skipped_side_leads_to_that_side() -> None:
    chat = at_step(4).on(ev.SkipAsked())
    assert chat.stands() is Side.LEFT
    chat.on(ev.BackAsked())
    assert chat.massage.place == Place(4, 1)
    assert "<b>LEFT</b> side, far from you" in chat.words[0]


def test_step_eight_repeats_steps_two_to_four_under_its_own_number() -> None:
    chat = at_step(8)
    titles = []
    while not isinstance(chat.session.state, Finished):
        titles.append(title_of(chat.words[0]))
        chat.on(ev.NextAsked())
    assert titles == [
        "Step 8 of 8 · Long strokes again",
        "Step 8 of 8 · Heel circles again",
        "Step 8 of 8 · Fingertips again",
        "Step 8 of 8 · Fingertips again, other side",
        "Step 8 of 8 · Tapping",
    ]


def test_time_added_on_the_first_side_is_added_on_the_other_side_too() -> None:
    chat = at_step(4).on(ev.MoreTimeAsked())
    assert chat.left == 150
    assert chat.on(ev.NextAsked()).effects == (ShowPart(150.0, lead_in=15.0, walk=True),)
    assert chat.on(ev.AgainAsked()).effects == (ShowPart(150.0),), "also if that side is worked again"
    assert chat.on(ev.NextAsked()).effects == (ShowPart(150.0),), "and nothing is added to the next step"
    chat = at_step(4).on(ev.MoreTimeAsked(), ev.StepChosen(step=8), ev.NextAsked(), ev.NextAsked())
    first, second = chat.effects, chat.on(ev.NextAsked()).effects
    assert (first, second) == ((ShowPart(60.0),), (ShowPart(60.0, lead_in=15.0, walk=True),))


def test_time_added_on_the_second_side_is_added_on_that_side_alone() -> None:
    chat = at_step(4, 1).on(ev.MoreTimeAsked())
    assert chat.left == 150
    assert chat.on(ev.AgainAsked()).effects == (ShowPart(120.0),)
    assert chat.on(ev.BackAsked()).effects == (ShowPart(120.0, lead_in=15.0, walk=True),)


@pytest.mark.parametrize("late", [0.0, 60.0, LATE])
def test_a_part_is_counted_only_until_its_end_however_late_the_next_event_is(late: float) -> None:
    chat = at_step(3)
    before = chat.massage.worked
    assert chat.until_announced().until_due(late).massage.worked == before + 180
    chat = at_step(3).wait(180 + late).on(ev.NextAsked())
    assert chat.massage.worked == before + 180


def test_with_the_timer_off_all_the_time_is_counted() -> None:
    chat = at_step(3).on(ev.TimerSwitched(on=False))
    before = chat.massage.worked
    assert chat.wait(400).on(ev.NextAsked()).massage.worked == before + 400


def test_with_the_timer_off_only_next_moves_on() -> None:
    chat = at_step(3).wait(60).on(ev.TimerSwitched(on=False))
    assert chat.session.due_at == chat.now + ABANDONED_AFTER
    assert chat.wait(3600).on(ev.CueDue()).massage.place == Place(3)
    chat.on(ev.TimerSwitched(on=True))
    assert chat.left == 120
    chat.on(ev.TimerSwitched(on=False), ev.NextAsked())
    assert "tap Next when you're ready" in chat.words[0]


def test_stop_pauses_at_once_and_then_asks() -> None:
    chat = at_step(5).wait(30).on(ev.StopAsked())
    state = chat.session.state
    assert isinstance(state, Paused)
    assert (state.left, state.since, state.reason) == (120.0, chat.now, Reason.STOPPING)
    assert "Stop here for today?" in chat.words[0]
    chat.on(ev.StopConfirmed())
    assert chat.state() == Finished(30.0, 4, (), stopped=True)
    assert "We'll stop there" in chat.words[0]


def test_pain_pauses_and_resumes_lighter() -> None:
    chat = at_step(3).on(ev.PainReported())
    assert isinstance(chat.session.state, Paused)
    assert chat.session.state.reason is Reason.PAIN
    chat.on(ev.ResumeAsked())
    assert "Light pressure</b>, " in chat.words[0]
    assert "Light pressure" in chat.on(ev.NextAsked()).words[0], "and it stays lighter"


def test_start_during_a_massage_offers_resume_or_start_over() -> None:
    chat = at_step(6).on(ev.Started())
    assert "Resume, or start over?" in chat.words[0]
    chat.on(ev.ResumeAsked())
    assert chat.massage.place == Place(6)
    assert at_step(6).on(ev.Started(), ev.StartedOver()).session.state.kind == "preparing"


def test_a_massage_paused_for_a_day_ends_without_a_message() -> None:
    chat = at_step(2).on(ev.PauseAsked()).until_due()
    assert chat.state() == Idle()
    assert chat.effects == ()


# --- Knots ---------------------------------------------------------------------------------------


def marked(chat: Chat, *spots: str) -> Chat:
    return chat.on(*(ev.SpotMarked(run=chat.massage.run, spot=spot) for spot in spots))


def test_step_seven_gives_each_marked_spot_a_time_of_its_own() -> None:
    chat = marked(at_step(5), "upper-left", "centre").on(ev.StepChosen(step=7))
    assert "Step 7 of 8 · Knot 1 of 2: centre" in chat.words[0], "from the lower back upwards"
    assert chat.effects == (ShowPart(75.0),)
    chat.on(ev.KnotEased())
    assert "Step 7 of 8 · Knot 2 of 2: upper left" in chat.words[0]
    assert "Centre has eased. Lovely." in chat.words[0]
    chat.on(ev.KnotStayedTight())
    assert "Step 7 of 8 · Knot 2 of 2: upper left" in chat.words[0]
    assert "Once more" in chat.words[0]
    chat.on(ev.KnotStayedTight())
    assert chat.massage.place == Place(8)
    assert "Upper left: enough for today." in chat.words[0]
    chat.on(ev.StopAsked(), ev.StopConfirmed())
    assert "1 of 2 knots eased" in chat.words[0]


def test_step_seven_says_what_to_do_if_no_knot_is_marked() -> None:
    chat = at_step(7)
    assert "No knot?" in chat.words[0]
    marked(chat, "upper-right")
    assert "Step 7 of 8 · Knot 1 of 1: upper right" in chat.words[-1]


def test_a_knot_that_is_being_massaged_cannot_be_unmarked() -> None:
    chat = marked(at_step(5), "upper-left", "centre").on(ev.StepChosen(step=7))
    chat.on(ev.SpotMarked(run=chat.massage.run, spot="centre", on=False))
    assert chat.effects == (Toast(Topic.BEING_WORKED),)
    chat.on(ev.SpotMarked(run=chat.massage.run, spot="upper-left", on=False))
    assert [knot.spot for knot in chat.massage.knots] == ["centre"]


def test_the_grid_of_an_earlier_massage_cannot_mark_a_knot() -> None:
    chat = at_step(5)
    chat.on(ev.SpotMarked(run=chat.massage.run - 1, spot="centre"))
    assert chat.massage.knots == ()
    assert chat.effects == (Toast(Topic.STALE),)


# --- Late ----------------------------------------------------------------------------------------


def test_after_a_short_outage_the_next_part_starts_late_with_its_full_time() -> None:
    chat = at_step(3).until_announced().until_due(late=LATE)
    assert chat.massage.place == Place(4)
    assert chat.left == 120


def test_after_more_than_two_minutes_of_outage_the_coach_asks_and_keeps_the_time_left() -> None:
    chat = at_step(3).until_announced(late=LATE + 1)
    assert chat.effects == (Say(Topic.STILL_THERE),)
    assert chat.left == CUE_AHEAD
    chat = at_step(4).until_announced().until_due(late=LATE + 1)
    assert chat.massage.place == Place(4)
    assert chat.left == 0
    chat.on(ev.ResumeAsked())
    assert chat.massage.place == Place(4, 1), "the part was over"
    assert "Walk round" in chat.words[0]


def test_an_outage_that_swallows_only_a_reminder_stops_nobody() -> None:
    chat = at_step(3).until_due(late=LATE + 1)
    assert isinstance(chat.effects[0], ShowLines)
    assert chat.until_announced().until_due().massage.place == Place(4)


def test_the_coach_returns_to_a_part_whose_message_did_not_arrive() -> None:
    chat = at_step(3).until_announced().until_due().until_announced().until_due()
    assert chat.massage.place == Place(4, 1)
    chat.on(ev.Undelivered(step=4, part=0))
    assert chat.effects == (Say(Topic.STILL_THERE),)
    assert chat.massage.place == Place(4, 0)
    assert chat.left == 120
    assert "<b>RIGHT</b> side, far from you" in chat.on(ev.ResumeAsked()).words[0]


# --- The side where the giver stands -------------------------------------------------------------


def worked_side(chat: Chat) -> Side:
    side = part_at(chat.massage, chat.routine).side(chat.stands())
    assert side
    return side


corrections = st.lists(st.sampled_from(Side).map(lambda side: ev.SideChosen(side=side)), max_size=2)


@given(place=st.sampled_from([Place(4), Place(8, 2)]), before=corrections, after=corrections)
@settings(deadline=None)
def test_both_sides_are_massaged_although_the_giver_corrects_where_they_stand(
    place: Place, before: list[ev.Event], after: list[ev.Event]
) -> None:
    chat = at_step(place.step, place.part).on(*before)
    first, chosen = worked_side(chat), chat.session.choices.side
    assert worked_side(chat.on(ev.NextAsked())) is first.other
    chat.on(*after)
    if chat.session.choices.side is not chosen:
        first = first.other  # it was the other side all along
    assert worked_side(chat) is first.other
    assert worked_side(chat.on(ev.BackAsked())) is first
    assert worked_side(chat.on(ev.NextAsked())) is first.other


# --- Alarms --------------------------------------------------------------------------------------

ALARMS = {
    Reason.PAIN: ev.PainReported(),
    Reason.EMERGENCY: ev.EmergencyReported(),
    Reason.ASK_FIRST: ev.HealthTold(condition="pregnancy"),
    Reason.NOT_TODAY: ev.HealthTold(condition="a fever", not_today=True),
    Reason.YOUNG: ev.YoungTold(),
}
MOVES_ON: set[type[ev.Event]] = {
    ev.ResumeAsked,
    ev.NextAsked,
    ev.BackAsked,
    ev.AgainAsked,
    ev.SkipAsked,
    ev.StepChosen,
}
GOES_ON: dict[Reason, set[type[ev.Event]]] = {
    Reason.PAIN: MOVES_ON,
    Reason.EMERGENCY: {ev.EmergencyEnded},
    Reason.ASK_FIRST: {ev.PermissionGiven},
    Reason.YOUNG: {ev.PermissionGiven},
    Reason.NOT_TODAY: set(),
}
"""For each reason to stop the hands: the events that let them go on. After an emergency: then Resume."""


@pytest.mark.parametrize("reason", ALARMS)
@pytest.mark.parametrize("event", [e for e in EVENTS if e not in ABOUT_A_SPOT], ids=lambda e: e.__name__)
def test_after_an_alarm_only_the_right_answer_lets_the_hands_go_on(
    reason: Reason, event: type[ev.Event]
) -> None:
    chat = at_step(3).on(ALARMS[reason])
    assert isinstance(chat.session.state, Paused)
    assert chat.session.state.reason is reason
    chat.on(event())
    if event is ev.EmergencyEnded and reason is Reason.EMERGENCY:
        assert row_of(chat.session.state) is Paused, "whether to go on is another question"
        chat.on(ev.ResumeAsked())
    assert isinstance(chat.session.state, Running) == (event in GOES_ON[reason])


# --- Any order of events -------------------------------------------------------------------------

SIMPLE = [e for e in EVENTS if e not in (*ABOUT_A_SPOT, ev.Asked, ev.Undelivered, ev.CueDue)]

ABOUT_A_THING = {Ask.WORD, Ask.INSTEAD, Ask.MAY_PRESS}


def any_of(event: type[ev.Event]) -> st.SearchStrategy[ev.Event]:
    """Return a strategy for this event with any values in its fields. It is never from a stale button."""
    hints = {name: hint for name, hint in get_type_hints(event).items() if name != "revision"}
    return st.builds(event, **{name: st.from_type(hint) for name, hint in hints.items()})


class AnyOrder(RuleBasedStateMachine):
    """Events in any order raise nothing, lose no time and skip no place."""

    @initialize(routine=st.sampled_from(list(LIBRARY.routines.values())), side=st.sampled_from(Side))
    def begin(self, routine: Routine, side: Side) -> None:
        self.chat = Chat(routine)
        self.chat.on(ev.Started(), ev.SideChosen(side=side))

    @rule(length=st.integers(0, 4))
    @precondition(lambda self: not isinstance(self.chat.session.state, Running | Paused))
    def a_new_massage_begins_at_step_one(self, length: int) -> None:
        lengths = self.chat.routine.lengths
        self.chat.on(ev.Started(), ev.LengthChosen(length=int(lengths[length % len(lengths)])))
        self.chat.on(ev.Began(), ev.ScreenedClear())
        assert self.chat.massage.place == Place()

    @rule(event=st.sampled_from(SIMPLE).flatmap(any_of), seconds=st.floats(0, 400))
    def any_event_leads_to_a_state_in_the_table(self, event: ev.Event, seconds: float) -> None:
        before, self.chat.now = self.chat.session, self.chat.now + seconds
        self.chat.on(event)
        _, *targets = TRANSITIONS.get((row_of(before.state), type(event)), (None,))
        after = self.chat.session.state
        assert row_of(after) in (*targets, row_of(before.state))
        if row_of(before.state) is Held and row_of(after) in (Running, Paused):
            assert isinstance(before.state, Paused)
            assert type(event) in GOES_ON[before.state.reason]
        if isinstance(before.state, Running | Paused) and isinstance(after, Running | Paused):
            was, now = before.state.massage, after.massage
            assert now.sore or not was.sore
            assert now.lighter >= was.lighter or (type(event) is ev.FirmerAsked and not was.sore)

    @rule(ahead=st.booleans())
    @precondition(lambda self: row_of(self.chat.session.state) in (Running, Paused))
    def next_and_back_move_by_one(self, ahead: bool) -> None:
        massage, was = self.chat.massage, self.chat.state()
        to = place_after(massage, self.chat.routine) if ahead else place_before(massage, self.chat.routine)
        if ahead and isinstance(was, Paused) and not was.begun:
            to = massage.place
        self.chat.on(ev.NextAsked() if ahead else ev.BackAsked())
        state = self.chat.state()
        assert (state.massage.place if isinstance(state, Running) else None) == to
        assert not self.at_a_sore_knot()

    @rule(share=st.floats(0, 1))
    @precondition(lambda self: row_of(self.chat.session.state) in (Running, Paused))
    def a_step_is_chosen(self, share: float) -> None:
        step = 1 + round(share * (len(self.chat.routine.steps) - 1))
        self.chat.on(ev.StepChosen(step=step))
        assert isinstance(self.chat.state(), Running)
        assert self.chat.massage.place.step == step or self.chat.routine.steps[step - 1].each_knot
        assert not self.at_a_sore_knot()

    def at_a_sore_knot(self) -> bool:
        if not isinstance(self.chat.state(), Running):
            return False
        knot = knot_at(self.chat.massage, self.chat.routine)
        return knot is not None and knot.sore

    @rule(back=st.integers(0, 3))
    @precondition(lambda self: isinstance(self.chat.session.state, Running))
    def a_message_is_not_delivered(self, back: int) -> None:
        step = max(1, self.chat.massage.place.step - back)
        self.chat.on(ev.Undelivered(step=step, part=0))
        assert self.chat.massage.place == Place(step)
        assert isinstance(self.chat.session.state, Paused)

    @rule(spot=st.sampled_from(list(LIBRARY.handbook.spots)), on=st.booleans())
    @precondition(lambda self: isinstance(self.chat.session.state, Running | Paused))
    def a_knot_is_marked_or_unmarked(self, spot: str, on: bool) -> None:
        self.chat.on(ev.SpotMarked(run=self.chat.massage.run, spot=spot, on=on))

    @rule(spot=st.sampled_from(list(LIBRARY.handbook.spots)))
    @precondition(lambda self: isinstance(self.chat.session.state, Running | Paused))
    def a_knot_is_reported_in_words(self, spot: str) -> None:
        self.chat.on(ev.KnotReported(spot=spot))

    @rule(spot=st.sampled_from(list(LIBRARY.handbook.spots)))
    @precondition(lambda self: isinstance(self.chat.session.state, Running | Paused))
    def a_knot_is_taken_back_in_words(self, spot: str) -> None:
        here = part_at(self.chat.massage, self.chat.routine)
        self.chat.on(ev.KnotRetracted(spot=spot))
        assert part_at(self.chat.massage, self.chat.routine) == here

    @rule(ask=st.sampled_from(sorted(set(Ask) - ABOUT_A_THING)), next_one=st.booleans())
    def a_question_changes_nothing_else(self, ask: Ask, next_one: bool) -> None:
        before = self.chat.session
        place = Situation(before, self.chat.routine).massage.place
        if next_one:
            place = Situation(before, self.chat.routine).after(place)
        self.chat.on(ev.Asked(question=Question(ask, place)))
        assert replace(self.chat.session, asked=before.asked) == before

    @rule(event=st.sampled_from(SIMPLE))
    def a_stale_button_changes_nothing(self, event: type[ev.Event]) -> None:
        before = self.chat.session
        self.chat.on(event(revision=before.revision - 1))
        assert self.chat.session == before

    @rule(late=st.floats(0, 300))
    @precondition(lambda self: isinstance(self.chat.session.state, Running))
    def the_timer_is_due(self, late: float) -> None:
        was, after = self.chat.massage.place, place_after(self.chat.massage, self.chat.routine)
        self.chat.until_due(late)
        state = self.chat.session.state
        if isinstance(state, Running | Paused):
            assert state.massage.place in (was, after)

    @rule(seconds=st.floats(0, 10_000))
    @precondition(lambda self: isinstance(self.chat.session.state, Running))
    def a_pause_loses_no_time(self, seconds: float) -> None:
        left = self.chat.left
        if left == 0:
            return  # the part is over; Resume goes on to the next
        ahead = self.chat.ahead
        worked = self.chat.on(ev.PauseAsked()).massage.worked
        self.chat.wait(seconds).on(ev.ResumeAsked())
        assert abs(self.chat.left - left) < 1e-6
        assert self.chat.ahead == ahead
        assert self.chat.on(ev.PauseAsked()).massage.worked == worked
        self.chat.on(ev.ResumeAsked())

    @rule(more=st.integers(0, 2), sides=st.lists(st.sampled_from(Side), max_size=3))
    @precondition(lambda self: isinstance(self.chat.session.state, Running))
    def both_sides_are_equal(self, more: int, sides: list[Side]) -> None:
        part = part_at(self.chat.massage, self.chat.routine)
        if part.turn not in (Turn.FAR, Turn.LEFT):
            return
        first = self.chat.on(ev.AgainAsked()).effects[0].seconds
        corrections = [ev.SideChosen(side=side) for side in sides]
        self.chat.on(*more * [ev.MoreTimeAsked()], *corrections, ev.NextAsked())
        assert self.chat.effects[0].seconds == first + 30 * more

    @rule()
    @precondition(lambda self: isinstance(self.chat.session.state, Running))
    def the_two_sides_are_different(self) -> None:
        if part_at(self.chat.massage, self.chat.routine).turn is Turn.FAR:
            first = worked_side(self.chat)
            assert {first, worked_side(self.chat.on(ev.NextAsked()))} == set(Side)

    @invariant()
    def the_stored_state_is_consistent(self) -> None:
        state = self.chat.session.state
        if not isinstance(state, Running | Paused):
            return
        part_at(state.massage, self.chat.routine)
        assert time_left(state, self.chat.now) >= 0
        assert state.massage.worked >= 0
        if isinstance(state, Running) and isinstance(state.timing, Ticking):
            assert self.chat.session.due_at is not None
            assert state.timing.starts_at <= state.timing.ends_at
            times = [cue.left for cue in state.timing.cues]
            assert times == sorted(times, reverse=True)

    @invariant()
    def every_effect_has_words(self) -> None:
        assert all(len(words) <= 1024 for words in self.chat.words)
        assert all(self.chat.words)


AnyOrder.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
