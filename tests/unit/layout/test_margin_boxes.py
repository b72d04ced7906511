"""Page-margin boxes: sizes by CSS Paged Media 3, 5.3, derived by hand."""

from __future__ import annotations

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, PaintGroup, Placed, TextFragment
from spark_pdf.layout.pages.margin_sizes import Extent, across, along


def auto(low: float, high: float, **limits: float) -> Extent:
    return Extent(None, low, high, **limits)


def given(size: float, **limits: float) -> Extent:
    return Extent(size, 0.0, 0.0, **limits)


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([auto(10, 20), None, None], [300, 0, 0]),
        ([None, None, given(50)], [0, 0, 50]),
        ([auto(10, 50), None, auto(10, 100)], [100, 0, 200]),  # by their max-content sizes
        ([auto(20, 200), None, auto(40, 400)], [100, 0, 200]),  # 240 left, by what lies between least and most
        ([auto(200, 200), None, auto(400, 400)], [100, 0, 200]),  # less than their min-content sizes
        ([auto(0, 0), None, auto(0, 0)], [150, 0, 150]),
        ([given(100), None, auto(10, 20)], [100, 0, 200]),
        ([given(200), None, given(200)], [200, 0, 200]),
        ([None, auto(10, 20), None], [0, 300, 0]),
        ([auto(10, 50), auto(10, 100), None], [75, 150, 0]),  # B against twice A: 100 and 100
        ([auto(10, 25), auto(10, 100), auto(10, 50)], [75, 150, 75]),
        ([given(40), auto(10, 120), auto(10, 20)], [40, 180, 60]),  # 120 and 80 by 300
        ([auto(10, 20), given(100), given(30)], [100, 100, 30]),
        ([auto(10, 50, maximum=60), None, auto(10, 100)], [60, 0, 240]),
        ([auto(10, 50, minimum=120), None, auto(10, 100)], [120, 0, 180]),
        ([auto(1, 1, maximum=50, minimum=70), None, None], [70, 0, 0]),
    ],
)
def test_three_boxes_share_an_edge(boxes: list[Extent | None], expected: list[float]) -> None:
    assert along(boxes, 300) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("before", "size", "after", "first", "expected"),
    [
        (0, None, 0, True, (0, 100, 0)),
        (10, None, 20, True, (10, 70, 20)),
        (None, None, 20, True, (0, 80, 20)),
        (None, 40, None, True, (30, 40, 30)),
        (None, 40, 10, True, (50, 40, 10)),
        (10, 40, None, True, (10, 40, 50)),
        (10, 40, 10, True, (50, 40, 10)),  # over-constrained: the outer margin gives way
        (10, 40, 10, False, (10, 40, 50)),
        (None, 140, None, True, (-40, 140, 0)),  # auto margins are 0 where there is no room
        (None, 140, None, False, (0, 140, -40)),
        (60, None, 60, True, (60, 0, 60)),
    ],
)
def test_one_box_across_a_margin(
    before: float | None, size: float | None, after: float | None, first: bool, expected: tuple[float, float, float]
) -> None:
    assert across(before, size, after, 0, 100, first) == expected


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def margins(css: str, body: str = "x") -> list[Placed]:
    page = "@page { size: 400px 300px; margin: 50px; font: 10px/12px Arimo;"
    (first, *_) = LayoutEngine(_Nothing()).lay_out(f"<style>{page} {css} }}</style>{body}").pages
    return flat(first.margins(1))


def flat(group: PaintGroup) -> list[Placed]:
    found: list[Placed] = []
    for item in group.items:
        found += flat(item) if isinstance(item, PaintGroup) else [item]
    return found


def boxes(css: str) -> list[tuple[float, float, float, float]]:
    placed = [item for item in margins(css) if isinstance(item.fragment, BoxFragment)]
    return [(p.x, p.y, p.fragment.width, p.fragment.height) for p in placed]  # type: ignore[union-attr]


def test_boxes_fill_the_margins() -> None:
    assert boxes("@top-left-corner { content: ''; background: red }") == [(0, 0, 50, 50)]
    assert boxes("@bottom-center { content: ''; background: red }") == [(50, 250, 300, 50)]
    assert boxes("@right-middle { content: ''; background: red }") == [(350, 50, 50, 200)]
    assert boxes("@left-top { content: ''; background: red } border: 10px solid") == [(0, 50, 50, 200)]


def test_given_sizes_margins_and_percentages() -> None:
    css = "content: ''; background: red;"
    assert boxes(f"@top-left {{ {css} width: 50%; height: 20px }}") == [(50, 30, 150, 20)]
    assert boxes(f"@bottom-right {{ {css} width: 100px; height: 20px; margin: 0 10px }}") == [(240, 250, 100, 20)]
    assert boxes(f"@top-center {{ {css} width: 100px; margin: auto; height: 20px }}") == [(150, 15, 100, 20)]
    # vertical percentages are of the margin's height
    assert boxes(f"@top-left {{ {css} margin: 10% 0; padding: 20% 0; width: 10px }}") == [(50, 5, 10, 40)]
    assert boxes(f"@left-middle {{ {css} width: 20px; height: 50% }}") == [(30, 100, 20, 100)]
    assert boxes(f"@right-bottom {{ {css} min-height: 210px; max-width: 10px; }}") == [(350, 40, 10, 210)]


@pytest.mark.parametrize(("align", "y"), [("top", 0), ("middle", 19), ("bottom", 38)])
def test_vertical_align(align: str, y: float) -> None:
    (text,) = margins(f"@top-left {{ content: 'a'; vertical-align: {align} }}")
    assert isinstance(text.fragment, TextFragment)
    assert text.y == pytest.approx(y + 9.4648, abs=0.01)
    # with a height of its own, content moves within that
    (inner,) = margins(f"@top-left {{ content: 'a'; height: 20px; vertical-align: {align} }}")
    assert inner.y == pytest.approx(30 + y * 8 / 38 + 9.4648, abs=0.01)


def test_all_three_of_a_column_share_its_height() -> None:
    css = " ".join(f"@left-{name} {{ content: 'a'; background: red }}" for name in ("top", "middle", "bottom"))
    heights = boxes(css)
    assert [box[1] for box in heights] == pytest.approx([50, 50 + 200 / 3, 250 - 200 / 3])
    assert sum(box[3] for box in heights) == pytest.approx(200)
