"""Background images in layers: where each stands, how large, how often (CSS Backgrounds 3, 2).

In: a style, and the areas of its box. Out: calls of a `Painter`. The last layer is at the bottom. A few repetitions are
drawn one by one, many are a tiling pattern (ISO 32000-1, 8.7.3) within a form, so that equal areas are one object at
whatever place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.shapes.outlines import Radii, Rect, inner_radii, inset
from spark_pdf.layout.values import Gradient, Percentage, Url
from spark_pdf.pdf.deflating import DOCUMENT_LEVEL
from spark_pdf.pdf.gradients import paint_gradient
from spark_pdf.pdf.numbers import number, rounded

if TYPE_CHECKING:
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.style import Style
    from spark_pdf.pdf.images import PreparedImage
    from spark_pdf.pdf.painter import Painter
    from spark_pdf.pdf.vectors import Vectors

Prepare = Callable[["Image"], "PreparedImage | None"]
"""Gives the prepared form of an image; None where it cannot be drawn (which is reported by whoever prepares)."""

_ONE_BY_ONE = 24
"""Repetitions up to which each is drawn: a viewer's tiling patterns are less exact."""


class Pictures:
    """The images of one document: `find` by URL, `prepare` bitmaps for drawing, `vectors` draws those that are SVG.

    `page`: the area of the page in the making.
    """

    __slots__ = ("find", "page", "prepare", "vectors")

    def __init__(self, prepare: Prepare, find: Callable[[Url], Image | None], vectors: Vectors | None = None) -> None:
        self.prepare = prepare
        self.find = find
        self.page: Rect = (0.0, 0.0, 0.0, 0.0)
        self.vectors = vectors

    def place(self, painter: Painter, image: Image, rect: Rect) -> None:
        """Draw an image of any kind in a rectangle."""
        if image.vector is not None:
            if self.vectors is not None:
                self.vectors.draw(painter, image, rect)
            return
        prepared = self.prepare(image)
        if prepared is not None:
            place(painter, prepared if image.orientation else prepared._replace(turn=None), rect)


class Areas:
    """The border, padding and content box of one fragment. `covered`: what is painted on, if not one of them."""

    __slots__ = ("_border", "_by", "_radii", "covered")

    def __init__(
        self, border: Rect, widths: tuple[float, float, float, float], paddings: tuple[float, float, float, float],
        radii: Radii | None,
    ) -> None:  # fmt: skip
        self._border = border
        both = tuple([w + p for w, p in zip(widths, paddings, strict=True)])
        self._by: dict[str, tuple[float, ...]] = {"padding-box": widths, "content-box": both}
        self._radii = radii
        self.covered: Rect | None = None

    def rect(self, which: str) -> Rect:
        """A box of the fragment; the border box where another is meant that there is not."""
        by = self._by.get(which)
        return self._border if by is None else inset(self._border, by)

    def radii(self, which: str) -> Radii | None:
        """The radii of a box's corners; None where all are square."""
        by = self._by.get(which)
        return self._radii if by is None or self._radii is None else inner_radii(self._radii, by)


class Picture:
    """One `<image>`, ready to be drawn: a file's, or a gradient. `natural`: width, height and ratio, if it has any."""

    __slots__ = ("_pictures", "gradient", "image", "natural")

    def __init__(self, pictures: Pictures, image: Image | None, gradient: Gradient | None) -> None:
        self._pictures = pictures
        self.image = image
        self.gradient = gradient
        self.natural: tuple[float | None, float | None, float | None] = (None, None, None)
        if image is not None:
            self.natural = image.natural

    def draw(self, painter: Painter, rect: Rect) -> None:
        """Fill a rectangle with it."""
        if self.gradient is not None:
            paint_gradient(painter, self.gradient, rect)
        elif self.image is not None:
            self._pictures.place(painter, self.image, rect)


def picture_of(pictures: Pictures, value: Url | Gradient | None) -> Picture | None:
    """The picture that a value stands for; None where there is nothing to draw."""
    if value is None:
        return None
    if not isinstance(value, Url):
        return Picture(pictures, None, value)
    image = pictures.find(value)
    if image is None or (image.vector is None and pictures.prepare(image) is None):
        return None
    return Picture(pictures, image, None)


