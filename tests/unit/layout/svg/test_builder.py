"""Drawings of small SVGs: what is drawn where, in which ink. Derived by hand; chapters are those of SVG 2."""

# ruff: noqa: E501  (tables of small SVGs)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spark_pdf.layout.svg.drawing import Drawing, Gradient, Group, Shape, Tiling
from spark_pdf.layout.values import Color

Draw = Callable[..., Drawing]
Shapes = Callable[..., list[Shape]]

NAMES = {(1.0, 0.0, 0.0): "red", (0.0, 0.0, 1.0): "blue", (0.0, 128 / 255, 0.0): "green", (0.0, 0.0, 0.0): "black"}


def seen(shape: Shape) -> tuple[str, str]:
    """Names of fill and stroke."""
    found = []
    for ink in (shape.fill, shape.stroke):
        if ink is None:
            found.append("none")
        elif isinstance(ink.paint, Color):
            found.append(NAMES[ink.paint.components])
        else:
            found.append(type(ink.paint).__name__)
    return found[0], found[1]


def box(shape: Shape) -> tuple[float, ...]:
    bounds = shape.path.bounds()
    assert bounds is not None
    return tuple(round(value, 3) + 0.0 for value in bounds)


RECT = '<rect width="10" height="10"/>'


@pytest.mark.parametrize(
    ("root", "body", "bounds"),
    [
        # Chapter 8: coordinate systems
        ("", RECT, (0, 0, 10, 10)),
        ('viewBox="0 0 10 10"', RECT, (0, 0, 100, 100)),
        ('viewBox="0 0 20 10"', RECT, (0, 25, 50, 75)),
        ('viewBox="0 0 20 10" preserveAspectRatio="none"', RECT, (0, 0, 50, 100)),
        ('viewBox="-5 -5 10 10"', RECT, (50, 50, 150, 150)),
        ("", f'<g transform="translate(5 5)">{RECT}</g>', (5, 5, 15, 15)),
        ("", '<g transform="scale(2)"><rect transform="translate(5)" width="1" height="1"/></g>', (10, 0, 12, 2)),
        ("", f'<svg x="10" y="20" width="50" height="50" viewBox="0 0 10 10">{RECT}</svg>', (10, 20, 60, 70)),
        ("", f'<svg x="10%" y="10" viewBox="0 0 10 10" width="50%" height="50%">{RECT}</svg>', (10, 10, 60, 60)),
        ("", '<rect x="10%" y="20%" width="50%" height="5em"/>', (10, 20, 60, 100)),
        ("", '<rect width="1cm" height="1in"/>', (0, 0, 37.795, 96)),
        ("", '<circle cx="50" cy="50" r="10%"/>', (40, 40, 60, 60)),
        # Chapter 10: basic shapes
        ("", '<circle r="5"/>', (-5, -5, 5, 5)),
        ("", '<ellipse cx="10" cy="10" rx="5" ry="2"/>', (5, 8, 15, 12)),
        ("", '<ellipse cx="10" cy="10" rx="5"/>', (5, 5, 15, 15)),
        ("", '<line x1="1" y1="2" x2="3" y2="5" stroke="red"/>', (1, 2, 3, 5)),
        ("", '<polyline points="0,0 5,5 10,0"/>', (0, 0, 10, 5)),
        ("", '<polygon points="0 0 5 5 10 0 3"/>', (0, 0, 10, 5)),
        ("", '<path d="M1 1h5v5z"/>', (1, 1, 6, 6)),
        # Chapter 5: use, symbol, switch
        ("", f'<defs><g id="a">{RECT}</g></defs><use href="#a" x="5" y="6"/>', (5, 6, 15, 16)),
        ("", f'<defs><g id="a">{RECT}</g></defs><use xlink:href="#a" transform="scale(2)" x="5"/>', (10, 0, 30, 20)),
        ("", f'<symbol id="a" viewBox="0 0 10 10">{RECT}</symbol><use href="#a" width="30" height="30"/>', (0, 0, 30, 30)),
        ("", f'<symbol id="a" viewBox="0 0 10 10">{RECT}</symbol><use href="#a"/>', (0, 0, 100, 100)),
        ("", f'<defs><svg id="a" viewBox="0 0 10 10" width="9" height="9">{RECT}</svg></defs><use href="#a" width="20" height="20"/>',
         (0, 0, 20, 20)),
        ("", f'<switch><g requiredExtensions="http://x"/><g systemLanguage="fr"/>{RECT}<circle r="1"/></switch>', (0, 0, 10, 10)),
        ("", f'<switch><g systemLanguage="en-GB, en">{RECT}</g></switch>', (0, 0, 10, 10)),
        ("", f'<switch><foreignObject/>{RECT}</switch>', (0, 0, 10, 10)),
        ("", f'<a href="#x">{RECT}</a>', (0, 0, 10, 10)),
    ],
)  # fmt: skip
def test_where_a_shape_stands(shapes: Shapes, root: str, body: str, bounds: tuple[float, ...]) -> None:
    (shape,) = shapes(body, root=root)
    assert box(shape) == pytest.approx(bounds, abs=0.01)


