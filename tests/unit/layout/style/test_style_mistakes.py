"""What is said of a style sheet's slips: brackets that do not close, what was meant, what nobody misses on paper."""

from __future__ import annotations

import pytest

from spark_pdf.layout.css.declarations import parse_style_attribute
from spark_pdf.layout.css.sheets import StyleSource, load_stylesheets


def said(css: str) -> list[str]:
    return [str(warning) for warning in load_stylesheets([StyleSource(css, "a.css")]).warnings]


@pytest.mark.parametrize(
    ("css", "first"),
    [
        ("\n.a { color: red\n.b { color: blue }\n", "a.css:2: the '{' is never closed"),
        (
            "@media print {\n  .a { color: red\n  .b { top: 0 }\n}\n.c { top: 0 }",
            "a.css:2: the '{' is never closed",
        ),
        ("@media print {\n  .a { color: red }\n\n.c { top: 0 }", "a.css:1: the '{' is never closed"),
        (".a { color: red }\n}\n.b { top: 0 }", "a.css:2: the '}' closes nothing; the rule that follows it is dropped"),
        (".a { color: rgb(1, 2, 3; }\n.b { top: 0 }", "a.css:1: the '(' is never closed"),
        (".a { top: 0 }\n/* no end", "a.css:2: the comment begun here is never closed"),
        ("\n.a { content: 'x; }\n.b { top: 0 }", "a.css:2: the quotation mark is not closed on its line"),
    ],
)
def test_what_does_not_close_is_named_by_line(css: str, first: str) -> None:
    assert any(message.startswith(first) for message in said(css)), said(css)


@pytest.mark.parametrize(
    "css",
    [
        'a { content: \'}\'; quotes: "{" "\\"" } /* { */ b { background: url(a{b.png) }',
        "@media print { a { & b { top: 0 } } }",
        'a[title="("] { top: 0 }',
        ".a\\{ { top: 0 }",
    ],
)
def test_what_closes_is_not_reported(css: str) -> None:
    assert not [message for message in said(css) if "close" in message]


@pytest.mark.parametrize(
    ("css", "hint"),
    [
        ("a { display: flx }", "did you mean 'flex'?"),
        ("a { border: 1px sold red }", "did you mean 'solid'?"),
        ("a { text-align: centre }", "did you mean 'center'?"),
        ("a { widht: 1px }", "did you mean 'width'?"),
        ("a { width: 100 }", "a length needs a unit, such as px"),
        ("a { margin: 10 auto }", "a length needs a unit, such as px"),
        ("a { color: red\n background: blue }", "is a semicolon missing before 'background'?"),
        ("a:frist-child { top: 0 }", "did you mean 'first-child'?"),
        ("a::befor { top: 0 }", "did you mean 'before'?"),
        ("@medai print { a { top: 0 } }", "did you mean 'media'?"),
    ],
)
def test_what_was_meant_is_said(css: str, hint: str) -> None:
    [message] = said(css)
    assert message.startswith("a.css:")
    assert message.endswith(hint)


def test_far_from_everything_nothing_is_guessed() -> None:
    assert "did you mean" not in " ".join(said("a { qqqq: 1px; display: qqqq } a:qqqq { top: 0 } @qqqq {}"))


@pytest.mark.parametrize(
    "declaration",
    [
        "-webkit-mask-image: url(a.png)", "-webkit-line-clamp: 3", "-webkit-text-stroke: 1px red", "zoom: 0.5",
        "-webkit-box-reflect: below", "filter: blur(3px)", "-webkit-filter: blur(3px)", "mask: url(a.png)",
        "display: -webkit-box", "writing-mode: vertical-rl", "text-emphasis: dot", "text-wrap: balance",
    ],
)  # fmt: skip
def test_what_would_change_the_picture_is_reported(declaration: str) -> None:
    [message] = said(f"a {{ {declaration} }}")
    assert message.startswith(f"a.css:1: '{declaration.partition(':')[0]}")


def test_what_says_nothing_on_paper_is_passed_over() -> None:
    harmless = """-webkit-font-smoothing: antialiased; -moz-osx-font-smoothing: grayscale; -ms-filter: x;
        user-select: none; -webkit-user-select: none; cursor: pointer; transition: all 1s;
        -webkit-transition: all 1s; animation: x 1s;
        -webkit-animation: x 1s; -webkit-tap-highlight-color: red; -webkit-text-size-adjust: none; -o-x: y;
        -webkit-appearance: none; -webkit-box-orient: vertical; -webkit-grid-gap: 1px; mask-image: none;
        display: -webkit-box; display: -ms-flexbox; display: flex; width: -moz-available; width: 100%"""
    assert said(f"a {{ {harmless} }} a:hover {{ color: red }} ::-webkit-scrollbar {{ width: 1px }}") == []


def test_an_unknown_property_is_reported_once_for_a_bundle() -> None:
    sheets = [StyleSource("a { zoom: 2 }\nb { zoom: 3 }", "a.css"), StyleSource("i { zoom: 4 }", "b.css")]
    assert [str(w.place) for w in load_stylesheets(sheets).warnings] == ["a.css:1"]


def test_style_attributes_tell_what_they_hold_to_whoever_looks_for_their_place() -> None:
    _, [warning] = parse_style_attribute("top: 0;\nwidht: 1px", "t.html")
    assert warning.clues == (("top: 0;\nwidht: 1px", 2),)
    assert "top: 0" not in repr(warning)
