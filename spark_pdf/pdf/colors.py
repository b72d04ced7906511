"""Colours as operators: in the space in which they were written (ISO 32000-1, 8.6), alpha apart as an ExtGState."""

from __future__ import annotations

from spark_pdf.layout.values import Color
from spark_pdf.pdf.numbers import number

_FILL = {1: b" g\n", 3: b" rg\n", 4: b" k\n"}
_STROKE = {1: b" G\n", 3: b" RG\n", 4: b" K\n"}


SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
"""Device spaces by their number of components."""


def channels(color: Color) -> tuple[float, ...]:
    """Three or four components: where several colours have to be in one space."""
    return color.components


def fill_operator(values: tuple[float, ...]) -> bytes:
    """The operator that sets these components for fills."""
    return b" ".join([number(min(max(v, 0.0), 1.0), 4) for v in values]) + _FILL[len(values)]


def components(color: Color) -> tuple[float, ...]:
    """What the device space takes: one component for a grey, three for sRGB, four for CMYK."""
    values = color.components
    if color.space != "device-cmyk" and len(values) == 3 and values[0] == values[1] == values[2]:
        return values[:1]
    return values


class ColorOperators:
    """Operators by colour, remembered. Bounded: a template may compute a colour from every record."""

    __slots__ = ("_fill", "_stroke")

    def __init__(self) -> None:
        self._fill: dict[Color, bytes] = {}
        self._stroke: dict[Color, bytes] = {}

    def fill(self, color: Color) -> bytes:
        """The operator that sets the colour for fills and text."""
        found = self._fill.get(color)
        if found is None:
            found = _remember(self._fill, color, _FILL)
        return found

    def stroke(self, color: Color) -> bytes:
        """The operator that sets the colour for strokes."""
        found = self._stroke.get(color)
        if found is None:
            found = _remember(self._stroke, color, _STROKE)
        return found


def _remember(known: dict[Color, bytes], color: Color, operators: dict[int, bytes]) -> bytes:
    if len(known) >= 4096:
        known.clear()
    values = components(color)
    known[color] = made = b" ".join(number(min(max(v, 0.0), 1.0), 4) for v in values) + operators[len(values)]
    return made
