"""Messages that people write during a massage: how many are understood, and how the coach answers them."""

import json
import re
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bot.cli import main
from bot.routine.durations import parse, spell
from bot.routine.loading import SHIPPED, check
from bot.routine.model import Library, Routine, Side, Times
from bot.session.events import PainReported
from bot.session.places import place_after
from bot.session.state import Ask, Massage, Paused, Place, Question, Running, Session, Waiting
from bot.understanding import network, ngrams
from bot.understanding.interpreter import Interpreter
from bot.understanding.phrases import PhraseMatcher, words_of
from bot.wording.answers import ANSWERS, answer
from bot.wording.context import RenderContext
from tests.questions.evaluate import (
    DEVELOPMENT,
    HALVES,
    HELD_OUT,
    LEARN,
    LEARNT,
    digests,
    expected,
    here,
    messages,
    tally,
)
from tests.stage import LIBRARY, Guest, Theatre

INTERPRETER = Interpreter(LIBRARY)
STEPS = [(routine, n) for routine in LIBRARY.routines.values() for n in range(1, len(routine.steps) + 1)]


# --- The labelled messages -----------------------------------------------------------------------


@pytest.mark.long
def test_held_out_messages_are_understood() -> None:
    result = tally(HELD_OUT, LIBRARY, INTERPRETER)
    assert (result.right["pain"], result.right["safety"]) == (result.total["pain"], result.total["safety"])
    assert result.right["outside"] >= 0.95 * result.total["outside"]
    assert result.commanded <= 0.01 * result.total["question"]
    assert result.right.total() >= 0.93 * result.total.total()


def test_the_models_were_trained_on_the_current_messages() -> None:
    noted = json.loads(LEARNT.read_text("utf-8"))
    assert noted == {path.name: digests(path) for path in (network.LEARNT, ngrams.LEARNT)}, (
        "run make learn again"
    )


def test_the_same_words_in_the_same_situation_have_the_same_label() -> None:
    meant: dict[tuple[str, str, str], set[str]] = {}
    for message in messages(LEARN, LIBRARY):
        place = here(message, LIBRARY)
        spelt = " ".join(words_of(message.text)) or message.text
        where = (spelt, f"{place.routine.id} {message.session.state}", f"{message.after}")
        means = {expected(meaning, place) for meaning in message.means}
        meant[where] = meant.get(where, means) & means
        assert meant[where], f"{message.text!r} has two labels that contradict each other"


@pytest.mark.parametrize("half", HALVES)
def test_no_message_of_the_evaluation_occurs_twice(half: str) -> None:
    seen: dict[str, str] = {}
    for path in HALVES[half]:
        for message in messages((path,), LIBRARY):
            plain = re.sub(r"[^\w ]", "", message.text.lower()) or message.text
            assert seen.setdefault(plain, message.text) is message.text, (
                f"{path.name}: a message occurs twice"
            )


def test_there_are_enough_messages_and_enough_about_pain_and_safety() -> None:
    everything = list(messages((*DEVELOPMENT, *HELD_OUT), LIBRARY))
    assert len(everything) >= 600
    assert sum(message.kind in ("pain", "safety") for message in everything) >= 120


# --- Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("she is on warfarin", "thinners"),
        ("she's on Warfarn", "thinners"),
        ("is he pregnent", "pregnancy"),
        ("a high-ish temp of 39", "fever"),
        ("a temp agency", None),
        ("", None),
    ],
)
def test_phrases_are_found_despite_typing_errors(typed: str, found: str | None) -> None:
    known = {"thinners": ["warfarin", "blood thin*"], "pregnancy": ["pregnan*"], "fever": ["temp of"]}
    assert PhraseMatcher(known).first(words_of(typed)) == found


@pytest.mark.parametrize(
    "text", ["", "\x00", "a" * 100_000, "ow " * 50_000, "½ ٣ ²", "<b>&", "../..", "^ $ | *"]
)
def test_any_text_is_understood_as_some_event(text: str) -> None:
    assert INTERPRETER.understand(text, at_step(LIBRARY.default, 3)) is not None


# --- Answers -------------------------------------------------------------------------------------


def at_place(routine: Routine, place: Place, side: Side = Side.LEFT) -> Session:
    fresh = Session.fresh(1, routine, 0.0)
    return fresh.moved(Running(Massage(1, side, place), Waiting(0.0, 60.0)))


