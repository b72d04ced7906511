"""SVGs as images: natural sizes, and drawings remembered by size, for as long as a worker lives.

In: a linked file's bytes, or an inline `svg` element with its style. Out: a `VectorSource`, which an `Image` holds, and
whose `drawing(width, height)` is what `pdf` draws. An inline SVG is known again by what is written in it and in what it
refers to, by its style and by the path to it, on which selectors depend; so a chart that returns is not built again.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from spark_pdf.layout.css import StyleSource, Stylist, load_stylesheets
from spark_pdf.layout.dom import Element
from spark_pdf.layout.html.parsing import text_of
from spark_pdf.layout.shapes.numbers import view_box
from spark_pdf.layout.svg.environment import Environment, FindImage, href_of
from spark_pdf.layout.svg.xml import parse_xml
from spark_pdf.layout.values import Percentage

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.svg.drawing import Drawing
    from spark_pdf.text.fonts import FontSet

_SIZES = 24
"""Sizes of one SVG that are remembered."""

Natural = tuple["float | None", "float | None", "float | None"]
"""Natural width, height and ratio, as far as there are any (CSS Images 3, 4.1)."""


class VectorSource:
    """One SVG: its root element and what it is drawn with."""

    __slots__ = ("_drawings", "_element", "_environment", "_style", "natural")

    def __init__(self, element: Element, style: Style, environment: Environment, natural: Natural) -> None:
        self._element: Element | None = element
        self._style = style
        self._environment: Environment | None = environment
        self.natural = natural
        self._drawings: dict[tuple[float, float], Drawing] = {}

    def drawing(self, width: float, height: float) -> Drawing:
        """The drawing in a box of this size, in px."""
        key = (round(width, 3), round(height, 3))
        found = self._drawings.get(key)
        if found is None:
            if len(self._drawings) >= _SIZES:
                self._drawings.pop(next(iter(self._drawings)))
            assert self._element is not None
            assert self._environment is not None
            # A document without an SVG, which is most, does not wait for what draws them.
            from spark_pdf.layout.svg.builder import Builder

            builder = Builder(self._environment, self._element, self._style)
            found = self._drawings[key] = builder.build(self._element, self._style, *key)
        return found

    def renew(self, element: Element, environment: Environment) -> None:
        """Take an equal element of another document, whose elements are still there, for sizes that are new."""
        self._element = element
        self._environment = environment

    def release(self) -> None:
        """The document is done with: what was drawn stays, its elements do not."""
        self._element = self._environment = None


def ids_of(root: Element) -> dict[str, Element]:
    """The elements that have an id; of several with the same, the first."""
    found: dict[str, Element] = {}
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.id:
            found.setdefault(element.id, element)
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
    return found


def natural_size(element: Element, style: Style | None) -> Natural:
    """Natural dimensions of an `svg` element. Without a style its sizes are CSS's, and only the ratio is natural."""
    box = view_box(element.attributes.get("viewBox"))
    ratio = box.width / box.height if box is not None else None
    if style is None:
        return None, None, ratio
    width, height = _absolute(style.width), _absolute(style.height)
    if width is not None and height is not None and height > 0:
        ratio = width / height
    return width, height, ratio


