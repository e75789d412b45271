"""Draw the signs on and beside the body: arrows, hatching, glow, the step's number, L and R, the giver's
feet.

This module must not use fonts. It draws digits and letters as lines, so that they look the same on every
machine.
"""

from collections.abc import Sequence
from math import cos, radians, sin

from bot.media.pictures.figure import ACCENT, CREAM, INK
from bot.media.pictures.svg import (
    Point,
    Points,
    Value,
    blur,
    circle,
    curve,
    distance,
    element,
    ellipse,
    group,
    line,
    lines,
    minus,
    number,
    pair,
    path,
    plus,
    rect,
)

GLYPHS: dict[str, tuple[float, str]] = {
    "0": (52, "M26 0C44 0 52 20 52 50S44 100 26 100S0 80 0 50S8 0 26 0Z"),
    "1": (26, "M0 20L24 0V100"),
    "2": (50, "M2 24C4 8 14 0 26 0C40 0 49 10 49 25C49 48 14 68 2 100H50"),
    "3": (50, "M4 14C10 4 18 0 26 0C40 0 47 10 47 23S38 46 24 46C40 46 50 56 50 72S40 100 24 100Q8 100 0 84"),
    "4": (56, "M42 100V0L0 70H56"),
    "5": (50, "M46 0H10L5 44C11 38 18 36 25 36C40 36 50 48 50 67C50 87 40 100 24 100C13 100 5 95 0 86"),
    "6": (50, "M44 8C38 2 33 0 27 0C10 0 0 20 0 58C0 86 10 100 26 100S50 87 50 69S41 40 27 40S3 50 0 64"),
    "7": (48, "M0 0H48L16 100"),
    "8": (50, "M25 45C-3 45-3 0 25 0S53 45 25 45C-8 45-8 100 25 100S58 45 25 45Z"),
    "9": (50, "M6 92Q14 100 23 100C40 100 50 80 50 42C50 14 40 0 24 0S0 13 0 31S9 60 23 60S47 50 50 36"),
    "/": (34, "M34 -6L0 106"),
    "L": (40, "M0 0V100H40"),
    "R": (48, "M0 100V0H24C40 0 47 10 47 25S40 51 24 51H0M22 51L48 100"),
}  # fmt: skip
"""The width and the path data of each character. All characters are 100 high."""


def text(words: str, at: Point, height: float, colour: str, weight: float = 15) -> str:
    """Draw digits and letters, centred on `at`.

    `weight` is the width of the lines in a text with a height of 100. In smaller text, the lines are thinner.
    """
    gap = 22
    x, drawn = -_text_width(words, gap) / 2, []
    for letter in words:
        width, d = GLYPHS[letter]
        drawn.append(line(d, colour, weight, transform=f"translate({number(x)} -50)"))
        x += width + gap
    return group(*drawn, transform=f"translate({pair(at)}) scale({number(height / 100)})")


def _text_width(words: str, gap: float) -> float:
    return sum(GLYPHS[letter][0] + gap for letter in words) - gap


def panel(at: Point, width: float, height: float, *inside: str) -> str:
    """Draw a dark rounded panel centred on `at`, and on it the drawings `inside`."""
    edge = {"stroke": CREAM, "stroke_opacity": "0.35", "stroke_width": "2"}
    return rect(at, width, height, height / 2, fill=INK, fill_opacity=0.88, **edge) + "".join(inside)


def badge(step: int, of: int) -> str:
    """Draw the step's number and the number of steps, such as 3/12, in the picture's upper left corner."""
    words = f"{step}/{of}"
    width = 60 + 0.32 * _text_width(words, 22)
    middle = (-340 + width / 2, 52)
    return panel(middle, width, 64, text(words, middle, 32, CREAM))


def sides(worked: str, y: float, out: float) -> str:
    """Draw the letters L and R on both sides of the body, at the height `y` and `out` pixels from the middle.

    `worked` has the letters of the massaged sides, which are highlighted.
    """
    drawn = []
    for letter, x in (("L", -out), ("R", out)):
        back, front = (ACCENT, INK) if letter in worked else (INK, CREAM)
        edge = {"stroke": front, "stroke_opacity": "0.55", "stroke_width": "2.5"}
        drawn.append(circle((x, y), 25, fill=back, **edge) + text(letter, (x, y), 24, front, 17))
    return "".join(drawn)


