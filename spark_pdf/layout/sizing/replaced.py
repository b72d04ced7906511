"""Replaced elements: the used size of an image, from its style and intrinsic size (CSS 2.2, 10.3.2, 10.4 and
10.6.2).
"""

from __future__ import annotations

from spark_pdf.layout.boxes import ReplacedBox
from spark_pdf.layout.formatting import BEFORE, EPSILON, BreakToken, Laid, Space, register
from spark_pdf.layout.fragments import BoxFragment, ImageFragment
from spark_pdf.layout.geometry import (
    DEFAULT_HEIGHT,
    DEFAULT_WIDTH,
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
    style = box.style
    edges = edges_of(style, base)
    across, along = (edges.sides, edges.top + edges.bottom) if style.box_sizing == "border-box" else (0.0, 0.0)
    natural_width, natural_height, ratio = box.image.natural
    if style.aspect_ratio != "auto":
        ratio = _preferred(style.aspect_ratio, ratio)
        if not isinstance(style.aspect_ratio, tuple):
            natural_height = None

    def length(value: object, percent: float | None, less: float) -> float | None:
        if type(value) is str or (type(value) is Percentage and percent is None):
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
        if natural_width is None and natural_height is None and ratio and base > 0:
            # 10.3.2: as wide as the containing block lets a block be.
            width = max(base - edges.margin_left - edges.margin_right - edges.sides, 0.0)
            return constrained(width, width / ratio, low, high)
        return constrained(*_automatic(natural_width, natural_height, ratio), low, high)
    if width is None:
        assert height is not None
        height = min(max(height, low[1]), high[1])
        wide = height * ratio if ratio else DEFAULT_WIDTH if natural_width is None else natural_width
        return min(max(wide, low[0]), high[0]), height
    width = min(max(width, low[0]), high[0])
    if height is None:
        height = width / ratio if ratio else DEFAULT_HEIGHT if natural_height is None else natural_height
    return width, min(max(height, low[1]), high[1])


def _preferred(wanted: object, natural: float | None) -> float | None:
    """`aspect-ratio`: a ratio, or with `auto` one for what has none of its own (CSS Sizing 4, 6.1)."""
    if isinstance(wanted, tuple):
        return natural or float(wanted[1]) or None
    return float(wanted) or natural if isinstance(wanted, (int, float)) else natural


def _automatic(width: float | None, height: float | None, ratio: float | None) -> tuple[float, float]:
    """Both sizes auto: the natural ones, what the ratio makes of them, or the default (10.3.2 and 10.6.2)."""
    if width is None and height is None:
        return DEFAULT_WIDTH, DEFAULT_WIDTH / ratio if ratio else DEFAULT_HEIGHT
    if width is None:
        assert height is not None
        return (height * ratio if ratio else DEFAULT_WIDTH), height
    if height is None:
        return width, (width / ratio if ratio else DEFAULT_HEIGHT)
    return width, height


def constrained(
    width: float, height: float, low: tuple[float, float], high: tuple[float, float]
) -> tuple[float, float]:
    """Both sizes auto: the ratio is kept as well as the limits allow (the table of CSS 2.2, 10.4)."""
    (min_width, min_height), (max_width, max_height) = low, high
    if not width or not height:
        return min(max(width, min_width), max_width), min(max(height, min_height), max_height)
    if width > max_width and height > max_height:
        if max_width / width <= max_height / height:
            return max_width, max(min_height, max_width * height / width)
        return max(min_width, max_height * width / height), max_height
    if width < min_width and height < min_height:
        if min_width / width <= min_height / height:
            return min(max_width, min_height * width / height), min_height
        return min_width, min(max_height, min_width * height / width)
    if width < min_width:
        return min_width, max_height if height > max_height else min(min_width * height / width, max_height)
    if width > max_width:
        return max_width, min_height if height < min_height else max(max_width * height / width, min_height)
    if height > max_height:
        return max(max_height * width / height, min_width), max_height
    if height < min_height:
        return min(min_height * width / height, max_width), min_height
    return width, height


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


def replaced_sizes(box: ReplacedBox, percent_height: float | None = None) -> tuple[float, float]:
    """Content contribution: the used width, where percentages of the unknown containing block do not stretch it."""
    edges = edges_of(box.style, 0.0)
    style = box.style
    around = edges.sides + edges.margin_left + edges.margin_right
    if type(style.width) is Percentage or type(style.max_width) is Percentage:
        # CSS Sizing 3, 5.2.2: it can shrink to nothing, and asks for its natural width at most.
        return around, used_size(box, box.image.width, percent_height)[0] + around
    width = used_size(box, 0.0, percent_height)[0] + around
    return width, width


register(ReplacedBox, layout_replaced, replaced_sizes)
