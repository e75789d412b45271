"""From a technique to movement: which way the hands go, and where they are at each moment of a loop.

Pure geometry on the body map. A stroke is worked out for a giver on the receiver's left who works both sides or
the right one, and mirrored for any other. A phase runs from 0 to 1, and at 1 all is as it was at 0.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, pairwise
from math import cos, pi, sin

from bot.pictures import body
from bot.pictures.hands import Placed
from bot.pictures.svg import Point, Points, between, distance, plus, sampled
from bot.routine import Motion, Pace, Technique

SECONDS = {Pace.SLOW: 4.0, Pace.STEADY: 3.5, Pace.QUICK: 3.0}
"""How long a loop is."""
TAPS = 6
"""Taps of each hand in a loop."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a hand shape works.

    How far beside its lane (outwards, on the back), how broadly, how wide and high its circles are, and by how much
    its fingers lead where it glides upwards.
    """

    beside: float
    breadth: float
    circle: Point
    leads: float = 0.0


REACHES: dict[str, Reach] = {
    "flat-palms": Reach(13, 70, (26, 34), leads=54),
    "heels": Reach(12, 56, (17, 27)),
    "fingertips": Reach(16, 44, (9, 11)),
    "stacked-fingertips": Reach(8, 50, (18, 24)),
    "thumbs": Reach(-17, 26, (9, 12)),
    "braced-thumb": Reach(-17, 26, (8, 10)),
    "forearm": Reach(8, 60, (20, 30)),
    "whole-hands": Reach(6, 56, (16, 20)),
}
"""By the handbook's hand shapes, all of which must be here: `check` compares them."""


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
    """The smooth way from one zone to another, on the right. Raises KeyError for a zone that is on no lane."""
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
    upwards = zones is body.LANES[1]
    points = [plus(zones[name], (beside if upwards and zones[name][1] > body.NECK else 0, 0)) for name in chosen]
    return sampled(points) if len(points) > 1 else points


def turns(length: float) -> int:
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


# --- Time ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the working point is, how hard it presses and how far it is lifted, both from 0 to 1."""

    at: Point
    press: float = 1.0
    lift: float = 0.0


def ease(share: float) -> float:
    """From 0 to 1, slow at both ends."""
    return 0.5 - 0.5 * cos(pi * min(1.0, max(0.0, share)))


def moment(stroke: "Stroke", phase: float) -> Moment:
    return MOTIONS[stroke.motion](stroke, phase)


def returning(phase: float) -> float:
    """0 while a glide presses on, 1 while it returns."""
    return ease((phase - 0.55) / 0.1) * ease((1 - phase) / 0.1)


def _glide(stroke: "Stroke", phase: float) -> Moment:
    press, share = 1 - 0.75 * returning(phase), ease((phase - 0.58) / 0.42)
    if phase < 0.58:
        return Moment(stroke.way.at(ease(phase / 0.58)), press)
    if stroke.back:
        return Moment(stroke.back.at(share), press)
    return Moment(stroke.way.at(1 - share), 0, sin(pi * share))


def _circles(stroke: "Stroke", phase: float) -> Moment:
    if phase < 0.82:
        return Moment(stroke.way.at(phase / 0.82))
    share = ease((phase - 0.82) / 0.18)
    return Moment(between(stroke.way.at(1), stroke.way.at(0), share), 0.2)


def _back_and_forth(stroke: "Stroke", phase: float) -> Moment:
    return Moment(stroke.way.at(ease(2 * phase if phase < 0.5 else 2 - 2 * phase)))


def _press(stroke: "Stroke", phase: float) -> Moment:
    if stroke.way.length == 0:
        return Moment(stroke.way.at(0), 0.5 - 0.5 * cos(2 * pi * phase))
    if phase >= 0.88:
        return Moment(stroke.way.at(1 - ease((phase - 0.88) / 0.12)), 0)
    station, share = divmod(phase / 0.88 * stroke.turns, 1)
    press = ease(share / 0.3) if share < 0.6 else 1 - ease((share - 0.6) / 0.15)
    step = ease((share - 0.75) / 0.25) if station < stroke.turns - 1 else 0
    return Moment(stroke.way.at((station + step) / (stroke.turns - 1)), press)


def _tap(stroke: "Stroke", phase: float) -> Moment:
    return Moment(stroke.way.at(ease(2 * phase if phase < 0.5 else 2 - 2 * phase)))


MOTIONS: dict[Motion, Callable[["Stroke", float], Moment]] = {
    Motion.GLIDE: _glide,
    Motion.CIRCLES: _circles,
    Motion.BACK_AND_FORTH: _back_and_forth,
    Motion.PRESS: _press,
    Motion.TAP: _tap,
}


