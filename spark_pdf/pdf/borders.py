"""Borders (CSS Backgrounds 3, section 4; CSS 2.2, 17.6.2 for collapsed ones).

In: a border box and its four sides. Out: filled shapes; only dashes and dots are strokes. Where all sides are solid
and of one colour, corners need no care. Where colours or styles differ, each side is the trapezoid between the outer
and the inner corners. Rounded borders are painted within the ring between their outer and inner edge.
"""

from __future__ import annotations

from typing import NamedTuple

from spark_pdf.layout.shapes import Radii, Rect, inner_radii, inset
from spark_pdf.layout.values import Color
from spark_pdf.pdf.painter import Painter

_SHADED = {"inset", "outset", "groove", "ridge"}


class Side(NamedTuple):
    """One side of a border; width 0 where there is none."""

    width: float
    style: str
    color: Color

    @property
    def shown(self) -> bool:
        """Whether anything of it is painted."""
        return self.width > 0 and self.style not in ("none", "hidden") and self.color.alpha > 0


Sides = tuple[Side, Side, Side, Side]
"""Top, right, bottom, left."""


def paint_borders(painter: Painter, box: Rect, sides: Sides, radii: Radii | None) -> None:
    """Paint the borders of one border box."""
    shown = [side for side in sides if side.shown]
    if not shown:
        return
    painter.end_text()
    first = shown[0]
    alike = all(side.color == first.color and side.style == first.style for side in shown)
    if radii is not None:
        _paint_rounded(painter, box, sides, radii, alike and len(shown) == 4)
    elif alike and first.style == "solid":
        painter.fill_color(first.color)
        _solid(painter, box, sides)
    elif alike and first.style == "double" and len(shown) == 4:
        painter.fill_color(first.color)
        outer = tuple(side._replace(width=_third(side.width)) for side in sides)
        _solid(painter, box, outer)  # type: ignore[arg-type]
        _solid(painter, inset(box, [side.width - _third(side.width) for side in sides]), outer)  # type: ignore[arg-type]
    elif alike and first.style in ("dashed", "dotted") and len({side.width for side in shown}) == 1:
        for side, strip, horizontal in _strips(box, sides):  # dashes and dots of two sides share the corners
            if side.shown:
                paint_edge(painter, strip, side.style, side.color, horizontal)
    else:
        _paint_each(painter, box, sides)


def paint_edge(painter: Painter, rect: Rect, line: str, color: Color, horizontal: bool) -> None:
    """Paint one straight piece of border that fills `rect`."""
    x, y, width, height = rect
    if color.alpha <= 0 or width <= 0 or height <= 0 or line in ("none", "hidden"):
        return
    painter.end_text()
    if line in ("dashed", "dotted"):
        _dashes(painter, rect, line, color, horizontal)
        return
    painter.fill_color(color)
    if line == "double" and min(width, height) >= 3:
        third = _third(height if horizontal else width)
        if horizontal:
            painter.rect(x, y, width, third)
            painter.rect(x, y + height - third, width, third)
        else:
            painter.rect(x, y, third, height)
            painter.rect(x + width - third, y, third, height)
    else:
        painter.rect(x, y, width, height)
    painter.out.append(b"f\n")


def _third(width: float) -> float:
    return max(round(width / 3, 2), 0.25)


def _solid(painter: Painter, box: Rect, sides: Sides) -> None:
    """Sides of one colour: a ring, or strips that do not overlap (an alpha would show it)."""
    x, y, width, height = box
    top, right, bottom, left = (side.width if side.shown else 0.0 for side in sides)
    if top and right and bottom and left:
        painter.rect(x, y, width, height)
        painter.rect(*inset(box, (top, right, bottom, left)))
        painter.out.append(b"f*\n")
        return
    if top:
        painter.rect(x, y, width, top)
    if bottom:
        painter.rect(x, y + height - bottom, width, bottom)
    if left:
        painter.rect(x, y + top, left, height - top - bottom)
    if right:
        painter.rect(x + width - right, y + top, right, height - top - bottom)
    painter.out.append(b"f\n")


def _strips(box: Rect, sides: Sides) -> list[tuple[Side, Rect, bool]]:
    x, y, width, height = box
    top, right, bottom, left = sides
    return [
        (top, (x, y, width, top.width), True),
        (right, (x + width - right.width, y, right.width, height), False),
        (bottom, (x, y + height - bottom.width, width, bottom.width), True),
        (left, (x, y, left.width, height), False),
    ]


def _trapezoids(box: Rect, sides: Sides, *, deep: bool) -> list[tuple[tuple[float, float], ...]]:
    """Each side's share. `deep`: as far as the middle of the box, where a rounded edge leaves more of a corner."""
    x, y, width, height = box
    right, bottom = x + width, y + height
    widths = [side.width if side.shown else 0.0 for side in sides]
    if deep:
        rooms = [room / 2 / w for w, room in zip(widths, (height, width, height, width), strict=True) if w]
        widths = [w * max(min(rooms), 1.0) for w in widths]
    ix, iy, iw, ih = inset(box, widths)
    jx, jy = ix + iw, iy + ih
    return [
        ((x, y), (right, y), (jx, iy), (ix, iy)),
        ((right, y), (right, bottom), (jx, jy), (jx, iy)),
        ((right, bottom), (x, bottom), (ix, jy), (jx, jy)),
        ((x, bottom), (x, y), (ix, iy), (ix, jy)),
    ]


