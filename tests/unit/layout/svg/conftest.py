"""SVG text in, drawings out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spark_pdf.layout.svg.drawing import Drawing, Group, Node, Shape, Text
from spark_pdf.layout.svg.source import read_svg
from spark_pdf.text.fonts import FontSet

FONTS = FontSet()


def draw_svg(body: str, width: float = 100.0, height: float = 100.0, root: str = "") -> Drawing:
    """The drawing of an SVG file with this content, in a box of this size."""
    text = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {root}>{body}</svg>'
    return read_svg(text.encode(), "a.svg", FONTS, lambda url: "there are no images").drawing(width, height)


def flat(nodes: tuple[Node, ...]) -> list[Node]:
    """All nodes, those in groups too."""
    found: list[Node] = []
    for node in nodes:
        found += flat(node.nodes) if isinstance(node, Group) else [node]
    return found


@pytest.fixture
def draw() -> Callable[..., Drawing]:
    """`draw_svg`."""
    return draw_svg


@pytest.fixture
def shapes() -> Callable[..., list[Shape]]:
    """The shapes of a drawing."""
    return lambda body, **more: [node for node in flat(draw_svg(body, **more).nodes) if isinstance(node, Shape)]


@pytest.fixture
def texts() -> Callable[..., list[tuple[str, float, float]]]:
    """(text, x, y of the baseline) of each text of a drawing."""

    def find(body: str, **more: object) -> list[tuple[str, float, float]]:
        found = [node for node in flat(draw_svg(body, **more).nodes) if isinstance(node, Text)]  # type: ignore[arg-type]
        return [
            ("".join(word.text for word in node.fragment.words), round(node.matrix[4], 2), round(node.matrix[5], 2))
            for node in found
        ]

    return find
