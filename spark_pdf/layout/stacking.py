"""How a style takes part in painting, decided once for each: what makes a box a stacking context, a layer, a clip.

In: a `Style`. Out: a `Look`, kept in `Style.derived`. CSS 2.2, 9.9.1 and appendix E; CSS Transforms 2, 3; Compositing
1, 3.2; CSS Masking 1, 5.2; CSS Flexbox 1, 5.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import paints, paints_background
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.shapes import Matrix, Outline, Radii, used_radii

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
    """

    __slots__ = (
        "atomic", "blend", "clips", "floats", "ground", "grouped", "holds_items", "inline", "isolated", "opacity",
        "outlined", "paints", "plain", "positioned", "shape", "stacks", "style", "transformed", "z",
    )  # fmt: skip

    def __init__(self, style: Style) -> None:
        display = style.display
        ground = display in _GROUNDS
        self.style = style
        self.ground = paints_background(style)
        self.paints = self.ground if ground else paints(style)
        self.inline = display == "inline"
        self.atomic = display in _ATOMIC
        self.holds_items = display in _GRIDS
        self.positioned = style.position in ("relative", "absolute", "fixed", "sticky") and not ground
        self.floats = style.float_ in ("left", "right") and not self.positioned
        self.clips = (style.overflow_x != "visible" or style.overflow_y != "visible") and not self.inline and not ground
        self.z = style.z_index if isinstance(style.z_index, int) else None
        self.opacity = 1.0 if ground else style.opacity
        self.transformed = False
        self.blend = "normal"
        self.isolated = False
        self.shape: object | None = None
        self.outlined = False
        self.grouped = self.opacity < 1 or self.transformed or self.blend != "normal" or self.shape is not None
        self.stacks = not ground and (
            self.grouped or self.isolated or (self.positioned and self.z is not None)
            or style.position in ("fixed", "sticky")
        )  # fmt: skip
        self.plain = not (self.stacks or self.positioned or self.floats or self.clips or self.atomic or self.outlined)

    def matrix(self, x: float, y: float, width: float, height: float) -> Matrix | None:
        """The transform of a box at (x, y), in the page's coordinates."""
        return None

    def clip_path(self, x: float, y: float, width: float, height: float) -> Outline | None:
        """The outline of `clip-path`."""
        return None


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
