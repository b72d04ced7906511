"""`@counter-style`: CSS Counter Styles 3, by the specification's own examples where it has them."""

from __future__ import annotations

import pytest

from tests.page_help import margin_texts, texts, warnings_of


def numbers(rule: str, *values: int) -> list[str]:
    """Numbers in a style `x`."""
    css = f"@counter-style x {{ {rule} }} p::before {{ content: counter(n, x) }} p {{ white-space: pre }}"
    css += "".join(f" .n{place} {{ counter-reset: n {value} }}" for place, value in enumerate(values))
    css += " @page { size: 400px 600px }"
    (page,) = texts("".join(f"<p class=n{place}></p>" for place in range(len(values))), css)
    return page.split()


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("system: cyclic; symbols: ‣ '→'", (1, 2, 3, -1, 0), "‣ → ‣ ‣ →"),
        ("system: fixed; symbols: A B", (0, 1, 2, 3), "0 A B 3"),
        ("system: fixed 5; symbols: A B", (4, 5, 6, 7), "4 A B 7"),
        ("system: symbolic; symbols: '*' ⁑ †", (1, 2, 3, 4, 5, 9, 0), "* ⁑ † ** ⁑⁑ ††† 0"),
        ("symbols: a", (3,), "aaa"),
        ("system: alphabetic; symbols: a b c", (1, 3, 4, 12, 13, 0), "a c aa cc aaa 0"),
        ("system: numeric; symbols: '0' '1' '2'", (0, 1, 3, 9, -4), "0 1 10 100 -11"),
        ("system: additive; additive-symbols: 6 ⚅, 5 ⚄, 4 ⚃, 3 ⚂, 2 ⚁, 1 ⚀", (1, 6, 11, 0), "⚀ ⚅ ⚅⚄ 0"),
        ("system: additive; additive-symbols: 3 a, 2 b, 0 z", (0, 1, 2, 7), "z 1 b 7"),
        ("system: numeric; symbols: '0' '1'; negative: '(' ')'", (-3,), "(11)"),
        ("system: extends decimal; pad: 3 '0'", (1, 20, -5, 4000), "001 020 -05 4000"),
        ("system: extends upper-roman; range: 1 3, 5 infinite; fallback: lower-alpha", (3, 4, 5, -1), "III d V -1"),
        ("system: extends lower-greek", (1, 2, 0), "α β 0"),
        ("system: extends nothing", (7,), "7"),
        ("system: extends x", (7,), "7"),
        ("system: fixed; symbols: A; fallback: x", (2,), "2"),
    ],
)
def test_systems(rule: str, values: tuple[int, ...], expected: str) -> None:
    assert numbers(rule, *values) == expected.split()


def test_markers_have_prefix_and_suffix() -> None:
    css = "@counter-style x { system: extends decimal; prefix: '('; suffix: ') ' } li { list-style: x inside }"
    assert texts("<ol><li>a<li>b</ol>", css) == ["(1) a (2) b"]


def test_pages_count_in_styles_of_one_s_own() -> None:
    css = "@counter-style x { system: fixed; symbols: one two }"
    css += " @page { @top-left { content: counter(page, x) '/' counters(pages, '.', x) } }"
    assert margin_texts("<p>a<p style='break-before: page'>b", css) == ["one/two", "two/two"]


@pytest.mark.parametrize(
    "rule",
    [
        "@counter-style x { system: alphabetic; symbols: a }", "@counter-style none { symbols: a }",
        "@counter-style { symbols: a }", "@counter-style x { system: additive }",
        "@counter-style x { symbols: a; range: 3 1 }", "@counter-style x { symbols: a; pad: x }",
        "@counter-style x { symbols: a; system: magic }", "@counter-style x { symbols: a; glow: 1 }",
        "@counter-style x { symbols: a; additive-symbols: 1 a, 2 b }",
    ],
)  # fmt: skip
def test_what_is_not_valid_is_said(rule: str) -> None:
    assert len(warnings_of("x", rule)) == 1
