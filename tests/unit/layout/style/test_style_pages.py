"""@page and @font-face."""

import pytest

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.css.page_rules import MARGIN_BOXES
from spark_pdf.layout.values import Percentage, Url

MM = 96 / 25.4


def stylist_of(css):
    return Stylist(load_stylesheets([StyleSource(css, "style.css")]))


@pytest.mark.parametrize(
    ("text", "width", "height"),
    [("A4", 210 * MM, 297 * MM), ("a5 landscape", 210 * MM, 148 * MM), ("landscape", 297 * MM, 210 * MM),
     ("Letter portrait", 816, 1056), ("100px", 100, 100), ("4in 6in", 384, 576), ("auto", 210 * MM, 297 * MM),
     ("10em 20em", 160, 320), ("landscape b6", 176 * MM, 125 * MM), ("c5", 162 * MM, 229 * MM),
     ("a10", 26 * MM, 37 * MM)],
)  # fmt: skip
def test_sizes(text, width, height):
    page = stylist_of(f"@page {{ size: {text} }}").page_style(None)
    assert (page.width, page.height) == pytest.approx((width, height))


def test_margins_default_and_percentages():
    plain = stylist_of("").page_style(None)
    assert (plain.margin_top, plain.margin_left) == (75, 75)
    page = stylist_of("@page { size: 200px 100px; margin: 10% 5px; margin-right: auto }").page_style(None)
    assert (page.margin_top, page.margin_right, page.margin_left) == (10, 0, 5)


def test_selectors_and_their_specificity():
    css = """@page :first { margin: 1px } @page { margin: 2px } @page :left { margin-left: 3px }
    @page wide { margin-top: 4px }
             @page wide:first { margin-bottom: 5px } @page :blank { margin-right: 6px }"""
    stylist = stylist_of(css)

    def margins(*arguments, **states):
        page = stylist.page_style(None, *arguments, **states)
        return page.margin_top, page.margin_right, page.margin_bottom, page.margin_left

    assert margins() == (2, 2, 2, 2)
    assert margins(first=True) == (1, 1, 1, 1)
    assert margins(left=True) == (2, 2, 2, 3)
    assert margins(first=True, left=True) == (1, 1, 1, 1)
    assert margins("wide") == (4, 2, 2, 2)
    assert margins("wide", first=True) == (4, 1, 5, 1)
    assert margins(blank=True) == (2, 6, 2, 2)
    assert stylist.page_style(None, first=True) is stylist.page_style(None, first=True)


def test_nth_counts_the_document_or_the_page_group():
    css = """@page { margin: 1px } @page :nth(2n+1) { margin-left: 2px } @page :nth( 2 of part ) { margin-top: 3px }
    @page part:nth(1):right { margin-right: 4px } @page :nth(1 of part) { margin-bottom: 5px }
    @page part { margin-bottom: 6px }"""
    stylist = stylist_of(css)
    assert stylist.sheets.warnings == ()

    def margins(name, number, place):
        page = stylist.page_style(None, name, number=number, place=place)
        return page.margin_top, page.margin_right, page.margin_bottom, page.margin_left

    assert [margins("", number, number) for number in (1, 2, 3)] == [(1, 1, 1, 2), (1, 1, 1, 1), (1, 1, 1, 2)]
    assert margins("part", 2, 2) == (3, 1, 6, 1)
    assert margins("part", 4, 1) == (1, 1, 5, 1)  # `of part` and `:nth` together are stronger than the name
    assert margins("part", 1, 1) == (1, 4, 5, 2)


@pytest.mark.parametrize(
    "selector", ["a b", "a :first", ":first b", ":nth()", ":nth(2 of)", ":nth(2 of a b)", ":hover", "a,,b", "auto", ":"]
)
def test_selectors_that_are_none(selector):
    assert [w.code for w in stylist_of(f"@page {selector} {{ margin: 0 }}").sheets.warnings] == ["unknown_selector"]


def test_page_rules_within_media():
    css = "@media print { @page { margin: 3px } } @media screen { @page { margin: 4px } }"
    assert stylist_of(css).page_style(None).margin_top == 3


def test_widths_of_pages_leave_their_margins_what_is_left():
    def margins(css):
        page = stylist_of(f"@page {{ size: 200px 100px; margin: 10px; {css} }}").page_style(None)
        return page.margin_top, page.margin_right, page.margin_bottom, page.margin_left

    assert margins("width: 100px; margin: auto; height: 50%") == (25, 50, 25, 50)
    assert margins("width: 100px; border: 5px solid; padding: 5px") == (10, 70, 10, 10)  # over-constrained
    assert margins("width: 100px; margin-left: auto") == (10, 10, 10, 90)
    assert margins("max-width: 100px; margin-left: auto; min-height: 90px") == (10, 10, 0, 90)


def test_pages_count_by_one_unless_told_otherwise():
    css = "@page { counter-reset: a 3 pages; counter-set: b 2 } @page :first { counter-increment: page 5 a }"
    stylist = stylist_of(css)
    assert stylist.page_style(None).counts == ((("a", 3),), (("page", 1),), (("b", 2),))
    assert stylist.page_style(None, first=True).counts.increment == (("page", 5), ("a", 1))


def test_footnote_areas_cascade_like_margin_boxes():
    css = "@page { color: red; @footnote { margin-top: 9px } } @page :first { @footnote { padding-top: 1px } }"
    first = stylist_of(css).page_style(None, first=True).footnote
    assert (first.margin_top, first.padding_top, first.color.components) == (9, 1, (1, 0, 0))


