"""HTML to elements."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from spark_pdf.errors import DocumentError
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.parsing import MAX_DEPTH, StyleReference, parse_html, text_of


def outline(node):
    return node if isinstance(node, str) else (node.tag, *map(outline, node.children))


def body(text):
    return outline(parse_html(text).root)[2][1:]


def test_implied_elements_entities_and_comments():
    assert body("<p>a<!-- x -->&amp;b&euro;<table><tr><td>1<td>2</table>") == (
        ("p", "a&b€"), ("table", ("tbody", ("tr", ("td", "1"), ("td", "2")))),
    ) or body("<p>a<!-- x -->&amp;b&euro;<table><tr><td>1<td>2</table>") == (
        ("p", "a&b€", ("table", ("tbody", ("tr", ("td", "1"), ("td", "2"))))),
    )  # fmt: skip
    assert body("<!doctype html><p>a<table><tr><td>1</table>b")[0] == ("p", "a")
    assert body("") == ()


def test_svg_keeps_its_case_and_templates_hold_nothing():
    assert body("<svg><linearGradient/></svg><template><p>x</p></template>y") == (
        ("svg", ("linearGradient",)), ("template",), "y",
    )  # fmt: skip


def test_what_elements_know():
    root = parse_html('<p id=a class=" x  y " hidden>1<b>2</b>3<i>4</i></p><p>').root
    paragraph = root.children[1].children[0]
    bold, italic = (child for child in paragraph.children if isinstance(child, Element))
    assert (paragraph.id, paragraph.classes, paragraph.attributes["hidden"]) == ("a", ("x", "y"), "")
    assert (bold.index, italic.index, italic.previous, bold.previous) == (1, 2, bold, None)
    assert (bold.parent, root.parent) == (paragraph, None)
    assert root.children[1].children[1].previous is paragraph
    assert [e.order for e in (root, root.children[0], root.children[1], paragraph, bold, italic)] == [0, 1, 2, 3, 4, 5]


def test_what_the_head_says():
    document = parse_html(
        """<html lang=" de "><head><title> A\n title </title><meta name=Author content="Ann"><meta name=x content=x>
        <link rel=stylesheet href=" a.css " media=print>
        <style>p > b { color: red }</style><link rel="alternate stylesheet" href=b.css>
        <style type="text/other">x</style></head><body><svg><title>no</title></svg><style media=screen>i{}</style>"""
    )
    assert (document.title, document.language, document.meta) == ("A title", "de", {"author": "Ann"})
    assert document.style_sources == (
        StyleReference("link", "a.css", "print"), StyleReference("text", "p > b { color: red }"),
        StyleReference("text", "i{}", "screen"),
    )  # fmt: skip
    assert text_of(document.root.children[0].children[0]) == " A\n title "


def test_too_deep_nesting_is_the_documents_failure():
    parse_html("<div>" * (MAX_DEPTH - 2))
    with pytest.raises(DocumentError, match="deeper") as caught:
        parse_html("<div>" * 10_000)
    assert caught.value.code == "render"


def test_siblings_in_numbers_are_not_nesting():
    assert len(body("<p>x</p>" * 5000)) == 5000


PIECES = st.lists(
    st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<div>", "</div>", "<table>", "<tr>", "<td>", "</table>", "x",
    " ", "<!-- c -->",
                     "<template>", "</template>", "<br>", "&amp;", "<svg>", "</svg>", "<title>", "</title>",
                     "<select>", "<option>",
                     "<html a=1>", "<body b=2>", "<frameset>", "\0", "<?php ?>", "<![CDATA[x]]>", "<li>", "<ul>"]),
    max_size=25,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(PIECES)
@example(["<svg>", "<template>", "<tr>", "<p>"])  # a template whose content is in the tree, since it is SVG's
def test_any_soup_becomes_the_tree_that_lexbor_sees(pieces):
    text = "".join(pieces)
    root = parse_html(text).root

    def theirs(node):
        found = [node.tag]
        child = node.first_child if node.tag != "template" else None
        while child is not None:
            if child.tag == "-text":
                if isinstance(found[-1], str) and len(found) > 1:
                    found[-1] += child.text_content
                else:
                    found.append(child.text_content)
            elif child.is_element_node:
                found.append(theirs(child))
            child = child.next
        return tuple(found)

    assert outline(root) == theirs(LexborHTMLParser(text).css_first("html"))
