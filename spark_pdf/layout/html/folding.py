"""Rows of long tables that stay text until somebody asks for them.

In: the text of a document, before it is parsed. Out: the same text with a placeholder for each run of plain rows, then
what stands for these rows in the tree. lexbor's tree takes 2.6 KB for a row of five cells, our elements another 2.2;
its text takes 100 bytes. A row is plain if a parser makes the same of it wherever it stands in a table, and nothing
else asks for it: cells that span nothing, with text and simple inline elements that end where they began, no ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from spark_pdf.layout.dom import Element, Kept

MANY_ROWS = 20_000
"""Plain rows of a document up to which none are folded: opening rows twice takes a tenth of their time."""
ROWS = 250
"""Rows that are opened together: 2 MB of elements and boxes."""
FEWEST = 10
"""Rows that are worth what stands for them."""

_MARK: Final = "data-spark-folded-rows"
_PLACE: Final = f'<tr {_MARK}=""></tr>'
_ALONE: Final = "<!DOCTYPE html><table><tbody>%s</table>"
_AROUND: Final = 5
"""Elements around rows that are parsed alone: html, head, body, table, tbody."""

_ATTRIBUTES: Final = (
    r"(?:\s+(?!(?:id|dir|name|rowspan|colspan)[\s=/>])[a-z][a-z0-9-]*"
    r"""(?:=(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`/]+))?)*\s*"""
)
_INLINE: Final = (
    rf"<(?P<tag>a|abbr|b|cite|code|em|i|kbd|mark|s|samp|small|span|strong|sub|sup|u|var){_ATTRIBUTES}>"
    r"[^<\0]*</(?P=tag)>"
)
_CELL: Final = rf"<t[dh]{_ATTRIBUTES}>[^<\0]*(?:(?:{_INLINE}|<br\s*/?>|<wbr\s*/?>)[^<\0]*)*(?:</t[dh]>\s*)?"
_ROW: Final = rf"<tr{_ATTRIBUTES}>\s*(?:{_CELL})+</tr>\s*"
"""Every start tag in it makes one element, so elements can be counted (HTML, 13.2.6.4.14 and 13.2.6.4.15)."""


class _Run(NamedTuple):
    """Rows that stand together: where their text begins and ends, how many rows and elements they are."""

    start: int
    end: int
    rows: int
    elements: int


class FoldedRows(Element):
    """Stands in a row group for `rows` rows that are text. Rows that were opened for good are its children."""

    __slots__ = ("_folds", "_run", "rows")

    def __init__(self, place: Element, folds: Folds, run: _Run) -> None:
        super().__init__(place.tag, {}, None, place.order, place.index)
        self.parent = place.parent
        self.previous = place.previous
        self.kept = Kept()  # walks of the tree look whether there is something to take over, and find rows to open
        self.rows = run.rows
        self._folds = folds
        self._run = run

    def open(self) -> list[Element | str]:
        """The rows, and the white space between and behind them."""
        return self.children or self._folds.opened(self, self._run.start, self._run.end)

    def keep(self, nodes: list[Element | str] | None = None) -> list[Element | str]:
        """The rows, which remain from now on; `nodes`: as they are open already."""
        if not self.children:
            self.children = self.open() if nodes is None else nodes
            self._folds.kept += _below(self.children)
        return self.children

    def close(self, nodes: list[Element | str]) -> None:
        """Let go of rows that were opened: they and their cells refer to each other."""
        if nodes is not self.children:
            for element in _below(nodes):
                element.children.clear()


class Folds:
    """The folded rows of one document. `markup`: its text with placeholders; `parse` makes elements of a text. `kept`:
    elements that were opened for good.
    """

    __slots__ = ("_folded", "_parse", "_runs", "_text", "kept", "markup")

    def __init__(self, text: str, runs: list[_Run], parse: Callable[[str], list[Element]]) -> None:
        self._text = text
        self._runs = runs
        self._parse = parse
        self._folded: list[FoldedRows] = []
        self.kept: list[Element] = []
        self.markup = _shortened(text, runs)

    def settle(self, elements: list[Element], most_depth: int) -> bool:
        """Put what stands for rows into the tree, and number what is behind. False: a parser sees no rows there, as
        within comments, or elements may be too deep.
        """
        places = {element for element in elements if element.tag == "tr" and _MARK in element.attributes}
        if len(places) != len(self._runs) or not all(_stands(place, most_depth) for place in places):
            return False
        if not all(map(_has_rows_only, {place.parent for place in places})):
            return False
        runs = iter(self._runs)
        new: dict[Element, FoldedRows] = {}
        moved: dict[Element | None, int] = {}
        shift = 0
        for number, element in enumerate(elements):
            element.order += shift
            element.index += moved.get(element.parent, 0)
            if element in places:
                run = next(runs)
                fold = elements[number] = new[element] = FoldedRows(element, self, run)
                self._folded.append(fold)
                shift += run.elements - 1
                moved[element.parent] = moved.get(element.parent, 0) + run.rows - 1
        for parent, more in moved.items():
            assert parent is not None
            parent.count += more
            parent.children = [child if isinstance(child, str) else new.get(child, child) for child in parent.children]
            _link(parent.children)
        return True

    def opened(self, fold: FoldedRows, start: int, end: int) -> list[Element | str]:
        """The nodes of some rows, as they would stand in the place of what stands for them."""
        elements = self._parse(_ALONE % self._text[start:end])
        group = elements[_AROUND - 1]
        nodes, group.children = group.children, []
        for element in elements[:_AROUND]:
            element.children.clear()
        for element in elements[_AROUND:]:
            element.order += fold.order - _AROUND
            if element.parent is group:
                element.parent = fold.parent
                element.index += fold.index - 1
        return nodes

    def open_all(self) -> None:
        """Put all rows into the tree, for who asks for the whole of it."""
        for parent in dict.fromkeys(fold.parent for fold in self._folded):
            assert parent is not None
            nodes: list[Element | str] = []
            for child in parent.children:
                nodes += child.keep() if isinstance(child, FoldedRows) else (child,)
            parent.children = nodes
            _link(nodes)
        self._folded.clear()

    def release(self) -> None:
        """Let go of the text, and of what refers to each other."""
        self._folded.clear()
        self.kept.clear()
        self._text = ""


def find_rows(text: str, parse: Callable[[str], list[Element]]) -> Folds | None:
    """The rows of a document that can be folded; None where they are few."""
    if text.count("<tr") <= MANY_ROWS or _MARK in text:
        return None
    runs: list[_Run] = []
    for found in re.finditer(f"(?:{_ROW}){{1,{ROWS}}}", text):
        start, end = found.span()
        rows = text.count("<tr", start, end)
        if rows >= FEWEST:
            runs.append(_Run(start, end, rows, text.count("<", start, end) - text.count("</", start, end)))
    return Folds(text, runs, parse) if runs and sum(run.rows for run in runs) > MANY_ROWS else None


def _shortened(text: str, runs: list[_Run]) -> str:
    parts: list[str] = []
    at = 0
    for run in runs:
        parts += (text[at : run.start], _PLACE)
        at = run.end
    return "".join([*parts, text[at:]])


def _stands(place: Element, most_depth: int) -> bool:
    """Whether a placeholder is a row of a row group of a table, as the rows themselves would be."""
    group = place.parent
    if group is None or group.tag not in ("tbody", "thead", "tfoot"):
        return False
    table = group.parent
    depth, at = 0, table
    while at is not None:
        if at.tag in ("svg", "math"):
            return False
        depth, at = depth + 1, at.parent
    return table is not None and table.tag == "table" and depth + 5 <= most_depth


def _has_rows_only(group: Element | None) -> bool:
    """Whether a row's number among all children is that among rows (`:nth-of-type()`)."""
    return group is not None and all(isinstance(child, str) or child.tag == "tr" for child in group.children)


def _below(nodes: list[Element | str]) -> list[Element]:
    """All elements among some nodes and below them."""
    found = [node for node in nodes if isinstance(node, Element)]
    for element in found:
        found += [child for child in element.children if isinstance(child, Element)]
    return found


def _link(nodes: list[Element | str]) -> None:
    """Say of each element which one is before it."""
    before: Element | None = None
    for node in nodes:
        if isinstance(node, Element):
            node.previous = before
            before = node
