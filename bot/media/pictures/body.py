"""The body map: the geometry of every place on the back that a routine can name.

The map must contain all zones, spots and places to avoid that `bot.routine.vocabulary` names. A test checks
this. Points are (x, y) in pixels on the body seen from behind. x is 0 at the spine and grows to the
receiver's right; y is 0 just above the head and grows downwards. A centimetre is 7.4 pixels. Everything
except the spine and the spots is given for the right side only, and mirrored for the left.
"""

from dataclasses import dataclass

from bot.media.pictures.svg import Point

NECK_END_Y = 215.0
"""The y at which the neck meets the back. Points on the neck have a smaller y."""

LANES: tuple[dict[str, Point], ...] = (
    {  # outwards along the top of the shoulder
        "neck-base": (86, 214),
        "shoulders": (104, 219),
        "upper-arms": (166, 306),
    },
    {  # upwards beside the spine, along the middle of the long muscle, between spine and shoulder blade
        "low-back": (45, 508),
        "mid-back": (43, 412),
        "shoulder-blade-tips": (42, 338),
        "shoulders": (50, 240),
        "neck-base": (35, 204),
        "skull-edge": (23, 166),
    },
)
"""The lanes: the centre lines that strokes follow. A lane passes through several zones of the back, and maps
each zone's id to a point, in the order of the zones along the lane. A stroke between two zones follows the
first lane that contains both."""

LANE_JUNCTION = "shoulders"
"""The zone where the two lanes meet. A stroke from one lane to the other passes through this zone."""

ROUND_THE_SIDE: tuple[Point, ...] = ((92, 226), (136, 246), (132, 306), (114, 384), (96, 456), (78, 498))
"""The path on which the hands return from the neck to the lower back: out over the shoulder and down the
side."""

SPINE: tuple[Point, ...] = (
    (0, 152), (6, 160), (7, 200), (10, 300), (10, 480), (8, 572), (0, 580), (-8, 572), (-10, 480),
    (-10, 300), (-7, 200), (-6, 160),
)  # fmt: skip
NECK_SIDE: tuple[Point, ...] = (
    (37, 142), (42, 138), (43, 156), (45, 168), (47, 176), (44, 178), (41, 171), (38, 160),
)  # fmt: skip

NO_PRESS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "spine": (SPINE,),
    "kidneys": (((94, 442), (122, 434), (114, 470), (116, 506), (124, 536), (98, 540), (91, 492)),),
    "low-ribs": (((84, 398), (132, 388), (126, 414), (82, 426)),),
    "bones": (
        ((144, 234), (151, 225), (161, 221), (170, 232), (162, 242), (146, 245)),
        ((80, 548), (103, 536), (123, 533), (127, 546), (104, 550), (84, 562)),
    ),
    "neck-front": (NECK_SIDE,),
    "pulse": (NECK_SIDE, ((126, 286), (142, 300), (138, 326), (126, 316))),
}
"""The outlines of the places where hands must not press, by the id of the place. A place on the right side
also exists on the left side, as a mirror image."""

SPOTS: dict[str, tuple[Point, ...]] = {
    "upper-left": ((-72, 226),),
    "upper-middle": ((31, 290), (-31, 290)),
    "upper-right": ((72, 226),),
    "middle-left": ((-74, 374),),
    "centre": ((31, 388), (-31, 388)),
    "middle-right": ((74, 374),),
    "lower-left": ((-66, 492),),
    "lower-middle": ((31, 500), (-31, 500)),
    "lower-right": ((66, 492),),
}
"""The spots where people can mark knots, in rows of three from the shoulders down. A spot in the middle
column has two points, one on each side of the spine."""

# --- Outlines and landmarks ----------------------------------------------------------------------

OUTLINE: tuple[Point, ...] = (
    (36, 128), (36, 158), (44, 184), (76, 200), (120, 209), (156, 221), (177, 246), (185, 286), (188, 330),
    (192, 368), (200, 404), (210, 440), (216, 490), (216, 548), (211, 606), (193, 606), (184, 550),
    (174, 494), (165, 446), (158, 404), (150, 362), (141, 324), (137, 310), (137, 342), (131, 392),
    (117, 444), (112, 474), (116, 508), (128, 552), (140, 600), (148, 740),
)  # fmt: skip
"""The outline of the right half of the body. It begins at the neck, runs over the shoulder and down the
outside of the arm to the wrist, then up the inside of the arm and down the trunk."""

