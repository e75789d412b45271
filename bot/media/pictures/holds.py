"""Which hands lie where: a stroke at a moment -> hands on the body map.

Pure geometry. A stroke is worked out for the right side, or for both with the giver on the left.
"""

from collections.abc import Callable
from dataclasses import replace
from math import pi, sin

from bot.media.pictures.hands import Placed
from bot.media.pictures.strokes import Moment, Stroke, moment, returning
from bot.media.pictures.svg import plus
from bot.routine.model import Motion

TAPS = 8
"""Taps of each hand on its way up and down."""
OVER = {"flat-palms": "palms-over", "whole-hands": "whole-hands-over"}
"""Shapes that bend where they lie over the shoulders."""
FOREARM = {-1: 36.0, 0: 14.0, 1: -8.0}
"""How far a forearm turns outwards, by where the giver is: from across it comes slantwise."""


def hands(stroke: Stroke, phase: float) -> list[Placed]:
    """Lowest first."""
    return HANDS.get(stroke.shape, _each_side)(stroke, phase)


def _arm(stroke: Stroke, right: bool) -> float:
    """From where the arm comes, for a hand whose fingers point to the head."""
    if stroke.giver == 0:
        return 168 if right else 192
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (16 if own else 34)


def _spread(stroke: Stroke, right: bool) -> float:
    """From where the arm comes, for a hand whose thumb points to the head: no arm may cross the other."""
    if stroke.giver == 0:
        return _arm(stroke, right)
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (40 if own else 12)


def _turn(stroke: Stroke, now: Moment, phase: float) -> float:
    """How far a right hand's fingers turn outwards: they point up the back, or round the arm."""
    if stroke.over:
        return 4 + max(0.0, now.at[0] - 98) * 0.95
    if stroke.on_neck and stroke.shape == "fingertips":
        return -58  # from below, so that nothing lies across the side of the neck
    if stroke.back:
        over_shoulder = max(0.0, min(now.at[0] - 70, 330 - now.at[1], 60)) / 2
        return -3 + returning(phase) * (13 + over_shoulder)
    if stroke.shape == "heels":
        return -3 + min(30.0, max(0.0, 330 - now.at[1]) / 3)  # the fingers over the shoulders, not the head
    return -3


def _shape(stroke: Stroke) -> str:
    """Over the shoulders hands bend; on the neck there is room for two fingers."""
    if stroke.over:
        return OVER.get(stroke.shape, stroke.shape)
    if stroke.on_neck and stroke.shape == "fingertips":
        return "two-fingertips"
    return stroke.shape


def _each_side(stroke: Stroke, phase: float) -> list[Placed]:
    """A hand on each side worked."""
    now = moment(stroke, phase)
    turn = _turn(stroke, now, phase)
    bent = min(30.0, max(-30.0, turn * 0.4))
    right = _placed(_shape(stroke), True, now, turn, _arm(stroke, True) + bent)
    left = _opposite(right, _arm(stroke, False) - bent)
    if not stroke.both:
        return [right]
    if stroke.motion is not Motion.TAP:
        return [left, right]
    beat = sin(2 * pi * TAPS * phase)
    return [replace(left, lift=max(0.0, beat)), replace(right, lift=max(0.0, -beat))]


def _placed(shape: str, right: bool, now: Moment, turn: float, arm: float) -> Placed:
    return Placed(shape, right, now.at, turn, arm, now.lift, now.press)


def supporting(stroke: Stroke) -> list[Placed]:
    """What lies still, beyond the head: the other hand holds the forehead while one works on the neck."""
    if stroke.both or stroke.giver or not stroke.on_neck:
        return []
    return [Placed("forehead", True, (-50, 84), 74, 212)]


def _opposite(hand: Placed, arm: float) -> Placed:
    """The same on the other side of the spine, by the other hand."""
    return replace(hand, right=not hand.right, at=(-hand.at[0], hand.at[1]), turn=-hand.turn, arm=arm)


def _thumbs(stroke: Stroke, phase: float) -> list[Placed]:
    right = _placed("thumbs", True, moment(stroke, phase), 40, _spread(stroke, True))
    return [_opposite(right, _spread(stroke, False)), right] if stroke.both else [right]


def _braced(stroke: Stroke, phase: float) -> list[Placed]:
    """One thumb on top of the other; on one side even where both are worked, for it takes both hands."""
    now = moment(stroke, phase)
    under = _placed("braced-thumb", True, now, 24, _spread(stroke, True))
    over = _placed("braced-over", False, now, -16, _spread(stroke, False))
    return [replace(under, at=plus(now.at, (1, -5))), replace(over, at=plus(now.at, (-3, 10)))]


def _stacked(stroke: Stroke, phase: float) -> list[Placed]:
    """From across the spine: the lower hand feels, the upper one presses."""
    now, side = moment(stroke, phase), stroke.giver
    turn = -side * 58
    under = _placed("stacked-fingertips", side <= 0, now, turn, turn + 180)
    over = _placed("stacked-over", side > 0, now, turn + side * 15, turn + 195)
    return [under, replace(over, at=plus(now.at, (side * 20, 14)))]


def _forearms(stroke: Stroke, phase: float) -> list[Placed]:
    """One rests where the other begins to rub."""
    now, turn = moment(stroke, phase), FOREARM[stroke.giver]
    rubbing = _placed("forearm", False, now, turn, turn + 190)
    resting = Placed("forearm", True, plus(stroke.way.at(0), (6, 34)), turn + 16, turn + 200, press=0.3)
    return [resting, rubbing]


HANDS: dict[str, Callable[[Stroke, float], list[Placed]]] = {
    "thumbs": _thumbs,
    "braced-thumb": _braced,
    "stacked-fingertips": _stacked,
    "forearm": _forearms,
}
