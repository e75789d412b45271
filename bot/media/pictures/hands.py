"""Draw hands and forearms seen from above. The parts that touch the receiver have the accent colour.

Each pose is defined for a left hand in hand coordinates: the fingers point up, the thumb is on the right, the
middle of the wrist is at (0, 0), and the tip of the middle finger is 100 above the wrist. A right hand is the
mirror image. Parts of a hand that do not rest on the body are drawn fainter. This module must not depend on
routines, or on where on the back a hand is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import atan2, degrees

from bot.media.pictures.svg import (
    Point,
    Points,
    Value,
    between,
    circle,
    curve,
    distance,
    element,
    ellipse,
    group,
    line,
    linear,
    lines,
    minus,
    number,
    pair,
    path,
    plus,
    towards,
)

SCALE = 1.42
"""Pixels of the body map per unit of hand coordinates. At this scale, hands have the size of an adult's
hands."""
LINE_WIDTH = 4.4
"""The width of a hand's outline, in hand coordinates."""
ARM_LENGTH = 110.0


@dataclass(frozen=True, slots=True)
class Skin:
    """The colours of the giver's hands.

    `line` is the colour of the outline, `accent` that of the parts that touch the receiver.
    """

    fill: str
    shade: str
    light: str
    line: str
    accent: str


@dataclass(frozen=True, slots=True)
class Finger:
    """A finger. `width` is half its thickness, and `angle` its direction in degrees.

    `reach` is 1 for a straight finger. A smaller `reach` means that the finger is bent away from the viewer
    and looks shorter.
    """

    knuckle: Point
    length: float
    width: float
    angle: float
    reach: float = 1.0

    @property
    def joints(self) -> list[Point]:
        """The points of the knuckle, both joints and the tip.

        If the finger is bent, the segments between them look shorter, the last one most.
        """
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
    """A thumb. `joints` are the thumb's root, knuckle, joint and tip."""

    joints: tuple[Point, Point, Point, Point]

    @property
    def outline(self) -> str:
        a, b, c, d = self.joints
        through = [a, between(a, b, 0.55), b, between(b, c, 0.5), c, between(c, d, 0.5), d]
        return limb(through, [7.4, 8.4, 7.2, 6.3, 6.7, 6.8, 5.4])


@dataclass(frozen=True, slots=True)
class Pose:
    """A pose of a hand.

    `grip` is the point of the hand that moves along the stroke's path. `touch` is a function that draws the
    parts of the hand that touch the body. `whole` says whether the whole hand presses, `lifted` whether the
    fingers are off the body, and `over` whether the fingers bend over an edge, out of sight.
    """

    fingers: tuple[Finger, ...]
    thumb: Thumb
    grip: Point
    touch: Callable[["Pose"], tuple[str, ...]]
    whole: bool = False
    lifted: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class PlacedHand:
    """A hand, or a forearm with its hand, on the body map.

    `shape` is the name of the pose in `POSES`, or "forearm". `right` says whether it is a right hand. `at` is
    the point of the map where the grip of the pose is. `turn` is the direction of the fingers, and `arm` the
    direction from the wrist to the elbow (for a forearm, the direction of the upper arm), both in degrees
    clockwise from straight up. `lift` says how far the hand is lifted and `press` how hard it presses, both
    from 0 to 1.
    """

    shape: str
    right: bool
    at: Point
    turn: float
    arm: float
    lift: float = 0.0
    press: float = 1.0


# --- Fingers, palm and arm -----------------------------------------------------------------------


def fan(angles: Sequence[float], reach: float = 1.0) -> tuple[Finger, ...]:
    """Return the index, middle, ring and little finger, each with the direction from `angles`.

    All have the same `reach`, which is 1 for straight fingers and less for bent ones.
    """
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
PALM_EDGE = (*reversed(PALM[:4]), (0, 6), *reversed(PALM[-4:]))
"""The outline of the palm without the knuckles."""
HEEL = (
    (-12.5, 4), (-17, -8), (-19, -20), (-11, -23.5), (-1, -18), (9, -24), (19.5, -23), (18, -10), (12.5, 4),
    (0, 8),
)  # fmt: skip


