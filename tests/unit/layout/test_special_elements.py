"""Elements that are more than boxes: what stands on the page for each of them (HTML, 15.4 and 15.5)."""

# ruff: noqa: E501  (tables of small documents)
from __future__ import annotations

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, ImageFragment, PaintGroup, Placed, TextFragment
from spark_pdf.layout.generation.replacing import ACCENT, meter_state
from spark_pdf.layout.html.parsing import parse_html

DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10"/></svg>'
CSS = "<style>@page { size: 400px 300px; margin: 10px } body { margin: 0; font: 10px/12px Arimo }</style>"


class _Files:
    def read(self, url: str, base: str = "") -> bytes:
        if url.startswith("data:image/svg"):
            return DOT
        if url.endswith(".svg") and url != "no.svg":
            return DOT
        raise BundleError(f"{url} is not in the bundle")


def laid(body: str, css: str = "") -> tuple[list[Placed], list[str]]:
    laid_out = LayoutEngine(_Files()).lay_out(f"{CSS}<style>{css}</style>{body}")
    page = next(iter(laid_out.pages))
    return placed(page.body), [warning.code for warning in laid_out.warnings]


def placed(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += placed(item) if isinstance(item, PaintGroup) else [item]
    return found


def texts(body: str, css: str = "") -> list[str]:
    found = [item.fragment for item in laid(body, css)[0] if isinstance(item.fragment, TextFragment)]
    return ["".join(word.text for word in fragment.words) for fragment in found]


def images(body: str, css: str = "") -> list[tuple[float, float, float, float]]:
    found = [(item.fragment, item.x, item.y) for item in laid(body, css)[0] if isinstance(item.fragment, ImageFragment)]
    return [(round(x, 2), round(y, 2), fragment.width, fragment.height) for fragment, x, y in found]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<input value="v">', ["v"]), ("<input>", []), ('<input type="text" value="a  b">', ["a  b"]),
        ('<input type="hidden" value="v">', []), ('<input type="password" value="abc">', ["\u2022" * 3]),
        ('<input type="email" value="a@b.c">', ["a@b.c"]), ('<input type="date" value="2026-01-02">', ["2026-01-02"]),
        ('<input type="number" value="7">', ["7"]), ('<input type="checkbox" value="v">', []),
        ('<input type="radio" checked>', []), ('<input type="submit">', ["Submit"]), ('<input type="reset">', ["Reset"]),
        ('<input type="button">', []), ('<input type="button" value="Go">', ["Go"]), ('<input type="SUBMIT" value="S">', ["S"]),
        ('<input placeholder="p">', ["p"]), ('<input placeholder="p" value="v">', ["v"]), ('<input type="file">', ["No file chosen"]),
        ('<input type="color" value="#ff0000">', []), ('<input type="range">', []), ('<input type="nonsense" value="v">', ["v"]),
        ("<select><option>a<option>b</select>", ["a"]), ("<select><option>a<option selected>b</select>", ["b"]),
        ("<select><option disabled>a<option>b</select>", ["b"]), ("<select></select>", []),
        ('<select><optgroup label="g"><option>a</optgroup></select>', ["a"]), ('<select><option label="l">a</select>', ["l"]),
        ("<select multiple><option>a<option>b</select>", ["a", "b"]), ('<select size="1"><option>a<option>b</select>', ["a"]),
        ("<textarea>a\nb</textarea>", ["a", "b"]), ('<textarea placeholder="p"></textarea>', ["p"]), ("<textarea></textarea>", []),
        ("<button>b</button>", ["b"]), ("<progress value=1>no</progress>", []), ("<meter value=1>no</meter>", []),
        ('<img src="no.svg" alt="the alt">', ["the alt"]), ('<img src="no.svg">', []), ('<img alt="none">', ["none"]),
        ('<object data="no.svg">fallback</object>', ["fallback"]), ('<object data="a.svg">no</object>', []),
        ('<object data="a.pdf" type="application/pdf">fallback</object>', ["fallback"]),
        ("<video>fallback</video>", ["fallback"]), ('<video poster="a.svg">no</video>', []), ("<canvas>fallback</canvas>", ["fallback"]),
        ("<audio>no</audio>", []), ('<embed src="a.svg">', []), ("<iframe>no</iframe>", []), ("<noscript>x</noscript>", ["x"]),
        ("<svg><text>in svg</text></svg>", []), ("<datalist><option>a</datalist>", []),
    ],
)  # fmt: skip
def test_texts_on_the_page(html: str, shown: list[str]) -> None:
    assert texts(html) == shown


