"""What documents share: the same bytes and warnings, whatever the documents before had in common with one."""

from __future__ import annotations

import gc

import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.sharing import Shared
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.template.bundle import Bundle
from spark_pdf.text.fonts import FontSet

FONTS = FontSet()
ROWS = "".join(f"<tr><td>{n}<td>a row" for n in range(70))

BODIES = {
    "paragraphs": "<div class=a><p>The same words in each document, and enough of them to fill a line and more.</div>",
    "a table": "<table><thead><tr><th>One<th>Two<tbody><tr><td>a<td>b<tr><td>c<td>d</table>",
    "a header on each page": f"<table><thead><tr><th><p>No</p><th>Text<tbody>{ROWS}</table>",
    "counters": "<style>p { counter-increment: n } p::before { content: counter(n) }</style><div><p>x<p>y</div><p>z",
    "lists": "<ol><li>one<li>two</ol><ol><li>one<li>two</ol>",
    "quotes": "<p><q>within <q>quotes</q></q></p>",
    "siblings": "<style>p:nth-child(even) { color: red } p:last-child { color: blue }</style><div><p>x<p>y<p>x</div>",
    "places of its kind": "<style>p:nth-of-type(2) { color: red } b ~ i { color: blue }</style><p>x<p><b>b</b><i>i</i>",
    "what it has": "<style>div:has(b) p { color: red }</style><div><p>x</p><b>y</b></div><div><p>x</p></div>",
    "floats": "<div style='float: left'>left</div><p>beside it <a href=#x id=x>a link</a></p>",
    "positions": "<div style='position: relative'><p style='position: absolute; top: 9px'>x</p></div><p>y",
    "flex": "<div style='display: flex'><p>x</p><p>y <b>z</b></p></div>",
    "grid": "<div style='display: grid; grid-template-columns: 1fr 2fr; height: 90px'><p>x</p><p>y</div><p>below",
    "columns": "<div style='columns: 2'><p>x</p><p>y</div><p>below",
    "a table in a column": "<table><tr><td><table><tr><td>No one knows how wide<td>x</table><td>beside it</table>",
    "decorations": "<u><p>underlined</p></u><div style='text-decoration: underline'><p>more of it</p></div>",
    "images": "<div><img src=none.png alt=missing></div>",
    "glyphs": "<div><p>no face has \U00013000</p></div>",
    "named strings": "<style>p { string-set: s content() } @page { @top-left { content: string(s) } }</style><p>x",
    "pages": "<style>h2 { break-before: page }</style><div><h2>one</h2><h2>two</h2></div>",
    "references": "<style>a::after { content: target-counter(attr(href), page) }</style><p><a href=#t>t</a><p id=t>t",
    "heights": "<div style='height: 20px'><p>too high for it<p>by far</div><p>below",
    "a script": "<p>x<b>y</b></p><b>x</b><script>document.write('<b>x</b>'); 1 <<2</script><p>z",
    "attributes": "<div><p style='color: nonsense'>x</p><p style='color: red'>y</p></div>",
}  # fmt: skip
BEFORE = ("<p>before it", "<div style='height: 900px'></div>", "<div class=b style='width: 90px'>")


def _render(engine: LayoutEngine, html: str) -> tuple[object, ...]:
    laid_out = engine.lay_out(html)
    warnings: list[object] = []
    data, pages = PdfEngine().write(laid_out, warnings=warnings)  # type: ignore[arg-type]
    found = data, pages, laid_out.warnings, tuple(warnings)
    laid_out.unlink()
    return found


def _engine() -> LayoutEngine:
    return LayoutEngine(Bundle.load({"template.html": b""}), FONTS)


def _subtrees(engine: LayoutEngine) -> list[Shared]:
    return [shared for alike in engine._sharing._young.values() for shared in alike]


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_document_is_the_same_whatever_came_before(body: str) -> None:
    documents = [f"<body>{before}{body}" for before in BEFORE]
    cold = [_render(_engine(), html) for html in documents]
    hot = _engine()
    for _ in range(6):  # from the fourth time on without lexbor (`html/recipes.py`)
        for html, expected in zip(documents, cold, strict=True):
            assert _render(hot, html) == expected


def test_boxes_and_fragments_of_what_comes_again_are_kept() -> None:
    engine = _engine()
    for number in range(5):
        _render(engine, f"<body><p>No {number}<div class=a><p>The same</p><p>in each</p></div><p>No {number}")
    (shared,) = [s for s in _subtrees(engine) if s.root.tag == "div"]
    assert shared.count == 3
    assert shared.root.kept is not None
    box = shared.root.kept.box
    assert box is not None
    assert box.memory is not None  # type: ignore[attr-defined]
    assert box.memory.fragment.height > 0  # type: ignore[attr-defined]


