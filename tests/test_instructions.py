"""The instructions for a part: its side, where to walk, how hard and how long to press, and the next part.

A part is a piece of a step with its own message, such as one side of a stroke or one knot.
"""

import re
from html import escape
from typing import Any

import pytest

from bot.routine.checks import MOST_WORDS
from bot.routine.loading import SHIPPED, load
from bot.routine.model import Handbook, Library, Repeat, Routine, Side, Step
from bot.session.effects import ShowPart
from bot.session.places import place_after
from bot.session.state import Choices, Finished, Knot, Massage, Place, Running, Session, Waiting
from bot.wording.context import RenderContext
from bot.wording.instructions import (
    NextPart,
    PartInstructions,
    closing_sentences,
    next_part,
    part_instructions,
    starting_position,
)
from bot.wording.parts import part_text

LIBRARY = load(SHIPPED)
BACK = LIBRARY.routines["back"]
SEATED = LIBRARY.routines["neck-and-shoulders"]
FIRST_SIDE, SECOND_SIDE = Place(4, 0), Place(4, 1)
A_MINUTE = ShowPart(60.0)
TWO_KNOTS = (Knot("upper-left"), Knot("centre"))

LEFT_IS_FAR = "Work the <b>LEFT</b> side, far from you."
RIGHT_IS_FAR = "Work the <b>RIGHT</b> side, far from you."
WALK_ROUND = "Walk round, one hand on the back."
WALK_BACK = "Walk back round, one hand on the back."
BEFORE_WALKING = "Finish this stroke, then rest your hands there."


def context(
    place: Place, stands: Side = Side.LEFT, routine: Routine = BACK, library: Library = LIBRARY, **more: Any
) -> RenderContext:
    """Return the context of a massage at `place`; `more` sets further fields of the `Massage`."""
    massage = Massage(run=1, stands=stands, place=place, **more)
    running = Running(massage, Waiting(since=0.0, left=60.0))
    return RenderContext(Session.fresh(1, routine, 0.0).moved(running), library)


def with_step(routine: Routine, number: int, **changes: object) -> Library:
    """Return a library of this routine alone, with `changes` made to the step of this number."""
    steps = list(routine.steps)
    steps[number - 1] = steps[number - 1].model_copy(update=changes)
    return Library(LIBRARY.handbook, {routine.id: routine.model_copy(update={"steps": tuple(steps)})})


def places(routine: Routine) -> list[Place]:
    found, place = [], place_after(Massage(1, Side.LEFT, Place()), routine)
    while place:
        found.append(place)
        place = place_after(Massage(1, Side.LEFT, place), routine)
    return [Place(), *found]


# --- The current part ----------------------------------------------------------------------------


def test_the_heading_of_a_part_has_the_number_of_its_step_and_its_side() -> None:
    def titles(routine: Routine) -> list[tuple[str, str]]:
        parts = [part_instructions(ShowPart(60.0), context(at, routine=routine)) for at in places(routine)]
        return [(part.step, part.name) for part in parts]

    assert titles(SEATED) == [
        ("Step 1 of 5", "Settling"),
        ("Step 2 of 5", "Squeezing"),
        ("Step 3 of 5", "Thumb circles"),
        ("Step 4 of 5", "Back of the neck, LEFT side"),
        ("Step 4 of 5", "Back of the neck, RIGHT side"),
        ("Step 5 of 5", "Gliding out"),
    ]
    assert titles(BACK)[3:5] == [("Step 4 of 8", "Fingertips"), ("Step 4 of 8", "Fingertips, other side")]
    assert titles(BACK)[-3:] == [
        ("Step 8 of 8", "Fingertips again"),
        ("Step 8 of 8", "Fingertips again, other side"),
        ("Step 8 of 8", "Tapping"),
    ]


@pytest.mark.parametrize(
    ("place", "stands", "effect", "setup"),
    [
        (FIRST_SIDE, Side.LEFT, ShowPart(60.0), [RIGHT_IS_FAR]),
        (FIRST_SIDE, Side.RIGHT, ShowPart(60.0), [LEFT_IS_FAR]),
        (FIRST_SIDE, Side.LEFT, ShowPart(60.0, walk=True), [WALK_BACK, RIGHT_IS_FAR]),
        (SECOND_SIDE, Side.RIGHT, ShowPart(60.0, walk=True), [WALK_ROUND, LEFT_IS_FAR]),
        (SECOND_SIDE, Side.LEFT, ShowPart(60.0, walk=True), [WALK_ROUND, RIGHT_IS_FAR]),
        (SECOND_SIDE, Side.RIGHT, ShowPart(60.0), [LEFT_IS_FAR]),
        (Place(5), Side.LEFT, ShowPart(60.0), []),
        (Place(5), Side.LEFT, ShowPart(60.0, walk=True), [WALK_BACK]),
    ],
)
def test_before_the_stroke_the_giver_is_told_to_walk_and_which_side_to_massage(
    place: Place, stands: Side, effect: ShowPart, setup: list[str]
) -> None:
    assert list(part_instructions(effect, context(place, stands)).setup) == setup


