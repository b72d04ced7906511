"""A record in, a `Rendition` out: template, layout and pdf in a row, under the document's limits.

    Renderer(bundle, limits).render(record, document_id) -> Rendition

What a renderer remembers (parsed CSS, faces, words, images) never changes bytes. Whatever goes wrong because of the record becomes a
`DocumentError` that names the document and the place in the template or in our code, and never quotes data; memory errors and
interrupts pass through, for the engine to handle.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from spark_pdf.errors import BundleError, DocumentError, LimitExceeded, Place, TemplateError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.images import ImageCache
from spark_pdf.model import Limits, Record, Rendition, RenderWarning
from spark_pdf.pdf.canvas import Canvas
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.pdf.metadata import Metadata
from spark_pdf.render.limits import cpu_limit
from spark_pdf.text.fonts import FontSet

if TYPE_CHECKING:
    from spark_pdf.layout.values import Url
    from spark_pdf.template.bundle import Bundle


class Renderer:
    """Renders one bundle. Serves one thread at a time; lives as long as its worker."""

    def __init__(self, bundle: Bundle, limits: Limits | None = None) -> None:
        """Raises `TemplateError` for what is wrong with the bundle itself, before any record is rendered."""
        self.bundle = bundle
        self.limits = limits or Limits()
        self._fonts = FontSet()
