"""Grid layout: coordinates derived by hand from CSS Grid Layout 1, whose sections stand beside each."""

from __future__ import annotations

import pytest

from tests.unit.layout.container_areas import Area, item_areas, pages

CASES: list[tuple[str, str, list[str], list[Area]]] = [
    (
        "7.2: lengths, percentages and fr",
        "grid-template-columns: 20px 25% 1fr",
        ["", "", "", ""],
        [(0, 0, 20, 12), (20, 0, 50, 12), (70, 0, 130, 12), (0, 12, 20, 12)],
    ),
    (
        "11.7: fr by factors, gaps taken off",
        "grid-template-columns: 1fr 3fr; gap: 4px 20px",
        ["", "", ""],
        [(0, 0, 45, 12), (65, 0, 135, 12), (0, 16, 45, 12)],
    ),
    (
        "11.7: factors below 1 leave the rest free",
        "grid-template-columns: .25fr .25fr",
        ["min-width: 0", "min-width: 0"],
        [(0, 0, 50, 12), (50, 0, 50, 12)],
    ),
    (
        "7.2.1: fr does not go below content",
        "grid-template-columns: 1fr 1fr; width: 60px",
        ["width: 50px", ""],
        [(0, 0, 50, 12), (50, 0, 10, 12)],
    ),
    (
        "7.2.1: minmax(0, 1fr) does",
        "grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); width: 60px",
        ["width: 50px", ""],
        [(0, 0, 50, 12), (30, 0, 30, 12)],
    ),
    (
        "7.2: auto tracks stretch equally",
        "grid-template-columns: auto auto",
        ["width: 20px", "width: 60px"],
        [(0, 0, 20, 12), (80, 0, 60, 12)],
    ),
    (
        "10.5: but not where they are aligned",
        "grid-template-columns: auto auto; justify-content: start",
        ["width: 20px", "width: 60px"],
        [(0, 0, 20, 12), (20, 0, 60, 12)],
    ),
    (
        "7.2: min-content and max-content",
        "grid-template-columns: min-content max-content; justify-content: start",
        ["padding: 0 3px", "width: 40px"],
        [(0, 0, 11.6, 12), (11.6, 0, 40, 12)],
    ),
    (
        "7.2.2: minmax",
        "grid-template-columns: minmax(30px, 80px) minmax(150px, 1fr)",
        ["", ""],
        [(0, 0, 50, 12), (50, 0, 150, 12)],
    ),
    (
        "7.2.4: fit-content",
        "grid-template-columns: fit-content(30px) 1fr",
        ["", ""],
        [(0, 0, 5.6, 12), (5.6, 0, 194.4, 12)],
    ),
    (
        "7.2.3: repeat",
        "grid-template-columns: repeat(2, 20px 30px)",
        ["", "", "", ""],
        [(0, 0, 20, 12), (20, 0, 30, 12), (50, 0, 20, 12), (70, 0, 30, 12)],
    ),
    (
        "7.2.3.2: auto-fill keeps empty tracks",
        "grid-template-columns: repeat(auto-fill, minmax(45px, 1fr)); column-gap: 5px",
        ["", ""],
        [(0, 0, 46.2, 12), (51.2, 0, 46.2, 12)],
    ),
    (
        "7.2.3.2: auto-fit lets them vanish",
        "grid-template-columns: repeat(auto-fit, minmax(45px, 1fr)); column-gap: 10px",
        ["", ""],
        [(0, 0, 95, 12), (105, 0, 95, 12)],
    ),
    (
        "8.3: lines from both ends",
        "grid-template-columns: repeat(4, 50px)",
        ["grid-column: 2 / 4", "grid-column: -2 / -1; grid-row: 1", "grid-column: -3; grid-row: 2"],
        [(50, 0, 100, 12), (150, 0, 50, 12), (100, 12, 50, 12)],
    ),
    (
        "8.3: spans",
        "grid-template-columns: repeat(4, 50px)",
        ["grid-column: span 3", "grid-column: span 2 / 4; grid-row: 2", "grid-column: 1 / span 2; grid-row: 3"],
        [(0, 0, 150, 12), (50, 12, 100, 12), (0, 24, 100, 12)],
    ),
    (
        "8.3: lines in the wrong order are swapped, equal ones are one track",
        "grid-template-columns: repeat(4, 50px)",
        ["grid-column: 4 / 2", "grid-column: 3 / 3"],
        [(50, 0, 100, 12), (100, 12, 50, 12)],
    ),
    (
        "8.3: named lines",
        "grid-template-columns: [a] 50px [b mid] 50px [mid] 50px [end]",
        ["grid-column: b / end", "grid-column: mid 2; grid-row: 2", "grid-column: a / span mid; grid-row: 3"],
        [(50, 0, 100, 12), (100, 12, 50, 12), (0, 24, 50, 12)],
    ),
    (
        "7.3: areas",
        "grid-template: 'h h' 20px 's m' 30px / 40px 1fr",
        ["grid-area: m", "grid-area: h", "grid-area: s"],
        [(40, 20, 160, 30), (0, 0, 200, 20), (0, 20, 40, 30)],
    ),
    (
        "7.3: the lines of areas",
        "grid-template-areas: 'a b c'; grid-template-columns: 1fr 1fr 1fr",
        ["grid-column: b-start / c-end", "grid-column: a; grid-row: 2"],
        [(66.7, 0, 133.3, 12), (0, 12, 66.7, 12)],
    ),
    (
        "7.6: implicit tracks, before and behind",
        "grid-template-columns: 50px; grid-auto-columns: 10px 20px",
        ["grid-column: 3", "grid-column: -4; grid-row: 1", "grid-column: 1; grid-row: 1"],
        [(90, 0, 20, 12), (0, 0, 10, 12), (30, 0, 50, 12)],
    ),
    (
        "7.6: auto rows",
        "grid-auto-rows: 20px 30px",
        ["", "", ""],
        [(0, 0, 200, 20), (0, 20, 200, 30), (0, 50, 200, 20)],
    ),
    (
        "8.5: rows fill one after the other",
        "grid-template-columns: repeat(3, 50px)",
        ["grid-column: span 2", "grid-column: span 2", ""],
        [(0, 0, 100, 12), (0, 12, 100, 12), (100, 12, 50, 12)],
    ),
    (
        "8.5: dense goes back for gaps",
        "grid-template-columns: repeat(3, 50px); grid-auto-flow: dense",
        ["grid-column: span 2", "grid-column: span 2", ""],
        [(0, 0, 100, 12), (0, 12, 100, 12), (100, 0, 50, 12)],
    ),
    (
        "8.5: columns fill",
        "grid-template-rows: 20px 20px; grid-auto-flow: column; grid-auto-columns: 30px",
        ["", "", ""],
        [(0, 0, 30, 20), (0, 20, 30, 20), (30, 0, 30, 20)],
    ),
    (
        "8.5: items locked to a row come first",
        "grid-template-columns: 50px 50px",
        ["", "grid-row: 1", "grid-row: 1"],
        [(0, 12, 50, 12), (0, 0, 50, 12), (50, 0, 50, 12)],
    ),
    (
        "8.5: items locked to a column",
        "grid-template-columns: 50px 50px",
        ["grid-column: 2", "grid-column: 1", "grid-column: 2"],
        [(50, 0, 50, 12), (0, 12, 50, 12), (50, 12, 50, 12)],
    ),
    (
        "10.3: justify-items: stretch",
        "grid-template-columns: 100px; justify-items: stretch",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(0, 0, 30, 12), (4, 12, 94, 12)],
    ),
    (
        "10.3: justify-items: normal",
        "grid-template-columns: 100px; justify-items: normal",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(0, 0, 30, 12), (4, 12, 94, 12)],
    ),
    (
        "10.3: justify-items: start",
        "grid-template-columns: 100px; justify-items: start",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(0, 0, 30, 12), (4, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: end",
        "grid-template-columns: 100px; justify-items: end",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(70, 0, 30, 12), (92.4, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: center",
        "grid-template-columns: 100px; justify-items: center",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(35, 0, 30, 12), (48.2, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: left",
        "grid-template-columns: 100px; justify-items: left",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(0, 0, 30, 12), (4, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: right",
        "grid-template-columns: 100px; justify-items: right",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(70, 0, 30, 12), (92.4, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: self-end",
        "grid-template-columns: 100px; justify-items: self-end",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(70, 0, 30, 12), (92.4, 12, 5.6, 12)],
    ),
    (
        "10.3: justify-items: flex-end",
        "grid-template-columns: 100px; justify-items: flex-end",
        ["width: 30px", "margin: 0 2px 0 4px"],
        [(70, 0, 30, 12), (92.4, 12, 5.6, 12)],
    ),
    (
        "10.4: align-items: stretch",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: stretch",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 0, 50, 10), (50, 2, 50, 34)],
    ),
    (
        "10.4: align-items: normal",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: normal",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 0, 50, 10), (50, 2, 50, 34)],
    ),
    (
        "10.4: align-items: start",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: start",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 0, 50, 10), (50, 2, 50, 12)],
    ),
    (
        "10.4: align-items: end",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: end",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 30, 50, 10), (50, 24, 50, 12)],
    ),
    (
        "10.4: align-items: center",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: center",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 15, 50, 10), (50, 13, 50, 12)],
    ),
    (
        "10.4: align-items: baseline",
        "grid-template-columns: 50px 50px; grid-template-rows: 40px; align-items: baseline",
        ["height: 10px", "margin: 2px 0 4px"],
        [(0, 2, 50, 10), (50, 2, 50, 12)],
    ),
    (
        "10.3 and 10.4: for one item",
        "grid-template-columns: 100px; grid-template-rows: 40px",
        ["justify-self: end; align-self: center"],
        [(94.4, 14, 5.6, 12)],
    ),
    (
        "10.2: auto margins",
        "grid-template-columns: 100px; grid-template-rows: 40px",
        ["width: 20px; height: 10px; margin: auto 5px 0 auto"],
        [(75, 30, 20, 10)],
    ),
    (
        "10.5: justify-content: start",
        "grid-template-columns: 40px 40px; justify-content: start",
        ["", ""],
        [(0, 0, 40, 12), (40, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: end",
        "grid-template-columns: 40px 40px; justify-content: end",
        ["", ""],
        [(120, 0, 40, 12), (160, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: center",
        "grid-template-columns: 40px 40px; justify-content: center",
        ["", ""],
        [(60, 0, 40, 12), (100, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: space-between",
        "grid-template-columns: 40px 40px; justify-content: space-between",
        ["", ""],
        [(0, 0, 40, 12), (160, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: space-around",
        "grid-template-columns: 40px 40px; justify-content: space-around",
        ["", ""],
        [(30, 0, 40, 12), (130, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: space-evenly",
        "grid-template-columns: 40px 40px; justify-content: space-evenly",
        ["", ""],
        [(40, 0, 40, 12), (120, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: stretch",
        "grid-template-columns: 40px 40px; justify-content: stretch",
        ["", ""],
        [(0, 0, 40, 12), (40, 0, 40, 12)],
    ),
    (
        "10.5: justify-content: normal",
        "grid-template-columns: 40px 40px; justify-content: normal",
        ["", ""],
        [(0, 0, 40, 12), (40, 0, 40, 12)],
    ),
    (
        "10.5: align-content: start",
        "grid-template-rows: 20px 20px; height: 100px; align-content: start",
        ["", ""],
        [(0, 0, 200, 20), (0, 20, 200, 20)],
    ),
    (
        "10.5: align-content: end",
        "grid-template-rows: 20px 20px; height: 100px; align-content: end",
        ["", ""],
        [(0, 60, 200, 20), (0, 80, 200, 20)],
    ),
    (
        "10.5: align-content: center",
        "grid-template-rows: 20px 20px; height: 100px; align-content: center",
        ["", ""],
        [(0, 30, 200, 20), (0, 50, 200, 20)],
    ),
    (
        "10.5: align-content: space-between",
        "grid-template-rows: 20px 20px; height: 100px; align-content: space-between",
        ["", ""],
        [(0, 0, 200, 20), (0, 80, 200, 20)],
    ),
    (
        "10.5: align-content: space-around",
        "grid-template-rows: 20px 20px; height: 100px; align-content: space-around",
        ["", ""],
        [(0, 15, 200, 20), (0, 65, 200, 20)],
    ),
    (
        "10.5: align-content: space-evenly",
        "grid-template-rows: 20px 20px; height: 100px; align-content: space-evenly",
        ["", ""],
        [(0, 20, 200, 20), (0, 60, 200, 20)],
    ),
    (
        "10.5: align-content: stretch",
        "grid-template-rows: 20px 20px; height: 100px; align-content: stretch",
        ["", ""],
        [(0, 0, 200, 20), (0, 20, 200, 20)],
    ),
    ("10.5: auto rows stretch", "height: 60px", ["height: 10px", "height: 20px"], [(0, 0, 200, 10), (0, 25, 200, 20)]),
    (
        "11.5: an item across tracks makes them grow equally",
        "grid-template-columns: auto auto; justify-content: start",
        ["grid-column: span 2; width: 100px", "width: 20px", "width: 40px"],
        [(0, 0, 100, 12), (0, 12, 20, 12), (40, 12, 40, 12)],
    ),
    (
        "11.5: minimums of flexible tracks",
        "grid-template-columns: 1fr auto; justify-content: start; width: 100px",
        ["grid-column: span 2; width: 150px", "width: 20px"],
        [(0, 0, 150, 12), (0, 12, 20, 12)],
    ),
    (
        "rows of fr share a height that is given",
        "grid-template-rows: 1fr 2fr; height: 90px",
        ["", ""],
        [(0, 0, 200, 30), (0, 30, 200, 60)],
    ),
    (
        "rows of fr without one are as high as content asks",
        "grid-template-rows: 1fr 2fr",
        ["height: 10px", "height: 40px"],
        [(0, 0, 200, 10), (0, 20, 200, 40)],
    ),
    (
        "rtl: columns begin at the right",
        "direction: rtl; grid-template-columns: 50px 30px",
        ["", "", "width: 10px"],
        [(150, 0, 50, 12), (120, 0, 30, 12), (190, 12, 10, 12)],
    ),
    (
        "order sorts before placement",
        "grid-template-columns: 50px 50px",
        ["order: 1", "", "order: -1"],
        [(0, 12, 50, 12), (50, 0, 50, 12), (0, 0, 50, 12)],
    ),
    (
        "percentages are of the area",
        "grid-template-columns: 100px 50px; grid-template-rows: 40px",
        ["width: 50%; height: 50%", "padding: 10%"],
        [(0, 0, 50, 20), (100, 0, 50, 40)],
    ),
    (
        "rows may be higher than asked by what spans them",
        "grid-template-columns: 50px 50px; grid-template-rows: 10px auto",
        ["grid-row: span 2; height: 60px", "", ""],
        [(0, 0, 50, 60), (50, 0, 50, 10), (50, 10, 50, 50)],
    ),
]


@pytest.mark.parametrize(("css", "items", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_items_stand_where_the_specification_says(css: str, items: list[str], expected: list[Area]) -> None:
    assert item_areas("grid", css, items) == expected


def areas(body: str, css: str = "") -> dict[str, Area]:
    return pages(body, "@page { size: 220px 420px } " + css)[0][0]


def test_inline_grid_shrinks_to_its_tracks() -> None:
    body = (
        "x<span id=g style='display: inline-grid; grid-template-columns: auto 30px; gap: 2px'><b>ab</b><i>c</i></span>"
    )
    assert areas(body)["g"] == (5, 0, 43.7, 12)


def test_fit_content_sizes_follow_constraints() -> None:
    # 11.1: the max-content size of fr tracks, 11.5: limits of fit-content()
    def width(columns: str) -> float:
        items = "<i style='padding-right: 30px'></i><i style='padding-right: 50px'></i>"
        return areas(f"<span id=g style='display: inline-grid; grid-template-columns: {columns}'>{items}</span>")["g"][
            2
        ]

    assert width("auto auto") == 80
    assert width("1fr 1fr") == 100
    assert width("1fr 2fr") == 90
    assert width("minmax(40px, 1fr) 10px") == 50
    assert width("fit-content(20px) auto") == 80


def test_baselines_meet_in_a_row() -> None:
    body = (
        "<div style='display: grid; grid-template-columns: 1fr 1fr; align-items: baseline'>"
        "<div id=a style='padding-top: 10px'>a</div><div id=b>b</div></div>"
    )
    found = areas(body)
    assert (found["a"], found["b"]) == ((0, 0, 100, 22), (100, 10, 100, 12))


def test_percent_gaps_of_rows_are_of_what_the_rows_make() -> None:
    # Box Alignment 3, 8.3: of the height without them; the container does not grow
    found = areas(
        "<div id=g style='display: grid; row-gap: 25%'><div id=a style='height: 40px'></div><p id=b>b</p></div>"
    )
    assert found["g"][3] == 52
    assert found["b"][1] == 53


def test_images_keep_their_size_unless_asked() -> None:
    def box(style: str) -> Area:
        grid = "display: grid; grid-template-columns: 100px; grid-template-rows: 50px"
        return areas(f"<div style='{grid}'><img id=i src=a.png style='{style}'></div>")["i"]

    assert box("") == (0, 0, 40, 20)
    assert box("justify-self: stretch; align-self: stretch") == (0, 0, 100, 50)
    assert box("justify-self: center; align-self: end") == (30, 30, 40, 20)
    assert box("width: 50%") == (0, 0, 50, 25)


def test_min_height_makes_rows_of_fr_grow() -> None:
    found = areas(
        "<div class=g><p id=a>a</p><p id=b>b</p><p id=c>c</p></div>",
        ".g { display: grid; min-height: 80px; grid-template-rows: auto 1fr auto }",
    )
    assert [found[name][1] for name in "abc"] == [0, 12, 68]


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        # Grid 1, 9.2 and Flexbox 1, 4.1: where it would stand, were it the only item
        ("justify-content: center; align-items: center", (92, 19)),
        ("justify-content: flex-end; align-items: end", (184, 38)),
        ("flex-direction: row-reverse", (184, 0)),
        ("flex-direction: column; justify-content: center; align-items: flex-end", (184, 19)),
        ("justify-content: space-around", (92, 0)),
        ("justify-content: space-between", (0, 0)),
        ("display: grid; justify-items: center; align-items: end", (92, 38)),
    ],
)
def test_positioned_children_without_offsets(css: str, expected: tuple[float, float]) -> None:
    style = "position: absolute; width: 16px; height: 12px"
    found = areas(f"<div style='display: flex; height: 50px; {css}'><div id=a style='{style}'></div><p>b</p></div>")
    assert found["a"][:2] == expected