def test_cells_are_kept_and_rows_are_not() -> None:
    engine = _engine()
    for number in range(4):
        _render(engine, f"<body><table><tr><th>Label<td>{number}<tr><th colspan=2>Wide</table>")
    kept = {s.root.tag: s.root for s in _subtrees(engine)}
    assert kept["th"].kept is not None
    assert kept["th"].kept.box is not None
    assert kept["tr"].kept is not None
    assert kept["tr"].kept.box is None


@pytest.mark.parametrize("tag", ["svg", "style", "details"])
def test_what_means_something_outside_of_itself_is_not_shared(tag: str) -> None:
    engine = _engine()
    for _ in range(4):
        _render(engine, f"<body><div><{tag}></{tag}></div>")
    assert not _subtrees(engine)


def test_twice_in_one_document_are_two_subtrees() -> None:
    engine = _engine()
    laid_out = [engine.lay_out("<body><p>twin</p><p>twin</p>") for _ in range(3)]
    for one in laid_out:
        one.unlink()
    last = engine.lay_out("<body><p>twin</p><p>twin</p>")
    (page,) = list(last.pages)
    texts = [item.fragment for item in page.body.items if hasattr(item, "fragment")]
    nodes = {id(fragment.node) for fragment in texts if isinstance(getattr(fragment, "node", None), Element)}
    assert len(nodes) == 2


def test_documents_at_work_at_the_same_time_share_nothing() -> None:
    alone = _render(_engine(), "<body><div><p>shared</p></div>")
    engine = _engine()
    for _ in range(3):
        _render(engine, "<body><div><p>shared</p></div>")
    first, second = engine.lay_out("<body><div><p>shared</p></div>"), engine.lay_out("<body><div><p>shared</p></div>")
    assert PdfEngine().write(first)[0] == PdfEngine().write(second)[0] == alone[0]


def test_what_is_shared_does_not_keep_the_documents_that_it_stood_in() -> None:
    engine = _engine()
    for number in range(12):
        _render(engine, f"<body><table><tr><td>{number}<td>the same<td>{number % 3}</table><p>{number}<p>below")
    (kept, *_) = (s.root for s in _subtrees(engine) if "the same" in s.root.children)
    assert kept.parent is None
    assert kept.previous is None
    later = engine.lay_out("<body><table><tr><td>x<td>the same<td>y</table>")
    assert kept.parent is not None
    later.unlink()
    assert kept.parent is None


def test_subtrees_within_a_larger_one_stay_in_it() -> None:
    engine = _engine()
    sheet = "<style>div p b { color: red }</style>"
    for number in range(4):
        _render(engine, f"{sheet}<body>{number}<div><p>x <b>same</b></p></div>")
    for number in range(4):
        _render(engine, f"{sheet}<body>{number}<section><div><p>x <b>same</b></p></div></section>")
    (larger,) = [s.root for s in _subtrees(engine) if s.root.tag == "section"]
    (inner,) = larger.children
    assert isinstance(inner, Element)
    assert inner.parent is larger


def test_what_is_kept_is_bounded_and_goes_without_the_collector() -> None:
    engine = _engine()

    def render(number: int) -> None:
        engine._sharing._documents = 0  # look through all of them
        rows = "".join(f"<p>{number} {index} of many<table><tr><td>{number}</table>" for index in range(60))
        _render(engine, f"<body>{rows}")

    render(0)
    gc.collect()
    gc.disable()
    try:
        for number in range(40):
            for _ in range(3):
                render(number)
        assert gc.collect() == 0
    finally:
        gc.enable()
    young, old = engine._sharing._young, engine._sharing._old
    sizes = [sum(s.size for alike in some.values() for s in alike) for some in (young, old)]
    assert max(sizes) < 115_000
    assert sum(sizes) > 60_000


def test_a_box_is_made_anew_after_many_documents() -> None:
    engine = _engine()
    boxes = set()
    for number in range(500):
        _render(engine, f"<body><p>{number}<div class=a><table><tr><td>The same</table></div>")
        for shared in _subtrees(engine):
            if shared.root.kept is not None and shared.root.tag == "div" and shared.root.kept.box is not None:
                boxes.add(shared.root.kept.box)
    assert len(boxes) == 3
