"""`border-image`: nine parts of a picture around a box (CSS Backgrounds 3, 5).

In: a style, a border box, its border widths. Out: calls of a `Painter`, and whether the picture took the place of the
borders. Each part of the border is a clip, through which the picture is seen, scaled so that its slice fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.shapes.outlines import Rect
from spark_pdf.layout.values import Factor, Percentage
from spark_pdf.pdf.backgrounds import Picture, Pictures, concrete_size, picture_of

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style
    from spark_pdf.pdf.painter import Painter

_MOST = 500
"""Repetitions of a part; more would be finer than a page shows."""

_Four = tuple[float, float, float, float]


def paint_border_image(painter: Painter, pictures: Pictures, style: Style, box: Rect, borders: _Four) -> bool:
    """Paint the picture; False where there is none, so that the borders are painted."""
    picture = picture_of(pictures, style.border_image_source)
    if picture is None:
        return False
    area = _outset(style, box, borders)
    size = concrete_size(picture.natural, None, None, area[2], area[3])
    slices = _slices(style, size)
    widths = _widths(style, area, borders, slices)
    x, y, width, height = area
    painter.end_text()
    painter.opacity(1.0)
    # Columns and rows of the nine parts: where they begin and how long they are, in the picture and on the page.
    from_x = _thirds(0.0, size[0], slices[3], slices[1])
    from_y = _thirds(0.0, size[1], slices[0], slices[2])
    to_x = _thirds(x, width, widths[3], widths[1])
    to_y = _thirds(y, height, widths[0], widths[2])
    fill = style.border_image_slice[1]
    for row in range(3):
        for column in range(3):
            if row == 1 and column == 1 and not fill:
                continue
            source = (*from_x[column], *from_y[row])
            target = (*to_x[column], *to_y[row])
            if min(source[1], source[3], target[1], target[3]) > 0.001:
                scales = _scales(row, column, from_x, from_y, to_x, to_y)
                _part(painter, picture, size, source, target, scales, _repeats(style, row, column))
    return True


def _thirds(start: float, size: float, first: float, last: float) -> list[tuple[float, float]]:
    middle = max(size - first - last, 0.0)
    return [(start, first), (start + first, middle), (start + size - last, last)]


def _outset(style: Style, box: Rect, borders: _Four) -> Rect:
    top, right, bottom, left = [
        value * border if value.__class__ is Factor else float(value)
        for value, border in zip(style.border_image_outset, borders, strict=True)
    ]
    x, y, width, height = box
    return x - left, y - top, width + left + right, height + top + bottom


def _slices(style: Style, size: tuple[float, float]) -> _Four:
    rooms = (size[1], size[0], size[1], size[0])
    top, right, bottom, left = [
        min(value * room if value.__class__ is Percentage else float(value), room)
        for value, room in zip(style.border_image_slice[0], rooms, strict=True)
    ]
    return top, right, bottom, left


def _widths(style: Style, area: Rect, borders: _Four, slices: _Four) -> _Four:
    """Used widths of the border image, scaled down together where two opposite ones would overlap (5.3)."""
    rooms = (area[3], area[2], area[3], area[2])
    found: list[float] = []
    for value, room, border, part in zip(style.border_image_width, rooms, borders, slices, strict=True):
        if isinstance(value, str):
            found.append(part)
        elif value.__class__ is Factor:
            found.append(value * border)
        else:
            found.append(value * room if value.__class__ is Percentage else float(value))
    top, right, bottom, left = found
    factor = min(1.0, area[2] / (left + right or 1.0), area[3] / (top + bottom or 1.0))
    return top * factor, right * factor, bottom * factor, left * factor


def _repeats(style: Style, row: int, column: int) -> tuple[str, str]:
    across, down = style.border_image_repeat
    return across if column == 1 else "stretch", down if row == 1 else "stretch"


def _scales(
    row: int, column: int, from_x: list[tuple[float, float]], from_y: list[tuple[float, float]],
    to_x: list[tuple[float, float]], to_y: list[tuple[float, float]],
) -> tuple[float, float]:  # fmt: skip
    """How much a tile of a part is scaled (5.4): edges as much along as across, the middle as its neighbours."""
    scale_x = to_x[column][1] / from_x[column][1]
    scale_y = to_y[row][1] / from_y[row][1]
    if column == 1:
        scale_x = _first([(from_y[n][1], to_y[n][1]) for n in ((row,) if row != 1 else (0, 2))])
    if row == 1:
        scale_y = _first([(from_x[n][1], to_x[n][1]) for n in ((column,) if column != 1 else (0, 2))])
    return scale_x, scale_y


def _first(sizes: list[tuple[float, float]]) -> float:
    """The scale of the first edge that there is."""
    for natural, used in sizes:
        if natural > 0 and used > 0:
            return used / natural
    return 1.0


def _part(
    painter: Painter, picture: Picture, size: tuple[float, float], source: _Four, target: _Four,
    scales: tuple[float, float], repeats: tuple[str, str],
) -> None:  # fmt: skip
    """Draw one part: `source` and `target` are (x, width, y, height)."""
    columns = _tiles(target[0], target[1], source[1] * scales[0], repeats[0])
    rows = _tiles(target[2], target[3], source[3] * scales[1], repeats[1])
    if len(columns) * len(rows) > _MOST:
        return
    painter.save()
    painter.rect(target[0], target[2], target[1], target[3])
    painter.clip()
    several = len(columns) * len(rows) > 1
    for y, height in rows:
        for x, width in columns:
            scale_x, scale_y = width / source[1], height / source[3]
            painter.save()
            if several:
                painter.rect(x, y, width, height)
                painter.clip()
            painter.transform((scale_x, 0, 0, scale_y, x - source[0] * scale_x, y - source[2] * scale_y))
            picture.draw(painter, (0.0, 0.0, *size))
            painter.restore()
    painter.restore()


def _tiles(start: float, room: float, size: float, repeat: str) -> list[tuple[float, float]]:
    """Where a part's tiles stand along an axis, and how long each is."""
    if repeat == "stretch" or size <= 0:
        return [(start, room)]
    if repeat == "round":
        count = max(round(room / size), 1)
        return [(start + room / count * n, room / count) for n in range(min(count, _MOST + 1))]
    if repeat == "space":
        count = int((room + 0.001) // size)
        gap = (room - count * size) / (count + 1)
        return [(start + gap + (size + gap) * n, size) for n in range(min(count, _MOST + 1))]
    first = start + (room - size) / 2  # `repeat`: one stands in the middle
    before = max(int((first - start) / size + 0.999), 0)
    first -= before * size
    count = int((start + room - first) / size + 0.999)
    return [(first + size * n, size) for n in range(min(count, _MOST + 1))]
