"""Selectors: parsing, matching against lexbor's own engine, and remembered answers against plain matching."""

import pytest
import tinycss2
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.css.index import RuleIndex
from spark_pdf.layout.css.selector_parser import parse_selectors
from spark_pdf.layout.css.selectors import SelectorError
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.parsing import parse_html

BODY = """<div id=a class="x y" title="one two"><p class=x lang=en-GB>1</p><p>2</p>
<ul><li>1<li class=y>2<li id=z class=x>3<li>4</ul>
<p></p><!-- c --><b title=three><i>x</i></b></div><div class=y data-k="Abc">
<p class="y x">3<span></span></p><span>4</span><p>5</p></div>"""

SELECTORS = """div|p|*|.x|#a|.x.y|p.x|div p|div > p|div > * > i|p + p|p ~ b|p + ul|p ~ *|ul ~ *|[title]
[title="one two"]
[title~=two]|[lang|=en]|[title^=th]|[title$=ee]|[title*="e t"]|[data-k=abc i]|[data-k=Abc]|li:first-child
li:last-child|:only-child
li:nth-child(2)|li:nth-child(2n+1)|li:nth-child(even)|li:nth-child(-n+2)|li:nth-last-child(2)|li:nth-child(n+3)
:not(p)|li:not(.x)
:is(ul, div) > .y|b:where([title])|:root|:root > body|p:empty|span:empty|:not(:first-child)
li:not(:nth-child(2)):not(.x)|ul li|ul > li ~ li
p:first-of-type|p:last-of-type|span:only-of-type|p:nth-of-type(2)|li:nth-last-of-type(2n)|div:has(p)|p:has(+ p)
p:has(~ ul)|div:has(> ul > .y)|ul:has(li + .y)|:has(> b)|li:nth-child(1 of .x)|:nth-last-child(1 of p)
div:not(#z) p + p|:is(p + p, b) i|li + li:last-child|p, b, .y|body > div:nth-child(2) > p:last-child"""


def parse(text):
    return parse_selectors(tinycss2.parse_component_value_list(text))


def elements(root):
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(child for child in reversed(element.children) if isinstance(child, Element))


@pytest.mark.parametrize(
    "text", [s for line in SELECTORS.split("\n") for s in line.replace("[lang|=", "[lang\0=").split("|")]
)
def test_matches_what_lexbor_matches(text):
    text = text.replace("\0", "|")
    ours = [e.order for e in elements(parse_html(BODY).root) if any(s.subject.matches(e) for s in parse(text))]
    tree = LexborHTMLParser(BODY)
    order = {node.mem_id: index for index, node in enumerate(n for n in tree.root.traverse() if n.is_element_node)}
    base = order[tree.css_first("html").mem_id]
    theirs = sorted(order[node.mem_id] - base for node in {n.mem_id: n for n in tree.css(text)}.values())
    assert ours == theirs
    assert ours, "the document should have something to match"


@pytest.mark.parametrize(
    ("text", "specificity"),
    [("*", (0, 0, 0)), ("p", (0, 0, 1)), ("#a .b p::before", (1, 1, 2)), (":not(#a, p)", (1, 0, 0)),
    (":is(.a, p) b", (0, 1, 1)),
     (":where(#a)", (0, 0, 0)), ("a[href]:first-child", (0, 2, 1)), ("p:before", (0, 0, 2))],
)  # fmt: skip
def test_specificity(text, specificity):
    assert parse(text)[0].specificity == specificity


@pytest.mark.parametrize(
    "text",
    ["", ",", "p,", "> p", "p >", "p > > b", "p + ~ b", "p::before b", "p::before.x", "::nonsense",
    ":nth-child(x)", "p:", ".",
     "#1", "[=a]", "[a=]", "[a=b c]", "svg|a", "p !", ":not()", ":not(::before)", "a b:unknown",
     ":has()", ":has(:has(p))", ":has(::before)", ":lang()",
     ":nth-of-type(1 of p)", ":not(p, :unknown)", "1"],
)  # fmt: skip
def test_what_is_not_supported_is_refused(text):
    with pytest.raises(SelectorError):
        parse(text)


def test_where_above_a_descendant():
    """Apart, since lexbor 2 finds nothing here."""
    found = [e.tag for e in elements(parse_html(BODY).root) if parse(":where(.x) i")[0].subject.matches(e)]
    assert found == ["i"]


