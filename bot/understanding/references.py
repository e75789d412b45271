"""Find out which step or part of a routine a message refers to.

A message can give the number or the name of a step, or refer to the step before or after another one;
otherwise the classifier decides. A number may refer to a step that the routine does not have; the session
refuses such a step. This module must never change a session.
"""

from itertools import pairwise

from bot.routine.model import Step
from bot.session.state import Ask, Place
from bot.understanding.phrases import PhraseMatcher
from bot.understanding.utterance import OF_ALL, Situation, Utterance

AND_NEXT = (["and", "then"], ["and", "next"], ["and", "after"])
"""The first words of a follow-up question about the part of the massage that comes next. "Next" is counted
from the part that was asked about last.
"""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
STEP_WORDS = {"step", "number", "part", "stage", "no"}


def place_meant(ask: Ask, about: str | None, utterance: Utterance) -> Place | None:
    """Return the place in the massage (step and part) that a question is about; None if the question is about
    the whole massage.

    `about` is a step's id, "this", "next", "previous" or "all", if the handbook's `words.means` says what the
    message is about; else None.
    """
    situation, last = utterance.situation, utterance.situation.session.asked
    if beside := _beside(utterance):
        return beside
    follows = utterance.words[:1] in (["and"], ["then"], ["n"])
    base = last.place if follows and last and last.place else situation.massage.place
    if utterance.words[:2] in AND_NEXT:
        return situation.after(base)
    match about or _named(utterance, "this", "next", "previous", *["all"] * (ask in OF_ALL)):
        case "all":
            return None
        case "next":
            return situation.after(base)
        case "previous":
            return situation.before(base)
        case str(name) if step := _number_of(name, situation):
            return situation.of(step)
        case _:
            return base


def step_meant(about: str | None, utterance: Utterance) -> int | None:
    """Return the number of the step that a message asks to go to; None if the message names no step.

    The routine may not have a step with that number. `about` is a step's id if the handbook's `words.means`
    gives an id; else None.
    """
    number = None if about else _numbered(utterance.words, len(utterance.situation.routine.steps))
    return number or _number_of(about or _named(utterance), utterance.situation)


def step_called(words: list[str], situation: Situation) -> int | None:
    """Return the number of the step whose id, name or other name is in the message; None if there is none."""
    names = PhraseMatcher({step.id: _names(step) for step in situation.routine.steps})
    return _number_of(names.first(words), situation)


def number(word: str) -> int | None:
    """Return the value of a number such as "3" or "three". Return None if the word is no number, is longer
    than two digits, or names a number above twelve.
    """
    if word.isdecimal() and len(word) < 3:
        return int(word)
    return NUMBERS.index(word) + 1 if word in NUMBERS else None


def _beside(utterance: Utterance) -> Place | None:
    """Return the place of the step before or after a step that the message names, as in "what comes after the
    thumbs". Return None if the message asks for no such step.
    """
    last = len(utterance.situation.routine.steps)
    for beside, *names in (utterance.words[at : at + 4] for at in range(len(utterance.words))):
        if beside in ("after", "before"):
            named = _numbered(names, last) or step_called(names, utterance.situation)
            other = (named or 0) + (1 if beside == "after" else -1)
            return utterance.situation.of(other) if named and 1 <= other <= last else None
    return None


def _named(utterance: Utterance, *else_: str) -> str | None:
    """Return the id of the step that a message refers to; or one of `else_`, if the classifier finds that
    more likely.

    If the message contains the number of a step, that step is the result. Otherwise, the name of a step that
    the classifier was not trained on is looked for. If there is no such name, the classifier decides.
    """
    steps = utterance.situation.routine.steps
    numbered = _numbered(utterance.words, len(steps))
    if numbered and numbered <= len(steps):
        return steps[numbered - 1].id
    unseen = {step.id: _names(step) for step in steps if step.id not in utterance.reading.about}
    return PhraseMatcher(unseen).first(utterance.words) or utterance.about(
        [*else_, *(step.id for step in steps)]
    )


def _number_of(name: str | None, situation: Situation) -> int | None:
    """Return the number, counted from 1, of the step with the id `name`; None if there is no such step."""
    return next((n for n, step in enumerate(situation.routine.steps, 1) if step.id == name), None)


def _names(step: Step) -> list[str]:
    return [step.name, step.id, *step.called]


def _numbered(words: list[str], last: int) -> int | None:
    """Return the step number in words such as "step five", "the fifth one" or "third to last"; None if there
    is no number.

    `last` is the number of the routine's last step. The result can be a number that no step of the routine
    has.
    """
    for one, two in pairwise(words):
        found = (
            number(two)
            if one in STEP_WORDS
            else _ordinal(one)
            if two in STEP_WORDS | {"one", "bit"}
            else None
        )
        if found is None and two in ("last", "to", "from") and "last" in words + ["end"] * (two == "from"):
            from_end = _ordinal(one)
            found = last - from_end + 1 if from_end else None
        if found and found >= 1:
            return found
    return None


def _ordinal(word: str) -> int | None:
    if word in ORDINALS:
        return ORDINALS.index(word) + 1
    return number(word[:-2]) if word.endswith(("st", "nd", "rd", "th")) else None
