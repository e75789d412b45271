"""Draw the receiver, lying on a couch or sitting on a chair, in one of three skin tones.

This module must not depend on strokes, because the receiver is the same background for all of them.
"""

from dataclasses import dataclass

from bot.media.pictures import body
from bot.media.pictures.hands import POSES, Skin, silhouette
from bot.media.pictures.svg import (
    Points,
    blur,
    curve,
    element,
    ellipse,
    group,
    line,
    linear,
    mirrored,
    path,
    radial,
    rect,
)
from bot.routine.model import Tone

ACCENT = "#ffb52e"
INK = "#1c0e0b"
"""The darkest colour, used for outlines and halos."""
CREAM = "#f6e3c6"
"""The colour of the signs beside the body."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one skin tone.

    `skin`, `shade` and `light` are the colours of the receiver's skin. `hair` and `strand` are the colours of
    the receiver's hair. `hands` has the colours of the giver's hands, which are lighter because they are
    nearer to the lamp.
    """

    skin: str
    shade: str
    light: str
    hair: str
    strand: str
    hands: Skin


PALETTES = {
    Tone.LIGHT: Palette("#b98465", "#7d4a35", "#d9a583", "#4a2d20", "#6b4430",
                        Skin("#f0c8a8", "#b98463", "#fbe3cd", INK, ACCENT)),
    Tone.MEDIUM: Palette("#93603f", "#5c3522", "#b47c56", "#2a1a15", "#46302a",
                         Skin("#d9a078", "#9a6546", "#f0c6a3", INK, ACCENT)),
    Tone.DEEP: Palette("#5e3a2a", "#361d15", "#7d513b", "#17100f", "#33241f",
                       Skin("#a06d50", "#6c432f", "#cf9c7d", "#140907", ACCENT)),
}  # fmt: skip


HAIRLINE = 148
CLOTH, CLOTH_SHADE, CLOTH_LIGHT = "#646a5c", "#353a32", "#8b917f"
WOOD, WOOD_LIGHT = "#38221a", "#5c3b2b"


def symmetric_line(points: Points, colour: str, width: float, opacity: float) -> str:
    """Draw a smooth line through the points, and its mirror image on the other side of the spine."""
    return line(curve(points) + curve(mirrored(points)), colour, width, opacity)


def outline() -> str:
    """Return the path data of the body's outline, without head and hands."""
    return curve([*body.OUTLINE, *reversed(mirrored(body.OUTLINE))], closed=True)


def body_clip() -> str:
    """Define the clip path #body, which is everything inside the body's outline and below the hairline."""
    below_hair = rect((0, HAIRLINE + 300), 720, 600, 0)
    inside = element("clipPath", path(outline()), id="body", clip_path="url(#below)")
    return element("defs", element("clipPath", below_hair, id="below"), inside)


def head_clip() -> str:
    """Define the clip path #beyond-head, which is everything except the hair."""
    head = curve([*body.HAIR, *reversed(mirrored(body.HAIR[1:-1]))], closed=True)
    d = "M-400-100H400V900H-400Z" + head
    return element("defs", element("clipPath", path(d, clip_rule="evenodd"), id="beyond-head"))


def room() -> str:
    """Draw the dim room with lamplight from the upper left."""
    light = radial("room", (-150, 40), 760, (0, "#4a2f22", 1), (0.5, "#2b1a14", 1), (1, "#130b09", 1))
    lamp = radial("lamp", (0, 220), 400, (0, "#6b4531", 0.55), (1, "#6b4531", 0))
    walls = (rect((0, 360), 720, 720, 0, fill=f"url(#{name})") for name in ("room", "lamp"))
    return element("defs", light, lamp) + "".join(walls)


def lying(tone: Tone) -> str:
    """Draw the receiver face down on a couch, with the arms beside the body and a towel over the hips."""
    palette = PALETTES[tone]
    shading = group(_shading(palette.shade, palette.light), clip_path="url(#body)")
    drawn = _couch() + _hands(palette) + _skin(palette) + shading + _contours(palette.shade)
    return body_clip() + _gradients(palette) + drawn + _towel() + _head(palette)


