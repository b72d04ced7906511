"""Path data and basic shapes: points derived by hand (SVG 2, 9.3 and B.2)."""

from __future__ import annotations

import math

import pytest

from spark_pdf.layout.shapes.paths import Path, arc_curves, ellipse, parse_path, polyline, rectangle
from spark_pdf.layout.svg.markers import vertices


def rounded(path: Path) -> tuple[str, tuple[float, ...]]:
    return path.ops, tuple(round(value, 3) + 0.0 for value in path.points)


@pytest.mark.parametrize(
    ("data", "ops", "points"),
    [
        ("", "", ()),
        ("M1 2", "M", (1, 2)),
        ("M1 2 3 4 5 6", "MLL", (1, 2, 3, 4, 5, 6)),
        ("m1 2 3 4 5 6", "MLL", (1, 2, 4, 6, 9, 12)),
        ("M0 0L10,0,10,10", "MLL", (0, 0, 10, 0, 10, 10)),
        ("M1-2.5.5-3", "ML", (1, -2.5, 0.5, -3)),
        ("M1e1 2E-1", "M", (10, 0.2)),
        ("M.5.5", "M", (0.5, 0.5)),
        ("M+1 +2", "M", (1, 2)),
        ("M1. 2.", "M", (1, 2)),
        ("M0 0H5V6h-1v-2", "MLLLL", (0, 0, 5, 0, 5, 6, 4, 6, 4, 4)),
        ("M0 0H5 6 7", "MLLL", (0, 0, 5, 0, 6, 0, 7, 0)),
        ("M0 0C1 2 3 4 5 6", "MC", (0, 0, 1, 2, 3, 4, 5, 6)),
        ("M10 10c1 2 3 4 5 6", "MC", (10, 10, 11, 12, 13, 14, 15, 16)),
        ("M0 0C1 1 2 2 3 0S5 5 6 0", "MCC", (0, 0, 1, 1, 2, 2, 3, 0, 4, -2, 5, 5, 6, 0)),
        ("M0 0S5 5 6 0", "MC", (0, 0, 0, 0, 5, 5, 6, 0)),
        ("M0 0Q3 3 6 0", "MC", (0, 0, 2, 2, 4, 2, 6, 0)),
        ("M0 0Q3 3 6 0T12 0", "MCC", (0, 0, 2, 2, 4, 2, 6, 0, 8, -2, 10, -2, 12, 0)),
        ("M0 0T6 0", "MC", (0, 0, 0, 0, 2, 0, 6, 0)),
        ("M0 0C0 0 1 1 3 3T6 0", "MCC", (0, 0, 0, 0, 1, 1, 3, 3, 3, 3, 4, 2, 6, 0)),
        ("M1 1h2z", "MLZ", (1, 1, 3, 1)),
        ("M1 1h2zl1 1", "MLZML", (1, 1, 3, 1, 1, 1, 2, 2)),
        ("M1 1h2zm1 1h1", "MLZML", (1, 1, 3, 1, 2, 2, 3, 2)),
        ("M0 0A5 5 0 0 1 0 0", "ML", (0, 0, 0, 0)),
        ("M0 0A0 5 0 0 1 9 9", "ML", (0, 0, 9, 9)),
    ],
)
def test_data_becomes_absolute_points(data: str, ops: str, points: tuple[float, ...]) -> None:
    assert rounded(parse_path(data)) == (ops, points)


