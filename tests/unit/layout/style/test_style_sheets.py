"""Rules about rules: layers, nesting, media queries, @supports, @import. One test for each section that is followed."""

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.html.parsing import parse_html
from tests.style_help import one, styles, walked, warnings_of

NESTED = "<div id=p class=card><p id=x class='title on'>x</p><p id=y>y</p></div>"


def width(css: str, body: str = NESTED) -> object:
    return styles(css, body)["x"].width


# Cascade 5, 6.4: layers


@pytest.mark.parametrize(
    ("css", "expected"),
    [("@layer a { #x { width: 1px } } @layer b { p { width: 2px } }", 2),
     ("@layer b, a; @layer a { p { width: 1px } } @layer b { #x { width: 2px } }", 1),
     ("@layer a { #x { width: 1px } } p { width: 2px }", 2),
     ("@layer a { p { width: 1px !important } } @layer b { p { width: 2px !important } } p { width: 3px }", 1),
     ("@layer a { @layer b { p { width: 1px } } p { width: 2px } }", 2),
     ("@layer a { @layer b { p { width: 1px } } } @layer a.b { p { width: 2px } }", 2),
     ("@layer a.b { p { width: 1px } } @layer a { p { width: 2px } }", 2),
     ("@layer { p { width: 1px } } @layer { p { width: 2px } }", 2),
     ("@layer a, b; @layer { p { width: 3px } } @layer b { p { width: 2px } }", 3),
     ("@layer a { p { width: 1px } } @layer b { p { width: revert-layer } }", 1),
     ("@layer a { p { width: 1px } } p { width: revert-layer }", 1),
     ("p { width: 1px } p { width: revert-layer }", "auto"),
     ("@layer a { p { width: 1px } } @layer b { p { width: 2px } p { width: revert } }", "auto"),
     ("@layer a { p { width: 1px } } @layer b { p { width: 2px; } #x { width: revert-layer !important } }", 1),
     ("@media print { @layer b { p { width: 1px } } } @layer a { p { width: 2px } }", 2),
     ("@media screen { @layer b { p { width: 1px } } } @layer a, b; @layer b { p { width: 3px } }", 3)],
)  # fmt: skip
def test_layers(css, expected):
    assert width(css) == expected


def test_a_style_attribute_beats_layers_and_layers_keep_their_sheet():
    body = "<p id=x style='width: 5px'>"
    assert width("@layer a { p { width: 1px } }", body) == 5
    assert width("@layer a { p { width: 1px !important } }", body) == 1
    assert styles("@layer a { p { margin: 1px } p { margin-top: revert } }", body)["x"].margin_top == 16


def test_layers_that_are_not_named_well_are_reported():
    assert [code for code, _ in warnings_of("@layer a b {}\n@layer a, b {}\n@layer;")] == ["unknown_rule"] * 3


# Nesting 1


@pytest.mark.parametrize(
    ("css", "expected"),
    [(".card { .title { width: 1px } }", 1), (".card { & .title { width: 1px } }", 1),
     (".card { > p { width: 1px } }", 1),
     (".title { &.on { width: 1px } }", 1), (".title { .card & { width: 1px } }", 1),
     (".card { p { &.on { width: 1px } } }", 1),
     (".title { width: 1px; &.off { width: 2px } }", 1), (".title { &.on { width: 2px } width: 1px }", 2),
     (".title { & { width: 2px } width: 1px }", 1), ("p { width: 1px; @media print { width: 2px } }", 2),
     ("p { @media screen { width: 1px } width: 3px }", 3), (".card { @media print { p { width: 2px } } }", 2),
     (".card { @supports (width: 1px) { & > .on { width: 4px } } }", 4), ("p { @layer a { width: 1px } }", 1),
     ("div, section { p { width: 1px } }", 1), ("#p, .none { p { width: 1px } } .card .title { width: 2px }", 1),
     (".card { div &, & p { width: 1px } }", 1), ("p { :is(.card &) { width: 1px } }", 1),
     (".a.b { p { width: 1px } }", "auto"),
     (".card { p:not(&) { width: 1px } }", 1), ("& p { width: 1px }", 1),
     (".title { + p { width: 2px } width: 1px }", 1),
     (".card { &p { width: 1px } } .title { p& { width: 2px } }", 2), ("p { color: red; a:hover; width: 1px }", 1)],
)  # fmt: skip
def test_nesting(css, expected):
    assert width(css) == expected


def test_nested_selectors_weigh_as_is():
    """4.2: `&` weighs as the heaviest of the selectors that it stands for."""
    css = "#none, .card { p { width: 1px } } .card .title.on { width: 2px } .card { p.title.on { height: 1px } }"
    found = styles(css + " .card > .title.on { height: 2px }", NESTED)["x"]
    assert (found.width, found.height) == (1, 1)


def test_nested_pseudo_elements():
    css = ".card { &::before { content: 'a' } } p { &:first-child::after { content: 'b' } }"
    stylist = Stylist(load_stylesheets([StyleSource(css)]))
    found = {element.id: (element, style) for element, style in walked(stylist, parse_html(NESTED).root)}
    assert stylist.pseudo_style(*found["p"], "before").content == (("string", "a"),)
    assert stylist.pseudo_style(*found["x"], "after").content == (("string", "b"),)
    assert stylist.pseudo_style(*found["y"], "after") is None


