"""Patterns (SVG 2, 14.3): a tile that is drawn once and repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.shapes.matrix import Matrix, is_sound, multiply, scale_of, scaled, translated
from spark_pdf.layout.shapes.numbers import Units, fit, length, transform, view_box
from spark_pdf.layout.svg.drawing import Node, Tiling
from spark_pdf.layout.svg.servers import attribute, box_matrix, chain

if TYPE_CHECKING:
    from spark_pdf.layout.shapes.paths import Bounds
    from spark_pdf.layout.svg.builder import Builder
    from spark_pdf.layout.svg.environment import State


def tiling(builder: Builder, element: Element, bounds: Bounds | None, state: State) -> Tiling | None:
    """The tiles of a pattern on a shape whose box in its own space is `bounds`; None where it paints nothing."""
    elements = chain(element, builder.environment, ("pattern",))
    units = builder.units(state)
    tile = _tile(elements, bounds, units)
    matrix = multiply(state.matrix, transform(attribute(elements, "patternTransform")))
    if tile is None or not is_sound(matrix) or not builder.enter(element):
        return None
    x, y, width, height = tile
    # Tile space is as large as px, so that its numbers can be written as short as all others.
    scale = scale_of(matrix)
    matrix = scaled(matrix, 1 / scale, 1 / scale)
    content, size = _content(elements, tile, bounds, state)
    content = multiply((scale, 0.0, 0.0, scale, 0.0, 0.0), content)
    nodes: list[Node] = []
    holder = next((e for e in elements if any(not isinstance(child, str) for child in e.children)), None)
    if holder is not None and is_sound(content):
        style = builder.styles.of(holder)
        inner = state._replace(
            style=style, matrix=content, width=size[0], height=size[1], depth=state.depth + 1, context=(None, None)
        )
        links = len(builder.links)
        builder.children(holder, inner, nodes)
        del builder.links[links:]
    builder.leave()
    if not nodes or not is_sound(matrix):
        return None
    box = (x * scale, y * scale, (x + width) * scale, (y + height) * scale)
    return Tiling(tuple(nodes), box, width * scale, height * scale, matrix)


def _tile(elements: list[Element], bounds: Bounds | None, units: Units) -> tuple[float, float, float, float] | None:
    """x, y, width and height of a tile in the shape's own space."""
    of_box = attribute(elements, "patternUnits") != "userSpaceOnUse"
    unit = Units(1.0, 1.0, units.em, units.rem) if of_box else units
    x = length(attribute(elements, "x"), unit.width, unit) or 0.0
    y = length(attribute(elements, "y"), unit.height, unit) or 0.0
    width = length(attribute(elements, "width"), unit.width, unit) or 0.0
    height = length(attribute(elements, "height"), unit.height, unit) or 0.0
    if of_box:
        if bounds is None:
            return None
        a, _, _, d, e, f = box_matrix(bounds)
        x, y, width, height = x * a + e, y * d + f, width * a, height * d
    return (x, y, width, height) if width > 1e-6 and height > 1e-6 else None


def _content(
    elements: list[Element], tile: tuple[float, float, float, float], bounds: Bounds | None, state: State
) -> tuple[Matrix, tuple[float, float]]:
    """The matrix from a tile's content to the shape's own space, and what percentages are of in it."""
    x, y, width, height = tile
    moved = translated((1.0, 0.0, 0.0, 1.0, 0.0, 0.0), x, y)
    box = view_box(attribute(elements, "viewBox"))
    if box is not None:
        fitted, _ = fit(box, width, height, attribute(elements, "preserveAspectRatio"))
        return multiply(moved, fitted), (box.width, box.height)
    if attribute(elements, "patternContentUnits") == "objectBoundingBox" and bounds is not None:
        a, _, _, d, _, _ = box_matrix(bounds)
        return multiply(moved, (a, 0.0, 0.0, d, 0.0, 0.0)), (1.0, 1.0)
    if attribute(elements, "patternUnits") != "userSpaceOnUse":
        return moved, (state.width, state.height)
    return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), (state.width, state.height)