SOLE = ((4, 26), (12, 30), (20, 24), (21, 8), (25, -10), (22, -24), (12, -29), (4, -20), (4, -4), (6, 10))
TOES = ((6.5, -32, 4.6), (14.5, -36, 3.7), (20.5, -33.5, 3.3), (25, -29, 2.9), (28, -23.5, 2.5))


def feet(at: Point, turn: float) -> str:
    """Draw the soles of two feet at `at`, the place where the giver stands.

    `turn` is the direction in which the feet point, in degrees.
    """
    toes = (ellipse((x, y), r, r * 1.15) for x, y, r in TOES)
    foot = path(curve(SOLE, closed=True)) + "".join(toes)
    soles = "".join(group(foot, transform=f"scale({side} 1) rotate(7)") for side in (1, -1))
    rim = group(soles, fill=INK, stroke=INK, stroke_width=9, opacity=0.7)
    placed = f"translate({pair(at)}) rotate({number(turn)}) scale(1.05)"
    return group(rim, group(soles, fill=CREAM), transform=placed)


def bottle(at: Point) -> str:
    """Draw a bottle of oil with its neck up, centred on `at`."""
    (x, y), glass = (
        at,
        [(-9, -22), (-9, -12), (-20, 2), (-20, 36), (0, 39), (20, 36), (20, 2), (9, -12), (9, -22)],
    )
    d = curve([plus(at, point) for point in glass]) + "Z"
    drop = curve([(x, y + 2), (x + 9, y + 17), (x, y + 26), (x - 9, y + 17)], closed=True)
    rim = path(d, fill=INK, stroke=INK, stroke_width=10, stroke_linejoin="round", opacity=0.7)
    cap = rect((x, y - 29), 22, 11, 3, fill=CREAM)
    return rim + path(d, fill=ACCENT, stroke=CREAM, stroke_width=3) + path(drop, fill=INK) + cap


# --- On the body ---------------------------------------------------------------------------------


def definitions() -> str:
    """Define what other drawings refer to: the pattern #hatch and the blur filters #wide and #near."""
    stripes = line("M-4 16L16 -4M-4 4L4 -4M8 16L16 8", CREAM, 2.2, 0.55)
    ground = element("rect", width=12, height=12, fill=INK, fill_opacity=0.5)
    tile: dict[str, Value] = {"width": 12, "height": 12, "patternUnits": "userSpaceOnUse"}
    hatch = element("pattern", ground, stripes, id="hatch", **tile)
    back = (-240, 110, 480, 530)
    return element("defs", hatch, blur("wide", 14, back), blur("near", 6, back))


def keep_off(outlines: Sequence[Points]) -> str:
    """Draw hatching inside these outlines of places where hands must not press."""
    d = "".join(curve(outline, closed=True) for outline in outlines)
    return path(d, fill="url(#hatch)", stroke=INK, stroke_width=2, stroke_opacity=0.6)


def glow(lanes: Sequence[Points], width: float) -> str:
    """Draw a glow of this width along the lanes, which are the centre lines of massaged areas."""
    spots = ([*lane, plus(lane[0], (0.5, 0.5))] if len(lane) == 1 else lane for lane in lanes)
    lit = line("".join(map(curve, spots)), ACCENT, width, 0.55)
    wide = group(lit, filter="url(#wide)", style="mix-blend-mode:overlay")
    return wide + group(lit, filter="url(#near)", opacity=0.5)


# --- Arrows --------------------------------------------------------------------------------------


def arrow(points: Points, width: float, head: float = 1.0) -> str:
    """Draw an arrow along the points, with a dark halo.

    `head` is the size of the arrowhead, as a multiple of the usual size.
    """
    d, tip = lines(_without_end(list(points), width * head * 1.3)), _arrowhead(points, width * head)
    halo = line(d, INK, width + 8) + path(tip, fill=INK, stroke=INK, stroke_width=8, stroke_linejoin="round")
    return halo + line(d, ACCENT, width) + path(tip, fill=ACCENT)


def either_way(points: Points, width: float = 5) -> str:
    """Draw an arrow along the points that has a head at both ends."""
    middle = len(points) // 2
    heads = arrow(points[middle::-1], width, 1.3) + arrow(points[middle:], width, 1.3)
    return heads + line(lines(points[middle - 2 : middle + 3]), ACCENT, width)


def _without_end(points: list[Point], by: float) -> list[Point]:
    """Return the points without those at the end that are less than `by` pixels from the last point.

    The first two points are always kept.
    """
    kept = list(points)
    while len(kept) > 2 and distance(kept[-1], points[-1]) < by:
        kept.pop()
    return kept