@pytest.mark.parametrize(
    ("html", "boxes"),
    [
        ('<img src="a.svg">', [(10, 10, 20, 10)]),
        ('<img src="a.svg" width="40">', [(10, 10, 40, 20)]),
        ('<img src="a.svg" style="display:block;margin-left:auto" height="5">', [(380, 10, 10, 5)]),
        ('<img src="no.svg" srcset="b.svg 2x">', [(10, 10, 20, 10)]),
        ('<object data="a.svg" width="30"></object>', [(10, 10, 30, 15)]),
        ('<embed src="a.svg">', [(10, 10, 20, 10)]),
        ('<video poster="a.svg"></video>', [(10, 10, 20, 10)]),
        ('<input type="image" src="a.svg">', [(10, 10, 20, 10)]),
        ('<svg width="30" height="20"></svg>', [(10, 10, 30, 20)]),
        ('<svg viewBox="0 0 10 5" width="30"></svg>', [(10, 10, 30, 15)]),
        ('<svg viewBox="0 0 10 5" height="30"></svg>', [(10, 10, 60, 30)]),
        ('<svg viewBox="0 0 38 10"></svg>', [(10, 10, 380, 100)]),
        ("<svg></svg>", [(10, 10, 300, 150)]),
        ('<svg viewBox="0 0 10 5" style="width:50%"></svg>', [(10, 10, 190, 95)]),
        ('<svg width="2em" height="1em"></svg>', [(10, 10, 20, 10)]),
        ('<svg width="100%" height="20"></svg>', [(10, 10, 380, 20)]),
        ('<div style="display:flex"><svg width="30" height="20"></svg><svg width="10" height="10"></svg></div>',
         [(10, 10, 30, 20), (40, 10, 10, 10)]),
        ('<div style="display:flex"><svg viewBox="0 0 2 1" style="flex:1"></svg></div>', [(10, 10, 380, 190)]),
        ('<div style="display:grid;grid-template-columns:50px 1fr"><svg viewBox="0 0 2 1"></svg>x</div>', [(10, 10, 50, 25)]),
        ('<style>p::before{content:url(a.svg)}</style><p style="margin:0">x', [(10, 10, 20, 10)]),
        ('<table><tr><td style="padding:0"><svg width="30" height="20"></svg></table>', [(12, 12, 30, 20)]),
    ],
)  # fmt: skip
def test_boxes_of_images(html: str, boxes: list[tuple[float, ...]]) -> None:
    found = images(html)
    assert [box[2:] for box in found] == [box[2:] for box in boxes]
    assert [box[0] for box in found] == [box[0] for box in boxes]


def test_bars_are_filled_in_proportion() -> None:
    def filled(html: str) -> list[tuple[float, object]]:
        boxes = [item.fragment for item in laid(html, "* { border: 0 !important }")[0]]
        return [(box.width, box.style.background_color) for box in boxes if isinstance(box, BoxFragment)][1:]

    assert filled('<progress value="25" max="100" style="width:80px">') == [(20, ACCENT)]
    assert filled('<progress value="3" style="width:80px">') == [(80, ACCENT)]
    assert filled('<progress style="width:80px">') == []
    ((width, color),) = filled('<progress value=".5" style="width:80px;accent-color:red">')
    assert (width, color.components) == (40, (1, 0, 0))  # type: ignore[attr-defined]
    assert [width for width, _ in filled('<input type="range" max="10" value="1" style="width:80px">')] == [8]
    assert [width for width, _ in filled('<meter min="10" max="20" value="15" style="width:80px">')] == [40]


