"""Everything that the coach can truly say in answer to a question, as small sentences with addresses.

Most facts are sentences of the routine and the handbook, so a new routine brings its own. The others come
from the massage under way: how much time is left, which side is next. This module must never decide which
fact answers a message.

    python -m learning.facts back

prints the facts about a routine, and those of the handbook, as the labellers of the conversations read them.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from bot.routine import loading
from bot.routine.durations import spell
from bot.routine.model import Handbook, Item, Library, Routine, Step, Technique
from bot.wording.text import join_names, plural, upper_first


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence, or a few short ones, that the coach can say as an answer.

    `address` names the place that the fact comes from, such as "step.forearms.tip". It stays the same as long
    as that place exists, whatever it says. `about` says in plain words what the fact is about. `say` is
    Telegram's HTML. `asked` are ways in which people ask for it. `yes` is the answer if people ask it as a
    yes-or-no question, or None if the fact does not settle that.
    """

    address: str
    about: str
    say: str
    asked: tuple[str, ...] = ()
    yes: bool | None = None


def facts_of(library: Library, routine: Routine) -> tuple[Fact, ...]:
    """Return all facts that hold whether a massage is under way or not."""
    return (*handbook_facts(library.handbook), *routine_facts(routine, library.handbook))


# --- The handbook --------------------------------------------------------------------------------


def handbook_facts(handbook: Handbook) -> Iterator[Fact]:
    safety = handbook.safety
    yield Fact("safety.disclaimer", "whether this is a treatment", escape(safety.disclaimer))
    yield Fact("safety.adults", "how old people must be", escape(safety.adults))
    yield Fact("safety.agreement", "what to agree on before the massage", escape(safety.agreement))
    yield Fact("safety.check-in", "how to ask the receiver about the pressure", escape(safety.check_in))
    yield Fact("safety.reading", "what a held breath or hard muscles mean", escape(safety.reading))
    yield Fact("safety.stop-signs", "when to stop or go lighter", escape(safety.stop_signs))
    yield Fact("safety.pain", "what to do if something hurts", escape(safety.pain))
    for number, line in enumerate(safety.posture, 1):
        yield Fact(f"safety.posture.{number}", "how the giver stands and moves", escape(line))
    for place, no_press in handbook.no_press.items():
        say = f"Keep off {escape(no_press.name)}. {escape(no_press.why)}"
        yield Fact(f"keep-off.{place}", f"whether to press on {no_press.name}, and why not", say, yes=False)
    for shape, hands in handbook.hand_shapes.items():
        yield Fact(f"hands.{shape}", f"how to use {hands.name}", escape(hands.how))
    for stroke, meaning in handbook.strokes.items():
        yield Fact(f"term.{stroke}", f"what {stroke} means", f"{upper_first(stroke)}: {escape(meaning)}")
    for spot, cell in handbook.spots.items():
        yield Fact(
            f"spot.{spot}",
            f"how to massage a knot at the {cell.name}",
            f"{escape(cell.cue)}. {escape(cell.how)}",
        )
    for name, situation in handbook.situations.items():
        yield Fact(
            f"situation.{name}", situation.about, escape(situation.say), situation.asked, situation.yes
        )


# --- A routine -----------------------------------------------------------------------------------


def routine_facts(routine: Routine, handbook: Handbook) -> Iterator[Fact]:
    lengths = join_names([spell(length) for length in routine.lengths], "or")
    names = escape(join_names([step.name.lower() for step in routine.steps]))
    steps = plural(len(routine.steps), "step")
    yield Fact("routine.description", f"what the {routine.name.lower()} is", escape(routine.description))
    yield Fact("routine.lengths", "how long the massage can be", f"It takes {lengths}, as you choose.")
    yield Fact("routine.steps", "what the steps are, and how many", f"{upper_first(steps)}: {names}.")
    yield Fact("routine.prep-time", "how long the preparation takes", f"About {spell(routine.prep_time)}.")
    yield Fact("routine.needed", "what is needed", _needed(routine))
    for term, meaning in routine.terms.items():
        yield Fact(f"term.{term}", f"what {term} means", f"{upper_first(term)}: {escape(meaning)}")
    for kind, items in (("checklist", routine.checklist), ("supply", routine.supply), ("tool", routine.tool)):
        for number, item in enumerate(items, 1):
            yield from _item(f"{kind}.{number}", item)
    for number, sentence in enumerate(routine.aftercare, 1):
        yield Fact(f"aftercare.{number}", "what to do after the massage", escape(sentence))
    for step in routine.steps:
        yield from step_facts(step, handbook)


