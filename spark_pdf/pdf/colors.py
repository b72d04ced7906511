"""Colours as operators: in the space in which they were written (ISO 32000-1, 8.6), alpha apart as an ExtGState."""

from __future__ import annotations

from typing import Final

from spark_pdf.layout.values import Color
from spark_pdf.pdf.numbers import number

_FILL: Final = {1: b" g\n", 3: b" rg\n", 4: b" k\n"}
_STROKE: Final = {1: b" G\n", 3: b" RG\n", 4: b" K\n"}


_MOST_COLORS: Final = 4096

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
        self._fill = _Known(_FILL)
        self._stroke = _Known(_STROKE)

    def fill(self, color: Color) -> bytes:
        """The operator that sets the colour for fills and text."""
        return self._fill.operator(color)

    def stroke(self, color: Color) -> bytes:
        """The operator that sets the colour for strokes."""
        return self._stroke.operator(color)


class _Known:
    """Operators by the colour's value, and before that by which object it is: to hash its numbers takes longer than all
    else, and styles share theirs. The object is kept too, so that no other has its address.
    """

    __slots__ = ("_by_object", "_by_value", "_suffixes")

    def __init__(self, suffixes: dict[int, bytes]) -> None:
        self._suffixes = suffixes
        self._by_object: dict[int, tuple[Color, bytes]] = {}
        self._by_value: dict[Color, bytes] = {}

    def operator(self, color: Color) -> bytes:
        found = self._by_object.get(id(color))
        return found[1] if found is not None else self._looked_up(color)

    def _looked_up(self, color: Color) -> bytes:
        if len(self._by_object) >= _MOST_COLORS:
            self._by_object.clear()
        found = self._by_value.get(color)
        if found is None:
            if len(self._by_value) >= _MOST_COLORS:
                self._by_value.clear()
            values = components(color)
            numbers = [number(min(max(v, 0.0), 1.0), 4) for v in values]
            found = self._by_value[color] = b" ".join(numbers) + self._suffixes[len(values)]
        self._by_object[id(color)] = (color, found)
        return found
