"""Compute the path of a technique over the back, and where the hands are at each phase of a cycle.

A stroke is a technique with the path of the hands on the body map. Strokes follow lanes, which are centre
lines through the zones of the map. A phase is a position in the stroke's cycle, from 0 to 1; at 1 everything
is the same as at 0. A stroke on one side of the back is always computed for the right side. This module
computes geometry only and must not draw.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import cos, pi, sin

from bot.media.pictures import body
from bot.media.pictures.svg import Point, Points, between, distance, plus, sampled
from bot.routine.model import Motion, Pace, Technique

GLIDE_SPEED = 44.0
"""The speed of a gliding hand at the slow pace, in pixels of the body map per second. It equals six
centimetres per second on a real back."""
CIRCLE_SECONDS = 1.64
"""How long one circle takes at the slow pace."""
STATION_PRESS_SECONDS, SINGLE_PRESS_SECONDS = 3.4, 4.0
"""How long one press takes at the slow pace. The first number is for a stroke that presses at several places
(stations) along a path, the second for a stroke that presses at a single place."""
TAPPING_SECONDS = 8.0
"""How long it takes to tap along the path and back once, at the slow pace."""
PACE_FACTOR = {Pace.SLOW: 1.0, Pace.STEADY: 1.4, Pace.QUICK: 2.0}
"""For each pace, how many times faster it is than the slow pace."""


@dataclass(frozen=True, slots=True)
class ShapeGeometry:
    """The geometry of a hand shape, in pixels of the body map.

    `offset` is the distance between the hand and the lane (the centre line that the stroke follows) on the
    back; a positive offset is away from the spine, a negative one towards it. `breadth` is the width of the
    glow on the massaged area. `circle_radii` are the horizontal and the vertical radius of circles. `lead` is
    how far the fingers are ahead of the palm when the hand glides upwards.
    """

    offset: float
    breadth: float
    circle_radii: Point
    lead: float = 0.0


SHAPE_GEOMETRY: dict[str, ShapeGeometry] = {
    "flat-palms": ShapeGeometry(22, 70, (26, 34), lead=90),
    "heels": ShapeGeometry(6, 56, (10, 27)),
    "fingertips": ShapeGeometry(10, 44, (9, 11)),
    "stacked-fingertips": ShapeGeometry(6, 50, (18, 24)),
    "thumbs": ShapeGeometry(-10, 36, (9, 12)),
    "braced-thumb": ShapeGeometry(-6, 36, (8, 10)),
    "forearm": ShapeGeometry(12, 60, (20, 30)),
    "whole-hands": ShapeGeometry(6, 56, (16, 20)),
}
"""The geometry of each hand shape, by the id of the hand shape. A test checks that every hand shape of
`bot.routine.vocabulary` is here."""

ONE_SIDED = frozenset({"stacked-fingertips", "braced-thumb", "forearm"})
"""The hand shapes in which both hands, or both forearms, are on the same side of the spine."""


@dataclass(frozen=True)
class Path:
    """A path that consists of straight lines from each point to the next."""

    points: tuple[Point, ...]

    @cached_property
    def distances(self) -> list[float]:
        """The distance of each point from the start of the path in pixels, measured along the path."""
        steps = (distance(a, b) for a, b in pairwise(self.points))
        return list(accumulate(steps, initial=0.0))

    @property
    def length(self) -> float:
        return self.distances[-1]

    def at(self, share: float) -> Point:
        """Return the point at this share of the path's length: the start at 0, and the end at 1."""
        goal = min(1.0, max(0.0, share)) * self.length
        i = bisect_left(self.distances, goal)
        if i == 0 or self.length == 0:
            return self.points[0]
        step = self.distances[i] - self.distances[i - 1]
        return between(self.points[i - 1], self.points[i], (goal - self.distances[i - 1]) / step)


def lane_between(start: str, end: str, offset: float) -> list[Point]:
    """Return a smooth line along the lanes, between two zones on the right side of the back.

    Beside the spine, the line is `offset` pixels farther from the spine than the lane. Raises StopIteration
    if one of the zones is on no lane.
    """
    for zones in body.LANES:
        if start in zones and end in zones:
            return _along(zones, start, end, offset)
    first = next(zones for zones in body.LANES if start in zones)
    second = next(zones for zones in body.LANES if end in zones)
    middle = body.LANE_JUNCTION
    return _along(first, start, middle, offset) + _along(second, middle, end, offset)[1:]


