"""The same small page laid out by us and by WeasyPrint, glyph by glyph.

In: the body and style sheet of a page. Out: the glyphs of either that have no partner in the other within a tolerance.
Both use the same face (Arimo), so that only layout can differ.
"""

from __future__ import annotations

import ctypes
import warnings
from importlib.resources import files
from importlib.util import find_spec

import pypdfium2
import pypdfium2.raw as raw
from PIL import ImageFile

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.pdf.engine import PdfEngine

INSTALLED = find_spec("weasyprint") is not None

Glyph = tuple[int, str, float, float]
"""Page, character, x, y of its origin; px from the page's top left corner."""

_FACE = files("spark_pdf") / "text" / "faces" / "Arimo-Regular.ttf"
_PAGE = (
    "<!DOCTYPE html><html lang=en><style>@page {{ size: {size}; margin: 20px }} "
    "html {{ font: 10px/12px {family} }} body {{ margin: 0 }} {css}</style><body>{body}"
)


class Nothing:
    """A bundle without files."""

    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def glyphs(pdf: bytes) -> list[Glyph]:
    """Where a document's glyphs stand."""
    document, found = pypdfium2.PdfDocument(pdf), []
    for number, page in enumerate(document):
        height, text = page.get_height(), page.get_textpage()
        x, y = ctypes.c_double(), ctypes.c_double()
        for index in range(raw.FPDFText_CountChars(text)):
            code = raw.FPDFText_GetUnicode(text, index)
            if code <= 32 or code == 0xA0 or raw.FPDFText_IsGenerated(text, index) == 1:
                continue
            if raw.FPDFText_GetCharOrigin(text, index, x, y):
                scale = 96 / 72
                found.append((number, chr(code), round(x.value * scale, 2), round((height - y.value) * scale, 2)))
    return sorted(found)


def ours(body: str, css: str = "", size: str = "340px 300px") -> list[Glyph]:
    """Where we put the glyphs of a page."""
    laid_out = LayoutEngine(Nothing()).lay_out(_PAGE.format(body=body, css=css, size=size, family="Arimo"))
    pdf, _ = PdfEngine().write(laid_out)
    return glyphs(pdf)


def theirs(body: str, css: str = "", size: str = "340px 300px") -> list[Glyph]:
    """Where WeasyPrint puts them."""
    truncated = ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        ImageFile.LOAD_TRUNCATED_IMAGES = truncated  # which WeasyPrint sets for everybody
        face = f"@font-face {{ font-family: Face; src: url({_FACE.as_uri()}) }}"
        html = _PAGE.format(body=body, css=face + css, size=size, family="Face")
        return glyphs(
            weasyprint.HTML(string=html).write_pdf(font_config=FontConfiguration(), presentational_hints=True)
        )


def unmatched(body: str, css: str = "", size: str = "340px 300px", tolerance: float = 1.0) -> list[tuple[str, Glyph]]:
    """Glyphs of one that have no partner in the other: ("ours" or "theirs", glyph)."""
    a, b = ours(body, css, size), theirs(body, css, size)
    left = list(b)
    found = []
    for glyph in a:
        partner = next((other for other in left if _same(glyph, other, tolerance)), None)
        if partner is None:
            found.append(("ours", glyph))
        else:
            left.remove(partner)
    return found + [("theirs", glyph) for glyph in left]


def _same(a: Glyph, b: Glyph, tolerance: float) -> bool:
    return a[:2] == b[:2] and abs(a[2] - b[2]) <= tolerance and abs(a[3] - b[3]) <= tolerance
