"""Sheets that are larger than their pages: `bleed` and `marks` (CSS Paged Media 3, 7.4 and 7.5)."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdfium2

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.pdf.engine import PdfEngine


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def written(css: str) -> bytes:
    laid_out = LayoutEngine(_Nothing()).lay_out(f"<style>@page {{ {css} }}</style><p>")
    return PdfEngine().write(laid_out)[0]


def boxes(data: bytes) -> tuple[list[float], list[float] | None]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.check_pdf_syntax()
        page = pdf.pages[0]
        trim = page.get("/TrimBox")
        return [float(v) for v in page.MediaBox], None if trim is None else [float(v) for v in trim]


def picture(data: bytes) -> Any:
    with pypdfium2.PdfDocument(data) as document:
        return document[0].render(scale=96 / 72).to_pil().convert("RGB")


def test_the_sheet_reaches_beyond_the_page() -> None:
    assert boxes(written("size: 80px 40px; bleed: 4px 8px 12px 16px")) == ([-12, -9, 66, 33], [0, 0, 60, 30])
    assert boxes(written("size: 80px 40px")) == ([0, 0, 60, 30], None)


def test_the_background_of_the_page_covers_the_bleed() -> None:
    image = picture(written("size: 80px 40px; margin: 0; bleed: 8px; background: #00ff00"))
    assert image.size == (96, 56)
    assert {image.getpixel(spot) for spot in ((1, 1), (94, 1), (1, 54), (94, 54), (90, 28))} == {(0, 255, 0)}


def test_marks_stand_in_the_bleed_and_above_its_background() -> None:
    image = picture(written("size: 80px 40px; margin: 0; bleed: 8px; marks: crop cross; background: #00ff00"))
    dark = {(x, y) for x in range(96) for y in range(56) if sum(image.getpixel((x, y))) < 150}
    assert dark, "no marks"
    assert not any(8 <= x < 88 and 8 <= y < 48 for x, y in dark)
    corners = {(x // 48, y // 28) for x, y in dark}
    assert corners == {(0, 0), (0, 1), (1, 0), (1, 1)}
