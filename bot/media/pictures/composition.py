"""A part of a routine, and where its giver stands -> what is to be seen: a scene, and its hands at a moment.

Pure; everything is drawn from the routine's data and the body map. The left side is the right one mirrored.
"""

from dataclasses import dataclass

from bot.media.pictures import body, figure, holds, signs, strokes
from bot.media.pictures.figure import PALETTES
from bot.media.pictures.hands import Placed, draw, reach
from bot.media.pictures.strokes import REACHES, Stroke
from bot.media.pictures.svg import (
    SIZE,
    XMLNS,
    Point,
    Points,
    element,
    group,
    mirrored,
    number,
    pair,
    plus,
    rect,
    sampled,
    svg,
)
from bot.routine.model import Motion, Part, Routine, Side, Stance, Tone

AFTERWARDS = 0.4
"""How faint the arrow is on the side that comes afterwards."""
OUTWARDS: Points = sampled([(104, 186), (118, 191), (132, 198)])
"""An arrow free of the hands that squeeze along the shoulder, above its edge."""
SPOT = 76.0
"""How broadly a single place glows, so that it shows from under the hands."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is seen: the body in a view, the sides worked, and the stroke, mirrored or not."""

    tone: Tone
    view: body.View
    sides: str
    badge: tuple[int, int]
    keep_off: tuple[str, ...]
    stroke: Stroke | None
    mirror: bool
    giver: int


def scene(routine: Routine, part: Part, stands: Side, tone: Tone) -> Scene:
    """Raises KeyError where the routine names what is not on the body map; `check` finds that beforehand."""
    technique, worked = part.step.technique, part.side(stands)
    beside = routine.stance is Stance.BESIDE
    spots = body.SPOTS[part.knot] if part.knot else ()
    spot = _near(spots, stands)
    mirror = _mirror(worked, spot, beside, stands)
    giver = 0 if not beside else (-1 if (stands is Side.LEFT) != mirror else 1)
    at = (abs(spot[0]), spot[1]) if spot else None
    both = worked is None and len(spots) != 1
    return Scene(
        tone=tone,
        view=view_of(routine),
        sides=_worked(worked, spots, technique is not None),
        badge=(part.number, len(routine.steps)),
        keep_off=technique.no_press if technique else (),
        stroke=strokes.stroke(technique, giver, both, at) if technique else None,
        mirror=mirror,
        giver=giver,
    )


def view_of(routine: Routine) -> body.View:
    """Lying, or seated with as much of the back as the routine works on."""
    if routine.stance is Stance.BESIDE:
        return body.LYING
    wheres = [step.technique.where for step in routine.steps if step.technique]
    lowest = max((y for where in wheres for _, y in strokes.lane(where.start, where.end, 0)), default=0.0)
    return body.SEATED if lowest < body.SEATED.end - 60 else body.SEATED_FARTHER


def _near(spots: Points, stands: Side) -> Point | None:
    """A marked knot's place; of two in the middle, the one on the giver's side of the spine."""
    own = -1 if stands is Side.LEFT else 1
    return max(spots, key=lambda point: point[0] * own, default=None)


def _mirror(worked: Side | None, spot: Point | None, beside: bool, stands: Side) -> bool:
    """Strokes are worked out on the right, or on both sides for a giver on the left."""
    if spot:
        return spot[0] < 0
    if worked:
        return worked is Side.LEFT
    return beside and stands is Side.RIGHT


def _worked(worked: Side | None, spots: Points, stroked: bool) -> str:
    if len(spots) == 1:
        return "R" if spots[0][0] > 0 else "L"
    if worked:
        return worked.value[0].upper()
    return "LR" if stroked else ""


# --- Drawing -------------------------------------------------------------------------------------


def backdrop(tone: Tone, view: body.View) -> str:
    """The receiver, as in every picture of that view."""
    drawn = figure.lying(tone) if view is body.LYING else figure.seated(tone, view.end)
    return svg(figure.room(), drawn_on(view, drawn))


def ground(scene: Scene) -> str:
    """What a part adds to the backdrop and does not move."""
    bare = element("clipPath", rect((0, scene.view.end / 2), SIZE, scene.view.end, 0), id="bare")
    hatched = group(signs.keep_off(_hatched(scene)), clip_path="url(#bare)")
    on_body = group(zone(scene), clip_path="url(#bare)") + hatched + _ways(scene) + _support(scene)
    defined = signs.definitions() + element("defs", bare) + figure.clip_beyond_head()
    return svg(figure.clip(), defined, _seen(scene, on_body))


def _support(scene: Scene) -> str:
    """The hand that holds the head, seen beside it."""
    held = holds.supporting(scene.stroke) if scene.stroke else []
    skin = PALETTES[scene.tone].hands
    return group(*(draw(hand, skin) for hand in held), clip_path="url(#beyond-head)")


@dataclass(frozen=True, slots=True)
class Overlay:
    """A drawing that lies on part of a picture, its upper left corner `at` these pixels."""

    svg: str
    at: tuple[int, int]


