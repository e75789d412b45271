"""What can happen to a session: a tap, a message, the timer, or a delivery that failed.

Plain, frozen data, named in the past tense. It must never hold words that a person reads, or anything of
Telegram.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone
from bot.session.state import Ask, Question

ANY_QUESTION = Question(Ask.CAN_ASK)


@dataclass(frozen=True, slots=True)
class Event:
    """`revision` is the session's when the tapped button was shown, or None if no button was tapped."""

    revision: int | None = None


class Started(Event): ...


class StartedOver(Event): ...


@dataclass(frozen=True, slots=True)
class RoutineChosen(Event):
    """Another routine is chosen. `advance` gets this event together with that routine."""

    routine: str = ""


@dataclass(frozen=True, slots=True)
class LengthChosen(Event):
    """`length` is in seconds."""

    length: int = 0


@dataclass(frozen=True, slots=True)
class SideChosen(Event):
    side: Side = Side.LEFT


@dataclass(frozen=True, slots=True)
class ToneChosen(Event):
    tone: Tone = Tone.MEDIUM


@dataclass(frozen=True, slots=True)
class ReadAloudChosen(Event):
    """Reading each step aloud is switched on or off."""

    on: bool = True


class ChecklistAsked(Event): ...


@dataclass(frozen=True, slots=True)
class ItemTicked(Event):
    """The item at index `item` of the checklist is ticked, or with `on` false unticked."""

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
    """A message asks to go to the beginning of step `step`, counted from 1."""

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
    """A spot is marked, or with `on` false unmarked, in the grid of massage `run`.

    That grid works as long as the massage lasts, so this event has no revision.
    """

    run: int = 0
    spot: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class KnotReported(Event):
    """A message tells of a knot; there need not be a grid."""

    spot: str = ""


class GridClosed(Event): ...


class KnotEased(Event): ...


class KnotStayedTight(Event): ...


@dataclass(frozen=True, slots=True)
class PainReported(Event):
    """A message tells of pain; with `emergency`, of something for which an ambulance must be called."""

    emergency: bool = False


class LighterAsked(Event): ...


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
    """The person blocked the bot, so that nothing can be sent."""


class CueDue(Event):
    """The time in `Session.due_at` has come."""


class TrackFailed(Event):
    """The guided track could not be made or sent."""


class VoiceUnavailable(Event):
    """A person asked for something to listen to, but the coach has no voice."""


@dataclass(frozen=True, slots=True)
class Undelivered(Event):
    """The message that opens this part could not be delivered in time, and the session went on without it."""

    step: int = 1
    part: int = 0
