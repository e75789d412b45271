"""What a message can carry besides its text: a picture or audio.

The classes here only identify a file; other packages make the file and upload it. The objects are plain,
frozen data. They are stored with the messages that wait to be sent, so the file can still be made after a
crash. This module must not depend on how a picture is drawn, how speech is made, or where a file is stored.
"""

from dataclasses import dataclass

from bot.routine.model import Side, Tone
from bot.session.state import Talk


@dataclass(frozen=True, slots=True)
class PartPicture:
    """A picture of one part of a massage.

    `step` counts from 1, `part` from 0. `knot` is the spot of the marked knot that is massaged in the part;
    None if the part is not about a marked knot. `stands` is the side of the receiver on which the giver
    stands, `tone` the skin tone. If `moves` is true and the part has a stroke, the picture is an animation;
    otherwise it is a still.
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
    """A map of the back with the marked knots. Each pair in `marked` is the id of a spot, and whether the
    knot there has eased.
    """

    marked: tuple[tuple[str, bool], ...]
    tone: Tone


@dataclass(frozen=True, slots=True)
class EndCard:
    """A picture that sums up a massage. `steps` is the number of steps done, `minutes` the time massaged,
    `knots` the number of marked knots, and `eased` the number of those knots that eased.
    """

    routine: str
    steps: int
    minutes: int
    knots: int
    eased: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A voice note that reads the sentences in `lines` aloud."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GuidedTrack:
    """A whole massage as one audio file.

    `length` is the chosen length of the massage in seconds; `seconds` is the length of the audio file, with
    its opening and closing. Audio players show `title` and `seconds`. `stands` is the side of the receiver on
    which the giver starts. `tone` is the skin tone in the cover picture. `talk` says how much the voice says.
    """

    routine: str
    length: float
    stands: Side
    tone: Tone
    title: str
    seconds: float
    talk: Talk = Talk.FULL


PictureName = PartPicture | KnotMap | EndCard
"""Identifies a picture. A picture only illustrates a message, so if the picture cannot be made, the message
is sent without it.
"""
AudioName = VoiceNote | GuidedTrack
"""Identifies audio. The audio is the content of its message, so if the audio cannot be made, the message is
not sent.
"""
Attachment = PictureName | AudioName
