"""Compose the picture of a part of a routine: the body, the glow, the arrows, the hands and the signs.

A part is a piece of a step with a message of its own, such as one side of the back. A stroke is a technique
with the path of the hands on the body map. A stroke on one side of the back is always computed for the right
side; if the left side is massaged, the drawing is mirrored. All functions are pure: the routine's data and
the body map are all that they need.
"""

from dataclasses import dataclass

from bot.media.pictures import body, figure, holds, signs, strokes
from bot.media.pictures.figure import PALETTES
from bot.media.pictures.hands import PlacedHand, draw, extent
from bot.media.pictures.strokes import SHAPE_GEOMETRY, Stroke
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

SECOND_SIDE_OPACITY = 0.4
"""The opacity of the arrow on the side that is massaged second."""
SUPPORT_OPACITY = 0.7
"""The opacity of a hand or arm that does not move."""
HEAD_TURN: Points = sampled([(-72, 66), (-50, 30), (0, 14), (50, 30), (72, 66)])
"""The arrow with two heads around the head, in pixels of the picture. The head may turn to either side."""
SHOULDER_ARROW: Points = sampled([(124, 189), (138, 195), (152, 203)])
"""The arrow for squeezing along the shoulder. It is above the shoulder, where no hand covers it."""
PULSE_SIZE = {"braced-thumb": 18.0, "thumbs": 18.0, "stacked-fingertips": 32.0}
"""The radius of the ring around a place that is pressed, for the hand shapes that press with a small part of
the hand."""
MIN_SPOT_GLOW = 76.0
"""The minimum width of the glow if a stroke stays at a single place, in pixels of the body map. The hands
would hide a narrower glow."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the picture of a part shows.

    `sides` names the sides that the picture shows being massaged: "L", "R", "LR" or "". If the sides are
    massaged one after the other, this is the side that the hands are on. `badge` is the number of the step
    and the number of steps in the routine. `keep_off` has the ids of the places that are hatched, because
    hands must not press there. If `mirror` is true, everything on the body (glow, arrows and hands) is drawn
    as a mirror image. `giver` is the giver's place before the drawing is mirrored: -1 on the left, 1 on the
    right, 0 behind the receiver.
    """

    tone: Tone
    view: body.View
    sides: str
    badge: tuple[int, int]
    keep_off: tuple[str, ...]
    stroke: Stroke | None
    mirror: bool
    giver: int


def scene(routine: Routine, part: Part, stands: Side, tone: Tone) -> Scene:
    """Return the scene of a part for a giver who stands on the side `stands`.

    Raises KeyError if the body map does not contain a place of the part. The command `check` reports such
    places.
    """
    technique, worked = part.step.technique, part.side(stands)
    beside = routine.stance is Stance.BESIDE
    spots = body.SPOTS[part.knot] if part.knot else ()
    spot = _nearest_point(spots, stands)
    mirror = _is_mirrored(worked, spot, beside, stands)
    giver = 0 if not beside else (-1 if (stands is Side.LEFT) != mirror else 1)
    at = (abs(spot[0]), spot[1]) if spot else None
    both = worked is None and len(spots) != 1
    stroke = strokes.make_stroke(technique, giver, both, at) if technique else None
    return Scene(
        tone=tone,
        view=view_of(routine) if stroke or not beside else body.LYING_WHOLE,
        sides=_side_letters(stroke, mirror),
        badge=(part.number, len(routine.steps)),
        keep_off=technique.no_press if technique else (),
        stroke=stroke,
        mirror=mirror,
        giver=giver,
    )


def view_of(routine: Routine) -> body.View:
    """Return the view for all pictures of a routine.

    If the receiver sits, the view is just far enough away to show every place that the routine massages.
    """
    if routine.stance is Stance.BESIDE:
        return body.LYING
    wheres = [step.technique.where for step in routine.steps if step.technique]
    lanes = (strokes.lane_between(where.start, where.end, 0) for where in wheres)
    lowest = max((y for lane in lanes for _, y in lane), default=0.0)
    return body.SEATED if lowest < body.SEATED.end - 60 else body.SEATED_FARTHER


def _nearest_point(spots: Points, stands: Side) -> Point | None:
    """Return the one of these points that is nearest to the giver, who stands on the side `stands`.

    Returns None if there are no points.
    """
    own = -1 if stands is Side.LEFT else 1
    return max(spots, key=lambda point: point[0] * own, default=None)


