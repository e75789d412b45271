"""What is true of a chat at any moment: the states of a session, each holding only what is true in it.

Plain, frozen data; what happens to it is `bot.session.transitions`'s work. Nothing here may know Telegram, a
database, a clock or the words a person reads. Times are seconds since 1970 on the coach's clock,
durations are seconds.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from bot.routine.model import Routine, Side, Tone

LEAD_IN = 10.0
"""Seconds to get one's hands ready before the first stroke and after a pause."""
CUE_AHEAD = 10.0
"""Seconds before a part's end at which the next one is announced."""
SHORT_PART = 60.0
"""A stretch shorter than this gets no such cue: the next part's own message is enough."""
LATE = 120.0
"""Seconds after which a cue or a part, after an outage of ours or of Telegram's, is a question first."""
ABANDONED = 24 * 3600.0
"""Seconds after which a session that nobody touches ends quietly."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose on the start card, kept for the next time."""

    routine: str
    length: float
    side: Side = Side.LEFT
    tone: Tone = Tone.MEDIUM
    aloud: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the massage is: the step, from 1, and the part within it, from 0."""

    step: int = 1
    part: int = 0


@dataclass(frozen=True, slots=True)
class Knot:
    """A marked spot; `rounds` counts how often it was found still tight."""

    spot: str
    eased: bool = False
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Massage:
    """What is true of a massage under way, running or paused.

    `run` tells this massage from every other of the chat. `stands` is where the giver is now;
    `pairs` holds where the giver stood at the first side of each step worked in two;
    `extra` is the time added on that first side, which the other side gets too.
    """

    run: int
    stands: Side
    place: Place = Place()
    pairs: tuple[tuple[int, Side], ...] = ()
    extra: float = 0.0
    knots: tuple[Knot, ...] = ()
    lighter: bool = False
    timer: bool = True
    worked: float = 0.0
    done: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ticking:
    """The part's time runs: work starts after the lead-in and ends by itself."""

    starts_at: float
    ends_at: float
    cued: bool = False
    kind: Literal["ticking"] = "ticking"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The timer is off: only Next moves on. `left` is what is used when it is switched on again."""

    since: float
    left: float
    kind: Literal["waiting"] = "waiting"


class Reason(StrEnum):
    """Why a massage is paused, which decides what is offered."""

    ASKED = "asked"
    PAIN = "pain"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Idle:
    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Preparing:
    """The start card is shown; `screening` once the safety question stands, after which comes a `track`."""

    screening: bool = False
    track: bool = False
    kind: Literal["preparing"] = "preparing"


@dataclass(frozen=True, slots=True)
class Running:
    massage: Massage
    timing: Ticking | Waiting
    kind: Literal["running"] = "running"


@dataclass(frozen=True, slots=True)
class Paused:
    massage: Massage
    left: float
    since: float
    reason: Reason
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Listening:
    """A guided track keeps the time, in a player that tells us nothing."""

    since: float
    kind: Literal["listening"] = "listening"


@dataclass(frozen=True, slots=True)
class Finished:
    """What there is to tell at the end: seconds worked, steps done, knots found."""

    worked: float
    steps: int
    knots: tuple[Knot, ...]
    stopped: bool
    kind: Literal["finished"] = "finished"


State = Idle | Preparing | Running | Paused | Listening | Finished


class Ask(StrEnum):
    """What a question is about; the names are those of the words' file."""

    WHERE = "where"
    DIRECTION = "direction"
    SIDE = "side"
    HOW = "how"
    HANDS = "hands"
    PRESSURE = "pressure"
    PACE = "pace"
    LENGTH = "length"
    TIME_LEFT = "time-left"
    STEPS_LEFT = "steps-left"
    STEPS = "steps"
    WHY = "why"
    WORD = "word"
    FEEL = "feel"
    WRONG = "wrong"
    KEEP_OFF = "keep-off"
    TIRED = "tired"
    TIP = "tip"
    NEEDED = "needed"
    INSTEAD = "instead"
    LIE = "lie"
    KNOTS = "knots"
    KNOT_DONE = "knot-done"
    NORMAL_ACHE = "normal-ache"
    WHEN_STOP = "when-stop"
    AFTERCARE = "aftercare"
    CAN_ASK = "can-ask"
    CONDITION = "condition"
    MAY_PRESS = "may-press"
    ACHE = "ache"
    HARDER = "harder"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: `place` is the part meant, None for the whole massage.

    `about` names a thing where the topic has one: a word, an item, a place to keep off, a condition.
    """

    ask: Ask
    place: Place | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One chat's session. `version` counts commits and belongs to the store.

    `revision` counts moves: a button carries the revision it was shown at, and is stale after the
    next move. It begins at the second of creation, so that a session made after another was
    forgotten never takes that one's buttons for its own. `asked` is the last question since that
    move, for the sake of "and after that?".
    """

    chat: int
    choices: Choices
    revision: int
    state: State = Idle()
    ticked: frozenset[int] = frozenset()
    version: int = 0
    asked: Question | None = None

    @classmethod
    def fresh(cls, chat: int, routine: Routine, now: float) -> "Session":
        return cls(chat, Choices(routine.id, routine.total_time), revision=int(now))

    @property
    def due_at(self) -> float | None:
        """The next moment at which something happens by itself, or None."""
        match self.state:
            case Running(timing=Ticking() as timing):
                return _cue_at(timing) or timing.ends_at
            case Running(timing=Waiting(since=since)) | Paused(since=since) | Listening(since=since):
                return since + ABANDONED
            case _:
                return None

    def moved(self, state: State) -> "Session":
        """In a new state, with all buttons shown so far gone stale."""
        return replace(self, state=state, revision=self.revision + 1, asked=None)


def _cue_at(timing: Ticking) -> float | None:
    """When the next part is announced; None where it was, or where the stretch is too short."""
    if timing.cued or timing.ends_at - timing.starts_at < SHORT_PART:
        return None
    return timing.ends_at - CUE_AHEAD
