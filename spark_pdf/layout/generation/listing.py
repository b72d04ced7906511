"""List items: their numbers and their markers (CSS Lists 3; HTML, 4.4.5 and 4.4.8).

In: an element whose `display` is `list-item`, its style, the counters. Out: the counter's value where HTML decides it,
and the marker: beside the box, or the first inline box in it. `::marker` may say how it looks and what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.boxes import BlockBox, Marker, ReplacedBox, anonymous
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation.counters import marker_text
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.inline.bidi import visual_pieces
from spark_pdf.layout.inline.textrun import metrics_of
from spark_pdf.layout.values import Url

if TYPE_CHECKING:
    from spark_pdf.layout.generation.counters import Counters
    from spark_pdf.layout.generation.flow import Flow
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style

NUMBERED = frozenset(("ol", "li"))
"""Elements whose attributes count."""

_FARTHEST = 2_147_483_647
"""Counters may be as large as this (CSS Lists 3, 4.4, lets engines limit them)."""


def number(counters: Counters, element: Element, style: Style) -> None:
    """What `start`, `reversed` and `value` do to the counter `list-item`, once style has counted."""
    values = counters.values("list-item")
    if element.tag == "ol":
        start = _integer(element, "start")
        if "reversed" in element.attributes:
            if start is None:
                start = sum(1 for child in element.children if isinstance(child, Element) and child.tag == "li")
            values[-1] = start + 1
        elif start is not None:
            values[-1] = start - 1
        return
    if style.display != "list-item":
        return
    value = _integer(element, "value")
    if value is not None:
        values[-1] = value
        return
    parent = element.parent
    own = any(name == "list-item" for name, _ in style.counter_increment)
    if parent is not None and parent.tag == "ol" and "reversed" in parent.attributes and not own:
        values[-1] -= 2  # it has been counted upwards


def _integer(element: Element, name: str) -> int | None:
    text = element.attributes.get(name)
    if text is None:
        return None
    try:
        return max(-_FARTHEST, min(int(text.strip()), _FARTHEST))
    except ValueError:
        return None


def make_marker(generator: Generator, box: BlockBox, style: Style, flow: Flow, context: Context) -> None:
    """A list item's marker: outside of the box, or the first inline box in it."""
    own = _marker_style(generator, box, style)
    if own is not None and own.content == "none":
        return
    if own is not None and isinstance(own.content, tuple):
        _content_marker(generator, box, style, own, flow, context)
        return
    kind = style.list_style_type
    found = style.list_style_image
    image = generator.image(found) if isinstance(found, Url) else None
    if kind == "none" and image is None:
        return
    own = _as_marker(own or anonymous(style, "inline"), style)
    text = marker_text(generator.counters.values("list-item")[-1], kind, generator.stylist.sheets.counter_styles)
    if kind == "disclosure-closed" and style.direction == "rtl":
        text = text.replace("\u25ba", "\u25c4")  # it points where the line goes (Counter Styles 3, 6.1)
    if style.list_style_position == "inside":
        if image is not None:
            flow.atom(ReplacedBox(own, None, image))
        elif text:
            flow.open(own, box.node, "")
            flow.text(text, own, box.node, context._replace(decorations=(), link=""))
            flow.close()
        return
    pieces = None
    if image is None and text:
        pieces = generator.pieces(text, own, context.language, False)
    if pieces is not None and (own.direction == "rtl" or pieces.special):
        pieces = visual_pieces(pieces, own, generator.piece_cache, generator.fonts)
    box.marker = Marker(own, metrics_of(own, generator.fonts), pieces, image)


def _as_marker(own: Style, item: Style) -> Style:
    """What the user-agent style sheet says of markers (CSS Lists 3, 3.1.1): spaces keep their distance, letters their
    case, and figures are as wide as each other, unless `::marker` says otherwise of these.
    """
    kept = derived(own)
    numeric = own.font_variant_numeric
    if numeric == item.font_variant_numeric:
        numeric = ("tabular-nums",)
    key = ("marker", numeric)
    found = kept.get(key)
    if found is None:
        found = kept[key] = own.replace(
            white_space="pre", white_space_collapse="preserve", text_wrap_mode="nowrap", text_transform="none",
            font_variant_numeric=numeric,
        )  # fmt: skip
        derived(found)["marker"] = True  # so it is told from other inline boxes
    return found  # type: ignore[return-value]


def _marker_style(generator: Generator, box: BlockBox, style: Style) -> Style | None:
    node = box.node
    if node is None or node.context is None or node.context.pseudo is None:  # type: ignore[attr-defined]
        return None
    return generator.stylist.pseudo_style(node, style, "marker")


def _content_marker(
    generator: Generator, box: BlockBox, style: Style, own: Style, flow: Flow, context: Context
) -> None:
    """A marker that `content` makes."""
    from spark_pdf.layout.generation.flow import Flow

    assert box.node is not None
    below = context._replace(decorations=(), link="")
    own = _as_marker(own, style)
    if style.list_style_position == "inside":
        flow.open(own, box.node, "")
        generator.content(own.content, own, box.node, flow, below)
        flow.close()
        return
    shown = anonymous(own, "block").replace(text_align="start", text_align_last="auto", text_indent=0.0)
    inner = Flow(generator, shown)
    generator.content(own.content, shown, box.node, inner, below)
    holder = BlockBox(shown, None, root=True)
    inner.fill_box(holder)
    if holder.children:
        box.marker = Marker(own, metrics_of(own, generator.fonts), None, None, holder)