@pytest.mark.parametrize(
    "body",
    [
        '<rect width="0" height="5"/>', '<rect width="-1" height="5"/>', '<rect height="5"/>', '<circle r="0"/>',
        '<circle r="-1"/>', "<ellipse/>", '<path d="x"/>', "<path/>", "<polyline/>", f'<g display="none">{RECT}</g>',
        f'<g style="display:none">{RECT}</g>', f"<defs>{RECT}</defs>", f"<symbol>{RECT}</symbol>",
        f'<g transform="scale(0)">{RECT}</g>', f'<clipPath id="a">{RECT}</clipPath>', f"<mask>{RECT}</mask>",
        f"<marker>{RECT}</marker>", f"<pattern>{RECT}</pattern>", "<title>t</title><desc>d</desc><metadata/>",
        '<rect width="5" height="5" fill="none"/>', '<rect width="5" height="5" visibility="hidden"/>',
        '<rect width="5" height="5" fill-opacity="0"/>', f'<g opacity="0">{RECT}</g>', f"<unknown>{RECT}</unknown>",
        '<line x2="5"/>', '<line x2="5" stroke="red" stroke-width="0"/>', '<use href="#missing"/>', "<use/>",
        f'<svg width="0" height="5">{RECT}</svg>', '<g xmlns="http://example.org/">' + RECT + "</g>",
        '<rect width="5" height="5" fill="url(#none) none"/>', '<rect width="5" height="5" fill="url(#none)"/>',
        '<linearGradient id="g"/><rect width="5" height="5" fill="url(#g)"/>',
    ],
)  # fmt: skip
def test_what_draws_nothing(draw: Draw, body: str) -> None:
    assert draw(body).nodes == ()


@pytest.mark.parametrize(
    ("body", "inks"),
    [
        # Chapter 6: styling, and the cascade
        (RECT, ("black", "none")),
        ('<rect width="1" height="1" fill="red" stroke="blue"/>', ("red", "blue")),
        ('<g fill="red"><rect width="1" height="1"/></g>', ("red", "none")),
        ('<style>rect{fill:red}</style><rect width="1" height="1" fill="blue"/>', ("red", "none")),
        ('<style>rect{fill:red}</style><rect width="1" height="1" style="fill:blue"/>', ("blue", "none")),
        ('<style>rect{fill:red!important}</style><rect width="1" height="1" style="fill:blue"/>', ("red", "none")),
        ('<style>#a{fill:red}.b{fill:blue}</style><rect id="a" class="b" width="1" height="1"/>', ("red", "none")),
        ('<style>g > .b{fill:blue}</style><g><rect class="b" width="1" height="1"/></g>', ("blue", "none")),
        ('<style>@media screen{rect{fill:red}}</style><rect width="1" height="1"/>', ("black", "none")),
        ('<style><![CDATA[rect{fill:red}]]></style><rect width="1" height="1"/>', ("red", "none")),
        ('<g color="red"><rect width="1" height="1" fill="currentColor"/></g>', ("red", "none")),
        ('<rect width="1" height="1" fill="nonsense"/>', ("black", "none")),
        ('<rect width="1" height="1" fill="red;stroke:blue"/>', ("black", "none")),
        ('<rect width="1" height="1" fill="url(#none) red"/>', ("red", "none")),
        ('<rect width="1" height="1" fill="#f00"/>', ("red", "none")),
        ('<rect width="1" height="1" fill="rgb(0,0,255)"/>', ("blue", "none")),
        ('<defs><g id="a"><rect width="1" height="1"/></g></defs><use href="#a" fill="red"/>', ("red", "none")),
        ('<defs fill="blue"><rect id="a" width="1" height="1"/></defs><use href="#a"/>', ("black", "none")),
        # Chapter 14: paint servers
        ('<linearGradient id="g"><stop stop-color="red"/><stop offset="1"/></linearGradient>'
         '<rect width="1" height="1" fill="url(#g)"/>', ("Gradient", "none")),
        ('<linearGradient id="g"><stop stop-color="red"/></linearGradient><rect width="1" height="1" fill="url(#g)"/>',
         ("red", "none")),
        ('<linearGradient id="g" x2="0"><stop stop-color="red"/><stop stop-color="blue" offset="1"/></linearGradient>'
         '<rect width="1" height="1" fill="url(#g)"/>', ("blue", "none")),
        ('<radialGradient id="g" r="0"><stop stop-color="red"/><stop stop-color="blue" offset="1"/></radialGradient>'
         '<rect width="1" height="1" fill="url(#g)"/>', ("blue", "none")),
        (f'<pattern id="p" width=".5" height=".5">{RECT}</pattern><rect width="1" height="1" fill="url(#p)"/>',
         ("Tiling", "none")),
        ('<linearGradient id="g"><stop stop-color="red"/><stop offset="1"/></linearGradient>'
         '<line x2="9" stroke="url(#g)"/><line x2="9" stroke="blue"/>', ("none", "blue")),
    ],
)  # fmt: skip
def test_with_which_inks(shapes: Shapes, body: str, inks: tuple[str, str]) -> None:
    (shape,) = shapes(body)
    assert seen(shape) == inks


