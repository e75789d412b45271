"""What goes to a chat, as plain data: words, buttons, and which message they change.

A button is the event it will send: `button` writes it into Telegram's callback data and `read` gets it
back, strictly, since anybody can forge callback data. Nothing here sends anything or knows a routine.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Literal, cast, get_type_hints

from bot.session import events as ev
from bot.wording.attachments import Attachment, Heard

Style = Literal["primary", "success", "danger"]

VERBS: dict[str, type[ev.Event]] = {
    "over": ev.StartedOver,
    "routine": ev.RoutineChosen,
    "length": ev.LengthChosen,
    "side": ev.SideChosen,
    "tone": ev.ToneChosen,
    "aloud": ev.AloudChosen,
    "track": ev.TrackAsked,
    "list": ev.ChecklistAsked,
    "tick": ev.ItemTicked,
    "begin": ev.Began,
    "clear": ev.ScreenedClear,
    "out": ev.ScreenedOut,
    "next": ev.NextAsked,
    "back": ev.BackAsked,
    "again": ev.AgainAsked,
    "skip": ev.SkipAsked,
    "pause": ev.PauseAsked,
    "resume": ev.ResumeAsked,
    "more": ev.MoreTimeAsked,
    "timer": ev.TimerSwitched,
    "stop": ev.StopAsked,
    "end": ev.StopConfirmed,
    "open": ev.MoreOpened,
    "close": ev.MoreClosed,
    "knots": ev.KnotsAsked,
    "mark": ev.SpotMarked,
    "marked": ev.GridClosed,
    "eased": ev.KnotEased,
    "tight": ev.KnotStayedTight,
    "start": ev.Started,
    "forget": ev.ForgetConfirmed,
    "keep": ev.ForgetDeclined,
}
_VERB_OF = {event: verb for verb, event in VERBS.items()}


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `data` is at most 64 bytes."""

    text: str
    data: str
    style: Style | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send, or with `edits` the change to an earlier one, by its message_id.

    `text` is Telegram's HTML; None changes the buttons alone. `replaces`: once sent, the buttons of
    earlier messages are taken away. After `use_by` (seconds on the coach's clock) it is not worth
    sending; where it tells of a `part` (its step and part), the massage has then run on unheard, and
    goes back there. `silent` makes no sound. What it carries comes with it if it is at hand, or else later:
    then the message is sent once more with `adds`, as an edit that only adds its attachment; `still`: until
    then it has the still of a loop. What is to be heard comes with it or not at all; where that is
    `awaited`, all else goes to the chat before it.
    """

    text: str | None
    keyboard: Keyboard = ()
    edits: int | None = None
    replaces: bool = True
    silent: bool = False
    use_by: float | None = None
    part: tuple[int, int] | None = None
    attachment: Attachment | None = None
    adds: bool = False
    still: bool = False
    awaited: bool = False

    @property
    def is_beside(self) -> bool:
        """Whether nothing else need wait until it has arrived."""
        return self.adds or self.awaited

    @property
    def is_heard(self) -> bool:
        """Whether it is nothing without what it carries."""
        return isinstance(self.attachment, Heard)


def button(text: str, event: ev.Event, style: Style | None = None) -> Button:
    """A button that sends `event`; fields are written in their order, empty for None."""
    values = (getattr(event, field.name) for field in fields(event))
    return Button(text, ":".join((_VERB_OF[type(event)], *map(_write, values))), style)


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def read(data: str) -> ev.Event | None:
    """The event a button's callback data stands for; None for anything `button` would not write."""
    verb, *texts = data.split(":")
    event = VERBS.get(verb)
    if event is None or len(texts) != len(fields(event)):
        return None
    hints, make = get_type_hints(event), cast("Callable[..., ev.Event]", event)
    try:
        meant = make(*(_read(text, hints[f.name]) for text, f in zip(texts, fields(event), strict=True)))
    except ValueError:
        return None
    return meant if button("", meant).data == data else None


def _read(text: str, kind: object) -> object:
    if kind == int | None:
        return int(text) if text else None
    if kind is bool:
        return {"0": False, "1": True}.get(text, False)
    if isinstance(kind, type) and issubclass(kind, Enum | int | str):
        return kind(text)
    raise ValueError(f"no way to read a {kind}")
