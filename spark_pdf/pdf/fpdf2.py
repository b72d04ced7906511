"""The door to fpdf2: what we take of it, untyped.

fpdf2's annotations describe how its callers use it. Here its insides are replaced (fonts, images, serialisation),
which they cannot describe, so its classes pass through as `Any`. Pinned to 2.8.9: `output.py` is internal to fpdf2
and may change with any version.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.pdf.later import imported_later

# Fonts, SVG, images and signatures of fpdf2, which only a `template.py` can come to: half of what its import costs.
_SELDOM = (
    "fontTools.subset",
    "fontTools.svgLib.path",
    "fontTools.varLib",
    "fontTools.varLib.instancer",
    "fpdf.font_type_3",
    "numpy",
    "PIL.ImageCms",
    "unittest.mock",
)

with imported_later(*_SELDOM):
    import fpdf
    import fpdf.enums
    import fpdf.fonts
    import fpdf.image_datastructures
    import fpdf.output
    import fpdf.syntax

FPDF: Any = fpdf.FPDF
ResourceAccessPolicy: Any = fpdf.enums.ResourceAccessPolicy
TextEmphasis: Any = fpdf.enums.TextEmphasis
TTFFont: Any = fpdf.fonts.TTFFont
RasterImageInfo: Any = fpdf.image_datastructures.RasterImageInfo
OutputProducer: Any = fpdf.output.OutputProducer
PDFCatalog: Any = fpdf.output.PDFCatalog
PDFPage: Any = fpdf.output.PDFPage
PDFPagesRoot: Any = fpdf.output.PDFPagesRoot
ResourceCatalog: Any = fpdf.output.ResourceCatalog
PDFContentStream: Any = fpdf.syntax.PDFContentStream
PDFObject: Any = fpdf.syntax.PDFObject
