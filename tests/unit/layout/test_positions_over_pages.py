"""Positioned boxes whose containing block goes on over pages: on which page they stand, and what that costs."""

from __future__ import annotations

import pytest

from spark_pdf.layout.block import positioned
from tests.compiled_help import needs_source
from tests.page_help import pages_of, texts

SMALL = "p { height: 12px } i { position: absolute } "


def test_each_stands_on_the_page_where_it_begins() -> None:
    body = "<div style='position: relative; height: 600px; background: red'>" + "".join(
        f"<i style='top: {60 * number + 5}px'>n{number}</i>" for number in range(10)
    )
    assert texts(body, SMALL) == [f"n{number}" for number in range(10)]


def test_what_waits_for_a_block_that_ends_early_stands_on_the_last_page() -> None:
    assert texts("<i style='top: 999px'>late</i>" + "<p>x</p>" * 7, SMALL) == ["x x x x x", "x x late"]


def test_a_blank_page_is_passed_over() -> None:
    body = (
        "<div style='position: relative'><i style='top: 70px'>far</i><p>x</p><p style='break-before: right'>y</p></div>"
    )
    assert texts(body, SMALL) == ["x", "", "y far"]


@needs_source
def test_what_waits_is_laid_out_twice_however_many_pages_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[object] = []
    lay_out = positioned.lay_out_positioned

    def counting(anchor: object, *rest: object) -> object:
        counted.append(anchor)
        return lay_out(anchor, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(positioned, "lay_out_positioned", counting)
    body = "".join(f"<i style='top: 1190px'>n{number}</i>" for number in range(50)) + "<p>x</p>" * 100
    assert len(pages_of(body, SMALL)) == 20
    assert len(counted) == 100