def limb(joints: Points, widths: Sequence[float]) -> str:
    """Return the path data of a limb that passes through the joints and has a round end.

    For each joint, `widths` has half the thickness of the limb there.
    """
    left, right = [], []
    for i, (joint, width) in enumerate(zip(joints, widths, strict=True)):
        direction = minus(joints[min(i + 1, len(joints) - 1)], joints[max(i - 1, 0)])
        along = (direction[0] / distance(direction, (0, 0)), direction[1] / distance(direction, (0, 0)))
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
    """Return the path data of the skin between the thumb and the index finger."""
    _, knuckle, joint, _ = pose.thumb.joints
    return curve([(19, -48), (23.5, -38), between(knuckle, joint, 0.3), knuckle, (10, -20)], closed=True)


def _arm_outline(angle: float, length: float) -> str:
    """Return the path data of the arm, from the wrist towards the elbow.

    `angle` is the direction of the arm in degrees.
    """
    end, across = towards(angle, length), towards(angle + 90)
    middle = towards(angle, length * 0.4)
    one = [plus((0, 0), across, -12.6), plus(middle, across, -16), plus(end, across, -21)]
    other = [plus(end, across, 21), plus(middle, across, 16), plus((0, 0), across, 12.6)]
    return curve([*one, *other], closed=True)


def _wrist(arm: float) -> str:
    """Return the path data of the transition from the hand to the arm.

    `arm` is the direction of the arm in degrees.
    """
    end, across = towards(arm, 13), towards(arm + 90)
    one, other = plus(end, across, -12.4), plus(end, across, 12.4)
    return curve([plus((0, 0), across, -11.6), one, other, plus((0, 0), across, 11.6)], closed=True)


# --- The parts that touch ------------------------------------------------------------------------


def _angle(direction: Point) -> float:
    return degrees(atan2(direction[0], -direction[1]))


def _finger_pads(pose: Pose) -> tuple[str, ...]:
    """Draw the fingertip pads, which touch the body. They are drawn as if the fingers were transparent."""
    return tuple(
        ellipse(plus(f.joints[3], towards(f.angle, -4.6)), f.width * 1.06, f.width * 1.15, f.angle)
        for f in pose.fingers
    )


def _two_pads(pose: Pose) -> tuple[str, ...]:
    """Draw the fingertip pads of the index and the middle finger."""
    return _finger_pads(pose)[:2]


def _thumb_pad(pose: Pose) -> tuple[str, ...]:
    _, _, joint, tip = pose.thumb.joints
    return (ellipse(between(joint, tip, 0.6), 7.2, 10.2, _angle(minus(tip, joint))),)


def _heel(_: Pose) -> tuple[str, ...]:
    return (path(curve(HEEL, closed=True)),)


def _no_touch(_: Pose) -> tuple[str, ...]:
    return ()


def _squeezing_touch(pose: Pose) -> tuple[str, ...]:
    tips = (ellipse(f.joints[3], f.width * 1.05, 4.2, f.angle) for f in pose.fingers)
    return (*_heel(pose), *tips)


THUMB_ALONG = Thumb(((11, -12), (22, -28), (27, -43), (29, -58)))
"""A thumb that lies along the hand."""
THUMB_FLAT = Thumb(((11, -12), (20, -28), (23.5, -43), (25, -57)))
"""A thumb that lies close to a flat hand, so that it does not reach the spine."""
THUMB_TUCKED = Thumb(((11, -12), (21, -28), (25, -44), (22, -58)))
THUMB_FORWARD = Thumb(((11, -11), (26, -24), (40, -40), (52, -55)))
"""A thumb stretched away from the hand. The hand can be turned so that the thumb is in line with the arm."""

