"""The cascade: order, hints, pseudo-elements, sharing; and that remembering changes nothing."""

import random

from spark_pdf.errors import BundleError, Place
from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.layout.style import STYLE_NAMES
from spark_pdf.layout.values import Percentage


def stylist_of(css, **more):
    return Stylist(load_stylesheets([StyleSource(css, "style.css")], **more), "t.html")


def walk(stylist, root):
    """Styles of all elements, in document order."""
    found = []

    def step(element, parent):
        style = stylist.style(element, parent)
        found.append((element, style))
        for child in element.children:
            if isinstance(child, Element):
                step(child, style)

    step(root, None)
    return found


def by_id(css, body):
    return {element.id: style for element, style in walk(stylist_of(css), parse_html(body).root) if element.id}


def values(style):
    return tuple(getattr(style, name) for name in STYLE_NAMES if name != "derived")


def test_specificity_order_and_importance():
    css = """#x { width: 1px } p.a.b { width: 2px } p { width: 3px !important; height: 1px } p { height: 2px }
             .a { opacity: 0.1 } p { opacity: 0.2 } :where(#x) { z-index: 1 } p { z-index: 2 } :is(#x,
             b) { order: 1; widows: 4 }
             p.a { widows: 5 }"""
    style = by_id(css, '<p id=x class="a b" style="height: 9px; width: 9px">')["x"]
    assert (style.width, style.height, style.opacity, style.z_index, style.widows) == (3, 9, 0.1, 2, 4)
    assert by_id("p { color: red !important }", '<p id=x style="color: blue !important">')["x"].color.components == (
        0,
        0,
        1,
    )


def test_rules_of_the_author_beat_the_user_agents():
    assert by_id("* { display: block }", "<b id=x>")["x"].display == "block"
    assert by_id("", "<b id=x>")["x"].font_weight == 700


def test_hints_lie_below_every_author_rule():
    body = "<table id=t width=50% cellpadding=5 border=2><tr><td id=c align=right bgcolor='#ff0000' width=30>"
    found = by_id("", body)
    assert found["t"].width == Percentage(0.5)
    assert found["t"].border_top_width == 2
    cell = found["c"]
    assert (cell.width, cell.padding_left, cell.text_align, cell.border_top_width) == (30, 5, "right", 1)
    assert cell.background_color.components == (1, 0, 0)
    assert by_id("* { padding: 1px }", body)["c"].padding_left == 1
    assert by_id("", "<p hidden id=x>")["x"].display == "none"
    assert by_id("", "<font id=x color=ff0000 size=5>")["x"].font_size == 24


def test_cells_of_different_tables_take_their_own_padding():
    found = by_id("", "<table cellpadding=3><td id=a>1</table><table cellpadding=4><td id=b>1</table>")
    assert (found["a"].padding_top, found["b"].padding_top) == (3, 4)


def test_equal_cascades_share_one_style():
    stylist = stylist_of(".a { color: red }")
    found = walk(stylist, parse_html("<table><tr><td class=a>1<td class=a>2<td>3<tr><td class=a>4</table>").root)
    cells = [style for element, style in found if element.tag == "td"]
    assert cells[0] is cells[1] is cells[3]
    assert cells[2] is not cells[0]
    again = walk(stylist, parse_html("<table><tr><td class=a>1</table>").root)
    assert again[-1][1] is cells[0]


def test_style_attributes_are_shared_by_text_and_warn_each_document_anew():
    stylist = stylist_of("")
    for _ in range(2):
        found = walk(stylist, parse_html('<p style="width: 1px; nope: 1"></p><p style="width: 1px; nope: 1"></p>').root)
        assert found[-1][1] is found[-2][1]
        warnings = stylist.take_warnings()
        assert [(w.code, w.place) for w in warnings] == [("unknown_property", Place("t.html"))]
    assert stylist.take_warnings() == ()


def test_pseudo_elements():
    stylist = stylist_of("p { color: red } .a::before { content: 'x'; font-size: 2em } .b::after { color: blue }")
    found = {
        e.id: (e, s) for e, s in walk(stylist, parse_html("<p id=a class=a><p id=b class=b><p id=c>").root) if e.id
    }
    before = stylist.pseudo_style(*found["a"], "before")
    assert before is not None
    assert (before.content, before.font_size, before.color.components) == ((("string", "x"),), 32, (1, 0, 0))
    assert before is stylist.pseudo_style(*found["a"], "before")
    assert stylist.pseudo_style(*found["a"], "after") is None
    assert stylist.pseudo_style(*found["b"], "after") is None, "without content it generates nothing"
    assert stylist.pseudo_style(*found["c"], "before") is None