@pytest.mark.parametrize("stands", Side)
def test_after_a_pause_the_giver_is_told_where_to_stand_if_there_is_a_far_side(stands: Side) -> None:
    far = LEFT_IS_FAR if stands is Side.RIGHT else RIGHT_IS_FAR
    resumed = ShowPart(60.0, resumed=True)
    for place in (FIRST_SIDE, SECOND_SIDE):
        assert part_instructions(resumed, context(place, stands)).setup == (
            f"You stand on your partner's <b>{stands.upper()}</b>.",
            far,
        )
    assert part_instructions(resumed, context(Place(5), stands)).setup == ()


@pytest.mark.parametrize(
    ("routine", "step", "hands"),
    [
        (SEATED, 4, [("Work with your <b>LEFT</b> hand.",), ("Work with your <b>RIGHT</b> hand.",)]),
        (BACK, 6, [(), ()]),
    ],
    ids=["neck", "forearms"],
)
def test_sides_that_the_giver_massages_without_walking_are_called_left_and_right(
    routine: Routine, step: int, hands: list[tuple[str, ...]]
) -> None:
    left, right = (Place(step, part) for part in (0, 1))
    for resumed in (False, True):
        effect = ShowPart(60.0, resumed=resumed)
        first, second = (part_instructions(effect, context(at, routine=routine)) for at in (left, right))
        assert [first.setup, second.setup] == hands
        assert (first.name[-11:], second.name[-12:]) == (", LEFT side", ", RIGHT side")
        assert first.cue == routine.steps[step - 1].cue
        assert second.cue == "The same again on the RIGHT."
        directions = tuple(map(escape, routine.steps[step - 1].direction))
        assert first.directions == second.directions == directions


def test_the_directions_for_the_second_side_are_one_sentence_right_after_the_first() -> None:
    there = context(SECOND_SIDE, Side.RIGHT)
    walked = part_instructions(ShowPart(60.0, walk=True), there)
    assert walked.directions == walked.spoken_directions == ("The same stroke as before.",)
    assert walked.landmark == ""
    came_back = part_instructions(ShowPart(60.0), there)
    in_full = part_instructions(ShowPart(60.0, walk=True), context(FIRST_SIDE))
    assert in_full.directions == came_back.directions == BACK.steps[3].direction
    assert in_full.landmark == came_back.landmark != ""
    assert walked.keep_off == in_full.keep_off
    assert walked.cue == f"{WALK_ROUND} Then the LEFT side."
    assert (in_full.cue, came_back.cue) == (BACK.steps[3].cue, BACK.steps[3].cue)


def test_a_step_without_a_stroke_has_no_landmark_and_nothing_to_keep_off() -> None:
    part = part_instructions(ShowPart(60.0), context(Place(1)))
    assert (part.landmark, part.keep_off, part.effort) == ("", "", "1 min.")


def test_the_places_to_keep_off_are_listed() -> None:
    part = part_instructions(ShowPart(60.0), context(Place(3)))
    assert (
        part.keep_off
        == "Keep off the spine, the soft sides of the waist and the edges of the shoulder blades."
    )


def test_the_voice_speaks_its_own_directions_if_the_routine_has_them() -> None:
    library = with_step(BACK, 4, say=("Press the far side.",))
    there = context(FIRST_SIDE, library=library)
    part = part_instructions(ShowPart(60.0), there)
    assert part.spoken_directions == ("Press the far side.",)
    assert part.directions == BACK.steps[3].direction
    walked = part_instructions(ShowPart(60.0, walk=True), context(SECOND_SIDE, library=library))
    assert walked.spoken_directions == ("The same stroke as before.",)


