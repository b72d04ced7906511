"""Whatever flex, grid and column containers hold: layout ends, and each word stands on exactly one page, once."""

from __future__ import annotations

import re
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError
from spark_pdf.layout import formatting
from spark_pdf.layout.boxes import BlockBox
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import PaintGroup, TextFragment
from tests.compiled_help import needs_source

CSS = """<style>@page { size: 200px 160px; margin: 10px } body { margin: 0; font: 10px/12px Arimo }
.avoid { break-inside: avoid } .before { break-before: page } .keep { break-after: avoid } .after { break-after: page }
.colbreak { break-before: column } .fixed { height: 90px; border: 1px solid } .tall { height: 400px; padding: 5px }
.slim { width: 30px } .rel { position: relative; top: 3px } .pct { width: 50%; min-width: 20px } .half { height: 50% }
.pad { padding: 0 6px; border: 1px solid; margin: 8px 3px } .clip { overflow: hidden } .max { max-height: 20px }
.flex { display: flex } .col { display: flex; flex-direction: column } .wrap { display: flex; flex-wrap: wrap }
.iflex { display: inline-flex } .rev { flex-direction: column-reverse; display: flex }
.rrev { flex-direction: row-reverse }
.wrev { display: flex; flex-wrap: wrap-reverse } .colwrap { display: flex; flex-flow: column wrap; height: 100px }
.grow { flex: 1 } .none { flex: none } .basis { flex: 0 1 60px } .gap { gap: 7px } .center { align-items: center }
.end { align-self: flex-end } .base { align-items: baseline } .auto { margin: auto }
.between { justify-content: space-between } .float { float: left } .abs { position: absolute; top: 5px }
.grid { display: grid; grid-template-columns: 1fr 1fr } .igrid { display: inline-grid } .dense { grid-auto-flow: dense }
.three { display: grid; grid-template-columns: auto 40px minmax(20px, 1fr); grid-auto-rows: minmax(30px, auto) }
.fill { display: grid; grid-template-columns: repeat(auto-fill, minmax(50px, 1fr)) }
.rows { grid-template-rows: 50px 1fr 20% }
.span { grid-column: span 2 } .rowspan { grid-row: span 3 } .neg { grid-column: -1; margin: -5px } .line { grid-row: 2 }
.two { columns: 2 } .cw { column-width: 50px; column-rule: 1px solid } .seq { columns: 3; column-fill: auto }
.all { column-span: all } .cfix { columns: 2; height: 60px } .order { order: -1 } .wide { widows: 4; orphans: 4 }
.contents { display: contents } .rtl { direction: rtl } .ib { display: inline-block } .item { display: list-item }
</style>"""
CLASSES = re.findall(r"\.(\w+) \{", CSS)
HOLDERS = [
    "flex",
    "col",
    "wrap",
    "iflex",
    "rev",
    "wrev",
    "colwrap",
    "grid",
    "igrid",
    "three",
    "fill",
    "two",
    "cw",
    "seq",
]
TAGS = ["div", "div", "div", "p", "span", "b", "table", "td", "ul", "li", "section", "h2", "br", "img"]


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


ENGINE = LayoutEngine(_Nothing())
Tree = tuple[object, ...]


def nodes(depth: int) -> st.SearchStrategy[Tree]:
    words = st.tuples(st.just("#"), st.integers(1, 25), st.sampled_from([" ", "", "\n"]))
    if depth == 0:
        return words
    attributes = st.tuples(
        st.lists(st.sampled_from(HOLDERS), max_size=1), st.lists(st.sampled_from(CLASSES), max_size=3)
    ).map(lambda lists: lists[0] + lists[1])
    inner = st.lists(nodes(depth - 1), max_size=5)
    return st.one_of(words, st.tuples(st.just("<"), st.sampled_from(TAGS), attributes, inner))


class _Writer:
    """Writes a tree as HTML, every word another one."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, tree: list[Tree]) -> str:
        return "".join(self.node(node) for node in tree)

    def node(self, node: Tree) -> str:
        if node[0] == "#":
            words = [f"w{self.count + index}x" for index in range(node[1])]  # type: ignore[call-overload]
            self.count += len(words)
            return f"{node[2]}{' '.join(words)}{node[2]}"
        _, tag, classes, inner = node
        return f"<{tag} class='{' '.join(classes)}'>{self.write(inner)}</{tag}>"  # type: ignore[arg-type]


def texts(group: PaintGroup) -> list[TextFragment]:
    found = []
    for item in group.items:
        if isinstance(item, PaintGroup):
            found += texts(item)
        elif isinstance(item.fragment, TextFragment):
            found.append(item.fragment)
    return found


def words_of(html: str) -> tuple[Counter[str], int]:
    seen: Counter[str] = Counter()
    pages = 0
    for page in ENGINE.lay_out(html).pages:
        pages += 1
        letters = "".join("".join(w.text for w in t.words) for t in texts(page.body) if t.role == "")
        seen.update(re.findall(r"w\d+x", letters.replace("\u2010", "")))
    return seen, pages


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(nodes(4), min_size=1, max_size=5))
def test_every_word_stands_on_exactly_one_page(tree: list[Tree]) -> None:
    writer = _Writer()
    html = CSS + writer.write(tree)
    seen, pages = words_of(html)
    assert pages < 400
    assert {word: seen[word] for word in (f"w{i}x" for i in range(writer.count)) if seen[word] != 1} == {}


@pytest.mark.parametrize(
    "css",
    [
        "display: flex",
        "display: flex; flex-wrap: wrap",
        "display: flex; flex-direction: column",
        "display: inline-flex",
        "display: grid",
        "display: grid; grid-template-columns: 1fr auto",
        "columns: 1",
    ],
)
def test_depth_does_not_multiply_the_work(css: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    plain = formatting._LAYOUT[BlockBox]

    def counting(*arguments: object) -> object:
        nonlocal calls
        calls += 1
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setitem(formatting._LAYOUT, BlockBox, counting)
    found = []
    words = " ".join(f"w{n}x" for n in range(200))
    for depth in (8, 16):
        calls = 0
        words_of(f"{CSS}<style>.deep {{ {css} }}</style>" + "<div class=deep>" * depth + words + "</div>" * depth)
        found.append(calls)
    # Quadratic at the worst: each level is measured for itself, and placed once per page.
    assert found[1] < 5 * found[0]


@needs_source
@pytest.mark.parametrize(
    "css",
    ["display: flex; flex-wrap: wrap", "display: flex; flex-direction: column", "display: grid", "columns: 3",
     "display: grid; grid-auto-flow: dense; grid-template-columns: 1fr 1fr 1fr"],
)  # fmt: skip
def test_the_number_of_items_does_not_multiply_the_work(css: str) -> None:
    def instructions(count: int) -> int:
        items = "".join(f"<p class={'span' if n % 5 == 0 else ''}>w{n}x</p>" for n in range(count))
        html = f"{CSS}<style>.many {{ {css} }}</style><div class=many>{items}</div>"
        counted = 0

        def count_call(frame: object, event: str, argument: object) -> None:
            nonlocal counted
            counted += 1

        words_of(html)
        sys.setprofile(count_call)
        try:
            words_of(html)
        finally:
            sys.setprofile(None)
        return counted

    assert instructions(400) < 5 * instructions(100)