def test_states_that_paper_lacks_never_match_and_links_do():
    root = parse_html("<a href=x>1</a><a>2</a>").root
    links = [e for e in elements(root) if e.tag == "a"]
    assert [parse(":link")[0].subject.matches(e) for e in links] == [True, False]
    assert [parse("a:hover")[0].subject.matches(e) for e in links] == [False, False]
    stylist = Stylist(load_stylesheets([StyleSource("a:link { width: 1px }")]))
    assert [stylist.style(e, None).width for e in links] == [1, "auto"]


SIMPLE = st.sampled_from(
    ["p", "div", "b", "*", ".x", ".y", "#a", "[t]", "[t=u]", ":first-child", ":last-child", ":nth-child(2n)",
    ":nth-last-child(2)",
     ":only-child", ":empty", ":not(.x)", ":not(p + p)", ":is(.x, b)", ":is(div p)", ":root", ":where(.y > p)",
     ":not(:nth-child(3))", ":has(.x)", ":has(> b)", ":has(+ .y)", ":has(~ .x)", ":has(> div b)", ":has(+ div > b)",
     ":nth-of-type(2)", ":nth-last-of-type(odd)", ":only-of-type", ":nth-child(2 of .x)", ":not(:has(p))", ":lang(en)",
     ":is(:has(b), .y)", ":nth-child(odd of b, .y)", ":dir(rtl)"]
)  # fmt: skip
COMPOUND = st.lists(SIMPLE, min_size=1, max_size=3).map(
    lambda parts: (
        "".join(sorted(parts, key=lambda part: part[0] not in "pdb*")[:1])
        + "".join(part for part in sorted(parts, key=lambda part: part[0] not in "pdb*")[1:] if part[0] not in "pdb*")
    )
)
COMPLEX = st.lists(st.tuples(COMPOUND, st.sampled_from([" ", " > ", " + ", " ~ "])), min_size=1, max_size=3).map(
    lambda parts: "".join(compound + combinator for compound, combinator in parts).rstrip(" >+~")
)
ATTRIBUTES = st.sampled_from(
    ["", "class=x", "class='x y'", "class=y", "id=a", "t", "t=u", "id=a class=x", "lang=en-GB", "dir=rtl"]
)
TREE = st.recursive(
    st.tuples(st.sampled_from(["b", "div"]), ATTRIBUTES, st.just([])),
    lambda inner: st.tuples(st.sampled_from(["b", "div", "p"]), ATTRIBUTES, st.lists(inner, max_size=4)),
    max_leaves=14,
)


def markup(tree):
    tag, attributes, inner = tree
    tag = "div" if tag == "p" and inner else tag  # a p holds no div
    return f"<{tag} {attributes}>{''.join(map(markup, inner))}</{tag}>"


@settings(max_examples=150, deadline=None)
@given(st.lists(COMPLEX, min_size=1, max_size=6), st.lists(TREE, min_size=1, max_size=3))
def test_remembered_answers_are_those_of_plain_matching(selectors, trees):
    """Each rule sets a counter of its own name, so the style says which rules matched."""
    css = "\n".join(
        f"{selector} {{ counter-set: r{at} }} {selector}::before {{ content: 'r{at}' }}"
        for at, selector in enumerate(selectors)
    )
    sheets = load_stylesheets([StyleSource(css)])
    assert sheets.warnings == ()
    rules = [rule for rule in sheets.rules if not rule.selector.pseudo]
    stylist = Stylist(sheets)
    root = parse_html("".join(map(markup, trees))).root
    for _ in range(2):  # cold and hot
        for element in elements(root):
            matching = [rule for rule in rules if rule.selector.subject.matches(element)]
            strongest = max(matching, key=lambda rule: (rule.selector.specificity, rule.order), default=None)
            style = stylist.style(element, None)
            assert style.counter_set == (strongest.block.normal[0][1] if strongest else ())
            before = stylist.pseudo_style(element, style, "before")
            assert (before is None) is (strongest is None)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMPLEX, min_size=1, max_size=8), st.lists(TREE, min_size=1, max_size=2))
