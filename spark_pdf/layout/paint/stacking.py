"""How a style takes part in painting, decided once for each: what makes a box a stacking context, a layer, a clip.

In: a `Style`. Out: a `Look`, kept in `Style.derived`. CSS 2.2, 9.9.1 and appendix E; CSS Transforms 2, 3; Compositing
1, 3.2; CSS Masking 1, 5.2; CSS Flexbox 1, 5.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import paints, paints_background
from spark_pdf.layout.geometry import derived, resolve
from spark_pdf.layout.paint.clip_shapes import shape_outline
from spark_pdf.layout.paint.transforms import matrix_of
from spark_pdf.layout.shapes.outlines import Matrix, Outline, Radii, Rect, inner_radii, inset, used_radii
from spark_pdf.layout.values import Shape

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import BoxFragment
    from spark_pdf.layout.style import Style

_ATOMIC = ("inline-block", "inline-table", "inline-flex", "inline-grid")
_GRIDS = ("flex", "inline-flex", "grid", "inline-grid")
_GROUNDS = (
    "table-row", "table-row-group", "table-header-group", "table-footer-group", "table-column", "table-column-group",
)  # fmt: skip
"""Boxes that are painted for their backgrounds alone: the table's cells are not in them."""


class Look:
    """What painting asks of a style.

    `plain`: the box is painted in its place with what is around it, and so is all that is in it. `z` is None for auto.
    `stacks`: it makes a stacking context. `grouped`: as one that is transparent, transformed, clipped or blended.
    `whole`: the look where the box is that of an image, or of a table's row with its cells, if that is another: of
    inline boxes only images transform, and a row is mostly a background alone.
    """

    __slots__ = (
        "atomic",
        "blend",
        "clips",
        "floats",
        "ground",
        "grouped",
        "holds_items",
        "inline",
        "isolated",
        "opacity",
        "outlined",
        "paints",
        "plain",
        "positioned",
        "shape",
        "stacks",
        "style",
        "transformed",
        "whole",
        "z",
    )  # fmt: skip

    def __init__(self, style: Style, whole: bool = False) -> None:
        display = style.display
        ground = display in _GROUNDS and not whole
        self.style = style
        # Shadows of cells are seen where borders collapse too: Backgrounds 3, 6.1, says no, all browsers do.
        shadowed = bool(style.box_shadow) and not ground and style.visibility == "visible"
        self.ground = shadowed or paints_background(style)
        self.paints = self.ground if ground else paints(style)
        self.inline = display == "inline"
        self.atomic = display in _ATOMIC
        self.holds_items = display in _GRIDS
        self.positioned = style.position in ("relative", "absolute", "fixed", "sticky") and not ground
        self.floats = style.float_ in ("left", "right") and not self.positioned
        self.clips = (style.overflow_x != "visible" or style.overflow_y != "visible") and not self.inline and not ground
        self.z = style.z_index if isinstance(style.z_index, int) else None
        self.opacity = 1.0 if ground else style.opacity
        self.transformed = is_transformed(style) and not ground and (whole or not self.inline)
        other = (self.inline and is_transformed(style)) or (ground and is_row_layer(style))
        self.whole = Look(style, True) if other and not whole else None
        self.blend = "normal" if ground else style.mix_blend_mode
        self.isolated = style.isolation == "isolate"
        self.shape = style.clip_path if isinstance(style.clip_path, Shape) and not ground else None
        self.outlined = style.outline_width > 0 and style.visibility == "visible" and not ground
        self.grouped = self.opacity < 1 or self.transformed or self.blend != "normal" or self.shape is not None
        self.stacks = not ground and (
            self.grouped or self.isolated or (self.positioned and self.z is not None)
            or style.position in ("fixed", "sticky")
        )  # fmt: skip
        self.plain = not (self.stacks or self.positioned or self.floats or self.clips or self.atomic or self.outlined)

    def matrix(self, box: BoxFragment, x: float, y: float) -> Matrix | None:
        """The transform of a box at (x, y), in the page's coordinates; None where there is none."""
        if not self.transformed:
            return None
        which = "content-box" if self.style.transform_box in ("content-box", "fill-box") else "border-box"
        return matrix_of(self.style, reference_box(box, x, y, which)[0])

    def outline(self, box: BoxFragment, x: float, y: float) -> Outline | None:
        """What `clip-path` leaves of a box at (x, y); None where it clips nothing."""
        shape = self.shape
        if shape is None:
            return None
        rect, by = reference_box(box, x, y, shape.box)
        radii = corners_of(box) if shape.kind == "box" else None
        return shape_outline(shape, rect, None if radii is None else inner_radii(radii, by))


def reference_box(box: BoxFragment, x: float, y: float, which: str) -> tuple[Rect, tuple[float, ...]]:
    """A box of a fragment by its name (CSS Masking 1, 5), and how far its edges lie within the border box."""
    style = box.style
    rect: Rect = (x, y, box.width, box.height)
    by: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    if which in ("padding-box", "content-box", "fill-box"):
        by = (style.border_top_width, style.border_right_width, style.border_bottom_width, style.border_left_width)
        if which != "padding-box":
            paddings = (style.padding_top, style.padding_right, style.padding_bottom, style.padding_left)
            by = tuple([b + resolve(p, box.width) for b, p in zip(by, paddings, strict=True)])
    elif which == "margin-box":
        margins = (style.margin_top, style.margin_right, style.margin_bottom, style.margin_left)
        by = tuple([0.0 if isinstance(m, str) else -resolve(m, box.width) for m in margins])
    return inset(rect, by), by


def is_transformed(style: Style) -> bool:
    """Whether the style transforms its box. What changes nothing still makes a stacking context."""
    return bool(style.transform or style.translate or style.scale or style.rotate)


def is_row_layer(style: Style) -> bool:
    """Whether a table row of this style is painted as one with its cells."""
    return (
        style.opacity < 1 or style.mix_blend_mode != "normal" or style.isolation == "isolate"
        or style.clip_path is not None or is_transformed(style)
    )  # fmt: skip


def look_of(style: Style) -> Look:
    """The look of a style, remembered."""
    kept = derived(style)
    found = kept.get("look")
    if found is None:
        found = kept["look"] = Look(style)
    return found  # type: ignore[return-value]


def corners_of(box: BoxFragment) -> Radii | None:
    """The used radii of a box; None where all corners are square."""
    style = box.style
    corners = (
        style.border_top_left_radius, style.border_top_right_radius,
        style.border_bottom_right_radius, style.border_bottom_left_radius,
    )  # fmt: skip
    open_at = (
        box.open_top or box.open_left, box.open_top or box.open_right,
        box.open_bottom or box.open_right, box.open_bottom or box.open_left,
    )  # fmt: skip
    return used_radii(corners, box.width, box.height, open_at)
