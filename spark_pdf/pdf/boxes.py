"""What is painted around one box: shadows, background, borders, in that order (CSS Backgrounds 3).

In: a box fragment and where it stands. Out: calls of a `Painter`. What a style's backgrounds and borders come to is
remembered in `Style.derived`, so that a box asks for no property.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.shapes.outlines import Radii, Rect, outer_radii, used_radii
from spark_pdf.layout.values import Dimension, Percentage
from spark_pdf.pdf.backgrounds import Areas, Pictures, paint_layers
from spark_pdf.pdf.border_image import paint_border_image
from spark_pdf.pdf.borders import Side, Sides, paint_borders
from spark_pdf.pdf.shadows import Boxed, paint_inner_shadows, paint_outer_shadows
from spark_pdf.pdf.textdrawing import text_clip

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import CellsGround, GroundFragment, OutlineFragment
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Color
    from spark_pdf.pdf.painter import Painter

_PAINT = "pdf.paint"
_NOTHING = (0.0, 0.0, 0.0, 0.0)


class BoxPaint:
    """What a style paints around a box, with nothing that depends on the box's size. `plain`: a colour alone."""

    __slots__ = (
        "background", "blends", "clip", "clips_text", "corners", "covers", "framed", "inner_shadows", "layers",
        "outer_shadows", "plain", "sides",
    )  # fmt: skip

    def __init__(self, style: Style) -> None:
        self.background: Color | None = style.background_color if style.background_color.alpha > 0 else None
        self.layers = any(style.background_image)
        clips = style.background_clip
        self.clip: str = clips[(max(len(style.background_image), 1) - 1) % len(clips)]  # the last layer's
        self.clips_text = "text" in style.background_clip
        self.blends = self.layers and style.background_blend_mode != ("normal",)
        sides = (
            Side(style.border_top_width, style.border_top_style, style.border_top_color),
            Side(style.border_right_width, style.border_right_style, style.border_right_color),
            Side(style.border_bottom_width, style.border_bottom_style, style.border_bottom_color),
            Side(style.border_left_width, style.border_left_style, style.border_left_color),
        )
        self.sides: Sides | None = sides if any(side.width > 0 for side in sides) else None
        self.framed = style.border_image_source is not None
        corners = (
            style.border_top_left_radius, style.border_top_right_radius,
            style.border_bottom_right_radius, style.border_bottom_left_radius,
        )  # fmt: skip
        self.corners = corners if any(a > 0 and b > 0 for a, b in corners) else None
        self.outer_shadows = any(not shadow.inset for shadow in style.box_shadow)
        self.inner_shadows = any(shadow.inset for shadow in style.box_shadow)
        self.covers = self.clip == "border-box" and style.background_color.alpha >= 1
        self.plain = self.background is not None and not (
            self.layers or self.sides is not None or self.corners is not None or self.clip != "border-box"
            or style.box_shadow or self.framed
        )  # fmt: skip

    @property
    def seen(self) -> bool:
        """Whether there is anything to paint."""
        borders = self.sides is not None and any(side.shown for side in self.sides)
        shadows = self.outer_shadows or self.inner_shadows
        return bool(self.background or self.layers or borders or shadows or self.framed)


def box_paint(style: Style) -> BoxPaint | None:
    """What the style paints, or None where that is nothing: of most boxes."""
    derived = style.derived
    if derived is None:
        derived = style.derived = {}
    if _PAINT in derived:
        return derived[_PAINT]  # type: ignore[no-any-return]
    paint: BoxPaint | None = BoxPaint(style)
    if style.visibility != "visible" or not paint.seen:  # type: ignore[union-attr]
        paint = None
    derived[_PAINT] = paint
    return paint


def paint_box(painter: Painter, pictures: Pictures, fragment: BoxFragment, paint: BoxPaint, x: float, y: float) -> None:
    """Paint a box, its children apart."""
    if paint.plain:
        painter.fill_color(paint.background)  # type: ignore[arg-type]
        painter.fill_rect(x, y, fragment.width, fragment.height)
        return
    style = fragment.style
    box = (x, y, fragment.width, fragment.height)
    radii = radii_of(paint.corners, fragment) if paint.corners is not None else None
    sides = paint.sides if fragment.borders else None
    open_at = (fragment.open_top, fragment.open_right, fragment.open_bottom, fragment.open_left)
    if sides is not None and (open_at[0] or open_at[1] or open_at[2] or open_at[3]):
        sides = _open(sides, open_at)
    areas = Areas(box, _widths(sides), paddings_of(style, fragment.width), radii)
    if paint.outer_shadows:
        paint_outer_shadows(painter, style.box_shadow, Boxed(box, radii, open_at), paint.covers)
    if paint.background is not None or paint.layers:
        _paint_background(painter, pictures, fragment, paint, areas, x, y)
    if paint.inner_shadows:
        inner = Boxed(areas.rect("padding-box"), areas.radii("padding-box"), open_at)
        paint_inner_shadows(painter, style.box_shadow, inner)
    if paint.framed and fragment.borders and paint_border_image(painter, pictures, style, box, _widths(sides)):
        return
    if sides is not None:
        paint_borders(painter, box, sides, radii)


