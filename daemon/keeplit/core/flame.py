"""The flame in a ring, as geometry: what is drawn for each state, on a square of 24 units. Pure; one source for all.

Law: each state is told apart by shape alone, at 16 pixels and without colour: a full flame, a flame between two arrows,
a low flame with a mark, a wisp of smoke in a broken ring, two bars, a flame with a warning sign, an empty flame struck
through. The ring is the share of the sign-in that is left, from the top, clockwise.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

SIZE = 24.0
CENTRE = (12.0, 12.0)
RADIUS = 10.6
RING = 2.0
STEPS = 14
FULL = 360.0
LEAST_ARC = 12.0  # a ring that is nearly over is still seen to be one

Point = tuple[float, float]
Colour = str  # "#rrggbb", or `NOTHING`
NOTHING = "none"  # takes away what lies below


class Face(StrEnum):
    """The states that the icon can show."""

    FRESH = "fresh"
    RENEWING = "renewing"
    SOON = "sign_in_soon"
    SIGNED_OUT = "signed_out"
    PAUSED = "paused"
    TROUBLE = "trouble"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours on one kind of panel."""

    ink: Colour
    track: Colour
    flame: Colour
    core: Colour
    good: Colour
    warn: Colour
    bad: Colour
    faint: Colour


DARK = Palette("#f4f1ec", "#5b5a5e", "#ff7a1a", "#ffd166", "#ff9d3c", "#ffcf33", "#ff5a5f", "#8d8c90")
LIGHT = Palette("#2b2a2d", "#c9c6c1", "#e25a00", "#ffb52e", "#e25a00", "#a86a00", "#c8102e", "#8a878a")
# Of a panel whose brightness nobody tells: each stands out from black and from white.
ANY = Palette("#88868b", "#6f6e73", "#f0761a", "#ffb52e", "#f0761a", "#cf8f00", "#e8484d", "#88868b")
TEMPLATE = Palette(*("#000000",) * 8)  # macOS colours a template by itself: only what is covered counts


@dataclass(frozen=True, slots=True)
class Area:
    """A filled outline; `holes` are cut out of it."""

    points: tuple[Point, ...]
    fill: Colour
    holes: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points with round ends."""

    points: tuple[Point, ...]
    width: float
    colour: Colour


Shape = Area | Stroke


def drawing(face: Face, share: float | None, palette: Palette, *, template: bool = False) -> tuple[Shape, ...]:
    """Return the shapes of a face, back to front. `share` (0 to 1) of the ring is lit; None draws no share."""
    shapes: list[Shape] = []
    if face is not Face.NOT_RUNNING:
        shapes += _ring(face, share, palette, template=template)
    match face:
        case Face.FRESH:
            shapes += _flame(palette, template=template)
        case Face.RENEWING:
            shapes += [*_flame(palette, template=template, scale=0.82), *_arrows(palette)]
        case Face.SOON:
            shapes += [*_flame(palette, template=template, scale=0.58, low=True), *_mark(palette.warn)]
        case Face.SIGNED_OUT:
            shapes += [_smoke(palette.bad), Stroke(((8.0, 17.6), (16.0, 17.6)), 2.2, palette.bad)]
        case Face.PAUSED:
            shapes += [_bar(7.5, palette.ink), _bar(13.5, palette.ink)]
        case Face.TROUBLE:
            shapes += [*_flame(palette, template=template, scale=0.9), *_sign(palette, template=template)]
        case Face.NOT_RUNNING:
            shapes += _outline(palette.faint)
        case _ as never:
            assert_never(never)
    return tuple(shapes)


def _ring(face: Face, share: float | None, palette: Palette, *, template: bool) -> list[Shape]:
    """Return the ring: a thin track, and the share that is left upon it."""
    colour = {Face.SOON: palette.warn, Face.SIGNED_OUT: palette.bad, Face.PAUSED: palette.ink}.get(face, palette.good)
    track = Stroke(arc(0.0, FULL), 0.7 if template else RING * 0.6, palette.track)
    if face is Face.SIGNED_OUT:
        return [Stroke(arc(start, start + 56.0), RING * 0.85, colour) for start in range(17, 377, 90)]
    if share is None:
        return [track]
    kept = min(max(share, 0.0), 1.0)
    if kept <= 0.0:
        return [track]
    return [track, Stroke(arc(0.0, max(LEAST_ARC, FULL * kept)), RING, colour)]


def arc(start: float, end: float, radius: float = RADIUS) -> tuple[Point, ...]:
    """Return points on a circle round the centre; degrees clockwise from the top."""
    count = max(2, round(abs(end - start) / 4) + 1)
    return tuple(_at(start + (end - start) * step / (count - 1), radius) for step in range(count))


def _at(degrees: float, radius: float) -> Point:
    angle = math.radians(degrees)
    return CENTRE[0] + radius * math.sin(angle), CENTRE[1] - radius * math.cos(angle)


# The outer flame and its bright core: cubic curves, each as (control, control, end), from a first point.
_OUTER: tuple[Point, tuple[tuple[Point, Point, Point], ...]] = (
    (12.4, 3.9),
    (
        ((13.0, 6.6), (17.6, 8.8), (17.6, 13.4)),
        ((17.6, 16.9), (15.1, 19.2), (12.0, 19.2)),
        ((8.9, 19.2), (6.4, 16.9), (6.4, 13.5)),
        ((6.4, 11.4), (7.4, 9.9), (8.3, 8.9)),
        ((8.5, 10.2), (9.0, 10.9), (9.8, 11.3)),
        ((9.6, 8.3), (10.5, 5.6), (12.4, 3.9)),
    ),
)
_INNER: tuple[Point, tuple[tuple[Point, Point, Point], ...]] = (
    (12.3, 11.2),
    (
        ((12.7, 12.6), (14.6, 13.4), (14.6, 15.5)),
        ((14.6, 17.0), (13.5, 18.0), (12.0, 18.0)),
        ((10.5, 18.0), (9.4, 17.0), (9.4, 15.5)),
        ((9.4, 13.9), (11.4, 13.2), (12.3, 11.2)),
    ),
)


def curve(start: Point, parts: Iterable[tuple[Point, Point, Point]]) -> tuple[Point, ...]:
    """Return the points of joined cubic Bezier curves."""
    points = [start]
    for one, two, end in parts:
        first = points[-1]
        for step in range(1, STEPS + 1):
            t = step / STEPS
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
            corners = (first, one, two, end)
            x, y = (sum(w * c[axis] for w, c in zip(weights, corners, strict=True)) for axis in (0, 1))
            points.append((x, y))
    return tuple(points)


def _scaled(points: Sequence[Point], scale: float, *, low: bool) -> tuple[Point, ...]:
    """Return points made smaller towards the flame's foot (`low`) or its middle."""
    x, y = (12.0, 18.6) if low else (12.0, 12.2)
    return tuple((x + (px - x) * scale, y + (py - y) * scale) for px, py in points)


