"""Messages as plain data: words, buttons, and which earlier message they change.

`button` writes an event into Telegram's callback data, and `read` parses it. Parsing is strict because
anybody can forge callback data. Must never send anything or know a routine.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Literal, cast, get_type_hints

from bot.session import events as ev
from bot.wording.attachments import Attachment, AudioName

Style = Literal["primary", "success", "danger"]

CALLBACK_VERBS: dict[str, type[ev.Event]] = {
    "over": ev.StartedOver,
    "routine": ev.RoutineChosen,
    "length": ev.LengthChosen,
    "side": ev.SideChosen,
    "tone": ev.ToneChosen,
    "aloud": ev.ReadAloudChosen,
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
"""The first word of each button's callback data, and the event it stands for."""
_VERB_OF = {event: verb for verb, event in CALLBACK_VERBS.items()}


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button. `data` is Telegram's callback data, 64 bytes at most."""

    text: str
    data: str
    style: Style | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send, or the change to an earlier one.

    `text` is Telegram's HTML; None changes only the buttons. `edits` is the message_id of the message to
    change; None sends a new one. `replaces`: once this is sent, the buttons of earlier messages are removed.
    `silent`: Telegram plays no notification sound.

    `use_by`, in seconds on the coach's clock, is when the message has become useless and is dropped. `part`
    is the step and part that it announces: if it is dropped, nobody has read it, and the massage goes back
    there.

    A picture that is not made yet follows later: the message is sent without it, or with the `still` of a
    loop, and a copy with `adds` set then edits the picture in. Audio never follows later: the message waits
    for it, and if `awaited` is set, other messages to the chat go first.
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
    def may_be_overtaken(self) -> bool:
        """Whether other messages to the chat may be sent before it."""
        return self.adds or self.awaited

    @property
    def is_audio(self) -> bool:
        """Whether it carries audio. It is not sent without it."""
        return isinstance(self.attachment, AudioName)


def button(text: str, event: ev.Event, style: Style | None = None) -> Button:
    """Return a button that causes `event`.

    Its callback data is the verb and the event's fields in their order, separated by colons; None is empty.
    """
    values = (getattr(event, field.name) for field in fields(event))
    return Button(text, ":".join((_VERB_OF[type(event)], *map(_write, values))), style)


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def event_from_callback(data: str) -> ev.Event | None:
    """Return the event in a button's callback data; None for anything that `button` would not write."""
    verb, *texts = data.split(":")
    event = CALLBACK_VERBS.get(verb)
    if event is None or len(texts) != len(fields(event)):
        return None
    hints, construct = get_type_hints(event), cast("Callable[..., ev.Event]", event)
    try:
        parsed = construct(
            *(_read(text, hints[f.name]) for text, f in zip(texts, fields(event), strict=True))
        )
    except ValueError:
        return None
    return parsed if button("", parsed).data == data else None


def _read(text: str, kind: object) -> object:
    """Return a field's value, parsed as the type `kind`. Raises ValueError for anything else."""
    if kind == int | None:
        return int(text) if text else None
    if kind is bool:
        return {"0": False, "1": True}.get(text, False)
    if isinstance(kind, type) and issubclass(kind, Enum | int | str):
        return kind(text)
    raise ValueError(f"a button cannot carry a {kind}")
