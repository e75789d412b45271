"""The pictures: stills, loops, the map of knots, the card at the end, a track's cover.

The same data gives the same bytes. Each picture takes from one second to some ten: make it off the event loop
and ahead of need. Its `key` costs a millisecond: it is made of the data and the code.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from math import ceil
from pathlib import Path

import av
import PIL
import resvg_py
from PIL import Image

from bot.media.pictures import body, cards, paint
from bot.media.pictures.composition import (
    Scene,
    backdrop,
    ground,
    moving,
    scene,
    signs_of,
    still_phase,
    view_of,
)
from bot.media.pictures.strokes import Stroke, cycle
from bot.media.pictures.svg import SIZE
from bot.routine.model import Pace, Part, Routine, Side, Tone

LIBRARIES = (av.__version__, PIL.__version__, resvg_py.__version__)
CODE = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
"""This package's own: whatever changes in it makes other pictures."""

COVER = 320
"""Pixels of a cover's sides."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can be made. `key` is that of its content; `suffix` is .png, .jpg or .mp4."""

    key: str
    suffix: str
    make: Callable[[], bytes] = field(compare=False)


def loop(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """720x720 pixels, H.264 without sound, 3 to 4 s, at most 120 kB. It ends where it begins.

    Raises ValueError for a part without a stroke, in which nothing moves.
    """
    seen, technique = scene(routine, part, stands, tone), part.step.technique
    if seen.stroke is None or technique is None:
        raise ValueError(f"nothing moves in step {part.number} of {routine.name}; take its still")
    key = _key("loop", technique.pace, seen)
    return Picture(key, ".mp4", partial(_film, seen, seen.stroke, technique.pace))


def still(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """720x720 pixels, at most 150 kB."""
    seen = scene(routine, part, stands, tone)
    phase = still_phase(seen.stroke) if seen.stroke else 0.0
    return Picture(_key("still", seen), ".png", partial(_photo, seen, phase))


def shown(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """What goes with a part's message: a loop where there is a stroke, else a still."""
    return (loop if part.step.technique else still)(routine, part, stands, tone)


def knot_map(marked: Mapping[str, bool], tone: Tone) -> Picture:
    """The marked spots by their ids, each with whether it has eased."""
    return _card(tone, body.LYING, cards.knots(marked))


def end_card(routine: Routine, steps: int, minutes: int, knots: int, eased: int, tone: Tone) -> Picture:
    """The back with what `steps` steps have worked; `knots` were marked, of which so many `eased`."""
    return _card(tone, view_of(routine), cards.end(routine, steps, minutes, knots, eased))


def cover(routine: Routine, tone: Tone) -> Picture:
    """JPEG, 320x320 pixels, under 200 kB, as for a Telegram thumbnail: the first stroke, without signs."""
    seen = cards.cover_scene(routine, tone)
    if seen.stroke is None:
        raise ValueError(f"{routine.name} has no stroke to show")
    return Picture(_key("cover", seen), ".jpg", partial(_cover, seen, seen.stroke))


# --- Time ----------------------------------------------------------------------------------------

LEAST, MOST = 3.0, 4.0
"""Seconds of a loop."""
FADE = 0.6


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long a loop and the stroke's cycle last, and how long the end fades into the beginning: seconds."""

    seconds: float
    cycle: float
    fade: float

    def phase(self, at: float) -> float:
        """Where in its cycle the stroke is, `at` seconds from the loop's beginning, or before it."""
        return at / self.cycle % 1


def tempo(cycle: float) -> Tempo:
    """Whole cycles where they fit. Of a longer one its beginning: hands are not hurried to end in time."""
    times = max(1, ceil(LEAST / cycle - 1e-9))
    if times * cycle <= MOST + 1e-9:
        return Tempo(times * cycle, cycle, 0)
    return Tempo(MOST, cycle, FADE)


# --- Making --------------------------------------------------------------------------------------


def _key(kind: str, *data: object) -> str:
    """From all that a picture depends on."""
    told = repr((LIBRARIES, kind, data)).encode()
    return sha256(CODE + told).hexdigest()[:20]


def _film(seen: Scene, stroke: Stroke, pace: Pace) -> bytes:
    return paint.mp4(_frames(seen, stroke, tempo(cycle(stroke, pace))), (SIZE, SIZE))


def _frames(seen: Scene, stroke: Stroke, tempo: Tempo) -> Iterator[Image.Image]:
    below, above = _below(seen), paint.image(signs_of(seen))
    for i in range(round(tempo.seconds * paint.FRAMES_A_SECOND)):
        now, coming = i / paint.FRAMES_A_SECOND, i / paint.FRAMES_A_SECOND - tempo.seconds
        picture = _with_hands(seen, stroke, below, tempo.phase(now))
        if coming > -tempo.fade:
            other = _with_hands(seen, stroke, below, tempo.phase(coming))
            picture = Image.blend(picture, other, 1 + coming / tempo.fade)
        yield paint.laid(picture, above)


def _photo(seen: Scene, phase: float) -> bytes:
    picture = _below(seen)
    if seen.stroke:
        picture = _with_hands(seen, seen.stroke, picture, phase)
    return paint.png(paint.laid(picture, paint.image(signs_of(seen))))


def _card(tone: Tone, view: body.View, drawing: str) -> Picture:
    def make() -> bytes:
        return paint.png(paint.laid(_backdrop(tone, view), paint.image(drawing)))

    return Picture(_key("card", tone, view, drawing), ".png", make)


def _cover(seen: Scene, stroke: Stroke) -> bytes:
    below = paint.laid(_backdrop(seen.tone, seen.view), paint.image(cards.aglow(seen)))
    return paint.jpeg(_with_hands(seen, stroke, below, still_phase(stroke)), COVER)


@cache
def _backdrop(tone: Tone, view: body.View) -> Image.Image:
    return paint.image(backdrop(tone, view))


def _below(seen: Scene) -> Image.Image:
    """All that lies under the hands."""
    return paint.laid(_backdrop(seen.tone, seen.view), paint.image(ground(seen)))


def _with_hands(seen: Scene, stroke: Stroke, below: Image.Image, phase: float) -> Image.Image:
    hands = moving(seen, stroke, phase)
    return paint.laid(below, paint.image(hands.svg), hands.at)