def _absolute(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and value.__class__ is not Percentage else None


def read_svg(data: bytes, url: str, fonts: FontSet, image: FindImage) -> VectorSource:
    """A linked SVG file. Raises `BrokenSvgError`. `image` is asked for `data:` URLs alone: nothing else is read."""
    root = parse_xml(data)
    sheets = load_stylesheets(
        [
            StyleSource(text_of(element), "", element.attributes.get("media", ""), embedded=True)
            for element in _styles(root)
        ]
    )
    stylist = Stylist(sheets)
    style = stylist.style(root, None)
    own = ids_of(root)
    language = root.attributes.get("xml:lang") or root.attributes.get("lang") or ""

    environment = Environment(
        stylist, fonts, image, own.get, base="", name=f"the image '{url[:100]}'", language=language.strip()
    )
    natural = natural_size(root, style)
    _fill_its_box(root, natural)
    return VectorSource(root, style, environment, natural)


def _fill_its_box(root: Element, natural: Natural) -> None:
    """An image that has a size and no view box is scaled to whatever box shows it. The specifications leave this open;
    browsers all make up the view box of its natural size, and stretch it.
    """
    width, height, _ = natural
    if width and height and view_box(root.attributes.get("viewBox")) is None:
        made_up = {"viewBox": f"0 0 {width!r} {height!r}", "preserveAspectRatio": "none"}
        root.attributes = {**root.attributes, **made_up}


def _styles(root: Element) -> list[Element]:
    found: list[Element] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == "style" and element.attributes.get("type", "text/css").strip().lower() in ("", "text/css"):
            found.append(element)
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
    return found


class DocumentIds:
    """Elements of one document by id, counted when something first asks."""

    __slots__ = ("_elements", "_found")

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        self._found: dict[str, Element] | None = None

    def get(self, name: str) -> Element | None:
        """The first element of that id."""
        if self._found is None:
            self._found = {}
            for element in self._elements:
                if element.id:
                    self._found.setdefault(element.id, element)
        return self._found.get(name)


class InlineVectors:
    """Inline SVGs of a worker, the least recently used forgotten beyond a number of characters of source."""

    __slots__ = ("_budget", "_known", "_size")

    def __init__(self, budget: int = 1_000_000) -> None:
        self._budget = budget
        self._size = 0
        self._known: OrderedDict[object, tuple[VectorSource, int]] = OrderedDict()

    def get(
        self, element: Element, style: Style, document: DocumentIds, make: Callable[[Callable[[str], Element | None]],
        Environment], language: str,
    ) -> tuple[str, VectorSource]:  # fmt: skip
        """The source of an inline `svg`, and a name for its content. `make` gives the environment around `find`."""
        text, own = written(element, document)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        key = (digest, style, element.context, language)

        def find(name: str) -> Element | None:
            return own.get(name) or document.get(name)

        environment = make(find)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            known[0].renew(element, environment)
            return digest, known[0]
        source = VectorSource(element, style, environment, natural_size(element, None))
        self._known[key] = (source, len(text) + 500)
        self._size += len(text) + 500
        while self._size > self._budget and len(self._known) > 1:
            self._size -= self._known.popitem(last=False)[1][1]
        return digest, source


def written(element: Element, document: DocumentIds) -> tuple[str, dict[str, Element]]:
    """Everything that is written in an element and in what it refers to, and its own ids."""
    parts: list[str] = []
    own: dict[str, Element] = {}
    wanted: list[str] = []
    _write(element, parts, own, wanted)
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or name in own:
            continue
        seen.add(name)
        found = document.get(name)
        parts.append(f"\0#{name}")
        if found is not None:
            above = found.parent
            while above is not None:  # what its styles inherit from
                parts.append(f"{above.tag}{sorted(above.attributes.items())}")
                above = above.parent
            _write(found, parts, {}, wanted)
    return "\0".join(parts), own


def _write(root: Element, parts: list[str], own: dict[str, Element], wanted: list[str]) -> None:
    waiting: list[Element | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        parts.append("<")
        parts.append(node.tag)
        if node.id:
            own.setdefault(node.id, node)
        for name, value in node.attributes.items():
            parts.append(name)
            parts.append(value)
            if "#" in value and (name in ("href", "xlink:href") or "url(" in value):
                wanted.append(_named(node, name, value))
        if node.children:
            waiting.append("\1")
            waiting += reversed(node.children)


def _named(element: Element, name: str, value: str) -> str:
    """The id that a reference names."""
    if name in ("href", "xlink:href"):
        return href_of(element).lstrip("#")
    return value.partition("#")[2].partition(")")[0].strip("'\" ")
