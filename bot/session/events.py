"""Events: what can happen to a session, such as a tap, a message, a cue, or a message that was not delivered.

Events are plain, frozen data, and are named in the past tense. They must not contain words that a person
reads, or data of Telegram's, such as a message_id.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone
from bot.session.state import Ask, Question, Talk

ANY_QUESTION = Question(Ask.CAN_ASK)
PAIN_SCORE, HIGH_SCORE = 9, 7
"""The lowest scores out of ten that mean pain, and more pressure than is comfortable."""


@dataclass(frozen=True, slots=True)
class Event:
    """Base class of all events.

    `revision` is the revision that the session had when the tapped button was shown. It is None if no button
    was tapped, or if the button carries no revision.
    """

    revision: int | None = None


class Started(Event): ...


class StartedOver(Event): ...


@dataclass(frozen=True, slots=True)
class RoutineChosen(Event):
    """A person chose another routine. `advance` gets that routine together with this event."""

    routine: str = ""


@dataclass(frozen=True, slots=True)
class LengthChosen(Event):
    """A person chose a length for the massage. `length` is in seconds."""

    length: int = 0


@dataclass(frozen=True, slots=True)
class SideChosen(Event):
    side: Side = Side.LEFT


@dataclass(frozen=True, slots=True)
class ToneChosen(Event):
    tone: Tone = Tone.MEDIUM


@dataclass(frozen=True, slots=True)
class ReadAloudChosen(Event):
    """A person switched reading each step aloud on or off."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class TalkChosen(Event):
    """A person chose how much the coach says during a stroke."""

    talk: Talk = Talk.FULL


class ChecklistAsked(Event): ...


@dataclass(frozen=True, slots=True)
class ItemTicked(Event):
    """A person ticked the checklist item with index `item` or, if `on` is false, removed the tick."""

    item: int = 0
    on: bool = True


class Began(Event): ...


class TrackAsked(Event): ...


class TrackConfirmed(Event):
    """A person wants the guided track, although it ends the massage under way."""


class SwapAsked(Event):
    """The two people want to swap places: the same routine for the other person."""


class ScreenedClear(Event): ...


class ScreenedOut(Event): ...


class PermissionGiven(Event):
    """A person says that a doctor, or a parent, has agreed to the massage."""


class VagueAnswer(Event):
    """A person answered the health question with a bare yes or no, which can mean either."""


class NextAsked(Event): ...


class BackAsked(Event): ...


class AgainAsked(Event): ...


class SkipAsked(Event): ...


@dataclass(frozen=True, slots=True)
class StepChosen(Event):
    """A person wrote that the massage should go to the beginning of step `step`, counted from 1."""

    step: int = 1


class PauseAsked(Event): ...


class ResumeAsked(Event): ...


class MoreTimeAsked(Event): ...


@dataclass(frozen=True, slots=True)
class TimerSwitched(Event):
    on: bool = True


class StopAsked(Event): ...


class StopConfirmed(Event): ...


class MoreOpened(Event): ...


class MoreClosed(Event): ...


class KnotsAsked(Event): ...


@dataclass(frozen=True, slots=True)
class SpotMarked(Event):
    """A person marked a spot in the grid or, if `on` is false, removed the mark.

    The grid belongs to the massage with the number `run`, and can be used as long as that massage lasts. So
    its buttons do not carry the session's revision, which would make them stale sooner.
    """

    run: int = 0
    spot: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class KnotReported(Event):
    """A person mentioned a knot in a message, with or without an open grid."""

    spot: str = ""


@dataclass(frozen=True, slots=True)
class KnotRetracted(Event):
    """A person said in a message that there is no knot at this spot after all."""

    spot: str = ""


class GridClosed(Event): ...


class KnotEased(Event): ...


class KnotStayedTight(Event): ...


class Alarm(Event):
    """Base class of the events for which the hands must stop at once."""


class PainReported(Alarm):
    """A person mentioned pain in a message."""


@dataclass(frozen=True, slots=True)
class EmergencyReported(Alarm):
    """A person mentioned something for which an ambulance must be called or, if `fire` is true, a fire."""

    fire: bool = False


class EmergencyEnded(Event):
    """A person says that both are all right, after an emergency."""


class UnsafeReported(Alarm):
    """A person does not feel safe, or is not being listened to."""


@dataclass(frozen=True, slots=True)
class HealthTold(Alarm):
    """A person mentioned a condition of the receiver, such as a fever.

    `condition` is its name in the handbook, or empty if the handbook has no such condition. If `not_today` is
    true, nobody should be massaged with it; otherwise, a doctor must be asked first.
    """

    condition: str = ""
    not_today: bool = False


class YoungTold(Alarm):
    """A person mentioned that one of the two is under 18."""


@dataclass(frozen=True, slots=True)
class PressureRated(Event):
    """The receiver rated the pressure. `score` goes from 0 (nothing) to 10 (the worst pain)."""

    score: int = 5

    @property
    def is_pain(self) -> bool:
        return self.score >= PAIN_SCORE

    @property
    def is_high(self) -> bool:
        """Whether the score means less pressure, but not pain."""
        return HIGH_SCORE <= self.score < PAIN_SCORE


class LighterAsked(Event): ...


class FirmerAsked(Event): ...


class Chatted(Event):
    """Small talk, such as thanks."""


@dataclass(frozen=True, slots=True)
class Asked(Event):
    question: Question = ANY_QUESTION


class Unclear(Event):
    """A message was not understood."""


class HelpAsked(Event): ...


class PrivacyAsked(Event): ...


class ForgetAsked(Event): ...


class ForgetConfirmed(Event): ...


class ForgetDeclined(Event): ...


class Blocked(Event):
    """A person blocked the bot, so nothing can be sent."""


class CueDue(Event):
    """The time `Session.due_at` has come."""


class TrackFailed(Event):
    """The guided track could not be made or sent."""


class VoiceUnavailable(Event):
    """A person asked for something to listen to, but the coach has no voice."""


@dataclass(frozen=True, slots=True)
class Undelivered(Event):
    """The message for the start of a part could not be delivered in time, although the part has begun.

    `step`, counted from 1, and `part`, counted from 0, are the place of that part.
    """

    step: int = 1
    part: int = 0