def _flame(palette: Palette, *, template: bool, scale: float = 1.0, low: bool = False) -> list[Shape]:
    outer = _scaled(curve(*_OUTER), scale, low=low)
    inner = _scaled(curve(*_INNER), scale, low=low)
    if template:
        return [Area(outer, palette.flame, (inner,))]
    return [Area(outer, palette.flame), Area(inner, palette.core)]


def _arrows(palette: Palette) -> list[Shape]:
    """Return two arrow heads that chase each other on the ring, which is open before each."""
    gaps: list[Shape] = [Stroke(arc(at + 8, at + 34), RING * 1.9, NOTHING) for at in (90.0, 270.0)]
    heads: list[Shape] = []
    for at in (90.0, 270.0):
        tip, back = _at(at + 21, RADIUS - 0.6), at - 13
        heads.append(Area((tip, _at(back, RADIUS + 1.4), _at(back, RADIUS - 4.4)), palette.ink))
    return [*gaps, *heads]


def _mark(colour: Colour) -> list[Shape]:
    """Return the exclamation mark over a low flame."""
    return [Stroke(((12.0, 4.7), (12.0, 7.0)), 2.3, colour)]


def _smoke(colour: Colour) -> Stroke:
    """Return the wisp of a flame that went out."""
    rise = (((15.6, 12.6), (8.4, 10.8), (12.0, 8.4)), ((14.0, 7.0), (12.6, 5.9), (12.2, 5.2)))
    return Stroke(curve((12.0, 15.0), rise), 2.2, colour)


def _bar(left: float, colour: Colour) -> Area:
    """Return a bar of the pause, whose edges are those of the pixels at 16."""
    return Area(((left, 7.5), (left + 3.0, 7.5), (left + 3.0, 16.5), (left, 16.5)), colour)


def _sign(palette: Palette, *, template: bool) -> list[Shape]:
    """Return the warning sign in the lower right corner, with a gap round it."""
    gap = Area(((17.2, 8.4), (26.6, 25.4), (7.8, 25.4)), NOTHING)
    edge = ((17.2, 11.2), (23.8, 23.2), (10.6, 23.2))
    line, dot = ((17.2, 15.4), (17.2, 18.6)), ((17.2, 21.2), (17.2, 21.3))
    ink = NOTHING if template else "#ffffff"
    return [gap, Area(edge, palette.bad), Stroke(line, 2.0, ink), Stroke(dot, 2.0, ink)]


def _outline(colour: Colour) -> list[Shape]:
    """Return an empty flame, struck through: nobody keeps it."""
    points = _scaled(curve(*_OUTER), 1.12, low=False)
    slash = ((4.6, 4.2), (19.8, 20.6))
    return [Stroke(points, 1.9, colour), Stroke(slash, 5.0, NOTHING), Stroke(slash, 2.1, colour)]


def svg(shapes: Sequence[Shape]) -> str:
    """Return the shapes as an SVG document."""
    inside = "\n".join(f"  {line}" for line in _elements(shapes))
    box = f"0 0 {SIZE:g} {SIZE:g}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="96" height="96">\n{inside}\n</svg>\n'


def _elements(shapes: Sequence[Shape]) -> list[str]:
    """Return one element a shape; what takes away becomes a mask over all that was drawn before it."""
    lines: list[str] = []
    for number, shape in enumerate(shapes):
        if _colour(shape) == NOTHING:
            mask = f'<mask id="m{number}"><path d="M0 0H24V24H0Z" fill="#fff"/>{_element(shape, "#000")}</mask>'
            lines = [mask, f'<g mask="url(#m{number})">', *lines, "</g>"]
        else:
            lines.append(_element(shape, _colour(shape)))
    return lines


def _colour(shape: Shape) -> Colour:
    return shape.fill if isinstance(shape, Area) else shape.colour


def _element(shape: Shape, colour: Colour) -> str:
    if isinstance(shape, Area):
        outlines = " ".join(f"M{_written(points)}Z" for points in (shape.points, *shape.holes))
        return f'<path d="{outlines}" fill="{colour}" fill-rule="evenodd"/>'
    line = f'stroke="{colour}" stroke-width="{shape.width:g}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="M{_written(shape.points)}" fill="none" {line}/>'


def _written(points: Sequence[Point]) -> str:
    return "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