POSES: dict[str, Pose] = {
    "flat-palms": Pose(fan((6, 1.5, -3, -9)), THUMB_FLAT, (0, -42), _no_touch, whole=True),
    "palms-over": Pose(fan((4, 1.5, -2, -7), 0.6), THUMB_FLAT, (0, -44), _no_touch, whole=True, over=True),
    "heels": Pose(fan((11, 3, -6, -16), 0.62), THUMB_ALONG, (0, -9), _heel, lifted=True),
    "fingertips": Pose(fan((15, 4, -7, -20), 0.74), THUMB_ALONG, (0, -82), _finger_pads),
    "two-fingertips": Pose(
        (fan((0, 0, 0, 0), 0.92)[0], fan((0, 0, 0, 0), 0.82)[1], *fan((0, 0, -4, -10), 0.42)[2:]),
        THUMB_TUCKED,
        (10, -86),
        _two_pads,
    ),
    "forehead": Pose(fan((7, 1.5, -4, -11), 0.9), THUMB_ALONG, (0, -44), _no_touch),
    "stacked-fingertips": Pose(fan((5, 1.5, -2, -7), 0.93), THUMB_ALONG, (0, -92), _finger_pads),
    "stacked-over": Pose(fan((5, 1.5, -2, -7), 0.8), THUMB_ALONG, (0, -92), _no_touch),
    "thumbs": Pose(fan((12, 3, -7, -18), 0.9), THUMB_FORWARD, (50, -52), _thumb_pad),
    "braced-thumb": Pose(fan((12, 3, -7, -18), 0.9), THUMB_FORWARD, (50, -52), _thumb_pad),
    "braced-over": Pose(fan((12, 3, -7, -18), 0.9), THUMB_FORWARD, (50, -52), _no_touch),
    "whole-hands": Pose(fan((9, 3, -4, -12), 0.66), THUMB_ALONG, (0, -44), _squeezing_touch),
    "whole-hands-over": Pose(fan((9, 3, -4, -12), 0.6), THUMB_ALONG, (0, -44), _squeezing_touch, over=True),
    "fist": Pose(fan((5, 1, -3, -8), 0.5), THUMB_TUCKED, (0, 0), _no_touch),
}


# --- Drawing -------------------------------------------------------------------------------------


def draw(hand: PlacedHand, skin: Skin) -> str:
    """Draw a hand and its arm. The arm fades out towards the giver."""
    sign = -1 if hand.right else 1
    arm = sign * (hand.arm - hand.turn)
    name = f"{hand.shape}{'-r' if hand.right else '-l'}"
    if hand.shape == "forearm":
        inside = _forearm(hand, arm, skin, name)
    else:
        pose = _squeeze_fingers(POSES[hand.shape], hand.press)
        inside = _shadow(pose, arm, hand) + _lower_arm(arm, skin, name) + _hand(pose, skin, hand, name, arm)
    size = SCALE * (1 + 0.05 * hand.lift)
    placed = (
        f"translate({pair(hand.at)}) rotate({number(hand.turn)}) scale({number(size)}) "
        f"translate({pair(minus((0, 0), _grip(hand)))}) scale({sign} 1)"
    )
    return group(inside, transform=placed)


def extent(hand: PlacedHand) -> list[Point]:
    """Return points on the body map whose bounding box contains the hand and its arm."""
    sign, arm = (-1 if hand.right else 1), hand.arm - hand.turn
    tip = -190 if hand.shape == "forearm" else -106
    elbow, across = towards(arm, ARM_LENGTH + 4), towards(arm + 90, 26)
    ends = [plus(elbow, across), minus(elbow, across)]
    corners = [(x * sign, y) for x, y in ((-40, tip), (60, tip), (60, -20), (-34, 8), (34, 8))]
    return [_on_body(hand, minus(point, _grip(hand))) for point in (*corners, *ends)]


def _grip(hand: PlacedHand) -> Point:
    x, y = (0.0, -46.0) if hand.shape == "forearm" else POSES[hand.shape].grip
    return (-x if hand.right else x), y


def _on_body(hand: PlacedHand, offset: Point) -> Point:
    """Return the point on the body map that is at this offset from the grip of the hand.

    `offset` is in hand coordinates.
    """
    size = SCALE * 1.06
    across, along = towards(hand.turn + 90, offset[0] * size), towards(hand.turn, -offset[1] * size)
    return plus(hand.at, plus(across, along))