def place(painter: Painter, image: PreparedImage, rect: Rect) -> None:
    """Draw an image: it fills the unit square, whose y axis points up."""
    x, y, width, height = rect
    painter.save()
    painter.transform((width, 0, 0, -height, x, y + height))
    if image.turn is not None:
        painter.transform(image.turn)
    painter.out.append(painter.resources.image(image))
    painter.restore()


def paint_layers(painter: Painter, pictures: Pictures, style: Style, areas: Areas, text_clip: bytes = b"") -> None:
    """Paint all layers. `text_clip`: operators that clip to the box's text, where a layer asks for that."""
    values = style.background_image
    for index in range(len(values) - 1, -1, -1):
        picture = picture_of(pictures, values[index])
        if picture is None:
            continue
        clip = layer(style.background_clip, index)
        fixed = layer(style.background_attachment, index) == "fixed"
        origin = pictures.page if fixed else areas.rect(layer(style.background_origin, index))
        area = areas.covered or areas.rect(clip)
        tiling = Tiling(picture, style, index, origin, area)
        if not tiling.seen:
            continue
        painter.save()
        if clip == "text":
            painter.plain()
            painter.out.append(text_clip)
        painter.blend(layer(style.background_blend_mode, index))
        painter.opacity(1.0)
        radii = areas.radii(clip)
        if radii is not None or not tiling.within(area):
            painter.rounded_rect(area, radii)
            painter.clip()
        tiling.draw(painter, picture, area)
        painter.restore()


def layer(values: tuple[Any, ...], index: int) -> Any:
    """Lists of layers repeat until each image has one (CSS Backgrounds 3, 2.3)."""
    return values[index % len(values)]


class _Axis:
    """Repetitions along one axis: where the first starts, how many, how far apart, how long each is."""

    __slots__ = ("count", "first", "size", "step")

    def __init__(self, first: float, count: int, step: float, size: float) -> None:
        self.first = first
        self.count = count
        self.step = step
        self.size = size

    def starts(self) -> list[float]:
        """Where each starts."""
        return [self.first + self.step * n for n in range(self.count)]


class Tiling:
    """Where one layer's image is repeated (CSS Backgrounds 3, 2.4 to 2.9)."""

    __slots__ = ("across", "down", "seen")

    def __init__(self, picture: Picture, style: Style, index: int, origin: Rect, area: Rect) -> None:
        size = layer(style.background_size, index)
        repeat_x, repeat_y = layer(style.background_repeat, index)
        position_x, position_y = layer(style.background_position, index)
        width, height = _size(picture, size, origin)
        if width <= 0.05 or height <= 0.05:
            self.seen = False
            return
        automatic = size if isinstance(size, tuple) else ("", "")
        whole_x = origin[2] / max(round(origin[2] / width), 1) if repeat_x == "round" and origin[2] > 0 else width
        whole_y = origin[3] / max(round(origin[3] / height), 1) if repeat_y == "round" and origin[3] > 0 else height
        if repeat_x == "round" and repeat_y != "round" and automatic[1] == "auto":
            whole_y *= whole_x / width
        elif repeat_y == "round" and repeat_x != "round" and automatic[0] == "auto":
            whole_x *= whole_y / height
        self.across = _axis(origin[0], origin[2], whole_x, repeat_x, position_x, area[0], area[0] + area[2])
        self.down = _axis(origin[1], origin[3], whole_y, repeat_y, position_y, area[1], area[1] + area[3])
        self.seen = self.across.count > 0 and self.down.count > 0

    def within(self, area: Rect) -> bool:
        """Whether nothing reaches out of an area."""
        across, down = self.across, self.down
        end_x = across.first + across.step * (across.count - 1) + across.size
        end_y = down.first + down.step * (down.count - 1) + down.size
        return (
            across.first >= area[0] - 0.005 and end_x <= area[0] + area[2] + 0.005
            and down.first >= area[1] - 0.005 and end_y <= area[1] + area[3] + 0.005
        )  # fmt: skip

    def draw(self, painter: Painter, picture: Picture, area: Rect) -> None:
        """Draw all repetitions."""
        across, down = self.across, self.down
        if across.count * down.count > _ONE_BY_ONE:
            self._pattern(painter, picture, area)
            return
        for y in down.starts():
            for x in across.starts():
                picture.draw(painter, (x, y, across.size, down.size))

    def _pattern(self, painter: Painter, picture: Picture, area: Rect) -> None:
        across, down = self.across, self.down
        cell = painter.nested()
        picture.draw(cell, (0.0, 0.0, across.size, down.size))
        entries = {
            "Type": "/Pattern", "PatternType": 1, "PaintType": 1, "TilingType": 2,
            "BBox": [0, 0, rounded(across.size, 3), rounded(down.size, 3)],
            "XStep": rounded(across.step, 3), "YStep": rounded(down.step, 3),
            "Matrix": [1, 0, 0, 1, rounded(across.first - area[0]), rounded(down.first - area[1])],
            "Resources": painter.resources.reference(painter.writer),
        }  # fmt: skip
        stored = painter.writer.stream(entries, cell.content(), level=DOCUMENT_LEVEL, shared=True)
        name = painter.resources.named("Pattern", "P", stored)
        x, y, width, height = area
        content = b"/Pattern cs /%b scn 0 0 %b %b re f\n" % (name, number(width, 2), number(height, 2))
        form = painter.form(content, (0.0, 0.0, width, height))
        painter.transform((1, 0, 0, 1, x, y))
        painter.out.append(form)