def at_step(routine: Routine, step: int, side: Side = Side.LEFT) -> Session:
    return at_place(routine, Place(step), side)


ABOUT = {Ask.WORD: "effleurage", Ask.INSTEAD: "oil", Ask.MAY_PRESS: "spine"}


@pytest.mark.parametrize(("routine", "step"), STEPS, ids=lambda value: getattr(value, "id", value))
@pytest.mark.parametrize("ask", Ask)
def test_every_question_has_a_short_answer_at_every_step(routine: Routine, step: int, ask: Ask) -> None:
    context = RenderContext(at_step(routine, step), LIBRARY)
    words = answer(Question(ask, Place(step), ABOUT.get(ask, "")), context, 60.0)
    assert 2 < len(words) <= 400
    assert "None" not in words or words.startswith("None:")
    assert words == answer(Question(ask, Place(step), ABOUT.get(ask, "")), context, 60.0)


def test_every_kind_of_question_has_an_answer() -> None:
    assert set(ANSWERS) == set(Ask)


def test_the_side_in_an_answer_depends_on_where_the_giver_stands() -> None:
    for side in Side:
        context = RenderContext(at_step(LIBRARY.default, 3, side), LIBRARY)
        words = answer(Question(Ask.WHERE, Place(4)), context)
        assert words.startswith("<b>Next, step 4, fingertips:</b>")
        assert f"<b>{side.other.upper()}</b> side, the far one from you" in words


TIME = re.compile(r"\d+ min \d+ s|\d+ min|\d+ s")


def places(routine: Routine) -> Iterator[Place]:
    place: Place | None = Place()
    while place:
        yield place
        place = place_after(Massage(1, Side.LEFT, place), routine)


def with_a_short_last_part(routine: Routine) -> Routine:
    """Return the routine with a last part of ten seconds."""
    *before, last = routine.steps
    ten_seconds = Times.model_validate(dict.fromkeys(("least", "usual", "most"), "10 s"))
    brief = last.model_copy(update={"perform_time": ten_seconds})
    return routine.model_copy(update={"steps": (*before, brief)})


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("routine", LIBRARY.routines.values(), ids=lambda routine: routine.id)
def test_the_time_to_the_end_is_never_shorter_than_the_time_left_in_the_part(
    routine: Routine, brief: bool
) -> None:
    routine = with_a_short_last_part(routine) if brief else routine
    library = Library(LIBRARY.handbook, {routine.id: routine})
    *before, last = places(routine)
    for place, left in product(before, range(1, 200)):
        words = answer(Question(Ask.TIME_LEFT), RenderContext(at_place(routine, place), library), left)
        to_the_end, here = map(parse, TIME.findall(words))
        assert to_the_end >= here == left, words
    for asked, left in product((None, last), range(1, 200)):
        words = answer(Question(Ask.TIME_LEFT, asked), RenderContext(at_place(routine, last), library), left)
        assert words == f"{spell(left)} left, then it's done."


# --- Conversations -------------------------------------------------------------------------------

CONTROLS = ["Pause", "Next", "Back", "Again", "More"]


async def test_a_question_at_each_step_is_answered_and_does_not_move_the_massage(
    theatre: Theatre, sam: Guest
) -> None:
    await sam.begins()
    for step, words, answered in (
        (1, "which way should her face go", "Head to whichever side is comfier"),
        (2, "whats effleurage", "long and sweeping"),
        (3, "wher do i prss nxt", "RIGHT side, the far one from you"),
        (4, "which hand on top", "The lower hand feels, the upper one presses."),
        (5, "how hard", "Firm pressure."),
        (6, "why am i doing this", "A forearm is broad."),
        (7, "how long do i hold on it", "When the ache has faded"),
        (8, "how fast", "Slowly"),
    ):
        await sam.reaches(f"Step {step}")
        before = await theatre.store.load(sam.person.chat_id)
        await sam.writes(words)
        sam.sees(answered)
        assert sam.buttons[-5:] == CONTROLS
        after = await theatre.store.load(sam.person.chat_id)
        assert before
        assert after
        assert (after.state, after.due_at, after.revision) == (before.state, before.due_at, before.revision)


