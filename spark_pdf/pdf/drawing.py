"""From fragments to operators: walks a page's paint tree in its order and draws what stands in it.

In: `PaintGroup`s of `layout.fragments`, in px. Out: calls of a `Painter`. Decides nothing about where things go:
layout has. What a style's backgrounds and borders come to is remembered in `Style.derived`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.fragments import (
    BoxFragment,
    BulletFragment,
    EdgeFragment,
    ImageFragment,
    PaintGroup,
    TextFragment,
)  # fmt: skip
from spark_pdf.layout.values import Percentage
from spark_pdf.pdf.borders import Side, Sides, inner_radii, inset, paint_borders, paint_edge
from spark_pdf.pdf.images import PreparedImage
from spark_pdf.pdf.painter import Painter, Radii, Rect
from spark_pdf.pdf.textdrawing import draw_text

if TYPE_CHECKING:
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Url

Prepare = Callable[["Image"], PreparedImage | None]
"""Gives the prepared form of an image; None where it cannot be drawn (which is reported by whoever prepares)."""

_PAINT = "pdf.paint"


class BoxPaint:
    """What a style paints around a box, with nothing that depends on the box's size."""

    __slots__ = ("background", "clip", "layers", "radii", "sides")

    def __init__(self, style: Style) -> None:
        self.background = style.background_color if style.background_color.alpha > 0 else None
        self.layers = any(style.background_image)
        self.clip = style.background_clip[-1] if style.background_clip else "border-box"
        sides = (
            Side(style.border_top_width, style.border_top_style, style.border_top_color),
            Side(style.border_right_width, style.border_right_style, style.border_right_color),
            Side(style.border_bottom_width, style.border_bottom_style, style.border_bottom_color),
            Side(style.border_left_width, style.border_left_style, style.border_left_color),
        )
        self.sides: Sides | None = sides if any(side.shown for side in sides) else None
        corners = (
            style.border_top_left_radius, style.border_top_right_radius,
            style.border_bottom_right_radius, style.border_bottom_left_radius,
        )  # fmt: skip
        self.radii = corners if any(a > 0 and b > 0 for a, b in corners) else None


def box_paint(style: Style) -> BoxPaint | None:
    """What the style paints, or None where that is nothing: of most boxes."""
    derived = style.derived
    if derived is None:
        derived = style.derived = {}
    if _PAINT in derived:
        return derived[_PAINT]  # type: ignore[no-any-return]
    paint: BoxPaint | None = BoxPaint(style)
    if style.visibility != "visible" or not (paint.background or paint.layers or paint.sides):  # type: ignore[union-attr]
        paint = None
    derived[_PAINT] = paint
    return paint


