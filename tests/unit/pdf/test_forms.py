"""What is drawn as a form begins with nothing of what came before it (ISO 32000-1, 8.10.1)."""

from __future__ import annotations

import pypdfium2
import pytest

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.pdf.engine import PdfEngine


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def written(body: str) -> bytes:
    css = "@page { size: 200px 100px; margin: 0 } body { margin: 0; font: 16px/20px Arimo }"
    laid_out = LayoutEngine(_Nothing()).lay_out(f"<style>{css}</style>{body}")
    return PdfEngine().write(laid_out)[0]


def lefts(data: bytes, count: int) -> list[float]:
    """Left edges of the last characters of the page, relative to the first of them."""
    with pypdfium2.PdfDocument(data) as document:
        text = document[0].get_textpage()
        total = text.count_chars()
        boxes = [text.get_charbox(index, loose=True)[0] for index in range(total - count, total)]
    return [round(left - boxes[0], 1) for left in boxes]


def pixels(data: bytes) -> bytes:
    with pypdfium2.PdfDocument(data) as document:
        image = document[0].render(scale=96 / 72).to_pil().convert("RGB")
    return bytes(image.crop((0, 40, 200, 100)).tobytes())


SPACED = "<div style='height: 40px; letter-spacing: -3px; position: relative'>spaced</div>"
PLAIN = "<div style='height: 40px; position: relative'>spaced</div>"


@pytest.mark.parametrize(
    "body",
    [
        "<div style='opacity: 0.5; position: relative'>words</div>",
        "<div style='mix-blend-mode: multiply; position: relative'>words</div>",
        "<svg width=200 height=50 style='position: relative; opacity: 0.5'><text y=20>words</text></svg>",
    ],
)
def test_letter_spacing_ends_where_a_group_begins(body: str) -> None:
    assert lefts(written(SPACED + body), 5) == lefts(written(PLAIN + body), 5)


@pytest.mark.parametrize(
    "body",
    [
        "<svg width=200 height=50 style='position: relative'><path d='M0 20H90' stroke='red'/></svg>",
        "<div style='opacity: 0.5; position: relative'><svg height=50><path d='M0 20H90' stroke='red'/></svg></div>",
        "<div style='position: relative; background: linear-gradient(red, red) text; color: transparent'>words</div>",
        "<svg width=200 height=50 style='position: relative'><text y=20>words</text></svg>",
    ],
)
def test_groups_look_alike_whatever_came_before(body: str) -> None:
    before = "<div style='height: 38px; {}; border: 1px {} black; position: relative'>s</div>"
    plain = before.format("", "solid")
    assert pixels(written(before.format("letter-spacing: -3px", "dashed") + body)) == pixels(written(plain + body))
