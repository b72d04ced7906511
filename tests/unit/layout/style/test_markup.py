"""Elements from serialised markup are those of the tree itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from spark_pdf.layout.html.markup import TagBook, elements_of
from spark_pdf.layout.html.parsing import MAX_DEPTH, parse_html, tree_of
from tests.tree_help import described


def both(text):
    parser = LexborHTMLParser(text)
    return elements_of(parser.html or "", TagBook(), MAX_DEPTH), tree_of(parser)


PLAIN = [
    "<p>one<p>two &amp; three &lt;b&gt; &quot; a&nbsp;b",
    "<!doctype html><title>a &amp; b</title><body class='x  y' id=z>text",
    "<table><tr><td>a<td rowspan=2>b</table>tail",
    "<style>a > b { color: red } /* &amp; */</style><p title='a &amp; \"b\"'>x",
    "<ul><li>a<li>b<br>c<img src=x alt=''></ul>",
    "<svg viewBox='0 0 1 1'><linearGradient id=a /><path d='M0 0'/></svg>",
    "<input disabled value=1><textarea>\n<b></textarea><pre>\n\nx</pre>",
    "",
    "just text",
]
FOREIGN = [
    "a<!-- comment -->b",
    "<template><p>x</p></template>y",
    "<p title='a<b'>x",
    "<script>if (a < b && c > d) x('<p>')</script>y",
    "<noscript><p>x</noscript>",
    "<svg><source></source></svg>",
    "<xmp><p></xmp>",
    "<p>x</p><!-- <p>y</p> -->",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_markup_takes_the_short_way(text):
    short, whole = both(text)
    assert short is not None
    assert described(short) == described(whole)


@pytest.mark.parametrize("text", FOREIGN)
def test_what_is_not_plain_is_left_to_the_tree(text):
    short, whole = both(text)
    assert short is None or described(short) == described(whole)
    assert described(parse_html(text).elements) == described(whole)


@given(
    st.lists(
        st.sampled_from([
            "<", ">", "</p>", "<p>", "<b", " a=b", " c='<'", "<!--", "-->", "<td>", "<table>", "</table>", "<style>",
            "</style>", "<script>", "</script>", "<br>", "<svg>", "</svg>", "<template>", "</template>", "x", " ",
            "&amp;", "&", "&nbsp;", "\n", "<title>", "<title/>", "<select>", "<option>", "<pre>\n", "<textarea>",
            "\0", "<math>", "<mi>", "<image/>", "'", '"', "=", "<a href=1>", "</a>", "<frameset>", "<plaintext>",
        ]),
        max_size=30,
    )
)  # fmt: skip
def test_any_soup_gives_the_same_elements(pieces):
    text = "".join(pieces)
    short, whole = both(text)
    if short is not None:
        assert described(short) == described(whole)
