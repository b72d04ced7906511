"""Positioned boxes that reach beyond the sheet go on on the next page (CSS Fragmentation 3, 4).

The page has margins of 20, and five lines of 12 px, from y 20 to 80; the sheet ends at 100.
"""

from __future__ import annotations

import pytest

from tests.page_help import lines, pages_of, places, texts

LONG = "".join(f"l{number}<br>" for number in range(9))
ABS = "position: absolute; left: 50px; top: 12px"


def test_a_box_goes_on_at_the_top_of_the_next_page_beside_the_flow() -> None:
    body = f"<div style='{ABS}'>{LONG}</div>{lines(7)}"
    assert [sorted(text.split()) for text in texts(body)] == [
        ["l0", "l1", "l2", "l3", "p0", "p1", "p2", "p3", "p4"], ["l4", "l5", "l6", "l7", "l8", "p5", "p6"],
    ]  # fmt: skip
    second = places(pages_of(body)[1])
    assert second["l4"] == (70.0, 20.0)
    assert second["p5"] == (20.0, 20.0)


def test_pages_are_made_for_what_the_flow_has_none_for() -> None:
    assert texts(f"<p>a</p><div style='{ABS}'>{LONG}{LONG}</div>") == [
        "a l0 l1 l2 l3", "l4 l5 l6 l7 l8", "l0 l1 l2 l3 l4", "l5 l6 l7 l8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "style",
    [
        "position: fixed; top: 12px", "position: absolute; bottom: -50px", "position: absolute; top: 70px",
        "position: absolute; top: 12px; height: 100px", "position: absolute; top: 12px; transform: rotate(5deg)",
    ],
)  # fmt: skip
def test_what_is_sized_moved_or_placed_beyond_the_page_does_not(style: str) -> None:
    assert len(texts(f"<p>a</p><div style='{style}'>{LONG}</div>")) == 1


def test_what_hangs_into_the_margin_or_is_clipped_does_not() -> None:
    hanging = f"<p>a</p><div style='position: absolute; top: 36px'>{LONG[:12]}l2</div>"
    assert len(texts(hanging)) == 1
    clipped = f"<div style='position: relative; overflow: hidden; height: 50px'><div style='{ABS}'>{LONG}</div></div>"
    assert len(texts(clipped)) == 1


def test_a_box_that_may_not_be_divided_waits_for_the_next_page() -> None:
    body = f"<p>a</p><div style='position: absolute; top: 50px'><p style='break-inside: avoid'>{LONG[:20]}</p></div>"
    assert texts(body) == ["a", "l0 l1 l2 l3"]


def test_boxes_within_go_along() -> None:
    inner = "<span style='position: absolute; left: 30px'>x</span>"
    body = f"<p>a</p><div style='{ABS}'>{LONG}<p style='position: relative'>y{inner}</p></div>"
    assert places(pages_of(body)[2])["x"] == (100.0, 20.0)
