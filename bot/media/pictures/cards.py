"""Pictures that show no stroke: the map of knots, the card at the end, and a track's cover. Pure.

Their words are said elsewhere; here stand numbers and signs only.
"""

from collections.abc import Mapping

from bot.media.pictures import body, figure, signs, strokes
from bot.media.pictures.composition import Scene, drawn_on, scene, view_of, zone
from bot.media.pictures.svg import Point, Points, group, mirrored, svg
from bot.routine.model import Routine, Side, Tone, Where, parts

CELL: Point = (84, 106)
COLUMNS, ROWS = (-88.0, 0.0, 88.0), (256.0, 376.0, 496.0)


def knots(marked: Mapping[str, bool]) -> str:
    """The nine fields on the back: where a knot is marked, and, ticked, where it has eased."""
    fields = []
    for i, (name, places) in enumerate(body.SPOTS.items()):
        middle = (COLUMNS[i % 3], ROWS[i // 3])
        fields.append(signs.cell(middle, *CELL, lit=name in marked and not marked[name]))
        fields += [_knot(place, marked[name]) for place in places if name in marked]
    off = signs.keep_off([body.SPINE])
    return svg(figure.clip(), signs.definitions(), off, *fields, signs.sides("", 216, 305))


def _knot(at: Point, eased: bool) -> str:
    return signs.eased(at, 17) if eased else signs.target(at, 17)


def end(routine: Routine, steps: int, minutes: int, knots: int, eased: int) -> str:
    """The back aglow where it was worked; minutes, and knots eased of those marked."""
    worked = dict.fromkeys(part.step for number in range(1, steps + 1) for part in parts(routine, number))
    ways = [way for step in worked if step.technique for way in _ways(step.technique.where)]
    on_body = group(signs.glow(ways, 58), clip_path="url(#body)")
    seen = drawn_on(view_of(routine), on_body)
    return svg(figure.clip(), signs.definitions(), seen, _figures(minutes, knots, eased))


def _ways(where: Where) -> list[Points]:
    way = strokes.lane(where.start, where.end, beside=8)
    return [way, mirrored(way)]


def _figures(minutes: int, knots: int, eased: int) -> str:
    y, words = 640.0, str(minutes)
    if not knots:
        drawn = [signs.clock((-60, y), 25), signs.text(words, (38, y), 46, figure.CREAM)]
        return signs.panel((0, y), 250, 96, *drawn)
    drawn = [
        signs.clock((-196, y), 25),
        signs.text(words, (-108, y), 46, figure.CREAM),
        signs.target((10, y), 22),
        signs.eased((66, y), 22),
        signs.text(f"{eased}/{knots}", (162, y), 46, figure.CREAM),
    ]
    return signs.panel((0, y), 520, 96, *drawn)


def aglow(seen: Scene) -> str:
    """The zone of a scene, and nothing else."""
    return svg(figure.clip(), signs.definitions(), drawn_on(seen.view, zone(seen)))


def cover_scene(routine: Routine, tone: Tone) -> Scene:
    """The first stroke of the routine."""
    number = next(number for number, step in enumerate(routine.steps, 1) if step.technique)
    return scene(routine, parts(routine, number)[0], Side.LEFT, tone)
