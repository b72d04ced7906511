"""Borders (CSS Backgrounds 3, section 3; CSS 2.2, 17.6.2 for collapsed ones).

In: a border box and its four sides. Out: filled shapes; only dashes and dots are strokes. Sides that look alike are one
shape, so that nothing shows where they meet. Where they differ, each has its share of a corner: up to the line from the
outer corner of the border through the inner one. A side of a double border is two bands, of a groove or ridge two
bands of different shades.
"""

from __future__ import annotations

from typing import NamedTuple

from spark_pdf.layout.shapes.outlines import KAPPA, Radii, Rect, Segment, inner_radii, inset, polygon_path
from spark_pdf.layout.values import Color
from spark_pdf.pdf.dashes import dash_path, dash_strip
from spark_pdf.pdf.painter import Painter

_SHADED = ("inset", "outset", "groove", "ridge")
_BROKEN = ("dashed", "dotted")
_THINNEST_DOUBLE = 1.5
"""A double line below this width (px) is drawn as one."""


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


class _Band(NamedTuple):
    """A part of a side's width, from its outer to its inner edge as fractions, in one colour."""

    start: float
    end: float
    color: Color


def paint_borders(painter: Painter, box: Rect, sides: Sides, radii: Radii | None) -> None:
    """Paint the borders of one border box."""
    shown = [index for index, side in enumerate(sides) if side.shown]
    if not shown:
        return
    painter.end_text()
    first = sides[shown[0]]
    alike = all(sides[index].color == first.color and sides[index].style == first.style for index in shown)
    widths = [side.width if side.style not in ("none", "hidden") else 0.0 for side in sides]
    visible = len(shown) == len([width for width in widths if width])  # transparent sides have their share of corners
    if alike and first.style == "solid" and radii is None and visible:
        painter.fill_color(first.color)
        _solid(painter, box, widths)
        return
    bands: dict[_Band, list[int]] = {}
    for index in shown:
        if sides[index].style not in _BROKEN:
            for band in _bands(sides[index], index):
                bands.setdefault(band, []).append(index)
    for band, members in bands.items():
        painter.fill_color(band.color)
        _fill_band(painter, box, widths, radii, band, members, len(members) == 4)
    broken = [index for index in shown if sides[index].style in _BROKEN]
    if broken:
        _paint_broken(painter, box, sides, widths, radii, broken, alike and len(set(widths)) == 1)


def paint_edge(painter: Painter, rect: Rect, line: str, color: Color, horizontal: bool) -> None:
    """Paint one straight piece of border that fills `rect`: of a collapsed table, or a line along a text."""
    x, y, width, height = rect
    if color.alpha <= 0 or width <= 0 or height <= 0 or line in ("none", "hidden"):
        return
    painter.end_text()
    if line in _BROKEN:
        dash_strip(painter, rect, line, color, horizontal)
        return
    if line == "solid":
        painter.fill_color(color)
        painter.fill_rect(x, y, width, height)
        return
    line = {"inset": "ridge", "outset": "groove"}.get(line, line)  # 17.6.2: as they are where borders collapse
    for start, end, tint in _bands(Side(height if horizontal else width, line, color), 0 if horizontal else 3):
        painter.fill_color(tint)
        if horizontal:
            painter.rect(x, y + start * height, width, (end - start) * height)
        else:
            painter.rect(x + start * width, y, (end - start) * width, height)
        painter.out.append(b"f\n")


def _bands(side: Side, index: int) -> list[_Band]:
    """What a side that is no dashes is made of."""
    color, style = side.color, side.style
    if style == "double" and side.width >= _THINNEST_DOUBLE:
        return [_Band(0.0, 1 / 3, color), _Band(2 / 3, 1.0, color)]
    if style in ("inset", "outset"):
        return [_Band(0.0, 1.0, _shade(color, (style == "inset") == (index in (0, 3))))]
    if style in ("groove", "ridge"):
        dark_outside = (style == "groove") == (index in (0, 3))
        return [_Band(0.0, 0.5, _shade(color, dark_outside)), _Band(0.5, 1.0, _shade(color, not dark_outside))]
    return [_Band(0.0, 1.0, color)]


def _shade(color: Color, dark: bool) -> Color:
    """The lit or the shaded half of a border that looks raised or sunken: light comes from the top left.

    The lit half has the border's own colour; of one so dark that no shade would show, the shaded half has it.
    """
    cmyk = color.space == "device-cmyk"
    values = color.components
    lightness = (1 - max(values[:3])) * (1 - values[3]) if cmyk else max(values, default=0.0)
    if lightness >= 0.2:
        if not dark:
            return color
        factor = 0.6
        if cmyk:
            return color._replace(components=(*values[:3], 1 - (1 - values[3]) * factor))
        return color._replace(components=tuple([value * factor for value in values]))
    if dark:
        return color
    if cmyk:
        return color._replace(components=(*values[:3], values[3] * 0.7))
    return color._replace(components=tuple([value + (1 - value) * 0.3 for value in values]))


def _solid(painter: Painter, box: Rect, widths: list[float]) -> None:
    """Sides of one colour: a ring, or strips that do not overlap (an alpha would show it)."""
    x, y, width, height = box
    top, right, bottom, left = widths
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