def test_the_index_leaves_nothing_out(selectors, trees):
    rules = load_stylesheets([StyleSource("\n".join(f"{selector} {{ width: 1px }}" for selector in selectors))]).rules
    index = RuleIndex(rules)
    for element in elements(parse_html("".join(map(markup, trees))).root):
        expected = [rule for rule in rules if rule.selector.subject.matches(element)]
        assert sorted(rule.order for rule in index.matching(element)) == [rule.order for rule in expected]


def test_general_siblings_cost_a_step_each():
    """20,000 rows under a rule with `~` that never holds: quadratic work would take minutes."""
    rows = "".join("<tr><td>1</td></tr>" for _ in range(20_000))
    root = parse_html(f"<table>{rows}</table>").root
    stylist = Stylist(load_stylesheets([StyleSource(".total ~ tr { width: 1px } tr + tr { height: 1px }")]))
    found = [stylist.style(element, None) for element in elements(root) if element.tag == "tr"]
    assert [style.width for style in found[:3]] == ["auto"] * 3
    assert [style.height for style in found[:3]] == ["auto", 1, 1]


@pytest.mark.parametrize(
    "rule",
    ["tr:has(~ .none)", "tr:has(+ .none)", "tr:nth-of-type(2n)", "tr:nth-last-child(2n of .x)", "tr:has(td:empty)",
     "tr:has(+ tr > td.none)", "table:has(.none) tr", ":has(.none)"],
)  # fmt: skip
def test_what_looks_around_costs_a_step_each(rule):
    """20,000 rows, as above."""
    rows = "".join("<tr><td>1</td></tr>" for _ in range(20_000))
    stylist = Stylist(load_stylesheets([StyleSource(f"{rule} {{ width: 1px }}")]))
    for element in elements(parse_html(f"<table>{rows}</table>").root):
        stylist.style(element, None)


def matched(selector, body):
    """Ids of the elements that match."""
    return [
        e.id for e in elements(parse_html(body).root) if e.id and any(s.subject.matches(e) for s in parse(selector))
    ]


@pytest.mark.parametrize(
    ("selector", "ids"),
    [(":lang(en)", "ab"), (":lang('*-GB')", "b"), (":lang(de, fr)", "c"), (":lang('')", ""), (":lang(en-GB)", "b"),
     (":dir(rtl)", "d"), (":checked", "e"), ("input:disabled", "e"), (":enabled", "f"), (":required", "f"),
     (":optional", "e"), ("[DATA-x=a]", ""), ("[data-x=A]", "a"), ("[data-x=a i]", "a"), ("*|p", "a"), ("|p", "a"),
     ("p:is(#a, ::before, :nonsense)", "a"), (":is()", ""), (":where(#a, 1)", "a"), (":scope #a", "a"), (":open", "g")],
)  # fmt: skip
def test_pseudo_classes_of_language_direction_and_forms(selector, ids):
    body = """<div lang=en><p id=a data-x=A><span id=b lang=en-GB></span></p></div><div lang=de-CH><b id=c></b></div>
      <div dir=rtl><b id=d></b></div><input id=e checked disabled><select id=f required></select>
      <details id=g open></details>"""
    assert "".join(matched(selector, body)) == ids


def test_pseudo_elements_of_screens_are_valid_and_select_nothing():
    css = "p::selection, p { color: red } ::-webkit-scrollbar { width: 1px } input::placeholder { color: red }"
    sheets = load_stylesheets([StyleSource(css)])
    assert sheets.warnings == ()
    root = parse_html("<p>x").root
    stylist = Stylist(sheets)
    style = [stylist.style(element, None) for element in elements(root)][-1]
    assert style.color.components == (1, 0, 0)


def test_every_pseudo_element_has_a_style_where_a_rule_is_about_it():
    css = "p { color: red } p::first-letter { font-size: 2em } p:first-line { color: blue } li::marker { color: lime }"
    stylist = Stylist(load_stylesheets([StyleSource(css)]))
    found = {}
    for element in elements(parse_html("<ul><li><p>x").root):
        found[element.tag] = (element, stylist.style(element, None))
    letter = stylist.pseudo_style(*found["p"], "first-letter")
    assert (letter.font_size, letter.color.components) == (32, (1, 0, 0))
    assert stylist.pseudo_style(*found["p"], "first-line").color.components == (0, 0, 1)
    assert stylist.pseudo_style(*found["li"], "marker").color.components == (0, 1, 0)
    assert stylist.pseudo_style(*found["li"], "first-letter") is None