@pytest.mark.parametrize(
    ("attributes", "pen"),
    [
        ("", {"width": 1, "cap": 0, "join": 0, "miter": 4, "dashes": ()}),
        ('stroke-width="3"', {"width": 3}),
        ('stroke-width="10%"', {"width": 10}),
        ('stroke-width="2px" stroke-linecap="round" stroke-linejoin="bevel"', {"width": 2, "cap": 1, "join": 2}),
        ('stroke-linecap="square" stroke-linejoin="round" stroke-miterlimit="2"', {"cap": 2, "join": 1, "miter": 2}),
        ('stroke-dasharray="2 1"', {"dashes": (2, 1)}),
        ('stroke-dasharray="2,1,3"', {"dashes": (2, 1, 3, 2, 1, 3)}),
        ('stroke-dasharray="5" stroke-dashoffset="-2"', {"dashes": (5, 5), "offset": -2}),
        ('stroke-dasharray="0 0"', {"dashes": ()}),
        ('stroke-dasharray="2 -1"', {"dashes": ()}),
        ('stroke-dasharray="none"', {"dashes": ()}),
        ('stroke-dasharray="25 75" pathLength="100"', {"dashes": (5, 15)}),
        ('transform="scale(2)"', {"width": 2}),
        ('transform="rotate(30)" stroke-dasharray="1"', {"width": 1, "dashes": (1, 1)}),
        ('transform="scale(2)" vector-effect="non-scaling-stroke"', {"width": 1}),
    ],
)
def test_pens(shapes: Shapes, attributes: str, pen: dict[str, Any]) -> None:
    (shape,) = shapes(f'<path d="M0 0h20" stroke="red" fill="none" {attributes}/>')
    assert shape.pen is not None
    assert shape.matrix is None
    for name, value in pen.items():
        assert getattr(shape.pen, name) == pytest.approx(value, abs=1e-6)


def test_a_pen_that_is_not_round_keeps_its_matrix(shapes: Shapes) -> None:
    (shape,) = shapes('<rect width="9" height="9" stroke="red" transform="scale(1 2)"/>')
    assert shape.matrix == (1, 0, 0, 2, 0, 0)
    assert box(shape) == (0, 0, 9, 9)


def test_opacity_makes_a_group_only_where_it_must(draw: Draw) -> None:
    (alone,) = draw('<rect width="9" height="9" opacity=".5" fill-opacity=".5"/>').nodes
    assert isinstance(alone, Shape)
    assert alone.fill is not None
    assert alone.fill.alpha == 0.25
    (group,) = draw('<rect width="9" height="9" opacity=".5" stroke="red"/>').nodes
    assert isinstance(group, Group)
    assert group.opacity == 0.5


def test_gradients_in_the_shape_s_box(shapes: Shapes) -> None:
    stops = '<stop offset="25%" stop-color="red"/><stop offset=".1" stop-color="blue" stop-opacity=".5"/>'
    (shape,) = shapes(f'<linearGradient id="g">{stops}</linearGradient>'
                      '<rect x="10" y="20" width="40" height="30" fill="url(#g)"/>')  # fmt: skip
    assert shape.fill is not None
    found = shape.fill.paint
    assert isinstance(found, Gradient)
    assert found.coords == (0, 0, 1, 0)
    assert found.matrix == (40, 0, 0, 30, 10, 20)
    assert [offset for offset, _ in found.stops] == [0.25, 0.25], "offsets never fall (14.2.4)"
    assert found.stops[1][1].alpha == 0.5