def lying_whole(tone: Tone) -> str:
    """Draw the whole receiver face down, from head to feet, with a rolled towel under the ankles."""
    palette = PALETTES[tone]
    shading = group(_shading(palette.shade, palette.light), clip_path="url(#body)")
    legs = _ankle_roll() + _legs(palette)
    drawn = _long_couch() + legs + _hands(palette) + _skin(palette) + shading + _contours(palette.shade)
    return body_clip() + _gradients(palette) + drawn + _hip_towel() + _turned_head(palette)


def seated(tone: Tone, chair: float) -> str:
    """Draw the receiver from behind, sitting on a chair in a thin top.

    `chair` is the y of the backrest's upper edge.
    """
    palette = PALETTES[tone]
    dressed = _hands(palette) + _skin(palette) + _contours(palette.shade) + _shirt()
    return body_clip() + _gradients(palette) + dressed + _head(palette) + _chair(chair)


def _gradients(palette: Palette) -> str:
    shade = (1, palette.shade, 1)
    return element(
        "defs",
        blur("soft", 6),
        blur("softer", 14),
        linear("sheet", (-260, 0), (260, 720), (0, "#4b3431", 1), (0.6, "#38262a", 1), (1, "#231719", 1)),
        linear("skin", (-180, 130), (200, 640), (0, palette.light, 1), (0.45, palette.skin, 1), shade),
        linear("dim", (0, -100), (0, 0), (0, palette.shade, 1), (1, palette.skin, 1)),
        linear("towel", (-150, 590), (150, 720), (0, "#8a7a66", 1), (1, "#5a4c41", 1)),
        linear("cloth", (-180, 190), (160, 480), (0, CLOTH_LIGHT, 1), (0.45, CLOTH, 1), (1, CLOTH_SHADE, 1)),
        linear("wood", (0, 420), (0, 640), (0, WOOD_LIGHT, 1), (1, WOOD, 1)),
        linear("hair", (-60, 10), (60, 150), (0, palette.strand, 1), (1, palette.hair, 1)),
    )


# --- The body ------------------------------------------------------------------------------------


def _skin(palette: Palette) -> str:
    d = outline()
    shadow = path(d, fill="#000", opacity=0.5, filter="url(#soft)", transform="translate(3 7)")
    return shadow + path(d, fill="url(#skin)")


def _shading(dark: str, light: str) -> str:
    """Draw the raised places of the back, such as the shoulder blades, lighter, and the hollows darker.

    `light` and `dark` are the colours for this.
    """
    high = [
        symmetric_line(body.OUTLINE[5:14], light, 10, 0.25),
        symmetric_line(body.LONG_MUSCLE, light, 24, 0.32),
        symmetric_line(body.BLADE, light, 36, 0.4),
        symmetric_line(body.BLADE_SPINE, light, 10, 0.5),
        symmetric_line(body.SHOULDER_TOP, light, 12, 0.3),
    ]
    deep = [
        symmetric_line(body.OUTLINE[15:23], dark, 20, 0.45),
        line(curve(body.SPINE_GROOVE), dark, 13, 0.6),
        symmetric_line(body.BLADE_EDGE, dark, 8, 0.6),
        symmetric_line(body.ARMPIT, dark, 9, 0.5),
        symmetric_line(body.DIMPLE, dark, 9, 0.6),
        ellipse(body.NAPE, 54, 22, fill=dark, opacity=0.8),
    ]
    sides = group(symmetric_line(body.SIDE, dark, 36, 0.5), filter="url(#softer)")
    return sides + group(*high, filter="url(#soft)") + group(*deep, filter="url(#soft)")


def _contours(dark: str) -> str:
    spine = (ellipse((0, y), 2.6, 4.2, fill=dark, opacity=0.45) for y in range(196, 570, 22))
    return group(
        symmetric_line(body.BLADE_EDGE[1:5], dark, 2.6, 0.5),
        symmetric_line(body.ARMPIT, dark, 2.6, 0.7),
        symmetric_line(body.CROOK, dark, 2.2, 0.45),
        line(outline(), dark, 4),
        *spine,
        clip_path="url(#body)",
    )


