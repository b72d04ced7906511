"""Outside markers of list items: where they stand beside the first line (CSS Lists 3, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.fragments import ImageFragment, TextFragment

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.fragments import BoxFragment
    from spark_pdf.layout.geometry import Edges

_GAP = 0.5
"""Distance of an image from the text, in em."""


def place_marker(box: BlockBox, fragment: BoxFragment, edges: Edges, top: float) -> None:
    """Add a list item's marker to its fragment, on the baseline of its first line, or of an empty line where it
    has none.
    """
    marker = box.marker
    assert marker is not None
    metrics, style = marker.metrics, marker.style
    baseline = fragment.baseline
    if baseline is None:
        baseline = top + metrics.above
        fragment.baseline = fragment.last_baseline = baseline
    right = edges.left
    em = style.font_size
    rtl = style.direction == "rtl"
    if style.visibility != "visible":
        return
    if marker.image is not None:
        image = marker.image
        x = fragment.width - edges.right + _GAP * em if rtl else right - _GAP * em - image.width
        picture = ImageFragment(style, box.node, x, baseline - image.height, image.width, image.height, image)
        fragment.children.insert(0, picture)
    elif marker.pieces is not None:
        width = marker.pieces.total
        x = fragment.width - edges.right if rtl else right - width
        text = TextFragment(style, box.node, x, baseline, width, marker.pieces.words)
        text.role = "marker"
        fragment.children.insert(0, text)
