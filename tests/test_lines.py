"""What the coach says during the parts of a massage, and when: reminders, check-ins and announcements."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.routine.model import Pressure, Routine, Side, Turn, parts
from bot.session import events as ev
from bot.session.effects import ShowLines, ShowNext, ShowPart
from bot.session.lines import APART, BRIEF, LANDMARK_FROM, LIGHT, LONG_PART, cues
from bot.session.places import first_stroke, part_at
from bot.session.state import CUE_AHEAD, OIL_AHEAD, Finished, Line, Massage, Place, Running, Talk
from tests.stage import LIBRARY
from tests.test_machine import Chat

BACK, NECK = LIBRARY.routines["back"], LIBRARY.routines["neck-and-shoulders"]
SPOTS = list(LIBRARY.handbook.spots)
LENGTHS = [
    pytest.param(routine, length, id=f"{routine.id}-{length / 60:.0f}-min")
    for routine in LIBRARY.routines.values()
    for length in routine.lengths
]
every_length = pytest.mark.parametrize(("routine", "length"), LENGTHS)
every_talk = pytest.mark.parametrize("talk", list(Talk))
EARLIEST = 5.0
"""Seconds that people have at least to read a part's message before anything else is said."""


@dataclass
class Heard:
    """A part, how long it lasted, and what was said in it: lines, after so many seconds of work."""

    massage: Massage
    seconds: float
    said: list[tuple[float, tuple[Line, ...]]]


def begins(routine: Routine, length: float, talk: Talk = Talk.FULL, *knots: str) -> Chat:
    chat = Chat(routine).on(ev.Started(), ev.LengthChosen(length=int(length)), ev.TalkChosen(talk=talk))
    chat.on(ev.Began(), ev.ScreenedClear())
    return chat.on(*(ev.SpotMarked(run=chat.massage.run, spot=spot) for spot in knots))


def listen(chat: Chat) -> list[Heard]:
    """Let the timer run to the end of the massage. Return what was said in each part."""
    heard = [Heard(chat.massage, chat.left, [])]
    while not isinstance(chat.session.state, Finished):
        chat.until_due()
        match chat.effects[0]:
            case ShowPart(seconds=seconds):
                heard.append(Heard(chat.massage, seconds, []))
            case ShowLines(lines=lines):
                heard[-1].said.append((heard[-1].seconds - chat.left, lines))
            case ShowNext():
                heard[-1].said.append((heard[-1].seconds - chat.left, (Line.NEXT,)))
    return heard


def presses(routine: Routine, heard: Heard) -> bool:
    return part_at(heard.massage, routine).pressure not in (None, *LIGHT)


def words_in(heard: Heard) -> list[Line]:
    return [line for _, lines in heard.said for line in lines]


@every_length
@every_talk
def test_nothing_is_said_over_another_thing_and_the_announcement_is_the_last(
    routine: Routine, length: float, talk: Talk
) -> None:
    for heard in listen(begins(routine, length, talk)):
        times = [at for at, _ in heard.said]
        assert all(after - at >= APART for at, after in pairwise(times)), heard
        assert times[0] >= EARLIEST, heard
        assert words_in(heard).index(Line.NEXT) == len(words_in(heard)) - 1, heard


@given(
    place=st.sampled_from(
        [Place(1), Place(2), Place(3), Place(4), Place(4, 1), Place(7), Place(8), Place(8, 4)]
    ),
    talk=st.sampled_from(Talk),
    seconds=st.floats(5, 900),
)
@settings(deadline=None)
def test_nothing_is_said_over_another_thing_in_a_part_of_any_length(
    place: Place, talk: Talk, seconds: float
) -> None:
    assume(seconds >= 30 or place != Place(2))  # no routine has a check-in and reminders in less
    planned = cues(Massage(1, Side.LEFT, place), BACK, talk, seconds)
    assert all(before.left - after.left >= APART for before, after in pairwise(planned))
    assert planned[-1].lines == (Line.NEXT,)
    words = [line for cue in planned for line in cue.lines]
    assert (Line.CHECK_IN in words) == (place == Place(2))


@every_length
@every_talk
def test_every_part_is_announced_ten_seconds_ahead_and_the_first_stroke_in_time_for_the_oil(
    routine: Routine, length: float, talk: Talk
) -> None:
    for heard in listen(begins(routine, length, talk)):
        oil = heard.massage.place.step + 1 == first_stroke(routine)
        assert heard.seconds - heard.said[-1][0] == (OIL_AHEAD if oil else CUE_AHEAD)


@every_length
def test_what_goes_wrong_in_a_step_and_how_that_feels_is_said_once(routine: Routine, length: float) -> None:
    told = listen(begins(routine, length))
    for number, step in enumerate(routine.steps, 1):
        words = [line for heard in told if heard.massage.place.step == number for line in words_in(heard)]
        once = [1, 1] if step.technique else [0, 0]
        assert [words.count(Line.MISTAKE), words.count(Line.WRONG)] == once, step.id


