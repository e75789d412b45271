"""What the coach may do about an event; `bot.wording.render` turns these into what a person sees.

Plain, frozen data: no words a person reads, nothing of Telegram.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.session.state import Question


class Topic(StrEnum):
    """What there is to say, where a name is enough."""

    SCREENING = "screening"
    DECLINED = "declined"
    PAUSED = "paused"
    HURT = "hurt"
    EMERGENCY = "emergency"
    TAKE_YOUR_TIME = "take your time"
    STOP = "stop?"
    START_OVER = "start over?"
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
    EASED = "eased"
    STILL_TIGHT = "still tight"
    LEAVE_IT = "leave it"
    BEING_WORKED = "being worked"
    NO_KNOTS_HERE = "no knots here"
    LIGHTER = "lighter"
    CHATTED = "chatted"
    NO_SUCH_STEP = "no such step"
    PLAYER = "the player keeps the time"
    NO_TRACK = "no track"
    NO_VOICE = "no voice"


@dataclass(frozen=True, slots=True)
class Say:
    """A message of its own; one that is not `new` takes the place of the tapped one, buttons and all."""

    topic: Topic
    new: bool = True


@dataclass(frozen=True, slots=True)
class Tell:
    """A passing word: a toast to whoever tapped, a message to whoever wrote."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class Answer:
    """What the routine knows about it; `left` is how many seconds of work are left in the part under way."""

    question: Question
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class ShowCard:
    """The start card: `new`, or the tapped one changed in place."""

    new: bool = True


@dataclass(frozen=True, slots=True)
class ShowChecklist:
    """The checklist: `new`, or the tapped one changed in place."""

    new: bool = True


@dataclass(frozen=True, slots=True)
class ShowGrid:
    """The grid in which knots are marked, `new` or the tapped one; once not `open`, what was marked."""

    new: bool = True
    open: bool = True


@dataclass(frozen=True, slots=True)
class ShowControls:
    """Other buttons under the message that was tapped."""

    more: bool


@dataclass(frozen=True, slots=True)
class ShowPart:
    """The part the massage is at now: its time, any lead-in, whether one walks round first.

    `resumed` where the time is what was left; `note` is said above it.
    """

    seconds: float
    lead_in: float = 0.0
    walk: bool = False
    resumed: bool = False
    note: Topic | None = None


@dataclass(frozen=True, slots=True)
class ShowNext:
    """What comes after the present part, said `CUE_AHEAD` seconds before its end."""

    use_by: float


@dataclass(frozen=True, slots=True)
class ShowTrack:
    """The guided track for what was chosen."""


@dataclass(frozen=True, slots=True)
class ReadSample:
    """How a voice note sounds."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete all that is stored of this chat."""


Visible = (
    Say
    | Tell
    | Answer
    | ShowCard
    | ShowChecklist
    | ShowGrid
    | ShowControls
    | ShowPart
    | ShowNext
    | ShowTrack
    | ReadSample
)
Effect = Visible | Forget