def moving(scene: Scene, stroke: Stroke, phase: float) -> Overlay:
    """What moves, at a phase of the loop."""
    placed = holds.hands(stroke, phase)
    drawn = "".join(draw(hand, PALETTES[scene.tone].hands) for hand in placed)
    left, top, right, bottom = _box(scene, [point for hand in placed for point in _reach(hand)])
    seen = _seen(scene, drawn + _marks(stroke, placed, phase))
    box = {"width": right - left, "height": bottom - top}
    framed = element("svg", seen, xmlns=XMLNS, viewBox=f"{left} {top} {right - left} {bottom - top}", **box)
    return Overlay(framed, (left + SIZE // 2, top))


def _reach(hand: Placed) -> list[Point]:
    """A hand's farthest points, and those of the marks around what it touches."""
    (x, y), r = hand.at, 30
    return [*reach(hand), (x - r, y - r), (x + r, y + r)]


def _box(scene: Scene, points: Points) -> tuple[int, int, int, int]:
    """The smallest part of the frame with all points: left, top, right and bottom, in its own measure."""
    view, sign = scene.view, -1 if scene.mirror else 1
    xs = [sign * (x - view.middle[0]) * view.scale for x, _ in points]
    ys = [(y - view.middle[1]) * view.scale + SIZE / 2 for _, y in points]
    half, edge = SIZE // 2, 20 * view.scale
    left, right = (min(half, max(-half, round(x))) for x in (min(xs) - edge, max(xs) + edge))
    top, bottom = (min(SIZE, max(0, round(y))) for y in (min(ys) - edge, max(ys) + edge))
    return left, top, right, bottom


def _seen(scene: Scene, on_body: str) -> str:
    """What is worked out for the right side, on the side it is for."""
    return drawn_on(scene.view, group(on_body, transform="scale(-1 1)") if scene.mirror else on_body)


def drawn_on(view: body.View, on_body: str) -> str:
    """What is given on the body map, as the view shows it."""
    x, y = view.middle
    shift = f"translate(0 {SIZE // 2}) scale({number(view.scale)}) translate({pair((-x, -y))})"
    return group(on_body, transform=shift)


def _hatched(scene: Scene) -> list[Points]:
    outlines = [o for name in dict.fromkeys(scene.keep_off) for o in body.NO_PRESS[name]]
    return [*outlines, *(mirrored(o) for o in outlines if min(x for x, _ in o) > 0)]


def zone(scene: Scene) -> str:
    """Light on the way of the hands."""
    if scene.stroke is None:
        return ""
    lane, breadth = scene.stroke.lane, REACHES[scene.stroke.shape].breadth
    symmetric = scene.stroke.both and not scene.stroke.alternates
    lanes: list[Points] = [lane, mirrored(lane)] if symmetric else [lane]
    lit = signs.glow(lanes, breadth if len(lane) > 1 else max(breadth, SPOT))
    return group(lit, clip_path="url(#body)")


def _ways(scene: Scene) -> str:
    """The arrows, on each side; faint on the one whose turn comes afterwards."""
    stroke = scene.stroke
    if stroke is None:
        return ""
    one = _way(stroke)
    faint = AFTERWARDS if stroke.alternates else None
    return one + group(one, transform="scale(-1 1)", opacity=faint) if stroke.both else one


def _way(stroke: Stroke) -> str:
    points = stroke.way.points
    if stroke.way.length == 0:
        return signs.target(points[0], 13) if stroke.alternates else ""
    match stroke.motion:
        case Motion.PRESS:
            if stroke.over:
                return signs.arrow(OUTWARDS, 6, 1.3)
            return signs.arrow(points, 6, 1.5) + "".join(signs.target(at, 13) for at in stroke.stations[1:-1])
        case Motion.TAP:
            return signs.drops(points)
        case Motion.BACK_AND_FORTH:
            return signs.arrow(signs.hairpin(points), 8)
        case Motion.CIRCLES:
            places = dict.fromkeys(stroke.stations)
            return "".join(signs.ring(at, plus(stroke.circle, (6, 4))) for at in places)
        case _:
            back = signs.arrow(stroke.back.points[:-14], 4, 1.6) if stroke.back else ""
            return back + signs.arrow(points, 12)


def _marks(stroke: Stroke, placed: list[Placed], phase: float) -> str:
    """Light touches spark; where it presses, a ring widens."""
    if stroke.motion is Motion.TAP:
        return "".join(signs.spark(plus(hand.at, (0, -18)), 16) for hand in placed if hand.lift < 0.15)
    if stroke.motion is Motion.PRESS and stroke.shape in ("braced-thumb", "stacked-fingertips", "thumbs"):
        now = strokes.moment(stroke, phase)
        return signs.pulse(now.at, 34 if stroke.shape != "thumbs" else 24, now.press)
    return ""


def signs_of(scene: Scene) -> str:
    """What stands beside the body, and nothing may hide: where the giver is, L and R, the badge."""
    if scene.view is body.LYING:
        side = -1 if (scene.giver < 0) != scene.mirror else 1
        around = signs.feet((side * 300, 540), -side * 52) + signs.sides(scene.sides, 216, 305)
    else:
        around = signs.feet((0, 686), 0) + signs.sides(scene.sides, 300, 320)
    return svg(around, signs.badge(*scene.badge))


STILL = {
    Motion.GLIDE: 0.29,
    Motion.CIRCLES: 0.06,
    Motion.BACK_AND_FORTH: 0.13,
    Motion.PRESS: 0.1,
    Motion.TAP: 0.16,
}
"""The phase at which a still shows best what to do: early on the way, the rest of it free to see."""


def still_phase(stroke: Stroke) -> float:
    """The phase that a still shows."""
    if stroke.way.length == 0:
        return 0.5
    return 0.12 if stroke.over else STILL[stroke.motion]  # there the hands hide more of a shorter way