@given(spots=st.lists(st.sampled_from(SPOTS), min_size=1, unique=True), length=st.sampled_from(BACK.lengths))
@settings(deadline=None, max_examples=20)
def test_the_marked_knots_share_their_reminders(spots: list[str], length: float) -> None:
    told = listen(begins(BACK, length, Talk.FULL, *spots))
    at_knots = [heard for heard in told if part_at(heard.massage, BACK).knot]
    assert len(at_knots) == len(spots)
    words = [line for heard in at_knots for line in words_in(heard)]
    assert words.count(Line.MISTAKE) == words.count(Line.WRONG) == 1


@every_length
@every_talk
def test_the_receiver_is_asked_early_in_the_first_stroke_that_presses_and_only_there(
    routine: Routine, length: float, talk: Talk
) -> None:
    told = listen(begins(routine, length, talk))
    first = next(heard for heard in told if presses(routine, heard))
    asked = [heard for heard in told if Line.CHECK_IN in words_in(heard)]
    assert asked == [first]
    at = next(at for at, lines in first.said if Line.CHECK_IN in lines)
    assert at <= first.seconds / 4


@every_length
def test_the_receiver_is_asked_again_in_the_middle_of_each_long_part_that_presses(
    routine: Routine, length: float
) -> None:
    for heard in listen(begins(routine, length)):
        middles = [at for at, lines in heard.said if Line.HALFWAY in lines]
        is_long = heard.seconds >= LONG_PART and presses(routine, heard)
        assert middles == ([heard.seconds / 2] if is_long else [])


@every_length
def test_a_repeated_stroke_has_no_reminders(routine: Routine, length: float) -> None:
    for heard in listen(begins(routine, length)):
        if part_at(heard.massage, routine).again:
            assert set(words_in(heard)) <= {Line.HALFWAY, Line.NEXT}


@every_length
def test_a_brief_coach_checks_in_once_warns_of_each_stroke_and_announces(
    routine: Routine, length: float
) -> None:
    told = listen(begins(routine, length, Talk.BRIEF))
    words = [line for heard in told for line in words_in(heard)]
    assert words.count(Line.CHECK_IN) == 1
    assert words.count(Line.WRONG) == sum(step.technique is not None for step in routine.steps)
    assert words.count(Line.NEXT) == len(told)
    assert set(words) == set(BRIEF)


@every_length
@every_talk
def test_each_step_has_one_warning_in_the_first_half_of_its_first_new_part(
    routine: Routine, length: float, talk: Talk
) -> None:
    warned = []
    for heard in listen(begins(routine, length, talk)):
        for at, lines in heard.said:
            if Line.WRONG in lines:
                assert at <= heard.seconds / 2
                assert heard.said[-1][0] - at >= APART, "and not right before the announcement"
                warned.append(heard.massage.place)
    strokes = [number for number, step in enumerate(routine.steps, 1) if step.technique]
    first = [[part.again for part in parts(routine, number)].index(False) for number in strokes]
    assert warned == [Place(number, part) for number, part in zip(strokes, first, strict=True)]


@given(
    place=st.sampled_from([Place(2), Place(3), Place(4), Place(5), Place(6), Place(7)]),
    talk=st.sampled_from(Talk),
    seconds=st.floats(30, 900),
)
@settings(deadline=None)
def test_a_part_of_half_a_minute_and_any_longer_one_has_time_for_its_warning(
    place: Place, talk: Talk, seconds: float
) -> None:
    *before, announced = cues(Massage(1, Side.LEFT, place), BACK, talk, seconds)
    (warning,) = [cue for cue in before if Line.WRONG in cue.lines]
    assert warning.left >= seconds / 2
    assert warning.left - announced.left >= APART


@every_length
def test_what_the_giver_can_feel_is_said_with_the_warning_where_there_is_time(
    routine: Routine, length: float
) -> None:
    for heard in listen(begins(routine, length)):
        warned = Line.WRONG in words_in(heard) and Line.CHECK_IN not in words_in(heard)
        landmarks = [lines for _, lines in heard.said if Line.LANDMARK in lines]
        has_time = warned and heard.seconds >= LANDMARK_FROM
        assert landmarks == ([(Line.LANDMARK, Line.WRONG)] if has_time else [])


def test_a_routine_of_light_strokes_asks_nothing() -> None:
    strokes = [step for step in BACK.steps if step.technique]
    gentle = [
        step.model_copy(
            update={"technique": step.technique and step.technique.model_copy(update={"pressure": pressure})}
        )
        for step, pressure in zip(strokes[:2], LIGHT, strict=True)
    ]
    seconds = sum(step.perform_time.usual for step in gentle)
    light = BACK.model_copy(
        update={"steps": tuple(gentle), "lengths": (seconds,), "total_time": seconds, "id": "back"}
    )
    words = {line for heard in listen(begins(light, seconds)) for line in words_in(heard)}
    assert words == {Line.LANDMARK, Line.MISTAKE, Line.WRONG, Line.NEXT}
    assert Pressure.MEDIUM not in LIGHT


# --- Interruptions -------------------------------------------------------------------------------