class Drawing:
    """Draws paint groups of one document. `background` finds the image of a `background-image` URL."""

    __slots__ = ("_background", "_prepare")

    def __init__(self, prepare: Prepare, background: Callable[[Url], Image | None]) -> None:
        self._prepare = prepare
        self._background = background

    def group(self, painter: Painter, group: PaintGroup) -> None:
        """Draw a group under its own opacity, transform and clip."""
        if group.opacity >= 1 and group.transform is None and group.clip is None:
            self.items(painter, group)
            return
        if group.opacity <= 0:
            return
        painter.save()
        if group.transform is not None:
            painter.transform(group.transform)
        if group.clip is not None:
            painter.rect(*group.clip)
            painter.clip()
        if group.opacity < 1:
            painter.opacity(group.opacity)
            inner = painter.nested()
            self.items(inner, group)
            painter.out.append(painter.form(inner.content()))
        else:
            self.items(painter, group)
        painter.restore()

    def items(self, painter: Painter, group: PaintGroup) -> None:
        """Draw a group's items in order."""
        for item in group.items:
            if type(item) is PaintGroup:
                self.group(painter, item)
                continue
            fragment: Any
            fragment, x, y = item  # type: ignore[misc]
            kind = type(fragment)
            if kind is TextFragment:
                draw_text(painter, fragment, x, y)
            elif kind is BoxFragment:
                paint = box_paint(fragment.style)
                if paint is not None:
                    self._box(painter, fragment, paint, x, y)
            elif kind is ImageFragment:
                self._image(painter, fragment, x, y)
            elif kind is EdgeFragment:
                rect = (x, y, fragment.width, fragment.height)
                paint_edge(painter, rect, fragment.line, fragment.color, fragment.horizontal)
            elif kind is BulletFragment:
                _bullet(painter, fragment, x, y)

    def _box(self, painter: Painter, fragment: BoxFragment, paint: BoxPaint, x: float, y: float) -> None:
        box = (x, y, fragment.width, fragment.height)
        radii = _used_radii(paint.radii, fragment) if paint.radii else None
        sides = paint.sides if fragment.borders else None
        if sides is not None and (
            fragment.open_top or fragment.open_bottom or fragment.open_left or fragment.open_right
        ):
            sides = _open(sides, fragment)
        if paint.background is not None:
            painter.fill_color(paint.background)
            if radii is None and paint.clip == "border-box":
                painter.fill_rect(*box)
            else:
                area, corners = _clipped(box, radii, fragment.style, sides, paint.clip)
                painter.end_text()
                painter.rounded_rect(area, corners or _SQUARE)
                painter.out.append(b"f\n")
        if paint.layers:
            self._layers(painter, fragment.style, box, sides, radii)
        if sides is not None:
            paint_borders(painter, box, sides, radii)

    def _layers(self, painter: Painter, style: Style, box: Rect, sides: Sides | None, radii: Radii | None) -> None:
        """Background images, the last layer at the bottom (CSS Backgrounds 3, section 3)."""
        urls = style.background_image
        for index in range(len(urls) - 1, -1, -1):
            url = urls[index]
            image = self._background(url) if url is not None else None
            prepared = self._prepare(image) if image is not None else None
            if image is None or prepared is None:
                continue
            origin = _area(box, style, sides, _layer(style.background_origin, index))
            area, corners = _clipped(box, radii, style, sides, _layer(style.background_clip, index))
            painter.save()
            painter.rounded_rect(area, corners or _SQUARE)
            painter.clip()
            painter.opacity(1.0)
            for tile in _tiles(image, style, index, origin, area):
                _place(painter, prepared, tile)
            painter.restore()

    def _image(self, painter: Painter, fragment: ImageFragment, x: float, y: float) -> None:
        style = fragment.style
        if style.visibility != "visible" or fragment.width <= 0 or fragment.height <= 0:
            return
        prepared = self._prepare(fragment.image)
        if prepared is None:
            return
        box = (x, y, fragment.width, fragment.height)
        target = _fitted(fragment, box)
        painter.end_text()
        painter.opacity(1.0)
        radii = box_paint_radii(style, fragment)
        clipped = radii is not None or (target != box and not _within(target, box))
        if clipped:
            painter.save()
            painter.rounded_rect(box, radii or _SQUARE)
            painter.clip()
        _place(painter, prepared, target)
        if clipped:
            painter.restore()


_SQUARE: Radii = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))


def _place(painter: Painter, image: PreparedImage, rect: Rect) -> None:
    """An image fills the unit square, whose y axis points up."""
    x, y, width, height = rect
    painter.save()
    painter.transform((width, 0, 0, -height, x, y + height))
    if image.turn is not None:
        painter.transform(image.turn)
    painter.out.append(painter.resources.image(image))
    painter.restore()


def _layer(values: tuple[Any, ...], index: int) -> Any:
    """Lists of layers repeat until each image has one (CSS Backgrounds 3, 2.3)."""
    return values[index % len(values)]