def test_the_coach_asks_for_knots_in_a_step_but_not_when_that_step_is_repeated() -> None:
    request = (
        "Ask where it is tight, and remember the place. With a dry finger, tap Found a knot: "
        "we'll come back to it."
    )
    for number in range(1, 9):
        part = part_instructions(ShowPart(60.0), context(Place(number)))
        assert part.request == (request if number == 5 else "")
    thumbs_again = (Repeat(step="thumbs", perform_time=BACK.steps[4].perform_time),)
    library = with_step(BACK, 8, repeats=thumbs_again)
    again = part_instructions(ShowPart(60.0), context(Place(8), library=library))
    assert (again.name, again.request) == ("Thumbs along the spine again", "")


def test_a_marked_knot_has_a_name_and_directions_of_its_own() -> None:
    library = with_step(BACK, 7, say=("Feel for a knot.",), asks_for_knots=True)
    there = context(Place(7, 1), library=library, knots=TWO_KNOTS)
    part = part_instructions(ShowPart(60.0, walk=True), there)
    assert part.name == "Knot 2 of 2: centre"
    each_knot = BACK.steps[6].each_knot
    assert each_knot
    directions = (LIBRARY.handbook.spots["centre"].how, *each_knot.direction)
    assert part.directions == part.spoken_directions == directions
    assert (part.setup, part.landmark, part.request) == ((), "", "")
    assert part.cue == LIBRARY.handbook.spots["centre"].cue


@pytest.mark.parametrize("spot", LIBRARY.handbook.spots)
def test_over_ribs_and_kidneys_nobody_leans_in_to_a_good_ache(spot: str) -> None:
    there = LIBRARY.handbook.spots[spot]
    part = part_instructions(A_MINUTE, context(Place(7), knots=(Knot(spot),)))
    said = " ".join(part.directions)
    assert there.how in said
    assert ("good ache" in said) is (there.pressure is None)
    assert ("no ache" in said.lower()) is (there.pressure is not None)
    assert there.pressure is None or part.effort == "<b>Light pressure</b>, 1 min."


@pytest.mark.parametrize(
    ("place", "resumed", "more", "effort"),
    [
        (3, False, {}, "<b>Medium pressure</b>, 2 min."),
        (3, True, {}, "<b>Medium pressure</b>, 2 min left."),
        (3, False, {"lighter": True}, "<b>Light pressure</b>, 2 min. Just rest your weight; no pressing."),
        (3, False, {"timer": False}, "<b>Medium pressure</b>, about 2 min; tap Next when you're ready."),
        (1, False, {}, "2 min."),
        (1, True, {}, "2 min left."),
        (1, False, {"timer": False}, "About 2 min; tap Next when you're ready."),
    ],
)
def test_a_part_says_how_hard_to_press_and_how_long(
    place: int, resumed: bool, more: dict[str, Any], effort: str
) -> None:
    part = part_instructions(ShowPart(120.0, resumed=resumed), context(Place(place), **more))
    assert part.effort == effort


def test_the_lead_in_is_announced_only_if_the_timer_is_on() -> None:
    def lead_in(seconds: float, timer: bool) -> str:
        return part_instructions(ShowPart(60.0, lead_in=seconds), context(Place(3), timer=timer)).lead_in

    assert lead_in(10.0, timer=True) == "Starting in 10 s."
    assert lead_in(0.0, timer=True) == ""
    assert lead_in(10.0, timer=False) == ""


def test_a_repeat_says_only_the_cue_and_keeps_its_second_side_short() -> None:
    again = part_instructions(ShowPart(60.0), context(Place(8)))
    assert (again.cue, again.directions) == (BACK.steps[1].cue, (f"{BACK.steps[1].cue}.",))
    assert (again.landmark, again.keep_off, again.request) == ("", "", "")
    walked = part_instructions(ShowPart(60.0, walk=True), context(Place(8, 3), Side.RIGHT))
    assert walked.cue == f"{WALK_ROUND} Then the LEFT side."
    assert (walked.directions, walked.side) == ((), LEFT_IS_FAR)


# --- The message ---------------------------------------------------------------------------------


def message(place: Place, effect: ShowPart = A_MINUTE, **more: Any) -> list[str]:
    """Return the lines of the message about a part, without markup."""
    return re.sub("<[^>]+>", "", part_text(effect, context(place, **more))).split("\n")