def _hands(palette: Palette) -> str:
    """Draw the receiver's hands: palms up, fingers slightly curled, thumbs towards the thighs."""
    d = silhouette(POSES["fingertips"])
    drawn = path(d, fill=palette.shade, stroke=palette.shade, stroke_width=4.5) + path(d, fill="url(#dim)")
    x, y = body.WRIST
    placed = f"translate({x} {y - 4}) rotate(176) scale(0.98 1.12)"
    return "".join(group(drawn, transform=f"scale({side} 1) {placed}") for side in (1, -1))


def _head(palette: Palette) -> str:
    """Draw the head from behind, with the hair pinned up so that it does not cover the neck."""
    cap = curve([*body.HAIR, *reversed(mirrored(body.HAIR[1:-1]))], closed=True)
    ears = curve(body.EAR, closed=True) + curve(mirrored(body.EAR), closed=True)
    combed = "".join(curve([(0, 60), (x * 0.7, 96), (x * 0.8, 146)]) for x in (-44, -30, -15, 0, 15, 30, 44))
    return "".join((
        path(ears, fill=palette.skin, stroke=palette.shade, stroke_width=1.6),
        path(cap, fill="url(#hair)"),
        line(combed, palette.strand, 1.6, 0.55),
        ellipse((0, 62), 34, 30, fill="#000", opacity=0.25),
        ellipse((0, 53), 31, 28, fill="url(#hair)", stroke=palette.hair, stroke_width=1.5),
        line(curve([(-20, 56), (-8, 38), (14, 40), (18, 56), (2, 66)]), palette.strand, 2.4, 0.8),
    ))  # fmt: skip


def _turned_head(palette: Palette) -> str:
    """Draw the head turned to the right, with one cheek on the pillow and the face at the side."""
    face = [
        (10, 20), (46, 30), (62, 52), (63, 64), (76, 80), (66, 88), (68, 98), (62, 108), (58, 124), (36, 134),
        (8, 140),
    ]  # fmt: skip
    hair = [
        (-4, 8), (30, 16), (50, 34), (44, 52), (34, 62), (30, 84), (34, 104), (24, 132), (2, 150), (-22, 148),
        (-46, 128), (-58, 90), (-54, 50), (-36, 20),
    ]  # fmt: skip
    ear = [(24, 76), (34, 72), (38, 84), (32, 98), (25, 96)]
    return "".join((
        path(curve(face, closed=True), fill=palette.skin, stroke=palette.shade, stroke_width=2.5),
        line(curve([(50, 68), (55, 71), (60, 69)]), palette.shade, 3.5),
        line(curve([(46, 54), (53, 51), (60, 54)]), palette.hair, 3.5),
        line(curve([(58, 105), (63, 105)]), palette.shade, 3),
        path(curve(hair, closed=True), fill="url(#hair)"),
        path(curve(ear, closed=True), fill=palette.skin, stroke=palette.shade, stroke_width=2),
        ellipse((-34, 62), 30, 32, fill="#000", opacity=0.25),
        ellipse((-38, 56), 28, 30, fill="url(#hair)", stroke=palette.hair, stroke_width=1.5),
        line(curve([(-52, 60), (-44, 42), (-26, 44), (-24, 60), (-38, 68)]), palette.strand, 2.4, 0.8),
    ))  # fmt: skip


def _legs(palette: Palette) -> str:
    """Draw the legs with the soles up, lit like the back."""
    d = curve(body.LEG, closed=True) + curve(mirrored(body.LEG), closed=True)
    soles = curve(body.SOLE, closed=True) + curve(mirrored(body.SOLE), closed=True)
    hollows = symmetric_line(body.KNEE, palette.shade, 9, 0.6)
    calves = symmetric_line(body.CALF, palette.light, 24, 0.2)
    edge: dict[str, str | float] = {"stroke": palette.shade, "stroke_width": 4}
    shadow = path(d + soles, fill="#000", opacity=0.4, transform="translate(3 8)")
    return "".join((
        shadow,
        path(soles, fill=palette.light, **edge),
        path(d, fill=palette.skin, **edge),
        hollows,
        calves,
    ))  # fmt: skip