def _arrowhead(points: Points, width: float) -> str:
    """Return the path data of the arrowhead at the last point."""
    tip, before = points[-1], _without_end(list(points), width * 2.4)[-1]
    size = distance(tip, before) or 1
    along = (minus(tip, before)[0] / size, minus(tip, before)[1] / size)
    across = (-along[1], along[0])
    base, front = plus(tip, along, -width * 1.7), plus(tip, along, width * 0.75)
    wings = (plus(base, across, side * width * 1.5) for side in (1, -1))
    left, right = wings
    return lines([left, front, right, plus(base, along, width * 0.45)], closed=True)


def ring(at: Point, size: Point) -> str:
    """Draw a circular arrow around `at` that goes up beside the spine, then outwards and down.

    `size` is its horizontal and its vertical radius.
    """
    angles = (radians(angle) for angle in range(-50, 275, 5))
    turned = [plus(at, (-size[0] * cos(angle), -size[1] * sin(angle))) for angle in angles]
    width = min(5.5, max(3.6, size[0] / 4))
    return arrow(turned, width, 1.1)


def hairpin(points: Points, aside: float = 21) -> list[Point]:
    """Return points along a hairpin: along `points`, round a turn, and about half of the way back.

    The way back is `aside` pixels to the right of the way there.
    """
    half, back = aside / 2, [plus(point, (aside, 0)) for point in reversed(points)]
    angles = (radians(angle) for angle in range(0, 181, 15))
    turn = [plus(points[-1], (half - half * cos(angle), -half * sin(angle))) for angle in angles]
    return [*points, *turn, *back[1 : len(back) * 5 // 9]]


def dots(points: Points, gap: float = 24) -> str:
    """Draw the path of a tapping hand as a row of dots, `gap` pixels apart."""
    trail = [points[0]]
    for point in points:
        if distance(point, trail[-1]) >= gap:
            trail.append(point)
    return "".join(circle(point, 6.5, fill=ACCENT, stroke=INK, stroke_width=4) for point in trail)


def spark(at: Point, size: float) -> str:
    """Draw the mark of a tap: three short rays around `at`."""
    directions = ((-0.7, -0.7), (0, -1), (0.7, -0.7))
    rays = (lines([plus(at, each, size), plus(at, each, size * 1.6)]) for each in directions)
    return line("".join(rays), ACCENT, 4)


# --- Places --------------------------------------------------------------------------------------


def target(at: Point, size: float) -> str:
    """Draw a target (a dot in a ring) at a place to press and hold, or at a knot."""
    halo = circle(at, size, fill=ACCENT, fill_opacity=0.25, stroke=INK, stroke_width=8, stroke_opacity=0.7)
    rim = circle(at, size, fill="none", stroke=ACCENT, stroke_width=4.5)
    return halo + rim + circle(at, size * 0.42, fill=ACCENT, stroke=INK, stroke_width=3)


def pulse(at: Point, size: float, press: float) -> str:
    """Draw a ring around the place that is pressed. The ring widens with `press`, which runs from 0 to 1."""
    r = size * (0.6 + 0.4 * press)
    halo = circle(at, r, fill="none", stroke=INK, stroke_width=9, opacity=0.6 * press)
    return halo + circle(at, r, fill="none", stroke=ACCENT, stroke_width=4.5, opacity=0.25 + 0.75 * press)


def eased_knot(at: Point, size: float) -> str:
    """Draw a tick, the sign for a knot that has eased."""
    tick = lines([plus(at, corner, size) for corner in ((-0.48, 0.02), (-0.12, 0.38), (0.5, -0.38))])
    ground = circle(at, size, fill=INK, fill_opacity=0.75, stroke=CREAM, stroke_width=3)
    return ground + line(tick, CREAM, size * 0.24)


def cell(at: Point, width: float, height: float, lit: bool) -> str:
    """Draw one of the nine fields of the back in which people can mark a knot.

    `lit` says whether to highlight the field.
    """
    colour, opacity = (ACCENT, 0.3) if lit else (CREAM, 0.07)
    edge = {"stroke": CREAM, "stroke_opacity": "0.4", "stroke_width": "2"}
    return rect(at, width, height, 18, fill=colour, fill_opacity=opacity, **edge)


def clock(at: Point, size: float) -> str:
    hands = lines([plus(at, (0, -0.55 * size)), at, plus(at, (0.4 * size, 0.22 * size))])
    return circle(at, size, fill="none", stroke=CREAM, stroke_width=5) + line(hands, CREAM, 5)
