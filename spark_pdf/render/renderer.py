"""A record in, a `Rendition` out: template, layout and pdf in a row, under the document's limits.

    Renderer(bundle, limits).render(record, document_id) -> Rendition

What a renderer remembers (parsed CSS, faces, words, images) never changes bytes. Whatever goes wrong because of the
record becomes a `DocumentError` that names the document and the place in the template or in our code, and never
quotes data; memory errors and interrupts pass through, for the engine to handle.
"""

from __future__ import annotations

import sys
import traceback
from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING

from spark_pdf.errors import BundleError, DocumentError, LimitExceeded, Place, TemplateError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import Limits, Record, RenderWarning, Rendition
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.pdf.metadata import Metadata
from spark_pdf.render.collecting import collector_held_back
from spark_pdf.render.limits import cpu_limit
from spark_pdf.render.privacy import Quoting
from spark_pdf.template.settings import SETTINGS_FILE
from spark_pdf.text.fonts import FontSet

if TYPE_CHECKING:
    from types import TracebackType

    from spark_pdf.template.bundle import Bundle

_MOST_WARNINGS = 100
"""Warnings kept of one document; a template that has more has one problem, not a hundred."""

_CALLS = 6000
"""Calls within calls, of the process. Layout calls itself, up to twenty times for an element within another, of which
HTML may have 200: so their count decides, and not how deep the engine's own calls are when a document is rendered."""


class Renderer:
    """Renders one bundle. Serves one thread at a time; lives as long as its worker."""

    def __init__(self, bundle: Bundle, limits: Limits | None = None) -> None:
        """Raises `TemplateError` for what is wrong with the bundle itself, before any record is rendered."""
        self.bundle = bundle
        self.limits = limits or Limits()
        if sys.getrecursionlimit() < _CALLS:
            sys.setrecursionlimit(_CALLS)
        self._fonts = FontSet()
        for font in bundle.settings.fonts:
            try:
                self._fonts.add(font.family, font.weight, font.style, bundle.read(font.file), font.file)
            except BundleError as error:
                raise BundleError(f"the font '{font.family}': {error.reason}", place=Place(SETTINGS_FILE)) from None
        self._pdf = PdfEngine(repertoire=bundle.repertoire())
        self._quoting = Quoting(bundle)
        self._metadata = Metadata(title=bundle.settings.title)
        if bundle.is_python:
            from spark_pdf.pdf.canvas import Canvas  # with fpdf2, which HTML needs nothing of

            self._canvas = Canvas
            _ = bundle.draw
        else:
            _ = bundle.page
            self._layout = LayoutEngine(bundle, self._fonts, self.limits)

    @property
    def warnings(self) -> tuple[RenderWarning, ...]:
        """What the documents so far had to say of the bundle: fonts that stand in for others. Each once."""
        return tuple(self._quoting.told(self._fonts.warnings))

    def render(self, record: Record, document_id: str = "") -> Rendition:
        """The document of one record. Raises `DocumentError` for everything that is the record's own fault."""
        limit = cpu_limit(self.limits.seconds_per_document)
        try:
            with collector_held_back(), limit:
                return self._render(record)
        except DocumentError as error:
            limit.disarm()
            if error.code == "limit_pixels":  # it names the image
                error = LimitExceeded(error.code, self._quoting.message(error.code, error.detail))
            elif self.bundle.is_python and error.place is None:
                error = type(error)(error.code, error.detail, place=self._drawing_line(error.__traceback__))
            raise _named(error, document_id) from None
        except TemplateError as error:
            place = error.place or self._drawing_line(error.__traceback__)
            raise _named(DocumentError("template", error.reason, place=place), document_id) from None
        except RecursionError:
            failure = DocumentError("render", "elements, or calls in the template, are nested too deeply")
            raise _named(failure, document_id) from None
        except MemoryError:
            raise
        except Exception as error:
            raise _named(self._failure(error, record), document_id) from error

    def _render(self, record: Record) -> Rendition:
        if self.bundle.is_python:
            return self._drawn(record)
        laid_out = self._layout.lay_out(self.bundle.html(record), self.bundle.entry)
        warnings: list[RenderWarning] = []
        data, pages = self._pdf.write(laid_out, limits=self.limits, metadata=self._metadata, warnings=warnings)
        warnings = [*laid_out.warnings, *warnings]
        laid_out.unlink()
        return Rendition(data, pages, self._noted(warnings))

    def _drawn(self, record: Record) -> Rendition:
        canvas = self._canvas(self._pdf, self._fonts, self.bundle, self.limits)
        self.bundle.draw(canvas, record)
        data, pages = canvas.finish()
        return Rendition(data, pages, self._noted(canvas.render_warnings))

    def _noted(self, warnings: list[RenderWarning]) -> tuple[RenderWarning, ...]:
        if not warnings:
            return ()
        each = list(dict.fromkeys(warnings))
        told = self._quoting.told(each[:_MOST_WARNINGS])
        if len(each) > _MOST_WARNINGS:
            text = f"{len(each) - _MOST_WARNINGS:,} more warnings of this document are not shown"
            told.append(RenderWarning("more_warnings", text))
        return tuple(told)

    def _drawing_line(self, trace: TracebackType | None) -> Place | None:
        """The line of `template.py` that a traceback leads through."""
        line = _line_of(trace, self.bundle.entry) if self.bundle.is_python else 0
        return Place(self.bundle.entry, line) if line else None

    def _failure(self, error: Exception, record: Record) -> DocumentError:
        """An exception that nobody foresaw: its type and where it was raised, not its message, which may hold data."""
        kind = type(error).__name__
        place = self._drawing_line(error.__traceback__)
        if place is not None:
            return DocumentError("template", f"{kind} in draw(pdf, record){self._key(error, record)}", place=place)
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return DocumentError("render", f"{kind} in {PurePath(frame.filename).name}, line {frame.lineno}")

    def _key(self, error: Exception, record: Record) -> str:
        """Which key `template.py` asked for in vain, if it spells it, and the nearest column."""
        key = error.args[0] if isinstance(error, KeyError) and error.args else None
        source = self.bundle.files[self.bundle.entry].decode("utf-8", "replace")
        if not isinstance(key, str) or not any(quote + key + quote in source for quote in "'\""):
            return ""
        near = get_close_matches(key, record, n=1)
        return f": there is no '{key}'" + (f"; did you mean '{near[0]}'?" if near else "")


def _line_of(trace: TracebackType | None, file: str) -> int:
    """The innermost line of the bundle's file in a traceback; 0 if it is not in it."""
    return next((f.lineno or 0 for f in reversed(traceback.extract_tb(trace)) if f.filename == file), 0)


def _named(error: DocumentError, document_id: str) -> DocumentError:
    """The same error with the document's id in front: the one place where it is attached."""
    if not document_id:
        return error
    named = type(error)(error.code, f"document {document_id}: {error.detail}")
    named.place = error.place
    return named
