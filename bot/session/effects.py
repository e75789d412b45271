"""Effects: what the coach does in response to an event. `bot.wording.render` writes the messages for them.

Effects are plain, frozen data. They must not contain words that a person reads, or data of Telegram's, such
as a message_id.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.session.state import Line, Question


class Topic(StrEnum):
    """What a message is about, for messages that need little data besides this topic and the session."""

    SCREENING = "screening"
    WHICH = "which answer"
    DECLINED = "declined"
    AGREEMENT = "agreement"
    GET_READY = "get ready for the first stroke"
    DOCTOR_FIRST = "a doctor first"
    PAUSED = "paused"
    HURT = "hurt"
    HURT_AT_KNOT = "hurt at a knot"
    ACHE_BEFORE = "ache before the massage"
    EMERGENCY = "emergency"
    FIRE = "fire"
    EMERGENCY_OVER = "emergency over"
    EMERGENCY_IN_TRACK = "emergency during a track"
    UNSAFE = "unsafe"
    HEALTH = "health"
    YOUNG = "young"
    RATED_FINE = "rated fine"
    RATED_HIGH = "rated high"
    RATED_PAIN = "rated pain"
    TAKE_YOUR_TIME = "take your time"
    STOP = "stop?"
    START_OVER = "start over?"
    PLAY_TRACK = "play the track?"
    STILL_THERE = "still there?"
    SUMMARY = "summary"
    UNCLEAR = "unclear"
    HELP = "help"
    PRIVACY = "privacy"
    FORGET = "forget?"
    FORGOTTEN = "forgotten"
    KEPT = "kept"
    STALE = "stale"
    CHANGED = "changed"
    NOT_NOW = "not now"
    TIME_ADDED = "time added"
    TIMER_ON = "timer on"
    TIMER_OFF = "timer off"
    TALK_FULL = "talk more"
    TALK_BRIEF = "talk less"
    EASED = "eased"
    STILL_TIGHT = "still tight"
    LEAVE_IT = "leave it"
    KNOT_LEFT = "a knot was left"
    BEING_WORKED = "being worked"
    NOT_MARKED = "not marked"
    NO_KNOTS_HERE = "no knots here"
    LIGHTER = "lighter"
    LIGHTEST = "lightest"
    FIRMER = "firmer"
    SIDE_CHANGED = "side changed"
    CHATTED = "chatted"
    NO_SUCH_STEP = "no such step"
    NO_SUCH_LENGTH = "no such length"
    STILL_HELD = "still held"
    PLAYER = "the player keeps the time"
    NO_TRACK = "no track"
    NO_VOICE = "no voice"


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message about `topic`. If `new` is false, it replaces the tapped message and its buttons.

    `about` is what the message is about, such as the name of a condition, the id of a spot, or a number. It
    is empty for most topics.
    """

    topic: Topic
    new: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True)
class Toast:
    """Show a short notice: in a toast if a button was tapped, or else in a message."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a question, using the routine. `left` is the seconds of work left in the current part."""

    question: Question
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Show the start card in a new message or, if `new` is false, in the tapped message."""

    new: bool = True


@dataclass(frozen=True, slots=True)
class ShowChecklist:
    """Show the checklist in a new message or, if `new` is false, in the tapped message."""

    new: bool = True


@dataclass(frozen=True, slots=True)
class ShowGrid:
    """Show the grid for marking knots or, if `open` is false, the marked knots without buttons.

    If `new` is true, this is a new message; otherwise, it replaces the tapped message.
    """

    new: bool = True
    open: bool = True


@dataclass(frozen=True, slots=True)
class ShowControls:
    """Show all buttons below the tapped message if `more` is true, or else only the usual buttons."""

    more: bool


@dataclass(frozen=True, slots=True)
class ShowPart:
    """Show the current part of the massage.

    The part has `seconds` of work, after `lead_in` seconds to get ready. If `walk` is true, the giver walks
    round first. If `resumed` is true, `seconds` is the time that was left at the pause. If `note` is not
    None, its words come before the directions.
    """

    seconds: float
    lead_in: float = 0.0
    walk: bool = False
    resumed: bool = False
    note: Say | None = None


@dataclass(frozen=True, slots=True)
class ShowLines:
    """Say these lines during the current part. None of them is `Line.NEXT`.

    `use_by` is the time after which the message is of no use, in seconds since 1970 on the coach's clock.
    """

    lines: tuple[Line, ...]
    use_by: float


@dataclass(frozen=True, slots=True)
class ShowNext:
    """Announce the next part, `seconds` before the end of the current part.

    `use_by` is the time after which the message is of no use, in seconds since 1970 on the coach's clock.
    """

    seconds: float
    use_by: float


@dataclass(frozen=True, slots=True)
class ShowTrack:
    """Send the guided track for the session's choices."""


@dataclass(frozen=True, slots=True)
class ReadSample:
    """Send a sample voice note."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete everything that is stored about this chat."""


Visible = (
    Say
    | Toast
    | Answer
    | ShowCard
    | ShowChecklist
    | ShowGrid
    | ShowControls
    | ShowPart
    | ShowLines
    | ShowNext
    | ShowTrack
    | ReadSample
)
"""The effects that a person sees or hears."""
Effect = Visible | Forget