def _squeeze_fingers(pose: Pose, press: float) -> Pose:
    """Return the pose with the fingers closed according to the pressure `press`, from 0 to 1.

    Poses that do not squeeze are returned unchanged.
    """
    if pose.touch is not _squeezing_touch:
        return pose
    fingers = tuple(replace(f, reach=f.reach * (1.16 - 0.3 * press)) for f in pose.fingers)
    return replace(pose, fingers=fingers)


def silhouette(pose: Pose) -> str:
    """Return the path data of a whole hand, without the arm."""
    fingers = (finger.outline for finger in pose.fingers)
    return "".join((pose.thumb.outline, _web(pose), *fingers, curve(PALM, closed=True)))


def _shadow(pose: Pose, arm: float, hand: PlacedHand) -> str:
    """Draw the shadow of a hand and its arm as a wide, faint outline.

    The shadow is not blurred, because blurring it in every frame of a loop would take too long.
    """
    d = silhouette(pose) + _arm_outline(arm, ARM_LENGTH * 0.5)
    away = 3 + 9 * hand.lift
    return line(d, "#000", 12, 0.22, transform=f"translate({number(away * 0.4)} {number(away)})")


def _lower_arm(angle: float, skin: Skin, name: str) -> str:
    d = _arm_outline(angle, ARM_LENGTH)
    faded = _fade_gradients(name, towards(angle, ARM_LENGTH * 0.12), towards(angle, ARM_LENGTH), skin)
    return faded + line(d, f"url(#{name}-line)", LINE_WIDTH) + path(d, fill=f"url(#{name}-fill)")


def _fade_gradients(name: str, start: Point, end: Point, skin: Skin) -> str:
    """Define two gradients from `start` to `end`, in the colours of the skin and of its outline.

    They fade out towards `end`. The ids are `name` followed by -fill and -line.
    """
    colours = (("fill", skin.fill), ("line", skin.line))
    fades = (linear(f"{name}-{it}", start, end, (0, c, 1), (0.4, c, 0.88), (1, c, 0)) for it, c in colours)
    return element("defs", *fades)


def _hand(pose: Pose, skin: Skin, hand: PlacedHand, name: str, arm: float = 180) -> str:
    palm = curve(PALM, closed=True)
    fingers = group(*_fingers(pose, skin, name), opacity=0.62 if pose.lifted else None)
    touch = group(*pose.touch(pose), fill=skin.accent, stroke=skin.line, stroke_width=1.8)
    layers = [_rim(pose, skin, hand), fingers]
    if pose.lifted:
        layers.append(line(curve(PALM_EDGE), skin.line, LINE_WIDTH))
    layers += [
        group(path(_web(pose) + palm), circle((0, 0.5), 12.4), path(_wrist(arm)), fill=skin.fill),
        *_back_of_hand(pose, skin),
        group(touch, opacity=_touch_opacity(hand, 0.45)),
    ]
    return "".join(layers)


def _touch_opacity(hand: PlacedHand, least: float) -> float:
    """Return the opacity of the parts of a hand that touch the body.

    The opacity rises with the pressure from `least` to 1. It is lower if the hand is partly lifted, and 0 if
    the hand is fully lifted.
    """
    return (1 - hand.lift) * (least + (1 - least) * hand.press)


def _rim(pose: Pose, skin: Skin, hand: PlacedHand) -> str:
    """Draw a line in the accent colour around the hand, if the pose presses with the whole hand.

    Otherwise return an empty string.
    """
    if not pose.whole:
        return ""
    return line(silhouette(pose), skin.accent, LINE_WIDTH + 6.5, _touch_opacity(hand, 0.3))


def _fingers(pose: Pose, skin: Skin, name: str) -> list[str]:
    outline = path(silhouette(pose), fill=skin.line) + line(silhouette(pose), skin.line, LINE_WIDTH)
    thin: dict[str, Value] = {"stroke": skin.line, "stroke_width": 1.2, "stroke_opacity": 0.8}
    thumb = path(pose.thumb.outline, fill=skin.fill, **thin)
    fingers = [finger.outline for finger in reversed(pose.fingers)]
    if pose.over:
        _, knuckle, _, tip = pose.fingers[1].joints
        bent = linear(f"{name}-bent", knuckle, tip, (0, skin.fill, 1), (1, skin.shade, 1))
        limbs = [path(d, fill=f"url(#{name}-bent)", **thin) for d in fingers]
        return [outline, element("defs", bent), thumb, *limbs]
    return [outline, thumb, *(path(d, fill=skin.fill, **thin) for d in fingers), *_nails(pose, skin)]


