"""What a message can carry besides its words. These are names only: the files are made and uploaded
elsewhere.

Plain, frozen data, so that an attachment can wait in the outbox and still be made after a crash. Must never
know how a picture is drawn, how a voice speaks, or where a file is stored.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone


@dataclass(frozen=True, slots=True)
class PartPicture:
    """A picture of one part of a massage.

    `step` counts from 1, `part` from 0. `knot` is the spot being worked, if it is a marked knot. `stands` is
    where the giver stands. `moves` asks for a loop rather than a still, if the part has a stroke to show.
    """

    routine: str
    step: int
    part: int
    knot: str | None
    stands: Side
    tone: Tone
    moves: bool = True


@dataclass(frozen=True, slots=True)
class KnotMap:
    """A back with knots marked on it: pairs of a spot's id and whether its knot has eased."""

    marked: tuple[tuple[str, bool], ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class EndCard:
    """A summary of a massage: steps done, minutes worked, knots marked, and how many of those eased."""

    routine: str
    steps: int
    minutes: int
    knots: int
    eased: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A voice note that speaks these sentences."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuidedTrack:
    """A whole massage as one audio file, `length` seconds of massage long.

    `tone` is the skin on its cover. Players show `title` and `seconds`, the length of the file.
    """

    routine: str
    length: float
    stands: Side
    tone: Tone
    title: str
    seconds: float


PictureName = PartPicture | KnotMap | EndCard
"""Pictures. They illustrate the words, so a message is sent without its picture if that cannot be made."""
AudioName = VoiceNote | GuidedTrack
"""Audio. It is the message itself, so a message is not sent without it."""
Attachment = PictureName | AudioName