ARMPIT: tuple[Point, ...] = ((150, 268), (144, 290), (137, 312))
CROOK: tuple[Point, ...] = ((164, 406), (178, 413), (193, 407))
SIDE: tuple[Point, ...] = OUTLINE[22:30]
"""The edge of the trunk, from the armpit downwards."""
WRIST: Point = (202, 604)

BLADE_EDGE: tuple[Point, ...] = (
    (60, 246), (54, 270), (58, 304), (68, 332), (82, 330), (104, 306), (126, 286),
)  # fmt: skip
"""The edge of the shoulder blade: down the inner edge, round the tip and up the outer edge."""
BLADE_SPINE: tuple[Point, ...] = ((62, 256), (100, 244), (142, 228), (164, 232))
LONG_MUSCLE: tuple[Point, ...] = ((34, 260), (34, 340), (40, 420), (42, 490), (34, 560))
"""The long muscle beside the spine."""
BLADE: tuple[Point, ...] = ((98, 262), (94, 288), (86, 312))
SHOULDER_TOP: tuple[Point, ...] = ((44, 190), (88, 211), (120, 219))
DIMPLE: tuple[Point, ...] = ((29, 566), (37, 566))
SPINE_GROOVE: tuple[Point, ...] = ((0, 196), (2, 300), (-2, 420), (0, 570))
"""The groove over the spine, between the long muscles."""
NAPE: Point = (0, 142)
HAIR: tuple[Point, ...] = ((0, 10), (30, 16), (53, 40), (61, 78), (55, 112), (42, 138), (20, 150), (0, 152))
EAR: tuple[Point, ...] = ((56, 74), (65, 72), (66, 90), (58, 104))
SHIRT: tuple[Point, ...] = (
    (0, 226), (34, 221), (60, 210), (80, 198), (122, 206), (159, 218), (181, 246), (189, 286), (193, 334),
    (168, 346), (141, 340), (139, 318), (140, 346), (134, 394), (121, 446), (117, 478), (121, 512),
    (133, 556), (145, 604), (152, 740),
)  # fmt: skip
"""The outline of the right half of the shirt, from the collar over the shoulder, round the sleeve and down
the side."""
SLEEVE: tuple[Point, ...] = SHIRT[8:11]
LEG: tuple[Point, ...] = (
    (4, 700), (149, 700), (148, 800), (136, 900), (121, 972), (123, 1040), (116, 1110), (98, 1200),
    (92, 1232), (58, 1232), (52, 1190), (34, 1110), (27, 1040), (32, 972), (20, 880), (4, 780),
)  # fmt: skip
"""The outline of the right leg, from the hip to the ankle."""
KNEE: tuple[Point, ...] = ((50, 972), (76, 980), (104, 972))
CALF: tuple[Point, ...] = ((76, 1010), (74, 1110), (76, 1180))
SOLE: tuple[Point, ...] = (
    (75, 1222), (92, 1232), (96, 1256), (108, 1290), (104, 1316), (84, 1324), (62, 1318), (54, 1290),
    (60, 1256), (58, 1232),
)  # fmt: skip
"""The outline of the right foot, which lies with its sole up."""


@dataclass(frozen=True, slots=True)
class View:
    """The part of the body map that a picture shows.

    `scale` is the number of picture pixels per pixel of the map. `middle` is the point of the map that is in
    the middle of the picture. `end` is a y on the map: from there downwards, a towel or the backrest of a
    chair covers the body.
    """

    scale: float
    middle: Point
    end: float


LYING = View(1.0, (0, 360), 600)
LYING_WHOLE = View(0.51, (0, 642), 600)
"""A view of the whole receiver, from head to feet, which shows how to lie down."""
SEATED = View(1.5, (0, 242), 432)
SEATED_FARTHER = View(1.12, (0, 324), 584)
"""A view of a seated receiver from farther away, for routines that include the waist."""