def _needed(routine: Routine) -> str:
    names = [item.name.lower() for item in (*routine.supply, *routine.tool)]
    needed = f"{upper_first(escape(join_names(list(dict.fromkeys(names)))))}. " if names else ""
    return f"{needed}/checklist lists everything to prepare."


def _item(address: str, item: Item) -> Iterator[Fact]:
    name = item.name.lower()
    if item.why:
        yield Fact(f"{address}.why", f"why {name}", escape(item.why))
    if item.instead:
        yield Fact(f"{address}.instead", f"what to use or do instead of {name}", escape(item.instead))


def step_facts(step: Step, handbook: Handbook) -> Iterator[Fact]:
    """Yield what a step says. What depends on the moment, such as its side, is not among it."""

    def fact(field: str, about: str, say: str) -> Fact:
        return Fact(f"step.{step.id}.{field}", about, escape(say))

    yield fact("cue", "what to do, in short", f"{step.cue}.")
    for number, sentence in enumerate(step.direction, 1):
        yield fact(f"direction.{number}", "how to do it", sentence)
    yield fact("why", "why, what it is good for", step.why)
    yield fact("tip", "a tip", step.tip)
    yield fact("transition", "how to go on from it", step.transition)
    if step.repeats:
        names = join_names([repeat.step.replace("-", " ") for repeat in step.repeats])
        yield fact("repeats", "what is repeated first", f"First come {names} again, shorter.")
    if step.each_knot:
        for number, sentence in enumerate(step.each_knot.direction, 1):
            yield fact(f"each-knot.{number}", "what to do on each knot", sentence)
        least, most = spell(step.each_knot.least), spell(step.each_knot.most)
        yield fact("each-knot.time", "how long on one knot", f"{upper_first(least)} to {most} on each knot.")
    if step.technique:
        yield from _technique_facts(fact, step.technique, handbook)


def _technique_facts(
    fact: Callable[[str, str, str], Fact], technique: Technique, handbook: Handbook
) -> Iterator[Fact]:
    zones, where = handbook.zones, technique.where
    begins, ends = zones[where.start].name, zones[where.end].name
    path = f"On the {begins}." if begins == ends else f"From the {begins} to the {ends}."
    keep_off = join_names([handbook.no_press[place].name for place in technique.no_press])
    yield fact(
        "hands", "which part of the hand or arm", f"With {handbook.hand_shapes[technique.hand_shape].name}."
    )
    yield fact("where", "where it begins and ends", path)
    yield fact("motion", "how the hands move", f"{upper_first(technique.motion)}.")
    yield fact("pace", "how fast", f"{upper_first(technique.pace)}.")
    yield fact("stroke", "what the stroke is called", f"It is called {technique.stroke}.")
    yield fact("landmark", "what to feel for, how to know the place", technique.landmark)
    yield fact("keep-off", "what to keep off", f"Keep off {keep_off}.")
    yield fact("right", "how it should feel", technique.feels_right)
    yield fact("wrong", "how it feels when it is not right", technique.feels_wrong)
    yield fact("mistake", "what most people do wrong", technique.mistake)


NOW: dict[str, str] = {
    "time-left": "how long until the whole massage is over",
    "time-here": "how long this part still takes",
    "step": "which step this is, of how many",
    "side": "which side is worked now",
    "next": "what comes next",
    "before": "what came before",
    "part-time": "how long a part takes in all",
    "pressure": "how hard to press now",
    "stands": "where the giver stands",
    "knots": "which knots are marked, and when they are massaged",
    "worked": "how long the massage has been going",
    "length": "how long the massage is in all",
    "paused": "whether the massage is paused, and how to go on",
}
"""What the moment can tell: the last part of each address, with what it is about. The sentences need the
massage under way."""


def main(name: str) -> None:
    library = loading.load(loading.SHIPPED)
    for fact in facts_of(library, library.routines[name]):
        settled = "" if fact.yes is None else f" | yes/no: {'yes' if fact.yes else 'no'}"
        print(f"{fact.address} | {fact.about} | {fact.say}{settled}")
    for field, about in NOW.items():
        print(f"now.{field} | {about}")


if __name__ == "__main__":
    main(sys.argv[1])