# --- Hands ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stroke:
    """A technique on the body map. `giver` is -1 on the left, 1 on the right, 0 behind; `both` sides or one."""

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
    def on_neck(self) -> bool:
        return all(y < body.NECK for _, y in self.lane)

    @property
    def stations(self) -> list[Point]:
        """Where to press and hold."""
        lane = Track(self.lane)
        return [lane.at(i / (self.turns - 1)) for i in range(self.turns)]

    @property
    def turns(self) -> int:
        """Circles, and stations of pressing, in a loop; a short way has no room for as many."""
        return turns(Track(self.lane).length)


def stroke(technique: Technique, giver: int, both: bool, spot: Point | None = None) -> Stroke:
    """Raises KeyError for a zone or hand shape that is not drawn."""
    shape, where = technique.hand_shape, technique.where
    reach = REACHES[shape]
    way = [spot] if spot else lane(where.start, where.end, reach.beside)
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
    most = max(9.0, Track(tuple(way)).length / 6)
    return min(reach.circle[0], most), min(reach.circle[1], most)


def hands(stroke: Stroke, phase: float) -> list[Placed]:
    """Lowest first."""
    return HANDS.get(stroke.shape, _each_side)(stroke, phase)


def _arm(stroke: Stroke, right: bool) -> float:
    """From where the arm comes, for a hand whose fingers point to the head."""
    if stroke.giver == 0:
        return 168 if right else 192
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (16 if own else 34)


def _turn(stroke: Stroke, now: Moment, phase: float) -> float:
    """How far a right hand's fingers turn outwards: up the back they point to the head, round the arm they follow it."""
    if stroke.over:
        return 4 + max(0.0, now.at[0] - 98) * 0.95
    if stroke.on_neck and stroke.shape == "fingertips":
        return -82
    if stroke.back:
        over_shoulder = max(0.0, min(now.at[0] - 70, 330 - now.at[1], 60)) / 2
        return -3 + returning(phase) * (13 + over_shoulder)
    return -3


def _shape(stroke: Stroke) -> str:
    """Over the shoulders hands bend; on the neck the fingers lie in a row beside the spine."""
    if stroke.over:
        return {"flat-palms": "palms-over", "whole-hands": "whole-hands-over"}.get(stroke.shape, stroke.shape)
    if stroke.on_neck and stroke.shape == "fingertips":
        return "fingertips-together"
    return stroke.shape


def _each_side(stroke: Stroke, phase: float) -> list[Placed]:
    """A hand on each side worked."""
    now = moment(stroke, phase)
    turn = _turn(stroke, now, phase)
    shape, bent = _shape(stroke), min(30.0, max(-30.0, turn * 0.4))
    right = Placed(shape, True, now.at, turn, _arm(stroke, True) + bent, now.lift, now.press)
    left = Placed(shape, False, (-now.at[0], now.at[1]), -turn, _arm(stroke, False) - bent, now.lift, now.press)
    if not stroke.both:
        return [right]
    if stroke.motion is not Motion.TAP:
        return [left, right]
    beat = sin(2 * pi * TAPS * phase)
    return [replace(left, lift=max(0.0, beat)), replace(right, lift=max(0.0, -beat))]


def _thumbs(stroke: Stroke, phase: float) -> list[Placed]:
    now = moment(stroke, phase)
    right = Placed("thumbs", True, now.at, 40, _arm(stroke, True), now.lift, now.press)
    left = Placed("thumbs", False, (-now.at[0], now.at[1]), -40, _arm(stroke, False), now.lift, now.press)
    return [left, right] if stroke.both else [right]


def _braced(stroke: Stroke, phase: float) -> list[Placed]:
    """One thumb on top of the other; on one side even where both are worked, for both hands are needed."""
    now = moment(stroke, phase)
    under = Placed("braced-thumb", True, plus(now.at, (0, -2)), 20, _arm(stroke, True), now.lift, now.press)
    over = Placed("braced-over", False, plus(now.at, (0, 3)), -20, _arm(stroke, False), now.lift, now.press)
    return [under, over]


def _stacked(stroke: Stroke, phase: float) -> list[Placed]:
    """From across the spine, the lower hand feels and the upper one presses."""
    now = moment(stroke, phase)
    turn = -stroke.giver * 58
    under = Placed("stacked-fingertips", stroke.giver <= 0, now.at, turn, turn + 180, now.lift, now.press)
    aside = (stroke.giver * 20 or 0, 14)
    over = Placed("stacked-over", stroke.giver > 0, plus(now.at, aside), turn + stroke.giver * 15, turn + 195, now.lift, now.press)
    return [under, over]


def _forearms(stroke: Stroke, phase: float) -> list[Placed]:
    """One rests on the lower back, the other rubs."""
    now = moment(stroke, phase)
    turn = 48.0
    rubbing = Placed("forearm", False, now.at, turn, turn + 190, now.lift, now.press)
    resting = Placed("forearm", True, plus(stroke.way.at(0), (6, 34)), turn + 16, turn + 200, 0, 0.3)
    return [resting, rubbing]


HANDS: dict[str, Callable[[Stroke, float], list[Placed]]] = {
    "thumbs": _thumbs,
    "braced-thumb": _braced,
    "stacked-fingertips": _stacked,
    "forearm": _forearms,
}