def _open(sides: Sides, fragment: BoxFragment) -> Sides:
    """`box-decoration-break: slice`: no border where the box goes on on another page or line."""
    top, right, bottom, left = sides
    return (
        top._replace(width=0.0) if fragment.open_top else top,
        right._replace(width=0.0) if fragment.open_right else right,
        bottom._replace(width=0.0) if fragment.open_bottom else bottom,
        left._replace(width=0.0) if fragment.open_left else left,
    )


def _widths(sides: Sides | None) -> tuple[float, float, float, float]:
    if sides is None:
        return 0.0, 0.0, 0.0, 0.0
    return sides[0].width, sides[1].width, sides[2].width, sides[3].width


def _paddings(style: Style, width: float) -> tuple[float, float, float, float]:
    """Paddings in px; a percentage is of the containing block, for which the box's own width stands here."""
    values = (style.padding_top, style.padding_right, style.padding_bottom, style.padding_left)
    top, right, bottom, left = (v * width if type(v) is Percentage else float(v) for v in values)
    return top, right, bottom, left


def _area(box: Rect, style: Style, sides: Sides | None, which: str) -> Rect:
    if which == "border-box":
        return box
    area = inset(box, _widths(sides))
    return area if which == "padding-box" else inset(area, _paddings(style, box[2]))


def _clipped(
    box: Rect, radii: Radii | None, style: Style, sides: Sides | None, which: str
) -> tuple[Rect, Radii | None]:
    area = _area(box, style, sides, which)
    if radii is None or which == "border-box":
        return area, radii
    by = (area[1] - box[1], box[0] + box[2] - area[0] - area[2], box[1] + box[3] - area[1] - area[3], area[0] - box[0])
    return area, inner_radii(radii, by)


def _used_radii(radii: Radii, fragment: BoxFragment | ImageFragment) -> Radii:
    """Radii in px, scaled down where they would overlap (CSS Backgrounds 3, 5.5), none at open sides."""
    width, height = fragment.width, fragment.height
    px = [
        (h * width if type(h) is Percentage else float(h), v * height if type(v) is Percentage else float(v))
        for h, v in radii
    ]
    if type(fragment) is BoxFragment:
        open_at = (
            fragment.open_top or fragment.open_left, fragment.open_top or fragment.open_right,
            fragment.open_bottom or fragment.open_right, fragment.open_bottom or fragment.open_left,
        )  # fmt: skip
        px = [(0.0, 0.0) if is_open else corner for corner, is_open in zip(px, open_at, strict=True)]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = px
    sums = ((ax + bx, width), (cx + dx, width), (ay + dy, height), (by + cy, height))
    factor = min([1.0, *[room / total for total, room in sums if total > room > 0]])
    return tuple((h * factor, v * factor) for h, v in px)  # type: ignore[return-value]


def box_paint_radii(style: Style, fragment: ImageFragment) -> Radii | None:
    """Rounded corners cut a replaced element's content, too."""
    corners = (
        style.border_top_left_radius, style.border_top_right_radius,
        style.border_bottom_right_radius, style.border_bottom_left_radius,
    )  # fmt: skip
    if not any(a > 0 and b > 0 for a, b in corners):
        return None
    used = _used_radii(corners, fragment)
    widths = (style.border_top_width, style.border_right_width, style.border_bottom_width, style.border_left_width)
    return inner_radii(used, widths)


def _fitted(fragment: ImageFragment, box: Rect) -> Rect:
    """Where the image goes in its box (CSS Images 3, 5.5)."""
    fit = fragment.style.object_fit
    natural_width, natural_height = float(fragment.image.width), float(fragment.image.height)
    if fit == "fill" or natural_width <= 0 or natural_height <= 0:
        return box
    x, y, width, height = box
    contain = min(width / natural_width, height / natural_height)
    scales = {
        "contain": contain, "cover": max(width / natural_width, height / natural_height), "none": 1.0,
        "scale-down": min(1.0, contain),
    }  # fmt: skip
    scale = scales.get(fit, 1.0)
    across, down = fragment.style.object_position
    shown_width, shown_height = natural_width * scale, natural_height * scale
    return (
        x + across.fraction * (width - shown_width) + across.offset,
        y + down.fraction * (height - shown_height) + down.offset,
        shown_width,
        shown_height,
    )