@pytest.mark.parametrize(
    ("attributes", "coords", "matrix"),
    [
        ('gradientUnits="userSpaceOnUse"', (0, 0, 100, 0), (1, 0, 0, 1, 0, 0)),
        ('gradientUnits="userSpaceOnUse" x1="1" y1="2" x2="50%" y2="50%"', (1, 2, 50, 50), (1, 0, 0, 1, 0, 0)),
        ('gradientTransform="scale(2)"', (0, 0, 1, 0), (20, 0, 0, 20, 0, 0)),
        ('href="#other"', (0, 0, 0, 1), (10, 0, 0, 10, 0, 0)),
        ('href="#g"', (0, 0, 1, 0), (10, 0, 0, 10, 0, 0)),
    ],
)
def test_gradient_units_and_inheritance(
    shapes: Shapes, attributes: str, coords: tuple[float, ...], matrix: tuple[float, ...]
) -> None:
    stops = '<stop stop-color="red"/><stop offset="1"/>'
    (shape,) = shapes(
        f'<linearGradient id="g" {attributes}>{stops}</linearGradient>'
        f'<linearGradient id="other" x2="0" y2="1"/><rect width="10" height="10" fill="url(#g)"/>'
    )
    assert shape.fill is not None
    assert isinstance(shape.fill.paint, Gradient)
    assert shape.fill.paint.coords == pytest.approx(coords)
    assert shape.fill.paint.matrix == matrix


def test_radial_gradients_hold_their_focus_inside(shapes: Shapes) -> None:
    (shape,) = shapes('<radialGradient id="g" fx="2"><stop/><stop offset="1" stop-color="red"/></radialGradient>'
                      '<rect width="10" height="10" fill="url(#g)"/>')  # fmt: skip
    assert shape.fill is not None
    assert isinstance(shape.fill.paint, Gradient)
    fx, fy, fr, cx, cy, r = shape.fill.paint.coords
    assert (fy, fr, cx, cy, r) == (0.5, 0, 0.5, 0.5, 0.5)
    assert 0.99 < fx < 1


@pytest.mark.parametrize(("spread", "colors"), [("repeat", "rbrbrbrb"), ("reflect", "rbbrrbbr"), ("pad", "rb")])
def test_spread_methods_become_stops(shapes: Shapes, spread: str, colors: str) -> None:
    (shape,) = shapes(
        f'<linearGradient id="g" x2=".5" spreadMethod="{spread}"><stop stop-color="red"/>'
        '<stop offset="1" stop-color="blue"/></linearGradient><rect width="10" height="10" fill="url(#g)"/>'
    )
    assert shape.fill is not None
    paint = shape.fill.paint
    assert isinstance(paint, Gradient)
    found = "".join("r" if color.components[0] else "b" for _, color in paint.stops)
    if spread == "pad":
        assert found == colors
    else:  # half of the box more on each side, for strokes: from -0.5 to 1.5
        assert paint.coords == (-0.5, 0, 1.5, 0)
        assert found in (colors, "brrbbrrb")


def test_a_gradient_needs_a_box_with_an_area(shapes: Shapes) -> None:
    stops = '<stop stop-color="red"/><stop offset="1"/>'
    flat = shapes(f'<linearGradient id="g">{stops}</linearGradient><path d="M0 0h9" stroke="url(#g)"/>')
    assert flat == []


@pytest.mark.parametrize(
    ("attributes", "bounds", "matrix"),
    [
        ('width=".5" height=".25"', (0, 0, 20, 10), (1, 0, 0, 1, 0, 0)),
        ('width="5" height="6" x="1" y="2" patternUnits="userSpaceOnUse"', (1, 2, 6, 8), (1, 0, 0, 1, 0, 0)),
        ('width="5" height="6" patternUnits="userSpaceOnUse" patternTransform="scale(2)"', (0, 0, 10, 12), (1, 0, 0, 1, 0, 0)),
        ('width="5" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(90)"', (0, 0, 5, 6), (0, 1, -1, 0, 0, 0)),
    ],
)  # fmt: skip
def test_patterns(shapes: Shapes, attributes: str, bounds: tuple[float, ...], matrix: tuple[float, ...]) -> None:
    (shape,) = shapes(f'<pattern id="p" {attributes}>{RECT}</pattern><rect width="40" height="40" fill="url(#p)"/>')
    assert shape.fill is not None
    paint = shape.fill.paint
    assert isinstance(paint, Tiling)
    assert paint.bounds == pytest.approx(bounds)
    assert paint.matrix == pytest.approx(matrix)