def _paint_background(
    painter: Painter, pictures: Pictures, fragment: BoxFragment, paint: BoxPaint, areas: Areas, x: float, y: float
) -> None:
    clip = text_clip(painter, fragment, x, y) if paint.clips_text else b""
    if not paint.blends:
        _paint_ground(painter, pictures, fragment.style, paint, areas, clip)
        return
    group = painter.nested()  # Compositing 1, 3.4.2: the layers blend with each other, not with what is below
    _paint_ground(group, pictures, fragment.style, paint, areas, clip)
    painter.end_text()
    painter.opacity(1.0)
    painter.out.append(painter.form(group.content(), group={"I": True}))


def _paint_ground(
    painter: Painter, pictures: Pictures, style: Style, paint: BoxPaint, areas: Areas, clip: bytes
) -> None:
    if paint.background is not None:
        painter.end_text()
        if paint.clip == "text":
            painter.save()
            painter.out.append(clip)
        painter.fill_color(paint.background)
        painter.rounded_rect(areas.rect(paint.clip), areas.radii(paint.clip))
        painter.out.append(b"f\n")
        if paint.clip == "text":
            painter.restore()
    if paint.layers:
        paint_layers(painter, pictures, style, areas, clip)


def paint_ground(painter: Painter, pictures: Pictures, ground: GroundFragment, x: float, y: float) -> None:
    """Paint the background of a page or a canvas."""
    paint = box_paint(ground.style)
    if paint is None:
        return
    if paint.background is not None:
        painter.fill_color(paint.background)
        painter.fill_rect(x, y, ground.width, ground.height)
    if paint.layers:
        left, top, width, height = ground.origin
        areas = Areas((x + left, y + top, width, height), _NOTHING, _NOTHING, None)
        areas.covered = (x, y, ground.width, ground.height)
        paint_layers(painter, pictures, ground.style, areas)


def paint_cells_ground(painter: Painter, pictures: Pictures, ground: CellsGround, x: float, y: float) -> None:
    """Paint what is seen of a row's or column's background behind its cells."""
    paint = box_paint(ground.style)
    if paint is None or not ground.parts or not (paint.background or paint.layers):
        return
    painter.end_text()
    if paint.background is not None:
        painter.fill_color(paint.background)
        for left, top, width, height in ground.parts:
            painter.rect(x + left, y + top, width, height)
        painter.out.append(b"f\n")
    if paint.layers:
        painter.save()
        for left, top, width, height in ground.parts:
            painter.rect(x + left, y + top, width, height)
        painter.clip()
        areas = Areas((x, y, ground.width, ground.height), _NOTHING, _NOTHING, None)
        paint_layers(painter, pictures, ground.style, areas)
        painter.restore()


def paint_outline(painter: Painter, fragment: OutlineFragment, x: float, y: float) -> None:
    """Paint an outline: a border around the border box, at a distance (CSS UI 4, 3.2 to 3.5)."""
    style = fragment.style
    line = "solid" if style.outline_style == "auto" else style.outline_style
    side = Side(style.outline_width, line, style.outline_color)
    # 3.5: an inner outline never turns itself inside out.
    by = max(style.outline_offset, -fragment.width / 2, -fragment.height / 2) + side.width
    box: Rect = (x - by, y - by, fragment.width + 2 * by, fragment.height + 2 * by)
    corners = (
        style.border_top_left_radius, style.border_top_right_radius,
        style.border_bottom_right_radius, style.border_bottom_left_radius,
    )  # fmt: skip
    radii = used_radii(corners, fragment.width, fragment.height)
    paint_borders(painter, box, (side, side, side, side), None if radii is None else outer_radii(radii, by))


def radii_of(corners: tuple[tuple[Dimension, Dimension], ...], fragment: BoxFragment) -> Radii | None:
    """The used radii of a box."""
    open_at = (
        fragment.open_top or fragment.open_left, fragment.open_top or fragment.open_right,
        fragment.open_bottom or fragment.open_right, fragment.open_bottom or fragment.open_left,
    )  # fmt: skip
    return used_radii(corners, fragment.width, fragment.height, open_at)


def _open(sides: Sides, open_at: tuple[bool, bool, bool, bool]) -> Sides:
    """`box-decoration-break: slice`: no border where the box goes on on another page or line."""
    top, right, bottom, left = [
        side._replace(width=0.0) if is_open else side for side, is_open in zip(sides, open_at, strict=True)
    ]
    return top, right, bottom, left


def _widths(sides: Sides | None) -> tuple[float, float, float, float]:
    if sides is None:
        return _NOTHING
    return sides[0].width, sides[1].width, sides[2].width, sides[3].width


def paddings_of(style: Style, width: float) -> tuple[float, float, float, float]:
    """Paddings in px; a percentage is of the containing block, for which the box's own width stands here."""
    values = (style.padding_top, style.padding_right, style.padding_bottom, style.padding_left)
    top, right, bottom, left = [v * width if type(v) is Percentage else float(v) for v in values]
    return top, right, bottom, left
