"""Write SVG as text: the elements, curves and gradients that the drawings need, and functions on points.

Points are (x, y) in pixels, with y downwards. Angles are in degrees: 0 is straight up, and positive angles
are clockwise. This module must not depend on what is drawn.
"""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians, sin
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Sequence[Point]
Value: TypeAlias = "str | float | None"


SIZE = 720
"""The width and height of a picture, in pixels."""
XMLNS = "http://www.w3.org/2000/svg"


def svg(*inside: str) -> str:
    """Return a complete SVG document of SIZE by SIZE pixels.

    In its coordinates, x is 0 in the middle of the picture, and y is 0 at the top.
    """
    box = f"{-SIZE // 2} 0 {SIZE} {SIZE}"
    return element("svg", *inside, xmlns=XMLNS, viewBox=box, width=SIZE, height=SIZE)


def number(value: float) -> str:
    """Return the number as text with at most two decimals, because a hundredth of a pixel is invisible."""
    return f"{round(value, 2) + 0:g}" if abs(value) < 1e4 else f"{value:.0f}"


def element(tag: str, *inside: str, **attributes: Value) -> str:
    """Return an SVG element. `inside` are the elements that it contains.

    `stroke_width=2` becomes the attribute stroke-width="2". Attributes that are None are left out.
    """
    given = ((name.replace("_", "-"), value) for name, value in attributes.items() if value is not None)
    text = "".join(f' {name}="{value if isinstance(value, str) else number(value)}"' for name, value in given)
    return f"<{tag}{text}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{text}/>"


def group(*inside: str, **attributes: Value) -> str:
    return element("g", *inside, **attributes) if inside else ""


def path(d: str, **attributes: Value) -> str:
    return element("path", d=d, **attributes)


def line(d: str, colour: str, width: float, opacity: float | None = None, **attributes: Value) -> str:
    """Return a path that is not filled, with round ends and corners. `d` is the path data."""
    form: dict[str, Value] = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
    ink: dict[str, Value] = {"stroke": colour, "stroke_width": width, "stroke_opacity": opacity}
    return element("path", d=d, **form, **ink, **attributes)


def rect(middle: Point, width: float, height: float, r: float, **attributes: Value) -> str:
    """Return a rectangle centred on `middle`, with corners of radius `r`."""
    x, y = middle[0] - width / 2, middle[1] - height / 2
    return element("rect", x=x, y=y, width=width, height=height, rx=r, **attributes)


def circle(at: Point, r: float, **attributes: Value) -> str:
    return element("circle", cx=at[0], cy=at[1], r=r, **attributes)


def ellipse(at: Point, rx: float, ry: float, turn: float = 0, **attributes: Value) -> str:
    spin = f"rotate({number(turn)} {pair(at)})" if turn else None
    return element("ellipse", cx=at[0], cy=at[1], rx=rx, ry=ry, transform=spin, **attributes)


def pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def lines(points: Points, closed: bool = False) -> str:
    """Return the path data of straight lines through the points."""
    return "M" + "L".join(map(pair, points)) + ("Z" if closed else "")


def curve(points: Points, closed: bool = False) -> str:
    """Return the path data of a smooth curve through the points."""
    beziers = ("C" + " ".join(map(pair, piece[1:])) for piece in _beziers(points, closed))
    return "M" + pair(points[0]) + "".join(beziers) + ("Z" if closed else "")


def sampled(points: Points, closed: bool = False, steps: int = 12) -> list[Point]:
    """Return points on the smooth curve that `curve()` draws through `points`.

    These are the first point, and `steps` further points for each segment between two of `points`.
    """
    found = [points[0]]
    for a, b, c, d in _beziers(points, closed):
        for step in range(1, steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            found.append(_weighted(weights, (a, b, c, d)))
    return found


def _weighted(weights: Iterable[float], points: Points) -> Point:
    pairs = list(zip(weights, points, strict=True))
    return sum(w * p[0] for w, p in pairs), sum(w * p[1] for w, p in pairs)


def _beziers(points: Points, closed: bool) -> Iterable[tuple[Point, Point, Point, Point]]:
    """Yield the cubic Bézier segments of the Catmull-Rom spline through the points."""
    n = len(points)
    for i in range(n if closed else n - 1):
        before, a, b, after = (
            points[j % n] if closed else points[min(max(j, 0), n - 1)] for j in (i - 1, i, i + 1, i + 2)
        )
        yield a, plus(a, minus(b, before), 1 / 6), plus(b, minus(after, a), -1 / 6), b


def plus(a: Point, b: Point, times: float = 1) -> Point:
    return a[0] + times * b[0], a[1] + times * b[1]


def minus(a: Point, b: Point) -> Point:
    return a[0] - b[0], a[1] - b[1]


def between(a: Point, b: Point, t: float) -> Point:
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


def towards(angle: float, length: float = 1) -> Point:
    """Return the vector with this length and direction.

    The angle is in degrees, clockwise from straight up.
    """
    return length * sin(radians(angle)), -length * cos(radians(angle))


def distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def mirrored(points: Points) -> list[Point]:
    """Return the points mirrored across the spine, which is at x = 0."""
    return [(-x, y) for x, y in points]


def stops(*colours: tuple[float, str, float]) -> str:
    """Return the colour stops of a gradient. Each of `colours` is an (offset, colour, opacity) tuple."""
    return "".join(
        element("stop", offset=at, stop_color=colour, stop_opacity=opacity) for at, colour, opacity in colours
    )


def linear(name: str, start: Point, end: Point, *colours: tuple[float, str, float]) -> str:
    """Return a linear gradient from `start` to `end`, which are points of the drawing.

    Each of `colours` is an (offset, colour, opacity) tuple. `name` is the gradient's id.
    """
    (x1, y1), (x2, y2) = start, end
    ends: dict[str, Value] = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("linearGradient", stops(*colours), id=name, gradientUnits="userSpaceOnUse", **ends)


def radial(name: str, at: Point, r: float, *colours: tuple[float, str, float]) -> str:
    units = "userSpaceOnUse"
    return element("radialGradient", stops(*colours), id=name, cx=at[0], cy=at[1], r=r, gradientUnits=units)


Box: TypeAlias = tuple[float, float, float, float]
"""The left edge, top edge, width and height of a rectangle."""


def blur(name: str, radius: float, box: Box = (-400, -60, 800, 840)) -> str:
    """Return a filter with the id `name` that blurs what is inside the box, and cuts off the rest.

    The box is given explicitly, because SVG's default box is only slightly larger than the shape before it
    is blurred. For a thin line, that would cut off most of the blur.
    """
    inside = element("feGaussianBlur", stdDeviation=radius)
    x, y, width, height = box
    within: dict[str, Value] = {"x": x, "y": y, "width": width, "height": height}
    return element("filter", inside, id=name, filterUnits="userSpaceOnUse", **within)