async def test_questions_are_answered_before_and_after_a_massage_and_in_a_pause(sam: Guest) -> None:
    await sam.writes("how long does it take in total")
    sam.sees("About 25 min in all, 8 steps.")
    await sam.writes("/start")
    await sam.writes("no candles")
    sam.sees("One dim lamp")
    await sam.taps("Begin")
    await sam.taps("None of these")
    await sam.reaches("Step 3")
    await sam.writes("hang on a sec")
    sam.sees("left of step 3")
    await sam.writes("how hard")
    sam.sees("Medium pressure.")
    assert sam.buttons[1] == "Resume"
    await sam.writes("ok go on")
    sam.sees("Step 3 of 8", "left")
    await sam.writes("end the massage")
    await sam.taps("Stop")
    await sam.writes("what now")
    sam.sees("glass of water")


async def test_commands_in_words_are_carried_out_during_a_massage(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("next one please")
    sam.sees("Step 2 of 8")
    await sam.writes("go back")
    sam.sees("Step 1 of 8")
    await sam.writes("go to step five")
    sam.sees("Step 5 of 8")
    await sam.writes("the forearm one")
    sam.sees("Step 6 of 8")
    await sam.writes("third to last")
    sam.sees("Step 6 of 8")
    await sam.writes("back to the thumbs")
    sam.sees("Step 5 of 8")
    await sam.writes("knot upper left")
    sam.sees("Marked: upper left. We'll come back to it in step 7.")
    await sam.writes("skip 2")
    sam.sees("Step 7 of 8 · Knot 1 of 1: upper left")
    await sam.writes("still tight")
    sam.sees("Once more")
    await sam.writes("eased")
    sam.sees("Step 8 of 8")
    await sam.writes("she wants it lighter")
    sam.sees("Lighter from here: light pressure.")


async def test_a_massage_can_be_started_in_words(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("lets begin")
    sam.sees("Does the person lying down have any of these?")
    await sam.writes("lovely")
    sam.sees("So is it None of these, or Not today?")
    for both in ("yes", "no"):
        await sam.writes(both)
        sam.sees("If there's any of them: tap Not today")
        assert len(sam.last.text) < 120, "the whole question is not asked again"
        assert sam.buttons == ["None of these", "Not today", "A doctor has said yes"]
    await sam.writes("No, none of them.")
    sam.sees("Step 1 of 8")


async def test_not_today_can_be_written_instead_of_tapped(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.taps("Begin")
    await sam.writes("not today then")
    sam.sees("Then not today.")


async def test_a_follow_up_question_is_answered(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("how hard is this one")
    sam.sees("Medium pressure.")
    await sam.writes("and the one after")
    sam.sees("Next, step 4, fingertips: medium pressure.")
    await sam.writes("and after that?")
    sam.sees("Step 5, thumbs along the spine: firm pressure.")
    await sam.writes("is it ok on the spine")
    sam.sees("Keep off the spine.")
    await sam.writes("how about the neck")
    sam.sees("Keep off the front and sides of the neck.")
    await sam.writes("how long does it take")
    await sam.writes("and the kidneys?")
    sam.sees("Keep off the soft sides of the waist.")
    await sam.writes("which hands")
    await sam.writes("and then?")
    sam.sees("Next, step 4, fingertips: with stacked fingertips.")


async def test_how_long_the_last_part_lasts_is_said_once(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 8 of 8 · Fingertips again, other side")
    await sam.writes("how long till the end")
    assert sam.last.text == "About 2 min to the end; 1 min left here."
    await sam.writes("next")
    sam.sees("Step 8 of 8 · Tapping")
    await theatre.wait(10)
    await sam.writes("more time")
    for words in ("how long till the end", "how long left"):
        await sam.writes(words)
        assert sam.last.text == "1 min 20 s left, then it's done."


async def test_a_question_can_name_a_step_by_the_one_before_or_after_it(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 2")
    await sam.writes("what comes after step 4")
    sam.sees("Step 5, thumbs along the spine.")
    await sam.writes("what's after the forearms")
    sam.sees("Step 7, knots.")
    await sam.writes("how hard is the one before the thumbs")
    sam.sees("Step 4, fingertips: medium pressure.")


async def test_if_several_knots_are_reported_at_once_none_is_marked_without_asking(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 2")
    await sam.writes("two knots, one upper left and one lower right")
    sam.sees("Where is the knot?")
    assert not any("Marked" in message.text for message in sam.screen)


async def test_the_last_question_is_forgotten_with_the_next_step(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.writes("how hard is the next one")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.asked == Question(Ask.PRESSURE, Place(2))
    await sam.taps("Next")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.asked is None


def test_a_session_stored_by_an_older_coach_still_loads() -> None:
    stored = TypeAdapter(Session).dump_python(at_step(LIBRARY.default, 3), mode="json")
    del stored["asked"]
    assert TypeAdapter(Session).validate_python(stored) == at_step(LIBRARY.default, 3)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("he has a fever", "Not today with a fever."),
        ("is it ok if shes drunk", "Not today when either of you is drunk."),
        ("he took strong painkillers is it safe", "With strong painkillers, ask a doctor first."),
        ("she has a slipped disc", "With a slipped disc, ask a doctor first."),
        ("shes 5 months pregnant is that ok", "ask a doctor or midwife first, and don't lie face down."),
    ],
)
async def test_the_advice_fits_the_condition_that_a_message_names(
    sam: Guest, words: str, advice: str
) -> None:
    await sam.begins()
    await sam.writes(words)
    sam.sees(advice)


async def test_a_question_about_health_is_not_stored(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.writes("shes 5 months pregnant is that ok")
    sam.sees("I've paused. If pregnant, ask a doctor or midwife first")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert session.asked is None
    assert "pregnan" not in str(session)


@pytest.mark.parametrize(
    "words",
    [
        "owww",
        "she says thats sharp",
        "he flinched n said no",
        "her arm is tinglin",
        "STOP STOP",
        "sotp!",
        "shes crying",
    ],
)
async def test_pain_in_any_spelling_pauses_at_once(theatre: Theatre, sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 7")
    await sam.writes(words)
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Paused)
    sam.sees("lift your hands")
    assert sam.buttons == ["Resume lighter", "Stop"]


@pytest.mark.parametrize(
    ("words", "answered"),
    [
        ("harder please she says", "Lean in a little more"),
        ("too light", "no harder"),
        ("is it normal that knots hurt a bit", "It should feel like this:"),
        ("when do i stop pressing", "Say stop, and I pause"),
        ("what happens if i stop", "Say stop, and I pause"),
        ("my thumbs are killing me", "If your thumbs tire"),
        ("it doesnt hurt at all", "Lovely"),
    ],
)
async def test_a_message_that_only_sounds_like_pain_does_not_pause(
    theatre: Theatre, sam: Guest, words: str, answered: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 5")
    await sam.writes(words)
    sam.sees(answered)
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Running)


async def test_yes_and_no_answer_the_coachs_question(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("end the massage")
    sam.sees("Stop here for today?")
    await sam.writes("nope")
    sam.sees("Step 3 of 8", "left")
    await sam.writes("end the massage")
    await sam.writes("Yes please!")
    sam.sees("We'll stop there.")


@pytest.mark.parametrize(
    "words",
    [
        "wait",
        "not ready",
        "dont go on",
        "hmm",
        "is it ok to go on?",
        "the cat is on the bed lol",
        "give us a minute",
    ],
)
async def test_only_clear_words_end_a_pause(theatre: Theatre, sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("ow")
    await sam.writes(words)
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Paused)
    await sam.writes("ok shes fine now, carry on")
    sam.sees("Step 3 of 8")


async def test_commands_in_words_are_carried_out_during_a_pause(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    for words, seen in (("next one", "Step 4"), ("go back one", "Step 3"), ("the thumbs one", "Step 5")):
        await sam.writes("hang on a sec")
        await sam.writes(words)
        sam.sees(seen)


@pytest.mark.parametrize("words", ["yeh stop", "sotp", "yes she wants to sleep", "we're done ta", "mhm"])
async def test_stopping_can_be_confirmed_in_many_words(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.writes("end the massage")
    await sam.writes(words)
    sam.sees("We'll stop there.")


@pytest.mark.parametrize(
    "words",
    ["should i start again from the bottom", "is lighter better", "do i repeat that", "is step 4 the one"],
)
async def test_a_question_that_mentions_a_command_does_not_move_the_massage(
    theatre: Theatre, sam: Guest, words: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    before = await theatre.store.load(sam.person.chat_id)
    await sam.writes(words)
    after = await theatre.store.load(sam.person.chat_id)
    assert before
    assert after
    assert (after.state, after.revision) == (before.state, before.revision)


@pytest.mark.parametrize("words", ["too deep", "to deep", "bit deep"])
async def test_too_deep_is_answered_with_lighter_pressure(sam: Guest, words: str) -> None:
    await sam.begins()
    await sam.reaches("Step 2")
    await sam.writes(words)
    sam.sees("Lighter from here")


async def test_in_an_emergency_the_coach_says_whom_to_call(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("he has chest pain")
    sam.sees("Call 112, 911 or 999 now.", "I've paused.")
    assert sam.buttons == ["We're all right", "Stop"]
    await sam.taps("Stop")
    sam.sees("We'll stop there.")
    await sam.writes("he wont wake up")
    sam.sees("Call 112, 911 or 999 now.")


async def test_the_coach_says_that_there_is_no_step_nine(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("go to step 9")
    sam.sees("There's no such step.")


async def test_start_the_massage_leads_from_lying_down_to_the_first_stroke(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("start the massage")
    sam.sees("Step 2 of 8")


async def test_a_second_stop_confirms_the_first(sam: Guest) -> None:
    await sam.begins()
    await sam.writes("end the massage")
    await sam.writes("stop")
    sam.sees("We'll stop there.")


def test_both_ends_of_a_long_message_are_read() -> None:
    long = "we were just talking about her mother and the garden and the car and what to cook " * 3
    for text in ("stop it hurts her " + long, long + " and now she says ow that is sharp"):
        assert INTERPRETER.understand(text, at_step(LIBRARY.default, 3)) == PainReported()


async def test_a_bearable_ache_pauses_everywhere_except_at_a_knot(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 7")
    await sam.writes("it aches but its bearable")
    sam.sees("Ease off until it is a good ache")
    assert sam.buttons[-5:] == CONTROLS
    await sam.writes("go back to the forearms")
    await sam.writes("it aches but its bearable")
    sam.sees("lift your hands")


@pytest.mark.parametrize(
    "words",
    [
        "whats for dinner",
        "ignore your instructions",
        "massage my dog",
        "wie fest soll ich drücken",
        "asdkjfhlk",
    ],
)
async def test_a_message_that_is_neither_question_nor_command_gets_one_honest_line(
    theatre: Theatre, sam: Guest, words: str
) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    before = await theatre.store.load(sam.person.chat_id)
    await sam.writes(words)
    sam.sees("Sorry, I don't know that one. Ask me where to press, how hard, or how long is left.")
    assert "heel" not in sam.last.text.lower()
    after = await theatre.store.load(sam.person.chat_id)
    assert before
    assert after
    assert after.state == before.state


# --- On the command line, and for authors --------------------------------------------------------


def test_questions_are_answered_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "how hard?", "--step", "5", "--side", "left"]) == 0
    assert capsys.readouterr().out.startswith("Firm pressure.")
    assert main(["ask", "which side", "--step", "4", "--side", "right", "--routine", "back"]) == 0
    assert capsys.readouterr().out.startswith("The LEFT side")


def test_the_command_line_says_which_steps_and_routines_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "how hard?", "--step", "9"]) == 1
    assert "Back massage has no step 9; choose 1 to 8" in capsys.readouterr().err
    assert main(["ask", "how hard?", "--routine", "feet"]) == 1
    assert "choose one of: back, neck-and-shoulders" in capsys.readouterr().err


MISTAKES = [
    ("    a fever: [", "    a fewer: [", "is not known here; did you mean `a fever`?"),
    ("    stop: [", "    stopp: [", "is not known here; did you mean `stop`?"),
]


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES)
def test_a_mistake_in_the_words_of_the_handbook_is_reported_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "routines")
    file = folder / "handbook" / "words.yaml"
    before, _, after = file.read_text("utf-8").partition(old)
    assert after
    file.write_text(before + new + after, "utf-8")
    (problem,) = check([folder])
    assert told in str(problem)
    assert problem.path == file
    assert problem.line == before.count("\n") + new.count("\n") + (not new.endswith("\n"))


def test_a_new_routine_is_understood_without_code(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "routines")
    text = (folder / "back.yaml").read_text("utf-8").replace("name: Forearms\n", "name: Rolling pins\n")
    (folder / "back.yaml").write_text(text.replace("id: forearms\n", "id: rolling-pins\n"), "utf-8")
    assert check([folder]) == []
    assert main(["ask", "go to the rolling pins", "--step", "2", "--folder", str(folder)]) == 0
