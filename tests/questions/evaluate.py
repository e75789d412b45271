"""Measure how well messages are understood.

    python -m tests.questions.evaluate [development] [held-out] [--texts]

Prints how many messages of each kind are understood, which meanings are confused, and the time for one
message. The labelled messages are in the files beside this script, in two halves; the classifier was not
trained on either. Texts of the held-out half are never shown, only their labels.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import yaml

from bot.routine.loading import SHIPPED, load
from bot.routine.model import Library, Routine, Side, parts
from bot.session import events as ev
from bot.session.events import HIGH_SCORE, PAIN_SCORE
from bot.session.state import (
    Ask,
    Choices,
    Finished,
    Massage,
    Paused,
    Place,
    Preparing,
    Question,
    Reason,
    Running,
    Session,
    Waiting,
)
from bot.understanding.classifier import classifier
from bot.understanding.interpreter import COMMAND_EVENTS, DIZZY, WANTED, Interpreter
from bot.understanding.utterance import OF_A_STEP, Situation

HERE = Path(__file__).parent
LEARN = tuple(sorted((HERE / "learn").glob("*.yaml")))
"""The files that the classifier is trained on."""
DEVELOPMENT = (HERE / "development.yaml", HERE / "development-pain.yaml")
"""Files that were looked at during development. The classifier is not trained on them."""
HELD_OUT = (HERE / "held-out.yaml", HERE / "held-out-pain.yaml")
"""Files that nobody looked at, and that the classifier is not trained on. Their figures are the ones that
count.
"""
LEARNT = HERE / "learnt.json"
"""Records, for each file of weights, which messages the weights were trained on."""
HALVES = {"development": DEVELOPMENT, "held-out": HELD_OUT}
FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KINDS = ("pain", "safety", "command", "question", "talk", "outside")
ABOUT = {"goto", "knot", Ask.WORD, Ask.INSTEAD, Ask.MAY_PRESS}
"""Meanings whose label names a thing, in addition to the meanings in `OF_A_STEP`."""
NAMES: dict[type[ev.Event], str] = {
    **{event: name for name, event in COMMAND_EVENTS.items()},
    ev.Began: "start",
    ev.Unclear: "outside",
    ev.Chatted: "talk",
    ev.PainReported: "pain",
    ev.EmergencyReported: "pain",
    ev.UnsafeReported: "pain",
    ev.HealthTold: "safety",
    ev.YoungTold: "safety",
    ev.KnotsAsked: "knot",
}


@dataclass(frozen=True)
class Message:
    """A labelled message.

    Each of `means` is a correct reading. `after` is the message that the person wrote just before, if any.
    """

    text: str
    means: tuple[str, ...]
    session: Session
    after: str = ""

    @property
    def kind(self) -> str:
        return kind(self.means[0])


def kind(meaning: str) -> str:
    first = meaning.split()[0]
    if first in ("pain", "ache"):
        return "pain"
    if first in ("safety", "talk", "outside"):
        return first
    return "command" if first in WANTED else "question"


def messages(paths: tuple[Path, ...], library: Library) -> Iterator[Message]:
    for path in paths:
        for group in yaml.load(path.read_text("utf-8"), FAST_LOADER):
            means = group["means"] if isinstance(group["means"], list) else [group["means"]]
            for text in group["say"]:
                told = str(group.get("asked", ""))
                yield Message(
                    str(text),
                    tuple(means),
                    asked(session(group, library), told, library),
                    group.get("after", ""),
                )


def asked(session: Session, told: str, library: Library) -> Session:
    """Return the session with the question that was asked just before, if the label `told` names one."""
    if not told:
        return session
    name, about = label(told)
    if Ask(name) not in OF_A_STEP:
        return replace(session, asked=Question(Ask(name), about="" if about == "-" else about))
    place = place_of(about, Situation(session, library.routines[session.choices.routine]))
    return replace(session, asked=Question(Ask(name), place))


def label(meaning: str) -> tuple[str, str]:
    """Return a label's meaning, and what the meaning is about: "-" if it is about nothing."""
    name, _, about = meaning.partition(" ")
    if name == "safety" and about:
        return Ask.MAY_PRESS, about
    if name in OF_A_STEP:
        return name, about or "this"
    return name, about if about and name in ABOUT else "-"


