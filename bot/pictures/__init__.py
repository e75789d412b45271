"""What one must see: a part of a routine, and where its giver stands -> a still and a loop.

Must never know Telegram, a session or the time of day. The same data gives the same bytes. Everything here takes
from half a second to ten: call it off the event loop, ahead of need.
"""

from functools import cache

from PIL import Image

from bot.pictures import body, paint
from bot.pictures.figure import Tone
from bot.pictures.scene import Scene, backdrop, ground, hands, scene, signs_of, still_phase
from bot.pictures.strokes import SECONDS, Stroke
from bot.routine import Part, Routine, Side


def still(routine: Routine, part: Part, stands: Side, tone: Tone) -> bytes:
    """A PNG of 720x720 pixels, at most 150 kB."""
    seen = scene(routine, part, stands, tone)
    picture, above = _ground(seen), paint.image(signs_of(seen))
    if seen.stroke:
        picture = _frame(seen, seen.stroke, picture, still_phase(seen.stroke))
    return paint.png(paint.laid(picture, above))


def loop(routine: Routine, part: Part, stands: Side, tone: Tone) -> bytes:
    """An MP4 of 720x720 pixels, H.264 without sound, 3 to 4 s, at most 120 kB. It ends where it begins.

    Raises ValueError for a part without a stroke, in which nothing moves.
    """
    seen, technique = scene(routine, part, stands, tone), part.step.technique
    if seen.stroke is None or technique is None:
        raise ValueError(f"nothing moves in step {part.number} of {routine.name}")
    picture, above = _ground(seen), paint.image(signs_of(seen))
    count = round(SECONDS[technique.pace] * paint.FRAMES_A_SECOND)
    frames = [paint.laid(_frame(seen, seen.stroke, picture, i / count), above) for i in range(count)]
    return paint.mp4(frames)


@cache
def _backdrop(tone: Tone, view: body.View) -> Image.Image:
    return paint.image(backdrop(tone, view))


def _ground(seen: Scene) -> Image.Image:
    return paint.laid(_backdrop(seen.tone, seen.view), paint.image(ground(seen)))


def _frame(seen: Scene, stroke: Stroke, picture: Image.Image, phase: float) -> Image.Image:
    moving = hands(seen, stroke, phase)
    return paint.laid(picture, paint.image(moving.svg), moving.at)