@pytest.mark.parametrize(
    ("attributes", "state"),
    [
        ("value=.5", (0.5, "good")), ("value=5", (1, "good")), ("", (0, "good")), ("value=1 max=4", (0.25, "good")),
        ("value=1 min=1 max=1", (0, "good")), ("value=.1 low=.3", (0.1, "fair")), ("value=.9 high=.7", (0.9, "fair")),
        ("value=.9 low=.3 high=.7 optimum=.1", (0.9, "poor")), ("value=.5 low=.3 high=.7 optimum=.1", (0.5, "fair")),
        ("value=.1 low=.3 high=.7 optimum=.1", (0.1, "good")), ("value=x", (0, "good")), ("value=1e999", (0, "good")),
    ],
)  # fmt: skip
def test_meters(attributes: str, state: tuple[float, str]) -> None:
    meter = next(e for e in parse_html(f"<meter {attributes}></meter>").elements if e.tag == "meter")
    assert meter_state(meter) == state


def test_a_missing_image_is_reported_and_a_link_goes_round_one_that_is_there() -> None:
    assert laid('<img src="no.svg">')[1] == ["missing_image"]
    found = LayoutEngine(_Files()).lay_out(f'{CSS}<a href="#x"><img src="a.svg"></a><svg width="9" height="9">'
                                           '<a href="https://e.org"><rect width="5" height="4"/></a></svg>')  # fmt: skip
    links = next(iter(found.pages)).links
    assert [(link.target, link.width, link.height) for link in links] == [("#x", 20, 10), ("https://e.org", 5, 4)]


def test_equal_inline_svgs_are_one_and_different_ones_are_not() -> None:
    engine = LayoutEngine(_Files())

    def keys(body: str) -> list[object]:
        page = next(iter(engine.lay_out(f"{CSS}<style>.a rect{{fill:red}}</style>{body}").pages))
        return [item.fragment.image.vector for item in placed(page.body) if isinstance(item.fragment, ImageFragment)]

    svg = '<svg width="9" height="9"><rect width="5" height="4"/></svg>'
    first, second, third = (keys(f"<p>{body}</p>")[0] for body in (svg, svg, svg.replace("5", "6")))
    assert first is second
    assert first is not third
    assert keys(f'<p class="a">{svg}</p>')[0] is not first, "selectors see where it stands"
    assert keys(f'<p style="color:red">{svg}</p>')[0] is not first, "colours are inherited"


def test_a_reference_to_another_svg_of_the_document_counts_as_content() -> None:
    engine = LayoutEngine(_Files())

    def drawn(color: str) -> object:
        sprite = f'<svg style="display:none"><symbol id="s" fill="{color}"><rect width="5" height="4"/></symbol></svg>'
        page = next(iter(engine.lay_out(f'{CSS}{sprite}<svg width="9" height="9"><use href="#s"/></svg>').pages))
        (image,) = [item.fragment for item in placed(page.body) if isinstance(item.fragment, ImageFragment)]
        assert image.image.vector is not None
        (group,) = image.image.vector.drawing(9, 9).nodes
        return group.nodes[0].fill.paint.components  # type: ignore[union-attr]

    assert drawn("red") == (1, 0, 0)
    assert drawn("blue") == (0, 0, 1)


def test_a_remembered_drawing_keeps_no_document_alive() -> None:
    engine = LayoutEngine(_Files())
    body = '<p>before</p><svg width="9" height="9"><text y="5">a</text></svg>'
    drawings = []
    for _ in range(2):
        laid_out = engine.lay_out(CSS + body)
        page = next(iter(laid_out.pages))
        (image,) = [item.fragment.image for item in placed(page.body) if isinstance(item.fragment, ImageFragment)]
        assert image.vector is not None
        drawings.append(image.vector.drawing(9, 9))
        laid_out.unlink()
        assert image.vector._element is None
        assert image.vector.drawing(9, 9) is drawings[0]
    (text,) = drawings[0].nodes
    assert text.fragment.node is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ('<input size="10">', (60, 12)), ('<input size="0">', (200, 12)), ('<input size="x">', (200, 12)),
        ('<textarea cols="20" rows="2"></textarea>', (120, 24)), ('<input size="10" style="width:30px">', (30, 12)),
    ],
)  # fmt: skip
def test_controls_take_their_size_in_characters(html: str, size: tuple[float, float]) -> None:
    css = "input, textarea { font: 10px/12px Cousine; padding: 0; border: 0; background: red }"
    (box,) = [item.fragment for item in laid(html, css)[0] if isinstance(item.fragment, BoxFragment)]
    assert (box.width, box.height) == pytest.approx(size, abs=0.1)  # Cousine's zero is 0.6 em wide
