"""What a page costs: not more where a cell, or a flex or grid item, goes on over many."""

from __future__ import annotations

import pytest

from spark_pdf.layout.block import block
from tests.compiled_help import needs_source
from tests.page_help import lines, pages_of

AROUND = {
    "a cell": ("<table><tr><td>", "</table>"),
    "cells beside each other": ("<table><tr><td>short<td>", "<td>short</table>"),
    "a cell with a footer below": ("<table><tfoot><tr><td>foot<tbody><tr><td>", "</table>"),
    "a cell in a cell": ("<table><tr><td><table><tr><td>", "</table></table>"),
    "a flex item": ("<div style='display: flex'><div>", "</div><div>short</div></div>"),
    "a grid item": ("<div style='display: grid'><div>", "</div></div>"),
    "an item in an item": (
        "<div style='display: flex'><div style='display: grid'><div style='display: flex'><div>", "</div>" * 4,
    ),
    "an item in a cell": ("<table><tr><td><div style='display: flex'><div>", "</div></div></table>"),
    "a cell in an item": ("<div style='display: flex'><table><tr><td>", "</table></div>"),
}  # fmt: skip


@needs_source
@pytest.mark.parametrize("name", AROUND)
def test_what_goes_on_over_pages_is_not_looked_at_on_each(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    plain = block.layout

    def counting(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(block, "layout", counting)
    begin, end = AROUND[name]
    found = []
    for count in (100, 400):
        calls = 0
        pages = pages_of(begin + lines(count) + end)
        assert len(pages) >= count // 5
        found.append(calls)
    assert found[1] < 6 * found[0]  # the square of their number would be 16 times as much
    assert found[1] > 2 * found[0]
