"""Nothing is quadratic: lines of our code that run for twice the input are about twice as many. Counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import spark_pdf
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

OURS = str(Path(spark_pdf.__path__[0]))
MOST = 3.2
"""How many times as much twice as much more may take: 2 were linear, 4 quadratic."""


def lines(template: str, record: dict[str, Any]) -> int:
    """Lines that run in our code, and in the libraries that are written in Python, while a record is rendered."""
    renderer = Renderer(Bundle.from_files({"template.html": template.encode()}), Limits(0, 500, 5000))
    renderer.render({"s": "x"})
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        renderer.render(record)
    finally:
        sys.settrace(before)
    return count


CASES: dict[str, tuple[str, Callable[[int], str], int]] = {
    "rows": ("<table>{{ s | safe }}</table>", lambda n: "<tr><td>x<td>y" * n, 60),
    "columns": ("<table><tr>{{ s | safe }}</table>", lambda n: "<td>x" * n, 60),
    "paragraphs": ("<div>{{ s | safe }}</div>", lambda n: "<p>x" * n, 100),
    "words": ("<p>{{ s }}", lambda n: "ab " * n, 300),
    "one long word": ("<p style='overflow-wrap:anywhere;width:60px'>{{ s }}", lambda n: "x" * n, 3000),
    "a long word in a text area": ("<textarea>{{ s }}</textarea>", lambda n: "x" * n, 3000),
    "marks": ("<p>{{ s }}", lambda n: "Z" + "\u0301\u0489" * n, 300),
    "flags": ("<p>{{ s }}", lambda n: "\U0001f1e9\U0001f1ea" * n, 200),
    "bidi": ("<p>{{ s }}", lambda n: "\u05d0 a " * n, 100),
    "isolates": ("<p>{{ s }}", lambda n: "\u2067a\u2069" * n, 150),
    "spans": ("<p>{{ s | safe }}", lambda n: "<b>x</b> " * n, 100),
    "floats": ("<div>{{ s | safe }}</div>", lambda n: "<i style='float:left;width:90px'>x</i>" * n, 60),
    "floats in text": ("<p>{{ s | safe }}</p>", lambda n: "text <i style='float:left;width:30px'>x</i>" * n, 60),
    "flex items": ("<div style='display:flex;flex-wrap:wrap'>{{ s | safe }}</div>", lambda n: "<p>x</p>" * n, 60),
    "grid items": ("<div style='display:grid;grid-template-columns:1fr 1fr'>{{ s | safe }}</div>", lambda n: "<p>x</p>" * n, 60),
    "columns of text": ("<div style='columns:3'>{{ s | safe }}</div>", lambda n: "<p>x</p>" * n, 100),
    "list items": ("<ol>{{ s | safe }}</ol>", lambda n: "<li>x" * n, 100),
    "siblings": ("<style>i + i, i ~ b, i:nth-child(2n) { color: red }</style><div>{{ s | safe }}</div>", lambda n: "<i>x</i>" * n, 100),
    "links": ("{{ s | safe }}", lambda n: "".join(f"<a id=a{k} href='#a{k + 1}'>x</a> " for k in range(n)), 100),
    "headings": ("{{ s | safe }}", lambda n: "<h1>x</h1><h2>y</h2>" * n, 60),
    "footnotes": ("<style>i { float: footnote }</style>{{ s | safe }}", lambda n: "<p>x<i>y</i>" * n, 60),
    "positioned": ("{{ s | safe }}", lambda n: "<p style='position:absolute'>x</p>" * n, 60),
    "images": ("{{ s | safe }}", lambda n: "".join(f"<img src='{k}.png'>" for k in range(n)), 100),
    "shapes": ("<svg viewBox='0 0 9 9'>{{ s | safe }}</svg>", lambda n: "<path d='M0 0h9'/>" * n, 100),
    "style attributes": ("{{ s | safe }}", lambda n: "".join(f"<p style='margin-left:{k}px'>x" for k in range(n)), 60),
    "declarations": ("<p style='{{ s }}'>x", lambda n: "color:red;" * n, 200),
    "rules": ("<style>{{ s }}</style><p>x", lambda n: "".join(f".c{k} {{ color: red }}" for k in range(n)), 100),
    "custom properties": ("<style>p { {{ s }} }</style><p>x", lambda n: "".join(f"--a{k}: var(--a{k + 1});" for k in range(n)), 100),
    "brackets": ("<p style='width:{{ s }}'>x", lambda n: "(" * n, 500),
    "preformatted lines": ("<pre>{{ s }}</pre>", lambda n: "x\n" * n, 100),
    "tabs": ("<pre>{{ s }}</pre>", lambda n: "x\t" * n, 100),
    "page strings": ("<style>p { string-set: a content() } @page { @top-left { content: string(a) } }</style>{{ s | safe }}", lambda n: "<p>x" * n, 100),
    "columns within columns": ("<style>div { columns: 3 }</style>{{ s | safe }}", lambda n: "<div>" * n + "x", 4),
    "tables within tables": ("{{ s | safe }}", lambda n: "<table><td>" * n + "x", 12),
    "flex within flex": ("<style>div { display: flex }</style>{{ s | safe }}", lambda n: "<div>" * n + "x", 10),
    "grids within grids": ("<style>div { display: grid }</style>{{ s | safe }}", lambda n: "<div>" * n + "x", 10),
    "floats within floats": ("<style>div { float: left }</style>{{ s | safe }}", lambda n: "<div>" * n + "x", 10),
    "inline blocks within each other": ("<style>div { display: inline-block }</style>{{ s | safe }}", lambda n: "<div>" * n + "x", 10),
}  # fmt: skip
DEEP = 5.5
"""What is within itself costs at most the square of its depth, of which there are 200: 4, and not 8."""


@pytest.mark.parametrize("name", CASES)
def test_twice_the_input_takes_twice_the_work(name: str) -> None:
    template, made, size = CASES[name]
    lines(template, {"s": made(size * 4)})  # what is imported and remembered
    some, twice, four_times = (lines(template, {"s": made(size * times)}) for times in (1, 2, 4))
    most = DEEP if "within" in name else MOST
    assert twice > some
    assert four_times - twice < (twice - some) * most, f"{some} lines, {twice} for twice, {four_times} for four times"
