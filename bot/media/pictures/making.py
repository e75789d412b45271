"""Make the pictures: stills, loops, maps of knots, end cards and covers of guided tracks.

The same data always gives the same bytes. The functions that return a `Picture` take only a millisecond,
because they compute its key but do not draw. `Picture.make()` draws, which takes up to ten seconds, so it
must not run on the event loop.
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
    draw_signs,
    hands_overlay,
    scene,
    still_phase,
    underlay,
    view_of,
)
from bot.media.pictures.strokes import Stroke, cycle_seconds
from bot.media.pictures.svg import SIZE
from bot.routine.model import Pace, Part, Routine, Side, Tone

LIBRARIES = (av.__version__, PIL.__version__, resvg_py.__version__)
CODE = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))
"""The source code of this package. It is included in the digest that identifies a picture, because any change
in the code may change the picture."""

COVER_SIZE = 320
"""A cover's width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that can be made.

    `key` is a digest of everything that the picture depends on. `suffix` is .png, .jpg or .mp4. `make` draws
    the picture and returns the bytes of the file.
    """

    key: str
    suffix: str
    make: Callable[[], bytes] = field(compare=False)


def loop(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """Return the loop of a part: an animation that repeats seamlessly and is as slow as real hands.

    The loop is an H.264 video without sound, of 720x720 pixels and at most 120 kB. Raises ValueError if the
    part has no stroke, because then nothing moves.
    """
    seen, technique = scene(routine, part, stands, tone), part.step.technique
    if seen.stroke is None or technique is None:
        raise ValueError(f"nothing moves in step {part.number} of {routine.name}; take its still")
    key = _key("loop", technique.pace, seen)
    return Picture(key, ".mp4", partial(_render_loop, seen, seen.stroke, technique.pace))


def still(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """Return the still of a part: a PNG of 720x720 pixels and at most 150 kB."""
    seen = scene(routine, part, stands, tone)
    phase = still_phase(seen.stroke) if seen.stroke else 0.0
    return Picture(_key("still", seen), ".png", partial(_render_still, seen, phase))


def loop_or_still(routine: Routine, part: Part, stands: Side, tone: Tone) -> Picture:
    """Return the picture for a part's message: a loop if the part has a stroke, otherwise a still."""
    return (loop if part.step.technique else still)(routine, part, stands, tone)


def knot_map(marked: Mapping[str, bool], tone: Tone) -> Picture:
    """Return a map of the back with the marked knots.

    The keys of `marked` are the ids of the spots with a knot. A value is true if the knot there has eased.
    """
    return _card(tone, body.LYING, cards.knot_map(marked))


def end_card(routine: Routine, steps: int, minutes: int, knots: int, eased: int, tone: Tone) -> Picture:
    """Return the card at the end of a massage, after `steps` steps and `minutes` minutes.

    `knots` is how many knots were marked, and `eased` is how many of them have eased.
    """
    return _card(tone, view_of(routine), cards.end_card(routine, steps, minutes, knots, eased))


def cover(routine: Routine, tone: Tone) -> Picture:
    """Return the cover of a guided track, which shows the routine's first stroke without arrows and signs.

    The picture is a JPEG of 320x320 pixels and less than 200 kB, because Telegram accepts no larger one.
    """
    seen = cards.cover_scene(routine, tone)
    if seen.stroke is None:
        raise ValueError(f"{routine.name} has no stroke to show")
    return Picture(_key("cover", seen), ".jpg", partial(_render_cover, seen, seen.stroke))


# --- Time ----------------------------------------------------------------------------------------

MIN_LOOP_SECONDS = 3.0


def loop_seconds(cycle: float) -> float:
    """Return how long a loop lasts, given the duration of one cycle of the stroke, both in seconds.

    A loop contains only whole cycles, as few as make it MIN_LOOP_SECONDS long. So it has no visible seam, and
    lasts as long as a real stroke.
    """
    return cycle * ceil(MIN_LOOP_SECONDS / cycle)


# --- Making --------------------------------------------------------------------------------------


def _key(kind: str, *data: object) -> str:
    """Return a digest of everything that a picture depends on: data, code and the libraries' versions."""
    description = repr((LIBRARIES, kind, data)).encode()
    return sha256(CODE + description).hexdigest()[:20]


def _render_loop(seen: Scene, stroke: Stroke, pace: Pace) -> bytes:
    return paint.mp4(_frames(seen, stroke, cycle_seconds(stroke, pace)), (SIZE, SIZE))


def _frames(seen: Scene, stroke: Stroke, cycle: float) -> Iterator[Image.Image]:
    below, above = _render_underlay(seen), paint.rasterise(draw_signs(seen))
    seconds = loop_seconds(cycle)
    frames = round(seconds * paint.FRAMES_PER_SECOND)
    for i in range(frames):
        phase = i / frames * seconds / cycle % 1
        yield paint.overlay(_with_hands(seen, stroke, below, phase), above)


def _render_still(seen: Scene, phase: float) -> bytes:
    picture = _render_underlay(seen)
    if seen.stroke:
        picture = _with_hands(seen, seen.stroke, picture, phase)
    return paint.png(paint.overlay(picture, paint.rasterise(draw_signs(seen))))


def _card(tone: Tone, view: body.View, drawing: str) -> Picture:
    def make() -> bytes:
        return paint.png(paint.overlay(_backdrop(tone, view), paint.rasterise(drawing)))

    return Picture(_key("card", tone, view, drawing), ".png", make)


def _render_cover(seen: Scene, stroke: Stroke) -> bytes:
    below = paint.overlay(_backdrop(seen.tone, seen.view), paint.rasterise(cards.glow(seen)))
    return paint.jpeg(_with_hands(seen, stroke, below, still_phase(stroke)), COVER_SIZE)


@cache
def _backdrop(tone: Tone, view: body.View) -> Image.Image:
    return paint.rasterise(backdrop(tone, view))


def _render_underlay(seen: Scene) -> Image.Image:
    """Return an image of everything that is under the moving hands, including the room and the receiver."""
    return paint.overlay(_backdrop(seen.tone, seen.view), paint.rasterise(underlay(seen)))


def _with_hands(seen: Scene, stroke: Stroke, below: Image.Image, phase: float) -> Image.Image:
    hands = hands_overlay(seen, stroke, phase)
    return paint.overlay(below, paint.rasterise(hands.svg), hands.at)
