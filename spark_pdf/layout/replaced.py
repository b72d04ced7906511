"""Replaced elements: the used size of an image, from its style and intrinsic size (CSS 2.2, 10.3.2, 10.4 and
10.6.2).
"""

from __future__ import annotations

from spark_pdf.layout.boxes import ReplacedBox
from spark_pdf.layout.formatting import BEFORE, EPSILON, BreakToken, Laid, Space, register
from spark_pdf.layout.fragments import BoxFragment, ImageFragment
from spark_pdf.layout.geometry import (
    Edges,
    aligned,
    clamped_height,
    clamped_width,
    edges_of,
    resolve,
    specified_height,
    specified_width,
)  # fmt: skip
from spark_pdf.layout.values import Percentage


def used_size(box: ReplacedBox, base: float, percent_height: float | None) -> tuple[float, float]:
    """Content width and height. `base`: the containing block's width; percentages of an unknown height are auto."""
    style, image = box.style, box.image
    edges = edges_of(style, base)
    across, along = (edges.sides, edges.top + edges.bottom) if style.box_sizing == "border-box" else (0.0, 0.0)
    ratio = image.width / image.height if image.height else 0.0

    def length(value: object, percent: float | None, less: float) -> float | None:
        if value.__class__ is str or (value.__class__ is Percentage and percent is None):
            return None
        return max(resolve(value, percent or 0.0) - less, 0.0)

    width, height = length(style.width, base, across), length(style.height, percent_height, along)
    low = length(style.min_width, base, across) or 0.0, length(style.min_height, percent_height, along) or 0.0
    high_width, high_height = length(style.max_width, base, across), length(style.max_height, percent_height, along)
    high = (
        max(high_width, low[0]) if high_width is not None else float("inf"),
        max(high_height, low[1]) if high_height is not None else float("inf"),
    )
    if width is None and height is None:
        return _constrained(image.width, image.height, low, high)
    if width is None:
        assert height is not None
        height = min(max(height, low[1]), high[1])
        return min(max(height * ratio, low[0]), high[0]), height
    width = min(max(width, low[0]), high[0])
    if height is None:
        height = width / ratio if ratio else image.height
    return width, min(max(height, low[1]), high[1])


def _constrained(
    width: float, height: float, low: tuple[float, float], high: tuple[float, float]
) -> tuple[float, float]:
    """Both sizes auto: the ratio is kept as well as the limits allow (the table of CSS 2.2, 10.4)."""
    if not width or not height:
        return min(max(width, low[0]), high[0]), min(max(height, low[1]), high[1])
    scale = 1.0
    if width > high[0] or height > high[1]:
        scale = min(high[0] / width, high[1] / height)
    elif width < low[0] or height < low[1]:
        scale = max(low[0] / width, low[1] / height)
    return min(max(width * scale, low[0]), high[0]), min(max(height * scale, low[1]), high[1])


def layout_replaced(box: ReplacedBox, space: Space, resume: BreakToken | None) -> Laid:
    """An image never breaks: it is placed whole, or the break comes before it."""
    edges = edges_of(box.style, space.width)
    width, height = used_size(box, space.width, space.percent_height)
    if space.size is not None or space.extent is not None:
        width, height = _decided(box, edges, space)
    outer = height + edges.top + edges.bottom
    if not space.at_start and outer + space.tail > space.height + EPSILON:
        return None, BEFORE
    x = aligned(box.style, edges, space.width, width + edges.sides)
    return _fragment(box, edges, x, width, height), None


def _decided(box: ReplacedBox, edges: Edges, space: Space) -> tuple[float, float]:
    """Content width and height where the container decides one of them, or both: the other one follows the ratio."""
    style, image = box.style, box.image
    if space.size is not None and space.extent is not None and space.extent >= 0:
        return max(space.size - edges.sides, 0.0), max(space.extent - edges.top - edges.bottom, 0.0)
    if space.size is not None:
        width = max(space.size - edges.sides, 0.0)
        wanted = specified_height(style, edges, space.percent_height) if space.extent is None else None
        if wanted is None:
            wanted = edges.top + edges.bottom + (width * image.height / image.width if image.width else image.height)
        height = clamped_height(style, wanted, edges, space.percent_height) if space.extent is None else wanted
        return width, max(height - edges.top - edges.bottom, 0.0)
    height = max((space.extent or 0.0) - edges.top - edges.bottom, 0.0)
    used = specified_width(style, edges, space.width)
    if used is None:
        wide = height * image.width / image.height if image.height else image.width
        used = clamped_width(style, wide + edges.sides, edges, space.width)
    return max(used - edges.sides, 0.0), height


def _fragment(box: ReplacedBox, edges: Edges, x: float, width: float, height: float) -> BoxFragment:
    outer = BoxFragment(box.style, box.node, x, 0.0, width + edges.sides, height + edges.top + edges.bottom)
    content = ImageFragment(box.style, box.node, edges.left, edges.top, width, height, box.image)
    content.link = box.link
    outer.children.append(content)
    outer.margin_after = (max(edges.margin_bottom, 0.0), min(edges.margin_bottom, 0.0))
    return outer


def replaced_sizes(box: ReplacedBox) -> tuple[float, float]:
    """Content contribution: the used width, where percentages of the unknown containing block do not stretch it."""
    edges = edges_of(box.style, 0.0)
    style = box.style
    if style.width.__class__ is Percentage or style.max_width.__class__ is Percentage:
        # CSS Sizing 3, 5.2.2: it can shrink to nothing, and asks for its natural width at most.
        natural = used_size(box, box.image.width, None)[0] + edges.sides + edges.margin_left + edges.margin_right
        return edges.sides + edges.margin_left + edges.margin_right, natural
    width = used_size(box, 0.0, None)[0] + edges.sides + edges.margin_left + edges.margin_right
    return width, width


register(ReplacedBox, layout_replaced, replaced_sizes)
