"""Markers: drawings at the vertices of a path (SVG 2, 13.5)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.shapes.matrix import IDENTITY, Matrix, is_sound, multiply, rotation, scaled, translated
from spark_pdf.layout.shapes.numbers import fit, length, number, view_box
from spark_pdf.layout.shapes.paths import Path, rectangle
from spark_pdf.layout.svg.clips import clipped
from spark_pdf.layout.svg.drawing import Ink, Node
from spark_pdf.layout.svg.environment import local_id
from spark_pdf.layout.values import Percentage, Url

if TYPE_CHECKING:
    from spark_pdf.layout.svg.builder import Builder
    from spark_pdf.layout.svg.environment import State

_MOST_MARKERS = 5000
_REF_X = {"left": 0.0, "center": 0.5, "right": 1.0}
_REF_Y = {"top": 0.0, "center": 0.5, "bottom": 1.0}


def draw_markers(
    builder: Builder, path: Path, state: State, fill: Ink | None, stroke: Ink | None, out: list[Node]
) -> None:
    """All markers of one shape, in the order of its vertices."""
    style = state.style
    kinds = [_marker(builder, url) for url in (style.marker_start, style.marker_mid, style.marker_end)]
    if kinds == [None, None, None]:
        return
    places = vertices(path)[:_MOST_MARKERS]
    width = style.stroke_width
    pen = width * builder.units(state).diagonal if width.__class__ is Percentage else float(width)
    context = (fill, stroke)
    for index, (x, y, angle) in enumerate(places):
        ends = []
        if index == 0:
            ends.append((kinds[0], True))
        if 0 < index < len(places) - 1:
            ends.append((kinds[1], False))
        if index == len(places) - 1:
            ends.append((kinds[2], False))
        for element, at_start in ends:
            if element is not None and builder.enter(element):
                placed = translated(state.matrix, x, y)
                _draw(builder, element, state._replace(matrix=placed, context=context), angle, at_start, pen, out)
                builder.leave()


def _marker(builder: Builder, url: Url | None) -> Element | None:
    name = local_id(url.url) if url is not None else None
    found = builder.environment.find(name) if name else None
    return found if found is not None and found.tag == "marker" else None


def _draw(
    builder: Builder, element: Element, state: State, angle: float, at_start: bool, pen: float, out: list[Node]
) -> None:
    attributes = element.attributes
    style = builder.styles.of(element)
    if style.display == "none" or not builder.admits(state.depth):
        return
    orient = attributes.get("orient", "0").strip()
    if orient == "auto-start-reverse":
        turn = angle + 180 if at_start else angle
    else:
        turn = angle if orient == "auto" else number(orient.removesuffix("deg"), 0.0)
    matrix = multiply(state.matrix, rotation(turn))
    if attributes.get("markerUnits") != "userSpaceOnUse":
        matrix = scaled(matrix, pen, pen)
    units = builder.units(state)
    width = length(attributes.get("markerWidth", "3"), state.width, units) or 0.0
    height = length(attributes.get("markerHeight", "3"), state.height, units) or 0.0
    if width <= 0 or height <= 0:
        return
    box = view_box(attributes.get("viewBox"))
    inner: Matrix = IDENTITY
    size = width, height
    if box is not None:
        inner, _ = fit(box, width, height, attributes.get("preserveAspectRatio"))
        size = box.width, box.height
    ref_x = _reference(attributes.get("refX"), _REF_X, size[0], box.x if box is not None else 0.0)
    ref_y = _reference(attributes.get("refY"), _REF_Y, size[1], box.y if box is not None else 0.0)
    matrix = translated(matrix, -(inner[0] * ref_x + inner[4]), -(inner[3] * ref_y + inner[5]))
    content = multiply(matrix, inner)
    if not is_sound(content):
        return
    nodes: list[Node] = []
    links = len(builder.links)
    below = state._replace(style=style, matrix=content, width=size[0], height=size[1], depth=state.depth + 1)
    builder.children(element, below, nodes)
    del builder.links[links:]
    if nodes and style.overflow_x != "visible":
        clipped(nodes, rectangle(0.0, 0.0, width, height).transformed(matrix), out)
    else:
        out += nodes


def _reference(text: str | None, words: dict[str, float], size: float, origin: float) -> float:
    if text is not None and text.strip() in words:
        return origin + words[text.strip()] * size
    if text is not None and text.strip().endswith("%"):
        return origin + number(text, 0.0) * size
    return number(text, 0.0)


def vertices(path: Path) -> list[tuple[float, float, float]]:
    """x, y and direction in degrees of every vertex (SVG 2, 13.5.4)."""
    found: list[tuple[float, float, list[float]]] = []  # with the directions in and out
    start = 0
    inside = False  # an arc: only its ends are vertices
    for op, (x, y), points in path.segments():
        if op == "M":
            start = len(found)
            found.append((points[0], points[1], []))
            continue
        ends = [(x, y), *zip(points[::2], points[1::2], strict=True)]
        out, into = _direction(ends), _direction(ends[::-1])
        if out is not None and not inside:
            found[-1][2].append(out)
        inside = op == "c"
        if inside:
            continue
        arriving = [] if into is None else [into + math.pi]
        if op == "Z":  # both ends of a closed subpath are one corner
            before, first = arriving or found[-1][2][:1], found[start][2]
            arriving = [*before[:1], *first[:1]]
            found[start] = (*found[start][:2], arriving)
        found.append((points[-2], points[-1], arriving))
    return [(x, y, _bisected(directions)) for x, y, directions in found]


def _direction(points: list[tuple[float, float]]) -> float | None:
    """The angle from the first point to the first that differs from it."""
    x, y = points[0]
    for px, py in points[1:]:
        if abs(px - x) > 1e-9 or abs(py - y) > 1e-9:
            return math.atan2(py - y, px - x)
    return None


def _bisected(directions: list[float]) -> float:
    if not directions:
        return 0.0
    x = math.cos(directions[0]) + math.cos(directions[-1])
    y = math.sin(directions[0]) + math.sin(directions[-1])
    if math.hypot(x, y) < 1e-9:
        return math.degrees(directions[0])
    return math.degrees(math.atan2(y, x))
