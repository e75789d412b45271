"""What stands on and beside the body: paths and arrows, hatching, glow, badge, L and R, the giver's feet.

Must never use a font: the few digits and letters are drawn here, so that every machine draws the same.
"""

from collections.abc import Sequence
from math import cos, radians, sin

from bot.pictures.figure import ACCENT, CREAM, INK
from bot.pictures.svg import (
    Point,
    Points,
    blur,
    circle,
    curve,
    distance,
    element,
    ellipse,
    group,
    lines,
    minus,
    number,
    pair,
    path,
    plus,
)

ROUND = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}

GLYPHS: dict[str, tuple[float, str]] = {
    "0": (52, "M26 0C44 0 52 20 52 50S44 100 26 100S0 80 0 50S8 0 26 0Z"),
    "1": (26, "M0 20L24 0V100"),
    "2": (50, "M2 24C4 8 14 0 26 0C40 0 49 10 49 25C49 48 14 68 2 100H50"),
    "3": (50, "M4 14C10 4 18 0 26 0C40 0 47 10 47 23C47 38 36 46 24 46C40 46 50 56 50 72C50 88 40 100 24 100C14 100 5 95 0 84"),
    "4": (56, "M42 100V0L0 70H56"),
    "5": (50, "M46 0H10L5 44C11 38 18 36 25 36C40 36 50 48 50 67C50 87 40 100 24 100C13 100 5 95 0 86"),
    "6": (50, "M44 8C38 2 33 0 27 0C10 0 0 20 0 58C0 86 10 100 26 100C41 100 50 87 50 69C50 52 41 40 27 40C13 40 3 50 0 64"),
    "7": (48, "M0 0H48L16 100"),
    "8": (50, "M25 45C13 45 4 35 4 23C4 9 13 0 25 0S46 9 46 23C46 35 37 45 25 45C11 45 0 57 0 72C0 89 11 100 25 100S50 89 50 72C50 57 39 45 25 45Z"),
    "9": (50, "M6 92C12 98 17 100 23 100C40 100 50 80 50 42C50 14 40 0 24 0C9 0 0 13 0 31C0 48 9 60 23 60C37 60 47 50 50 36"),
    "/": (34, "M34 -6L0 106"),
    "L": (40, "M0 0V100H40"),
    "R": (48, "M0 100V0H24C40 0 47 10 47 25S40 51 24 51H0M22 51L48 100"),
}  # fmt: skip
"""Each sign's width and its strokes, 100 high."""


def text(words: str, at: Point, height: float, colour: str, weight: float = 15) -> str:
    """Digits and letters around the point `at`."""
    gap = 22
    width = sum(GLYPHS[letter][0] + gap for letter in words) - gap
    x, drawn = -width / 2, []
    for letter in words:
        drawn.append(path(GLYPHS[letter][1], transform=f"translate({number(x)} -50)"))
        x += GLYPHS[letter][0] + gap
    moved = f"translate({pair(at)}) scale({number(height / 100)})"
    return group(*drawn, **ROUND, stroke=colour, stroke_width=weight, transform=moved)


def badge(number_: int, of: int) -> str:
    """Which step, of how many."""
    words = f"{number_}/{of}"
    width = 44 + 15 * sum(GLYPHS[letter][0] + 22 for letter in words) / 34
    middle = (-340 + width / 2, 52)
    return panel(middle, width, 64, text(words, middle, 32, CREAM))


def sides(worked: str, y: float, out: float) -> str:
    """L and R beside the body, the receiver's own; filled where that side is worked."""
    drawn = []
    for letter, x in (("L", -out), ("R", out)):
        lit = letter == worked
        drawn.append(circle((x, y), 25, fill=ACCENT if lit else INK, fill_opacity=1 if lit else 0.8, stroke=INK if lit else CREAM, stroke_opacity=0.55, stroke_width=2.5))
        drawn.append(text(letter, (x, y), 24, INK if lit else CREAM, 17))
    return "".join(drawn)


