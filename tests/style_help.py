"""Computed styles of small documents, for tests of CSS."""

from __future__ import annotations

from typing import Any

from spark_pdf.errors import BundleError
from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.dom import Element
from spark_pdf.layout.fragments import BoxFragment, PaintGroup
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.layout.style import Style


def walked(stylist: Stylist, root: Element) -> list[tuple[Element, Style]]:
    """All elements with their styles, in document order."""
    found: list[tuple[Element, Style]] = []

    def walk(element: Element, parent: Style | None) -> None:
        style = stylist.style(element, parent)
        found.append((element, style))
        for child in element.children:
            if isinstance(child, Element):
                walk(child, style)

    walk(root, None)
    return found


def styles(css: str, body: str = "<p id=x>x</p>", **more: Any) -> dict[str, Style]:
    """The styles of the elements with an id."""
    stylist = Stylist(load_stylesheets([StyleSource(css, "style.css")], **more), "t.html")
    return {element.id: style for element, style in walked(stylist, parse_html(body).root) if element.id}


def one(declarations: str, **more: Any) -> Style:
    """The style of a paragraph with these declarations."""
    return styles(f"#x {{ {declarations} }}", **more)["x"]


def warnings_of(css: str) -> list[tuple[str, str]]:
    """(code, place) of each warning about a style sheet."""
    sheets = load_stylesheets([StyleSource(css, "style.css")])
    return [(warning.code, str(warning.place)) for warning in sheets.warnings]


class NoFiles:
    """A bundle of nothing."""

    def read(self, url: str, base: str = "") -> bytes:
        """Nothing is there."""
        raise BundleError(f"{url} is not in the bundle")


def boxes(html: str, tag: str) -> list[tuple[float, float, float, float]]:
    """(x, y, width, height) of the boxes of elements of a tag, page by page."""
    found: list[tuple[float, float, float, float]] = []

    def collect(group: PaintGroup) -> None:
        for item in group.items:
            if isinstance(item, PaintGroup):
                collect(item)
            elif isinstance(item.fragment, BoxFragment) and getattr(item.fragment.node, "tag", "") == tag:
                found.append((item.x, item.y, item.fragment.width, item.fragment.height))

    for page in LayoutEngine(NoFiles()).lay_out(html).pages:
        collect(page.body)
    return found
