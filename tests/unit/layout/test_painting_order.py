"""In which order boxes are painted (CSS 2.2, appendix E), by their ids."""

from __future__ import annotations

from itertools import pairwise

import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, ImageFragment, PaintGroup, Placed, TextFragment


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise AssertionError(url)


def painted(body: str, css: str = "") -> str:
    """Ids of boxes and texts in painting order; groups in brackets, with what is said of them."""
    html = f"<!DOCTYPE html><style>@page {{ size: 300px 300px }} [id] {{ background: red }} {css}</style>{body}"
    (page,) = LayoutEngine(_Nothing()).lay_out(html).pages
    return " ".join(_walk(page.body))


def _walk(group: PaintGroup) -> list[str]:
    found: list[str] = []
    for item in group.items:
        if isinstance(item, PaintGroup):
            marks = [
                *(["clip"] if item.clip or item.outline else []), *([item.blend] if item.blend != "normal" else []),
                *(["isolated"] if item.isolated else []), *(["faded"] if item.opacity < 1 else []),
                *(["moved"] if item.transform else []),
            ]  # fmt: skip
            found += ["-".join(marks) + "[", *_walk(item), "]"]
        elif isinstance(item.fragment, TextFragment):
            found.append("".join(word.text for word in item.fragment.words))
        elif isinstance(item.fragment, (BoxFragment, ImageFragment)):
            found.append(item.fragment.node.id if item.fragment.node else "-")
        else:
            found.append(type(item.fragment).__name__)
    return found


CASES = {
    "blocks, then text": ("<p id=a>x</p><p id=b>y</p>", "", "a b x y"),
    "positioned above all in flow": ("<p id=a style='position: relative'>x</p><p id=b>y</p>", "", "b y a x"),
    "floats between blocks and text": (
        "<p id=a>x</p><p id=f style='float: left'>z</p><p id=b>y</p>", "", "a b f z x y",
    ),
    "a float is painted as one": ("<div id=f style='float: left'><p id=g>x</p></div><p id=b>y</p>", "", "b f g x y"),
    "an inline block stands among the text": (
        "<p id=a>x<span id=i style='display: inline-block'><b id=j>y</b></span>z</p>", "", "a x i j y z",
    ),
    "negative below": ("<p id=a>x</p><p id=b style='position: relative; z-index: -1'>y</p>", "", "b y a x"),
    "z-index needs a position": ("<p id=a style='z-index: 5'>x</p><p id=b>y</p>", "", "a b x y"),
    "equal ones in tree order": (
        "<p id=a style='position: relative; z-index: 1'></p><p id=b style='position: relative; z-index: 1'></p>",
        "", "a b",
    ),
    "a generated box that waits for a line comes before the boxes behind it": (
        "<div id=a><p id=b style='position: absolute'>x</p></div>",
        "#a { position: relative } #a::before { content: ''; position: absolute; width: 9px; height: 9px;"
        " background: red }", "a a b x",
    ),
    "auto and zero in tree order": (
        "<p id=a style='position: relative; z-index: 0'></p><p id=b style='position: relative'></p>", "", "a b",
    ),
    "what stacks in a box without z-index escapes it": (
        "<div id=a style='position: relative'><p id=c style='position: relative; z-index: 2'></p></div>"
        "<p id=b style='position: relative; z-index: 1'></p>", "", "a b c",
    ),
    "what stacks in a float escapes it": (
        "<div id=a style='float: left'><p id=c style='position: relative; z-index: -1'></p></div><p id=b></p>",
        "", "c b a",
    ),
    "what stacks in a context stays in it": (
        "<div id=a style='position: relative; z-index: 0'><p id=c style='position: relative; z-index: 2'></p></div>"
        "<p id=b style='position: relative; z-index: 1'></p>", "", "a c b",
    ),
    "items of flex stack without a position": (
        "<div style='display: flex'><p id=a style='z-index: 1'></p><p id=b></p></div>", "p { width: 9px; height: 9px }",
        "b a",
    ),
    "absolute escapes the clip of what does not contain it": (
        "<div id=a style='overflow: hidden'><p id=b style='position: absolute'>x</p><p id=c>y</p></div>", "",
        "a clip[ c ] clip[ y ] b x",
    ),
    "relative does not": (
        "<div id=a style='overflow: hidden'><p id=b style='position: relative'>x</p></div>", "", "a clip[ b x ]",
    ),
    "a fading box is one": ("<p id=a style='opacity: 0.5'>x</p><p id=b>y</p>", "", "b y faded[ a x ]"),
    "a context that holds a blend mode is isolated": (
        "<div id=a style='position: relative; z-index: 0'><p id=b style='mix-blend-mode: screen'>x</p></div>", "",
        "isolated[ a screen[ b x ] ]",
    ),
    "an inline box that fades takes its text along": (
        "<p id=a>x<span id=s style='opacity: 0.5'>y</span>z</p>", "", "a x z faded[ s y ]",
    ),
    "outlines come last": (
        "<p id=a style='outline: 1px solid'>x</p><p id=b>y</p>", "", "a b x y OutlineFragment",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_painting_order(case: str) -> None:
    body, css, expected = CASES[case]
    assert painted(body, css + "p { margin: 0 }") == expected


def test_the_canvas_takes_the_background_of_body_once() -> None:
    css = "body { background: red; border: 1px solid }"
    html = f"<!DOCTYPE html><style>{css}</style><p>x</p>"
    (page,) = LayoutEngine(_Nothing()).lay_out(html).pages
    styles = [item.fragment.style for item in _flat(page.body) if not isinstance(item.fragment, TextFragment)]
    assert [style.background_color.alpha for style in styles] == [1.0, 0.0]
    assert styles[1].border_top_width == 1.0


def _flat(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += _flat(item) if isinstance(item, PaintGroup) else [item]
    return found


@pytest.mark.parametrize("count", [400, 1600])
def test_many_positioned_boxes_cost_linearly(count: int) -> None:
    names = painted("<p id=a style='position: relative; z-index: 1'></p>" * count).split()
    assert len(names) == count
    assert all(first == last for first, last in pairwise(names))