def here(message: Message, library: Library) -> Situation:
    return Situation(message.session, library.routines[message.session.choices.routine])


def digests(weights: Path) -> dict[str, str]:
    """Return the SHA-256 digests of a file of weights, and of all the messages that the weights are trained
    on.
    """
    learnt_from = b"".join(path.read_bytes() for path in LEARN)
    return {"weights": sha256(weights.read_bytes()).hexdigest(), "messages": sha256(learnt_from).hexdigest()}


def note_learnt(weights: Path) -> None:
    """Record which messages the weights were trained on. A test compares this record with the files."""
    noted = json.loads(LEARNT.read_text("utf-8")) if LEARNT.exists() else {}
    LEARNT.write_text(json.dumps(noted | {weights.name: digests(weights)}, indent=2) + "\n", "utf-8")


def session(group: dict[str, object], library: Library) -> Session:
    """Return the session that a group of messages describes, as far as the meaning of a message depends on
    the session.

    Raises ValueError if the group's `at` is not known.
    """
    routine = library.routines[str(group.get("routine", "back"))]
    side = Side(str(group.get("side", "left")))
    fresh = replace(Session.fresh(1, routine, 0.0), choices=Choices(routine.id, routine.total_time, side))
    match str(group.get("at", 3)).split():
        case ["before"]:
            return fresh
        case ["prep"]:
            return fresh.moved(Preparing())
        case ["finished"]:
            return fresh.moved(Finished(1500.0, len(routine.steps), (), stopped=False))
        case ["paused", step]:
            return fresh.moved(Paused(Massage(1, side, own(routine, int(step))), 60.0, 0.0, Reason.ASKED))
        case [step, *other]:
            place = replace(own(routine, int(step)), part=len(other)) if other else own(routine, int(step))
            massage = Massage(1, side.other if other else side, place)
            return fresh.moved(Running(massage, Waiting(0.0, 60.0)))
    raise ValueError(group)


def own(routine: Routine, step: int) -> Place:
    """Return the place of a step's own stroke, after the strokes that the step repeats."""
    stroke = routine.steps[step - 1]
    return Place(step, [part.step for part in parts(routine, step)].index(stroke))


def understood(message: Message, ear: Interpreter) -> ev.Event:
    session = message.session
    if message.after:
        before = ear.understand(message.after, session)
        if isinstance(before, ev.Asked):
            session = replace(session, asked=before.question)
    return ear.understand(message.text, session)


def said(event: ev.Event, here: Situation) -> str:
    """Return an event as a label, with the step by name."""
    if type(event) in NAMES:
        return NAMES[type(event)]
    match event:
        case ev.PressureRated(score=score):
            return "pain" if score >= PAIN_SCORE else "lighter" if score >= HIGH_SCORE else "talk"
        case ev.StepChosen(step=step):
            return f"goto {here.routine.steps[step - 1].id}"
        case ev.KnotReported(spot=spot):
            return f"knot {spot}"
        case ev.Asked(question=Question(ask=Ask.MAY_PRESS, about=about)):
            return f"safety {about}"
        case ev.Asked(question=Question(ask=Ask.WORD | Ask.INSTEAD as ask, about=about)):
            return f"{ask} {about}"
        case ev.Asked(question=Question(ask=ask, place=place)) if ask in OF_A_STEP:
            return f"{ask} {_spelt(place, here)}"
        case ev.Asked(question=Question(ask=ask)):
            return ask
        case _:
            return type(event).__name__


