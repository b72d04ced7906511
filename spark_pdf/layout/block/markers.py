"""Outside markers of list items: where they stand beside the first line (CSS Lists 3, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.formatting import Space, layout
from spark_pdf.layout.fragments import ImageFragment, TextFragment

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.fragments import BoxFragment

_GAP = 0.5
"""Distance of an image from the text, in em."""
_ENDLESS = 1e5
"""Room for a marker, px."""


def place_marker(box: BlockBox, fragment: BoxFragment, top: float) -> None:
    """Add a list item's marker to its fragment, outside its border edge, on the baseline of its first line, or of an
    empty line where it has none.
    """
    marker = box.marker
    assert marker is not None
    metrics, style = marker.metrics, marker.style
    baseline = fragment.baseline
    if baseline is None:
        baseline = top + metrics.above
        fragment.baseline = fragment.last_baseline = baseline
    em = style.font_size
    rtl = style.direction == "rtl"
    if style.visibility != "visible":
        return
    if marker.image is not None:
        image = marker.image
        x = fragment.width + _GAP * em if rtl else -_GAP * em - image.width
        picture = ImageFragment(style, box.node, x, baseline - image.height, image.width, image.height, image)
        fragment.children.insert(0, picture)
    elif marker.box is not None:
        laid, _ = layout(marker.box, Space(_ENDLESS, size=_ENDLESS))
        assert laid is not None  # nothing ends the space
        width = laid.width = max((piece.x + piece.width for piece in laid.children), default=0.0)
        laid.x = fragment.width if rtl else -width
        laid.y = baseline - (laid.baseline if laid.baseline is not None else laid.height)
        for piece in laid.children:
            if isinstance(piece, TextFragment):
                piece.role = "marker"
        fragment.children.insert(0, laid)
    elif marker.pieces is not None:
        width = marker.pieces.total
        x = fragment.width if rtl else -width
        text = TextFragment(style, box.node, x, baseline, width, marker.pieces.words)
        text.role = "marker"
        fragment.children.insert(0, text)
