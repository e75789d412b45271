"""The states of a chat's session, as plain frozen data. Each state has only the fields that it needs.

A massage consists of steps, and a step of parts; each part has a message and a time of its own. A cue is what
the coach does by itself at a certain time, such as announcing or starting the next part.
`bot.session.transitions` changes the states. The store saves them under the names of the fields here. This
module must not depend on Telegram, a database, a clock or the words that a person reads. Times are seconds
since 1970 on the coach's clock; durations are seconds.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from bot.routine.model import Routine, Side, Tone

LEAD_IN = 10.0
"""Seconds to get the hands ready after a pause."""
CUE_AHEAD = 10.0
"""The next part is announced this many seconds before the current part ends."""
OIL_AHEAD = 25.0
"""The first stroke is announced this many seconds before it begins, so that there is time to pour oil and rub
it warm."""
LATE = 120.0
"""If an outage delays a cue by more than this many seconds, the coach pauses the massage and asks "Still
there?"."""
ABANDONED_AFTER = 24 * 3600.0
"""If nobody touches a session for this many seconds, the session ends without a message."""


class Talk(StrEnum):
    """How much the coach says during a stroke."""

    FULL = "full"
    """The coach checks in with the receiver, and reminds the giver of what matters."""
    BRIEF = "brief"
    """The coach announces the parts, says how each stroke feels when it is wrong, and checks in once."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen on the start card. The choices are kept for the next massage.

    `routine` is the id of the routine. `length` is in seconds. `side` is where the giver stands at first.
    `tone` is the skin tone in the pictures. `aloud` says whether each step is read aloud. `talk` says how
    much the coach says during a stroke.
    """

    routine: str
    length: float
    side: Side = Side.LEFT
    tone: Tone = Tone.MEDIUM
    aloud: bool = False
    talk: Talk = Talk.FULL


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the massage: the step, counted from 1, and the part of that step, counted from 0."""

    step: int = 1
    part: int = 0


@dataclass(frozen=True, slots=True)
class Knot:
    """A knot that was marked at `spot`. `rounds` counts how often the knot was reported as still tight. If
    `sore` is true, it has hurt, and is left alone.
    """

    spot: str
    eased: bool = False
    rounds: int = 0
    sore: bool = False


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage under way, running or paused.

    `run` is unique among the massages of a chat. `stands` is the side where the giver stands now. `pairs`
    contains the number of each step whose stroke has massaged the far side, together with the side where the
    giver stood then. `extra` is the time that was added to the first side of the current step; the second
    side gets the same time. `lighter` is the number of levels by which all pressure is reduced; if `sore` is
    true, something has hurt, and the pressure is not increased again. If `timer` is
    false, the massage goes on only when someone asks for the next part. `worked` is the seconds of work
    before the current `timing` of the Running state began. `done` contains the numbers of the finished steps.
    """

    run: int
    stands: Side
    place: Place = Place()
    pairs: tuple[tuple[int, Side], ...] = ()
    extra: float = 0.0
    knots: tuple[Knot, ...] = ()
    lighter: int = 0
    sore: bool = False
    timer: bool = True
    worked: float = 0.0
    done: frozenset[int] = frozenset()


class Line(StrEnum):
    """Something that the coach says during a part. The values are stored."""

    LANDMARK = "landmark"
    """What the giver can feel when the hands are in the right place."""
    MISTAKE = "mistake"
    """What most people do wrong, and what to do instead."""
    WRONG = "wrong"
    """How the stroke feels when it is not done well."""
    CHECK_IN = "check-in"
    """Ask the receiver: lighter, firmer, or just right?"""
    HALFWAY = "halfway"
    """Half of the part is over; ask the receiver again, and look at the breath."""
    NEXT = "next"
    """Announce the next part."""


