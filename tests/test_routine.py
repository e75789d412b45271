"""Routines: their parts with times and sides, durations, and the texts of the shipped routines."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.routine.durations import parse, spell
from bot.routine.loading import SHIPPED, load
from bot.routine.model import (
    Motion,
    Part,
    Pressure,
    Routine,
    Side,
    Step,
    Turn,
    all_parts,
    part_time,
    parts,
    span,
    stretch,
)

LIBRARY = load(SHIPPED)
BACK = LIBRARY.default
ROUNDED = 2.5
"""How far the time of a part can be off, in seconds, because it is rounded to a multiple of 5 s."""

at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
routines = st.sampled_from(list(LIBRARY.routines.values()))
marked = st.lists(st.sampled_from(list(LIBRARY.handbook.spots)), unique=True, min_size=1)


@st.composite
def massages(draw: st.DrawFn) -> tuple[Routine, float]:
    """Draw a routine, and a length in seconds that its parts allow."""
    routine = draw(routines)
    least, _, most = span(routine)
    return routine, draw(st.floats(least, most))


# --- Times ---------------------------------------------------------------------------------------


@at_any_speed
@given(massages())
def test_the_times_of_all_parts_add_up_to_the_length_of_the_massage(massage: tuple[Routine, float]) -> None:
    routine, length = massage
    times = [part_time(routine, part, length) for part in all_parts(routine)]
    assert abs(sum(times) - length) <= ROUNDED * len(times)


@at_any_speed
@given(massages())
def test_the_time_of_a_part_is_between_its_least_and_its_most(
    massage: tuple[Routine, float],
) -> None:
    routine, length = massage
    for part in all_parts(routine):
        assert part.times.least <= part_time(routine, part, length) <= part.times.most


@at_any_speed
@given(massages())
def test_both_sides_are_massaged_equally_long(massage: tuple[Routine, float]) -> None:
    routine, length = massage
    sides: dict[tuple[int, str], list[float]] = {}
    for part in all_parts(routine):
        if part.turn is not Turn.BOTH:
            sides.setdefault((part.number, part.step.id), []).append(part_time(routine, part, length))
    assert sides
    for first, second in sides.values():
        assert first == second


@at_any_speed
@given(massages(), st.floats(0, 600))
def test_a_longer_massage_shortens_no_part(massage: tuple[Routine, float], more: float) -> None:
    routine, length = massage
    longer = min(length + more, span(routine)[2])
    for part in all_parts(routine):
        assert part_time(routine, part, longer) >= part_time(routine, part, length)


@pytest.mark.parametrize("routine", LIBRARY.routines.values(), ids=LIBRARY.routines)
def test_every_length_on_offer_is_possible_and_the_usual_one_is_exact(routine: Routine) -> None:
    for length in routine.lengths:
        assert -1 <= stretch(routine, length) <= 1
    assert routine.total_time in routine.lengths
    assert (
        sum(part_time(routine, part, routine.total_time) for part in all_parts(routine)) == routine.total_time
    )


@at_any_speed
@given(routines, st.floats(1, 10_000))
def test_an_impossible_length_is_refused(routine: Routine, away: float) -> None:
    least, _, most = span(routine)
    for length in (least - away, most + away):
        with pytest.raises(ValueError, match=f"{routine.name} takes between"):
            stretch(routine, length)


@at_any_speed
@given(marked, st.floats(*span(BACK)[::2]))
def test_marked_knots_share_the_time_of_their_step(knots: list[str], length: float) -> None:
    spots = parts(BACK, 7, knots)
    times = {part_time(BACK, part, length, len(knots)) for part in spots}
    (each,) = times
    rule = spots[0].step.each_knot
    assert rule
    assert rule.least <= each <= rule.most
    if rule.least < each < rule.most:
        (unmarked,) = parts(BACK, 7)
        assert abs(each * len(knots) - part_time(BACK, unmarked, length)) <= ROUNDED * len(knots)


# --- Parts ---------------------------------------------------------------------------------------


def test_a_repeated_stroke_is_one_level_lighter() -> None:
    first = {part.step.id: part.pressure for part in all_parts(BACK) if not part.again}
    again = {part.step.id: part.pressure for part in all_parts(BACK) if part.again}
    assert again == {
        "long-strokes": Pressure.MEDIUM,
        "heel-circles": Pressure.LIGHT,
        "fingertips": Pressure.LIGHT,
    }
    assert all(
        again[step] is pressure.lighter_by(1)
        for step, pressure in first.items()
        if pressure and step in again
    )


def summary(part: Part) -> tuple[str, Turn, bool]:
    return part.step.id, part.turn, part.again


def test_the_parts_of_the_back_massage_are_in_order() -> None:
    assert [summary(part) for number in range(1, 8) for part in parts(BACK, number)] == [
        ("lying-down", Turn.BOTH, False),
        ("long-strokes", Turn.BOTH, False),
        ("heel-circles", Turn.BOTH, False),
        ("fingertips", Turn.FAR, False),
        ("fingertips", Turn.FAR_AFTER_WALKING, False),
        ("thumbs", Turn.BOTH, False),
        ("forearms", Turn.LEFT, False),
        ("forearms", Turn.RIGHT, False),
        ("knots", Turn.BOTH, False),
    ]
    assert [summary(part) for part in parts(BACK, 8)] == [
        ("long-strokes", Turn.BOTH, True),
        ("heel-circles", Turn.BOTH, True),
        ("fingertips", Turn.FAR, True),
        ("fingertips", Turn.FAR_AFTER_WALKING, True),
        ("tapping", Turn.BOTH, False),
    ]


def test_step_five_asks_for_knots_and_step_seven_massages_them() -> None:
    assert [n for n, step in enumerate(BACK.steps, 1) if step.asks_for_knots] == [5]
    assert [n for n, step in enumerate(BACK.steps, 1) if step.each_knot] == [7]


@at_any_speed
@given(marked)
def test_the_marked_knots_are_parts_in_the_order_in_which_they_were_marked(knots: list[str]) -> None:
    assert [part.knot for part in parts(BACK, 7, knots)] == knots
    for number in (1, 2, 3, 4, 5, 6, 8):
        assert parts(BACK, number, knots) == parts(BACK, number)


@at_any_speed
@given(routines, st.sampled_from(Side))
def test_the_side_of_a_part_depends_on_where_the_giver_stands(routine: Routine, stands: Side) -> None:
    expected = {
        Turn.BOTH: None,
        Turn.FAR: stands.other,
        Turn.FAR_AFTER_WALKING: stands.other,
        Turn.LEFT: Side.LEFT,
        Turn.RIGHT: Side.RIGHT,
    }
    for part in all_parts(routine):
        assert part.side(stands) is expected[part.turn]


def test_right_is_the_other_side_of_left_and_left_of_right() -> None:
    assert [side.other for side in Side] == [Side.RIGHT, Side.LEFT]


def test_lighter_goes_down_to_very_light_and_stays_there() -> None:
    steps = [Pressure.FIRM.lighter_by(levels) for levels in range(5)]
    assert steps == ["firm", "medium", "light", "very light", "very light"]


# --- Durations -----------------------------------------------------------------------------------


@at_any_speed
@given(st.integers(1, 20_000))
def test_a_spelled_duration_parses_to_the_same_seconds(seconds: int) -> None:
    assert parse(spell(seconds)) == seconds


@at_any_speed
@given(st.integers(0, 9), st.integers(0, 90), st.integers(1, 90))
def test_iso_and_short_durations_mean_the_same(hours: int, minutes: int, seconds: int) -> None:
    total = 3600 * hours + 60 * minutes + seconds
    assert parse(f"PT{hours}H{minutes}M{seconds}S") == total
    assert parse(f"{hours} h {minutes} min {seconds} s") == total


@pytest.mark.parametrize(
    "text", ["", " ", "3", "1:30", "90 seconds", "PT", "3 min 3", "-3 min", "1.5 min", "P1D"]
)
def test_a_text_that_is_not_a_duration_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match='not a duration; write it like "90 s"'):
        parse(text)


@pytest.mark.parametrize("value", [90, 90.0, None, True, ["90 s"]])
def test_a_bare_number_is_not_a_duration(value: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse(value)


@pytest.mark.parametrize("text", ["0 s", "0 min", "PT0S", "0 h 0 min 0 s"])
def test_a_duration_of_zero_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="zero"):
        parse(text)


# --- Health --------------------------------------------------------------------------------------

SAFETY = LIBRARY.handbook.safety


def test_a_condition_about_oil_concerns_only_a_routine_that_uses_oil() -> None:
    about_oil = [condition for condition in SAFETY.conditions.values() if condition.only_with == "oil"]
    assert [condition.name for condition in about_oil] == ["an allergy to nuts (for almond oil)"]
    seated = LIBRARY.routines["neck-and-shoulders"]
    for condition in SAFETY.conditions.values():
        assert condition.concerns(BACK)
        assert condition.concerns(seated) is (condition not in about_oil)


def test_the_advice_for_each_condition_says_whether_to_wait_or_whom_to_ask() -> None:
    for condition in SAFETY.not_today:
        assert condition.advice.startswith("Not today "), condition
    for condition in SAFETY.ask_first:
        assert re.search(r"\bask a doctor\b.* first\b", condition.advice, re.IGNORECASE), condition


def test_each_condition_has_words_by_which_it_is_known() -> None:
    assert set(LIBRARY.handbook.words.conditions) == set(SAFETY.conditions)


def test_whoever_is_in_danger_is_told_all_three_emergency_numbers() -> None:
    for text in (SAFETY.emergency, SAFETY.fire, SAFETY.unsafe):
        assert "112, 911 or 999" in text


# --- The texts that ship -------------------------------------------------------------------------


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


STEPS = [step for routine in LIBRARY.routines.values() for step in routine.steps]
by_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
HANDS = "palm|hand|heel|fingertip|thumb|forearm"


def test_no_text_is_in_capitals_or_has_an_exclamation_mark() -> None:
    everything = [LIBRARY.handbook.model_dump(), *(r.model_dump() for r in LIBRARY.routines.values())]
    assert [text for text in texts(everything) if "!" in text or text.isupper()] == []


@by_step
def test_no_text_of_a_step_names_a_side_or_a_time(step: Step) -> None:
    sentences = [*step.direction, step.cue, step.transition, step.tip, step.why, *step.say]
    if step.technique:
        sentences.append(step.technique.landmark)
    for sentence in sentences:
        assert not re.search(r"\b(left|right|seconds?|minutes?|min)\b|\d", sentence, re.IGNORECASE), sentence


@by_step
def test_the_directions_and_the_cue_of_a_stroke_begin_with_the_hands(step: Step) -> None:
    if step.technique is None:
        return
    assert re.search(HANDS, step.direction[0].split(",")[0], re.IGNORECASE)
    assert re.match(rf"[\w ]*({HANDS})", step.cue, re.IGNORECASE)
    assert ":" in step.cue


@by_step
def test_sentences_are_short_and_end_with_a_full_stop(step: Step) -> None:
    for sentence in step.direction:
        assert sentence.endswith(".")
        assert len(sentence) <= 90
    assert len(step.direction) <= 4


@by_step
def test_a_step_near_a_place_to_keep_off_names_that_place(step: Step) -> None:
    if step.technique is None:
        return
    technique, where = step.technique, step.technique.where
    ends = {where.start, where.end}
    if ends & {"low-back", "mid-back", "shoulder-blade-tips", "skull-edge"}:
        assert "spine" in technique.no_press
    if ends & {"neck-base", "skull-edge"}:
        assert "neck-front" in technique.no_press
    if "low-back" in ends:
        assert technique.motion is not Motion.TAP
        assert technique.motion is Motion.GLIDE or "kidneys" in technique.no_press