# --- Around the body -----------------------------------------------------------------------------


def _couch() -> str:
    sheet = rect((0, 370), 524, 820, 46, fill="url(#sheet)")
    seam = rect((0, 372), 500, 800, 38, fill="none", stroke="#6a4a44", stroke_opacity=0.35, stroke_width=2)
    cushion = ellipse((0, 86), 104, 100, fill="#5a423c") + ellipse((0, 86), 78, 76, fill="#2c1c1a")
    return sheet + seam + cushion


def _long_couch() -> str:
    sheet = rect((0, 664), 560, 1340, 46, fill="url(#sheet)")
    pillow = rect((0, 84), 330, 200, 60, fill="#5a423c", stroke="#6a4a44", stroke_width=3)
    return sheet + pillow


def _hip_towel() -> str:
    """Draw a towel over the hips and the thighs."""
    top = [(-158, 612), (-140, 592), (-60, 598), (0, 601), (60, 598), (140, 592), (158, 612)]
    d = curve(top) + "L168 850Q0 872-168 850Z"
    hem = curve([(-166, 824), (0, 842), (166, 824)])
    shadow = path(d, fill="#000", opacity=0.4, transform="translate(3 8)")
    return shadow + path(d, fill="url(#towel)") + line(hem, "#c9b598", 5, 0.4)


def _ankle_roll() -> str:
    """Draw the rolled towel that lies under the ankles."""
    roll = rect((0, 1212), 330, 64, 30, fill="#d8c6a8", stroke=INK, stroke_width=4)
    ends = (ellipse((side * 140, 1212), r * 0.6, r, fill="none", stroke="#8a7a66", stroke_width=4)
            for side in (-1, 1) for r in (22, 10))  # fmt: skip
    return roll + "".join(ends)


def _towel() -> str:
    top = [(-154, 606), (-138, 590), (-60, 598), (0, 601), (60, 598), (138, 590), (154, 606)]
    d = curve(top) + "L164 740L-164 740Z"
    fold, hem, second = (
        curve([(-155, y), (-60, y + 8), (0, y + 11), (60, y + 8), (155, y)]) for y in (616, 632, 642)
    )
    return "".join((
        path(d, fill="#000", opacity=0.45, filter="url(#soft)", transform="translate(0 -5)"),
        path(d, fill="url(#towel)"),
        line(fold, "#3a2e28", 2, 0.6),
        line(hem, "#c9b598", 4, 0.35),
        line(second, "#c9b598", 2, 0.3),
    ))  # fmt: skip


def _shirt() -> str:
    d = curve([*body.SHIRT, *reversed(mirrored(body.SHIRT[1:]))], closed=True)
    collar = curve([*reversed(mirrored(body.SHIRT[:4])), *body.SHIRT[1:4]])
    return "".join((
        element("defs", element("clipPath", path(d), id="top")),
        path(d, fill="url(#cloth)", stroke=CLOTH_SHADE, stroke_width=2),
        group(_shading(CLOTH_SHADE, CLOTH_LIGHT), clip_path="url(#top)"),
        line(collar, CLOTH_SHADE, 9),
        line(collar, CLOTH_LIGHT, 5),
        symmetric_line(body.SLEEVE, CLOTH_SHADE, 3, 1),
        symmetric_line(body.ARMPIT, CLOTH_SHADE, 2.6, 1),
        symmetric_line(body.BLADE_EDGE[1:5], CLOTH_SHADE, 2.6, 0.7),
    ))  # fmt: skip


def _chair(top: float) -> str:
    rail = rect((0, top + 100), 300, 200, 20, fill="url(#wood)", stroke="#1f120d", stroke_width=3)
    return rail + line(f"M-132 {top + 14}H132", "#8a5f45", 3, 0.5)
