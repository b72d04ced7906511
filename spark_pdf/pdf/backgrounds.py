"""Background images in layers: where each stands, how large, how often (CSS Backgrounds 3, 2).

In: a style, and the areas of its box. Out: calls of a `Painter`. The last layer is at the bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.shapes import Radii, Rect, inner_radii, inset
from spark_pdf.layout.values import Percentage, Url

if TYPE_CHECKING:
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.style import Style
    from spark_pdf.pdf.images import PreparedImage
    from spark_pdf.pdf.painter import Painter
    from spark_pdf.pdf.vectors import Vectors

Prepare = Callable[["Image"], "PreparedImage | None"]
"""Gives the prepared form of an image; None where it cannot be drawn (which is reported by whoever prepares)."""

_MOST_TILES = 5000
"""Tiles of one background layer; more would be a pattern finer than a page shows."""


class Pictures:
    """The images of one document: `find` by URL, `prepare` bitmaps for drawing, `vectors` draws those that are SVG."""

    __slots__ = ("find", "prepare", "vectors")

    def __init__(self, prepare: Prepare, find: Callable[[Url], Image | None], vectors: Vectors | None = None) -> None:
        self.prepare = prepare
        self.find = find
        self.vectors = vectors

    def place(self, painter: Painter, image: Image, rect: Rect) -> None:
        """Draw an image of any kind in a rectangle."""
        if image.vector is not None:
            if self.vectors is not None:
                self.vectors.draw(painter, image, rect)
            return
        prepared = self.prepare(image)
        if prepared is not None:
            place(painter, prepared, rect)


class Areas:
    """The border, padding and content box of one fragment. `covered`: what is painted on, if not one of them."""

    __slots__ = ("_border", "_by", "_radii", "covered")

    def __init__(
        self, border: Rect, widths: tuple[float, float, float, float], paddings: tuple[float, float, float, float],
        radii: Radii | None,
    ) -> None:  # fmt: skip
        self._border = border
        both = tuple(w + p for w, p in zip(widths, paddings, strict=True))
        self._by: dict[str, tuple[float, ...]] = {"padding-box": widths, "content-box": both}
        self._radii = radii
        self.covered: Rect | None = None

    def rect(self, which: str) -> Rect:
        """A box of the fragment; `border-box` where another is meant that there is not."""
        by = self._by.get(which)
        return self._border if by is None else inset(self._border, by)

    def radii(self, which: str) -> Radii | None:
        """The radii of a box's corners; None where all are square."""
        by = self._by.get(which)
        return self._radii if by is None or self._radii is None else inner_radii(self._radii, by)


def place(painter: Painter, image: PreparedImage, rect: Rect) -> None:
    """Draw an image: it fills the unit square, whose y axis points up."""
    x, y, width, height = rect
    painter.save()
    painter.transform((width, 0, 0, -height, x, y + height))
    if image.turn is not None:
        painter.transform(image.turn)
    painter.out.append(painter.resources.image(image))
    painter.restore()


def paint_layers(painter: Painter, pictures: Pictures, style: Style, areas: Areas) -> None:
    """Paint all layers."""
    urls = style.background_image
    for index in range(len(urls) - 1, -1, -1):
        url = urls[index]
        image = pictures.find(url) if isinstance(url, Url) else None
        if image is None:
            continue
        clip = _layer(style.background_clip, index)
        origin = areas.rect(_layer(style.background_origin, index))
        area = areas.covered or areas.rect(clip)
        painter.save()
        painter.rounded_rect(area, areas.radii(clip))
        painter.clip()
        painter.opacity(1.0)
        for tile in _tiles(image, style, index, origin, area):
            pictures.place(painter, image, tile)
        painter.restore()


def _layer(values: tuple[Any, ...], index: int) -> Any:
    """Lists of layers repeat until each image has one (CSS Backgrounds 3, 2.3)."""
    return values[index % len(values)]


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
        None if value == "auto" else value * room if type(value) is Percentage else float(value)
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
