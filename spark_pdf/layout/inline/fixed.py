"""Content sizes of lines whose container has a given height: percentages of it decide how wide images are."""

from __future__ import annotations

from spark_pdf.layout.boxes import BlockBox, Lines
from spark_pdf.layout.geometry import edges_of, specified_height
from spark_pdf.layout.inline.breaking import lines_sizes


def fix_sizes(box: BlockBox) -> None:
    """Where the height is given, atoms whose heights are percentages of it are as wide as these make them."""
    for child in box.children:
        if type(child) is Lines and child.sizes is None and child.simple is None:
            height = specified_height(box.style, edges := box.edges or edges_of(box.style, 0.0), None) or 0.0
            inner = max(height - edges.top - edges.bottom, 0.0)
            child.sizes = lines_sizes(child, inner)
