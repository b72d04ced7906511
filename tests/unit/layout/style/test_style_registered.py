"""`@property`: CSS Properties and Values 1, of which style sheets of utility classes are full."""

import pytest

from spark_pdf.layout.values import BLACK, Color
from tests.style_help import styles, warnings_of

RED, BLUE, LIME = Color("srgb", (1, 0, 0)), Color("srgb", (0, 0, 1)), Color("srgb", (0, 1, 0))
NESTED = "<div id=p><p id=x></div>"


def rule(name: str, syntax: str, inherits: str, initial: str = "") -> str:
    return f'@property {name} {{ syntax: "{syntax}"; inherits: {inherits}; {initial and "initial-value: " + initial} }}'


@pytest.mark.parametrize(
    ("css", "color"),
    [(rule("--c", "<color>", "false", "red"), RED),
     (rule("--c", "<color>", "false", "red") + "#p { --c: blue }", RED),
     (rule("--c", "<color>", "true", "red") + "#p { --c: blue }", BLUE),
     (rule("--c", "<color>", "false", "red") + "#p { --c: blue } #x { --c: inherit }", BLUE),
     (rule("--c", "<color>", "true", "red") + "#p { --c: blue } #x { --c: initial }", RED),
     (rule("--c", "<color>", "false", "red") + "#p { --c: blue } #x { --c: unset }", RED),
     (rule("--c", "<color>", "true", "red") + "#p { --c: blue } #x { --c: 5px }", BLUE),
     (rule("--c", "<color>", "false", "red") + "#x { --c: 5px }", RED),
     (rule("--c", "<color>", "false", "red") + "#x { --c: var(--none) }", RED),
     (rule("--c", "<color>", "false", "red") + "#x { --c: var(--d); --d: lime }", LIME),
     (rule("--c", "*", "false") + "#p { --c: blue }", BLACK),
     (rule("--c", "*", "false", "red") + "#p { --c: blue }", RED),
     (rule("--c", "*", "true") + "#p { --c: blue }", BLUE),
     (rule("--c", "<length> | red", "false", "red"), RED),
     ("@layer a { @supports (color: red) { " + rule("--c", "<color>", "false", "red") + "} }", RED),
     (rule("--c", "<color>", "false", "red") + rule("--c", "<color>", "false", "lime"), LIME)],
)  # fmt: skip
def test_initial_values_and_inheritance(css, color):
    assert styles(css + "#x { color: var(--c) }", NESTED)["x"].color == color
    assert warnings_of(css) == []


@pytest.mark.parametrize(
    ("syntax", "value", "valid"),
    [("<length>", "1px", True), ("<length>", "1%", False), ("<length-percentage>", "1%", True),
     ("<number>", "1", True), ("<integer>", "1.5", False), ("<integer>", "2", True), ("<percentage>", "1px", False),
     ("<angle>", "1turn", True), ("<time>", "1s", True), ("<image>", "linear-gradient(red, blue)", True),
     ("<color>#", "red, blue", True), ("<color>#", "red blue", False), ("<length>+", "1px 2px", True),
     ("<length>+", "1px, 2px", False), ("<custom-ident>", "a", True), ("a | b", "b", True), ("a | b", "c", False),
     ("<string>", "'a'", True), ("<length>", "calc(1px + 2px)", True), ("<url>", "url(a.png)", True)],
)  # fmt: skip
def test_syntax(syntax, value, valid):
    assert warnings_of(rule("--c", syntax, "false", value)) == ([] if valid else [("unknown_rule", "style.css:1")])


@pytest.mark.parametrize(
    "css",
    [rule("c", "*", "true"), rule("--c", "*", "maybe"), rule("--c", "<color>", "true"), rule("--c", "<colour>", "true"),
     "@property --c { syntax: '*' }", "@property --c { inherits: true }", rule("--c", "<color>", "true", "var(--d)"),
     "@property { syntax: '*'; inherits: true }", rule("--a --b", "*", "true")],
)  # fmt: skip
def test_rules_that_say_too_little_are_reported(css):
    assert [code for code, _ in warnings_of(css)] == ["unknown_rule"]


def test_utility_classes_share_one_shadow():
    css = (
        rule("--ring", "*", "false", "0 0 #0000") + rule("--shadow", "*", "false", "0 0 #0000")
        + ".shadow, .ring { box-shadow: var(--ring), var(--shadow) }"
        ".shadow { --shadow: 0 1px 2px red } .ring { --ring: 0 0 0 1px blue }"
    )  # fmt: skip
    found = styles(css, "<p id=x class='shadow ring'><b id=y class=shadow></b>")
    assert [shadow.color for shadow in found["x"].box_shadow] == [BLUE, RED]
    assert found["y"].box_shadow[0].color.alpha == 0, "the ring is not inherited"