def test_a_message_begins_with_the_action_and_then_the_title() -> None:
    assert message(Place(2))[:3] == [
        "Both palms, lower back: glide up to the neck, circle back",
        "Step 2 of 8 · Long strokes",
        "Warm oiled palms, lightly at first.",
    ]
    walked = message(SECOND_SIDE, ShowPart(60.0, walk=True), stands=Side.RIGHT)
    assert walked[:4] == [
        f"{WALK_ROUND} Then the LEFT side.",
        "Step 4 of 8 · Fingertips, other side",
        "Work the LEFT side, far from you.",
        "The same stroke as before.",
    ]
    assert message(Place(6, 1))[:2] == ["The same again on the RIGHT.", "Step 6 of 8 · Forearms, RIGHT side"]
    assert message(Place(7), knots=TWO_KNOTS)[:2] == [
        "Upper left: one thumb on the shoulder, or beside the blade",
        "Step 7 of 8 · Knot 1 of 2: upper left",
    ]


def test_a_repeat_is_two_lines() -> None:
    assert message(Place(8)) == [
        "Both palms, lower back: glide up to the neck, circle back",
        "Step 8 of 8 · Long strokes again · medium pressure, 1 min.",
    ]
    assert message(Place(8, 3), ShowPart(60.0, lead_in=10.0, walk=True), stands=Side.RIGHT) == [
        f"{WALK_ROUND} Then the LEFT side.",
        (
            "Step 8 of 8 · Fingertips again, other side · work the LEFT side, far from you"
            " · light pressure, 1 min. Starting in 10 s."
        ),
    ]


def test_going_back_in_a_repeat_says_to_walk_back() -> None:
    assert message(Place(8, 2), ShowPart(60.0, walk=True))[2] == WALK_BACK


@pytest.mark.parametrize("stands", Side)
@pytest.mark.parametrize("routine", [BACK, SEATED], ids=lambda routine: routine.id)
def test_a_message_has_few_words_before_the_pressure(routine: Routine, stands: Side) -> None:
    knots = [((Knot(spot),), Place(7)) for spot in LIBRARY.handbook.spots] if routine is BACK else []
    for marked, place in [*(((), place) for place in places(routine)), *knots]:
        lines = message(place, routine=routine, stands=stands, knots=marked)
        before_pressure = lines[: lines.index("")] if "" in lines else lines
        assert len(" ".join(before_pressure).replace(" · ", " ").split()) <= MOST_WORDS
        assert len(lines[0]) <= 60


# --- The next part -------------------------------------------------------------------------------


def after_step(number: int, routine: Routine = BACK) -> tuple[str, str]:
    """Return the transition of a step, and the cue of the step after it."""
    return routine.steps[number - 1].transition, routine.steps[number].cue


def test_the_announcement_of_the_first_stroke_says_how_to_get_ready() -> None:
    transition, cue = after_step(1)
    assert next_part(context(Place(1)), seconds=25.0) == NextPart(
        "Starting in 25 s.", cue, transition=transition, is_first_stroke=True
    )


def test_a_step_is_announced_with_its_cue_and_the_transition_to_it() -> None:
    transition, cue = after_step(2)
    assert next_part(context(Place(2))) == NextPart("Next:", cue, transition=transition)


@pytest.mark.parametrize("stands", Side)
def test_the_announced_far_side_depends_on_where_the_giver_stands(stands: Side) -> None:
    transition, cue = after_step(3)
    far = f"The far side is the <b>{stands.other.upper()}</b>."
    assert next_part(context(Place(3), stands)) == NextPart("Next:", cue, far, transition)


@pytest.mark.parametrize("stands", Side)
def test_a_step_that_is_massaged_again_begins_on_the_same_side_as_before(stands: Side) -> None:
    """The giver has walked round the partner since the first time, and now has to walk back."""
    coming_again = context(Place(3), stands.other, pairs=((4, stands),))
    assert next_part(coming_again).side == f"The far side is the <b>{stands.other.upper()}</b>."


def test_the_other_side_is_announced_with_the_walk_or_with_its_name() -> None:
    assert next_part(context(FIRST_SIDE)) == NextPart("Next: the other side.", BEFORE_WALKING)
    seated = context(Place(4, 0), routine=SEATED)
    assert next_part(seated) == NextPart("Next: the other side.", "The same again on the RIGHT.")


@pytest.mark.parametrize(("routine", "before"), [(SEATED, 3), (BACK, 5)], ids=["neck", "forearms"])
def test_the_first_of_two_named_sides_is_announced_with_its_name(routine: Routine, before: int) -> None:
    transition, cue = after_step(before, routine)
    with_hand = ", with your left hand" if routine is SEATED else ""
    left = f"The <b>LEFT</b> side first{with_hand}."
    assert next_part(context(Place(before), routine=routine)) == NextPart("Next:", cue, left, transition)


