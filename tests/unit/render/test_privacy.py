"""What a record says never comes out of a document's warnings, wherever the template puts it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from spark_pdf.errors import LimitExceeded, Place
from spark_pdf.model import Limits, RenderWarning
from spark_pdf.render.privacy import Quoting
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

NAMES = ("Jane Doe 1", "O'Jane'Doe", "'JANE", "jane\\'x' is missing: 'jane'", "Jane; did you mean 'jane'?", "日本Jane")


def renderer(body: str, limits: Limits | None = None, **files: bytes) -> Renderer:
    html = f"<!doctype html><html lang=en><body>{body}"
    return Renderer(
        Bundle.from_files({"template.html": html.encode(), "sample.json": b'{"n": "Jane"}', **files}), limits
    )


def told(body: str, name: str, **files: bytes) -> list[RenderWarning]:
    made = renderer(body, **files)
    rendition = made.render({"n": name, "c": "JANE-SECRET1"})
    return [*rendition.warnings, *made.warnings]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('<img src="{{ n }}.png">', "missing_image"),
        ('<img src="data:image/png;{{ c }},{{ n }}">', "missing_image"),
        ('<b style="background: url(&quot;{{ c }}.png&quot;)">x</b>', "missing_image"),
        ('<link rel="stylesheet" href="{{ n }}.css">', "missing_stylesheet"),
        ('<link rel="stylesheet" href="data:text/css,b { {{ c }}: 1 } @layer {{ c }}">', "unknown_property"),
        ('<link rel="stylesheet" href="data:text/css,b:{{ c }} {}">', "unknown_selector"),
        ('<style>@import "{{ c }}.css";</style>', "missing_stylesheet"),
        ('<style>@import url("data:text/css,b { {{ c }}: 1 }");</style>', "unknown_property"),
        ("<style>b { {{ c }}: 1 } b { width: {{ c }} }</style>", "unknown_property"),
        ("<style>b:{{ c }} { width: 1px } @{{ c }} x {}</style>", "unknown_selector"),
        ("<style>@page :{{ c }} { margin: 0 }</style>", "unknown_selector"),
        ("<style>@media ({{ c }}) { b { width: 1px } }</style>", "unknown_media"),
        ("<style>@font-face { font-family: {{ c }}; src: url({{ c }}.ttf) }</style>", "missing_font"),
        ("<style>@font-face { font-family: x; src: url('data:font/ttf,{{ c }}') }</style>", "missing_font"),
        ("<style>@font-face { font-family: {{ c }}; src: local({{ c }}) }</style>", "missing_font"),
        ('<b style="{{ c }}: 1">x</b>', "unknown_property"),
        ('<b style="width: {{ c }}">x</b>', "invalid_value"),
        ('<b style="font-family: {{ c }}">x</b>', "unknown_font"),
        ('<b style="font-family: {{ c }}">&#xF0000;</b>', "missing_glyph"),
        ("<b style='font-family: \"{{ n }}\"'>x</b>", ""),
        ('<a href="#{{ n }}">x</a><i id="{{ c }}"></i>', "missing_anchor"),
        ('<a href="{{ c }}:x">x</a>', "link_scheme"),
        ('<p lang="{{ c }}" style="hyphens: auto; width: 1px">hyphenation</p>', "text_layout"),
        ('<svg><image href="{{ n }}.png" width="3" height="3"/></svg>', "missing_image"),
        ('<svg><use href="{{ c }}.svg#x"/><rect fill="url(#{{ c }})" width="3" height="3"/></svg>', "unsupported_svg"),
        ('<svg><text font-family="{{ c }}">x</text></svg>', "unknown_font"),
        ('<svg viewBox="{{ c }}" fill="{{ c }}"><{{ c }}/></svg>', ""),
        ('<input type="{{ c }}" name="{{ c }}" value="{{ n }}"><option>{{ n }}</option>', ""),
    ],
)
def test_no_warning_quotes_the_record(body: str, code: str, name: str) -> None:
    warnings = told(body, name)
    assert code in {"", *(warning.code for warning in warnings)}
    assert "jane" not in repr(warnings).lower()


def test_what_the_bundle_spells_is_quoted() -> None:
    body = """<img src="gone&amp;1.png"><img src="{{ n }}.png"><link rel=stylesheet href=none.css>
        <link rel=stylesheet href=a.css><b style="colr: red; font-family: 'My  Own'">x</b>"""
    messages = [str(warning) for warning in told(body, "Bo", **{"a.css": b"\nb { widht : calc( 1px }"})]
    for wanted in ("'gone&1.png'", "'none.css'", "did you mean 'color'?", "'My  Own'", "a.css:2: 'widht' is not"):
        assert any(wanted in message for message in messages), wanted
    assert sum("a URL that the record's data makes" in message for message in messages) == 1


def test_a_part_of_a_word_is_no_spelling() -> None:
    quoting = Quoting(Bundle.from_files({"template.html": b"<body>bold-face"}))
    for text in ("bo", "bold", "face", "Ody"):
        assert "(a name that" in quoting.message("unknown_font", f"the font family '{text}' is not there")
    assert quoting.message("unknown_font", "the family 'Bold-Face' is") == "the family 'Bold-Face' is"


def test_a_place_that_is_no_file_of_the_bundle_is_not_told() -> None:
    quoting = Quoting(Bundle.from_files({"template.html": b"x"}))
    warnings = [RenderWarning("invalid_css", "not readable", Place("data:text/css,jane.css", 1))]
    assert quoting.told(warnings) == [RenderWarning("invalid_css", "not readable")]


def test_lines_of_a_style_element_are_its_own_only_where_data_stands_in_it() -> None:
    [warning] = told("<p>\n<style>\nb { colr: red }</style>", "x")
    assert str(warning).startswith("template.html:3: 'colr' is not a property")
    [warning] = told("<p>\n<style>\nb { {{ c }}: 0 }</style>", "x")
    assert str(warning).startswith("template.html: <style>, line 2: (a name that the record's data makes) is not a")


def test_an_image_over_the_limit_is_not_named_by_data() -> None:
    out = io.BytesIO()
    Image.new("L", (9, 9)).save(out, "PNG")
    made = renderer('<img src="a.png?{{ n }}">', Limits(pixels_per_image=10), **{"a.png": out.getvalue()})
    with pytest.raises(LimitExceeded) as caught:
        made.render({"n": "Jane"}, "7")
    assert "Jane" not in str(caught.value)
    assert caught.value.code == "limit_pixels"


def test_without_warnings_nothing_of_the_bundle_is_read() -> None:
    made = renderer("<p>{{ n }}")
    assert made.render({"n": "x"}).warnings == ()
    assert "_spelt" not in vars(made._quoting)
