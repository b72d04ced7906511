"""Page styles: what `@page` rules say of one kind of page. Specification: CSS Paged Media 3.

In: page rules, the root element's style, a page's name and states. Out: a `PageStyle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spark_pdf.layout.css.compute import INITIAL_STYLE, compute_style
from spark_pdf.layout.css.computed import resolve
from spark_pdf.layout.css.declarations import Block
from spark_pdf.layout.css.lengths import Computing
from spark_pdf.layout.css.page_rules import MARGIN_BOXES, PAGE_SIZES, PageRule, PageSize
from spark_pdf.layout.css.shorthands import Wide
from spark_pdf.layout.style import Style
from spark_pdf.layout.values import Length, Percentage


@dataclass(frozen=True, slots=True, eq=False)
class PageStyle:
    """One kind of page. Sizes and margins in px; `style` has the page's own background, borders and padding.

    `margin_boxes` holds those that generate content, by name ("top-left", ...), in the order of the specification.
    """

    width: float
    height: float
    margin_top: float
    margin_right: float
    margin_bottom: float
    margin_left: float
    style: Style
    margin_boxes: Mapping[str, Style]


def page_area(rules: Sequence[PageRule]) -> tuple[float, float]:
    """Width and height within the margins of an ordinary first page; vw and vh are measured by it."""
    page = compute_page(rules, INITIAL_STYLE, "", ("right", "first"), PAGE_SIZES["a4"], boxes=False)
    return (
        max(0.0, page.width - page.margin_left - page.margin_right),
        max(0.0, page.height - page.margin_top - page.margin_bottom),
    )


def compute_page(
    rules: Sequence[PageRule],
    inherited: Style,
    name: str,
    states: tuple[str, ...],
    viewport: tuple[float, float],
    *,
    boxes: bool = True,
) -> PageStyle:
    """Cascade the rules that select the page."""
    matching = _matching(rules, name, states)
    style = compute_style(_winners((rule.origin, rule.block) for rule in matching), inherited, viewport)
    width, height = _size(matching, style, viewport)
    margin_boxes: dict[str, Style] = {}
    for box in MARGIN_BOXES if boxes else ():
        blocks = [(rule.origin, block) for rule in matching for found, block in rule.margin_boxes if found == box]
        box_style = compute_style(_winners(blocks), style, viewport)
        if box_style.content not in ("none", "normal") and box_style.display != "none":
            margin_boxes[box] = box_style
    return PageStyle(
        width,
        height,
        _margin(style.margin_top, height),
        _margin(style.margin_right, width),
        _margin(style.margin_bottom, height),
        _margin(style.margin_left, width),
        style,
        margin_boxes,
    )


def _matching(rules: Sequence[PageRule], name: str, states: tuple[str, ...]) -> list[PageRule]:
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
        if value is Wide.REVERT:
            values[attribute] = user_agent.get(attribute, Wide.UNSET)
    return values


def _size(rules: Sequence[PageRule], style: Style, viewport: tuple[float, float]) -> tuple[float, float]:
    size: PageSize = next((rule.size for rule in reversed(rules) if rule.size is not None), "auto")
    width, height = PAGE_SIZES["a4"]
    if isinstance(size, str):
        return (height, width) if size == "landscape" else (width, height)
    width, height = resolve(size, Computing(style, viewport))
    return width, height


def _margin(value: Length, extent: float) -> float:
    """px of a margin; auto is 0, a percentage is of the page's own extent."""
    if isinstance(value, str):
        return 0.0
    return float(value) * extent if type(value) is Percentage else float(value)
