"""Tables and pages against WeasyPrint, glyph by glyph. What the two see otherwise is left out, and tested by numbers
elsewhere: heights of tables shared by rows, `visibility: collapse`, boxes of a given height over pages, breaks within
flex containers, names of pages that end.
"""

from __future__ import annotations

import pytest

from tests.weasyprint_help import INSTALLED, unmatched

pytestmark = pytest.mark.skipif(not INSTALLED, reason="WeasyPrint is not installed")

PLAIN = "p { margin: 0 } td, th { padding: 0 } table { border-spacing: 0 }"
PAGED = (
    "p, h1, h2 { margin: 0; font: inherit; orphans: 1; widows: 1 } td, th { padding: 0; text-align: left }"
    " table { border-spacing: 0 } thead, tfoot, tr { break-inside: avoid }"
)


def p(count: int, prefix: str = "p") -> str:
    return "".join(f"<p>{prefix}{number}</p>" for number in range(count))


def rows(count: int, prefix: str = "r") -> str:
    return "".join(f"<tr><td>{prefix}{number}<td>x" for number in range(count))


TABLES = {
    "auto": ("<table><tr><td>a<td>longer text here<td>mid text</table>", ""),
    "auto100": ("<table style='width:100%'><tr><td>a<td>longer text here<td>mid text</table>", ""),
    "autoNarrow": ("<table style='width:60px'><tr><td>aaa bbb<td>longer text here<td>mid text</table>", ""),
    "pct": ("<table style='width:100%'><tr><td style='width:20%'>a<td style='width:50%'>b<td>c</table>", ""),
    "pctauto": ("<table><tr><td style='width:20%'>aaaa<td>bbbbb<td>c</table>", ""),
    "px": ("<table style='width:300px'><tr><td style='width:50px'>a<td style='width:100px'>b<td>c d e</table>", ""),
    "pxall": ("<table style='width:300px'><tr><td style='width:50px'>a<td style='width:100px'>b</table>", ""),
    "mixed": (
        "<table style='width:300px'><tr><td style='width:50px'>a<td style='width:30%'>b<td>auto content<td>x</table>",
        "",
    ),
    "col": (
        "<table style='width:300px'><col style='width:50px'><col><col style='width:100px'><tr><td>a<td>b<td>c</table>",
        "",
    ),
    "colgroup": (
        "<table style='width:300px'><colgroup span=2 style='width:40px'></colgroup><col><tr><td>a<td>b<td>c</table>",
        "",
    ),
    "colspanw": ("<table><tr><td colspan=2>a very long spanning cell<td>c<tr><td>a<td>b<td>c</table>", ""),
    "colspanw2": (
        "<table style='width:300px'><tr><td colspan=2 style='width:200px'>span<td>c<tr><td>aaa<td>b<td>c</table>",
        "",
    ),
    "colspanpct": (
        "<table style='width:300px'><tr><td colspan=2 style='width:60%'>span<td>c<tr><td>aaa<td>b<td>c</table>",
        "",
    ),
    "fixed": (
        "<table style='width:300px;table-layout:fixed'><tr><td style='width:50px'>a<td>b text<td>c<tr><td>"
        "looooooong<td>b<td>c</table>",
        "",
    ),
    "fixedpct": (
        "<table style='width:300px;table-layout:fixed'><tr><td style='width:50%'>a<td>"
        "b text<td style='width:30px'>c</table>",
        "",
    ),
    "fixedcol": (
        "<table style='width:300px;table-layout:fixed'><col style='width:30px'><tr>"
        "<td colspan=2 style='width:100px'>a<td>b text</table>",
        "",
    ),
    "fixedover": (
        "<table style='width:100px;table-layout:fixed'><tr><td style='width:80px'>a<td style='width:80px'>b</table>",
        "",
    ),
    "minw": ("<table><tr><td style='min-width:80px'>a<td>b</table>", ""),
    "nowrap": ("<table style='width:100px'><tr><td style='white-space:nowrap'>no wrap at all<td>b b b b b</table>", ""),
    "tablemax": ("<table style='max-width:100px'><tr><td>some words that are long<td>b b b b b</table>", ""),
    "tablemin": ("<table style='min-width:200px'><tr><td>some<td>b b</table>", ""),
    "spacing": (
        "<table style='border-spacing:10px 5px;border:2px solid;padding:3px'><tr><td>a<td>b<tr><td>c<td>d</table>",
        "td,th{padding:2px}",
    ),
    "collapse": (
        "<table style='border-collapse:collapse;border:4px solid'><tr><td>a<td>b<tr><td>c<td>d</table>",
        "td{padding:2px;border:1px solid}",
    ),
    "center": ("<table style='margin:0 auto'><tr><td>a<td>b</table>", ""),
    "rowh": ("<table><tr style='height:40px'><td>a<td style='vertical-align:bottom'>b</table>", ""),
    "cellh": ("<table><tr><td style='height:40px'>a<td style='vertical-align:bottom'>b<td>c</table>", ""),
    "rowspan": ("<table><tr><td rowspan=2>a<br>a<br>a<br>a<td>b<tr><td>c</table>", ""),
    "rowspan2": ("<table><tr><td rowspan=3>a<br>a<br>a<br>a<br>a<td>b<tr><td>c<tr><td>d<br>d</table>", ""),
    "rowspan3": ("<table><tr><td>x<td rowspan=2>a<tr><td>c<td>d<tr><td>e</table>", ""),
    "rsmix": ("<table><tr><td rowspan=2 colspan=2>big<td>b<tr><td>c<tr><td>1<td>2<td>3</table>", ""),
    "baseline": ("<table><tr style='vertical-align:baseline'><td>a<td style='font-size:20px'>B<td><br>c</table>", ""),
    "middle": (
        "<table><tr style='vertical-align:middle'><td>a<td>B<br>b<br>b<td style='vertical-align:top'>c</table>",
        "",
    ),
    "rsva": ("<table><tr><td rowspan=2 style='vertical-align:middle'>m<td>b<br>b<tr><td>c</table>", ""),
    "nested": ("<table><tr><td><table><tr><td>in<td>ner</table><td>b</table>", ""),
    "nested100": (
        "<table style='width:200px'><tr><td><table style='width:100%'><tr><td>in<td>ner</table><td>b</table>",
        "",
    ),
    "imgcell": ("<table><tr><td><div style='width:50px;height:20px'></div><td>b</table>", ""),
    "anon": (
        "<div style='display:table'><div style='display:table-cell'>a</div><div style='display:table-cell'>"
        "b</div></div>",
        "",
    ),
    "inlinet": ("x <table style='display:inline-table'><tr><td>a<td>b</table> y", ""),
    "tfootfirst": ("<table><tfoot><tr><td>f</tfoot><tbody><tr><td>b</tbody><thead><tr><td>h</thead></table>", ""),
    "emptyrows": ("<table><tr></tr><tr><td>a</table>", ""),
    "cellpad": ("<table cellpadding=5 cellspacing=3 border=1><tr><td>a<td>b</table>", ""),
    "widthattr": ("<table width=50%><tr><td width=30>a<td width='20%'>b<td>c</table>", ""),
    "colspan0": ("<table style='width:200px'><tr><td colspan=3>abc<tr><td>a<td>b<td>c</table>", ""),
}


