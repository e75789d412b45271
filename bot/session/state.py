"""The states of a chat's session, as plain frozen data. Each state holds only what is true in it.

`bot.session.transitions` changes them; the store saves them under these field names. This module must never
know Telegram, a database, a clock or the words a person reads. Times are seconds since 1970 on the coach's
clock; durations are seconds.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from bot.routine.model import Routine, Side, Tone

LEAD_IN = 10.0
"""Seconds to get the hands ready, before the first stroke and after a pause."""
CUE_AHEAD = 10.0
"""The next part is announced this many seconds before the end of the present one."""
MIN_ANNOUNCED_PART = 60.0
"""If a part runs for fewer seconds than this, the next one is not announced: its own message is enough."""
LATE = 120.0
"""If an outage delays a cue by more seconds than this, the coach asks "Still there?" before it goes on."""
ABANDONED_AFTER = 24 * 3600.0
"""A session that nobody touches ends without a message after this many seconds."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices made on the start card; they are kept for the next massage. `length` is in seconds.

    `tone` is the skin tone in the pictures, `aloud` whether steps are read aloud.
    """

    routine: str
    length: float
    side: Side = Side.LEFT
    tone: Tone = Tone.MEDIUM
    aloud: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the massage: the step, counted from 1, and the part of that step, counted from 0."""

    step: int = 1
    part: int = 0


@dataclass(frozen=True, slots=True)
class Knot:
    """A knot at a marked spot. `rounds` counts how often the knot was reported as still tight."""

    spot: str
    eased: bool = False
    rounds: int = 0


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage under way, running or paused.

    `run` is unique among the massages of a chat. `stands` is the side where the giver stands now. `pairs`
    maps a step that is worked from both sides to where the giver stood for its first side. `extra` is the
    time that was added to the first side of the present step; the second side gets it too. `lighter` means
    that all pressure is reduced. `timer` is false if only Next moves on. `worked` adds up the seconds of work
    in all finished stretches. `done` holds the numbers of the finished steps.
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
    """The timer runs. Work starts after the lead-in; `cued` means that the next part has been announced."""

    starts_at: float
    ends_at: float
    cued: bool = False
    kind: Literal["ticking"] = "ticking"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The timer is off, and only Next moves on. `left` is the time of the part if it is switched on again."""

    since: float
    left: float
    kind: Literal["waiting"] = "waiting"


class Reason(StrEnum):
    """Why a massage is paused. It decides which buttons are offered."""

    ASKED = "asked"
    PAIN = "pain"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Idle:
    """No massage is prepared or under way."""

    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Preparing:
    """The start card is shown, or with `screening` the health question. With `track`, a track follows."""

    screening: bool = False
    track: bool = False
    kind: Literal["preparing"] = "preparing"


@dataclass(frozen=True, slots=True)
class Running:
    """A massage goes on."""

    massage: Massage
    timing: Ticking | Waiting
    kind: Literal["running"] = "running"


@dataclass(frozen=True, slots=True)
class Paused:
    """A massage is paused since `since`, with `left` seconds of work left in its part."""

    massage: Massage
    left: float
    since: float
    reason: Reason
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Listening:
    """A guided track plays since `since`. The player keeps the time, and tells the coach nothing."""

    since: float
    kind: Literal["listening"] = "listening"


@dataclass(frozen=True, slots=True)
class Finished:
    """The massage is over. `worked` is in seconds, `steps` counts finished steps; `stopped` means early."""

    worked: float
    steps: int
    knots: tuple[Knot, ...]
    stopped: bool
    kind: Literal["finished"] = "finished"


State = Idle | Preparing | Running | Paused | Listening | Finished


class Ask(StrEnum):
    """What a question is about. The values are the labels in the handbook's words and the training data."""

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
    """A question about the part at `place`, or about the whole massage if `place` is None.

    `about` names the term, item, place to keep off or condition that the question is about, if it is about
    one.
    """

    ask: Ask
    place: Place | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """The session of one chat.

    `revision` counts moves: each button carries the revision at which it was shown, and is stale after the
    next move. A new session starts at its time of creation in seconds, so that buttons of a forgotten session
    are stale too. `ticked` holds the indexes of ticked items of the checklist. `version` counts commits; only
    the store changes it. `asked` is the last question since the last move, to understand "and after that?".
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
        """Return a new session with the routine's usual length chosen."""
        return cls(chat, Choices(routine.id, routine.total_time), revision=int(now))

    @property
    def due_at(self) -> float | None:
        """The time of the next CueDue event, or None if nothing happens without a message or a tap."""
        match self.state:
            case Running(timing=Ticking() as timing):
                return _cue_at(timing) or timing.ends_at
            case Running(timing=Waiting(since=since)) | Paused(since=since) | Listening(since=since):
                return since + ABANDONED_AFTER
            case _:
                return None

    def moved(self, state: State) -> "Session":
        """Return the session in a new state. All buttons shown before are stale then."""
        return replace(self, state=state, revision=self.revision + 1, asked=None)


def _cue_at(timing: Ticking) -> float | None:
    """Return when to announce the next part; None if that was done or the time is too short for it."""
    if timing.cued or timing.ends_at - timing.starts_at < MIN_ANNOUNCED_PART:
        return None
    return timing.ends_at - CUE_AHEAD
