"""The buttons under a message. Which buttons there are depends on the state of the session.

Do not change the text of the buttons: people, scripts and documents rely on it. This module must never send
anything or decide what a tap does; that is decided by the event that each button carries.
"""

from collections.abc import Iterable
from typing import TypeVar

from bot.routine.durations import spell
from bot.routine.model import Library, Routine, Stance, Tone
from bot.session import events as ev
from bot.session.places import knot_at, part_at
from bot.session.state import (
    Finished,
    Idle,
    Listening,
    Massage,
    Paused,
    Preparing,
    Reason,
    Running,
    Session,
    Talk,
)
from bot.wording.messages import Button, Keyboard, Style, button

GRID_COLUMNS = 3
T = TypeVar("T")


def controls(session: Session, routine: Routine, *, more: bool = False) -> Keyboard:
    """Return the buttons that control the session in its current state.

    During a massage, some buttons are hidden behind a button called More. If `more` is true, they are shown
    too.
    """
    match session.state:
        case Idle():
            return ()
        case Finished():
            return (
                (
                    button("Swap places", ev.SwapAsked(session.revision)),
                    button("Another massage", ev.Started(session.revision), "primary"),
                ),
            )
        case Listening():
            stop = button("Stop", ev.StopAsked(session.revision), "danger")
            return ((stop, button("Another massage", ev.Started(session.revision))),)
        case Preparing(screening=True, told=told):
            return _screening(session.revision, told=told)
        case Preparing():
            return _ready(session.revision)
        case Paused(reason=reason) if reason in PAUSE_ANSWERS:
            answers = PAUSE_ANSWERS[reason]
            return (tuple(button(text, event(session.revision), style) for text, event, style in answers),)
        case Running(massage=massage) | Paused(massage=massage):
            return _under_way(session, massage, routine, more)


def card(session: Session, library: Library, *, voice: bool = False) -> Keyboard:
    """Return the buttons of the start card: Begin, the checklist, and one button for each choice, such as the
    length. A tap on the button of a choice selects the next value. `voice` is true if the coach can speak.
    """
    routine = library.routines[session.choices.routine]
    revision = session.revision
    lengths = [int(length) for length in routine.lengths]
    length, side = int(session.choices.length), session.choices.side
    choices = []
    if len(lengths) > 1:
        choices.append(button(spell(length), ev.LengthChosen(revision, _next_value(length, lengths))))
    if routine.stance is Stance.BESIDE:
        choices.append(button(f"I stand: {side}", ev.SideChosen(revision, side.other)))
    talk = session.choices.talk
    choices.append(button(f"Coaching: {talk}", ev.TalkChosen(revision, _next_value(talk, list(Talk)))))
    rows = [*(_ready_with_voice(session) if voice else _ready(revision)), tuple(choices)]
    tone = session.choices.tone
    skin = button(f"Skin in pictures: {tone}", ev.ToneChosen(revision, _next_value(tone, list(Tone))))
    if len(library.routines) > 1:
        other = _next_value(routine.id, list(library.routines))
        rows.append((button("Another routine", ev.RoutineChosen(revision, other)), skin))
    else:
        rows.append((skin,))
    return tuple(row for row in rows if row)


def checklist(session: Session, routine: Routine) -> Keyboard:
    """Return the buttons of the checklist: a row for each item, followed by Begin if a massage is about to
    begin, and otherwise by the controls.
    """
    rows = []
    for number, item in enumerate(routine.checklist):
        ticked = number in session.ticked
        text = f"{'☑' if ticked else '☐'} {item.name}"
        rows.append((button(text, ev.ItemTicked(item=number, on=not ticked)),))
    if session.state == Preparing():
        return (*rows, (_begin(session.revision),))
    return (*rows, *controls(session, routine))


def grid(session: Session, massage: Massage, library: Library) -> Keyboard:
    """Return the buttons of the grid for marking knots: one for each spot of the back, with a filled circle
    if the spot is marked. The last row is Done, Pause or Resume, and Next.
    """
    marked = {knot.spot for knot in massage.knots}
    cells = [
        button(
            f"{'●' if spot in marked else '○'} {names.name}",
            ev.SpotMarked(run=massage.run, spot=spot, on=spot not in marked),
        )
        for spot, names in library.handbook.spots.items()
    ]
    done = button("Done", ev.GridClosed(), "success")
    return (*_rows(cells, GRID_COLUMNS), (done, *_pause_and_next(session)))


def no_buttons(session: Session, routine: Routine) -> Keyboard:
    """Return no buttons, for a message after which nobody should be led on to a massage."""
    return ()


def forget(session: Session, routine: Routine) -> Keyboard:
    """Return the buttons that confirm or decline the deletion of everything the coach remembers. If a massage
    or a track is under way, the controls follow.
    """
    yes = button("Yes, forget me", ev.ForgetConfirmed(session.revision), "danger")
    under_way = isinstance(session.state, Running | Paused | Listening)
    no = button("Keep it", ev.ForgetDeclined(session.revision))
    return ((yes, no), *(controls(session, routine) if under_way else ()))


def _ready(revision: int) -> Keyboard:
    return ((_begin(revision), button("Prep checklist", ev.ChecklistAsked(revision))),)


