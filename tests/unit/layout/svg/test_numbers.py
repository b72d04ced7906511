"""Lengths, view boxes and transforms in attributes."""

from __future__ import annotations

import pytest

from spark_pdf.layout.shapes.matrix import IDENTITY, apply, inverse, is_similar, is_sound, multiply, scale_of
from spark_pdf.layout.shapes.numbers import Units, ViewBox, fit, length, lengths, number, numbers, transform, view_box

UNITS = Units(200.0, 100.0, 10.0, 16.0)


@pytest.mark.parametrize(
    ("text", "px"),
    [
        ("5", 5), ("-5.5", -5.5), (" 5 ", 5), ("5px", 5), ("1in", 96), ("2.54cm", 96), ("25.4mm", 96), ("72pt", 96),
        ("6pc", 96), ("2em", 20), ("2rem", 32), ("2ex", 10), ("50%", 100), ("1e2", 100), ("1E2px", 100), (".5", 0.5),
        ("10vw", 20), ("10vh", 10), ("", None), ("x", None), ("5 5", None), ("5furlong", None), (None, None),
        ("1e400", 1e9), ("auto", None), ("5PX", 5),
    ],
)  # fmt: skip
def test_lengths_in_user_units(text: str | None, px: float | None) -> None:
    found = length(text, 200.0, UNITS)
    assert found is None if px is None else found == pytest.approx(px)


def test_lists() -> None:
    assert lengths("1, 2px 10%", 200, UNITS) == [1, 2, 20]
    assert lengths("1 x 2", 200, UNITS) == [1]
    assert numbers("1,2-3.5.5e1 z 4") == [1, 2, -3.5, 5, 4]
    assert number("50%", 0) == 0.5
    assert number("5em", 7) == 7
    assert UNITS.diagonal == pytest.approx(158.1, abs=0.02)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("0 0 10 20", (0, 0, 10, 20)), ("-5,-5,10,10", (-5, -5, 10, 10)), ("0 0 0 10", None), ("0 0 10", None),
        ("0 0 -1 5", None), ("a b c d", None), ("", None), (None, None), ("0 0 10 10 10", None),
    ],
)  # fmt: skip
def test_view_boxes(text: str | None, box: tuple[float, ...] | None) -> None:
    assert view_box(text) == box


@pytest.mark.parametrize(
    ("aspect", "matrix"),
    [
        (None, (5, 0, 0, 5, 25, 0)),
        ("xMidYMid meet", (5, 0, 0, 5, 25, 0)),
        ("xMinYMin", (5, 0, 0, 5, 0, 0)),
        ("xMaxYMax meet", (5, 0, 0, 5, 50, 0)),
        ("none", (10, 0, 0, 5, 0, 0)),
        ("xMinYMin slice", (10, 0, 0, 10, 0, 0)),
        ("xMidYMid slice", (10, 0, 0, 10, 0, -25)),
        ("xMaxYMax slice", (10, 0, 0, 10, 0, -50)),
        ("nonsense", (5, 0, 0, 5, 25, 0)),
    ],
)
def test_preserve_aspect_ratio(aspect: str | None, matrix: tuple[float, ...]) -> None:
    assert fit(ViewBox(0, 0, 10, 10), 100, 50, aspect)[0] == matrix


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("translate(3)", (4, 1)), ("translate(3,4)", (4, 5)), ("translate(3 4)", (4, 5)), ("scale(2)", (2, 2)),
        ("scale(2,3)", (2, 3)), ("rotate(90)", (-1, 1)), ("rotate(90 1 1)", (1, 1)), ("rotate(90, 2, 1)", (2, 0)),
        ("skewX(45)", (2, 1)), ("skewY(45)", (1, 2)), ("matrix(1 2 3 4 5 6)", (9, 12)), ("", (1, 1)),
        ("translate(1,1) scale(2)", (3, 3)), ("scale(2) translate(1,1)", (4, 4)), ("translate(1,1),scale(2)", (3, 3)),
        ("translate( 1 , 1 )\n scale(2)", (3, 3)), ("rotate(90deg)", (-1, 1)), ("translate(3px, 4px)", (4, 5)),
        ("rotate(0.25turn)", (-1, 1)), ("spin(3)", (1, 1)), ("rotate(1,2)", (1, 1)), ("translate(", (1, 1)),
        ("scale()", (1, 1)), ("translate(1,1) nonsense", (1, 1)), ("translate(10-20)", (11, -19)),
    ],
)  # fmt: skip
def test_transforms(text: str, point: tuple[float, float]) -> None:
    assert apply(transform(text), 1, 1) == pytest.approx(point)


def test_matrices() -> None:
    turned = transform("rotate(30) translate(5 7) scale(2)")
    assert multiply(turned, inverse(turned)) == pytest.approx(IDENTITY)
    assert scale_of(turned) == pytest.approx(2)
    assert is_similar(turned)
    assert is_similar((-1, 0, 0, 1, 0, 0))
    assert not is_similar(transform("scale(1 2)"))
    assert not is_sound(transform("scale(0)"))
    assert not is_sound((float("nan"), 0, 0, 1, 0, 0))
    assert not is_sound((1e12, 0, 0, 1, 0, 0))
