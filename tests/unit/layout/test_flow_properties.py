"""Whatever HTML says: layout ends, raises nothing untyped, and each word stands on exactly one page."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import PaintGroup, TextFragment

CSS = """<style>@page { size: 200px 160px; margin: 10px } body { margin: 0; font: 10px/12px Arimo }
.avoid { break-inside: avoid } .before { break-before: page } .keep { break-after: avoid }
.tight { break-before: avoid }
.left { break-before: left } .fixed { height: 90px; border: 1px solid } .tall { height: 400px; padding: 5px }
.collapse { border-collapse: collapse } .collapse td { border: 1px solid } .nowrap { white-space: nowrap }
.pre { white-space: pre-wrap } .ib { display: inline-block } .it { display: inline-table } .cell { display: table-cell }
.slim { width: 30px } .rel { position: relative; top: 3px } .pct { width: 50%; min-width: 20px }
.fix { table-layout: fixed; width: 100% } .split { break-inside: auto } .wide { widows: 4; orphans: 4 }
.top { vertical-align: top } .bottom { vertical-align: bottom } .mid { vertical-align: middle } .neg { margin: -5px }
.pad { padding: 0 6px; border: 1px solid; margin: 8px 3px } .just { text-align: justify } .clip { overflow: hidden }
.row { display: table-row } .item { display: list-item } .contents { display: contents } .max { max-height: 20px }
.fl { float: left } .fr { float: right } .flw { float: left; width: 60px } .frt { float: right; height: 200px }
.fln { float: left; margin: -4px 3px 6px } .cb { clear: both } .cl { clear: left } .root { display: flow-root }
.letter::first-letter { color: red; font-size: 8px } .line::first-line { font-size: 14px; text-transform: uppercase }
.mark::marker { content: '*' } .min { width: min-content } .ratio { aspect-ratio: 3 } .fit { max-width: fit-content }
.clone { box-decoration-break: clone; padding: 4px; border: 2px solid }
.abs { position: absolute } .abt { position: absolute; top: 5px; right: 0; left: 20% } .sunk { margin-top: 15px }
</style>"""
CLASSES = re.findall(r"\.(\w+)(?:::[\w-]+)? \{", CSS)
TAGS = [
    "div",
    "p",
    "span",
    "b",
    "table",
    "tbody",
    "thead",
    "tfoot",
    "tr",
    "td",
    "th",
    "caption",
    "ul",
    "ol",
    "li",
    "h2",
    "br",
    "a",
    "section",
    "img",
    "hr",
    "pre",
    "col",
    "colgroup",
    "q",
]


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


ENGINE = LayoutEngine(_Nothing())


def nodes(depth: int) -> st.SearchStrategy[tuple[str, ...] | tuple[object, ...]]:
    words = st.tuples(st.just("#"), st.integers(1, 25), st.sampled_from([" ", "", "\n", "-"]))
    if depth == 0:
        return words
    attributes = st.lists(st.sampled_from(CLASSES), max_size=2)
    spans = st.sampled_from(["", " rowspan=2", " colspan=2", " rowspan=3 colspan=3", " rowspan=0", " id=a"])
    inner = st.lists(nodes(depth - 1), max_size=4)
    return st.one_of(words, st.tuples(st.just("<"), st.sampled_from(TAGS), attributes, spans, inner))


class _Writer:
    """Writes a tree as HTML, every word another one."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, tree: list[object]) -> str:
        return "".join(self.node(node) for node in tree)

    def node(self, node: object) -> str:
        if node[0] == "#":  # type: ignore[index]
            _, count, gap = node  # type: ignore[misc]
            words = []
            for _ in range(count):
                words.append(f"w{self.count}x")
                self.count += 1
            return gap + " ".join(words) + gap
        _, tag, classes, spans, inner = node  # type: ignore[misc]
        classes = " ".join(classes)
        return f"<{tag} class='{classes}'{spans}>{self.write(inner)}</{tag}>"


def texts(group: PaintGroup) -> list[TextFragment]:
    found = []
    for item in group.items:
        if isinstance(item, PaintGroup):
            found += texts(item)
        elif isinstance(item.fragment, TextFragment):
            found.append(item.fragment)
    return found


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(nodes(4), min_size=1, max_size=6))
def test_every_word_stands_on_exactly_one_page(tree: list[object]) -> None:
    writer = _Writer()
    html = CSS + writer.write(tree)
    seen: Counter[str] = Counter()
    pages = 0
    for page in ENGINE.lay_out(html).pages:
        pages += 1
        letters = "".join("".join(w.text for w in t.words) for t in texts(page.body) if t.role == "")
        seen.update(re.findall(r"w\d+x", letters.replace("\u2010", "").lower()))
    assert pages < 400
    assert {word: seen[word] for word in (f"w{i}x" for i in range(writer.count)) if seen[word] != 1} == {}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.text(max_size=200), st.sampled_from(["normal", "nowrap", "pre", "pre-wrap", "pre-line", "break-spaces"]))
def test_any_text_is_laid_out(text: str, mode: str) -> None:
    html = f"<style>@page {{ size: 100px 100px; margin: 5px }} p {{ white-space: {mode} }}</style><p>" + (
        text.replace("&", "&amp;").replace("<", "&lt;")
    )
    assert sum(1 for _ in ENGINE.lay_out(html).pages) >= 1