def _size(picture: Picture, size: object, origin: Rect) -> tuple[float, float]:
    """The concrete size of an image (CSS Backgrounds 3, 2.9)."""
    _, _, room_x, room_y = origin
    ratio = picture.natural[2]
    if isinstance(size, str):
        if not ratio:
            return room_x, room_y
        narrow = room_x / ratio <= room_y
        if narrow == (size == "contain"):
            return room_x, room_x / ratio
        return room_y * ratio, room_y
    assert isinstance(size, tuple)
    wanted = [
        None if value == "auto" else value * room if value.__class__ is Percentage else float(value)
        for value, room in zip(size, (room_x, room_y), strict=True)
    ]
    return concrete_size(picture.natural, wanted[0], wanted[1], room_x, room_y)


def concrete_size(
    natural: tuple[float | None, float | None, float | None], wanted_x: float | None, wanted_y: float | None,
    room_x: float, room_y: float,
) -> tuple[float, float]:  # fmt: skip
    """Default sizing: what is not asked for follows from the image, or from the room (CSS Images 3, 4.3)."""
    width, height, ratio = natural
    if wanted_x is None and wanted_y is None:
        if width is None and height is None and ratio:
            return (room_x, room_x / ratio) if room_x / ratio <= room_y else (room_y * ratio, room_y)
        wanted_x, wanted_y = width, height
    if wanted_x is None:
        if wanted_y is None:
            return room_x, room_y
        wanted_x = wanted_y * ratio if ratio else room_x if width is None else width
    elif wanted_y is None:
        wanted_y = wanted_x / ratio if ratio else room_y if height is None else height
    return wanted_x, wanted_y


def _axis(start: float, room: float, size: float, repeat: str, position: Any, low: float, high: float) -> _Axis:
    """The repetitions that touch what lies between `low` and `high`."""
    at = start + position.fraction * (room - size) + position.offset
    if repeat == "no-repeat":
        return _Axis(at, 1 if at < high and at + size > low else 0, size, size)
    step = size
    if repeat == "space":
        count = int((room + 0.001) // size)
        if count < 2:
            return _Axis(at, 1 if at < high and at + size > low else 0, size, size)
        step = (room - size) / (count - 1)
        at = start
    first = at - step * int((at - low) / step + 1) if at > low else at + step * int((low - at) / step)
    while first + size <= low + 0.001:
        first += step
    count = 0 if first >= high else int((high - first - 0.001) / step) + 1
    return _Axis(first, count, step, size)
