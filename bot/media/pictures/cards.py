"""Draw the pictures without moving hands: the map of knots, the end card, and the glow of a track's cover.

All functions are pure. The functions that draw return SVG. The drawings must not contain words, only numbers
and signs.
"""

from collections.abc import Mapping

from bot.media.pictures import body, figure, signs, strokes
from bot.media.pictures.composition import Scene, draw_glow, place_on_side, scene, transform_to_view, view_of
from bot.media.pictures.svg import Point, Points, group, mirrored, svg
from bot.routine.model import Routine, Side, Tone, Where, parts

COLUMNS, ROW_YS = ((-91.0, 80.0), (0.0, 94.0), (91.0, 80.0)), (256.0, 376.0, 496.0)
"""The middle and the width of each column of fields, and the middle of each row."""
ROW_HEIGHT, KNOT_SIZE = 106, 13


def knot_map(marked: Mapping[str, bool]) -> str:
    """Draw the nine fields of the back, with the marked knots.

    The keys of `marked` are the ids of the spots with a knot. A value is true if the knot there has eased.
    """
    fields = []
    for i, (name, places) in enumerate(body.SPOTS.items()):
        (x, width), y = COLUMNS[i % 3], ROW_YS[i // 3]
        fields.append(signs.cell((x, y), width, ROW_HEIGHT, lit=name in marked and not marked[name]))
        fields += [_knot(place, marked[name]) for place in places if name in marked]
    off = signs.keep_off([body.SPINE])
    return svg(figure.body_clip(), signs.definitions(), off, *fields, signs.sides("", 216, 305))


def _knot(at: Point, eased: bool) -> str:
    return signs.eased_knot(at, KNOT_SIZE) if eased else signs.target(at, KNOT_SIZE)


def end_card(routine: Routine, steps: int, minutes: int, knots: int, eased: int) -> str:
    """Draw the card for the end of a massage.

    The card has a glow on all places of the routine's first `steps` steps, and shows the numbers: the
    `minutes` of massage, how many knots were marked (`knots`), and how many of them have eased (`eased`).
    """
    worked = dict.fromkeys(part.step for number in range(1, steps + 1) for part in parts(routine, number))
    lanes = [lane for step in worked if step.technique for lane in _lanes(step.technique.where)]
    on_body = group(signs.glow(lanes, 58), clip_path="url(#body)")
    seen = transform_to_view(view_of(routine), on_body)
    return svg(figure.body_clip(), signs.definitions(), seen, _numbers_panel(minutes, knots, eased))


def _lanes(where: Where) -> list[Points]:
    lane = strokes.lane_between(where.start, where.end, offset=8)
    return [lane, mirrored(lane)]


def _numbers_panel(minutes: int, knots: int, eased: int) -> str:
    y, minutes_text = 640.0, str(minutes)
    if not knots:
        drawn = [signs.clock((-60, y), 25), signs.text(minutes_text, (38, y), 46, figure.CREAM)]
        return signs.panel((0, y), 250, 96, *drawn)
    drawn = [
        signs.clock((-196, y), 25),
        signs.text(minutes_text, (-108, y), 46, figure.CREAM),
        signs.target((10, y), 22),
        signs.eased_knot((66, y), 22),
        signs.text(f"{eased}/{knots}", (162, y), 46, figure.CREAM),
    ]
    return signs.panel((0, y), 520, 96, *drawn)


def glow(seen: Scene) -> str:
    """Draw only the glow of a scene on the massaged area, without the arrows and signs."""
    return svg(figure.body_clip(), signs.definitions(), place_on_side(seen, draw_glow(seen)))


def cover_scene(routine: Routine, tone: Tone) -> Scene:
    """Return the scene of the routine's first stroke, with a giver who stands on the left."""
    number = next(number for number, step in enumerate(routine.steps, 1) if step.technique)
    return scene(routine, parts(routine, number)[0], Side.LEFT, tone)