PAGES = {
    "plain": (p(12), ""),
    "margins": ("".join(f"<p style='margin:7px 0'>p{i}</p>" for i in range(12)), ""),
    "marginbreak": (p(4) + "<p style='margin-top:30px'>a</p>", ""),
    "forcedmargin": (p(2) + "<p style='margin-top:10px;break-before:page'>a</p>" + p(2), ""),
    "padding": ("<div style='padding:6px;border:1px solid'>" + p(12) + "</div>", ""),
    "clone": ("<div style='padding:6px;border:1px solid;box-decoration-break:clone'>" + p(12) + "</div>", ""),
    "orph": ("<p>a<p>b<p style='orphans:3;widows:3'>" + "<br>".join("x" * 3 for _ in range(8)), ""),
    "widow": ("<p>a<p style='orphans:2;widows:2'>" + "<br>".join("x" * 3 for _ in range(5)), ""),
    "avoid": (p(3) + "<div style='break-inside:avoid'>" + p(4, "q") + "</div>" + p(2), ""),
    "after": (p(4) + "<h2 style='break-after:avoid'>h</h2>" + p(2), ""),
    "before": (p(5) + "<p style='break-before:avoid'>z</p>", ""),
    "left": (p(2) + "<p style='break-before:left'>a</p><p style='break-before:right'>b</p>", ""),
    "recto": (p(2) + "<p style='break-before:recto'>a</p><p style='break-before:verso'>b</p>", ""),
    "nested": (p(2) + "<div><div><p style='break-before:page'>a</p></div></div>" + p(1), ""),
    "nestedafter": ("<div><div><p style='break-after:page'>a</p></div></div>" + p(2), ""),
    "table": ("<table>" + rows(12) + "</table>", ""),
    "tablehead": ("<table><thead><tr><th>H</thead>" + rows(12) + "</table>", ""),
    "tablefoot": ("<table><tfoot><tr><th>F</tfoot>" + rows(12) + "</table>", ""),
    "tableboth": ("<p>x</p><table><thead><tr><th>H</thead><tfoot><tr><th>F</tfoot>" + rows(12) + "</table><p>y", ""),
    "tablelate": (p(4) + "<table><thead><tr><th>H</thead>" + rows(4) + "</table>", ""),
    "tablelate2": (p(3) + "<table><thead><tr><th>H</thead><tfoot><tr><th>F</tfoot>" + rows(4) + "</table>", ""),
    "rowavoid": ("<table><tr><td>a<br>a<br>a<tr><td>b<br>b<br>b<br>b</table>", ""),
    "rowauto": (
        "<table><tr style='break-inside:auto'><td>a<br>a<br>a<tr style='break-inside:auto'><td>b<br>b<br>"
        "b<br>b</table>",
        "",
    ),
    "rowtall": ("<table><tr><td>" + "<br>".join(f"l{i}" for i in range(12)) + "</table>", ""),
    "rowforced": ("<table>" + rows(2) + "<tr style='break-before:page'><td>z" + rows(2, "q") + "</table>", ""),
    "groupforced": (
        "<table><tbody>" + rows(2) + "</tbody><tbody style='break-before:page'>" + rows(2, "q") + "</tbody></table>",
        "",
    ),
    "groupavoid": (
        "<table><tbody>" + rows(3) + "</tbody><tbody style='break-inside:avoid'>" + rows(3, "q") + "</tbody></table>",
        "",
    ),
    "collapse": (
        "<table style='border-collapse:collapse'>" + rows(12) + "</table>",
        "td{border:1px solid;padding:1px!important}",
    ),
    "tableborder": ("<table style='border:2px solid;padding:3px'>" + rows(12) + "</table>", ""),
    "flexpage": ("<div style='display:flex;flex-direction:column'>" + p(8) + "</div>", ""),
    "ul": ("<ul>" + "".join(f"<li>i{i}" for i in range(12)) + "</ul>", "ul{margin:0}"),
    "tallavoid": ("<p>a</p><div style='break-inside:avoid'>" + p(12, "q") + "</div>", ""),
    "pagepad": (p(12), "@page{padding:5px;border:1px solid}"),
    "marginboxes": (
        p(7),
        "@page{@top-left{content:'TL long'}@top-center{content:'C'}@top-right{content:'right one'}"
        "@bottom-left{content:counter(page)}@bottom-right-corner{content:'x'}@left-middle{content:'L'}@right-top{content:'RT'}@right-bottom{content:'RB'}}",
    ),
    "mb2": (
        p(7),
        "@page{margin:30px;@top-left{content:'B much longer text here';border:1px solid;padding:2px}"
        "@top-right{content:'short';margin:3px}"
        "@bottom-center{content:'Page ' counter(page) ' of ' counter(pages);width:50%}}",
    ),
    "strings": (
        "<h1>A</h1>" + p(6) + "<h1>B</h1>",
        "h1{string-set:t content()} @page{@top-left{content:string(t)}@top-right{content:string(t,last)}}",
    ),
    "running": (
        "<header>Head <b>x</b></header>" + p(7),
        "header{position:running(h)} @page{@top-center{content:element(h)}}",
    ),
    "toc": (
        "<a href='#x'>X</a>" + p(6) + "<h2 id=x>X</h2>",
        "a { color: black; text-decoration: none }"
        " a::after { content: ' ' target-counter(attr(href), page) ' ' target-text(attr(href)) }",
    ),
    "foot": ("<p>a<span class=f>note</span></p>" + p(7), ".f{float:footnote}"),
    "foot2": (
        "<p>a<span class=f>note one</span> b<span class=f>two</span></p>"
        + p(3)
        + "<p>c<span class=f>three</span></p>"
        + p(2),
        ".f{float:footnote} @page{@footnote{border-top:1px solid;padding-top:2px;margin-top:3px}}",
    ),
    "blankm": (
        p(2) + "<p style='break-before:left'>a</p><p style='break-before:left'>b</p>",
        "@page :blank{@top-left{content:'bl'}}",
    ),
}


@pytest.mark.parametrize("case", TABLES)
def test_tables(case: str) -> None:
    body, css = TABLES[case]
    assert unmatched(body, PLAIN + css) == []


@pytest.mark.parametrize("case", PAGES)
def test_pages(case: str) -> None:
    body, css = PAGES[case]
    assert unmatched(body, PAGED + css, "200px 100px") == []
