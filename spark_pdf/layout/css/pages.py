"""Page styles: what `@page` rules say of one kind of page. Specification: CSS Paged Media 3.

In: page rules, the root element's style, a page's name and states. Out: a `PageStyle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spark_pdf.layout.css.compute import INITIAL_STYLE, compute_style
from spark_pdf.layout.css.computed import resolve
from spark_pdf.layout.css.declarations import Block
from spark_pdf.layout.css.lengths import Computing
from spark_pdf.layout.css.page_rules import FOOTNOTE, MARGIN_BOXES, PAGE_SIZES, Bleed, Nth, PageRule, PageSize
from spark_pdf.layout.css.wide import Wide
from spark_pdf.layout.style import Style
from spark_pdf.layout.values import Percentage

Sides = tuple[float, float, float, float]
NO_BLEED: Sides = (0.0, 0.0, 0.0, 0.0)
_CROPPED = 8.0
"""`bleed: auto` with crop marks: 6pt (Paged Media 3, 7.4)."""


@dataclass(frozen=True, slots=True, eq=False)
class PageStyle:
    """One kind of page. Sizes and margins in px; `style` has the page's own background, borders and padding.

    `margin_boxes` holds those that generate content, by name ("top-left", ...), in the order of the specification.
    `footnote` is the style of the footnote area, `counts` what the page does to counters before its content is made.
    `bleed`: how far the sheet reaches beyond the page at the top, right, bottom and left; `marks` among crop and cross.
    """

    width: float
    height: float
    margin_top: float
    margin_right: float
    margin_bottom: float
    margin_left: float
    style: Style
    margin_boxes: Mapping[str, Style]
    footnote: Style
    counts: PageCounts
    bleed: Sides = NO_BLEED
    marks: tuple[str, ...] = ()


Pairs = tuple[tuple[str, int], ...]


class PageCounts(NamedTuple):
    """`counter-reset`, `-increment` and `-set` of a page: `page` counts by one unless that is told otherwise, and
    nothing moves `pages` (Paged Media 3, 6.1).
    """

    reset: Pairs
    increment: Pairs
    set: Pairs


class PageUses(NamedTuple):
    """`counters` of the document that margin boxes show, and what pages `reset`."""

    counters: frozenset[str]
    reset: frozenset[str]


def page_uses(rules: Sequence[PageRule]) -> PageUses:
    """What page rules show and reset, on whatever page."""
    blocks = [rule.block for rule in rules]
    touched = {
        name
        for block in blocks
        for attribute, value in (*block.normal, *block.important)
        if attribute in ("counter_reset", "counter_increment", "counter_set") and isinstance(value, tuple)
        for name, _ in value
    }
    reset = {
        name
        for block in blocks
        for attribute, value in (*block.normal, *block.important)
        if attribute in ("counter_reset", "counter_set") and isinstance(value, tuple)
        for name, _ in value
    }
    shown = {
        item[1]
        for rule in rules
        for _, block in rule.margin_boxes
        for attribute, value in (*block.normal, *block.important)
        if attribute == "content" and isinstance(value, tuple)
        for item in value
        if item[0] in ("counter", "counters")
    }
    return PageUses(frozenset(shown - touched - {"page", "pages"}), frozenset(reset))


def page_area(rules: Sequence[PageRule]) -> tuple[float, float]:
    """Width and height within the margins of an ordinary first page; vw and vh are measured by it."""
    page = compute_page(rules, INITIAL_STYLE, "", ("right", "first"), PAGE_SIZES["a4"], boxes=False)
    return _area(page)


def _area(page: PageStyle) -> tuple[float, float]:
    return (
        max(0.0, page.width - page.margin_left - page.margin_right),
        max(0.0, page.height - page.margin_top - page.margin_bottom),
    )


def compute_page(
    rules: Sequence[PageRule],
    inherited: Style,
    name: str,
    states: tuple[str | Nth, ...],
    viewport: tuple[float, float],
    *,
    boxes: bool = True,
) -> PageStyle:
    """Cascade the rules that select the page. `states`: first, left, ..., and the `:nth()`s that select it."""
    matching = _matching(rules, name, states)
    style = compute_style(_winners((rule.origin, rule.block) for rule in matching), inherited, viewport)
    width, height = _size(matching, style, viewport)
    margin_boxes: dict[str, Style] = {}
    for box in MARGIN_BOXES if boxes else ():
        blocks = [(rule.origin, block) for rule in matching for found, block in rule.margin_boxes if found == box]
        box_style = compute_style(_winners(blocks), style, viewport)
        if box_style.content not in ("none", "normal") and box_style.display != "none":
            margin_boxes[box] = _block(box_style)
    notes = [(rule.origin, block) for rule in matching for found, block in rule.margin_boxes if found == FOOTNOTE]
    left, right = _margins(style, "left", "right", "width", width)
    top, bottom = _margins(style, "top", "bottom", "height", height)
    area = compute_style(_winners(notes), style, viewport)
    marks: tuple[str, ...] = next((rule.marks for rule in reversed(matching) if rule.marks is not None), ())
    return PageStyle(
        width, height, top, right, bottom, left, style, margin_boxes, _block(area), _counts(style),
        _bleed(matching, style, viewport, marks), marks,
    )  # fmt: skip


def _block(style: Style) -> Style:
    """A margin box or footnote area is a block container, and painted as one, whatever its display says."""
    return style if style.display == "block" else style.replace(display="block")


def _counts(style: Style) -> PageCounts:
    reset, increment, given = (
        tuple((name, value) for name, value in pairs if name != "pages")
        for pairs in (style.counter_reset, style.counter_increment, style.counter_set)
    )
    if not any(name == "page" for name, _ in increment):
        increment = (("page", 1), *increment)
    return PageCounts(reset, increment, given)


def _matching(rules: Sequence[PageRule], name: str, states: tuple[str | Nth, ...]) -> list[PageRule]:
    """The rules for this page, the strongest last."""
    found = []
    for rule in rules:
        weights = [selector.specificity for selector in rule.selectors if selector.matches(name, states)]
        if weights:
            found.append((rule.origin, max(weights), rule.order, rule))
    found.sort(key=lambda entry: entry[:3])
    return [rule for *_, rule in found]


def _winners(blocks: Iterable[tuple[int, Block]]) -> dict[str, Any]:
    """Normal declarations, then important ones; `revert` goes back to the user agent's."""
    values: dict[str, Any] = {}
    user_agent: dict[str, Any] = {}
    blocks = list(blocks)
    for origin, block in blocks:
        values.update(block.normal)
        if origin == 0:
            user_agent.update(block.normal)
    for _, block in blocks:
        values.update(block.important)
    for attribute, value in values.items():
        if value is Wide.REVERT or value is Wide.REVERT_LAYER:
            values[attribute] = user_agent.get(attribute, Wide.UNSET)
    return values


