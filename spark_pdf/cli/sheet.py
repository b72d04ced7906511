"""A contact sheet: the first pages of some documents in, one PNG out, framed as prints on a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFilter

_BACKGROUND = (226, 230, 236)
_EDGE = (203, 209, 218)
_GAP = 36
_SHADOW = 10


def contact_sheet(documents: Sequence[bytes], target: Path, *, columns: int = 4, width: int = 420) -> None:
    """Write the sheet: pages `width` pixels wide, `columns` in a row."""
    pages = [_first_page(document, width) for document in documents]
    height = max(page.height for page in pages)
    rows = -(-len(pages) // columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _BACKGROUND)
    places = [(_GAP + i % columns * (width + _GAP), _GAP + i // columns * (height + _GAP)) for i in range(len(pages))]
    sheet = _with_shadows(sheet, [(x, y, page) for (x, y), page in zip(places, pages, strict=True)])
    for (x, y), page in zip(places, pages, strict=True):
        sheet.paste(page, (x, y))
        ImageDraw.Draw(sheet).rectangle((x - 1, y - 1, x + page.width, y + page.height), outline=_EDGE)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)


def _first_page(document: bytes, width: int) -> Image.Image:
    """The first page, drawn at twice the size and reduced: small text stays legible."""
    pdf = pypdfium2.PdfDocument(document)
    try:
        page = pdf[0]
        large: Image.Image = page.render(scale=2 * width / page.get_width()).to_pil().convert("RGB")
    finally:
        pdf.close()
    return large.resize((width, round(large.height * width / large.width)), Image.Resampling.LANCZOS)


def _with_shadows(sheet: Image.Image, placed: Sequence[tuple[int, int, Image.Image]]) -> Image.Image:
    shadow = Image.new("L", sheet.size, 0)
    draw = ImageDraw.Draw(shadow)
    for x, y, page in placed:
        draw.rectangle((x, y + _SHADOW // 2, x + page.width, y + page.height + _SHADOW // 2), fill=90)
    dark = Image.new("RGB", sheet.size, (15, 23, 42))
    return Image.composite(dark, sheet, shadow.filter(ImageFilter.GaussianBlur(_SHADOW)))