def _nails(pose: Pose, skin: Skin) -> list[str]:
    ends = [(finger.joints[2], finger.joints[3], finger.width) for finger in pose.fingers]
    nails = []
    for joint, tip, width in [*ends, (pose.thumb.joints[2], pose.thumb.joints[3], 6.4)]:
        turn = _angle(minus(tip, joint))
        at = plus(tip, towards(turn, -3.6))
        nails.append(ellipse(at, width * 0.56, width * 0.72, turn))
    return [group(*nails, fill=skin.light, stroke=skin.shade, stroke_width=0.6)]


def _back_of_hand(pose: Pose, skin: Skin) -> list[str]:
    """Draw the sinews, the knuckles and the creases of the joints."""
    sinews, creases, knuckles = "", "", []
    for finger in pose.fingers:
        knuckle, *joints, _ = finger.joints
        sinews += lines([between(knuckle, (-1, 0), 0.1), between(knuckle, (-1, 0), 0.5)])
        knuckles.append(ellipse(knuckle, finger.width * 0.75, finger.width * 0.6, finger.angle))
        across = towards(finger.angle + 90, finger.width * 0.45)
        creases += "".join(lines([minus(joint, across), plus(joint, across)]) for joint in joints)
    return [
        line(sinews, skin.shade, 1.7, 0.4),
        group(*knuckles, fill=skin.light, fill_opacity=0.5),
        line(creases, skin.shade, 1.1, 0.8),
    ]


# --- The forearm ---------------------------------------------------------------------------------

FOREARM = ((0, -6), (0, -26), (0, -55), (0, -90), (0, -122), (0, -136))
FOREARM_WIDTHS = (19, 21.5, 21.5, 17.5, 13.4, 12)
FOREARM_TOUCH = ((-14, -16), (-17, -40), (-14, -70), (0, -82), (13, -70), (16, -40), (13, -16), (0, -10))
"""The outline of the part of the forearm that touches the body: the soft inner side between elbow and
wrist."""


def _forearm(hand: PlacedHand, arm: float, skin: Skin, name: str) -> str:
    """Draw a forearm from the elbow at (0, 0) upwards to a loose fist, and the upper arm.

    The upper arm has the direction `arm`, in degrees, and fades out towards the giver.
    """
    outline, upper = limb(FOREARM, FOREARM_WIDTHS), _upper_arm(arm)
    shadow = line(outline, "#000", 12, 0.22, transform="translate(1 5)")
    bones = path(outline) + circle((0, -4), 19)
    wrist = limb(((0, -100), (0, -118), (0, -136)), (15.8, 13.2, 13))
    touch = path(curve(FOREARM_TOUCH, closed=True), fill=skin.accent, stroke=skin.line, stroke_width=1.8)
    return "".join((
        shadow,
        _fade_gradients(name, (0, -10), towards(arm, ARM_LENGTH), skin),
        line(upper, f"url(#{name}-line)", LINE_WIDTH),
        group(bones, fill=skin.line, stroke=skin.line, stroke_width=LINE_WIDTH),
        path(upper, fill=f"url(#{name}-fill)"),
        group(bones, fill=skin.fill),
        line(curve([(-8, 6), (0, 10), (9, 5)]), skin.shade, 1.6),
        group(_hand(POSES["fist"], skin, hand, name), transform="translate(0 -126)"),
        path(wrist, fill=skin.fill),
        group(touch, opacity=_touch_opacity(hand, 0.45)),
    ))  # fmt: skip


def _upper_arm(angle: float) -> str:
    end, across = towards(angle, ARM_LENGTH), towards(angle + 90)
    one = [plus((0, -12), across, -19), plus(end, across, -24)]
    return curve([*one, plus(end, across, 24), plus((0, -12), across, 19)], closed=True)