def feet(at: Point, turn: float) -> str:
    """Two soles where the giver stands, toes to the body."""
    soles = []
    for side in (1, -1):
        sole = curve([(4, 26), (12, 30), (20, 24), (21, 8), (25, -10), (22, -24), (12, -29), (4, -20), (4, -4), (6, 10)], closed=True)
        toes = [ellipse((x, y), r, r * 1.15) for x, y, r in ((6.5, -32, 4.6), (14.5, -36, 3.7), (20.5, -33.5, 3.3), (25, -29, 2.9), (28, -23.5, 2.5))]
        soles.append(group(path(sole), *toes, transform=f"scale({side} 1) rotate(7)"))
    shown = group(*soles, fill=CREAM)
    rim = group(*soles, fill=INK, stroke=INK, stroke_width=9, opacity=0.7)
    return group(rim, shown, transform=f"translate({pair(at)}) rotate({number(turn)}) scale(1.05)")


# --- On the body ---------------------------------------------------------------------------------


def definitions() -> str:
    """What these signs refer to: the hatching of places to keep off, and the glow's soft edges."""
    stripe = path("M-4 16L16 -4M-4 4L4 -4M8 16L16 8", stroke=CREAM, stroke_width=2.2, stroke_opacity=0.55)
    ground = element("rect", width=12, height=12, fill=INK, fill_opacity=0.5)
    hatch = element("pattern", ground, stripe, id="hatch", width=12, height=12, patternUnits="userSpaceOnUse")
    back = (-240, 110, 480, 530)
    return element("defs", hatch, blur("wide", 14, back), blur("near", 6, back))


def keep_off(outlines: Sequence[Points]) -> str:
    """Hatched: nothing presses here."""
    return group(*(path(curve(o, closed=True)) for o in outlines), fill="url(#hatch)", stroke=INK, stroke_width=2, stroke_opacity=0.6)


def glow(lanes: Sequence[Points], width: float) -> str:
    """The zone: light along the way of the hands."""
    ways = [curve(lane) if len(lane) > 1 else lines([lane[0], plus(lane[0], (0.5, 0.5))]) for lane in lanes]
    lit = group(*map(path, ways), **ROUND, stroke=ACCENT, stroke_width=width, stroke_opacity=0.55)
    return group(lit, filter="url(#wide)", style="mix-blend-mode:overlay") + group(lit, filter="url(#near)", opacity=0.5)


def ring(at: Point, size: Point) -> str:
    """A circle that goes up beside the spine, out, and down."""
    turned = [plus(at, (-size[0] * cos(radians(a)), -size[1] * sin(radians(a)))) for a in range(-50, 275, 5)]
    return arrow(turned, 5.5, 1.1)


def arrow(points: Points, width: float = 11, head: float = 1.0) -> str:
    """A bold way with a dark halo, and a head of so many times the usual size at its end."""
    tip = _head(points, width * head)
    d = lines(_cut(list(points), width * head * 1.3))
    halo = group(path(d, **ROUND, stroke_width=width + 8), path(tip, fill=INK, stroke_width=8), stroke=INK, stroke_linejoin="round")
    return halo + path(d, **ROUND, stroke=ACCENT, stroke_width=width) + path(tip, fill=ACCENT)


def _cut(points: list[Point], by: float) -> list[Point]:
    kept = list(points)
    while len(kept) > 2 and distance(kept[-1], points[-1]) < by:
        kept.pop()
    return kept


def _head(points: Points, width: float) -> str:
    """A triangle at the end of the way."""
    tip, before = points[-1], _cut(list(points), width * 2.4)[-1]
    size = distance(tip, before) or 1
    along = (minus(tip, before)[0] / size, minus(tip, before)[1] / size)
    across = (-along[1], along[0])
    base, front = plus(tip, along, -width * 1.7), plus(tip, along, width * 0.75)
    return lines([plus(base, across, width * 1.5), front, plus(base, across, -width * 1.5), plus(base, along, width * 0.45)], closed=True)


