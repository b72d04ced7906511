"""From fragments to operators: walks a page's paint tree in its order and draws what stands in it.

In: `PaintGroup`s of `layout.fragments`, in px. Out: calls of a `Painter`. Decides nothing about where things go:
layout has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.fragments import (
    BoxFragment,
    CellsGround,
    EdgeFragment,
    GroundFragment,
    ImageFragment,
    OutlineFragment,
    PaintGroup,
    TextFragment,
)  # fmt: skip
from spark_pdf.layout.shapes.outlines import Radii, Rect, inner_radii, used_radii
from spark_pdf.pdf.backgrounds import Pictures, Prepare, concrete_size
from spark_pdf.pdf.borders import paint_edge
from spark_pdf.pdf.boxes import box_paint, paddings_of, paint_box, paint_cells_ground, paint_ground, paint_outline
from spark_pdf.pdf.painter import Painter
from spark_pdf.pdf.textdrawing import draw_text

if TYPE_CHECKING:
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Url
    from spark_pdf.pdf.vectors import Vectors

ISOLATED = {"I": True}
"""What a stacking context paints meets what is below it as a whole (Compositing 1, 3.3; ISO 32000-1, 11.6.6)."""


class Drawing:
    """Draws paint groups of one document. `background` finds the image of a `background-image` URL."""

    __slots__ = ("pictures",)

    def __init__(
        self, prepare: Prepare, background: Callable[[Url], Image | None], vectors: Vectors | None = None
    ) -> None:
        self.pictures = Pictures(prepare, background, vectors)

    def group(self, painter: Painter, group: PaintGroup) -> None:
        """Draw a group under its own opacity, transform and clip."""
        if group.opacity <= 0:
            return
        apart = group.opacity < 1 or group.isolated or group.blend != "normal"
        if not apart and group.transform is None and group.clip is None and group.outline is None:
            self.items(painter, group)
            return
        painter.save()
        if group.transform is not None:
            painter.transform(group.transform)
        if group.clip is not None:
            painter.rect(*group.clip)
            painter.clip()
        if group.outline is not None:
            painter.path(group.outline.segments)
            painter.clip(b"W* n\n" if group.outline.rule == "evenodd" else b"W n\n")
        if apart:
            painter.plain()
            painter.opacity(group.opacity)
            painter.blend(group.blend)
            inner = painter.nested()
            self.items(inner, group)
            painter.out.append(painter.form(inner.content(), group=ISOLATED))
        else:
            self.items(painter, group)
        painter.restore()

    def items(self, painter: Painter, group: PaintGroup) -> None:
        """Draw a group's items in order."""
        for item in group.items:
            if isinstance(item, PaintGroup):
                self.group(painter, item)
                continue
            fragment: Any = item.fragment
            x, y = item.x, item.y
            kind = type(fragment)
            if kind is TextFragment:
                draw_text(painter, fragment, x, y)
            elif kind is BoxFragment:
                paint = box_paint(fragment.style)
                if paint is not None:
                    paint_box(painter, self.pictures, fragment, paint, x, y)
            elif kind is ImageFragment:
                self._image(painter, fragment, x, y)
            elif kind is EdgeFragment:
                rect = (x, y, fragment.width, fragment.height)
                paint_edge(painter, rect, fragment.line, fragment.color, fragment.horizontal)
            elif kind is GroundFragment:
                paint_ground(painter, self.pictures, fragment, x, y)
            elif kind is CellsGround:
                paint_cells_ground(painter, self.pictures, fragment, x, y)
            elif kind is OutlineFragment:
                paint_outline(painter, fragment, x, y)

    def _image(self, painter: Painter, fragment: ImageFragment, x: float, y: float) -> None:
        style = fragment.style
        if style.visibility != "visible" or fragment.width <= 0 or fragment.height <= 0:
            return
        box = (x, y, fragment.width, fragment.height)
        target = _fitted(fragment, box)
        painter.end_text()
        painter.opacity(1.0)
        radii = _image_radii(style, fragment)
        clipped = radii is not None or (target != box and not _within(target, box))
        if clipped:
            painter.save()
            painter.rounded_rect(box, radii)
            painter.clip()
        self.pictures.place(painter, fragment.image, target)
        if clipped:
            painter.restore()


def _image_radii(style: Style, fragment: ImageFragment) -> Radii | None:
    """Rounded corners cut a replaced element's content at the edge of its content box (CSS Backgrounds 3, 4.3)."""
    corners = (
        style.border_top_left_radius, style.border_top_right_radius,
        style.border_bottom_right_radius, style.border_bottom_left_radius,
    )  # fmt: skip
    if not any(a > 0 and b > 0 for a, b in corners):
        return None
    paddings = paddings_of(style, fragment.width)
    widths = (style.border_top_width, style.border_right_width, style.border_bottom_width, style.border_left_width)
    by = tuple(w + p for w, p in zip(widths, paddings, strict=True))
    used = used_radii(corners, fragment.width + by[1] + by[3], fragment.height + by[0] + by[2])
    return None if used is None else inner_radii(used, by)


def _fitted(fragment: ImageFragment, box: Rect) -> Rect:
    """Where the image goes in its box (CSS Images 3, 5.5)."""
    fit = fragment.style.object_fit
    natural = fragment.image.natural
    x, y, width, height = box
    ratio = natural[2]
    if fit == "fill" or (not ratio and fit in ("contain", "cover")):
        return box
    shown_width, shown_height = concrete_size(natural, None, None, width, height)
    if shown_width <= 0 or shown_height <= 0:
        return box
    if fit != "none" and ratio:
        scale = max(width / shown_width, height / shown_height) if fit == "cover" else min(
            width / shown_width, height / shown_height
        )  # fmt: skip
        if fit != "scale-down" or scale < 1:
            shown_width, shown_height = shown_width * scale, shown_height * scale
    across, down = fragment.style.object_position
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
