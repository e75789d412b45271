"""Hands seen from above, drawn by what of them works: palms, heels, fingertips, thumbs, a forearm.

Must never know a routine, nor where on a back a hand lies. A hand is posed as the left one, fingers up, thumb to
the right, the middle of the wrist at (0, 0) and the tip of the middle finger 100 above it; the right one is its
mirror image. What touches is in the accent's colour, what is lifted is fainter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import atan2, degrees

from bot.pictures.svg import (
    Point,
    Points,
    between,
    circle,
    curve,
    distance,
    element,
    ellipse,
    group,
    linear,
    lines,
    minus,
    number,
    pair,
    path,
    plus,
    towards,
)

SIZE = 1.42
"""Pixels of the body map for a hundredth of a hand's length: beside the back, an adult's hand."""
LINE = 4.4
"""Width of a hand's outline, in the hand's own measure."""


@dataclass(frozen=True, slots=True)
class Skin:
    """The colours of a giver's hands, and of what touches."""

    fill: str
    shade: str
    light: str
    line: str
    accent: str


@dataclass(frozen=True, slots=True)
class Finger:
    """A finger from its knuckle: how long, how thick (half of it), which way, and how much of it one sees."""

    knuckle: Point
    length: float
    width: float
    angle: float
    reach: float = 1.0

    @property
    def joints(self) -> list[Point]:
        """Knuckle, both joints and tip; what is bent away from the eye looks shorter, the end most of all."""
        joints = [self.knuckle]
        for share, bent in ((0.46, 0.7), (0.3, 1.0), (0.24, 1.45)):
            seen = max(0.12, 1 - (1 - self.reach) * bent)
            joints.append(plus(joints[-1], towards(self.angle, self.length * share * seen)))
        return joints

    @property
    def outline(self) -> str:
        a, b, c, d = self.joints
        through = [a, between(a, b, 0.5), b, between(b, c, 0.5), c, d]
        return limb(through, [self.width * part for part in (1.08, 0.98, 1.04, 0.95, 0.96, 0.84)])


@dataclass(frozen=True, slots=True)
class Thumb:
    """A thumb: root, knuckle, joint and tip."""

    joints: tuple[Point, Point, Point, Point]

    @property
    def outline(self) -> str:
        a, b, c, d = self.joints
        through = [a, between(a, b, 0.55), b, between(b, c, 0.5), c, between(c, d, 0.5), d]
        return limb(through, [10, 9, 7.2, 6.3, 6.7, 6.8, 5.4])


