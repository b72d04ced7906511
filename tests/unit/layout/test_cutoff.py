# ruff: noqa: E501 - a document and its message stand on one line
"""What the page's edge cuts off is reported: once for each kind, by element and page; what is meant to be off is not."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

LONG = "W" * 200
WIDE = "<tr>" + "<td>Columnnnnnnnnnnnn</td>" * 20 + "</tr>"


def told(body: str, css: str = "") -> list[str]:
    image = io.BytesIO()
    Image.new("L", (900, 30)).save(image, "PNG")
    html = f"<html lang=en><style>@page {{ size: A4; margin: 2cm }} p {{ margin: 0 }} {css}</style>\n{body}"
    made = Renderer(Bundle.from_files({"template.html": html.encode(), "a.png": image.getvalue()}))
    return [str(warning) for warning in made.render({"long": LONG, "name": "secret"}).warnings]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<p class='a note'>{{ long }}", "2: text in 'p.a.note' is cut off at the right edge of page 1: it does not fit"),
        ("<div class=box>\n<p>{{ long }}", "3: text in 'div.box p' is cut off at the right edge of page 1"),
        ("<pre style='break-before: page'>{{ long }}", "2: text in 'pre' is cut off at the right edge of page 1"),
        ("<p>x<p style='break-before: page' id=two>{{ long }}", "2: text in 'p#two' is cut off at the right edge of page 2"),
        ("<p id={{ name }}>{{ long }}", "2: text in 'p' is cut off at the right edge of page 1"),
        (f"<table class=lines>{WIDE}</table>", "2: the table 'table.lines' is cut off at the right edge of page 1"),
        ("<img src=a.png class=logo>", "2: the image 'img.logo' is cut off at the right edge of page 1"),
        ("<img src=a.png style='width: 9px; height: 2000px'>", "2: the image 'img' is cut off at the lower edge of page 1"),
        ("<div style='display: inline-block; height: 1500px'><div style='height: 1400px'></div><p class=low>x</div>",
         "2: text in 'p.low' is cut off at the lower edge of page 1"),
        ("<p>x<p class=low style='position: absolute; top: 400mm'>y",
         "2: text in 'p.low' is cut off at the lower edge of page 1"),
    ],
)  # fmt: skip
def test_what_is_lost_is_named_by_element_and_page(body: str, message: str) -> None:
    [warning] = told(body)
    assert warning.startswith(f"template.html:{message}")


@pytest.mark.parametrize(
    ("body", "css"),
    [
        ("<p>{{ long }}", "p { overflow-wrap: anywhere }"),
        ("<p>{{ long }}", "p { overflow: hidden }"),
        ("<div><p>{{ long }}</div>", "div { overflow: hidden; border-radius: 3px }"),
        ("<p>{{ long }}", "p { transform: rotate(45deg) }"),
        ("<p>{{ long }}", "p { visibility: hidden }"),
        ("<p>x", "p { position: absolute; left: -9999px }"),
        ("<img src=a.png>", "img { width: 100% }"),
        ("<img src=a.png>", "img { position: absolute; left: -2.3cm; top: -2.3cm; width: 216mm; height: 303mm }"),
        ("<div>x</div>", "div { width: 2000px; background: red }"),
        ("<p>x</p>" * 200, ""),
    ],
)
def test_what_is_meant_or_harmless_is_not_reported(body: str, css: str) -> None:
    assert told(body, css) == []


def test_each_kind_is_reported_once_for_a_document() -> None:
    page = f"<p>{{{{ long }}}}<table>{WIDE}</table><img src=a.png><p style='break-after: page'>"
    assert len(told(page * 3)) == 3


def test_margin_boxes_may_be_wider_than_their_place() -> None:
    assert told("<p>x", "@page { @bottom-left { content: 'page'; white-space: nowrap } }") == []
