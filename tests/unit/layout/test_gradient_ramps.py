"""Colours along gradients, and where their lines lie, against numbers of CSS Images 3 and 4."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import pytest

from spark_pdf.layout.css.mixing import between
from spark_pdf.layout.paint.gradients import Ramp, linear_line, radial_size, ramp, visible
from spark_pdf.layout.values import Color, ColorStop, LinearGradient, Percentage, Position, RadialGradient

RED, LIME, BLUE = (Color("srgb", values) for values in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
CENTER = (Position(0.5, 0.0), Position(0.5, 0.0))


def made(*stops: tuple[Color | None, float | None], length: float = 100.0, repeating: bool = False) -> Ramp:
    found = tuple(ColorStop(color, position) for color, position in stops)
    return ramp(found, length, repeating=repeating, space="srgb", hue="shorter")


def spans(found: Ramp) -> list[tuple[float, float]]:
    return [(round(piece.start, 4), round(piece.end, 4)) for piece in found.pieces]


def test_positions_that_are_missing_are_shared_out() -> None:
    assert spans(made((RED, None), (LIME, None), (BLUE, None), (RED, None)))[:3] == [
        (0.0, 0.3333), (0.3333, 0.6667), (0.6667, 1.0),
    ]  # fmt: skip


def test_positions_never_run_back() -> None:
    assert spans(made((RED, 60.0), (LIME, 20.0), (BLUE, Percentage(1.0)))) == [(-1.0, 0.6), (0.6, 1.0)]


def test_lengths_and_percentages_mix() -> None:
    assert spans(made((RED, 10.0), (BLUE, Percentage(0.5)), length=50.0))[1] == (0.2, 0.5)


def test_a_hint_is_where_half_is_reached() -> None:
    piece = made((RED, None), (None, Percentage(0.2)), (BLUE, None)).pieces[0]
    assert 0.2**piece.exponent == pytest.approx(0.5, abs=1e-3)


def test_transparent_has_the_colour_of_its_neighbour() -> None:
    piece = made((RED, None), (Color("srgb", (0.0, 0.0, 0.0), 0.0), None)).pieces[0]
    assert (piece.first.components, piece.last.components) == (RED.components, RED.components)
    assert piece.last.alpha == 0


def test_a_repeating_gradient_covers_what_is_seen() -> None:
    found = visible(made((RED, 30.0), (BLUE, 50.0), repeating=True), 1.0)
    assert found[0][:2] == pytest.approx((0.0, 0.1))
    assert found[0][3:] == pytest.approx((0.5, 1.0))
    assert found[-1][1] == pytest.approx(1.0)
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("direction", "length"), [(90.0, 200.0), (0.0, 100.0), (45.0, 300 / sqrt(2)), (("bottom", "right"), 400 / sqrt(5))]
)
def test_the_gradient_line_reaches_the_corners(direction: float | tuple[str, str], length: float) -> None:
    gradient = LinearGradient(direction, ())
    x0, y0, x1, y1, found = linear_line(gradient, 200.0, 100.0)
    assert found == pytest.approx(length)
    assert sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2) == pytest.approx(length)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((100.0, 50.0))


@pytest.mark.parametrize(
    ("shape", "size", "radii"),
    [
        ("circle", "closest-side", (40.0, 40.0)), ("circle", "farthest-side", (160.0, 160.0)),
        ("circle", "closest-corner", (sqrt(40**2 + 50**2),) * 2), ("ellipse", "closest-side", (40.0, 50.0)),
        ("ellipse", "farthest-corner", (160 * sqrt(2), 50 * sqrt(2))),
        ("ellipse", (Percentage(0.5), 30.0), (100.0, 30.0)),
    ],
)  # fmt: skip
def test_radial_sizes(shape: str, size: str | tuple[float, float], radii: tuple[float, float]) -> None:
    gradient = RadialGradient(shape, size, (Position(0.2, 0.0), Position(0.5, 0.0)), ())
    assert radial_size(gradient, 200.0, 100.0) == pytest.approx((40.0, 50.0, *radii))


def test_other_spaces_go_other_ways() -> None:
    assert between(RED, BLUE, 0.5, "srgb").components == (0.5, 0.0, 0.5)
    assert between(RED, BLUE, 0.5, "hsl").components == pytest.approx((1.0, 0.0, 1.0))
    assert between(RED, BLUE, 0.5, "hsl", "longer").components == pytest.approx((0.0, 1.0, 0.0))
    # CSS Color 4's own numbers for the middle of white and black in Oklab: L 0.5.
    white, black = Color("srgb", (1.0, 1.0, 1.0)), Color("srgb", (0.0, 0.0, 0.0))
    assert between(white, black, 0.5, "oklab").components == pytest.approx((0.3885,) * 3, abs=2e-3)
    half = between(RED._replace(alpha=0.0), BLUE, 0.5, "oklab")
    assert (half.alpha, half.components) == (0.5, pytest.approx(BLUE.components, abs=1e-3))
