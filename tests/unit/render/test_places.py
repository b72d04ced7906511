# ruff: noqa: E501 - a warning stands on one line
"""Warnings name the line of the file that somebody wrote: of the template, not of the HTML that it made."""

from __future__ import annotations

import pytest

from spark_pdf.errors import Place
from spark_pdf.model import RenderWarning
from spark_pdf.render.places import Places
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

HTML = """<!doctype html>
<html lang=en>
<link rel=stylesheet href="a.css">
<link rel=stylesheet href="gon.css">
<style>
  /* { a comment */
  b { colr: red }
</style>
{% for n in rows %}
<p style="margin: 0;
          widht: {{ n }}px">{{ n }}</p>
{% endfor %}
<!-- <img src="logo.png"> {# #} -->
<img src="logo.png" alt="">
<img src="{{ name }}.png" alt="">
<a href="#terms">x</a> <a href="skype:x?y">x</a>
<b style="font-family: Robto">&#x4e8c; &#x4e00;</b>
{% include "part.html" %}
<i id=term></i>
"""
CSS = """@import "none.css";
@font-face { font-family: Brand;
  src: url(brand.woff2) }
body { font-family: Arimo, Arial;
  background-image: url("img/nothing.png") }
h1 { font-family: Brand, "No Such" }
h2 { font-family: Arimoo }
"""
FILES = {
    "template.html": HTML.encode(), "a.css": CSS.encode(), "img/nothin.png": b"x",
    "part.html": b"<h1>One</h1><h2>Two</h2>\n<math></math>\n<img src='in-part.png'>\r\n<img src=broken.png>",
    "broken.png": b"no image",
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> list[str]:
    made = Renderer(Bundle.from_files(FILES))
    rendition = made.render({"rows": [1, 2, 3], "name": "Jane"}, "7")
    return [str(warning) for warning in (*made.warnings, *rendition.warnings)]


@pytest.mark.parametrize(
    "beginning",
    [
        "a.css:1: 'none.css' cannot be imported: the bundle has no file 'none.css'",
        "a.css:2: the font family 'Brand' cannot be loaded: the bundle has no file 'brand.woff2'",
        "a.css:4: the font family 'Arial' is shown in Arimo",
        "a.css:5: the image 'img/nothing.png' is missing: the bundle has no file 'img/nothing.png'; did you mean",
        "a.css:6: the font family 'No Such' is neither in the bundle nor in the package",
        "a.css:7: the font family 'Arimoo' is neither in the bundle nor in the package; Arimo is used instead; did you mean 'Arimo'?",
        "template.html:4: the style sheet 'gon.css' is missing: the bundle has no file 'gon.css'",
        "template.html:7: 'colr' is not a property that is supported; did you mean 'color'?",
        "template.html:11: style attribute: 'widht' is not a property that is supported; did you mean 'width'?",
        "template.html:14: the image 'logo.png' is missing",
        "template.html:15: the image (a URL that the record's data makes) is missing: no file of the bundle",
        "template.html:16: the link '#terms' leads nowhere: no element has this id; did you mean 'term'?",
        "template.html:16: the link 'skype:x?y' is left out: links are made for",
        "template.html:17: the font family 'Robto' is neither in the bundle nor in the package",
        "template.html:17: 2 characters have no glyph in any font: U+4E00, U+4E8C (font family 'Robto')",
        "part.html:2: <math> is not laid out as such",
        "part.html:3: the image 'in-part.png' is missing",
        "part.html:4: the image 'broken.png' cannot be read",
    ],
)
def test_the_line_is_that_of_the_bundle(told: list[str], beginning: str) -> None:
    assert [message for message in told if message.startswith(beginning)], "\n".join(told)


def test_all_have_a_place_and_each_comes_once(told: list[str]) -> None:
    assert len(told) == len(set(told))
    assert [message for message in told if ".html:" not in message[:15] and ".css:" not in message[:8]] == []


def test_of_two_lines_that_may_be_meant_none_is_named() -> None:
    html = b"<img src='{{ a }}.png'>\n<img src='{{ b }}.png'>"
    places = Places({"t.html": html}, "t.html")
    known = Place("t.html")
    assert places.of(RenderWarning("missing_image", "an image", known), "an image") == known


def test_more_warnings_than_are_kept_are_counted() -> None:
    made = Renderer(
        Bundle.from_files({"template.html": b"{% for n in range(130) %}<a href='#x{{ n }}'>x</a> {% endfor %}"})
    )
    warnings = made.render({}, "7").warnings
    assert str(warnings[-1]) == "30 more warnings of this document are not shown"
    assert warnings[-1].code == "more_warnings"
