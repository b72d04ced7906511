"""Gradients as PDF shadings and shading patterns (ISO 32000-1, 8.7.4.5): of CSS backgrounds and of SVG alike.

In: axial or radial coordinates and stops, whose offsets run from 0 to 1 and never fall. Out: object numbers. Colour
and alpha are shadings of their own, since a shading has no alpha: the second one is for a soft mask. Equal ones are
stored once per document.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from spark_pdf.layout.values import Color
from spark_pdf.pdf.numbers import rounded
from spark_pdf.pdf.resources import Resources
from spark_pdf.pdf.writer import PdfWriter, ref

Stop = tuple[float, Color]
Matrix = tuple[float, float, float, float, float, float]


def color_shading(
    resources: Resources, writer: PdfWriter, radial: bool, coords: Sequence[float], stops: Sequence[Stop]
) -> int:
    """The shading of the stops' colours. `coords`: x0 y0 x1 y1, or x0 y0 r0 x1 y1 r1."""
    cmyk = all(color.space == "device-cmyk" for _, color in stops)
    values = [(offset, color.components if cmyk else _rgb(color)) for offset, color in stops]
    return _shading(resources, writer, radial, coords, values, "/DeviceCMYK" if cmyk else "/DeviceRGB")


def alpha_shading(
    resources: Resources, writer: PdfWriter, radial: bool, coords: Sequence[float], stops: Sequence[Stop]
) -> int:
    """The shading of the stops' alpha, as grey: what a luminosity mask reads."""
    values: list[tuple[float, tuple[float, ...]]] = [(offset, (color.alpha,)) for offset, color in stops]
    return _shading(resources, writer, radial, coords, values, "/DeviceGray")


def is_translucent(stops: Sequence[Stop]) -> bool:
    """Whether any stop lets something through."""
    return any(color.alpha < 1 for _, color in stops)


def shading_pattern(resources: Resources, writer: PdfWriter, shading: int, matrix: Matrix) -> bytes:
    """The name of a pattern that paints a shading. `matrix` leads to the space in which the content stream begins."""
    entries = {
        "Type": "/Pattern", "PatternType": 2, "Shading": ref(shading), "Matrix": [_fine(value) for value in matrix]
    }  # fmt: skip
    return resources.named("Pattern", "P", resources.shared(writer, entries))


def _fine(value: float) -> float:
    """A matrix entry: more decimals than coordinates need, since it is multiplied."""
    return rounded(value, 6)


def _rgb(color: Color) -> tuple[float, ...]:
    if color.space != "device-cmyk":
        return color.components
    c, m, y, k = color.components
    return (1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)


def _shading(
    resources: Resources, writer: PdfWriter, radial: bool, coords: Sequence[float],
    values: list[tuple[float, tuple[float, ...]]], space: str,
) -> int:  # fmt: skip
    entries: dict[str, Any] = {
        "ShadingType": 3 if radial else 2, "ColorSpace": space, "Coords": [_fine(value) for value in coords],
        "Function": _function(values), "Extend": [True, True],
    }  # fmt: skip
    return resources.shared(writer, entries)


def _function(values: list[tuple[float, tuple[float, ...]]]) -> dict[str, Any]:
    """A function from 0..1 to components: pieces between stops, stitched (7.10.4). Equal offsets are a jump."""
    if values[0][0] > 0:
        values = [(0.0, values[0][1]), *values]
    if values[-1][0] < 1:
        values = [*values, (1.0, values[-1][1])]
    pieces: list[dict[str, Any]] = []
    bounds: list[float] = []
    for (low, first), (high, last) in pairwise(values):
        if rounded(high, 5) > rounded(low, 5):
            if pieces:
                bounds.append(rounded(low, 5))
            pieces.append({
                "FunctionType": 2, "Domain": [0, 1], "C0": [rounded(v, 4) for v in first],
                "C1": [rounded(v, 4) for v in last], "N": 1,
            })  # fmt: skip
    if len(pieces) == 1:
        return pieces[0]
    return {
        "FunctionType": 3, "Domain": [0, 1], "Functions": pieces, "Bounds": bounds, "Encode": [0, 1] * len(pieces),
    }  # fmt: skip