def _size(rules: Sequence[PageRule], style: Style, viewport: tuple[float, float]) -> tuple[float, float]:
    size: PageSize = next((rule.size for rule in reversed(rules) if rule.size is not None), "auto")
    width, height = PAGE_SIZES["a4"]
    if isinstance(size, str):
        return (height, width) if size == "landscape" else (width, height)
    width, height = resolve(size, Computing(style, viewport))
    return width, height


def _bleed(rules: Sequence[PageRule], style: Style, viewport: tuple[float, float], marks: tuple[str, ...]) -> Sides:
    bleed: Bleed = next((rule.bleed for rule in reversed(rules) if rule.bleed is not None), "auto")
    if isinstance(bleed, str):
        side = _CROPPED if "crop" in marks else 0.0
        return side, side, side, side
    top, right, bottom, left = (max(float(side), 0.0) for side in resolve(bleed, Computing(style, viewport)))
    return top, right, bottom, left


def _margins(style: Style, before: str, after: str, size: str, extent: float) -> tuple[float, float]:
    """px of the margins at both ends of an axis, `width` or `height` heeded (Paged Media 3, 7.3; CSS 2.2, 10.3.3).

    Percentages are of the page's own extent. With a size, `auto` margins share what is left; without, they are 0.
    """
    margins = (getattr(style, f"margin_{before}"), getattr(style, f"margin_{after}"))
    first, last = (0.0 if isinstance(m, str) else _px(m, extent) for m in margins)
    inner = _inner(style, before, after, size, extent)
    if inner is None:
        return first, last
    free = extent - inner - first - last
    autos = margins.count("auto")
    if autos == 2:
        return max(free, 0.0) / 2, max(free, 0.0) / 2
    if margins[0] == "auto":
        return first + free, last
    # Over-constrained, the end's margin gives way.
    return first, last + free


def _inner(style: Style, before: str, after: str, size: str, extent: float) -> float | None:
    """The border-box size that `width` or `height` and their limits give; None where it follows from the margins."""
    given, low, high = (getattr(style, name) for name in (size, f"min_{size}", f"max_{size}"))
    edges = sum(
        _px(getattr(style, f"padding_{side}"), extent) + float(getattr(style, f"border_{side}_width"))
        for side in (before, after)
    )
    extra = 0.0 if style.box_sizing == "border-box" else edges
    inner = None if isinstance(given, str) else _px(given, extent) + extra
    if inner is None and (not isinstance(high, str) or not isinstance(low, str)):
        sides = (getattr(style, f"margin_{before}"), getattr(style, f"margin_{after}"))
        tentative = extent - sum(0.0 if isinstance(m, str) else _px(m, extent) for m in sides)
        over = not isinstance(high, str) and tentative > _px(high, extent) + extra
        under = not isinstance(low, str) and tentative < _px(low, extent) + extra
        inner = tentative if over or under else None
    if inner is not None and not isinstance(high, str):
        inner = min(inner, _px(high, extent) + extra)
    if inner is not None and not isinstance(low, str):
        inner = max(inner, _px(low, extent) + extra)
    return inner


def _px(value: Any, extent: float) -> float:
    return float(value) * extent if type(value) is Percentage else float(value)


def page_sizes(rules: Sequence[PageRule]) -> tuple[float, float, float, float]:
    """Of an ordinary first page, what media queries ask for: width and height with and without its margins."""
    page = compute_page(rules, INITIAL_STYLE, "", ("right", "first"), PAGE_SIZES["a4"], boxes=False)
    return page.width, page.height, *_area(page)
