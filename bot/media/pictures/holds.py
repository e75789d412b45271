"""Place the hands of a stroke on the body map at a phase of its cycle.

A stroke is a technique with the path of the hands on the body map. A stroke on one side of the back is always
computed for the right side, and a stroke on both sides for a giver on the left. This module computes geometry
only and must not draw.
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
"""Maps a hand shape to the pose that is drawn when the fingers bend over the shoulders."""
FOREARM_DIRECTIONS = {-1: (21.0, 211.0), 0: (16.0, 200.0), 1: (16.0, 156.0)}
"""The directions of the working forearm and of its upper arm, both from the elbow, in degrees clockwise from
straight up. The keys are the giver's place: -1 on the left, 0 behind the receiver, 1 on the right."""
RESTING_FOREARM_TURN, RESTING_FOREARM_OFFSET = 48.0, (34, 84)
"""How far the resting forearm is turned from the working one, in degrees, and where it lies from the start of
the path. It lies on the hips, below the spine and the waist."""


def hands(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return the hands of the stroke at this phase.

    The hands are in the order in which they are drawn, so a hand that lies on another comes after it.
    """
    return HAND_PLACEMENTS.get(stroke.shape, _hand_on_each_side)(stroke, phase)


def _arm_direction(stroke: Stroke, right: bool) -> float:
    """Return the direction from the wrist to the elbow, in degrees clockwise from straight up.

    The direction is for a hand whose fingers point to the receiver's head. `right` says whether it is the
    right hand.
    """
    if stroke.giver == 0:
        return 168 if right else 192
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (16 if own else 34)


def _thumb_arm_direction(stroke: Stroke, right: bool) -> float:
    """Return the direction from the wrist to the elbow, in degrees clockwise from straight up.

    The direction is for a hand whose thumb points to the receiver's head. The directions for the left and the
    right hand are chosen so that the two arms do not cross.
    """
    if stroke.giver == 0:
        return _arm_direction(stroke, right)
    own = right == (stroke.giver > 0)
    return 180 - stroke.giver * (40 if own else 12)


def _finger_turn(stroke: Stroke, now: Moment, phase: float) -> float:
    """Return how far the fingers of a right hand are turned away from the spine, in degrees."""
    if stroke.over_shoulders:
        return 14 + max(0.0, now.at[0] - 98) * 0.9
    if stroke.on_neck and stroke.shape == "fingertips":
        return -72  # the fingertips are one above the other, between the spine and the side of the neck
    if stroke.return_path:
        over_shoulder = max(0.0, min(now.at[0] - 70, 330 - now.at[1], 60)) / 2
        return -3 + return_weight(phase) * (13 + over_shoulder)
    if stroke.shape == "heels":
        towards_shoulder = max(0.0, 330 - now.at[1]) / 3  # near the head, the fingers point past the head
        return -3 + min(30.0, towards_shoulder)
    return -3


def _pose_name(stroke: Stroke) -> str:
    """Return the name of the pose in `POSES`, which depends on the hand shape and on where the stroke is.

    The fingers of a hand on the shoulders bend over them. On the neck, where there is little room, only two
    fingertips press.
    """
    if stroke.over_shoulders:
        return POSES_OVER_SHOULDERS.get(stroke.shape, stroke.shape)
    if stroke.on_neck and stroke.shape == "fingertips":
        return "two-fingertips"
    return stroke.shape


def _hand_on_each_side(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return one hand for each massaged side, at this phase."""
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
    """Return the hand or arm that does not move while the other one works.

    On the neck, a hand supports the receiver's forehead. A forearm rests below the start of the path. Returns
    an empty list for other strokes.
    """
    if stroke.shape == "forearm":
        turn, arm = FOREARM_DIRECTIONS[stroke.giver]
        at = plus(stroke.path.at(0), RESTING_FOREARM_OFFSET)
        return [PlacedHand("forearm", True, at, turn + RESTING_FOREARM_TURN, arm, press=0)]
    if stroke.both or stroke.giver or not stroke.on_neck:
        return []
    return [PlacedHand("forehead", True, (-50, 84), 74, 212)]


def _mirror_hand(hand: PlacedHand, arm: float) -> PlacedHand:
    """Return the mirror image of a hand: the other hand, on the other side of the spine.

    `arm` is the direction of the arm of the returned hand, in degrees.
    """
    return replace(hand, right=not hand.right, at=(-hand.at[0], hand.at[1]), turn=-hand.turn, arm=arm)


def _thumbs(stroke: Stroke, phase: float) -> list[PlacedHand]:
    right = _place("thumbs", True, moment(stroke, phase), 40, _thumb_arm_direction(stroke, True))
    return [_mirror_hand(right, _thumb_arm_direction(stroke, False)), right] if stroke.both else [right]


def _braced_thumbs(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return two hands on the same side of the spine, with one thumb on top of the other."""
    now = moment(stroke, phase)
    under = _place("braced-thumb", True, now, 24, _thumb_arm_direction(stroke, True))
    over = _place("braced-over", False, now, -16, _thumb_arm_direction(stroke, False))
    return [replace(under, at=plus(now.at, (1, -5))), replace(over, at=plus(now.at, (-3, 10)))]


def _stacked_hands(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return two hands that lie on top of each other and reach across the spine."""
    now, side = moment(stroke, phase), stroke.giver
    turn = -side * 58
    under = _place("stacked-fingertips", side <= 0, now, turn, turn + 180)
    over = _place("stacked-over", side > 0, now, turn + side * 15, turn + 195)
    return [under, replace(over, at=plus(now.at, (side * 20, 14)))]


def _forearms(stroke: Stroke, phase: float) -> list[PlacedHand]:
    """Return the forearm that moves along the path, beside the spine."""
    return [_place("forearm", False, moment(stroke, phase), *FOREARM_DIRECTIONS[stroke.giver])]


HAND_PLACEMENTS: dict[str, Callable[[Stroke, float], list[PlacedHand]]] = {
    "thumbs": _thumbs,
    "braced-thumb": _braced_thumbs,
    "stacked-fingertips": _stacked_hands,
    "forearm": _forearms,
}