def _is_mirrored(worked: Side | None, spot: Point | None, beside: bool, stands: Side) -> bool:
    """Return whether the stroke must be mirrored when it is drawn.

    A stroke on one side is computed for the right side, so it is mirrored if it is on the left. A stroke on
    both sides is computed for a giver on the left, so it is mirrored if the giver stands on the right.
    """
    if spot:
        return spot[0] < 0
    if worked:
        return worked is Side.LEFT
    return beside and stands is Side.RIGHT


def _side_letters(stroke: Stroke | None, mirror: bool) -> str:
    if stroke is None:
        return ""
    if stroke.both and not stroke.alternates:
        return "LR"
    return "L" if mirror else "R"


# --- Drawing -------------------------------------------------------------------------------------


def backdrop(tone: Tone, view: body.View) -> str:
    """Draw the room and the receiver: the background of every picture with this view."""
    match view:
        case body.LYING:
            drawn = figure.lying(tone)
        case body.LYING_WHOLE:
            drawn = figure.lying_whole(tone)
        case _:
            drawn = figure.seated(tone, view.end)
    return svg(figure.room(), transform_to_view(view, drawn))


def underlay(scene: Scene) -> str:
    """Draw what is on the body, under the moving hands: hatching, glow, arrows and the supporting hand."""
    bare = element("clipPath", rect((0, scene.view.end / 2), SIZE, scene.view.end, 0), id="bare")
    hatched = group(signs.keep_off(_hatched_outlines(scene)), clip_path="url(#bare)")
    glow = group(draw_glow(scene), clip_path="url(#bare)")
    on_body = glow + hatched + _arrows(scene) + _supporting_hand(scene)
    defined = signs.definitions() + element("defs", bare) + figure.head_clip()
    return svg(figure.body_clip(), defined, place_on_side(scene, on_body))


def _supporting_hand(scene: Scene) -> str:
    """Draw the hand or arm that only supports or rests, if the stroke has one, fainter than the working hand.

    The part of the hand that the head covers is left out.
    """
    held = holds.supporting_hands(scene.stroke) if scene.stroke else []
    drawn = (draw(hand, PALETTES[scene.tone].hands) for hand in held)
    return group(*drawn, clip_path="url(#beyond-head)", opacity=SUPPORT_OPACITY)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A drawing that covers only a part of a picture.

    `at` is the position of the drawing's upper left corner in the picture, in pixels.
    """

    svg: str
    at: tuple[int, int]


def hands_overlay(scene: Scene, stroke: Stroke, phase: float) -> Overlay:
    """Draw the hands, and the marks that show where they press or tap.

    `phase` is a position in the stroke's cycle, from 0 to 1.
    """
    placed = holds.hands(stroke, phase)
    drawn = "".join(draw(hand, PALETTES[scene.tone].hands) for hand in placed)
    left, top, right, bottom = _bounding_box(scene, [point for hand in placed for point in _extent(hand)])
    seen = place_on_side(scene, drawn + _contact_marks(stroke, placed, phase))
    box = {"width": right - left, "height": bottom - top}
    framed = element("svg", seen, xmlns=XMLNS, viewBox=f"{left} {top} {right - left} {bottom - top}", **box)
    return Overlay(framed, (left + SIZE // 2, top))


def _extent(hand: PlacedHand) -> list[Point]:
    """Return points whose bounding box contains the hand and the marks around the place that it touches."""
    (x, y), r = hand.at, 30
    return [*extent(hand), (x - r, y - r), (x + r, y + r)]


def _bounding_box(scene: Scene, points: Points) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of a box around the points, with a margin.

    `points` are on the body map. The box is in pixels of the picture, with x = 0 in the middle of the
    picture, and does not extend beyond the picture.
    """
    view, sign = scene.view, -1 if scene.mirror else 1
    xs = [sign * (x - view.middle[0]) * view.scale for x, _ in points]
    ys = [(y - view.middle[1]) * view.scale + SIZE / 2 for _, y in points]
    half, edge = SIZE // 2, 20 * view.scale
    left, right = (min(half, max(-half, round(x))) for x in (min(xs) - edge, max(xs) + edge))
    top, bottom = (min(SIZE, max(0, round(y))) for y in (min(ys) - edge, max(ys) + edge))
    return left, top, right, bottom


def place_on_side(scene: Scene, on_body: str) -> str:
    """Transform a drawing from the body map to the picture, and mirror it if the scene is mirrored."""
    return transform_to_view(scene.view, group(on_body, transform="scale(-1 1)") if scene.mirror else on_body)


def transform_to_view(view: body.View, on_body: str) -> str:
    """Transform a drawing from the coordinates of the body map to those of the picture."""
    x, y = view.middle
    shift = f"translate(0 {SIZE // 2}) scale({number(view.scale)}) translate({pair((-x, -y))})"
    return group(on_body, transform=shift)


