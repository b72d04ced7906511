"""Used sizes of replaced boxes: CSS 2.2, 10.3.2, 10.4 and 10.6.2, and CSS Sizing 4, 6.1. Numbers derived by hand."""

from __future__ import annotations

import pytest

from spark_pdf.layout.boxes import ReplacedBox
from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.images import Image, vector_image
from spark_pdf.layout.sizing.replaced import constrained, used_size
from spark_pdf.layout.svg.source import VectorSource
from spark_pdf.layout.values import Percentage

ANY = (0.0, 0.0)
INF = float("inf")


@pytest.mark.parametrize(
    ("size", "low", "high", "used"),
    [
        # The rows of the table in 10.4, in its order, for an image of 200 by 100.
        ((200, 100), ANY, (INF, INF), (200, 100)),
        ((200, 100), ANY, (100, INF), (100, 50)),
        ((200, 100), (0, 80), (100, INF), (100, 80)),
        ((200, 100), (400, 0), (INF, INF), (400, 200)),
        ((200, 100), (400, 0), (INF, 150), (400, 150)),
        ((200, 100), ANY, (INF, 50), (100, 50)),
        ((200, 100), (150, 0), (INF, 50), (150, 50)),
        ((200, 100), (0, 200), (INF, INF), (400, 200)),
        ((200, 100), (0, 200), (300, INF), (300, 200)),
        ((200, 100), ANY, (100, 80), (100, 50)),
        ((200, 100), ANY, (180, 50), (100, 50)),
        ((200, 100), (400, 300), (INF, INF), (600, 300)),
        ((200, 100), (600, 200), (INF, INF), (600, 300)),
        ((200, 100), (300, 0), (INF, 60), (300, 60)),
        ((200, 100), (0, 150), (100, INF), (100, 150)),
        ((0, 100), (10, 10), (50, 50), (10, 50)),
    ],
)
def test_the_table_of_limits(
    size: tuple[float, float], low: tuple[float, float], high: tuple[float, float], used: tuple[float, float]
) -> None:
    assert constrained(*size, low, high) == pytest.approx(used)


def bitmap(width: float = 200.0, height: float = 100.0) -> Image:
    return Image("k", "a.png", "png", width, height, b"")


def vector(width: float | None, height: float | None, ratio: float | None) -> Image:
    source = object.__new__(VectorSource)
    source.natural = (width, height, ratio)
    return vector_image("k", "a.svg", source)


@pytest.mark.parametrize(
    ("image", "css", "used"),
    [
        (bitmap(), {}, (200, 100)),
        (bitmap(), {"width": 50.0}, (50, 25)),
        (bitmap(), {"height": 50.0}, (100, 50)),
        (bitmap(), {"width": 50.0, "height": 60.0}, (50, 60)),
        (bitmap(), {"width": Percentage(0.5)}, (250, 125)),
        (bitmap(), {"height": Percentage(0.5)}, (200, 100)),
        (bitmap(), {"max_width": Percentage(0.1)}, (50, 25)),
        (bitmap(), {"width": 50.0, "max_height": 10.0}, (50, 10)),
        (bitmap(), {"height": 50.0, "max_width": 60.0}, (60, 50)),
        (bitmap(), {"width": 60.0, "box_sizing": "border-box", "padding_left": 10.0}, (50, 25)),
        (bitmap(), {"aspect_ratio": 1.0}, (200, 200)),
        (bitmap(), {"aspect_ratio": 1.0, "width": 50.0}, (50, 50)),
        (bitmap(), {"aspect_ratio": ("auto", 1.0), "width": 50.0}, (50, 25)),
        # SVG: what it has no natural size for follows from what there is
        (vector(30, 20, 1.5), {}, (30, 20)),
        (vector(30, None, 1.5), {}, (30, 20)),
        (vector(None, 20, 1.5), {}, (30, 20)),
        (vector(30, None, None), {}, (30, 150)),
        (vector(None, 20, None), {}, (300, 20)),
        (vector(None, None, None), {}, (300, 150)),
        (vector(None, None, 2.0), {}, (500, 250)),
        (vector(None, None, 2.0), {"margin_left": 100.0}, (400, 200)),
        (vector(None, None, 2.0), {"max_width": 100.0}, (100, 50)),
        (vector(None, None, 2.0), {"width": 40.0}, (40, 20)),
        (vector(None, None, 2.0), {"height": 40.0}, (80, 40)),
        (vector(None, None, None), {"width": 40.0}, (40, 150)),
        (vector(None, None, None), {"aspect_ratio": ("auto", 1.0), "width": 40.0}, (40, 40)),
    ],
)
def test_used_sizes_in_500px(image: Image, css: dict[str, object], used: tuple[float, float]) -> None:
    box = ReplacedBox(INITIAL_STYLE.replace(**css), None, image)
    assert used_size(box, 500.0, None) == pytest.approx(used)


@pytest.mark.parametrize(
    ("image", "size"),
    [
        (vector(None, None, None), (300, 150)), (vector(None, None, 1.0), (150, 150)), (vector(10, None, 2.0), (10, 5)),
        (vector(None, 10, 2.0), (20, 10)), (vector(10, None, None), (10, 150)), (vector(None, None, 4.0), (300, 75)),
    ],
)  # fmt: skip
def test_default_objects(image: Image, size: tuple[float, float]) -> None:
    assert (image.width, image.height) == size
