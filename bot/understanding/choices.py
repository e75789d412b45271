"""Find out what a message chooses: a routine, a length, a side, and what a switch on the start card can do.

Every id in an event that this module returns exists in the library. It must not depend on the classifier.
"""

import re

from bot.routine.model import Library
from bot.session import events as ev
from bot.session.places import knot_at
from bot.session.state import Finished, Idle, Preparing, Talk
from bot.understanding import said
from bot.understanding.utterance import Situation

SWITCHES: dict[str, ev.Event] = {
    "timer on": ev.TimerSwitched(on=True),
    "timer off": ev.TimerSwitched(on=False),
    "read-aloud on": ev.ReadAloudChosen(on=True),
    "read-aloud off": ev.ReadAloudChosen(on=False),
    "coaching brief": ev.TalkChosen(talk=Talk.BRIEF),
    "coaching full": ev.TalkChosen(talk=Talk.FULL),
    "coaching detail": ev.TalkChosen(talk=Talk.FULL),
    "swap": ev.SwapAsked(),
    "track": ev.TrackAsked(),
}
"""The events of those labels that mean the same for every routine."""
OF_THE_CARD = {"longest", "shortest", "another-routine", "coaching detail", "read-aloud on", "read-aloud off"}
"""Labels that mean something else, or nothing, in the middle of a massage."""
LABELS = {*SWITCHES, *OF_THE_CARD}
MEANINGS = {label.partition(" ")[0] for label in LABELS}
"""The labels without what they are about."""


def switched(label: str, situation: Situation, library: Library) -> ev.Event | None:
    """Return the event for one of LABELS; None if it means nothing in this state."""
    before = isinstance(situation.session.state, Idle | Preparing | Finished)
    if label == "swap" and not isinstance(situation.session.state, Finished):
        return None
    if label in OF_THE_CARD and not before:
        return None
    match label:
        case "longest":
            return ev.LengthChosen(length=int(max(situation.routine.lengths)))
        case "shortest":
            return ev.LengthChosen(length=int(min(situation.routine.lengths)))
        case "another-routine":
            others = [*library.routines, *library.routines]
            return ev.RoutineChosen(routine=others[others.index(situation.routine.id) + 1])
        case _:
            return SWITCHES.get(label)


def chosen(text: str, situation: Situation, library: Library, *, asks: bool) -> ev.Event | None:
    """Return the event if a message chooses a routine, a length or a side; else None.

    `text` is as `said.normal` returns it. `asks` is true if it has a question mark.
    """
    if situation.under_way:
        side = None if asks else said.side_in(text)
        return ev.SideChosen(side=side) if side else None
    if not isinstance(situation.session.state, Idle | Preparing | Finished):
        return None
    if side := None if asks else said.side_chosen(text):
        return ev.SideChosen(side=side)
    return _length(text, situation, asks=asks) or _routine(text, situation, library, asks=asks)


def _length(text: str, situation: Situation, *, asks: bool) -> ev.Event | None:
    found = said.minutes_in(text)
    if not found or (asks and not said.begins_with_choice(text)):
        return None
    minutes, sure = found
    preparing = isinstance(situation.session.state, Preparing) and not situation.screening
    meant = sure or (preparing and (60 * minutes in situation.routine.lengths or text.isdecimal()))
    return ev.LengthChosen(length=60 * minutes) if meant else None


def _routine(text: str, situation: Situation, library: Library, *, asks: bool) -> ev.Event | None:
    """Return the event if a message names a routine. While that routine is being prepared already, show its
    start card.
    """
    for routine in library.routines.values():
        names = {said.normal(name) for name in (routine.name, routine.id, *routine.called)}
        plain = {*said.normal(routine.name).split(), *(name for name in names if " " in name)} - {
            "and",
            "massage",
        }
        if said.names_one_of(names, plain, text) and not (asks and not said.begins_with_choice(text)):
            same = routine.id == situation.routine.id and isinstance(situation.session.state, Preparing)
            if same:
                return None if re.search(r"\b(?:start|begin)\b", text) else ev.Started()
            return ev.RoutineChosen(routine=routine.id)
    return None


NO_SPOT = re.compile(r"\bleft\b.*\bright\b|\bright\b.*\bleft\b")
"""Matches a message that names both sides, and so no single spot."""


def retracted(text: str, situation: Situation) -> ev.Event | None:
    """Return the event if a message says that there is no knot at a spot after all; else None.

    If it does not say which spot, it means the only one that is marked; if several are, the grid is shown.
    """
    if not situation.under_way or not said.retracts_knot(text):
        return None
    marked = [knot.spot for knot in situation.massage.knots]
    if (spot := said.spot_in(text)) and not NO_SPOT.search(text):
        return ev.KnotRetracted(spot=spot)
    if not marked or knot_at(situation.massage, situation.routine):
        return None
    return ev.KnotRetracted(spot=marked[0]) if len(marked) == 1 else ev.KnotsAsked()