def _hatched_outlines(scene: Scene) -> list[Points]:
    outlines = [o for name in dict.fromkeys(scene.keep_off) for o in body.NO_PRESS[name]]
    return [*outlines, *(mirrored(o) for o in outlines if min(x for x, _ in o) > 0)]


def draw_glow(scene: Scene) -> str:
    """Draw a glow on the area that the scene's stroke massages, within the outline of the body."""
    if scene.stroke is None:
        return ""
    lane, breadth = scene.stroke.lane, SHAPE_GEOMETRY[scene.stroke.shape].breadth
    symmetric = scene.stroke.both and not scene.stroke.alternates
    lanes: list[Points] = [lane, mirrored(lane)] if symmetric else [lane]
    lit = signs.glow(lanes, breadth if len(lane) > 1 else max(breadth, MIN_SPOT_GLOW))
    return group(lit, clip_path="url(#body)")


def _arrows(scene: Scene) -> str:
    """Draw the arrows on each massaged side.

    If the sides are massaged one after the other, the arrows on the second side are fainter.
    """
    stroke = scene.stroke
    if stroke is None:
        return ""
    one = _arrow(stroke)
    faint = SECOND_SIDE_OPACITY if stroke.alternates else None
    return one + group(one, transform="scale(-1 1)", opacity=faint) if stroke.both else one


def _arrow(stroke: Stroke) -> str:
    points = stroke.path.points
    if stroke.path.length == 0:
        return signs.target(points[0], 13) if stroke.alternates else ""
    match stroke.motion:
        case Motion.PRESS:
            if stroke.over_shoulders:
                return signs.arrow(SHOULDER_ARROW, 6, 1.3)
            return signs.arrow(points, 6, 1.5) + "".join(signs.target(at, 13) for at in stroke.stations[1:-1])
        case Motion.TAP:
            return signs.dots(points)
        case Motion.BACK_AND_FORTH:
            return signs.arrow(signs.hairpin(points), 8)
        case Motion.CIRCLES:
            places = dict.fromkeys(stroke.stations)
            return "".join(signs.ring(at, plus(stroke.circle_radii, (6, 4))) for at in places)
        case _:
            back = signs.arrow(stroke.return_path.points[:-14], 4, 1.6) if stroke.return_path else ""
            return back + signs.arrow(stroke.lane, 12)


def _contact_marks(stroke: Stroke, placed: list[PlacedHand], phase: float) -> str:
    """Draw the marks where the hands touch: sparks for taps, and a ring for presses.

    The ring widens with the pressure.
    """
    if stroke.motion is Motion.TAP:
        return "".join(signs.spark(plus(hand.at, (0, -18)), 16) for hand in placed if hand.lift < 0.15)
    if stroke.motion is Motion.PRESS and stroke.shape in PULSE_SIZE:
        now = strokes.moment(stroke, phase)
        return signs.pulse(now.at, PULSE_SIZE[stroke.shape], now.press)
    return ""


def draw_signs(scene: Scene) -> str:
    """Draw the signs that nothing may cover: the giver's feet, the letters L and R, the step's number."""
    side = -1 if (scene.giver < 0) != scene.mirror else 1
    match scene.view:
        case body.LYING:
            around = signs.feet((side * 300, 540), -side * 52) + signs.sides(scene.sides, 216, 305)
        case body.LYING_WHOLE:
            at_hips = signs.feet((side * 206, 348), -side * 70) + signs.bottle((side * 212, 238))
            around = at_hips + signs.sides(scene.sides, 130, 305) + signs.either_way(HEAD_TURN)
        case _:
            around = signs.feet((0, 686), 0) + signs.sides(scene.sides, 300, 320)
    return svg(around, signs.badge(*scene.badge))


STILL_PHASES = {
    Motion.GLIDE: 0.29,
    Motion.CIRCLES: 0.06,
    Motion.BACK_AND_FORTH: 0.13,
    Motion.PRESS: 0.1,
    Motion.TAP: 0.16,
}
"""For each motion, the phase of the stroke's cycle that a still shows. The phases are early in the cycle, so
that the hands do not cover the rest of the path."""


def still_phase(stroke: Stroke) -> float:
    """Return the phase of the stroke's cycle that a still shows, from 0 to 1."""
    if stroke.path.length == 0:
        return 0.5
    if stroke.over_shoulders:
        return 0.12  # the path is short, so the hands would cover more of it
    if stroke.shape == "forearm":
        return 0.12  # higher up, the arm would cover its arrow
    return STILL_PHASES[stroke.motion]