def tick(at: Point, size: float) -> str:
    """Done."""
    d = lines([plus(at, (-0.48 * size, 0.02 * size)), plus(at, (-0.12 * size, 0.38 * size)), plus(at, (0.5 * size, -0.38 * size))])
    return path(d, **ROUND, stroke=CREAM, stroke_width=size * 0.24)


def eased(at: Point, size: float) -> str:
    """A knot that is no more."""
    return circle(at, size, fill=INK, fill_opacity=0.75, stroke=CREAM, stroke_width=3) + tick(at, size)


def clock(at: Point, size: float) -> str:
    hands = lines([plus(at, (0, -0.55 * size)), at, plus(at, (0.4 * size, 0.22 * size))])
    return circle(at, size, fill="none", stroke=CREAM, stroke_width=5) + path(hands, **ROUND, stroke=CREAM, stroke_width=5)


def cell(at: Point, width: float, height: float, lit: bool) -> str:
    """One of the nine fields in which knots are marked."""
    box = {"x": at[0] - width / 2, "y": at[1] - height / 2, "width": width, "height": height, "rx": 18}
    colour, opacity = (ACCENT, 0.3) if lit else (CREAM, 0.07)
    edge = {"stroke": CREAM, "stroke_opacity": 0.4, "stroke_width": 2}
    return element("rect", **box, fill=colour, fill_opacity=opacity, **edge)


def panel(at: Point, width: float, height: float, *inside: str) -> str:
    box = {"x": at[0] - width / 2, "y": at[1] - height / 2, "width": width, "height": height, "rx": height / 2}
    edge = {"stroke": CREAM, "stroke_opacity": 0.35, "stroke_width": 2}
    return element("rect", **box, fill=INK, fill_opacity=0.88, **edge) + "".join(inside)


def target(at: Point, size: float, strength: float = 1.0) -> str:
    """A place to press and hold: rings."""
    ring = circle(at, size, fill=ACCENT, fill_opacity=0.25 * strength, stroke=INK, stroke_width=8, stroke_opacity=0.7)
    return (
        ring
        + circle(at, size, fill="none", stroke=ACCENT, stroke_width=4.5, opacity=0.35 + 0.65 * strength)
        + circle(at, size * 0.42, fill=ACCENT, stroke=INK, stroke_width=3)
    )


def pulse(at: Point, size: float, press: float) -> str:
    """A ring around where it presses, wider the more it does."""
    r = size * (0.6 + 0.4 * press)
    halo = circle(at, r, fill="none", stroke=INK, stroke_width=9, opacity=0.6 * press)
    return halo + circle(at, r, fill="none", stroke=ACCENT, stroke_width=4.5, opacity=0.25 + 0.75 * press)


def hairpin(points: Points, aside: float = 21) -> list[Point]:
    """Up the way, and half of it back again beside it."""
    top = points[-1]
    back = [plus(p, (aside, 0)) for p in reversed(points)]
    turn = [plus(top, (aside * (0.5 - 0.5 * cos(radians(a))), -aside * 0.5 * sin(radians(a)))) for a in range(0, 181, 15)]
    return [*points, *turn, *back[1 : len(back) * 5 // 9]]


def drops(points: Points, gap: float = 24) -> str:
    """The way of a tapping hand: a trail of drops."""
    trail, last = [], points[0]
    for i, point in enumerate(points):
        if i == 0 or distance(point, last) >= gap:
            trail.append(point)
            last = point
    return "".join(circle(p, 6.5, fill=ACCENT, stroke=INK, stroke_width=4) for p in trail)


def spark(at: Point, size: float) -> str:
    """A light touch: short rays round a fingertip."""
    rays = [lines([plus(at, (x * size, y * size)), plus(at, (x * size * 1.6, y * size * 1.6))]) for x, y in ((-0.7, -0.7), (0, -1), (0.7, -0.7))]
    return group(*(path(d) for d in rays), **ROUND, stroke=ACCENT, stroke_width=4)