@pytest.mark.parametrize(
    ("clip", "clips", "masks"),
    [
        (f'<clipPath id="c">{RECT}</clipPath>', 1, 0),
        ('<clipPath id="c"><rect width="1" height="1"/><rect x="5" width="1" height="1"/></clipPath>', 1, 0),
        ('<clipPath id="c"><rect width="9" height="9"/><rect x="5" width="9" height="9"/></clipPath>', 0, 1),
        ('<clipPath id="c"><text y="9">x</text></clipPath>', 0, 1),
        ('<clipPath id="c"><circle id="k" r="9"/></clipPath>', 1, 0),
        (f'<clipPath id="c" clip-path="url(#d)">{RECT}</clipPath><clipPath id="d"><circle r="9"/></clipPath>', 2, 0),
        (f'<clipPath id="c"><rect width="9" height="9" clip-path="url(#d)"/></clipPath><clipPath id="d">{RECT}</clipPath>', 0, 1),
        (f'<mask id="c">{RECT}</mask>', 0, 0),
    ],
)  # fmt: skip
def test_clips_are_paths_where_paths_say_it(draw: Draw, clip: str, clips: int, masks: int) -> None:
    (node,) = draw(f'{clip}<rect width="20" height="20" clip-path="url(#c)"/>').nodes
    if not clips and not masks:
        assert isinstance(node, Group)
        assert node.clips == ()
        return
    assert isinstance(node, Group)
    assert (len(node.clips), len(node.masks)) == (clips, masks)


def test_an_empty_clip_path_hides_all_and_a_missing_one_nothing(draw: Draw) -> None:
    assert draw(f'<clipPath id="c"/><g clip-path="url(#c)">{RECT}</g>').nodes == ()
    assert len(draw(f'<g clip-path="url(#none)">{RECT}</g>').nodes) == 1
    assert draw(f'<mask id="m"/><g mask="url(#m)">{RECT}</g>').nodes == ()


def test_clips_in_the_box_of_what_they_cut(draw: Draw) -> None:
    (group,) = draw(
        '<clipPath id="c" clipPathUnits="objectBoundingBox"><rect width=".5" height="1"/></clipPath>'
        '<rect x="10" y="10" width="20" height="20" clip-path="url(#c)"/>'
    ).nodes
    assert isinstance(group, Group)
    assert group.clips[0].path.bounds() == (10, 10, 20, 30)


def test_masks(draw: Draw) -> None:
    (group,) = draw(
        f'<mask id="m" mask-type="alpha">{RECT}</mask><rect x="10" width="20" height="20" mask="url(#m)"/>'
    ).nodes
    assert isinstance(group, Group)
    (mask,) = group.masks
    assert not mask.luminance
    (region,) = mask.nodes
    assert isinstance(region, Group)
    assert region.clips[0].path.bounds() == (8, -2, 32, 22), "a tenth of the box more on each side"


def test_markers_stand_at_vertices(shapes: Shapes) -> None:
    found = shapes(
        '<marker id="m" markerWidth="2" markerHeight="2" refX="1" refY="1" orient="auto" overflow="visible">'
        '<rect width="2" height="2"/></marker>'
        '<path d="M10 10h20v20" stroke="red" fill="none" stroke-width="2" marker-start="url(#m)" marker-end="url(#m)"/>'
    )
    assert [box(shape) for shape in found] == [(10, 10, 30, 30), (8, 8, 12, 12), (28, 28, 32, 32)]


def test_markers_take_the_inks_of_their_shape(shapes: Shapes) -> None:
    found = shapes(
        '<marker id="m" overflow="visible"><rect width="1" height="1" fill="context-stroke"/></marker>'
        '<path d="M0 0h9" stroke="blue" marker-mid="url(#m)" marker-end="url(#m)"/>'
    )
    assert seen(found[-1]) == ("blue", "none")
    assert len(found) == 2


