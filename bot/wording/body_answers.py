"""Answers about the body: how to lie, knots, aches, and what is not safe.

To add an answer, add an `Ask`, a function and a row to `BODY_ANSWERS`. Each answer is one or two short
sentences in Telegram's HTML. An answer must never say anything that is not in the routine's data.
"""

from html import escape

from bot.routine.durations import spell
from bot.routine.model import Routine, Step
from bot.session.state import Ask
from bot.wording.asked import AnswerRow, Asked
from bot.wording.attachments import KnotMap
from bot.wording.context import knot_map
from bot.wording.text import lower_first

LYING_WORDS = {"head": ("head", "neck"), "arms": ("arms",)}
"""For each part of the body that a person can ask about: words that show that a sentence is about how to
place that part.
"""


def _lie(asked: Asked) -> str:
    """Return at most two sentences about how to place the part of the body that was asked about. If there is
    no such sentence, return the first two sentences about how to lie.
    """
    step = asked.routine.steps[0]
    sentences = [*step.direction, step.tip.split(". ")[0].rstrip(".") + "."]
    words = LYING_WORDS.get(asked.question.about, ())
    found = [sentence for sentence in sentences if any(word in sentence.lower() for word in words)]
    return escape(" ".join((found or sentences)[:2]))


# --- Knots and aches -----------------------------------------------------------------------------


def knot_step(routine: Routine) -> Step | None:
    """Return the step in which marked knots are massaged; None if the routine has no such step."""
    return next((step for step in routine.steps if step.each_knot), None)


def what_is_a_knot(asked: Asked) -> str:
    """Return how a knot feels. The answer comes from the step for massaging knots in this routine, or else in
    the first routine that has such a step.
    """
    routines = (asked.routine, *asked.context.library.routines.values())
    step = next(step for step in map(knot_step, routines) if step)
    return escape(step.technique.landmark if step.technique else step.direction[0])


def _knots(asked: Asked) -> str:
    step = knot_step(asked.routine)
    if step is None or step.each_knot is None:
        return "This routine has no step for knots. Rest a warm palm there a little longer."
    number = asked.routine.steps.index(step) + 1
    if asked.under_way and asked.massage.place.step < number:
        return f"Tell me where it is, or tap Found a knot. We'll come back to it in step {number}."
    if asked.light_spot:
        return escape(asked.light_spot)
    return escape(" ".join(step.each_knot.direction))


def _map_of_knots(asked: Asked) -> KnotMap | None:
    return knot_map(asked.context) if asked.under_way else None


def _knot_done(asked: Asked) -> str:
    step = knot_step(asked.routine)
    if step is None or step.each_knot is None or asked.light_spot:
        return _knots(asked)
    least, most = spell(step.each_knot.least), spell(step.each_knot.most)
    mistake = f" {escape(step.technique.mistake)}" if step.technique else ""
    return f"When the ache has faded: {least} to {most}, no longer.{mistake}"


def _normal_ache(asked: Asked) -> str:
    if asked.light_spot:
        return escape(asked.light_spot)
    technique = asked.with_stroke().technique
    right, wrong = escape(lower_first(technique.feels_right)), escape(technique.feels_wrong)
    return (
        "A good ache is all right. Pain is not: lift your hands, then go lighter."
        f" It should feel like this: {right} {wrong}"
    )


def _ache(asked: Asked) -> str:
    if asked.light_spot:
        return f"Ease off. {escape(asked.light_spot)}"
    wrong = escape(asked.with_stroke().technique.feels_wrong)
    return f"Ease off until it is a good ache, and wait there. {wrong}"


# --- Safety --------------------------------------------------------------------------------------


def _when_stop(asked: Asked) -> str:
    return f"{escape(asked.handbook.safety.stop_signs)} Say stop, and I pause at once."


def _may_press(asked: Asked) -> str:
    place = asked.handbook.no_press[asked.question.about]
    return f"Keep off {escape(place.name)}. {escape(place.why)}"


BODY_ANSWERS = {
    Ask.LIE: AnswerRow(_lie),
    Ask.KNOTS: AnswerRow(_knots, _map_of_knots),
    Ask.KNOT_DONE: AnswerRow(_knot_done),
    Ask.NORMAL_ACHE: AnswerRow(_normal_ache),
    Ask.ACHE: AnswerRow(_ache),
    Ask.WHEN_STOP: AnswerRow(_when_stop),
    Ask.MAY_PRESS: AnswerRow(_may_press),
}
