"""From a technique to its way over the back, and to where on it the work is at each moment of a loop.

Pure geometry on the body map. A stroke is worked out for both sides or the right one, mirrored for the left.
A phase runs from 0 to 1, and at 1 all is as it was at 0.
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

SPEED = 75.0
"""Of a slow hand that glides, in pixels of the body map a second: ten centimetres."""
TURN, HOLD, SINGLE, WANDER = 1.64, 3.4, 4.0, 8.0
"""Seconds, when slow: of a circle, of a press on a way and on one place, of tapping up and down."""
HASTE = {Pace.SLOW: 1.0, Pace.STEADY: 1.4, Pace.QUICK: 2.0}
"""How many times as quick as slow."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a hand shape works.

    How far beside its lane (outwards, on the back), how broadly, how wide and high its circles are, and
    by how much its fingers lead where it glides upwards.
    """

    beside: float
    breadth: float
    circle: Point
    leads: float = 0.0


REACHES: dict[str, Reach] = {
    "flat-palms": Reach(13, 70, (26, 34), leads=54),
    "heels": Reach(14, 56, (15, 27)),
    "fingertips": Reach(16, 44, (9, 11)),
    "stacked-fingertips": Reach(8, 50, (18, 24)),
    "thumbs": Reach(-10, 36, (9, 12)),
    "braced-thumb": Reach(-10, 36, (8, 10)),
    "forearm": Reach(16, 60, (20, 30)),
    "whole-hands": Reach(6, 56, (16, 20)),
}
"""By the handbook's hand shapes, all of which must be here: `check` compares them."""

ONE_SIDED = frozenset({"stacked-fingertips", "braced-thumb", "forearm"})
"""The shapes that take both hands, or arms, for one side of the spine."""


@dataclass(frozen=True)
class Track:
    """A way that can be walked along evenly, from 0 to 1."""

    points: tuple[Point, ...]

    @cached_property
    def marks(self) -> list[float]:
        """How far along each point is, in pixels."""
        steps = (distance(a, b) for a, b in pairwise(self.points))
        return list(accumulate(steps, initial=0.0))

    @property
    def length(self) -> float:
        return self.marks[-1]

    def at(self, share: float) -> Point:
        goal = min(1.0, max(0.0, share)) * self.length
        i = bisect_left(self.marks, goal)
        if i == 0 or self.length == 0:
            return self.points[0]
        step = self.marks[i] - self.marks[i - 1]
        return between(self.points[i - 1], self.points[i], (goal - self.marks[i - 1]) / step)


def lane(start: str, end: str, beside: float) -> list[Point]:
    """The smooth way from one zone to another, on the right. Raises StopIteration for one on no lane."""
    for zones in body.LANES:
        if start in zones and end in zones:
            return _along(zones, start, end, beside)
    first = next(zones for zones in body.LANES if start in zones)
    second = next(zones for zones in body.LANES if end in zones)
    return _along(first, start, body.JOINT, beside) + _along(second, body.JOINT, end, beside)[1:]


def _along(zones: dict[str, Point], start: str, end: str, beside: float) -> list[Point]:
    names = list(zones)
    i, j = names.index(start), names.index(end)
    chosen = names[i : j + 1] if i <= j else names[j : i + 1][::-1]
    aside = [beside if zones is body.LANES[1] and zones[name][1] > body.NECK else 0 for name in chosen]
    points = [plus(zones[name], (x, 0)) for name, x in zip(chosen, aside, strict=True)]
    return sampled(points) if len(points) > 1 else points


def turns(length: float) -> int:
    """Circles, or stations of pressing, in a loop: a short way has no room for as many."""
    return 3 if length > 80 else 2


def coil(way: Points, size: Point) -> list[Point]:
    """A circle at each station of a way: up beside the spine, out, and down."""
    track, points = Track(tuple(way)), []
    rounds = turns(track.length)
    for i in range(36 * rounds + 1):
        turn, share = divmod(i / 36, 1)
        risen = (turn + ease((share - 0.7) / 0.3)) / (rounds - 1)
        angle = 2 * pi * share
        points.append(plus(track.at(risen), (-size[0] * cos(angle), -size[1] * sin(angle))))
    return points


@dataclass(frozen=True, slots=True)
class Stroke:
    """A technique on the body map: its lane, the way of the hands along it, and any other way back.

    `giver` is -1 on the left, 1 on the right, 0 behind. It works `both` sides or the right one.
    """

    shape: str
    motion: Motion
    lane: tuple[Point, ...]
    way: Track
    back: Track | None
    circle: Point
    giver: int
    both: bool

    @property
    def over(self) -> bool:
        """Whether the hands come from behind and lie over the shoulders."""
        return self.giver == 0 and self.lane[-1] in body.LANES[0].values()

    @property
    def alternates(self) -> bool:
        """Whether it takes both hands for one side, so that the other side comes afterwards."""
        return self.both and self.shape in ONE_SIDED

    @property
    def on_neck(self) -> bool:
        return all(y < body.NECK for _, y in self.lane)

    @property
    def stations(self) -> list[Point]:
        """Where to press and hold."""
        lane = Track(self.lane)
        return [lane.at(i / (self.turns - 1)) for i in range(self.turns)]

    @property
    def turns(self) -> int:
        return turns(Track(self.lane).length)


