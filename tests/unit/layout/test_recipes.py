"""Documents that differ in texts alone: the short way gives the elements that lexbor gives, for any tags and texts."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from benchmarks.tpch import records
from spark_pdf.errors import DocumentError
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html import recipes as module
from spark_pdf.layout.html.markup import TagBook, elements_from, elements_of
from spark_pdf.layout.html.parsing import MAX_DEPTH, _alone, parse_html
from spark_pdf.layout.html.recipes import Recipe, Recipes
from spark_pdf.layout.html.sharing import SharedMarkup
from spark_pdf.template.bundle import Bundle
from tests.compiled_help import needs_source
from tests.tree_help import described

ROOT = Path(__file__).parents[3]
PAGES = sorted({*(ROOT / "tests").rglob("*.html"), *(ROOT / "examples").rglob("*.html")})

TAGS = re.findall(
    r"\S+",
    """
    html head body title meta link base style script noscript template p div h1 h2 ul ol li dl dt dd pre listing
    textarea table caption colgroup col thead tbody tfoot tr td th a b i u nobr font code em big span button form
    input br hr img image select option optgroup ruby rb rt rtc rp svg path text foreignObject desc math mi mtext
    annotation-xml object marquee applet iframe xmp noembed plaintext frameset frame details summary keygen bdi
    main search
    """,
)
ODD = [
    "<!doctype html>", "<!-- c -->", "<!--", "-->", "<![CDATA[", "]]>", "<![if x]>", "<![endif]-->", "<!--[if x]>",
    "<?x>", "</>", "<", "<b", ">", "<p title='<'>",
    "<p title='>'>", '<p title="', '"', "<input type=hidden>", "<p dir=auto>", "<p dir=rtl lang=he>", "<svg><style>",
    "<svg><title>", "<svg/>", "<b class=x>", "<font color=red>", "<td/>", "<b/>", "<table><tr><td>", "</table>", " ",
    "\n", "&#xe000;0&#xe001;", "<P CLASS=a\nID='b c' hidden>", "<annotation-xml encoding=text/html>", "<math><mi>",
    "<a href='?a&amp;b&copy=c'>", "<q cite=\"a'b\" a='c\"d'>", "<p a<b=1>", "<p =x>", "<p a=b/>", "<p a='1'b='2'>",
]  # fmt: skip
TEXTS = [
    "x", "yy", "some words", " x", "x ", "\n x\n", "&amp;", "&lt;b&gt;", "a &amp;lt; b", "&quot;&#34;&#39;'\"",
    "1&nbsp;2", "1\xa02", "a > b", "é", "שלום", "\U0001f600", "\x0b", "\x0bx", "\x01", "\ufeff", "\x85", "\u2028",
    "\ue000", "\ue001", "", " ", "\n", "\t\f", "&copy;", "&copy", "&", "& co", "&amp", "&#x80;", "&#0;", "a\rb", "\r\n",
    "a\0", "]]>", "-->",
]  # fmt: skip
PLAIN = ["x", "yy", "some words", "x ", "&amp;", "a &amp;lt; b", "&quot;&#34;&#39;'\"", "1\xa02", "a > b", "é", "\x0b"]
MARKUP = st.sampled_from([*(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), *ODD])
SELDOM_SHORT = {
    "examples/invoice/template.html",  # Jinja's statements between rows: texts that leave the table
    "examples/risk_report/template.html",
    "examples/sensor_report/template.html",
    "examples/statement/template.html",
    "tests/fidelity/cases/offer-word/offer.html",  # `</o:p>` before texts
    "tests/reftests/text/rtl-dir-auto.html",
    "tests/reftests/text/rtl-isolate.html",
}


def _short(recipes: Recipes, text: str) -> list[Element] | None:
    found = recipes.find(text)
    if found is None:
        return None
    recipe, chunks, texts = found
    sharing = SharedMarkup()
    sharing._documents = 9  # one that is not looked through: all elements are its own
    return elements_from(recipe.tags, chunks, texts, recipe.body, MAX_DEPTH, sharing)


def _compare(documents: list[str]) -> int:
    """How many of some documents went the short way; all that did are what lexbor makes of them."""
    recipes = Recipes()
    short = 0
    for document in documents:
        elements = _short(recipes, document)
        if elements is None:
            recipes.learn(document, _alone)
        else:
            short += 1
            assert described(elements) == described(parse_html(document).elements)
    return short


@given(
    st.lists(st.one_of(MARKUP, st.none()), max_size=30),
    st.lists(st.lists(st.one_of(st.sampled_from(TEXTS), st.text()), min_size=30, max_size=30), min_size=2, max_size=6),
)
def test_any_tags_with_any_texts(pieces: list[str | None], texts: list[list[str]]) -> None:
    documents = []
    for given_texts in texts:
        text = iter(given_texts)
        documents.append("".join(next(text) if piece is None else piece for piece in pieces))
    _compare([documents[0], *documents, *documents])


@given(st.lists(MARKUP, max_size=20), st.randoms(use_true_random=False))
def test_any_tags_with_a_text_behind_each(pieces: list[str], rng: random.Random) -> None:
    documents = ["".join(piece + rng.choice(PLAIN) for piece in pieces) for _ in range(4)]
    documents += ["".join(piece + rng.choice(TEXTS) for piece in pieces) for _ in range(2)]
    _compare([documents[0], *documents])


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_pages_with_other_texts(page: Path) -> None:
    source = page.read_text()
    rng = random.Random(source)

    def other(found: re.Match[str]) -> str:
        return found[0] if found[1] or rng.random() < 0.1 else f">{found[3]}{rng.choice(PLAIN)}<"

    texts = re.compile(r"(<(style|script|bdi)\b.*?</\2>|<!--.*?-->)|>(\s*)[^<>&\s][^<>&]*<", re.DOTALL)
    others = [texts.sub(other, source) for _ in range(12)]
    short = _compare([source, *others[:2], *others])
    assert short >= 9 or page.relative_to(ROOT).as_posix() in SELDOM_SHORT


def test_invoices_go_the_short_way_and_the_chunks_are_those_of_lexbor() -> None:
    bundle = Bundle.load(str(ROOT / "examples/invoice"))
    recipes = Recipes()
    short: list[bool] = []
    for _, record in records("invoices", 400, 0.002):
        text = bundle.html(record)
        found = recipes.find(text)
        short.append(found is not None)
        if found is None:
            recipes.learn(text, _alone)
            continue
        _, *chunks = (LexborHTMLParser(text).html or "").split("<")
        assert found[1] == [chunk for chunk in chunks if not chunk.startswith("!")]
        assert described(_short(recipes, text)) == described(parse_html(text).elements)
    assert sum(short[200:]) > 180


TEMPLATES = {
    "comments": "<!-- a > b --><title>{}</title><!-- <p>c</p> --><body><p>{}<!-- x --> y<p>z {}</p>",
    "in tables": "<table>{}<b></b><tr><td>{}<td>{}</tr></table>{}<hr><table><tr>{}</table><p>",
    "misnested": "<p><b>{}<i>{}</b>{}</i>{}<p>{}<a href=x>{}<a href=y>{}</p>",
    "after the end": "<p>{}</body><p>{}</html><br>{}<p>{}</p>",
    "of the head": "<title>{}</title>{}<meta name=author content=x>{}<p>",
    "drawings": "<svg viewBox='0 0 9 9'><text>{}</text><title>{}</title></svg><math><mi>{}</mi></math>",
    "forms": "<select><option>{}<option>{}</select><textarea>{}</textarea><button>{}<button>{}</button>",
    "rules that stay": "<style>a > b {{ color: red }}</style><p>{}</p><script>1 < 2; '<p>x</p>'</script><p>{}</p>",
}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_where_texts_may_stand(template: str) -> None:
    places = template.count("{}")
    texts = ["one", "two", "three &amp; four", "1\xa0%", 'a > "b"', "é"]
    documents = [template.format(*(f"{text} {place}" for place in range(places))) for text in texts]
    assert _compare([*documents[:3], *documents]) >= 6


@pytest.mark.parametrize(
    "template",
    [
        "<script>{}</script>", "<style>{}</style>", "<p title='{}'>x</p>", "<!-- <p>{}</p> --><p>x</p>",
        "<p dir=auto>{}</p>", "<div><bdi>{}</bdi></div>", "<svg><![CDATA[ <p>{}</p> ]]></svg>", "<xmp><p>{}</xmp>",
        "<p title='<b>{}<'>x</p>", "<frameset><p>{}</p>", "<p>{}</x>{}</p>", "<b><plaintext></p>{}</p>",
        "<template><p>{}</p></template>",
    ],
)  # fmt: skip
def test_texts_that_mean_something_else_have_no_recipe(template: str) -> None:
    assert _compare([template.format(text, text) for text in ("one", "two", "three", "four", "five", "six")]) == 0


def test_what_starts_with_white_space_is_another_shape() -> None:
    documents = [f"<table><colgroup>{text}</colgroup></table>" for text in ("x", "y", "z")]
    recipes = Recipes()
    for document in documents:
        recipes.learn(document, _alone)
    assert _short(recipes, documents[0]) is not None
    assert _short(recipes, "<table><colgroup> x</colgroup></table>") is None
    assert _short(recipes, "<table><colgroup></colgroup></table>") is None


def test_halves_of_characters_are_left_to_who_parses() -> None:
    documents = [f"<p>{text}</p>" for text in ("x", "y", "z", "\ud800", "&amp; \udfff", "\ud83d\ude00", "é")]
    assert _compare(documents) == 1


def test_what_is_too_deep_fails_as_before() -> None:
    sharing = SharedMarkup()
    for text in ("x", "y", "z", "w"):
        with pytest.raises(DocumentError, match="deeper"):
            parse_html(f"{'<div>' * 300}<p>{text}</p>", sharing)


@needs_source
def test_a_template_whose_shapes_do_not_return_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    shape_of = Recipes._shape_of
    monkeypatch.setattr(Recipes, "_shape_of", lambda self, text: (looked.append(text), shape_of(self, text))[1])
    recipes = Recipes()
    for number in range(1000):
        recipes.learn(f"<p class=a{number}>x</p>", _alone)
    assert 64 <= len(looked) <= 64 + 1000 / 32
    for number in range(200):
        recipes.learn(f"<p>{number}</p>", _alone)
    assert recipes.find("<p>x</p>") is not None


@needs_source
def test_texts_that_seldom_change_are_found_out_and_recipes_are_made_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(module, "Recipe", lambda sources: made.append(len(sources) - 1) or Recipe(sources))
    recipes = Recipes()
    for number in range(60):
        document = "".join(f"<p>{'x' if place > number else number}</p>" for place in range(50))
        if recipes.find(document) is None:
            recipes.learn(document, _alone)
    assert len(made) == 13
    assert made == sorted(made)
    assert made[-1] == 50


def test_what_is_kept_is_bounded() -> None:
    recipes = Recipes()
    for number in range(400):
        for text in ("x", "y", "z"):
            recipes.learn("".join(f"<p class=a{number}>{text}</p>" for _ in range(50 + number % 100)), _alone)
        recipes._credit = 64
    sizes = [sum(shape.size for alike in some.values() for shape in alike) for some in (recipes._young, recipes._old)]
    assert max(sizes) < 2_100_000
    assert sum(sizes) > 1_000_000


def test_elements_of_a_recipe_are_those_of_its_chunks() -> None:
    recipes = Recipes()
    for text in ("x", "y", "z"):
        recipes.learn(f"<title>{text}</title><p class=a>one<br>{text}<img src='a&amp;b'></p>", _alone)
    found = recipes.find("<title>w</title><p class=a>one<br>w<img src='a&amp;b'></p>")
    assert found is not None
    markup = "<".join(["", *found[1]])
    assert described(elements_of(markup, TagBook(), MAX_DEPTH)) == described(parse_html(markup).elements)
