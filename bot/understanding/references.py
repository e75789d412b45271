"""Find out which step or part of a routine a message is about: by number, name, neighbour, or classifier.

A number may name a step that the routine does not have; the session refuses it. Must never move a session.
"""

from itertools import pairwise

from bot.routine.model import Step
from bot.session.state import Ask, Place
from bot.understanding.phrases import PhraseMatcher
from bot.understanding.utterance import OF_ALL, Situation, Utterance

AND_NEXT = (["and", "then"], ["and", "next"], ["and", "after"])
"""First words of a question that goes on from the part last asked about to the one after it."""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
STEP_WORDS = {"step", "number", "part", "stage", "no"}


def place_meant(ask: Ask, about: str | None, utterance: Utterance) -> Place | None:
    """Return the part that a question is about; None for the whole massage.

    `about` is the name of a step, or "this", "next", "previous" or "all", if an author's label gives it.
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
    """Return the number of the step to go to, which may not exist; None if the message names none."""
    number = None if about else _numbered(utterance.words, len(utterance.situation.routine.steps))
    return number or _number_of(about or _named(utterance), utterance.situation)


def step_called(words: list[str], situation: Situation) -> int | None:
    """Return the number of the step whose name, id or nickname is in the message; None if there is none."""
    names = PhraseMatcher({step.id: _names(step) for step in situation.routine.steps})
    return _number_of(names.first(words), situation)


def number(word: str) -> int | None:
    """Return the number written as "3" or "three"; None for any other word."""
    if word.isdecimal() and len(word) < 3:
        return int(word)
    return NUMBERS.index(word) + 1 if word in NUMBERS else None


def _beside(utterance: Utterance) -> Place | None:
    """Return the step after or before one that is named: "what comes after the thumbs"."""
    last = len(utterance.situation.routine.steps)
    for beside, *names in (utterance.words[at : at + 4] for at in range(len(utterance.words))):
        if beside in ("after", "before"):
            named = _numbered(names, last) or step_called(names, utterance.situation)
            other = (named or 0) + (1 if beside == "after" else -1)
            return utterance.situation.of(other) if named and 1 <= other <= last else None
    return None


def _named(utterance: Utterance, *else_: str) -> str | None:
    """Return the id of the step that is meant, or one of `else_` if the classifier finds that likelier.

    A number comes first, then the name of a step that the classifier has never seen, then the classifier.
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
    """Return the number of the step with this id, from 1; None if there is none."""
    return next((n for n, step in enumerate(situation.routine.steps, 1) if step.id == name), None)


def _names(step: Step) -> list[str]:
    return [step.name, step.id, *step.called]


def _numbered(words: list[str], last: int) -> int | None:
    """Return the number in "step five", "the fifth one" or "third to last"; there may be no such step."""
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
