"""Answers about the massage as a whole: times, steps, what is needed, what terms mean, and aftercare.

To add an answer, add an `Ask`, a function and a row to `MASSAGE_ANSWERS`. Each answer is one or two short
sentences in Telegram's HTML. An answer must never say anything that is not in the routine's data.
"""

import re
from dataclasses import replace
from html import escape
from math import ceil

from bot.routine.durations import spell
from bot.routine.model import Item, Turn
from bot.session.places import place_after, seconds_at
from bot.session.state import Ask, Finished, Place
from bot.wording.asked import AnswerRow, Asked
from bot.wording.body_answers import what_is_a_knot
from bot.wording.text import join_names, lower_first, plural, upper_first

# --- Times and steps -----------------------------------------------------------------------------


def _length(asked: Asked) -> str:
    """Return how long a part takes, or how long the whole massage takes.

    Before the massage has begun, a question about the first part counts as a question about the whole
    massage.
    """
    if asked.is_about_whole_massage or (not asked.under_way and asked.place == Place()):
        return _total_length(asked)
    seconds = seconds_at(asked.massage, asked.context.session, asked.routine, asked.place)
    per_side = " a side" if asked.part.turn is not Turn.BOTH else ""
    return asked.named(f"{upper_first(spell(seconds))}{per_side}.")


def _total_length(asked: Asked) -> str:
    steps = plural(len(asked.routine.steps), "step")
    return f"About {spell(asked.context.session.choices.length)} in all, {steps}."


def _time_left(asked: Asked) -> str:
    if not asked.under_way:
        return _total_length(asked)
    if not asked.massage.timer:
        return "The timer is off, so there is no hurry. Say next when you're ready."
    left_after = _seconds_after_this_part(asked)
    if not left_after:
        return f"{spell(asked.left)} left, then it's done." if asked.left else "That was the last part."
    left_here = f"{spell(asked.left)} left here" if asked.left else "This part is over"
    if not asked.is_about_whole_massage:
        return f"{left_here}."
    # Rounded up, so that the time to the end never looks shorter than the time left in this part.
    minutes = ceil((asked.left + left_after) / 60)
    return f"About {spell(60 * minutes)} to the end; {lower_first(left_here)}."


def _seconds_after_this_part(asked: Asked) -> float:
    massage, seconds = asked.massage, 0.0
    while place := place_after(massage, asked.routine):
        massage = replace(massage, place=place)
        seconds += seconds_at(massage, asked.context.session, asked.routine, place)
    return seconds


def _steps_left(asked: Asked) -> str:
    total = len(asked.routine.steps)
    if isinstance(asked.context.session.state, Finished):
        return f"None: the massage is over. It had {plural(total, 'step')}."
    if not asked.under_way:
        return f"{plural(total, 'step')}, and none begun yet."
    current = asked.massage.place.step
    name = escape(asked.routine.steps[current - 1].name.lower())
    after = f"{plural(total - current, 'step')} after it." if current < total else "It is the last."
    return f"Step {current} of {total}, {name}. {after}"


def _steps(asked: Asked) -> str:
    names = [step.name.lower() for step in asked.routine.steps]
    return f"{plural(len(names), 'step')}: {escape(join_names(names))}."


# --- Words and things ----------------------------------------------------------------------------


def _word(asked: Asked) -> str:
    """Return what a term means. The meaning is looked up in this routine, then in the handbook, then in the
    other routines.
    """
    word = asked.question.about
    if word.startswith("knot"):
        return what_is_a_knot(asked)
    library = asked.context.library
    sources = (asked.routine.terms, asked.handbook.strokes, *(r.terms for r in library.routines.values()))
    meaning = next(terms[word] for terms in sources if word in terms)
    return f"<b>{escape(upper_first(word))}:</b> {escape(meaning)}"


def _needed(asked: Asked) -> str:
    names = [item.name.lower() for item in (*asked.routine.supply, *asked.routine.tool)]
    needed = f"{upper_first(join_names(list(dict.fromkeys(names))))}. " if names else ""
    time = spell(asked.routine.prep_time)
    return f"{escape(needed)}/checklist lists everything to prepare. It takes about {time}."


def _instead(asked: Asked) -> str:
    item = _item(asked)
    if item is None:
        return f"{escape(asked.routine.name)} needs none. /checklist says what it does need."
    if item.instead:
        return escape(f"No {item.name.lower()}? {item.instead}")
    return f"I know nothing to use in its place. {escape(item.why or '')}".strip()


def _item(asked: Asked) -> Item | None:
    """Return the item that was asked about; None if the routine has no such item. If several items match, one
    with a substitute is preferred.
    """
    about = asked.question.about
    words = [about, about.rstrip("s"), *asked.handbook.words.items[about]]
    items = (*asked.routine.supply, *asked.routine.tool, *asked.routine.checklist)
    found = [
        item for word in words for item in items if re.search(rf"\b{re.escape(word)}\b", item.name.lower())
    ]
    return next((item for item in found if item.instead), found[0] if found else None)


# --- Help and aftercare --------------------------------------------------------------------------


def _aftercare(asked: Asked) -> str:
    return escape(" ".join(asked.routine.aftercare))


def _can_ask(asked: Asked) -> str:
    return (
        "It runs by itself. Ask me where, how hard, how long or why; say next, back or wait. "
        "If anything hurts, say so and I pause."
    )


MASSAGE_ANSWERS = {
    Ask.LENGTH: AnswerRow(_length),
    Ask.TIME_LEFT: AnswerRow(_time_left),
    Ask.STEPS_LEFT: AnswerRow(_steps_left),
    Ask.STEPS: AnswerRow(_steps),
    Ask.WORD: AnswerRow(_word),
    Ask.NEEDED: AnswerRow(_needed),
    Ask.INSTEAD: AnswerRow(_instead),
    Ask.AFTERCARE: AnswerRow(_aftercare),
    Ask.CAN_ASK: AnswerRow(_can_ask),
}