@dataclass(frozen=True, slots=True)
class Pose:
    """A hand as it is held. `grip` is the point that lies on the path, `touch` draws what presses."""

    fingers: tuple[Finger, ...]
    thumb: Thumb
    grip: Point
    touch: Callable[["Pose"], tuple[str, ...]]
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A hand on the body. Angles in degrees from straight up; `lift` and `press` run from 0 to 1."""

    shape: str
    right: bool
    at: Point
    turn: float
    arm: float
    lift: float = 0.0
    press: float = 1.0
    arm_length: float = 110.0


# --- Fingers, palm and arm -----------------------------------------------------------------------


def fan(angles: Sequence[float], reach: float = 1.0) -> tuple[Finger, ...]:
    """Index, middle, ring and little finger at these angles."""
    grown = (
        Finger((15.4, -45.5), 47.5, 5.4, 0),
        Finger((5, -48), 53, 5.6, 0),
        Finger((-6, -46), 49, 5.3, 0),
        Finger((-15.8, -41), 38.5, 4.6, 0),
    )
    return tuple(replace(f, angle=angle, reach=reach) for f, angle in zip(grown, angles, strict=True))


PALM = (
    (-12.6, 4), (-17.4, -9), (-20.8, -24), (-20, -36), (-16.6, -44), (-6.4, -50.5), (5, -53), (15.4, -50),
    (20.4, -43), (21, -34), (20.8, -22), (17.6, -8), (12.6, 4),
)  # fmt: skip
HEEL = (
    (-14.5, 4), (-19.5, -8), (-20, -19), (-11, -22.5), (-1, -17), (9, -23), (21, -22), (21.5, -10), (14.5, 4), (0, 8),
)  # fmt: skip


def limb(joints: Points, widths: Sequence[float]) -> str:
    """The outline of a tapering limb with a round end; widths are half of what it is across."""
    left, right = [], []
    for i, (joint, width) in enumerate(zip(joints, widths, strict=True)):
        way = minus(joints[min(i + 1, len(joints) - 1)], joints[max(i - 1, 0)])
        along = (way[0] / distance(way, (0, 0)), way[1] / distance(way, (0, 0)))
        across = (-along[1] * width, along[0] * width)
        if i < len(joints) - 1:
            left.append(minus(joint, across))
            right.append(plus(joint, across))
            continue
        for back, share in ((-0.75, 1.0), (-0.12, 0.62)):
            left.append(plus(plus(joint, along, back * width), across, -share))
            right.append(plus(plus(joint, along, back * width), across, share))
    return curve([*left, joints[-1], *reversed(right)], closed=True)


def _web(pose: Pose) -> str:
    """The skin between thumb and index finger."""
    _, knuckle, joint, _ = pose.thumb.joints
    return curve([(19, -48), (23.5, -38), between(knuckle, joint, 0.3), knuckle, (10, -20)], closed=True)


def _forearm(angle: float, length: float) -> str:
    """From the wrist towards the elbow."""
    end, across = towards(angle, length), towards(angle + 90)
    middle = towards(angle, length * 0.4)
    one = [plus((0, 0), across, -12.6), plus(middle, across, -16), plus(end, across, -21)]
    other = [plus(end, across, 21), plus(middle, across, 16), plus((0, 0), across, 12.6)]
    return curve([*one, *other], closed=True)


# --- What touches --------------------------------------------------------------------------------


def _angle(way: Point) -> float:
    return degrees(atan2(way[0], -way[1]))


def _pads(pose: Pose) -> tuple[str, ...]:
    """The pads of the fingers, seen through them."""
    return tuple(
        ellipse(plus(f.joints[3], towards(f.angle, -4.6)), f.width * 1.06, f.width * 1.15, f.angle)
        for f in pose.fingers
    )


def _thumb_pad(pose: Pose) -> tuple[str, ...]:
    _, _, joint, tip = pose.thumb.joints
    return (ellipse(between(joint, tip, 0.6), 7.2, 10.2, _angle(minus(tip, joint))),)


def _heel(_: Pose) -> tuple[str, ...]:
    return (path(curve(HEEL, closed=True)),)


def _whole(_: Pose) -> tuple[str, ...]:
    return ()


def _squeeze(pose: Pose) -> tuple[str, ...]:
    return (*_pads(pose), *_thumb_pad(pose))


POSES: dict[str, Pose] = {
    "flat-palms": Pose(
        fan((6, 1.5, -3, -9)), Thumb(((11, -12), (24, -27), (32, -42), (38, -57))), (0, -42), _whole
    ),
    "heels": Pose(
        fan((13, 3, -7, -18), 0.62), Thumb(((11, -12), (25, -25), (36, -37), (44, -49))), (0, -9), _heel, True
    ),
    "fingertips": Pose(
        fan((15, 4, -7, -20), 0.74), Thumb(((11, -12), (25, -27), (34, -40), (40, -53))), (0, -78), _pads
    ),
    "stacked-fingertips": Pose(
        fan((7, 2, -3, -10), 0.93), Thumb(((11, -12), (22, -27), (28, -41), (31, -54))), (0, -90), _pads
    ),
    "thumbs": Pose(
        fan((12, 3, -7, -18), 0.9), Thumb(((11, -11), (26, -24), (40, -40), (52, -55))), (50, -52), _thumb_pad
    ),
    "braced-thumb": Pose(
        fan((12, 3, -7, -18), 0.9), Thumb(((11, -11), (26, -24), (40, -40), (52, -55))), (50, -52), _thumb_pad
    ),
    "whole-hands": Pose(
        fan((10, 3, -4, -12), 0.66), Thumb(((11, -11), (28, -18), (44, -17), (59, -14))), (0, -42), _squeeze
    ),
    "fist": Pose(
        fan((4, 1, -2, -6), 0.42), Thumb(((11, -12), (21, -28), (23, -43), (18, -57))), (0, 0), _whole
    ),
}


# --- Drawing -------------------------------------------------------------------------------------


def draw(hand: Placed, skin: Skin) -> str:
    """A hand with its forearm, which fades on its way to the giver."""
    if hand.shape == "forearm":
        return _draw_forearm(hand, skin)
    pose = POSES[hand.shape]
    sign = -1 if hand.right else 1
    arm = sign * (hand.arm - hand.turn)
    name = f"arm{'r' if hand.right else 'l'}{number(hand.lift * 100)}"
    inside = _shadow(pose, arm, hand) + _arm(arm, hand.arm_length, skin, name) + _hand(pose, skin, hand)
    size = SIZE * (1 + 0.05 * hand.lift)
    placed = (
        f"translate({pair(hand.at)}) rotate({number(hand.turn)}) scale({number(sign * size)} {number(size)}) "
        f"translate({pair(minus((0, 0), pose.grip))})"
    )
    return group(inside, transform=placed)


def _shadow(pose: Pose, arm: float, hand: Placed) -> str:
    """A soft one without a blur: three faint outlines, one in another."""
    shapes = [*silhouette(pose), _forearm(arm, hand.arm_length * 0.5)]
    away = 3 + 9 * hand.lift
    return group(
        *(
            group(*map(path, shapes), stroke_width=width, stroke="#000", stroke_linejoin="round", opacity=0.1)
            for width in (6, 11, 16)
        ),
        transform=f"translate({number(away * 0.4)} {number(away)})",
    )


def silhouette(pose: Pose) -> list[str]:
    fingers = [finger.outline for finger in pose.fingers]
    return [pose.thumb.outline, _web(pose), *fingers, curve(PALM, closed=True)]


def _arm(angle: float, length: float, skin: Skin, name: str) -> str:
    end, start = towards(angle, length), towards(angle, length * 0.12)
    fades = [
        linear(f"{name}-{part}", start, end, (0, colour, 1), (0.45, colour, 0.85), (1, colour, 0))
        for part, colour in (("fill", skin.fill), ("line", skin.line))
    ]
    d = _forearm(angle, length)
    return (
        element("defs", *fades)
        + path(d, fill="none", stroke=f"url(#{name}-line)", stroke_width=LINE, stroke_linejoin="round")
        + path(d, fill=f"url(#{name}-fill)")
    )


def _hand(pose: Pose, skin: Skin, hand: Placed) -> str:
    fingers = group(*_fingers(pose, skin), opacity=0.62 if pose.lifted else None)
    palm = group(
        *map(path, silhouette(pose)[-1:]), fill=skin.line, stroke=skin.line, stroke_width=LINE, stroke_linejoin="round"
    )
    thumb = path(pose.thumb.outline, fill=skin.fill, stroke=skin.line, stroke_width=LINE)
    skinned = group(path(_web(pose)), path(curve(PALM, closed=True)), circle((0, 0.5), 12.4), fill=skin.fill)
    if pose.lifted:
        return fingers + palm + skinned + _back_of_hand(pose, skin) + _touch(pose, skin, hand)
    return fingers + skinned + _back_of_hand(pose, skin) + _touch(pose, skin, hand)


def _fingers(pose: Pose, skin: Skin) -> list[str]:
    outline = group(
        *map(path, silhouette(pose)), fill=skin.line, stroke=skin.line, stroke_width=LINE, stroke_linejoin="round"
    )
    limbs = [pose.thumb.outline, *(finger.outline for finger in reversed(pose.fingers))]
    thin = {"fill": skin.fill, "stroke": skin.line, "stroke_width": 1.2, "stroke_opacity": 0.8}
    return [outline, *(path(d, **thin) for d in limbs), *_nails(pose, skin)]


def _nails(pose: Pose, skin: Skin) -> list[str]:
    ends = [(*finger.joints[2:], finger.width) for finger in pose.fingers]
    ends.append((*pose.thumb.joints[2:], 6.4))
    nails = []
    for joint, tip, width in ends:
        way = minus(tip, joint)
        at = plus(tip, towards(_angle(way), -3.6))
        nails.append(
            ellipse(at, width * 0.56, width * 0.72, _angle(way), fill=skin.light, stroke=skin.shade, stroke_width=0.6)
        )
    return nails


def _back_of_hand(pose: Pose, skin: Skin) -> str:
    """Sinews, knuckles and the creases of the joints."""
    marks = []
    for finger in pose.fingers:
        knuckle, *creases, _ = finger.joints
        sinew = lines([between(knuckle, (-1, 0), 0.1), between(knuckle, (-1, 0), 0.5)])
        marks.append(path(sinew, stroke=skin.shade, stroke_width=1.7, stroke_opacity=0.4, stroke_linecap="round"))
        marks.append(ellipse(knuckle, finger.width * 0.75, finger.width * 0.6, finger.angle, fill=skin.light, opacity=0.5))
        for crease in creases:
            across = towards(finger.angle + 90, finger.width * 0.45)
            d = lines([minus(crease, across), plus(crease, across)])
            marks.append(path(d, stroke=skin.shade, stroke_width=1.1, stroke_opacity=0.8, stroke_linecap="round"))
    return group(*marks)


def _touch(pose: Pose, skin: Skin, hand: Placed) -> str:
    shown = (1 - hand.lift) * (0.45 + 0.55 * hand.press)
    return group(
        *pose.touch(pose), fill=skin.accent, stroke=skin.line, stroke_width=1.8, opacity=shown
    )


# --- The forearm ---------------------------------------------------------------------------------

FOREARM: tuple[Point, ...] = ((0, 0), (0, -22), (0, -55), (0, -95), (0, -128), (0, -140))
FOREARM_WIDTHS = (19, 21.5, 21, 17, 13, 12.6)
SOFT: tuple[Point, ...] = ((-14, -16), (-17, -40), (-14, -70), (0, -82), (13, -70), (16, -40), (13, -16), (0, -10))
"""What of it touches: its soft inner side, below the elbow."""


def _draw_forearm(hand: Placed, skin: Skin) -> str:
    """Elbow at one end, an open fist at the other; the upper arm fades towards the giver."""
    sign = -1 if hand.right else 1
    fist = replace(POSES["fist"], grip=(0, 0))
    arm = sign * (hand.arm - hand.turn)
    name = f"upper{'r' if hand.right else 'l'}{number(hand.lift * 100)}"
    limb_ = limb(FOREARM, FOREARM_WIDTHS)
    shadow = group(*(path(limb_, fill="none", stroke="#000", stroke_width=w, opacity=0.12) for w in (10, 18)), transform="translate(1 6)")
    end, across = towards(arm, hand.arm_length), towards(arm + 90)
    upper = curve([plus((0, -14), across, -20), plus(end, across, -24), plus(end, across, 24), plus((0, -14), across, 20)], closed=True)
    fades = [linear(f"{name}-{part}", (0, 0), end, (0, colour, 0.9), (1, colour, 0)) for part, colour in (("fill", skin.fill), ("line", skin.line))]
    upper_arm = element("defs", *fades) + path(upper, fill=f"url(#{name}-fill)", stroke=f"url(#{name}-line)", stroke_width=LINE)
    fore = path(limb_, fill=skin.fill, stroke=skin.line, stroke_width=LINE)
    elbow = path(curve([(-9, -2), (0, 5), (9, -2)]), fill="none", stroke=skin.shade, stroke_width=1.6)
    shown = 0.45 + 0.55 * hand.press
    touch = path(curve(SOFT, closed=True), fill=skin.accent, stroke=skin.line, stroke_width=1.8, opacity=shown)
    closed = group(_hand(fist, skin, replace(hand, shape="fist")), transform="translate(0 -138)")
    join = path(limb([(0, -118), (0, -130), (0, -141)], (14.4, 12.8, 12.2)), fill=skin.fill)
    inside = shadow + upper_arm + fore + elbow + closed + join + touch
    placed = (
        f"translate({pair(hand.at)}) rotate({number(hand.turn)}) scale({number(sign * SIZE)} {number(SIZE)}) translate(0 46)"
    )
    return group(inside, transform=placed)