def expected(meaning: str, here: Situation) -> str:
    """Return a label in the form that `said` returns, with the step by name."""
    name, _, about = meaning.partition(" ")
    if name == "skip":
        steps = here.routine.steps
        return f"goto {steps[min(here.massage.place.step + int(about), len(steps)) - 1].id}"
    if name not in OF_A_STEP:
        return meaning
    return f"{name} {_spelt(place_of(about, here), here)}"


def place_of(about: str, here: Situation) -> Place | None:
    """Return the part that a label names; None for the whole massage."""
    places = {
        "": here.massage.place,
        "this": here.massage.place,
        "all": None,
        "next": here.after(here.massage.place),
        "previous": here.before(here.massage.place),
    }
    if about in places:
        return places[about]
    return here.of(next(n for n, step in enumerate(here.routine.steps, 1) if step.id == about))


def _spelt(place: Place | None, here: Situation) -> str:
    return "all" if place is None else f"{here.routine.steps[place.step - 1].id}/{place.part}"


@dataclass
class Tally:
    right: Counter[str]
    total: Counter[str]
    mixed: Counter[tuple[str, str]]
    missed: list[tuple[Message, str]]
    commanded: int = 0


def is_dizzy(event: ev.Event) -> bool:
    """Return whether an event is about dizziness, which is labelled as pain or as a health matter, depending
    on the message. Either way, the hands stop at once.
    """
    return isinstance(event, ev.HealthTold) and event.condition == DIZZY


def tally(paths: tuple[Path, ...], library: Library, ear: Interpreter) -> Tally:
    result = Tally(Counter(), Counter(), Counter(), [])
    for message in messages(paths, library):
        here = Situation(message.session, library.routines[message.session.choices.routine])
        event = understood(message, ear)
        means = said(event, here)
        acceptable = {means, "pain"} if is_dizzy(event) else {means}
        result.total[message.kind] += 1
        if not acceptable.isdisjoint(expected(meaning, here) for meaning in message.means):
            result.right[message.kind] += 1
        else:
            result.mixed[message.means[0], means] += 1
            result.missed.append((message, means))
            result.commanded += message.kind == "question" and kind(means) == "command"
    return result


def timed(library: Library, ear: Interpreter, paths: tuple[Path, ...]) -> list[float]:
    times = []
    for message in messages(paths, library):
        began = time.thread_time()
        ear.understand(message.text, message.session)
        times.append(1000 * (time.thread_time() - began))
    return sorted(times)


def report(name: str, result: Tally, texts: bool) -> None:
    whole = sum(result.total.values())
    print(f"{name}: {sum(result.right.values())}/{whole} = {sum(result.right.values()) / whole:.1%}")
    for each in KINDS:
        right, total = result.right[each], result.total[each]
        if total:
            print(f"  {each:9}{right:4}/{total:<4}{right / total:.1%}")
    print(f"  questions taken for commands: {result.commanded}")
    if texts:
        for message, means in result.missed:
            print(f"    {' | '.join(message.means)} -> {means}: {message.text}")
        return
    for (label, means), times in result.mixed.most_common():
        print(f"    {times} x {label} -> {means}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "half", nargs="*", choices=[*HALVES, []], default=[], help="the halves to measure; both by default"
    )
    parser.add_argument(
        "--texts", action="store_true", help="show the misunderstood messages of the development half"
    )
    options = parser.parse_args()
    began = time.perf_counter()
    library = load(SHIPPED)
    loaded = time.perf_counter()
    ear = Interpreter(library)
    classifier()
    print(f"start-up: routines {loaded - began:.2f} s, reader {time.perf_counter() - loaded:.2f} s")
    for half in options.half or HALVES:
        report(half, tally(HALVES[half], library, ear), options.texts and half == "development")
    times = timed(library, ear, DEVELOPMENT)
    print(f"one message: p50 {times[len(times) // 2]:.1f} ms, p99 {times[int(len(times) * 0.99)]:.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
