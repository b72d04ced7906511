"""Inline SVG of one document: from an `svg` element and its style to the image that its box shows.

Remembered per worker in `InlineVectors`, which belongs to the `LayoutEngine`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spark_pdf.layout.dom import Element
from spark_pdf.layout.images import Image, vector_image
from spark_pdf.layout.svg.environment import Environment, FindImage
from spark_pdf.layout.svg.source import DocumentIds, InlineVectors, VectorSource

if TYPE_CHECKING:
    from spark_pdf.layout.css import Stylist
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.values import Url
    from spark_pdf.text.fonts import FontSet


class InlineSvg:
    """Makes images of the `svg` elements of one document. `image` finds what they show; `elements`: all there are."""

    __slots__ = ("_fonts", "_ids", "_image", "_known", "_made", "_stylist")

    def __init__(
        self, known: InlineVectors, stylist: Stylist, fonts: FontSet, image: Callable[[str, str], Image | str],
        elements: Sequence[Element],
    ) -> None:  # fmt: skip
        self._known = known
        self._stylist = stylist
        self._fonts = fonts
        self._image = image
        self._ids = DocumentIds(elements)
        self._made: list[VectorSource] = []

    def image(self, element: Element, style: Style, language: str) -> Image:
        """The image of an `svg` element, whose computed style is `style`."""
        name, vector = self._known.get(element, style, self._ids, self._environment(language), language)
        self._made.append(vector)
        return vector_image(name, "", vector)

    def release(self) -> None:
        """Let go of the document's elements."""
        for vector in self._made:
            vector.release()
        self._made.clear()

    def _environment(self, language: str) -> Callable[[Callable[[str], Element | None]], Environment]:
        def make(find: Callable[[str], Element | None]) -> Environment:
            return Environment(
                self._stylist, self._fonts, self._found(), find,
                base=self._stylist.base, name="an inline SVG", language=language,
            )  # fmt: skip

        return make

    def _found(self) -> FindImage:
        image = self._image

        def find(url: Url) -> Image | str:
            return image(url.url, url.base)

        return find
