"""What a fieldset paints: its background, and a frame that leaves out what is behind its legend (HTML, 15.3.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import BoxFragment, FieldsetFragment, PaintGroup, Placed
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.shapes.outlines import SQUARE, Outline, rounded_path

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_FAR = 20000.0


def frame_with_gap(box: BoxFragment, x: float, y: float) -> Placed | PaintGroup:
    """A fieldset's own paint; that of other boxes as it is."""
    if not isinstance(box, FieldsetFragment):
        return Placed(box, x, y)
    ground, frame = _part(box, box.style), _part(box, _frame_style(box.style))
    ground.borders = False
    left, top, width, height = box.gap
    around = rounded_path((x - _FAR, y - _FAR, 2 * _FAR, 2 * _FAR), SQUARE)
    behind = rounded_path((x + left, y + top, width, height), SQUARE)
    y += box.rise
    border = PaintGroup([Placed(frame, x, y)], outline=Outline((*around, *behind), "evenodd"))
    return PaintGroup([Placed(ground, x, y), border])


def _part(box: FieldsetFragment, style: Style) -> BoxFragment:
    part = BoxFragment(style, box.node, box.x, box.y + box.rise, box.width, box.height - box.rise)
    part.open_bottom = box.open_bottom
    return part


def _frame_style(style: Style) -> Style:
    """The style of the borders alone."""
    kept = derived(style)
    found = kept.get("frame")
    if found is None:
        color = style.background_color._replace(alpha=0.0)
        found = kept["frame"] = style.replace(background_color=color, background_image=(None,), box_shadow=())
    return found  # type: ignore[return-value]
