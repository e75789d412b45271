"""Which buttons stand under a message, by where the session is. Pure; sends nothing.

The words on the buttons are fixed: people, scripts and docs rely on them.
"""

from collections.abc import Iterable
from typing import TypeVar

from bot.routine.durations import spell
from bot.routine.model import Library, Routine, Stance, Tone
from bot.session import events as ev
from bot.session.places import knot_at
from bot.session.state import Finished, Idle, Listening, Massage, Paused, Preparing, Reason, Running, Session
from bot.wording.messages import Button, Keyboard, Style, button

GRID_COLUMNS = 3
T = TypeVar("T")


def controls(session: Session, routine: Routine, *, more: bool = False) -> Keyboard:
    """The buttons that fit where the session is now; `more` opens the second drawer."""
    match session.state:
        case Idle():
            return ()
        case Finished():
            return ((button("Another massage", ev.Started(session.revision), "primary"),),)
        case Listening():
            stop = button("Stop", ev.StopAsked(session.revision), "danger")
            return ((stop, button("Another massage", ev.Started(session.revision))),)
        case Preparing(screening=screening):
            return _screening(session.revision) if screening else _ready(session.revision)
        case Paused(reason=reason) if reason in QUESTIONS:
            answers = QUESTIONS[reason]
            return (tuple(button(text, event(session.revision), style) for text, event, style in answers),)
        case Running(massage=massage) | Paused(massage=massage):
            return _under_way(session, massage, routine, more)


def card(session: Session, library: Library, *, voice: bool = False) -> Keyboard:
    """Begin and the choices; a tap on a choice changes it in place to the next there is."""
    routine = library.routines[session.choices.routine]
    revision = session.revision
    lengths = [int(length) for length in routine.lengths]
    length, side = int(session.choices.length), session.choices.side
    choices = []
    if len(lengths) > 1:
        choices.append(button(spell(length), ev.LengthChosen(revision, _after(length, lengths))))
    if routine.stance is Stance.BESIDE:
        choices.append(button(f"I stand: {side}", ev.SideChosen(revision, side.other)))
    rows = [*(_heard(session) if voice else _ready(revision)), tuple(choices)]
    tone = session.choices.tone
    skin = button(f"Drawn skin: {tone}", ev.ToneChosen(revision, _after(tone, list(Tone))))
    if len(library.routines) > 1:
        other = _after(routine.id, list(library.routines))
        rows.append((button("Another routine", ev.RoutineChosen(revision, other)), skin))
    else:
        rows.append((skin,))
    return tuple(row for row in rows if row)


def checklist(session: Session, routine: Routine) -> Keyboard:
    """A row for each thing to tick, then the way on."""
    rows = []
    for number, item in enumerate(routine.checklist):
        on = number in session.ticked
        rows.append((button(f"{'☑' if on else '☐'} {item.name}", ev.ItemTicked(item=number, on=not on)),))
    if session.state == Preparing():
        return (*rows, (_begin(session.revision),))
    return (*rows, *controls(session, routine))


def grid(session: Session, massage: Massage, library: Library) -> Keyboard:
    """The 3x3 grid of the back, what is marked filled, then Done and the way on."""
    marked = {knot.spot for knot in massage.knots}
    cells = [
        button(
            f"{'●' if spot in marked else '○'} {names.name}",
            ev.SpotMarked(run=massage.run, spot=spot, on=spot not in marked),
        )
        for spot, names in library.handbook.spots.items()
    ]
    done = button("Done", ev.GridClosed(), "success")
    return (*_rows(cells, GRID_COLUMNS), (done, *_pace(session)))


def yes_no(yes: Button, no: Button) -> Keyboard:
    return ((yes, no),)


def forget(session: Session, routine: Routine) -> Keyboard:
    """The question; in the middle of a massage its controls too."""
    yes = button("Yes, forget me", ev.ForgetConfirmed(session.revision), "danger")
    under_way = isinstance(session.state, Running | Paused | Listening)
    question = yes_no(yes, button("Keep it", ev.ForgetDeclined(session.revision)))
    return (*question, *(controls(session, routine) if under_way else ()))


def _ready(revision: int) -> Keyboard:
    return ((_begin(revision), button("Prep checklist", ev.ChecklistAsked(revision))),)


def _heard(session: Session) -> Keyboard:
    """What stands first where there is a voice."""
    revision, aloud = session.revision, session.choices.aloud
    checklist = button("Prep checklist", ev.ChecklistAsked(revision))
    read = button(f"Read aloud: {'on' if aloud else 'off'}", ev.AloudChosen(revision, not aloud))
    return ((_begin(revision), button("Guided track", ev.TrackAsked(revision))), (checklist, read))


def _begin(revision: int) -> Button:
    return button("Begin", ev.Began(revision), "success")


def _screening(revision: int) -> Keyboard:
    return yes_no(
        button("None of these", ev.ScreenedClear(revision), "success"),
        button("Not today", ev.ScreenedOut(revision)),
    )


QUESTIONS: dict[Reason, tuple[tuple[str, type[ev.Event], Style], ...]] = {
    Reason.PAIN: (
        ("Resume lighter", ev.ResumeAsked, "primary"),
        ("Stop", ev.StopConfirmed, "danger"),
    ),
    Reason.STOPPING: (("Resume", ev.ResumeAsked, "primary"), ("Stop", ev.StopConfirmed, "danger")),
    Reason.RESTARTING: (("Resume", ev.ResumeAsked, "primary"), ("Start over", ev.StartedOver, "danger")),
}
"""The answers offered where a pause asks something."""


def _pace(session: Session) -> tuple[Button, ...]:
    """Pause or Resume, and Next."""
    revision = session.revision
    if isinstance(session.state, Paused):
        first = button("Resume", ev.ResumeAsked(revision), "success")
    else:
        first = button("Pause", ev.PauseAsked(revision))
    return (first, button("Next", ev.NextAsked(revision), "primary"))


def _under_way(session: Session, massage: Massage, routine: Routine, more: bool) -> Keyboard:
    revision = session.revision
    drawer = button("Less", ev.MoreClosed(revision)) if more else button("More", ev.MoreOpened(revision))
    low = (button("Back", ev.BackAsked(revision)), button("Again", ev.AgainAsked(revision)), drawer)
    rows = [_knot_row(revision, massage, routine), _pace(session), low]
    return tuple(row for row in [*rows, *(_drawer(revision, massage) if more else ())] if row)


def _knot_row(revision: int, massage: Massage, routine: Routine) -> tuple[Button, ...]:
    if knot_at(massage, routine):
        eased = button("Eased", ev.KnotEased(revision), "success")
        return (eased, button("Still tight", ev.KnotStayedTight(revision)))
    if routine.steps[massage.place.step - 1].asks_for_knots:
        return (button("Found a knot", ev.KnotsAsked(revision)),)
    return ()


def _drawer(revision: int, massage: Massage) -> Keyboard:
    timer = button(
        f"Timer: {'on' if massage.timer else 'off'}", ev.TimerSwitched(revision, not massage.timer)
    )
    return (
        (button("+30 s", ev.MoreTimeAsked(revision)), button("Skip step", ev.SkipAsked(revision))),
        (button("Found a knot", ev.KnotsAsked(revision)), timer),
        (button("Stop", ev.StopAsked(revision), "danger"),),
    )


def _after(chosen: T, of: list[T]) -> T:
    return of[(of.index(chosen) + 1) % len(of)] if chosen in of else of[0]


def _rows(buttons: Iterable[Button], columns: int) -> Keyboard:
    rest = tuple(buttons)
    return tuple(rest[start : start + columns] for start in range(0, len(rest), columns))
