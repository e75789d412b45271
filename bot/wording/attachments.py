"""What a message can carry besides its text: a picture or audio.

The classes here only identify a file; other packages make the file and upload it. They are plain, frozen
data, so that an attachment can wait in the outbox and still be made after a crash. This module must not
depend on how a picture is drawn, how speech is made, or where a file is stored.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone


@dataclass(frozen=True, slots=True)
class PartPicture:
    """A picture of one part of a massage.

    `step` counts from 1, `part` from 0. `knot` is the spot of the marked knot that the part works on; None if
    the part does not work on a marked knot. `stands` is the side where the giver stands, `tone` the skin
    tone. If `moves` is true and the part has a stroke to show, the picture is a loop instead of a still.
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
    """A map of the back with the marked knots. Each pair is a spot's id and whether the
    knot there has eased.
    """

    marked: tuple[tuple[str, bool], ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class EndCard:
    """A summary of a massage: the steps done, the minutes of massage, the knots marked, and how many of those
    knots eased.
    """

    routine: str
    steps: int
    minutes: int
    knots: int
    eased: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A voice note that reads these sentences aloud."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuidedTrack:
    """A whole massage as one audio file.

    `length` is the length of the massage in seconds; `seconds` is the length of the audio file. Audio players
    show `title` and `seconds`. `tone` is the skin tone in the cover picture.
    """

    routine: str
    length: float
    stands: Side
    tone: Tone
    title: str
    seconds: float


PictureName = PartPicture | KnotMap | EndCard
"""A picture only illustrates a message, so the message is sent without the picture if the picture cannot be
made.
"""
AudioName = VoiceNote | GuidedTrack
"""Audio is the content of its message, so the message is not sent if the audio cannot be made."""
Attachment = PictureName | AudioName
