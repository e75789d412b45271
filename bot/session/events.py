"""What can happen to a session, in the past tense: by a tap, a person's words or the timer.

Plain, frozen data: no words a person reads, nothing of Telegram.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone
from bot.session.state import Ask, Question

ANYTHING = Question(Ask.CAN_ASK)


@dataclass(frozen=True, slots=True)
class Event:
    """`revision` is the one a button was shown at; None where no button was tapped."""

    revision: int | None = None


class Started(Event): ...


class StartedOver(Event): ...


@dataclass(frozen=True, slots=True)
class RoutineChosen(Event):
    """It arrives with that routine in hand."""

    routine: str = ""


@dataclass(frozen=True, slots=True)
class LengthChosen(Event):
    length: int = 0


@dataclass(frozen=True, slots=True)
class SideChosen(Event):
    side: Side = Side.LEFT


@dataclass(frozen=True, slots=True)
class ToneChosen(Event):
    tone: Tone = Tone.MEDIUM


@dataclass(frozen=True, slots=True)
class AloudChosen(Event):
    """Whether each step is to be read aloud."""

    on: bool = True


class ChecklistAsked(Event): ...


@dataclass(frozen=True, slots=True)
class ItemTicked(Event):
    item: int = 0
    on: bool = True


class Began(Event): ...


class TrackAsked(Event): ...


class ScreenedClear(Event): ...


class ScreenedOut(Event): ...


class NextAsked(Event): ...


class BackAsked(Event): ...


class AgainAsked(Event): ...


class SkipAsked(Event): ...


@dataclass(frozen=True, slots=True)
class StepChosen(Event):
    """By words: on, or back, to the beginning of step `step`, from 1."""

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
    """Of the massage `run`; its grid stays good while that lasts, whatever the revision."""

    run: int = 0
    spot: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class KnotTold(Event):
    """A knot marked by words, where no grid was open."""

    spot: str = ""


class GridClosed(Event): ...


class KnotEased(Event): ...


class KnotStayedTight(Event): ...


@dataclass(frozen=True, slots=True)
class HurtSaid(Event):
    """Words of pain; in an `emergency` only a doctor helps, and at once."""

    emergency: bool = False


class LighterAsked(Event): ...


class Chatted(Event):
    """A kind word that wants no more than one."""


@dataclass(frozen=True, slots=True)
class Asked(Event):
    question: Question = ANYTHING


class Unclear(Event): ...


class HelpAsked(Event): ...


class PrivacyAsked(Event): ...


class ForgetAsked(Event): ...


class ForgetConfirmed(Event): ...


class ForgetDeclined(Event): ...


class Blocked(Event): ...


class CueDue(Event): ...


class TrackFailed(Event):
    """What was to be listened to cannot be made or sent."""


class VoiceMissed(Event):
    """Something to be heard was asked for, and the coach has no voice."""


@dataclass(frozen=True, slots=True)
class Undelivered(Event):
    """The message that opens this part could not be delivered in time; the session ran on without it."""

    step: int = 1
    part: int = 0
