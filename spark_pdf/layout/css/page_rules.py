"""`@page` rules. Specification: CSS Paged Media 3.

In: the at-rule. Out: a `PageRule`: what pages it is for, its declarations and size, and those of its margin boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tinycss2

from spark_pdf.layout.css.declarations import Block, Reporter, parse_block
from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.tokens import Token, Tokens, ident, serialize, significant

_MM = 96 / 25.4
PAGE_SIZES: dict[str, tuple[float, float]] = {
    "a3": (297 * _MM, 420 * _MM),
    "a4": (210 * _MM, 297 * _MM),
    "a5": (148 * _MM, 210 * _MM),
    "a6": (105 * _MM, 148 * _MM),
    "b4": (250 * _MM, 353 * _MM),
    "b5": (176 * _MM, 250 * _MM),
    "jis-b4": (257 * _MM, 364 * _MM),
    "jis-b5": (182 * _MM, 257 * _MM),
    "letter": (816.0, 1056.0),
    "legal": (816.0, 1344.0),
    "ledger": (1056.0, 1632.0),
}
MARGIN_BOXES = (
    "top-left-corner", "top-left", "top-center", "top-right", "top-right-corner", "right-top", "right-middle",
    "right-bottom", "bottom-right-corner", "bottom-right", "bottom-center", "bottom-left", "bottom-left-corner",
    "left-bottom", "left-middle", "left-top",
)  # fmt: skip
PageSize = tuple[Specified, Specified] | str
"""(width, height), or "auto", "portrait", "landscape"."""


@dataclass(frozen=True, slots=True)
class PageSelector:
    """Which pages: a name ("" for all) and pseudo-classes among first, blank, left and right."""

    name: str = ""
    pseudos: tuple[str, ...] = ()

    @property
    def specificity(self) -> tuple[int, int, int]:
        """Paged Media 3, 3.2: name, then first and blank, then left and right."""
        sides = sum(pseudo in ("left", "right") for pseudo in self.pseudos)
        return int(bool(self.name)), len(self.pseudos) - sides, sides

    def matches(self, name: str, states: tuple[str, ...]) -> bool:
        """Whether a page of this name is in all the states that are asked for."""
        return (not self.name or self.name == name) and all(pseudo in states for pseudo in self.pseudos)


@dataclass(frozen=True, slots=True, eq=False)
class PageRule:
    """One `@page`. `origin` 0 is the user agent's."""

    selectors: tuple[PageSelector, ...]
    origin: int
    order: int
    block: Block
    size: PageSize | None
    margin_boxes: tuple[tuple[str, Block], ...]


def parse_page_rule(node: Token, reporter: Reporter, origin: int, order: int) -> PageRule | None:
    """Read one `@page`; None, and a warning, if its selector is not supported."""
    selectors = _selectors(node.prelude)
    if selectors is None:
        reporter.warn("unknown_selector", f"'@page {serialize(node.prelude)}' is not supported", node.source_line)
        return None
    size: PageSize | None = None
    boxes: list[tuple[str, Block]] = []
    declarations: list[Any] = []
    for item in tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True):
        if item.type == "declaration" and item.lower_name == "size":
            found = page_size(significant(item.value))
            size = found or size
            if found is None:
                reporter.warn("invalid_value", "'size' is not valid or not supported", item.source_line)
        elif item.type == "at-rule" and item.lower_at_keyword in MARGIN_BOXES and item.content is not None:
            contents = tinycss2.parse_blocks_contents(item.content, skip_comments=True, skip_whitespace=True)
            boxes.append((item.lower_at_keyword, parse_block(contents, reporter)))
        elif item.type == "at-rule":
            reporter.warn("unknown_rule", f"'@{item.at_keyword}' is not a margin box", item.source_line)
        elif not (item.type == "declaration" and item.lower_name in ("marks", "bleed")):
            declarations.append(item)
    return PageRule(selectors, origin, order, parse_block(declarations, reporter), size, tuple(boxes))


def _selectors(tokens: Tokens) -> tuple[PageSelector, ...] | None:
    """`name:first, :left`; nothing means every page."""
    text = "".join(token.serialize() for token in tokens if token.type != "comment").strip()
    if not text:
        return (PageSelector(),)
    selectors: list[PageSelector] = []
    for part in text.split(","):
        name, *pseudos = part.strip().split(":")
        pseudos = [pseudo.lower() for pseudo in pseudos]
        known = all(pseudo in ("first", "left", "right", "blank") for pseudo in pseudos)
        if not known or not (name or pseudos) or " " in part.strip():
            return None
        selectors.append(PageSelector(name, tuple(pseudos)))
    return tuple(selectors)


def page_size(tokens: Tokens) -> PageSize | None:
    """`size`: one or two lengths, a named size with or without an orientation, an orientation, or auto."""
    names = [ident(token) for token in tokens]
    if len(tokens) in (1, 2) and None not in names:
        orientations = [name for name in names if name in ("portrait", "landscape")]
        sizes = [PAGE_SIZES[str(name)] for name in names if name in PAGE_SIZES]
        if names == ["auto"]:
            return "auto"
        if len(orientations) + len(sizes) != len(names) or len(orientations) > 1 or len(sizes) > 1:
            return None
        if not sizes:
            return orientations[0]
        width, height = sizes[0]
        return (max(width, height), min(width, height)) if orientations == ["landscape"] else (width, height)
    lengths = [length(token, percentage=False) for token in tokens]
    if len(lengths) not in (1, 2) or lengths[0] is None or lengths[-1] is None or 0.0 in lengths:
        return None
    return lengths[0], lengths[-1]
