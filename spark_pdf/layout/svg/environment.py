"""What a drawing is made with: styles, fonts, images, elements by id, where warnings go, and what descends the tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.dom import Element
from spark_pdf.layout.values import Url
from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from spark_pdf.layout.css import Stylist
    from spark_pdf.layout.images import Image
    from spark_pdf.layout.shapes.matrix import Matrix
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.svg.drawing import Ink
    from spark_pdf.text.fonts import FontSet

FindImage = Callable[[Url], "Image | str"]
"""The image of a URL, or a sentence about why there is none."""


class State(NamedTuple):
    """What descends: the parent's style, the matrix to px, the nearest viewport, the open link, and how deep it is.

    `context`: the inks of the shape that a marker stands on, for `context-fill` and `context-stroke`.
    """

    style: Style
    matrix: Matrix
    width: float
    height: float
    link: str = ""
    depth: int = 0
    context: tuple[Ink | None, Ink | None] = (None, None)


class Environment:
    """The surroundings of one SVG. `find` gives the element of an id; `name` is what warnings call the SVG.

    `language`: of the document, for `systemLanguage`.
    """

    __slots__ = ("base", "find", "fonts", "image", "language", "name", "stylist")

    def __init__(
        self, stylist: Stylist, fonts: FontSet, image: FindImage, find: Callable[[str], Element | None], *,
        base: str, name: str, language: str,
    ) -> None:  # fmt: skip
        self.stylist = stylist
        self.fonts = fonts
        self.image = image
        self.find = find
        self.base = base
        self.name = name
        self.language = language


class Styles:
    """Computed styles of elements that something refers to: they inherit from where they stand, not from that."""

    __slots__ = ("_known", "_stylist")

    def __init__(self, stylist: Stylist, root: Element, style: Style) -> None:
        self._stylist = stylist
        self._known: dict[Element, Style] = {root: style}

    def of(self, element: Element) -> Style:
        """The element's style, those of its ancestors first."""
        path: list[Element] = []
        above: Element | None = element
        while above is not None and above not in self._known:
            path.append(above)
            above = above.parent
        style = self._known[above] if above is not None else None
        for step in reversed(path):
            style = self._known[step] = self._stylist.style(step, style)
        assert style is not None
        return style


class Notices:
    """Warnings of one drawing, each once."""

    __slots__ = ("_found", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[RenderWarning, None] = {}

    def unsupported(self, what: str, instead: str) -> None:
        """Something of SVG that is not drawn."""
        self.add("unsupported_svg", f"{what} in {self._name} is not supported; {instead}")

    def add(self, code: str, message: str) -> None:
        """Any warning."""
        self._found[RenderWarning(code, message)] = None

    def taken(self) -> tuple[RenderWarning, ...]:
        """All of them."""
        return tuple(self._found)


def local_id(url: str) -> str | None:
    """The id that a URL of the form `#id` names."""
    url = url.strip()
    return url[1:] if url.startswith("#") else None


def href_of(element: Element) -> str:
    """`href`, or `xlink:href` where there is none (SVG 2, 16.1.3)."""
    attributes = element.attributes
    found = attributes.get("href")
    return (attributes.get("xlink:href", "") if found is None else found).strip()
