"""Long tables: cells whose content is let go until their row is laid out come to the same bytes, and hold less."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_pdf.layout.boxes import CellBox, Lines, RowBox
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation import tables
from spark_pdf.layout.html import folding, parsing
from spark_pdf.layout.table.grid import FoldedRow
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.template.bundle import Bundle
from spark_pdf.text.fonts import FontSet
from tests.compiled_help import needs_source

FONTS = FontSet()
ROOT = Path(__file__).parents[3]
COLLAPSED = "<style>table { border-collapse: collapse } td, th { border: 1px solid; padding: 2px }</style>"


def _rows(cell: Callable[[int], str], count: int = 90) -> str:
    return "".join(f"<tr><td>{number}<td>{cell(number)}<td>{number * 7919 % 1003}" for number in range(count))


def _closed(cell: Callable[[int], str], count: int = 90) -> str:
    """Rows that end what they begin."""
    return "".join(
        f"<tr><td>{number}</td><td>{cell(number)}</td><td>{number * 7919 % 1003}</td></tr>\n" for number in range(count)
    )


LONG = {
    "plain": _rows(lambda n: f"line {n}"),
    "collapsed": COLLAPSED + "<thead><tr><th>a<th>b<th>c<tbody>" + _rows(lambda n: "word " * (n % 9)),
    "header and footer": "<thead><tr><th>a<tfoot><tr><td>sum<tbody>" + _rows(lambda n: f"x{n}"),
    "lines": _rows(lambda n: f"one<br>two <b>three</b> {'four ' * (n % 30)}", 40),
    "blocks": _rows(lambda n: f"<div><p>one {n}</p><p>two</p></div>", 40),
    "long cells": _rows(lambda n: "word " * 900 if n == 3 else "short", 9),
    "rows that break": "<style>p { margin: 200px 0 }</style>" + _rows(lambda n: "<p>a</p>b<p>c</p>", 9),
    "breaks within": _rows(lambda n: f"<p>one</p><p style='break-before: {'page' if n % 9 == 1 else 'auto'}'>two", 40),
    "rows that do not": "<style>tr { break-inside: avoid }</style>" + _rows(lambda n: "<p>a</p>b<p>c</p>", 40),
    "spans": "<tr><td rowspan=3>over<td colspan=2>across" + _rows(lambda n: "x") + "<tr><td colspan=3>all of it",
    "cells over rows": "".join(f"<tr><td rowspan=2>{n} <p>below<td>a<tr><td>b" for n in range(60)),
    "links and places": _rows(lambda n: f"<a href=#p{n + 1} id=p{n}>to the next</a>"),
    "before": "<style>td::before { content: '– ' }</style>" + _rows(lambda n: f"x{n}"),
    "counters": "<style>tr { counter-increment: n } td::before { content: counter(n) }</style>" + _rows(lambda n: "x"),
    "counters on the page": (
        "<style>b { counter-increment: n } @page { @top-left { content: counter(n) } }</style>"
        + _rows(lambda n: "<b>b</b>")
    ),
    "quotes": _rows(lambda n: "<q>within <q>quotes</q></q>"),
    "floats": _rows(lambda n: "<span style='float: left'>left</span> beside it"),
    "positions": _rows(lambda n: "<i style='position: relative'>x<b style='position: absolute; left: 9px'>y</b></i>"),
    "tables within": _rows(lambda n: f"<table><tr><td>{n}<td>x</table>"),
    "flex": _rows(lambda n: "<div style='display: flex'><p>x</p><p>y <b>z</b></p></div>", 30),
    "images": _rows(lambda n: "<img src=none.png alt=missing>", 9),
    "lists": _rows(lambda n: "<ol><li>one<li>two</ol>", 30),
    "siblings": "<style>td:nth-child(even) { color: red } td:last-child { width: 40% }</style>" + _rows(lambda n: "x"),
    "empty cells": "<style>td { empty-cells: hide; border: 1px solid }</style>" + _rows(lambda n: "" if n % 3 else "x"),
    "heights": "<style>td { height: 30px; vertical-align: middle }</style>" + _rows(lambda n: f"a<br>{n}"),
    "fixed": "<style>table { table-layout: fixed; width: 300px }</style>" + _rows(lambda n: "some words of it"),
    "footnotes": "<style>i { float: footnote }</style>" + _rows(lambda n: f"x<i>note {n}</i>" if n % 9 == 0 else "x"),
    "other ways": "<tbody dir=rtl>" + _rows(lambda n: f"שלום {n}"),
    "lines broken by hand": "<style>td { white-space: pre }</style>" + _rows(lambda n: "a\n  b\tc"),
    "glyphs": _rows(lambda n: "no face has \U00013000", 9),
    "named strings": (
        "<style>b { string-set: s content() } @page { @top-left { content: string(s) } }</style>"
        + _rows(lambda n: f"<b>{n}</b>")
    ),
    "references": (
        "<style>a::after { content: target-counter(attr(href), page) }</style>"
        + _rows(lambda n: f"<a href=#q{(n + 40) % 90} id=q{n}>t</a>")
    ),
    "sums on each page": (
        "<style>b { counter-increment: n } tfoot td::after { content: counter(n) }</style><tfoot><tr><td>so far"
        + "<tbody>" + _rows(lambda n: "<b>b</b>")
    ),
}  # fmt: skip


def _render(body: str) -> tuple[object, ...]:
    engine = LayoutEngine(Bundle.load({"template.html": b""}), FONTS)
    laid_out = engine.lay_out("<style>@page { size: 400px 500px; margin: 20px }</style><table>" + body + "</table>")
    warnings: list[object] = []
    data, pages = PdfEngine().write(laid_out, warnings=warnings)  # type: ignore[arg-type]
    found = data, pages, laid_out.warnings, tuple(warnings)
    laid_out.unlink()
    return found


@pytest.mark.parametrize("name", LONG)
def test_what_is_let_go_comes_back_as_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = _render(LONG[name])
    monkeypatch.setattr(tables, "MANY_CELLS", 0)
    assert _render(LONG[name]) == kept


FOLDED = {name: body.replace("<tr>", "</tr><tr>") + "</tr>" for name, body in LONG.items()} | {
    "stripes": "<style>tr:nth-child(3n+1) { background: #eee } tr:nth-last-child(2) { color: red }"
    "td:first-child { width: 20% }</style>" + _closed(lambda n: f"line {n}"),
    "borders of rows": COLLAPSED + "<style>.b { border-bottom: 3px double }</style>" + "".join(
        f"<tr class={'ab'[number % 4 == 0]}><td>{number}</td><td style='border: {number % 3}px solid'>x</td></tr>"
        for number in range(90)
    ),
    "of a type": "<style>tr:nth-of-type(odd) > * { background: #eee } tr:nth-last-of-type(3) { color: red }"
    "td:last-of-type, :first-of-type { font-weight: bold } tr:not(:last-child) td { padding: 3px }</style>"
    + _closed(lambda n: f"line {n}", 30) + "<tr id=x><td>x</td></tr>" + _closed(lambda n: f"line {n}", 30),
    "rows beside rows": "<style>tr + tr td { color: red } tr:nth-of-type(4) ~ tr td { padding: 4px }</style>"
    + _closed(lambda n: f"line {n}"),
    "widths here and there": "".join(
        f"<tr><td{' style=width:30px' if number % 5 == 3 else ''}>{'word ' * (number % 7)}</td><td>x</td></tr>"
        for number in range(60)
    ),
    "cells that reach down": "<tr><td rowspan=40>over</td></tr>" + _closed(lambda n: f"line {n}"),
    "sums between": "".join(_closed(lambda n: f"{n}", 12) + "<tr><th colspan=3>sum</th></tr>" for _ in range(6)),
    "inline elements": _closed(lambda n: f"<b class=x>{n}</b> &amp; <a href='https://a.b/?{n}'>link</a><br><em>a</em>"),
    "several groups": "".join(
        f"<tbody style='break-after: page'>{_closed(lambda n: f'{n}', 30)}</tbody>" for _ in range(3)
    ),
    "rows left out": "<style>tr:nth-child(4) { display: none } tr:nth-child(50) { visibility: collapse }</style>"
    + _closed(lambda n: f"line {n}"),
    "no table": "<style>table, tbody { display: block } tr { display: flex }</style>" + _closed(lambda n: f"line {n}"),
    "rows that are blocks": "<style>tr { display: block }</style>" + _closed(lambda n: f"line {n}", 30),
    "in comments": "<!--" + _closed(lambda n: "x", 20) + "-->" + _closed(lambda n: f"line {n}", 40),
    "right to left": "<style>table { direction: rtl }</style>" + _closed(lambda n: f"line {n}"),
    "by what is in it": "<style>tbody:has(.a) td { color: red }</style>" + _closed(lambda n: f"<b class=a>{n}</b>"),
    "text of the table": (
        "<style>tbody { string-set: s content() } @page { @top-left { content: string(s) } }</style>"
        + _closed(lambda n: f"{n}", 30)
    ),
    "long lines": _closed(lambda n: "word " * (n * 5 % 90), 60),
    "avoids": "<style>tr:nth-child(odd) { break-after: avoid }</style>" + _closed(lambda n: f"line {n}"),
    "within a cell": "<tr><td>" + "<table>" + _closed(lambda n: f"line {n}") + "</table></td></tr>",
}  # fmt: skip


def _fold(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(parsing, "_LONG", 0)
    monkeypatch.setattr(folding, "MANY_ROWS", 0)
    monkeypatch.setattr(folding, "FEWEST", 2)
    monkeypatch.setattr(folding, "ROWS", rows)


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("rows", [4, 250])
def test_rows_that_stay_text_come_to_the_same(name: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = _render(FOLDED[name])
    _fold(monkeypatch, rows)
    assert _render(FOLDED[name]) == kept


def _alive(kind: type) -> int:
    gc.collect()
    return sum(type(found) is kind for found in gc.get_objects())


def test_only_the_first_rows_keep_what_is_in_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MANY_CELLS", 300)
    engine = LayoutEngine(Bundle.load({"template.html": b""}), FONTS)
    before = _alive(Lines)
    laid_out = engine.lay_out("<table>" + _rows(lambda n: f"line {n * 31}", 2000))
    assert _alive(Lines) - before < 100 * 3 + 100
    held = [_alive(Lines) - before for page in laid_out.pages if page.number % 10 == 0]
    assert len(held) >= 3
    assert max(held) < 100 * 3 + 100  # a page that was laid out leaves nothing
    laid_out.unlink()


def test_rows_that_stay_text_leave_no_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    _fold(monkeypatch, 50)
    engine = LayoutEngine(Bundle.load({"template.html": b""}), FONTS)
    kinds = Element, CellBox, RowBox, Lines
    before = [_alive(kind) for kind in kinds]
    laid_out = engine.lay_out("<table>" + _closed(lambda n: f"line {n * 31}", 3000) + "</table>")
    counts = [[_alive(kind) - count for kind, count in zip(kinds, before, strict=True)]]
    for page in laid_out.pages:
        if page.number % 20 == 0:
            counts.append([_alive(kind) - count for kind, count in zip(kinds, before, strict=True)])
    assert len(counts) >= 3
    # Two runs are open, at most, and of each three rows stand for all of it: of 9,000 cells.
    assert max(map(max, counts)) < 2 * 50 * 4 + 60 * 3 * 3 + 100
    laid_out.unlink()
    del page, laid_out
    assert [_alive(kind) for kind in kinds] == before


@pytest.mark.parametrize(
    ("body", "folded"),
    [
        (_closed(lambda n: "<b>x</b> y"), 90),
        ("<style>tr:nth-child(even) { color: red } h2 + p { margin: 0 }</style>" + _closed(lambda n: "x"), 90),
        ("<style>tr:nth-of-type(odd) > * { color: red } td + td { margin: 0 }</style>" + _closed(lambda n: "x"), 90),
        (_closed(lambda n: "x", 40) + "<tr><td colspan=3>sum</td></tr>" + _closed(lambda n: "x", 40), 80),
        ("<tr><td rowspan=9>over</td></tr>" + _closed(lambda n: "x"), 0),
        (_closed(lambda n: f"<b id=p{n}>x</b>"), 0),
        (_closed(lambda n: "<i><b>nested</b></i>"), 0),
        (_closed(lambda n: "word " * 200, 20), 0),
        ("<style>td::before { content: counter(a) }</style>" + _closed(lambda n: "x"), 0),
        ("<style>tr + tr { color: red }</style>" + _closed(lambda n: "x"), 0),
        ("<style>tbody:has(b) { color: red }</style>" + _closed(lambda n: "x"), 0),
    ],
)
def test_which_rows_are_folded(body: str, folded: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _fold(monkeypatch, 250)
    engine = LayoutEngine(Bundle.load({"template.html": b""}), FONTS)
    laid_out = engine.lay_out("<table>" + body + "</table>")
    groups = [group for generator in laid_out._generators for group in generator.groups]
    assert sum(isinstance(row, FoldedRow) for group in groups for row in group.rows) == folded
    laid_out.unlink()


_LONG_DOCUMENT = """
import os
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from tests.memory import peak_mebibytes
page = "<style>@page { size: 200px 300px; margin: 20px } td { height: 24px; padding: 0 }</style>"
rows = "{% for row in rows %}<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td></tr>{% endfor %}"
limits = b"[limits]\\niterations = 1_000_000"
bundle = Bundle.load({"template.html": f"{page}<table cellspacing=0>{rows}</table>".encode(), "template.toml": limits})
renderer = Renderer(bundle, Limits(pages_per_document=20_000, seconds_per_document=3600.0))
record = {"rows": [(number, f"line {number * 7919 % 1000003}") for number in range(200_000)]}
print(renderer.render(record).pages, peak_mebibytes(os.getpid()))
"""


@pytest.mark.slow
def test_a_document_of_20000_pages_fits_a_small_worker() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LONG_DOCUMENT], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    pages, mebibytes = map(int, done.stdout.split())
    assert pages == 20_000
    assert mebibytes < 300  # 200,000 rows as boxes would take 600


@needs_source
def test_content_is_made_twice_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MANY_CELLS", 0)
    made: list[CellBox] = []
    from spark_pdf.layout.generation.later import Later

    plain = Later.fill
    monkeypatch.setattr(Later, "fill", lambda self, cell: (made.append(cell), plain(self, cell)))
    _, pages, *_ = _render(_rows(lambda n: f"line {n}", 400))
    assert 400 * 3 <= len(made) <= 400 * 3 + 3 * int(str(pages)) * 2