USUAL = listen(begins(BACK, 1500))


def interrupted(
    at: list[float], event: ev.Event, then: ev.Event | None = None, seconds: float = 0.0
) -> list[Heard]:
    """Let the timer run, with `event` at these times, and `then` so many seconds later."""
    chat = begins(BACK, 1500)
    began, heard = chat.now, [Heard(chat.massage, chat.left, [])]
    pending = sorted(at)
    while not isinstance(chat.session.state, Finished):
        due_at = chat.session.due_at
        assert due_at is not None
        if pending and began + pending[0] < due_at:
            chat.now = max(chat.now, began + pending.pop(0))
            chat.on(event)
            if then:
                chat.wait(seconds).on(then)
            continue
        chat.until_due()
        match chat.effects[0]:
            case ShowPart(seconds=part_seconds):
                heard.append(Heard(chat.massage, part_seconds, []))
            case ShowLines(lines=lines):
                heard[-1].said.append((chat.now, lines))
            case ShowNext():
                heard[-1].said.append((chat.now, (Line.NEXT,)))
    return heard


def in_parts(told: list[Heard], *, but: Line | None = None) -> list[tuple[Place, list[Line]]]:
    return [(heard.massage.place, [line for line in words_in(heard) if line is not but]) for heard in told]


moments = st.lists(st.floats(0, 1400), min_size=1, max_size=6)


@given(at=moments, seconds=st.floats(0, 1000))
@settings(deadline=None, max_examples=20)
def test_a_pause_repeats_nothing_and_loses_nothing(at: list[float], seconds: float) -> None:
    assert in_parts(interrupted(at, ev.PauseAsked(), ev.ResumeAsked(), seconds)) == in_parts(USUAL)


@given(at=moments, seconds=st.floats(0, 1000))
@settings(deadline=None, max_examples=20)
def test_a_while_without_the_timer_repeats_nothing_and_loses_nothing(at: list[float], seconds: float) -> None:
    off, on = ev.TimerSwitched(on=False), ev.TimerSwitched(on=True)
    assert in_parts(interrupted(at, off, on, seconds)) == in_parts(USUAL)


@given(at=st.floats(0, 1400))
@settings(deadline=None, max_examples=20)
def test_more_time_keeps_what_is_still_to_be_said_and_announces_the_new_end(at: float) -> None:
    """The second side of a stroke gets the time too, so it is planned as the longer part that it is."""
    longer = interrupted([at], ev.MoreTimeAsked())
    for heard, usual in zip(longer, USUAL, strict=True):
        assert heard.massage.place == usual.massage.place
        planned = cues(heard.massage, BACK, Talk.FULL, heard.seconds)
        assert words_in(heard)[-1] is Line.NEXT
        said = [line for line in words_in(heard) if line is not Line.NEXT]
        assert said == [line for cue in planned for line in cue.lines if line is not Line.NEXT]


@given(
    at=st.floats(0, 170),
    more=st.integers(0, 3),
    part=st.sampled_from([Place(2), Place(4, 0), Place(4, 1), Place(6)]),
)
@settings(deadline=None, max_examples=20)
def test_a_pause_after_more_time_repeats_nothing(at: float, more: int, part: Place) -> None:
    chat = begins(BACK, 1500).on(ev.StepChosen(step=part.step), *part.part * [ev.NextAsked()])
    said: list[Line] = []
    state = chat.session.state
    assert isinstance(state, Running)
    planned = [line for cue in state.timing.cues for line in cue.lines]
    until = chat.now + at
    interruptions = [*more * [ev.MoreTimeAsked()], ev.PauseAsked(), ev.MoreTimeAsked(), ev.ResumeAsked()]
    while chat.massage.place == part:
        due_at = chat.session.due_at
        assert due_at is not None
        if interruptions and until < due_at:
            chat.now = max(chat.now, until)
            chat.on(*interruptions)
            interruptions = []
            continue
        chat.until_due()
        said += [line for effect in chat.effects if isinstance(effect, ShowLines) for line in effect.lines]
    assert said == [line for line in planned if line is not Line.NEXT]


def test_again_says_everything_once_more() -> None:
    chat = begins(BACK, 1500).on(ev.StepChosen(step=3)).wait(100).on(ev.AgainAsked())
    state = chat.session.state
    assert isinstance(state, Running)
    assert [cue.lines for cue in state.timing.cues] == [
        (Line.LANDMARK, Line.WRONG),
        (Line.HALFWAY,),
        (Line.MISTAKE,),
        (Line.NEXT,),
    ]


def test_the_two_sides_of_a_stroke_share_its_reminders_and_the_warning_comes_first() -> None:
    told = listen(begins(BACK, 1500))
    reminders = {
        part_at(heard.massage, BACK).turn: {Line.WRONG, Line.MISTAKE} & {*words_in(heard)}
        for heard in told
        if heard.massage.place.step == 4
    }
    assert reminders == {Turn.FAR: {Line.WRONG}, Turn.FAR_AFTER_WALKING: {Line.MISTAKE}}
