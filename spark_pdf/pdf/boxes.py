"""What is painted around one box: background, borders, in that order (CSS Backgrounds 3).

In: a box fragment and where it stands. Out: calls of a `Painter`. What a style's backgrounds and borders come to is
remembered in `Style.derived`, so that a box asks for no property.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.shapes import Radii, used_radii
from spark_pdf.layout.values import Percentage
from spark_pdf.pdf.backgrounds import Areas, Pictures, paint_layers
from spark_pdf.pdf.borders import Side, Sides, paint_borders

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import GroundFragment
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Color
    from spark_pdf.pdf.painter import Painter

_PAINT = "pdf.paint"


class BoxPaint:
    """What a style paints around a box, with nothing that depends on the box's size. `plain`: a colour alone."""

    __slots__ = ("background", "clip", "corners", "layers", "plain", "sides")

    def __init__(self, style: Style) -> None:
        self.background: Color | None = style.background_color if style.background_color.alpha > 0 else None
        self.layers = any(style.background_image)
        self.clip: str = style.background_clip[-1] if style.background_clip else "border-box"
        sides = (
            Side(style.border_top_width, style.border_top_style, style.border_top_color),
            Side(style.border_right_width, style.border_right_style, style.border_right_color),
            Side(style.border_bottom_width, style.border_bottom_style, style.border_bottom_color),
            Side(style.border_left_width, style.border_left_style, style.border_left_color),
        )
        self.sides: Sides | None = sides if any(side.width > 0 for side in sides) else None
        corners = (
            style.border_top_left_radius, style.border_top_right_radius,
            style.border_bottom_right_radius, style.border_bottom_left_radius,
        )  # fmt: skip
        self.corners = corners if any(a > 0 and b > 0 for a, b in corners) else None
        self.plain = not self.layers and self.sides is None and self.corners is None and self.clip == "border-box"

    @property
    def seen(self) -> bool:
        """Whether there is anything to paint."""
        return bool(self.background or self.layers or (self.sides and any(side.shown for side in self.sides)))


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
    box = (x, y, fragment.width, fragment.height)
    radii = radii_of(paint.corners, fragment) if paint.corners is not None else None
    sides = paint.sides if fragment.borders else None
    if sides is not None and (fragment.open_top or fragment.open_bottom or fragment.open_left or fragment.open_right):
        sides = _open(sides, fragment)
    areas = Areas(box, _widths(sides), paddings_of(fragment.style, fragment.width), radii)
    if paint.background is not None:
        painter.fill_color(paint.background)
        painter.end_text()
        painter.rounded_rect(areas.rect(paint.clip), areas.radii(paint.clip))
        painter.out.append(b"f\n")
    if paint.layers:
        paint_layers(painter, pictures, fragment.style, areas)
    if sides is not None:
        paint_borders(painter, box, sides, radii)


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
        areas = Areas((x + left, y + top, width, height), (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0), None)
        areas.covered = (x, y, ground.width, ground.height)
        paint_layers(painter, pictures, ground.style, areas)


def radii_of(corners: tuple[tuple[float, float], ...], fragment: BoxFragment) -> Radii | None:
    """The used radii of a box."""
    open_at = (
        fragment.open_top or fragment.open_left, fragment.open_top or fragment.open_right,
        fragment.open_bottom or fragment.open_right, fragment.open_bottom or fragment.open_left,
    )  # fmt: skip
    return used_radii(corners, fragment.width, fragment.height, open_at)


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


def paddings_of(style: Style, width: float) -> tuple[float, float, float, float]:
    """Paddings in px; a percentage is of the containing block, for which the box's own width stands here."""
    values = (style.padding_top, style.padding_right, style.padding_bottom, style.padding_left)
    top, right, bottom, left = (v * width if type(v) is Percentage else float(v) for v in values)
    return top, right, bottom, left
