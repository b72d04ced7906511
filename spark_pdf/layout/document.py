"""The layout engine of one bundle: HTML in, pages of placed fragments out.

    LayoutEngine(resources, fonts, limits).lay_out(html, base) -> LaidOut

It lives as long as the worker. It remembers style sheets (by the texts and links that a document names, so once per
template), the `Stylist` and its styles, faces that `@font-face` brings, images by URL, and shaped text. Nothing that
it remembers changes what comes out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

import spark_pdf.layout.block.fieldset
import spark_pdf.layout.block.floatblock
import spark_pdf.layout.table.table  # noqa: F401  (registers its formatting context)
from spark_pdf.errors import BundleError, Place, TemplateError
from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.css.font_face import FontFace
from spark_pdf.layout.css.sheets import decode_stylesheet, resolve_path
from spark_pdf.layout.dom import unlink
from spark_pdf.layout.generation.generate import Generator
from spark_pdf.layout.generation.inline_svg import InlineSvg
from spark_pdf.layout.generation.lacking import glyph_warnings
from spark_pdf.layout.html.parsing import HtmlDocument, StyleReference, parse_html
from spark_pdf.layout.html.sharing import SharedMarkup
from spark_pdf.layout.images import Image, ImageCache
from spark_pdf.layout.inline.textrun import PieceCache, unit_metrics
from spark_pdf.layout.pages.pages import PageMaker
from spark_pdf.layout.pages.passes import Made, dependent_pages
from spark_pdf.layout.svg.source import InlineVectors
from spark_pdf.layout.values import Url
from spark_pdf.model import Limits, RenderWarning, Resources
from spark_pdf.text.fonts import FontSet
from spark_pdf.text.sfnt import collection_face

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.fragments import Page
    from spark_pdf.layout.pages.facts import Facts

_SHEETS = 16
"""How many different sets of style sheets are remembered: a template has one, unless it writes CSS from data."""


class LaidOut:
    """Pages to come, and what the document says of itself.

    `pages` can be walked once. `warnings` is complete when it has been. `image` finds the image of a background's URL.
    """

    __slots__ = (
        "_elements",
        "_folds",
        "_generators",
        "_use",
        "_warnings",
        "image",
        "language",
        "meta",
        "pages",
        "title",
    )

    def __init__(
        self, pages: Iterator[Page], document: HtmlDocument, generators: list[Generator],
        warnings: dict[RenderWarning, None], image: Callable[[Url], Image | None],
    ) -> None:  # fmt: skip
        self.pages = pages
        self.title = document.title
        self.language = document.language
        self.meta = document.meta
        self.image = image
        self._elements = document.elements
        self._use = document.use
        self._folds = document.folds
        self._generators = generators
        self._warnings = warnings

    @property
    def warnings(self) -> tuple[RenderWarning, ...]:
        """What the document lacks or shows otherwise than asked, each once."""
        return (*self._warnings, *glyph_warnings(generator.lacking for generator in self._generators))

    def unlink(self) -> None:
        """Cut what refers to each other, when the pages are done with: memory is freed at once, by counting alone."""
        for generator in self._generators:
            generator.unlink()
        unlink(self._elements)
        if self._folds is not None:
            unlink(self._folds.kept)
            self._folds.release()
        if self._use is not None:
            self._use.end()


class _Sheets:
    """What follows from one set of style sheets: the stylist, warnings, the faces it brought."""

    __slots__ = ("fonts", "stylist", "warnings")

    def __init__(self, stylist: Stylist, fonts: FontSet, warnings: tuple[RenderWarning, ...]) -> None:
        self.stylist = stylist
        self.fonts = fonts
        self.warnings = warnings


class LayoutEngine:
    """Lays out documents of one bundle.

    `fonts`: faces that the bundle brings otherwise than by `@font-face`, which are added to them. `images`: a cache to
    share with others who show the bundle's images.
    """

    def __init__(
        self,
        resources: Resources,
        fonts: FontSet | None = None,
        limits: Limits | None = None,
        images: ImageCache | None = None,
    ) -> None:
        self.resources = resources
        self.fonts = fonts if fonts is not None else FontSet()
        self.limits = limits or Limits()
        self._images = images or ImageCache(resources, self.limits)
        self._images.fonts = self.fonts
        self._pieces = PieceCache()
        self._sharing = SharedMarkup()
        self._vectors = InlineVectors()
        self._sheets: OrderedDict[tuple[str, tuple[StyleReference, ...]], _Sheets] = OrderedDict()
        self._faces: set[FontFace] = set()

    def lay_out(self, html: str, base: str = "") -> LaidOut:
        """Lay out a document. `base` is the bundle path of the HTML, which relative URLs start from.

        Raises `DocumentError` or `LimitExceeded`, the latter also while the pages are walked.
        """
        document = parse_html(html, self._sharing, folding=True)
        sheets = self._sheets_of(document.style_sources, base)
        folds = document.folds
        if folds is not None and sheets.stylist.asks_of_rows:
            folds.open_all()
        warnings: dict[RenderWarning, None] = dict.fromkeys(sheets.warnings)

        def warn(warning: RenderWarning) -> None:
            warnings.setdefault(warning)

        image = self._image_finder(warn)
        made: list[Generator] = []

        def generate(facts: Facts | None = None, wanted: frozenset[str] = frozenset()) -> Made:
            if folds is not None and (facts is not None or wanted):
                folds.open_all()  # boxes depend on pages
            generator = Generator(sheets.stylist, self.fonts, self._pieces, image, warn, facts, wanted)
            generator.vectors = InlineSvg(
                self._vectors, sheets.stylist, self.fonts, self._images.get, document.elements
            )
            made.append(generator)
            return generator, generator.root(document.root, document.language)

        def maker_of(generator: Generator, root: BlockBox) -> PageMaker:
            most = self.limits.pages_per_document
            return PageMaker(root, document.root, sheets.stylist, generator, document.language, most)

        generator, root = generate()
        warnings.update(dict.fromkeys(sheets.stylist.take_warnings()))
        if generator.paged.asked:
            pages = dependent_pages((generator, root), generate, maker_of, warn)
        else:
            pages = maker_of(generator, root).pages()
        return LaidOut(pages, document, made, warnings, image)

    def _image_finder(self, warn: Callable[[RenderWarning], None]) -> Callable[[Url], Image | None]:
        images = self._images

        def find(url: Url) -> Image | None:
            found = images.get(url.url, url.base)
            if isinstance(found, Image):
                return found
            warn(RenderWarning("missing_image", found, Place(url.base) if url.base else None))
            return None

        return find

    def _sheets_of(self, references: tuple[StyleReference, ...], base: str) -> _Sheets:
        key = (base, references)
        found = self._sheets.get(key)
        if found is not None:
            self._sheets.move_to_end(key)
            return found
        found = self._sheets[key] = self._load(references, base)
        if len(self._sheets) > _SHEETS:
            self._sheets.popitem(last=False)
        return found

    def _load(self, references: tuple[StyleReference, ...], base: str) -> _Sheets:
        sources: list[StyleSource] = []
        warnings: list[RenderWarning] = []
        for reference in references:
            if reference.kind == "text":
                sources.append(StyleSource(reference.value, base, reference.media, embedded=True))
                continue
            try:
                css = decode_stylesheet(self.resources.read(reference.value, base))
            except TemplateError as error:
                message = f"the style sheet '{reference.value[:200]}' is missing: {error.reason}"
                warnings.append(RenderWarning("missing_stylesheet", message, Place(base) if base else None))
                continue
            sources.append(StyleSource(css, resolve_path(reference.value, base), reference.media))
        sheets = load_stylesheets(sources, self.resources)
        for face in sheets.font_faces:
            warnings += self._add_face(face)
        stylist = Stylist(sheets, base, partial(unit_metrics, fonts=self.fonts))
        return _Sheets(stylist, self.fonts, (*sheets.warnings, *warnings))

    def _add_face(self, face: FontFace) -> list[RenderWarning]:
        """Load the first of a face's sources that can be read."""
        if face in self._faces:
            return []
        low, high = face.weights
        reasons: list[str] = []
        for source in face.sources:
            if source.url is None:
                reasons.append(f"local('{source.local[:100]}') is a font of some machine, which is never used")
                continue
            if not source.shown:
                reasons.append("its format is not one that is drawn")
                continue
            try:
                address, _, member = source.url.url.partition("#")
                data = self.resources.read(address, source.url.base)
                embedded = address.lstrip()[:5].lower() == "data:"
                name = "of a data: URL" if embedded else resolve_path(address, source.url.base)
                if data[:4] == b"ttcf":
                    data = collection_face(data, unquote(member), name)
                weight = low if low == high else (low, high)
                self.fonts.add(face.family, weight, face.style, data, name, face.options)
            except BundleError as error:
                reasons.append(error.reason)
                continue
            self._faces.add(face)
            return []
        reason = reasons[-1] if reasons else "it has no source that can be read"
        message = f"the font family '{face.family}' cannot be loaded: {reason}"
        line = face.line if face.base.endswith(".css") else 0  # within `<style>` it is not the file's
        return [RenderWarning("missing_font", message, Place(face.base, line) if face.base else None)]
