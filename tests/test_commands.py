"""A written command means the same after any question, and follow-up questions are still understood."""

from dataclasses import replace
from itertools import cycle, product

import pytest

from bot.routine.model import Side
from bot.session import events as ev
from bot.session.state import (
    Ask,
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
)
from bot.understanding.interpreter import Interpreter
from bot.wording.commands import COMMANDS as MENU
from bot.wording.keyboards import controls
from tests.stage import LIBRARY, Guest, Theatre

INTERPRETER = Interpreter(LIBRARY)

COMMANDS = (
    "next", "nxt", "ok next", "next please", "skip", "go on", "back", "go back", "bak", "again", "agian",
    "more", "more time", "+30", "pause", "puase", "hold on", "stop", "ok stop", "resume", "resme", "carry on",
    "done", "lighter", "lets go", "timer off", "found a knot", "sstop", "paues",
    "hmm next", "im ready", "pause?", "back?", "skip?",
    "still tight", "checklist", "start over", "ok",
)  # fmt: skip
"""Commands as people write them."""
ABOUT = {Ask.WORD: "effleurage", Ask.INSTEAD: "oil", Ask.MAY_PRESS: "spine"}


def running(step: int, part: int = 0, *knots: str) -> Running:
    massage = Massage(1, Side.LEFT, Place(step, part), knots=tuple(map(Knot, knots)))
    return Running(massage, Ticking(0.0, 180.0))


STATES: dict[str, State] = {
    "an ordinary step": running(2),
    "the knots": running(7, 0, "upper-left"),
    "the other side": running(4, 1),
    "the last part": running(8, 4),
    **{f"paused, {reason}": Paused(running(3).massage, 60.0, 0.0, reason) for reason in Reason},
    "preparing": Preparing(),
    "screening": Preparing(screening=True),
    "listening": Listening(0.0),
    "finished": Finished(1500.0, 8, (), stopped=False),
    "idle": Idle(),
}
"""The states in which a question can be asked, by name."""


def session(state: str) -> Session:
    return Session.fresh(1, LIBRARY.default, 0.0).moved(STATES[state])


def after(ask: Ask, before: Session) -> Session:
    """Return the session with `ask` as its last question."""
    massage = getattr(before.state, "massage", None)
    place = massage.place if massage else Place()
    return replace(before, asked=Question(ask, place, ABOUT.get(ask, "")))


HALTS = ("stop that one", "stop as well", "stop the back of my neck", "stahp", "pause, back of the neck")


@pytest.mark.parametrize("text", HALTS)
def test_stop_and_pause_halt_the_massage_after_any_question(text: str) -> None:
    working = session("an ordinary step")
    events = {type(INTERPRETER.understand(text, after(ask, working))) for ask in Ask}
    assert events <= {ev.PainReported, ev.StopAsked, ev.PauseAsked}


# --- Any command after any question ---------------------------------------------------------------


@pytest.mark.long
def test_a_command_means_the_same_after_any_question_in_any_state() -> None:
    """Test each command in each state. The questions take turns, so that each comes up in each state."""
    turns = [(*pair, ask) for pair, ask in zip(product(COMMANDS, STATES), cycle(Ask), strict=False)]
    assert {(state, ask) for _, state, ask in turns} == set(product(STATES, Ask))
    for text, state, ask in turns:
        before = session(state)
        assert INTERPRETER.understand(text, after(ask, before)) == INTERPRETER.understand(text, before), (
            text,
            state,
            ask,
        )


@pytest.mark.long
def test_the_label_of_a_button_or_menu_command_means_the_same_after_a_question() -> None:
    before = session("an ordinary step")
    keyboards = [controls(session(state), LIBRARY.default, more=True) for state in STATES]
    buttons = {button.text for keyboard in keyboards for row in keyboard for button in row}
    for text, ask in product(sorted(buttons | set(MENU)), (Ask.WHY, Ask.TIME_LEFT, Ask.NORMAL_ACHE)):
        assert INTERPRETER.understand(text, after(ask, before)) == INTERPRETER.understand(text, before), (
            text,
            ask,
        )


@pytest.mark.long
def test_a_command_with_polite_words_means_the_same_after_a_question() -> None:
    polite = ("{}", "{} please", "ok {}", "please {}!!", "no {}", "can you {}?")
    before = session("an ordinary step")
    for phrase, politely, ask in zip(
        LIBRARY.handbook.words.commands, cycle(polite), cycle(Ask), strict=False
    ):
        text = politely.format(phrase.removesuffix("*"))
        assert INTERPRETER.understand(text, after(ask, before)) == INTERPRETER.understand(text, before), (
            text,
            ask,
        )