def _within(inner: Rect, outer: Rect) -> bool:
    slack = 0.01
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[0] + inner[2] <= outer[0] + outer[2] + slack
        and inner[1] + inner[3] <= outer[1] + outer[3] + slack
    )


_MOST_TILES = 5000
"""Tiles of one background layer; more would be a pattern finer than a page shows."""


def _tiles(image: Image, style: Style, index: int, origin: Rect, area: Rect) -> list[Rect]:
    """Where a background image is repeated (CSS Backgrounds 3, 3.4 to 3.9)."""
    width, height = _background_size(image, _layer(style.background_size, index), origin)
    if width <= 0.1 or height <= 0.1:
        return []
    repeat_x, repeat_y = _layer(style.background_repeat, index)
    across, down = _layer(style.background_position, index)
    starts_x, width = _axis(origin[0], origin[2], width, repeat_x, across, area[0], area[0] + area[2])
    starts_y, height = _axis(origin[1], origin[3], height, repeat_y, down, area[1], area[1] + area[3])
    if len(starts_x) * len(starts_y) > _MOST_TILES:
        return []
    return [(x, y, width, height) for y in starts_y for x in starts_x]


def _background_size(image: Image, size: object, origin: Rect) -> tuple[float, float]:
    natural_width, natural_height = float(image.width), float(image.height)
    if natural_width <= 0 or natural_height <= 0:
        return 0.0, 0.0
    if isinstance(size, str):
        pick = min if size == "contain" else max
        scale = pick(origin[2] / natural_width, origin[3] / natural_height)
        return natural_width * scale, natural_height * scale
    assert isinstance(size, tuple)
    wanted_width, wanted_height = (
        None if value == "auto" else float(value) * room if type(value) is Percentage else float(value)
        for value, room in zip(size, origin[2:], strict=True)
    )
    if wanted_width is None and wanted_height is None:
        return natural_width, natural_height
    if wanted_width is None:
        assert wanted_height is not None
        return wanted_height * natural_width / natural_height, wanted_height
    if wanted_height is None:
        return wanted_width, wanted_width * natural_height / natural_width
    return wanted_width, wanted_height


def _axis(
    start: float, room: float, size: float, repeat: str, position: object, low: float, high: float
) -> tuple[list[float], float]:
    """Starts of the tiles along one axis, and their size (`round` changes it)."""
    if repeat == "round" and room > 0:
        size = room / max(round(room / size), 1)
    at = start + position.fraction * (room - size) + position.offset  # type: ignore[attr-defined]
    if repeat == "no-repeat":
        return [at], size
    step = size
    if repeat == "space":
        count = int(room // size)
        if count < 2:
            return [at], size
        step = (room - size) / (count - 1)
        at = start
    first = at - step * max(int((at - low) // step) + 1, 0) if at > low else at + step * int((low - at) // step)
    count = min(int((high - first) // step) + 1, _MOST_TILES + 1)
    return [first + step * n for n in range(count)], size


def _bullet(painter: Painter, fragment: BulletFragment, x: float, y: float) -> None:
    painter.end_text()
    if fragment.kind == "square":
        painter.fill_color(fragment.color)
        painter.fill_rect(x, y, fragment.width, fragment.height)
    elif fragment.kind == "circle":
        line = max(fragment.width / 8, 0.5)
        painter.stroke_color(fragment.color)
        painter.line(line)
        painter.ellipse(x + line / 2, y + line / 2, fragment.width - line, fragment.height - line)
        painter.out.append(b"S\n")
    else:
        painter.fill_color(fragment.color)
        painter.ellipse(x, y, fragment.width, fragment.height)
        painter.out.append(b"f\n")
