"""Text in SVG: where each piece starts. Arimo's "a" is 0.55615 em wide, "i" 0.22217, a space 0.27783."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Texts = Callable[..., list[tuple[str, float, float]]]
A, SPACE = 5.5615, 2.7783
FONT = 'font-family="Arimo" font-size="10"'


@pytest.mark.parametrize(
    ("attributes", "content", "pieces"),
    [
        ('x="5" y="9"', "aa", [("aa", 5, 9)]),
        ("", "aa", [("aa", 0, 0)]),
        ('x="5" y="9"', "  a \n\t b  ", [("a b", 5, 9)]),
        ('x="5" y="9" xml:space="preserve"', " a\n b", [(" a  b", 5, 9)]),
        ('x="5" y="9" style="white-space:pre"', " a", [(" a", 5, 9)]),
        ('x="10%" y="2em"', "a", [("a", 10, 20)]),
        ('x="1 20 40" y="5"', "abc", [("a", 1, 5), ("b", 20, 5), ("c", 40, 5)]),
        ('x="1 20" y="5 6 7"', "abcd", [("a", 1, 5), ("b", 20, 6), ("cd", 20 + A, 7)]),
        ('dx="0 2"', "aaa", [("a", 0, 0), ("aa", A + 2, 0)]),
        ('dy="1 2"', "aaa", [("a", 0, 1), ("aa", A, 3)]),
        ('x="50" text-anchor="middle"', "aa", [("aa", 50 - A, 0)]),
        ('x="50" text-anchor="end"', "aa", [("aa", 50 - 2 * A, 0)]),
        ('x="50" text-anchor="end"', "a<tspan>a</tspan>", [("a", 50 - 2 * A, 0), ("a", 50 - A, 0)]),
        ('x="50" text-anchor="middle"', 'a<tspan x="20">a</tspan>', [("a", 50 - A / 2, 0), ("a", 20 - A / 2, 0)]),
        ("", 'a<tspan x="20" y="30">a</tspan>a', [("a", 0, 0), ("a", 20, 30), ("a", 20 + A, 30)]),
        ("", 'a<tspan dy="5" dx="1">a</tspan>', [("a", 0, 0), ("a", A + 1, 5)]),
        ("", 'a <tspan> b</tspan>', [("a ", 0, 0), ("b", A + SPACE, 0)]),
        ("", 'a<tspan display="none">b</tspan>c', [("a", 0, 0), ("c", A, 0)]),
        ("", 'a<tspan visibility="hidden">a</tspan>c', [("a", 0, 0), ("c", 2 * A, 0)]),
        ("", '<title>no</title><desc>no</desc>a', [("a", 0, 0)]),
        ('x="1 2 3"', '<tspan x="7">a</tspan>bc', [("a", 7, 0), ("b", 2, 0), ("c", 3, 0)]),
        ('letter-spacing="2"', "aa<tspan>a</tspan>", [("aa", 0, 0), ("a", 2 * A + 4, 0)]),
        ('word-spacing="3"', "a a<tspan>a</tspan>", [("a a", 0, 0), ("a", 2 * A + SPACE + 3, 0)]),
        ('x="50" letter-spacing="2" text-anchor="end"', "aa", [("aa", 50 - 2 * A - 2, 0)]),
        ('textLength="30"', "aa<tspan>a</tspan>", [("aa", 0, 0), ("a", 2 * A + 2 * (30 - 3 * A) / 2, 0)]),
        ('textLength="30" lengthAdjust="spacingAndGlyphs"', "aa<tspan>a</tspan>", [("aa", 0, 0), ("a", 20, 0)]),
        ('style="text-transform:uppercase"', "ab", [("AB", 0, 0)]),
        ('direction="rtl" x="50"', "aa", [("aa", 50 - 2 * A, 0)]),
        # 11.10.2: baselines. Arimo's ascent is 0.905 em, its descent 0.212, its x-height 0.528.
        ('y="50" dominant-baseline="middle"', "a", [("a", 0, 52.64)]),
        ('y="50" dominant-baseline="central"', "a", [("a", 0, 53.47)]),
        ('y="50" dominant-baseline="hanging"', "a", [("a", 0, 57.24)]),
        ('y="50" dominant-baseline="text-before-edge"', "a", [("a", 0, 59.05)]),
        ('y="50" dominant-baseline="text-after-edge"', "a", [("a", 0, 47.88)]),
        ('y="50" dominant-baseline="alphabetic"', "a", [("a", 0, 50)]),
        ('y="50"', 'a<tspan alignment-baseline="central">a</tspan>', [("a", 0, 50), ("a", A, 53.47)]),
        ('y="50"', 'a<tspan baseline-shift="super">a</tspan>', [("a", 0, 50), ("a", A, 46.67)]),
        ('y="50"', 'a<tspan baseline-shift="sub">a</tspan>', [("a", 0, 50), ("a", A, 52)]),
        ('y="50"', 'a<tspan baseline-shift="-3">a<tspan baseline-shift="10%">a</tspan></tspan>',
         [("a", 0, 50), ("a", A, 53), ("a", 2 * A, 52)]),
        ('transform="translate(3 4)"', "a", [("a", 3, 4)]),
        # "A" and "T" are kerned with the space: 113 and 37 units of 2048
        ("", "A T<tspan>a</tspan>", [("A T", 0, 0), ("a", 6.6699 + SPACE + 6.1084 - 0.7324, 0)]),
    ],
)  # fmt: skip
def test_where_pieces_start(
    texts: Texts, attributes: str, content: str, pieces: list[tuple[str, float, float]]
) -> None:
    found = texts(f"<text {FONT} {attributes}>{content}</text>")
    assert [text for text, _, _ in found] == [text for text, _, _ in pieces]
    for (_, x, y), (_, wanted_x, wanted_y) in zip(found, pieces, strict=True):
        assert (x, y) == pytest.approx((wanted_x, wanted_y), abs=0.02)


def test_rotation_turns_each_letter(draw: Callable[..., object]) -> None:
    nodes = draw(f'<text {FONT} rotate="90 0">abc</text>').nodes  # type: ignore[attr-defined]
    assert [tuple(round(v, 3) + 0.0 for v in node.matrix[:4]) for node in nodes] == [
        (0, 1, -1, 0), (1, 0, 0, 1), (1, 0, 0, 1),
    ]  # fmt: skip


def test_sizes_follow_transforms(draw: Callable[..., object]) -> None:
    (node,) = draw(f'<text {FONT} transform="scale(2)">a</text>').nodes  # type: ignore[attr-defined]
    assert node.size == 20
    assert node.matrix == (1, 0, 0, 1, 0, 0)


def test_letters_stand_on_a_path(texts: Texts) -> None:
    path = '<path id="p" d="M0 50H100" fill="none"/>'
    found = texts(f'{path}<text {FONT}><textPath href="#p" startOffset="10">aa</textPath></text>')
    assert found == [("a", 10, 50), ("a", pytest.approx(10 + A, abs=0.02), 50)]
    middle = texts(
        f'{path}<text {FONT} text-anchor="middle"><textPath href="#p" startOffset="50%">aa</textPath></text>'
    )
    assert middle[0][1] == pytest.approx(50 - A, abs=0.02)
    beyond = texts(f'{path}<text {FONT}><textPath href="#p" startOffset="90">aaa</textPath></text>')
    assert len(beyond) == 2, "letters whose middle is beyond the end are not shown"
    assert texts(f'<text {FONT}><textPath href="#none">aa</textPath></text>') == []


def test_lines_of_decoration(shapes: Callable[..., list[object]]) -> None:
    (line,) = shapes(f'<text {FONT} x="5" y="50" text-decoration="underline" fill="red">aa</text>')
    left, top, right, bottom = line.path.bounds()  # type: ignore[attr-defined]
    assert (left, right) == pytest.approx((5, 5 + 2 * A), abs=0.02)
    assert 50 < top < bottom < 53


def test_right_to_left_text_stands_in_visual_order(texts: Texts) -> None:
    alef, bet = "\u05d0", "\u05d1"
    mixed = texts(f"<text {FONT}>a {alef}{bet} b</text>")
    assert [text for text, _, _ in mixed] == ["a ", alef + bet, " b"]
    assert [x for _, x, _ in mixed] == sorted(x for _, x, _ in mixed)
    whole = texts(f'<text {FONT} direction="rtl" x="90">{alef} b</text>')
    assert [text for text, _, _ in sorted(whole, key=lambda one: one[1])] == ["b", " " + alef]
    assert max(x for _, x, _ in whole) < 90, "its start is at its right"