def _paint_each(painter: Painter, box: Rect, sides: Sides, *, deep: bool = False) -> None:
    """Sides that differ: solid ones as trapezoids, others as strips clipped to theirs."""
    trapezoids = _trapezoids(box, sides, deep=deep)
    for index, ((side, strip, horizontal), points) in enumerate(zip(_strips(box, sides), trapezoids, strict=True)):
        if not side.shown:
            continue
        if side.style in ("solid", "inset", "outset") or (deep and side.style not in ("dashed", "dotted")):
            painter.fill_color(_shade(side, index, side.style))
            painter.polygon(*points)
            painter.out.append(b"f\n")
            continue
        painter.save()
        painter.polygon(*points)
        painter.clip()
        if side.style in _SHADED:
            _grooved(painter, strip, side, index, horizontal)
        else:
            paint_edge(painter, strip, side.style, side.color, horizontal)
        painter.restore()


def _grooved(painter: Painter, strip: Rect, side: Side, index: int, horizontal: bool) -> None:
    """Groove and ridge: two halves, one lit, one in the shade (CSS Backgrounds 3, 4.2)."""
    x, y, width, height = strip
    outer, inner = ("inset", "outset") if side.style == "groove" else ("outset", "inset")
    for style, first in ((outer, index in (0, 3)), (inner, index not in (0, 3))):
        painter.fill_color(_shade(side, index, style))
        if horizontal:
            painter.rect(x, y if first else y + height / 2, width, height / 2)
        else:
            painter.rect(x if first else x + width / 2, y, width / 2, height)
        painter.out.append(b"f\n")


def _shade(side: Side, index: int, style: str) -> Color:
    """The colour of a side that looks sunken or raised: light comes from the top left."""
    sunken = style in ("inset", "groove")
    if style not in _SHADED or sunken != (index in (0, 3)):
        return side.color
    factor = 0.6
    values = side.color.components
    if side.color.space == "device-cmyk":
        return side.color._replace(components=(*values[:3], 1 - (1 - values[3]) * factor))
    return side.color._replace(components=tuple(v * factor for v in values))


def _dashes(painter: Painter, rect: Rect, line: str, color: Color, horizontal: bool) -> None:
    """A dashed or dotted strip, its period stretched so that a dash stands at both ends."""
    x, y, width, height = rect
    length, thickness = (width, height) if horizontal else (height, width)
    painter.stroke_color(color)
    if line == "dotted":
        gaps = max(round((length - thickness) / (2 * thickness)), 1)
        period = max((length - thickness) / gaps, 0.01)
        painter.save()
        painter.out.append(b"1 J\n")
        painter.line(thickness, b"[0 %.9g] 0 d\n" % round(period, 3))
        trim = thickness / 2
    else:
        gaps = max(round((length / thickness - 2) / 4), 1)
        dash = length / (2 * gaps + 1)
        painter.save()
        painter.line(thickness, b"[%.9g] 0 d\n" % max(round(dash, 3), 0.01))
        trim = 0.0
    if horizontal:
        painter.segment(x + trim, y + height / 2, x + width - trim, y + height / 2)
    else:
        painter.segment(x + width / 2, y + trim, x + width / 2, y + height - trim)
    painter.restore()


def _paint_rounded(painter: Painter, box: Rect, sides: Sides, radii: Radii, uniform: bool) -> None:
    widths = tuple(side.width if side.shown else 0.0 for side in sides)
    first = sides[0]
    if uniform and first.style in ("dashed", "dotted") and len(set(widths)) == 1:
        half = widths[0] / 2
        painter.save()
        painter.stroke_color(first.color)
        if first.style == "dotted":
            painter.out.append(b"1 J\n")
        dash = b"[0 %.9g] 0 d\n" if first.style == "dotted" else b"[%.9g] 0 d\n"
        painter.line(widths[0], dash % round(2 * widths[0], 3))
        painter.rounded_rect(inset(box, (half, half, half, half)), inner_radii(radii, (half, half, half, half)))
        painter.out.append(b"S\n")
        painter.restore()
        return
    if uniform and first.style == "double":
        outer = tuple(_third(width) for width in widths)
        gap = tuple(width - third for width, third in zip(widths, outer, strict=True))
        painter.fill_color(first.color)
        _ring(painter, box, radii, outer)
        _ring(painter, inset(box, gap), inner_radii(radii, gap), outer)
    elif uniform and first.style == "solid":
        painter.fill_color(first.color)
        _ring(painter, box, radii, widths)
    else:
        painter.save()
        painter.rounded_rect(box, radii)
        painter.rounded_rect(inset(box, widths), inner_radii(radii, widths))
        painter.clip(b"W* n\n")
        _paint_each(painter, box, sides, deep=True)
        painter.restore()


def _ring(painter: Painter, box: Rect, radii: Radii, widths: tuple[float, ...]) -> None:
    painter.rounded_rect(box, radii)
    painter.rounded_rect(inset(box, widths), inner_radii(radii, widths))
    painter.out.append(b"f*\n")