@pytest.mark.parametrize(
    ("words", "ask", "event"),
    [
        ("can u go to the next step", Ask.WHERE, ev.NextAsked()),
        ("on to the following step", Ask.PRESSURE, ev.NextAsked()),
        ("skip ahead to where i use my arms", Ask.WHERE, ev.StepChosen(step=6)),
        ("i need to stop", Ask.WHEN_STOP, ev.PainReported()),
    ],
)
def test_a_command_in_a_whole_sentence_is_understood_after_a_question(
    words: str, ask: Ask, event: ev.Event
) -> None:
    assert INTERPRETER.understand(words, after(ask, session("an ordinary step"))) == event


# --- Follow-up questions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "words", "question"),
    [
        (Ask.PRESSURE, "and the next one", Question(Ask.PRESSURE, Place(3))),
        (Ask.PRESSURE, "next one as well", Question(Ask.PRESSURE, Place(3))),
        (Ask.PRESSURE, "the next one", Question(Ask.PRESSURE, Place(3))),
        (Ask.PRESSURE, "next?", Question(Ask.PRESSURE, Place(3))),
        (Ask.LENGTH, "the nezt one too?", Question(Ask.LENGTH, Place(3))),
        (Ask.WHERE, "and then?", Question(Ask.WHERE, Place(3))),
        (Ask.WHERE, "and after that?", Question(Ask.WHERE, Place(3))),
        (Ask.WHERE, "and how hard?", Question(Ask.PRESSURE, Place(2))),
        (Ask.WHERE, "the thumbs", Question(Ask.WHERE, Place(5))),
        (Ask.MAY_PRESS, "how about the neck", Question(Ask.MAY_PRESS, about="neck-front")),
        (Ask.MAY_PRESS, "and the kidneys", Question(Ask.MAY_PRESS, about="kidneys")),
        (Ask.TIME_LEFT, "and in total", Question(Ask.TIME_LEFT)),
    ],
)
def test_a_follow_up_question_is_understood(ask: Ask, words: str, question: Question) -> None:
    assert INTERPRETER.understand(words, after(ask, session("an ordinary step"))) == ev.Asked(
        question=question
    )


@pytest.mark.parametrize("words", ["again it twinges", "lighter it aches", "stop pressing"])
def test_a_report_of_pain_after_a_question_about_aches_is_understood(words: str) -> None:
    assert (
        INTERPRETER.understand(words, after(Ask.NORMAL_ACHE, session("an ordinary step")))
        == ev.PainReported()
    )


# --- Conversations -------------------------------------------------------------------------------

QUESTIONS = ("how much longer", "why", "how hard", "is it normal that it aches", "can i use olive oil")


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("next", "Step 3 of 8"),
        ("nxt", "Step 3 of 8"),
        ("skip", "Step 3 of 8"),
        ("go on", "Step 3 of 8"),
        ("done", "Step 3 of 8"),
        ("back", "Step 1 of 8"),
        ("again", "Step 2 of 8"),
        ("more", "Lean in a little more"),
        ("resume", "Not just now."),
        ("pause", "left of step 2"),
        ("stop", "Stop here for today?"),
    ],
)
async def test_a_command_is_carried_out_after_a_question(sam: Guest, words: str, seen: str) -> None:
    await sam.begins()
    for question in QUESTIONS:
        await sam.writes("go to step 2")
        await sam.writes(question)
        assert "Step" not in sam.last.text
        await sam.writes(words)
        sam.sees(seen)


@pytest.mark.parametrize(("words", "seen"), [("done", "Step 2 of 8"), ("next", "Step 3 of 8")])
async def test_a_command_ends_a_pause_even_after_a_question(sam: Guest, words: str, seen: str) -> None:
    await sam.begins()
    for question in QUESTIONS:
        await sam.writes("go to step 2")
        await sam.writes("wait")
        await sam.writes(question)
        await sam.writes(words)
        sam.sees(seen)


async def test_ok_and_yep_after_an_answer_change_nothing(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 2")
    for question in QUESTIONS:
        await sam.writes(question)
        before = await theatre.store.load(sam.person.chat_id)
        for words in ("ok", "yep"):
            await sam.writes(words)
            after_it = await theatre.store.load(sam.person.chat_id)
            assert before
            assert after_it
            assert (after_it.state, after_it.revision) == (before.state, before.revision)