def _along(zones: dict[str, Point], start: str, end: str, offset: float) -> list[Point]:
    names = list(zones)
    i, j = names.index(start), names.index(end)
    chosen = names[i : j + 1] if i <= j else names[j : i + 1][::-1]
    aside = [offset if zones is body.LANES[1] and zones[name][1] > body.NECK_END_Y else 0 for name in chosen]
    points = [plus(zones[name], (x, 0)) for name, x in zip(chosen, aside, strict=True)]
    return sampled(points) if len(points) > 1 else points


def repetitions(length: float) -> int:
    """Return how many circles or presses a stroke makes along a line of this length in pixels."""
    return 3 if length > 80 else 2


def circling_path(line: Points, radii: Point) -> list[Point]:
    """Return the points of a path that makes several circles along `line`, evenly spaced.

    `radii` are the horizontal and the vertical radius. Each circle goes up beside the spine, then outwards
    and down.
    """
    path, points = Path(tuple(line)), []
    rounds = repetitions(path.length)
    for i in range(36 * rounds + 1):
        turn, share = divmod(i / 36, 1)
        risen = (turn + ease((share - 0.7) / 0.3)) / (rounds - 1)
        angle = 2 * pi * share
        points.append(plus(path.at(risen), (-radii[0] * cos(angle), -radii[1] * sin(angle))))
    return points


@dataclass(frozen=True, slots=True)
class Stroke:
    """A technique on the body map.

    `shape` is the id of the hand shape. `lane` is the centre line of the massaged area. `path` is the path of
    the hands. `return_path` is the path on which the hands return to the start, or None if there is no
    separate path for the return. `circle_radii` are the horizontal and the vertical radius of circles.
    `giver` is -1 if the giver is on the left, 1 on the right, 0 behind the receiver. If `both` is true, both
    sides are massaged, otherwise only the right side.
    """

    shape: str
    motion: Motion
    lane: tuple[Point, ...]
    path: Path
    return_path: Path | None
    circle_radii: Point
    giver: int
    both: bool

    @property
    def over_shoulders(self) -> bool:
        """Whether the hands come from behind and lie over the shoulders."""
        return self.giver == 0 and self.lane[-1] in body.LANES[0].values()

    @property
    def alternates(self) -> bool:
        """Whether both sides are massaged one after the other, because each side needs both hands."""
        return self.both and self.shape in ONE_SIDED

    @property
    def on_neck(self) -> bool:
        return all(y < body.NECK_END_Y for _, y in self.lane)

    @property
    def stations(self) -> list[Point]:
        """The points of the lane at which the hands make a circle or a press."""
        lane = Path(self.lane)
        return [lane.at(i / (self.repetitions - 1)) for i in range(self.repetitions)]

    @property
    def repetitions(self) -> int:
        return repetitions(Path(self.lane).length)


def make_stroke(technique: Technique, giver: int, both: bool, spot: Point | None = None) -> Stroke:
    """Return the stroke of a technique.

    If `spot` is given, the stroke is at that point instead of the technique's zones. `giver` and `both` have
    the same meaning as in `Stroke`. Raises KeyError for an unknown hand shape, and StopIteration for an
    unknown zone.
    """
    shape, where = technique.hand_shape, technique.where
    geometry = SHAPE_GEOMETRY[shape]
    line = [spot] if spot else lane_between(where.start, where.end, geometry.offset)
    if len(line) == 1 and technique.motion in (Motion.GLIDE, Motion.BACK_AND_FORTH):
        line = sampled([plus(line[0], (0, 36)), plus(line[0], (0, -36))])
    radii = _circle_radii(line, geometry)
    moving = circling_path(line, radii) if technique.motion is Motion.CIRCLES else line
    if technique.motion is Motion.GLIDE and line[-1][1] < line[0][1] - 2 * geometry.lead:
        moving = _shorten(line, geometry.lead)
    whole_back = shape == "flat-palms" and line[0][1] > 400 and line[-1][1] < 260
    back = Path(tuple(sampled([moving[-1], *body.ROUND_THE_SIDE, line[0]]))) if whole_back else None
    return Stroke(shape, technique.motion, tuple(line), Path(tuple(moving)), back, radii, giver, both)


def _shorten(line: Points, by: float) -> list[Point]:
    """Return the line without its last `by` pixels.

    The palm of a gliding hand follows the shorter line, so that the fingers, which are ahead of the palm, end
    at the end of the whole line.
    """
    path = Path(tuple(line))
    return [path.at(i / 40 * (1 - by / path.length)) for i in range(41)]


def _circle_radii(line: Points, geometry: ShapeGeometry) -> Point:
    """Return the horizontal and the vertical radius of circles along `line`.

    On a short line, the radii are smaller than usual.
    """
    if len(line) == 1:
        return geometry.circle_radii
    most = max(5.0, Path(tuple(line)).length / 7)
    return min(geometry.circle_radii[0], most), min(geometry.circle_radii[1], most)


