"""The flame's geometry: every face is drawn on the square, the ring is the share that is left, one source for all."""

from __future__ import annotations

import math
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from keeplit.core.flame import (
    CENTRE,
    DARK,
    FULL,
    LEAST_ARC,
    LIGHT,
    NOTHING,
    RADIUS,
    RING,
    SIZE,
    TEMPLATE,
    Area,
    Face,
    Shape,
    Stroke,
    arc,
    curve,
    drawing,
    svg,
)

ROOM = 2.8  # the gaps round the warning sign and before the arrows reach over the edge: they only take away


def ring(shapes: tuple[Shape, ...]) -> Stroke:
    """Return the share of a drawing's ring: the one line of its full width."""
    (lit,) = [shape for shape in shapes if isinstance(shape, Stroke) and shape.width == RING]
    return lit


def degrees(stroke: Stroke) -> float:
    """Return how far an arc round the centre goes, clockwise from the top."""
    x, y = stroke.points[-1]
    return math.degrees(math.atan2(x - CENTRE[0], CENTRE[1] - y)) % FULL


@pytest.mark.parametrize("template", [False, True])
@pytest.mark.parametrize("face", Face)
def test_every_face_stays_on_the_square(face: Face, *, template: bool) -> None:
    """What would be cut off at the edge of a panel is not drawn there."""
    for shape in drawing(face, 0.5, TEMPLATE if template else DARK, template=template):
        room = ROOM if (shape.fill if isinstance(shape, Area) else shape.colour) == NOTHING else 0.0
        half = shape.width / 2 if isinstance(shape, Stroke) else 0.0
        for x, y in shape.points:
            assert -room <= x - half
            assert x + half <= SIZE + room
            assert -room <= y - half
            assert y + half <= SIZE + room


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_the_ring_is_the_share_that_is_left(share: float) -> None:
    """A quarter of the sign-in is a quarter of the circle, clockwise from the top."""
    assert degrees(ring(drawing(Face.FRESH, share, DARK))) == pytest.approx(FULL * share)


def test_the_last_minutes_are_still_seen() -> None:
    """A ring that is nearly over keeps a little of itself."""
    assert degrees(ring(drawing(Face.SOON, 0.001, LIGHT))) == pytest.approx(LEAST_ARC)


def test_more_than_all_is_all() -> None:
    """A share that cannot be is drawn as the nearest that can."""
    assert drawing(Face.FRESH, 7.0, DARK) == drawing(Face.FRESH, 1.0, DARK)


@pytest.mark.parametrize("share", [0.0, -3.0, None])
def test_nothing_left_lights_nothing(share: float | None) -> None:
    """Nor does a share that nobody knows: the track alone is drawn."""
    lit = [s for s in drawing(Face.FRESH, share, DARK) if isinstance(s, Stroke) and s.width == RING]

    assert lit == []


def test_no_two_faces_have_the_same_shapes() -> None:
    """Without their colours, every two faces still differ."""
    bare = {face: [shape.points for shape in drawing(face, 0.5, TEMPLATE, template=True)] for face in Face}

    assert [pair for pair in combinations(Face, 2) if bare[pair[0]] == bare[pair[1]]] == []


def test_an_arc_keeps_its_distance_from_the_centre() -> None:
    """Each of its points lies on the circle."""
    assert {round(math.dist(point, CENTRE), 6) for point in arc(10.0, 200.0)} == {RADIUS}


def test_a_curve_goes_through_the_ends_of_its_parts() -> None:
    """It begins at its first point, and ends at the end of its last part."""
    points = curve((0.0, 0.0), (((1.0, 0.0), (2.0, 1.0), (2.0, 2.0)), ((2.0, 3.0), (1.0, 4.0), (0.0, 4.0))))

    assert (points[0], points[-1]) == ((0.0, 0.0), (0.0, 4.0))
    assert (2.0, 2.0) in points


@pytest.mark.parametrize("face", Face)
def test_the_svg_holds_the_same_shapes(face: Face) -> None:
    """Every shape has its outline in a well-formed document; one that takes away is a mask."""
    shapes = drawing(face, 0.6, LIGHT)
    page = ET.fromstring(svg(shapes))  # noqa: S314  # our own document
    space = "{http://www.w3.org/2000/svg}"
    taken = sum((s.fill if isinstance(s, Area) else s.colour) == NOTHING for s in shapes)

    assert len(list(page.iter(f"{space}mask"))) == taken
    assert len(list(page.iter(f"{space}path"))) == len(shapes) + taken