@pytest.mark.parametrize(
    ("data", "ops"),
    [
        ("L1 1", ""), ("1 1", ""), ("x", ""), ("M", ""), ("M1", ""), ("M0 0L1", "M"), ("M0 0L1 1 2", "ML"),
        ("M0 0L1 1x L2 2", "ML"), ("M0 0C1 1 2 2", "M"), ("M0 0A1 1 0 2 0 5 5L3 3", "M"), ("M0 0Z1L2 2", "MZ"),
        ("M0 0L1 1#L2 2", "ML"), ("M0 0 L 1 1 L nan 2", "ML"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_drawn_up_to_there(data: str, ops: str) -> None:
    assert parse_path(data).ops == ops


def test_arc_flags_need_no_separators() -> None:
    spaced, packed = parse_path("M0 0a5 5 0 0 1 10 0"), parse_path("M0 0a5 5 0 0110 0")
    assert rounded(spaced) == rounded(packed)
    assert parse_path("M0 0a5 5 0 0 1 5 5 5 5 0 0 1 -5 5").ops == "MCC"


@pytest.mark.parametrize(
    ("large", "sweep", "centre", "quarters"),
    [(False, True, (0, 0), 1), (True, False, (0, 0), 3), (False, False, (10, 10), 1), (True, True, (10, 10), 3)],
)
def test_arcs_lie_on_their_ellipse(large: bool, sweep: bool, centre: tuple[float, float], quarters: int) -> None:
    # From (10, 0) to (0, 10) with radius 10: the circle around the origin, or the one around (10, 10).
    if (not sweep and not large) or (sweep and large):
        assert centre == (10, 10)
    curves = arc_curves(10, 0, 10, 10, 0, large, sweep, 0, 10)
    assert len(curves) == 6 * quarters
    for at in range(0, len(curves), 6):
        assert math.hypot(curves[at + 4] - centre[0], curves[at + 5] - centre[1]) == pytest.approx(10, abs=1e-3)
    assert curves[-2:] == [0, 10]


def test_radii_that_are_too_small_are_scaled_up() -> None:
    curves = arc_curves(0, 0, 1, 1, 0, False, True, 10, 0)
    assert min(curves[1::2]) == pytest.approx(-5, abs=1e-6)


def test_a_turned_ellipse_by_its_extent() -> None:
    # An ellipse of 10 by 5, turned by 90 degrees, from its top to its bottom.
    path = parse_path("M0 -10A10 5 90 0 1 0 10")
    bounds = path.bounds()
    assert bounds is not None
    assert bounds == pytest.approx((0, -10, 5, 10), abs=2e-3)


@pytest.mark.parametrize(
    ("path", "bounds"),
    [
        (Path("", ()), None),
        (parse_path("M0 0C0 10 10 10 10 0"), (0, 0, 10, 7.5)),
        (parse_path("M0 0C10 0 -10 10 0 10"), (-2.887, 0, 2.887, 10)),
        (rectangle(1, 2, 3, 4), (1, 2, 4, 6)),
        (rectangle(0, 0, 10, 10, 3, 3), (0, 0, 10, 10)),
        (ellipse(5, 5, 4, 2), (1, 3, 9, 7)),
        (polyline([0, 0, 4, 1, 9], False), (0, 0, 4, 1)),
    ],
)
def test_bounds(path: Path, bounds: tuple[float, ...] | None) -> None:
    found = path.bounds()
    assert (found is None) if bounds is None else found == pytest.approx(bounds, abs=1e-3)


def test_lengths() -> None:
    assert parse_path("M0 0h3v4z").length() == pytest.approx(12)
    assert ellipse(0, 0, 10, 10).length() == pytest.approx(20 * math.pi, rel=2e-3)


def test_radii_of_a_rectangle_are_at_most_half_of_it() -> None:
    assert rectangle(0, 0, 10, 4, 20, 20).bounds() == (0, 0, 10, 4)
    assert rectangle(0, 0, 10, 4, 5, 0).ops == "MLLLZ"


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("M0 0h10v10", [(0, 0, 0), (10, 0, 45), (10, 10, 90)]),
        ("M0 0h10v10h-10z", [(0, 0, -45), (10, 0, 45), (10, 10, 135), (0, 10, -135), (0, 0, -45)]),
        ("M5 5", [(5, 5, 0)]),
        ("M0 0C0 5 5 10 10 10", [(0, 0, 90), (10, 10, 0)]),
        ("M-10 0A10 10 0 0 1 10 0", [(-10, 0, -90), (10, 0, 90)]),
    ],
)
def test_vertices_have_the_bisecting_direction(data: str, places: list[tuple[float, ...]]) -> None:
    found = [tuple(round(value, 3) + 0.0 for value in place) for place in vertices(parse_path(data))]
    assert found == [pytest.approx(place) for place in places]


@pytest.mark.parametrize(
    ("data", "ops"),
    [
        ("M0 0h9", ""), ("M0 0h9v9", "MLL"), ("M0 0h9M5 5v9", ""), ("M0 0h9M0 0h9v9zM3 3h3", "MLLZ"), ("M1 1", ""),
        ("M0 0L3 3L9 9L1 1z", ""), ("M0 0C1 1 2 2 3 3", ""), ("M0 0C1 1 2 5 3 3", "MC"), ("M0 0h9v9h-9z", "MLLLZ"),
    ],
)  # fmt: skip
def test_what_encloses_an_area(data: str, ops: str) -> None:
    assert parse_path(data).with_area().ops == ops