def _fill_band(
    painter: Painter, box: Rect, widths: list[float], radii: Radii | None, band: _Band, members: list[int], whole: bool
) -> None:
    """Fill what lies between two edges of some sides, or of all four (`whole`)."""
    outer = tuple([width * band.start for width in widths])
    inner = tuple([width * band.end for width in widths])
    if radii is None and not whole:
        for index in members:
            painter.polygon(*_share(inset(box, outer), inset(box, inner), index))
        painter.out.append(b"f\n")
        return
    alone = len(members) == len([width for width in widths if width])
    if not alone:
        painter.save()
        clip_to_sides(painter, box, widths, members)
    if all(widths) or radii is None:
        painter.rounded_rect(inset(box, outer), None if radii is None else inner_radii(radii, outer))
        painter.rounded_rect(inset(box, inner), None if radii is None else inner_radii(radii, inner))
        painter.out.append(b"f*\n")
    else:
        for run in _runs(widths):
            outside, inside = inner_radii(radii, outer), inner_radii(radii, inner)
            painter.path(_arc((inset(box, outer), outside), (inset(box, inner), inside), run))
        painter.out.append(b"f\n")
    if not alone:
        painter.restore()


def _runs(widths: list[float]) -> list[list[int]]:
    """Sides that follow each other clockwise, up to one without a width. There they end in points: a ring around the
    box would leave a hair line on the other side.
    """
    found: list[list[int]] = []
    for first in range(4):
        if widths[first] and not widths[first - 1]:
            run = [first]
            while widths[(run[-1] + 1) % 4]:
                run.append((run[-1] + 1) % 4)
            found.append(run)
    return found


_Edge = tuple[Rect, Radii]
_Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _arc(outer: _Edge, inner: _Edge, run: list[int]) -> list[Segment]:
    """The outline of sides with their corners: along the outer edge, and back along the inner one."""
    corners = [*run, (run[-1] + 1) % 4]
    found: list[Segment] = []
    for corner in corners:
        start, a, b, end = _corner(outer, corner)
        found.append(("l" if found else "m", *start))
        found.append(("c", *a, *b, *end))
    for corner in reversed(corners):
        start, a, b, end = _corner(inner, corner)
        found.append(("l", *end))
        found.append(("c", *b, *a, *start))
    found.append(("h",))
    return found


def _corner(edge: _Edge, index: int) -> _Points:
    """A quarter of an ellipse, clockwise: where it starts, its control points, where it ends."""
    (x, y, width, height), radii = edge
    rx, ry = radii[index]
    k = 1 - KAPPA
    right, bottom = x + width, y + height
    if index == 0:
        return (x, y + ry), (x, y + ry * k), (x + rx * k, y), (x + rx, y)
    if index == 1:
        return (right - rx, y), (right - rx * k, y), (right, y + ry * k), (right, y + ry)
    if index == 2:
        return (right, bottom - ry), (right, bottom - ry * k), (right - rx * k, bottom), (right - rx, bottom)
    return (x + rx, bottom), (x + rx * k, bottom), (x, bottom - ry * k), (x, bottom - ry)


def clip_to_sides(painter: Painter, box: Rect, widths: list[float], members: list[int]) -> None:
    """Clip to the shares of some sides, as far as the middle of the box: a rounded edge leaves more of a corner."""
    _, _, width, height = box
    rooms = [room / 2 / w for w, room in zip(widths, (height, width, height, width), strict=True) if w]
    deep = max(min(rooms, default=1.0), 1.0)
    inner = inset(box, [w * deep for w in widths])
    for index in members:
        painter.path(polygon_path(list(_share(box, inner, index))))
    painter.clip()


def _share(outer: Rect, inner: Rect, index: int) -> _Points:
    """The trapezoid of a side between two rectangles."""
    x, y, right, bottom = outer[0], outer[1], outer[0] + outer[2], outer[1] + outer[3]
    ix, iy, jx, jy = inner[0], inner[1], inner[0] + inner[2], inner[1] + inner[3]
    if index == 0:
        return (x, y), (right, y), (jx, iy), (ix, iy)
    if index == 1:
        return (right, y), (right, bottom), (jx, jy), (jx, iy)
    if index == 2:
        return (right, bottom), (x, bottom), (ix, jy), (jx, jy)
    return (x, bottom), (x, y), (ix, iy), (ix, jy)


def _paint_broken(
    painter: Painter, box: Rect, sides: Sides, widths: list[float], radii: Radii | None, members: list[int],
    alike: bool,
) -> None:  # fmt: skip
    """Dashed and dotted sides. Where all four are alike, dashes and dots of two sides share the corners."""
    whole = alike and len(members) == 4
    for index in members:
        side = sides[index]
        if radii is not None and whole:
            dash_path(painter, box, radii, tuple(widths), side.width, side.style, side.color)
            return
        if not whole and (radii is not None or _meets(widths, index)):
            painter.save()
            clip_to_sides(painter, box, widths, [index])
            if radii is not None:
                painter.rounded_rect(box, radii)
                painter.rounded_rect(inset(box, widths), inner_radii(radii, tuple(widths)))
                painter.clip(b"W* n\n")
                dash_path(painter, box, radii, tuple(widths), side.width, side.style, side.color)
            else:
                dash_strip(painter, _strip(box, side.width, index), side.style, side.color, index in (0, 2))
            painter.restore()
        else:
            dash_strip(painter, _strip(box, side.width, index), side.style, side.color, index in (0, 2))


def _meets(widths: list[float], index: int) -> bool:
    return widths[index - 1] > 0 or widths[(index + 1) % 4] > 0


def _strip(box: Rect, width: float, index: int) -> Rect:
    x, y, across, down = box
    if index == 0:
        return x, y, across, width
    if index == 1:
        return x + across - width, y, width, down
    if index == 2:
        return x, y + down - width, across, width
    return x, y, width, down