def _ready_with_voice(session: Session) -> Keyboard:
    """Return the first two rows of the start card's buttons, if the coach can speak."""
    revision, aloud = session.revision, session.choices.aloud
    checklist = button("Prep checklist", ev.ChecklistAsked(revision))
    read = button(f"Read aloud: {'on' if aloud else 'off'}", ev.ReadAloudChosen(revision, not aloud))
    return ((_begin(revision), button("Guided track", ev.TrackAsked(revision))), (checklist, read))


def _begin(revision: int) -> Button:
    return button("Begin", ev.Began(revision), "success")


def _screening(revision: int, *, told: bool) -> Keyboard:
    """Return the buttons that answer the question about health. If somebody has told of a condition already,
    "None of these" is no answer any more.
    """
    none_of_these = button("None of these", ev.ScreenedClear(revision), "success")
    not_today = button("Not today", ev.ScreenedOut(revision))
    agreed = button("A doctor has said yes", ev.PermissionGiven(revision))
    return ((agreed,), (not_today,)) if told else ((none_of_these, not_today), (agreed,))


PAUSE_ANSWERS: dict[Reason, tuple[tuple[str, type[ev.Event], Style], ...]] = {
    Reason.PAIN: (
        ("Resume lighter", ev.ResumeAsked, "primary"),
        ("Stop", ev.StopConfirmed, "danger"),
    ),
    Reason.STOPPING: (("Resume", ev.ResumeAsked, "primary"), ("Stop", ev.StopConfirmed, "danger")),
    Reason.RESTARTING: (("Resume", ev.ResumeAsked, "primary"), ("Start over", ev.StartedOver, "danger")),
    Reason.TRACK: (("Resume", ev.ResumeAsked, "primary"), ("Play the track", ev.TrackConfirmed, "danger")),
    Reason.EMERGENCY: (
        ("We're all right", ev.EmergencyEnded, "primary"),
        ("Stop", ev.StopConfirmed, "danger"),
    ),
    Reason.ASK_FIRST: (
        ("A doctor has said yes", ev.PermissionGiven, "primary"),
        ("Stop", ev.StopConfirmed, "danger"),
    ),
    Reason.NOT_TODAY: (("Stop", ev.StopConfirmed, "danger"),),
    Reason.YOUNG: (
        ("A parent has said yes", ev.PermissionGiven, "primary"),
        ("Stop", ev.StopConfirmed, "danger"),
    ),
}
"""For each reason for a pause that comes with a question: the buttons that answer the question. Each button
is given as its text, event and style.
"""


def _pause_and_next(session: Session) -> tuple[Button, ...]:
    """Return the buttons Pause (Resume if the massage is paused) and Next."""
    revision = session.revision
    if isinstance(session.state, Paused):
        first = button("Resume", ev.ResumeAsked(revision), "success")
    else:
        first = button("Pause", ev.PauseAsked(revision))
    return (first, button("Next", ev.NextAsked(revision), "primary"))


def _under_way(session: Session, massage: Massage, routine: Routine, more: bool) -> Keyboard:
    revision = session.revision
    more_or_less = (
        button("Less", ev.MoreClosed(revision)) if more else button("More", ev.MoreOpened(revision))
    )
    last_row = (
        button("Back", ev.BackAsked(revision)),
        button("Again", ev.AgainAsked(revision)),
        more_or_less,
    )
    pressed = part_at(massage, routine).step.technique is not None
    lighter = (button("Lighter", ev.LighterAsked(revision)),) if pressed else ()
    rows = [_knot_row(revision, massage, routine), (*lighter, *_pause_and_next(session)), last_row]
    return tuple(row for row in [*rows, *(_behind_more(revision, massage, routine) if more else ())] if row)


def _knot_row(revision: int, massage: Massage, routine: Routine) -> tuple[Button, ...]:
    if knot_at(massage, routine):
        eased = button("Eased", ev.KnotEased(revision), "success")
        return (eased, button("Still tight", ev.KnotStayedTight(revision)))
    if routine.steps[massage.place.step - 1].asks_for_knots:
        return (button("Found a knot", ev.KnotsAsked(revision)),)
    return ()


def _behind_more(revision: int, massage: Massage, routine: Routine) -> Keyboard:
    timer = button(
        f"Timer: {'on' if massage.timer else 'off'}", ev.TimerSwitched(revision, not massage.timer)
    )
    has_knots = any(step.each_knot for step in routine.steps)
    knot = (button("Found a knot", ev.KnotsAsked(revision)),) if has_knots else ()
    return (
        (button("+30 s", ev.MoreTimeAsked(revision)), button("Skip step", ev.SkipAsked(revision))),
        (*knot, timer),
        (button("Stop", ev.StopAsked(revision), "danger"),),
    )


def _next_value(value: T, values: list[T]) -> T:
    """Return the value that follows `value` in the list. If `value` is the last value or is not in the list,
    return the first value.
    """
    return values[(values.index(value) + 1) % len(values)] if value in values else values[0]


def _rows(buttons: Iterable[Button], columns: int) -> Keyboard:
    cells = tuple(buttons)
    return tuple(cells[start : start + columns] for start in range(0, len(cells), columns))