def test_a_knot_is_announced_by_its_spot() -> None:
    leaves_forearms, leaves_knot = BACK.steps[5].transition, BACK.steps[6].transition
    first = next_part(context(Place(6, 1), knots=TWO_KNOTS))
    assert first == NextPart("Next: the knot, upper left.", transition=leaves_forearms)
    after = next_part(context(Place(7), knots=TWO_KNOTS))
    assert after.heading == "Next: the knot, centre."
    assert (after.cue, after.side, after.transition, after.is_first_stroke) == ("", "", leaves_knot, False)


@pytest.mark.parametrize("routine", [BACK, SEATED], ids=lambda routine: routine.id)
def test_the_last_announcement_says_how_to_finish(routine: Routine) -> None:
    last = places(routine)[-1]
    transition = routine.steps[-1].transition
    assert next_part(context(last, routine=routine)) == NextPart("Nearly there.", transition=transition)


# --- Beginning and end ---------------------------------------------------------------------------


def test_the_giver_stands_on_the_chosen_side_or_behind() -> None:
    assert starting_position(BACK, Choices("back", 60.0, Side.RIGHT)) == (
        "You stand on your partner's <b>RIGHT</b>."
    )
    assert starting_position(SEATED, Choices(SEATED.id, 60.0)) == "You stand behind your partner."


@pytest.mark.parametrize(
    ("steps", "stopped", "heading"),
    [
        (8, False, "That's the whole massage. Well done."),
        (8, True, "We'll stop there. That's fine."),
        (0, False, "We'll stop there. That's fine."),
    ],
)
def test_the_closing_sentence_is_followed_by_the_aftercare(steps: int, stopped: bool, heading: str) -> None:
    ended = Finished(worked=60.0, steps=steps, knots=(), stopped=stopped)
    assert closing_sentences(ended, BACK) == (heading, *BACK.aftercare)


# --- Escaping ------------------------------------------------------------------------------------

RAW, SAFE = "a <b> & c", "a &lt;b&gt; &amp; c"


def raw_step(step: Step) -> Step:
    texts = {"name": RAW, "cue": RAW, "direction": (RAW,), "transition": RAW, "say": (RAW,)}
    technique = step.technique and step.technique.model_copy(update={"landmark": RAW})
    each_knot = step.each_knot and step.each_knot.model_copy(update={"direction": (RAW,)})
    return step.model_copy(update={**texts, "technique": technique, "each_knot": each_knot})


def raw_library() -> Library:
    """Return the back massage, with markup in every text that the instructions take from a file."""
    spot_texts = {"name": RAW.upper(), "how": RAW}  # the names of spots are said in lower case
    spots = {id_: spot.model_copy(update=spot_texts) for id_, spot in HANDBOOK.spots.items()}
    no_press = {id_: place.model_copy(update={"name": RAW}) for id_, place in HANDBOOK.no_press.items()}
    handbook = HANDBOOK.model_copy(update={"spots": spots, "no_press": no_press})
    steps = tuple(map(raw_step, BACK.steps))
    return Library(handbook, {"back": BACK.model_copy(update={"steps": steps, "aftercare": (RAW,)})})


HANDBOOK: Handbook = LIBRARY.handbook


def test_texts_from_a_routine_file_are_escaped() -> None:
    library = raw_library()

    def part(place: Place, **more: Any) -> PartInstructions:
        return part_instructions(ShowPart(60.0), context(place, library=library, **more))

    step = part(Place(2))
    assert (step.name, step.landmark) == (SAFE, SAFE)
    assert step.directions == step.spoken_directions == (SAFE,)
    assert step.keep_off == f"Keep off {SAFE} and {SAFE}."
    knot = part(Place(7), knots=TWO_KNOTS)
    assert (knot.name, knot.directions) == (f"Knot 1 of 2: {SAFE}", (SAFE, SAFE))
    after = next_part(context(Place(2), library=library))
    assert (after.cue, after.transition) == (SAFE, SAFE)
    assert (
        next_part(context(Place(6, 1), library=library, knots=TWO_KNOTS)).heading
        == f"Next: the knot, {SAFE}."
    )
    ended = Finished(worked=0.0, steps=0, knots=(), stopped=True)
    assert closing_sentences(ended, library.routines["back"])[1:] == (SAFE,)
