"""Place the hands of a stroke on the body map at a phase of its cycle.

This module computes geometry only and must not draw. A stroke is the path of the hands in one technique. A
stroke on one side is computed for the right side, and a stroke on both sides for a giver on the left.
"""

from collections.abc import Callable
from dataclasses import replace
from math import pi, sin

from bot.media.pictures.hands import PlacedHand
from bot.media.pictures.strokes import Moment, Stroke, moment, return_weight
from bot.media.pictures.svg import plus
from bot.routine.model import Motion

TAPS_PER_CYCLE = 8
"""How many times each hand taps in one cycle of the stroke."""
POSES_OVER_SHOULDERS = {"flat-palms": "palms-over", "whole-hands": "whole-hands-over"}
"""Maps a hand shape to the pose that replaces it when the fingers bend over the shoulders."""
FOREARM_DIRECTION = {-1: 36.0, 0: 14.0, 1: -8.0}
"""The direction of the forearm in degrees, by the giver's side: -1 left, 0 behind, 1 right."""


def hands(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return the hands of the stroke at this phase. A hand that lies under another comes before it."""
    return HAND_PLACEMENTS.get(stroke.shape, _hand_on_each_side)(stroke, phase)


def _arm_direction(stroke: Stroke, right: bool) -> float:
    """Return the arm's direction in degrees, for a hand whose fingers point to the receiver's head."""
    if stroke.giver == 0:
        return 168 if right else 192
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (16 if own else 34)


def _thumb_arm_direction(stroke: Stroke, right: bool) -> float:
    """Return the arm's direction in degrees, for a hand whose thumb points to the receiver's head.

    With these directions, the two arms do not cross.
    """
    if stroke.giver == 0:
        return _arm_direction(stroke, right)
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (40 if own else 12)


def _finger_turn(stroke: Stroke, now: Moment, phase: float) -> float:
    """Return how far the fingers of a right hand are turned outwards, in degrees."""
    if stroke.over_shoulders:
        return 4 + max(0.0, now.at[0] - 98) * 0.95
    if stroke.on_neck and stroke.shape == "fingertips":
        return -58  # the hand comes from below, because it must not lie across the side of the neck
    if stroke.return_path:
        over_shoulder = max(0.0, min(now.at[0] - 70, 330 - now.at[1], 60)) / 2
        return -3 + return_weight(phase) * (13 + over_shoulder)
    if stroke.shape == "heels":
        towards_shoulder = max(0.0, 330 - now.at[1]) / 3  # near the head, the fingers point past the head
        return -3 + min(30.0, towards_shoulder)
    return -3


def _pose_name(stroke: Stroke) -> str:
    """Return the name of the pose, which depends on the hand shape and on where the stroke is.

    Hands over the shoulders are bent. On the neck, where there is little room, only two fingertips press.
    """
    if stroke.over_shoulders:
        return POSES_OVER_SHOULDERS.get(stroke.shape, stroke.shape)
    if stroke.on_neck and stroke.shape == "fingertips":
        return "two-fingertips"
    return stroke.shape


def _hand_on_each_side(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return one hand on each massaged side."""
    now = moment(stroke, phase)
    turn = _finger_turn(stroke, now, phase)
    bent = min(30.0, max(-30.0, turn * 0.4))
    right = _place(_pose_name(stroke), True, now, turn, _arm_direction(stroke, True) + bent)
    left = _mirror_hand(right, _arm_direction(stroke, False) - bent)
    if not stroke.both:
        return [right]
    if stroke.motion is not Motion.TAP:
        return [left, right]
    beat = sin(2 * pi * TAPS_PER_CYCLE * phase)
    return [replace(left, lift=max(0.0, beat)), replace(right, lift=max(0.0, -beat))]


def _place(shape: str, right: bool, now: Moment, turn: float, arm: float) -> PlacedHand:
    return PlacedHand(shape, right, now.at, turn, arm, now.lift, now.press)


def supporting_hands(stroke: Stroke) -> list[PlacedHand]:
    """Return the hand that holds the forehead while the other massages the neck. Empty for other strokes."""
    if stroke.both or stroke.giver or not stroke.on_neck:
        return []
    return [PlacedHand("forehead", True, (-50, 84), 74, 212)]


def _mirror_hand(hand: PlacedHand, arm: float) -> PlacedHand:
    """Return the other hand, at the mirrored place on the other side of the spine."""
    return replace(hand, right=not hand.right, at=(-hand.at[0], hand.at[1]), turn=-hand.turn, arm=arm)


def _thumbs(stroke: Stroke, phase: float) -> list[PlacedHand]:
    right = _place("thumbs", True, moment(stroke, phase), 40, _thumb_arm_direction(stroke, True))
    return [_mirror_hand(right, _thumb_arm_direction(stroke, False)), right] if stroke.both else [right]


def _braced_thumbs(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return two hands with one thumb on top of the other. Both are on the same side of the spine."""
    now = moment(stroke, phase)
    under = _place("braced-thumb", True, now, 24, _thumb_arm_direction(stroke, True))
    over = _place("braced-over", False, now, -16, _thumb_arm_direction(stroke, False))
    return [replace(under, at=plus(now.at, (1, -5))), replace(over, at=plus(now.at, (-3, 10)))]


def _stacked_hands(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return two hands, one on top of the other, that reach across the spine. The upper hand presses."""
    now, side = moment(stroke, phase), stroke.giver
    turn = -side * 58
    under = _place("stacked-fingertips", side <= 0, now, turn, turn + 180)
    over = _place("stacked-over", side > 0, now, turn + side * 15, turn + 195)
    return [under, replace(over, at=plus(now.at, (side * 20, 14)))]


def _forearms(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return a forearm that rubs, and a forearm that rests where the path begins."""
    now, turn = moment(stroke, phase), FOREARM_DIRECTION[stroke.giver]
    rubbing = _place("forearm", False, now, turn, turn + 190)
    resting = PlacedHand("forearm", True, plus(stroke.path.at(0), (6, 34)), turn + 16, turn + 200, press=0.3)
    return [resting, rubbing]


HAND_PLACEMENTS: dict[str, Callable[[Stroke, float], list[PlacedHand]]] = {
    "thumbs": _thumbs,
    "braced-thumb": _braced_thumbs,
    "stacked-fingertips": _stacked_hands,
    "forearm": _forearms,
}