def test_rules_nested_without_end_are_refused():
    css = "p { & { " * 100 + "width: 1px" + "} }" * 100
    assert "invalid_css" in [code for code, _ in warnings_of(css)]


# Media Queries 4


PAGE = "@page { size: 600px 900px; margin: 0 } "


@pytest.mark.parametrize(
    ("query", "holds"),
    [("print", True), ("screen", False), ("all", True), ("screen, print", True), ("not screen", True),
     ("not print", False), ("only print", True), ("tty", False), ("", True),
     ("(min-width: 600px)", True), ("(min-width: 601px)", False), ("(max-width: 600px)", True),
     ("(width: 600px)", True),
     ("(max-width: 37.5em)", True), ("(min-height: 900px)", True), ("(max-height: 800px)", False),
     ("print and (min-width: 500px)", True), ("screen and (min-width: 500px)", False),
     ("print and (min-width: 500px) and (max-width: 550px)", False), ("(width >= 600px)", True),
     ("(width > 600px)", False),
     ("(400px < width <= 600px)", True), ("(700px > width > 600px)", False), ("(600px = width)", True),
     ("(orientation: portrait)", True), ("(orientation: landscape)", False), ("(aspect-ratio: 2/3)", True),
     ("(min-aspect-ratio: 1/1)", False), ("(min-resolution: 2dppx)", True), ("(resolution > 10x)", False),
     ("(color)", True), ("(monochrome)", False), ("(min-color: 8)", True), ("(hover: hover)", False),
     ("(hover: none)", True),
     ("(hover)", False), ("(prefers-color-scheme: dark)", False), ("not (color)", False),
     ("(not (color)) or (width)", True),
     ("(width: 1px) or (color)", True), ("((width: 600px) and (color)) or (hover)", True),
     ("not print and (color)", False),
     ("not screen and (color)", True), ("(-webkit-min-device-pixel-ratio: 1.5)", True),
     ("(min-width: calc(500px + 100px))", True),
     ("(scripting: enabled)", False), ("(update: none)", True), ("(grid)", False),
     ("print and (color) and (width)", True)],
)  # fmt: skip
def test_media_queries(query, holds):
    css = f"{PAGE} @media {query} {{ p {{ width: 1px }} }}"
    assert (width(css) == 1) is holds
    assert warnings_of(css) == []


@pytest.mark.parametrize(
    ("query", "holds"),
    [("(min-width: 400px)", True), ("(min-width: 401px)", False), ("(max-width: 599px)", False),
     ("(max-width: 600px)", True), ("(width: 600px)", True), ("(width > 500px)", False), ("(width < 500px)", False),
     ("(300px < width < 700px)", True), ("(min-height: 800px)", False), ("(orientation: portrait)", True)],
)  # fmt: skip
def test_what_holds_for_the_page_box_holds_for_the_page_area_too(query: str, holds: bool) -> None:
    """600px wide, and 400px within the margins: a layout made for 500px would be cut off."""
    page = "@page { size: 600px 900px; margin: 100px } "
    assert width(page + f"@media {query} {{ p {{ width: 1px }} }}") == (1 if holds else "auto")


@pytest.mark.parametrize(
    "query",
    ["(foo)", "(width: red)", "print or (color)", "(color) and (width) or (grid)", "not", "and", "(min-hover: none)",
     "print and", "not (foo)", "(width > )", "(color) print", "print print", "(foo: bar) and (color)", "general(x)"],
)  # fmt: skip
def test_media_queries_that_are_not_understood_hold_not(query):
    css = f"@media {query} {{ p {{ width: 1px }} }}"
    assert width(css) == "auto"
    assert warnings_of(css) == [("unknown_media", "style.css:1")]
    assert width(f"@media {query}, print {{ p {{ width: 1px }} }}") == 1


def test_what_is_unknown_may_not_matter():
    assert width("@media screen and (foo), (color) or (foo) { p { width: 1px } }") == 1
    assert warnings_of("@media screen and (foo) { p { width: 1px } }") == []


def test_the_page_may_be_said_after_the_query():
    css = "@media (max-width: 300px) { p { width: 1px } } @page { size: 300px 500px }"
    assert width(css) == 1
    assert width("@media (max-width: 300px) { p { width: 1px } }") == "auto", "A4 is 794 px wide"


# Conditional Rules 3 and 4


@pytest.mark.parametrize(
    ("condition", "holds"),
    [("(display: grid)", True), ("(display: nonsense)", False), ("not (display: grid)", False), ("(foo: bar)", False),
     ("(display: grid) and (float: left)", True), ("(display: grid) or (foo: bar)", True), ("((display: flex))", True),
     ("(--a: b)", True), ("(color: var(--x))", True), ("selector(:has(> p))", True), ("selector(:unknown)", False),
     ("selector(:is(:unknown))", False), ("font-format(woff2)", True), ("font-tech(color-colrv1)", False),
     ("unknown(x)", False),
     ("not (not (color: red))", True), ("(margin: 1px 2px)", True), ("(color: red !important)", True),
     ("(-webkit-transform: none)", True),
     ("(writing-mode: vertical-rl)", False), ("(width: calc(1px + 10%))", True),
     ("(width: 1px) and (not (foo: x))", True)],
)  # fmt: skip
def test_supports(condition, holds):
    assert (width(f"@supports {condition} {{ p {{ width: 1px }} }}") == 1) is holds


