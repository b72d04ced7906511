"""Fieldsets: the legend stands in the upper border, which is left out behind it (HTML, 15.3.13).

In: a `FieldsetBox`, whose legend is not among its children. Out: a `FieldsetFragment`, which says where the border is,
and where its gap. The rest is laid out as in any block container, below the legend.
"""

from __future__ import annotations

from spark_pdf.layout.block.block import Block, block_sizes
from spark_pdf.layout.block.floatblock import layout_container
from spark_pdf.layout.boxes import FieldsetBox
from spark_pdf.layout.formatting import BreakToken, Laid, Space, content_sizes, layout, register
from spark_pdf.layout.fragments import BoxFragment, FieldsetFragment
from spark_pdf.layout.geometry import Edges, clamped_height, edges_of, specified_height


def layout_fieldset(box: FieldsetBox, space: Space, resume: BreakToken | None = None) -> Laid:
    """Lay out a fieldset: its legend, and as much of the rest as fits."""
    legend = box.legend
    if legend is None or resume is not None:
        return layout_container(box, space, resume)
    content = Block(box, space, None).content
    shown, _ = layout(legend, Space(content))
    assert shown is not None
    margins, edges = edges_of(legend.style, content), edges_of(box.style, space.width)
    outer = margins.margin_top + shown.height + margins.margin_bottom
    spilled = max(outer - edges.border_top, 0.0)
    height = specified_height(box.style, edges, space.percent_height) if space.extent is None else None
    if height is not None:  # the legend takes its room from what the height gives
        space = space._replace(extent=clamped_height(box.style, height, edges, space.percent_height))
    box.edges = _lowered(edges, spilled)
    fragment, token = layout_container(box, space, None)
    box.edges = None
    if fragment is None:
        return None, token
    shown.x += edges.left
    shown.y = margins.margin_top + max(edges.border_top - outer, 0.0) / 2
    return _framed(fragment, shown, spilled / 2), token


def _lowered(edges: Edges, by: float) -> Edges:
    """The same edges, with room for what the legend needs above the upper border's lower edge."""
    found = Edges(
        (
            edges.margin_top, "auto" if edges.auto_right else edges.margin_right,
            edges.margin_bottom, "auto" if edges.auto_left else edges.margin_left,
        ),
        (edges.border_top, edges.border_right, edges.border_bottom, edges.border_left),
        (
            edges.top - edges.border_top + by, edges.right - edges.border_right,
            edges.bottom - edges.border_bottom, edges.left - edges.border_left,
        ),
    )  # fmt: skip
    found.special = edges.special
    return found


def _framed(box: BoxFragment, legend: BoxFragment, rise: float) -> FieldsetFragment:
    found = FieldsetFragment(box.style, box.node, box.x, box.y, box.width, box.height)
    found.children = [legend, *box.children]
    found.open_bottom, found.link = box.open_bottom, box.link
    found.margin_after, found.baseline, found.last_baseline = box.margin_after, box.baseline, box.last_baseline
    top, bottom = min(legend.y, rise), max(legend.y + legend.height, rise + box.style.border_top_width)
    found.rise, found.gap = rise, (legend.x, top, legend.width, bottom - top)
    return found


def fieldset_sizes(box: FieldsetBox) -> tuple[float, float]:
    """Min-content and max-content contribution: its legend's too."""
    low, high = block_sizes(box)
    if box.legend is None or box.style.width != "auto":
        return low, high
    edges = edges_of(box.style, 0.0)
    around = edges.sides + edges.margin_left + edges.margin_right
    least, most = content_sizes(box.legend)
    return max(low, least + around), max(high, most + around)


register(FieldsetBox, layout_fieldset, fieldset_sizes)