def stroke(technique: Technique, giver: int, both: bool, spot: Point | None = None) -> Stroke:
    """Raises KeyError for a zone or hand shape that is not drawn."""
    shape, where = technique.hand_shape, technique.where
    reach = REACHES[shape]
    way = [spot] if spot else lane(where.start, where.end, reach.beside)
    if len(way) == 1 and technique.motion in (Motion.GLIDE, Motion.BACK_AND_FORTH):
        way = sampled([plus(way[0], (0, 36)), plus(way[0], (0, -36))])
    circle = _circle(way, reach)
    moving = coil(way, circle) if technique.motion is Motion.CIRCLES else way
    if technique.motion is Motion.GLIDE and way[-1][1] < way[0][1] - 2 * reach.leads:
        moving = _shortened(way, reach.leads)
    whole_back = shape == "flat-palms" and way[0][1] > 400 and way[-1][1] < 260
    back = Track(tuple(sampled([moving[-1], *body.ROUND_THE_SIDE, way[0]]))) if whole_back else None
    return Stroke(shape, technique.motion, tuple(way), Track(tuple(moving)), back, circle, giver, both)


def _shortened(way: Points, by: float) -> list[Point]:
    """The way without its end, which the fingers reach before the palm does."""
    track = Track(tuple(way))
    return [track.at(i / 40 * (1 - by / track.length)) for i in range(41)]


def _circle(way: Points, reach: Reach) -> Point:
    """Circles must not outgrow a short way."""
    if len(way) == 1:
        return reach.circle
    most = max(6.0, Track(tuple(way)).length / 6)
    return min(reach.circle[0], most), min(reach.circle[1], most)


# --- Time ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the working point is, how hard it presses and how far it is lifted, both from 0 to 1."""

    at: Point
    press: float = 1.0
    lift: float = 0.0


ONE_WAY = {Motion.GLIDE: 0.58, Motion.CIRCLES: 0.82, Motion.BACK_AND_FORTH: 0.5, Motion.PRESS: 0.88}
"""The share of a cycle in which the hands take their way; in the rest they return."""


def cycle(stroke: Stroke, pace: Pace) -> float:
    """Seconds from where the hands begin to where they begin again, at the tempo of real ones."""
    return max(1.5, _slow(stroke) / HASTE[pace])


def _slow(stroke: Stroke) -> float:
    single = stroke.way.length == 0
    match stroke.motion:
        case Motion.TAP:
            return WANDER
        case Motion.PRESS:
            return SINGLE if single else HOLD * stroke.turns / ONE_WAY[Motion.PRESS]
        case Motion.CIRCLES:
            return TURN * stroke.turns / ONE_WAY[Motion.CIRCLES]
        case motion:
            return stroke.way.length / SPEED / ONE_WAY[motion]


def ease(share: float) -> float:
    """From 0 to 1, slow at both ends."""
    return 0.5 - 0.5 * cos(pi * min(1.0, max(0.0, share)))


def moment(stroke: Stroke, phase: float) -> Moment:
    """What the work is like at a phase, on the right side."""
    return MOTIONS[stroke.motion](stroke, phase)


def returning(phase: float) -> float:
    """0 while a glide presses on, 1 while it returns."""
    return ease((phase - 0.55) / 0.1) * ease((1 - phase) / 0.1)


def _glide(stroke: Stroke, phase: float) -> Moment:
    there = ONE_WAY[Motion.GLIDE]
    press, share = 1 - 0.8 * returning(phase), ease((phase - there) / (1 - there))
    if phase < there:
        return Moment(stroke.way.at(ease(phase / there)), press)
    if stroke.back:
        return Moment(stroke.back.at(share), press)
    return Moment(stroke.way.at(1 - share), press, sin(pi * share))


def _circles(stroke: Stroke, phase: float) -> Moment:
    there = ONE_WAY[Motion.CIRCLES]
    if phase < there:
        return Moment(stroke.way.at(phase / there))
    share = (phase - there) / (1 - there)
    return Moment(between(stroke.way.at(1), stroke.way.at(0), ease(share)), 1 - 0.8 * sin(pi * share))


def _back_and_forth(stroke: Stroke, phase: float) -> Moment:
    return Moment(stroke.way.at(ease(2 * phase if phase < 0.5 else 2 - 2 * phase)))


def _press(stroke: Stroke, phase: float) -> Moment:
    there = ONE_WAY[Motion.PRESS]
    if stroke.way.length == 0:
        return Moment(stroke.way.at(0), ease(phase / 0.35) - ease((phase - 0.65) / 0.35))
    if phase >= there:
        return Moment(stroke.way.at(1 - ease((phase - there) / (1 - there))), 0)
    station, share = divmod(phase / there * stroke.turns, 1)
    press = ease(share / 0.28) - ease((share - 0.5) / 0.25)
    step = ease((share - 0.75) / 0.25) if station < stroke.turns - 1 else 0
    return Moment(stroke.way.at((station + step) / (stroke.turns - 1)), press)


MOTIONS: dict[Motion, Callable[[Stroke, float], Moment]] = {
    Motion.GLIDE: _glide,
    Motion.CIRCLES: _circles,
    Motion.BACK_AND_FORTH: _back_and_forth,
    Motion.PRESS: _press,
    Motion.TAP: _back_and_forth,
}