def test_supports_that_is_not_readable_is_reported():
    assert warnings_of("@supports (a: b) and (c: d) or (e: f) { }") == [("unknown_rule", "style.css:1")]
    assert warnings_of("@supports { }") == [("unknown_rule", "style.css:1")]


# Cascade 5, 2: imports


class Files:
    """Resources in memory."""

    def __init__(self, **files):
        self.files = files

    def read(self, url, base=""):
        name = url.removesuffix(".css")
        if name not in self.files:
            raise BundleError(f"{url} is not there")
        return self.files[name].encode()


@pytest.mark.parametrize(
    ("css", "expected"),
    [("@import 'a.css' layer(low); @layer low { p { width: 3px } }", 1), ("@import 'a.css' layer; p { width: 4px }", 4),
     ("@layer x, low; @import 'a.css' layer(x); @import 'b.css' layer(low);", 2),
     ("@import 'a.css' supports(display: grid)", 1),
     ("@import 'a.css' supports(foo: bar)", "auto"), ("@import 'a.css' supports(not (foo: bar)) print", 1),
     ("@import 'a.css' layer(q) supports(color: red) (min-width: 1px)", 1), ("@import 'a.css' screen", "auto"),
     ("@import 'a.css' (min-width: 9000px)", "auto"), ("@import url(a.css) print, screen", 1)],
)  # fmt: skip
def test_imports(css, expected):
    files = Files(a="#x { width: 1px }", b="p { width: 2px }")
    assert styles(css, NESTED, resources=files)["x"].width == expected


def test_media_attributes():
    sources = [StyleSource("p { width: 1px }", media="(min-width: 100px)"), StyleSource("p { width: 2px }", media="tv")]
    found = walked(Stylist(load_stylesheets(sources)), parse_html("<p id=x>").root)
    assert found[-1][1].width == 1


def test_hacks_of_old_browsers_drop_themselves_only():
    assert one("*zoom: 1; width: 2px; _height: 3px; filter: alpha(opacity=50)").width == 2


def test_what_is_for_one_engine_only_is_passed_over():
    css = "p { display: -webkit-box; display: flex; zoom: 1; filter: none }"
    css += "p { background-image: -webkit-gradient(linear, left top); background-image: linear-gradient(red, blue) }"
    css += (
        "@media (-ms-high-contrast: active) { p { width: 1px } } i::file-selector-button:is(b, :hover) { width: 1px }"
    )
    assert warnings_of(css) == []
    assert [code for code, _ in warnings_of("p { zoom: 2; filter: blur(1px) }")] == ["unknown_property"] * 2


def test_clip_cuts_what_is_positioned():
    clipped = one("position: absolute; clip: rect(1px, auto, 3px, 0)").clip_path
    assert clipped.arguments[1] == ((0, 1), (1, 1), (1, 3), (0, 3))
    assert one("clip: rect(1px 2px 3px 4px)").clip_path is None


@pytest.mark.parametrize(
    "css",
    ["p { mso-style-name: Normal; mso-pagination: none }", "@list l0:level1 { mso-level-text: x }",
     "@font-face { font-family: Calibri; panose-1: 2 15 5 2 2 2 4 3 2 4; mso-font-charset: 0 }",
     "p { tab-interval: 36pt; text-underline: single; _height: 1px }"],
)  # fmt: skip
def test_what_word_processors_say_to_themselves_is_no_warning(css):
    assert warnings_of(css) == []


def test_a_face_without_a_source_is_one():
    assert [code for code, _ in warnings_of("@font-face { font-family: Brand; font-weight: 400 }")] == ["invalid_value"]


@pytest.mark.parametrize(
    "css",
    ["p { *zoom: 1; color: red }", "p { color: red; *display: inline; }", "p { width: 50px\\9; color: red }",
     "p { background: #fff\\9; color: red }", "p { width: expression(a ? 1 : 2); color: red }",
     "p { behavior: url(x.htc); scrollbar-face-color: #fff; color: red } @viewport { width: device-width }"],
)  # fmt: skip
def test_hacks_for_browsers_of_old_are_no_warning_and_harm_nothing(css):
    assert warnings_of(css) == []
    assert styles(css, "<p id=x>")["x"].color == styles("p { color: red }", "<p id=x>")["x"].color


def test_nested_universal_selectors_are_not_taken_for_a_hack():
    assert styles("div { * { width: 1px } & > *:first-child { height: 2px } }", "<div><p id=x></div>")["x"].width == 1


def test_engines_names_for_what_align_does():
    found = styles("div { text-align: -webkit-center } p { width: 10px }", "<div><p id=x></div>")["x"]
    assert (found.text_align, found.margin_left) == ("center", "auto")