def test_margin_boxes_inherit_from_the_page_and_that_from_the_root():
    css = """html { color: red } @page { font-size: 8pt; @top-left { content: "a" }
    @bottom-right { content: counter(page) "/" counter(pages);
             font-weight: bold; width: 50% } @left-top { color: blue } @top-right { content: "x" } }
             @page :first { @top-right { content: none } }"""
    stylist = stylist_of(css)
    from spark_pdf.layout.html.parsing import parse_html

    root_style = stylist.style(parse_html("").root, None)
    boxes = stylist.page_style(root_style).margin_boxes
    assert list(boxes) == ["top-left", "top-right", "bottom-right"]
    box = boxes["bottom-right"]
    assert box.content == (("counter", "page", "decimal"), ("string", "/"), ("counter", "pages", "decimal"))
    assert (box.font_weight, box.font_size, box.color.components) == (700, pytest.approx(32 / 3), (1, 0, 0))
    assert (box.width, box.text_align, box.vertical_align) == (Percentage(0.5), "right", "middle")
    assert list(stylist.page_style(root_style, first=True).margin_boxes) == ["top-left", "bottom-right"]


def test_all_sixteen_margin_boxes():
    css = "@page { " + " ".join(f"@{name} {{ content: 'x' }}" for name in MARGIN_BOXES) + " }"
    assert tuple(stylist_of(css).page_style(None).margin_boxes) == MARGIN_BOXES
    assert len(MARGIN_BOXES) == 16


def test_page_mistakes_are_warnings():
    css = "@page :nth(two) { margin: 0 }\n@page { size: big;\n @middle { content: 'x' }\n margn: 1px }"
    warnings = stylist_of(css).sheets.warnings
    assert [(w.code, w.place.line) for w in warnings] == [
        ("unknown_selector", 1), ("invalid_value", 2), ("unknown_rule", 3), ("unknown_property", 4),
    ]  # fmt: skip


def test_font_faces():
    css = """@font-face { font-family: "My Font"; src: local("X"), url(a/b.woff2) format("woff2"), url(b.ttf);
    font-weight: 100 900;
             font-style: italic; font-display: swap }
             @font-face { font-family: other }"""
    sheets = load_stylesheets([StyleSource(css, "css/style.css")])
    (face,) = sheets.font_faces
    assert (face.family, face.weights, face.style) == ("My Font", (100, 900), "italic")
    assert [(s.local, s.url, s.format) for s in face.sources] == [
        ("X", None, ""), ("", Url("a/b.woff2", "css/style.css"), "woff2"), ("", Url("b.ttf", "css/style.css"), ""),
    ]  # fmt: skip
    assert [w.code for w in sheets.warnings] == ["invalid_value"]


def test_descriptors_of_font_faces():
    text = """@font-face { font-family: A; src: local("B"), url(a.eot) format("embedded-opentype"),
      url(a.woff2) format("woff2") tech(variations), url(c.ttf) tech(color-COLRv1); font-weight: 100 900;
      font-stretch: 75% 125%; font-style: oblique 0deg 12deg; unicode-range: U+0-7F, U+4??; ascent-override: 90%;
      descent-override: normal; line-gap-override: 0%; size-adjust: 110%; font-feature-settings: "ss01";
      font-variation-settings: "GRAD" 3; font-display: swap }
    @font-face { font-family: B; src: url(b.ttf) }
    @font-face { font-family: C; src: url(c.ttf); size-adjust: -1%; unicode-range: nonsense }"""
    sheets = load_stylesheets([StyleSource(text, "a.css")], None)
    a, b, c = sheets.font_faces
    assert [source.shown for source in a.sources] == [True, False, True, False]
    assert (a.weights, a.style) == ((100, 900), "oblique 0deg 12deg")
    options = a.options
    assert options.stretch == (0.75, 1.25)
    assert options.ranges == ((0, 0x7F), (0x400, 0x4FF))
    assert (options.ascent, options.descent, options.line_gap, options.scale) == (0.9, None, 0.0, 1.1)
    assert (options.features, options.variations) == ((("ss01", 1),), (("GRAD", 3.0),))
    assert not options.auto
    assert b.options.auto
    assert len(sheets.warnings) == 2
    assert c.options.scale == 1.0


@pytest.mark.parametrize(
    ("css", "bleed", "marks"),
    [("", (0, 0, 0, 0), ()), ("bleed: 3px", (3, 3, 3, 3), ()), ("marks: crop", (8, 8, 8, 8), ("crop",)),
     ("marks: cross", (0, 0, 0, 0), ("cross",)), ("marks: cross crop; bleed: auto", (8, 8, 8, 8), ("cross", "crop")),
     ("marks: crop; bleed: 1em 2px 3px", (16, 2, 3, 2), ("crop",)), ("marks: crop; marks: none", (0, 0, 0, 0), ()),
     ("bleed: 1px 2px 3px 4px", (1, 2, 3, 4), ()), ("bleed: 0", (0, 0, 0, 0), ())],
)  # fmt: skip
def test_bleed_and_marks(css, bleed, marks):
    stylist = stylist_of(f"@page {{ {css} }}")
    page = stylist.page_style(None)
    assert (page.bleed, page.marks) == (bleed, marks)
    assert stylist.sheets.warnings == ()


@pytest.mark.parametrize(
    "css", ["bleed: 10%", "bleed: 1px 2px 3px 4px 5px", "bleed: -5px", "marks: crop crop", "marks: dots"]
)
def test_bleed_and_marks_that_are_none(css):
    stylist = stylist_of(f"@page {{ bleed: 2px; marks: cross; {css} }}")
    page = stylist.page_style(None)
    assert (page.bleed, page.marks) == ((2, 2, 2, 2), ("cross",))
    assert [warning.code for warning in stylist.sheets.warnings] == ["invalid_value"]