@dataclass(frozen=True, slots=True)
class Cue:
    """The lines that the coach says together when `left` seconds of work are left in the part."""

    left: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Ticking:
    """The timer is on. Work lasts from `starts_at` to `ends_at`. A lead-in, if any, ends at `starts_at`.

    `cues` are what the coach will still say during the part, in order of time.
    """

    starts_at: float
    ends_at: float
    cues: tuple[Cue, ...] = ()
    kind: Literal["ticking"] = "ticking"

    def time_of(self, cue: Cue) -> float:
        """Return the time at which the coach says the cue."""
        return self.ends_at - cue.left

    @property
    def announced_at(self) -> float:
        """The time at which the next part is announced; if that has been done, the end of the part."""
        return next((self.time_of(cue) for cue in self.cues if Line.NEXT in cue.lines), self.ends_at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The timer is off, and the massage goes on only when someone asks for the next part.

    `since` is when the work began. If the timer is switched on again, `left` seconds of work are left, with
    these `cues` still to come.
    """

    since: float
    left: float
    cues: tuple[Cue, ...] = ()
    kind: Literal["waiting"] = "waiting"


class Reason(StrEnum):
    """Why a massage is paused. The reason decides which buttons are offered."""

    ASKED = "asked"
    PAIN = "pain"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    LATE = "late"
    TRACK = "track"
    """Somebody asked for the guided track, which would end the massage."""
    EMERGENCY = "emergency"
    NOT_TODAY = "not today"
    """Somebody mentioned a condition with which nobody should be massaged today."""
    ASK_FIRST = "ask first"
    """Somebody mentioned a condition with which a doctor must be asked first."""
    YOUNG = "young"
    """Somebody mentioned that one of the two is under 18."""


HOLDING = (Reason.NOT_TODAY, Reason.EMERGENCY, Reason.YOUNG, Reason.ASK_FIRST)
"""The reasons for a pause that only the answer it asks for can end, not Next, Back and the like.

They are in the order in which they have to be settled. The first cannot be settled today."""


@dataclass(frozen=True, slots=True)
class Idle:
    """No massage is being prepared or is under way."""

    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class Preparing:
    """The start card is shown. If `screening` is true, the question about health has been asked.

    If `track` is true, people have asked for the guided track. If their answer to the question about health
    allows it, the track is sent instead of beginning a live massage. If `told` is true, somebody has
    mentioned a condition, so a doctor must agree before the massage begins.
    """

    screening: bool = False
    track: bool = False
    told: bool = False
    kind: Literal["preparing"] = "preparing"


@dataclass(frozen=True, slots=True)
class Running:
    """A massage is under way and not paused."""

    massage: Massage
    timing: Ticking | Waiting
    kind: Literal["running"] = "running"


@dataclass(frozen=True, slots=True)
class Paused:
    """A massage has been paused since `since`, with `left` seconds of work left in the current part, and with
    these `cues` still to come.

    If `begun` is false, the current part has not begun yet. `also` contains the other reasons for which the
    massage is held, which have to be settled after `reason`.
    """

    massage: Massage
    left: float
    since: float
    reason: Reason
    cues: tuple[Cue, ...] = ()
    begun: bool = True
    also: tuple[Reason, ...] = ()
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Listening:
    """A guided track has been playing since `since`. The player keeps the time and reports nothing."""

    since: float
    kind: Literal["listening"] = "listening"


@dataclass(frozen=True, slots=True)
class Finished:
    """A massage or a guided track has ended. `stopped` is true if it was stopped before its end.

    `worked` is the seconds of work, and `steps` the number of finished steps.
    """

    worked: float
    steps: int
    knots: tuple[Knot, ...]
    stopped: bool
    kind: Literal["finished"] = "finished"


State = Idle | Preparing | Running | Paused | Listening | Finished


class Ask(StrEnum):
    """What a question is about. The values are labels in words.yaml and in the training data."""

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
    MAY_PRESS = "may-press"
    ACHE = "ache"
    HARDER = "harder"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the part at `place`, or about the whole massage if `place` is None.

    `about` names the term, item, place to keep off or condition in question. It is empty if there is none.
    """

    ask: Ask
    place: Place | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """The session of one chat.

    `revision` is increased by each move to a new state. Each button carries the revision of the session that
    it was shown for, and is stale after the next move. A new session begins with the current time in seconds
    as its revision, so that the buttons of a session that was forgotten are stale too. `ticked` contains the
    indexes of the ticked items on the checklist. `version` counts commits; only the store changes it. `asked`
    is the last question that was asked since the last move, or None. With this question, the coach
    understands "and after that?".
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
        """Return a new session for a chat, in which `routine` and its `total_time` are chosen."""
        return cls(chat, Choices(routine.id, routine.total_time), revision=int(now))

    @property
    def due_at(self) -> float | None:
        """The time of the next CueDue event, or None if nothing will happen without a message or a tap."""
        match self.state:
            case Running(timing=Ticking() as timing):
                return timing.time_of(timing.cues[0]) if timing.cues else timing.ends_at
            case Running(timing=Waiting(since=since)) | Paused(since=since) | Listening(since=since):
                return since + ABANDONED_AFTER
            case _:
                return None

    def moved(self, state: State) -> "Session":
        """Return the session in a new state. All buttons that were shown before become stale."""
        return replace(self, state=state, revision=self.revision + 1, asked=None)
