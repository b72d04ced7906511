"""Whatever a style sheet says, styles come out of it: random rules of values that are all valid somewhere."""

import random

import pytest

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.html.parsing import parse_html
from tests.style_help import walked

NAMES = [*PROPERTIES, *SHORTHANDS, "--x", "--y"]
VALUES = """auto|none|1px|2em|50%|0|-1|1.5|red|#fff|url(a.png)|'x'|,|/|calc(1px + 2%)|min(1px, 2%)|clamp(1px, 5%, 3ex)
var(--x)|var(--y, 1px)|var(--z)|attr(id)|attr(id px, 3px)|inherit|unset|revert-layer
linear-gradient(red, calc(50% + 1px))
radial-gradient(circle at calc(1px + 5%), red, blue)|rgb(1 2 3)|color-mix(in srgb, red, currentcolor)|solid|center|left
flex|span 2|repeat(2, 1fr)|repeat(auto-fill, 10px)|[a]|minmax(1px, 1fr)|rotate(3deg)|circle(3px)|counter(a, b)|string(a)
target-counter(attr(href), page)|leader('.')|1fr|90deg|!important|;|{|}|(|)|\\|@|#""".replace("\n", "|").split("|")
SELECTORS = """p|div|.a|#i|*|:has(p)|:nth-child(2 of .a)|:is(.a, ::x)|:not(.b)|&|>|+|~|,|::before|[id^='x' i]|:lang(en)
:where(&)|::|.""".replace("\n", "|").split("|")
GROUPS = ["@media (min-width: {}) {{{}}}", "@supports ({}) {{{}}}", "@layer {} {{{}}}", "@page {} {{{}}}",
          "@import {}; {}",
          "@font-face {{{}}} {}", "@counter-style a {{symbols: {}}} {}"]  # fmt: skip


def rule(source, depth=0):
    text = "".join(source.choice(SELECTORS) + source.choice(["", " "]) for _ in range(source.randint(1, 4))) + "{"
    for _ in range(source.randint(0, 4)):
        text += f"{source.choice(NAMES)}: {value(source)};"
        if depth < 3 and source.random() < 0.2:
            text += rule(source, depth + 1)
    return text + "}"


def value(source):
    return " ".join(source.choice(VALUES) for _ in range(source.randint(1, 4)))


@pytest.mark.parametrize("seed", range(40))
def test_no_sheet_makes_an_error(seed):
    source = random.Random(seed)
    css = "".join(rule(source) for _ in range(8))
    css += "".join(source.choice(GROUPS).format(value(source), rule(source)) for _ in range(4))
    attribute = f"{source.choice(NAMES)}: {value(source)}".replace('"', "")
    root = parse_html(f'<p id=i class=a style="{attribute}">x<b>y</b></p><div class="a b"><p lang=en>z').root
    stylist = Stylist(load_stylesheets([StyleSource(css, "style.css")]), "t.html")
    for element, style in walked(stylist, root):
        for name in ("before", "first-letter", "marker"):
            stylist.pseudo_style(element, style, name)
    stylist.page_style(None, "a", first=True)