@pytest.mark.parametrize(
    "body",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<use id="a" href="#a"/>',
        '<pattern id="p" width="1" height="1"><rect width="1" height="1" fill="url(#p)"/></pattern>'
        '<rect width="9" height="9" fill="url(#p)"/>',
        '<clipPath id="c" clip-path="url(#c)"><rect width="9" height="9"/></clipPath><g clip-path="url(#c)"><rect width="1" height="1"/></g>',
        '<mask id="m"><rect width="9" height="9" mask="url(#m)"/></mask><rect width="9" height="9" mask="url(#m)"/>',
        '<marker id="m"><path d="M0 0h9" stroke="red" marker-end="url(#m)"/></marker><path d="M0 0h9" marker-end="url(#m)"/>',
        '<linearGradient id="g" href="#h"/><linearGradient id="h" href="#g"/><rect width="9" height="9" fill="url(#g)"/>',
        '<symbol id="s"><use href="#s"/></symbol><use href="#s"/>',
        "".join(f'<g id="g{n}">{"<use href=#q/>".replace("#q", chr(34) + f"#g{n - 1}" + chr(34)) * 10}</g>' for n in range(1, 12))
        + '<rect id="g0" width="1" height="1"/>',
        "<g>" * 190 + RECT + "</g>" * 190,
    ],
)  # fmt: skip
def test_circles_and_bombs_end(draw: Draw, body: str) -> None:
    draw(body)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<filter id="f"/><rect width="9" height="9" filter="url(#f)"/>', "filter"),
        ("<foreignObject/>", "foreignObject"), ("<script>x</script>", "script"), ("<animate/>", "animation"),
        ('<image href="http://example.org/a.png" width="9" height="9"/>', "there are no images"),
        ('<use href="other.svg#a"/>', "another file"), ('<g id="a"><use href="#a"/></g>', "refers to itself"),
        ('<text y="9">\U0010fffd</text>', "U\\+10FFFD"),
    ],
)  # fmt: skip
def test_what_is_not_drawn_is_reported_once(draw: Draw, body: str, word: str) -> None:
    import re

    (warning,) = draw(body + body.replace('id="', 'id="x')).warnings
    assert re.search(word, warning.message)


def test_lines_are_not_filled(shapes: Shapes) -> None:
    found = shapes(
        '<g stroke="red"><path d="M0 0h9M0 9h9"/><path d="M0 0h9v9zM0 9h9"/><polyline points="0,0 9,9"/></g>'
    )
    assert [(*seen(shape), shape.path.ops) for shape in found] == [
        ("none", "red", "MLML"), ("black", "none", "MLLZ"), ("none", "red", "MLLZML"), ("none", "red", "ML"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("css", "bounds"),
    [
        ("transform: translate(5px, 10%)", (5, 10, 15, 20)),
        ("transform: scale(2)", (0, 0, 20, 20)),
        ("transform: scale(2); transform-origin: 10px 10px", (-10, -10, 10, 10)),
        ("transform: scale(2); transform-origin: center", (-50, -50, -30, -30)),
        ("transform: scale(2); transform-origin: center; transform-box: fill-box", (-5, -5, 15, 15)),
        ("translate: 5px 6px", (5, 6, 15, 16)),
    ],
)
def test_transforms_of_css(shapes: Shapes, css: str, bounds: tuple[float, ...]) -> None:
    (shape,) = shapes(f'<rect width="10" height="10" transform="translate(50)" style="{css}"/>')
    assert box(shape) == pytest.approx(bounds)


def test_basic_shapes_and_blend_modes_of_css(draw: Draw) -> None:
    (clipped, blended) = draw(
        '<rect x="10" width="20" height="10" style="clip-path: inset(0 50% 0 0)"/>'
        '<rect width="9" height="9" style="mix-blend-mode: multiply"/>'
    ).nodes
    assert isinstance(clipped, Group)
    assert clipped.clips[0].path.bounds() == (10, 0, 20, 10)
    assert isinstance(blended, Group)
    assert blended.blend == "multiply"


def test_links(draw: Draw) -> None:
    (link,) = draw('<a href="https://example.org/"><rect x="1" y="2" width="3" height="4"/></a>').links
    assert link == ("https://example.org/", 1, 2, 3, 4)


def test_overflow_of_nested_viewports_is_cut(draw: Draw) -> None:
    (group,) = draw(f'<svg x="5" y="5" width="4" height="4">{RECT}</svg>').nodes
    assert isinstance(group, Group)
    assert group.clips[0].path.bounds() == (5, 5, 9, 9)
    (shape,) = draw(f'<svg width="4" height="4" overflow="visible">{RECT}</svg>').nodes
    assert isinstance(shape, Shape)
