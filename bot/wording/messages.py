"""Messages as plain data: text, buttons, and which earlier message a message changes.

The function `button` writes an event into Telegram's callback data, and `event_from_callback` reads it back.
The reading is strict, because anybody can forge callback data. This module must never send anything, and must
not depend on routines.
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
    "talk": ev.TalkChosen,
    "track": ev.TrackAsked,
    "play": ev.TrackConfirmed,
    "list": ev.ChecklistAsked,
    "tick": ev.ItemTicked,
    "begin": ev.Began,
    "clear": ev.ScreenedClear,
    "out": ev.ScreenedOut,
    "yes": ev.PermissionGiven,
    "next": ev.NextAsked,
    "back": ev.BackAsked,
    "again": ev.AgainAsked,
    "skip": ev.SkipAsked,
    "pause": ev.PauseAsked,
    "resume": ev.ResumeAsked,
    "ok": ev.EmergencyEnded,
    "lighter": ev.LighterAsked,
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
    "swap": ev.SwapAsked,
    "forget": ev.ForgetConfirmed,
    "keep": ev.ForgetDeclined,
}
"""The first word (verb) of a button's callback data, with the event that a tap on the button causes."""
_VERB_OF = {event: verb for verb, event in CALLBACK_VERBS.items()}


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button. `data` is Telegram's callback data, at most 64 bytes."""

    text: str
    data: str
    style: Style | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send, or a change to an earlier message.

    `text` is Telegram's HTML; if `text` is None, only the buttons change. `edits` is the message_id of the
    message to change; if `edits` is None, a new message is sent. If `replaces` is true, the buttons of
    earlier messages are removed after this message has been sent. If `silent` is true, Telegram plays no
    notification sound.

    `use_by` is the time, in seconds on the coach's clock, after which the message is useless and is dropped.
    If the message announces the start of a part of the massage, `part` is the step and part; otherwise it is
    None. If such a message is dropped, nobody has read it, so the massage goes back to that part. If `remark`
    is true, the message only adds something to a part's message, which is still needed if it has not arrived.

    If a picture is not ready, the message is sent without it, or with a still picture instead of an
    animation. Later, a copy of the message with `adds` set to true adds the picture. In this copy, `still` is
    true if the chat already shows the still picture. Audio is never added later: the message waits for its
    audio. If `awaited` is true, other messages to the chat are sent while this message waits.
    """

    text: str | None
    keyboard: Keyboard = ()
    edits: int | None = None
    replaces: bool = True
    silent: bool = False
    use_by: float | None = None
    part: tuple[int, int] | None = None
    remark: bool = False
    attachment: Attachment | None = None
    adds: bool = False
    still: bool = False
    awaited: bool = False

    @property
    def may_be_overtaken(self) -> bool:
        """Whether other messages to the chat may be sent before this message."""
        return self.adds or self.awaited

    @property
    def is_audio(self) -> bool:
        """Whether the message carries audio. Such a message is not sent without its audio."""
        return isinstance(self.attachment, AudioName)


def button(text: str, event: ev.Event, style: Style | None = None) -> Button:
    """Return a button that causes `event`.

    The callback data consists of the event's verb (see CALLBACK_VERBS) and the event's fields in order,
    separated by colons. A field that is None becomes an empty string.
    """
    values = (getattr(event, field.name) for field in fields(event))
    return Button(text, ":".join((_VERB_OF[type(event)], *map(_write, values))), style)


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def event_from_callback(data: str) -> ev.Event | None:
    """Return the event in a button's callback data; None if the function `button` could not have written the
    data.
    """
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
    """Return the value that `text` stands for in a field of type `kind`. Raises ValueError if `text` is not
    such a value.
    """
    if kind == int | None:
        return int(text) if text else None
    if kind is bool:
        return {"0": False, "1": True}.get(text, False)
    if isinstance(kind, type) and issubclass(kind, Enum | int | str):
        return kind(text)
    raise ValueError(f"a button cannot carry a {kind}")