def test_an_element_may_be_styled_before_its_parent_and_by_two_stylists():
    one, two = stylist_of("div p { width: 1px }"), stylist_of("div p { width: 2px }")
    document = parse_html("<div><p>")
    paragraph = next(e for e, _ in walk(one, document.root) if e.tag == "p")
    assert two.style(paragraph, None).width == 2
    assert one.style(paragraph, None).width == 1


def random_document(source):
    def block(depth):
        tag = source.choice(["div", "p", "ul", "span", "b"])
        attributes = source.choice(
            ["", " class=a", " class='b c'", " id=i", " title=t", " style='width: 2px'", " hidden"]
        )
        inner = "".join(block(depth + 1) for _ in range(source.randrange(4))) if depth < 4 else "x"
        return f"<{tag}{attributes}>{inner}</{tag}>"

    return "".join(block(0) for _ in range(4))


def test_cold_hot_and_evicted_memories_give_the_same(monkeypatch):
    css = """div > p:nth-child(2n) { width: 1px } .a + * { height: 2px } .b ~ .c { opacity: 0.5 } ul:empty { widows: 3 }
             :not(:first-child).a { orphans: 4 } [title] span { z-index: 3 } #i b:last-child { margin: 1em }
             .c p { color: red }"""
    source = random.Random(7)
    documents = [random_document(source) for _ in range(30)]
    hot = stylist_of(css)
    monkeypatch.setattr(Stylist, "CONTEXTS", 5)
    monkeypatch.setattr(Stylist, "STYLES", 2)
    evicting = stylist_of(css)
    for text in documents:
        expected = [values(style) for _, style in walk(stylist_of(css), parse_html(text).root)]
        assert [values(style) for _, style in walk(hot, parse_html(text).root)] == expected
        assert [values(style) for _, style in walk(evicting, parse_html(text).root)] == expected


class Files:
    """Resources in memory."""

    def __init__(self, files):
        self.files = files

    def read(self, url, base=""):
        path = "/".join([*base.split("/")[:-1], url]) if "/" in base else url
        if path not in self.files:
            raise BundleError(f"{path} is not there")
        return self.files[path]


def test_imports_media_and_charset():
    files = Files({"css/base.css": b"@charset 'utf-8'; @import 'more.css' print; p { width: 1px } i { widows: 3 }",
                   "css/more.css": b"p { width: 9px; height: 9px }",
                   "loop.css": b"@import 'loop.css'; p { orphans: 4 }"})  # fmt: skip
    css = """@import url(css/base.css); @import "gone.css"; @import "loop.css"; @import "css/more.css" screen;
      @media screen { p { width: 7px } } @media print, screen { p { margin-top: 7px } }
      @media not print { p { margin-top: 8px } }
      @media (min-wideness: 1px) { p { margin-top: 9px } }
      @import "late.css";"""
    sheets = load_stylesheets(
        [StyleSource(css, "style.css"), StyleSource("p { width: 99px }", "x.css", "screen")], files
    )
    style = walk(Stylist(sheets), parse_html("<p>").root)[-1][1]
    assert (style.width, style.height, style.margin_top, style.orphans) == (1, 9, 7, 4)
    assert [(w.code, w.place.file, w.place.line) for w in sheets.warnings] == [
        ("missing_stylesheet", "style.css", 1), ("missing_stylesheet", "loop.css", 1), ("unknown_media",
        "style.css", 4),
        ("unknown_rule", "style.css", 5),
    ]  # fmt: skip


def test_warnings_name_file_and_line_once():
    css = "p { colour: red }\np:hass(b) { color: red }\n\n@supporting (x: y) { p { margin: 0 } }\np { colour: red"
    sheets = load_stylesheets([StyleSource(css, "a/style.css"), StyleSource(css, "a/style.css")])
    assert [(w.code, str(w.place)) for w in sheets.warnings] == [
        ("invalid_css", "a/style.css:5"), ("unknown_property", "a/style.css:1"), ("unknown_selector", "a/style.css:2"),
        ("unknown_rule", "a/style.css:4"),
    ]  # fmt: skip


def test_contexts_are_not_as_many_as_values_of_attributes():
    """Selectors ask of most attributes whether they are there, or whether a test holds: that is what is remembered."""
    stylist = stylist_of("a[href^='mailto:'] { color: red } [data-row] { width: 1px }")
    links = "".join(f"<a href=/{n} title={n} data-row={n}>x</a><a href=mailto:{n}>x</a>" for n in range(300))
    found = [style for element, style in walk(stylist, parse_html(links).root) if element.tag == "a"]
    assert len(set(found)) == 2
    assert stylist._contexts < 10
