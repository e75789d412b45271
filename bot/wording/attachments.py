"""What a message can carry besides its words: named here, made and uploaded elsewhere.

Plain, frozen data, so that it can wait in the outbox and be made after a crash too. Nothing here may know how
a picture is drawn, how a voice speaks, or where a file is.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone


@dataclass(frozen=True, slots=True)
class PartPicture:
    """A part of a step by its index, or the work on one `knot`; it `moves` where there is a stroke."""

    routine: str
    step: int
    part: int
    knot: str | None
    stands: Side
    tone: Tone
    moves: bool = True


@dataclass(frozen=True, slots=True)
class KnotMap:
    """The back with these spots marked, each with whether it has eased."""

    marked: tuple[tuple[str, bool], ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class EndCard:
    """What was done: steps, minutes, knots marked, and how many of them eased."""

    routine: str
    steps: int
    minutes: int
    knots: int
    eased: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """These lines, spoken."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuidedTrack:
    """A whole massage to listen to; `tone` is for its cover, `title` and `seconds` are what players show."""

    routine: str
    length: float
    stands: Side
    tone: Tone
    title: str
    seconds: float


Seen = PartPicture | KnotMap | EndCard
"""What adds to words, which go without it where it is missing."""
Heard = VoiceNote | GuidedTrack
"""What a message is nothing without."""
Attachment = Seen | Heard