# --- Time ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the hand is at a phase of the cycle, how hard it presses, and how far it is lifted.

    `press` and `lift` run from 0 to 1.
    """

    at: Point
    press: float = 1.0
    lift: float = 0.0


FORWARD_SHARE = {Motion.GLIDE: 0.58, Motion.CIRCLES: 0.82, Motion.BACK_AND_FORTH: 0.5, Motion.PRESS: 0.88}
"""For each motion, the share of a cycle in which the hands move forward along the path. In the rest of the
cycle they return to the start."""


def cycle_seconds(stroke: Stroke, pace: Pace) -> float:
    """Return how many seconds one cycle takes if the hands move as fast as real hands at this pace.

    The result is never less than 1.5.
    """
    return max(1.5, _slow_cycle_seconds(stroke) / PACE_FACTOR[pace])


def _slow_cycle_seconds(stroke: Stroke) -> float:
    match stroke.motion:
        case Motion.TAP:
            return TAPPING_SECONDS
        case Motion.PRESS:
            if stroke.path.length == 0:
                return SINGLE_PRESS_SECONDS
            return STATION_PRESS_SECONDS * stroke.repetitions / FORWARD_SHARE[Motion.PRESS]
        case Motion.CIRCLES:
            return CIRCLE_SECONDS * stroke.repetitions / FORWARD_SHARE[Motion.CIRCLES]
        case motion:
            return stroke.path.length / GLIDE_SPEED / FORWARD_SHARE[motion]


def ease(share: float) -> float:
    """Map a share from 0 to 1 to another share from 0 to 1, so that movements begin and end slowly.

    The result rises slowly near 0 and near 1, and fast in between. Shares outside this range are clamped.
    """
    return 0.5 - 0.5 * cos(pi * min(1.0, max(0.0, share)))


def moment(stroke: Stroke, phase: float) -> Moment:
    """Return where the right hand is at this phase, how hard it presses, and how far it is lifted."""
    return MOTIONS[stroke.motion](stroke, phase)


def return_weight(phase: float) -> float:
    """Return 0 if a gliding hand moves forward at this phase, and 1 if it returns.

    When the hand changes direction, the result changes gradually from one value to the other.
    """
    return ease((phase - 0.55) / 0.1) * ease((1 - phase) / 0.1)


def _glide(stroke: Stroke, phase: float) -> Moment:
    forward = FORWARD_SHARE[Motion.GLIDE]
    press, share = 1 - 0.8 * return_weight(phase), ease((phase - forward) / (1 - forward))
    if phase < forward:
        return Moment(stroke.path.at(ease(phase / forward)), press)
    if stroke.return_path:
        return Moment(stroke.return_path.at(share), press)
    return Moment(stroke.path.at(1 - share), press, sin(pi * share))


def _circles(stroke: Stroke, phase: float) -> Moment:
    forward = FORWARD_SHARE[Motion.CIRCLES]
    if phase < forward:
        return Moment(stroke.path.at(phase / forward))
    share = (phase - forward) / (1 - forward)
    return Moment(between(stroke.path.at(1), stroke.path.at(0), ease(share)), 1 - 0.8 * sin(pi * share))


def _back_and_forth(stroke: Stroke, phase: float) -> Moment:
    return Moment(stroke.path.at(ease(2 * phase if phase < 0.5 else 2 - 2 * phase)))


def _press(stroke: Stroke, phase: float) -> Moment:
    forward = FORWARD_SHARE[Motion.PRESS]
    if stroke.path.length == 0:
        return Moment(stroke.path.at(0), ease(phase / 0.35) - ease((phase - 0.65) / 0.35))
    if phase >= forward:
        return Moment(stroke.path.at(1 - ease((phase - forward) / (1 - forward))), 0)
    station, share = divmod(phase / forward * stroke.repetitions, 1)
    press = ease(share / 0.28) - ease((share - 0.5) / 0.25)
    step = ease((share - 0.75) / 0.25) if station < stroke.repetitions - 1 else 0
    return Moment(stroke.path.at((station + step) / (stroke.repetitions - 1)), press)


MOTIONS: dict[Motion, Callable[[Stroke, float], Moment]] = {
    Motion.GLIDE: _glide,
    Motion.CIRCLES: _circles,
    Motion.BACK_AND_FORTH: _back_and_forth,
    Motion.PRESS: _press,
    Motion.TAP: _back_and_forth,
}
