"""SVG files: XML to the element tree that styles and drawings are made of. Nothing external is ever read.

In: the bytes of a file. Out: `Element`s, with names as SVG writes them. Entities that a document declares are refused
whole (so no entity grows, and none reaches outside), as are files that are too large or nested too deeply.
"""

from __future__ import annotations

import gzip
import io
from xml.parsers import expat

from spark_pdf.layout.dom import Element

MAX_BYTES = 16_000_000
MAX_ELEMENTS = 200_000
MAX_DEPTH = 200
"""As many elements within elements as HTML may have."""

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"


class BrokenSvgError(ValueError):
    """The file is no SVG that can be read; the message says why, and never quotes it."""


def looks_like_svg(data: bytes) -> bool:
    """Whether the bytes may be an SVG file: markup, in UTF-8 or UTF-16, or gzip."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<", b"\x1f\x8b", b"\xff\xfe<", b"\xfe\xff\0<"))


def parse_xml(data: bytes) -> Element:
    """The root element of an SVG file."""
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
    if len(data) > MAX_BYTES:
        raise BrokenSvgError(f"it has more than {MAX_BYTES} bytes")
    tree = _Tree()
    try:
        tree.parse(data)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "not well-formed")
        raise BrokenSvgError(f"it is no XML that can be read: {reason}, line {error.lineno}") from None
    except (ValueError, LookupError) as error:
        if isinstance(error, BrokenSvgError):
            raise
        raise BrokenSvgError("it is no XML that can be read") from None
    if tree.root is None or tree.root.tag != "svg":
        raise BrokenSvgError("its root element is not 'svg'")
    return tree.root


def _unpacked(data: bytes) -> bytes:
    """`.svgz`."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, ValueError):
        raise BrokenSvgError("it is no gzip file that is whole") from None
    except Exception:  # zlib.error, which has no common base
        raise BrokenSvgError("it is no gzip file that is whole") from None


class _Tree:
    """Builds elements from expat's events."""

    __slots__ = ("_count", "_last", "_path", "root")

    def __init__(self) -> None:
        self.root: Element | None = None
        self._path: list[Element] = []
        self._last: list[Element | None] = []
        self._count = 0

    def parse(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._external
        parser.UnparsedEntityDeclHandler = self._entity
        parser.Parse(data, True)

    def _entity(self, *_: object) -> None:
        raise BrokenSvgError("it declares entities, which are not read")

    def _external(self, *_: object) -> int:
        raise BrokenSvgError("it refers to an external entity, which is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition("}")
        if space and space != _SVG:
            local = f"{{{space}}}{local}"  # of another language: no element of ours has such a name
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise BrokenSvgError(f"it has more than {MAX_ELEMENTS} elements")
        if len(self._path) >= MAX_DEPTH:
            raise BrokenSvgError(f"its elements are nested deeper than {MAX_DEPTH}")
        parent = self._path[-1] if self._path else None
        before = self._last[-1] if self._path else None
        names = {_attribute(key): value for key, value in attributes.items()} if attributes else {}
        element = Element(local, names, parent, self._count - 1, 1 if before is None else before.index + 1)
        element.previous = before
        if parent is None:
            self.root = element
        else:
            parent.children.append(element)
            self._last[-1] = element
        self._path.append(element)
        self._last.append(None)

    def _end(self, name: str) -> None:
        self._path.pop()
        self._last.pop()

    def _text(self, text: str) -> None:
        if self._path:
            children = self._path[-1].children
            if children and isinstance(children[-1], str):
                children[-1] += text
            else:
                children.append(text)


def _attribute(name: str) -> str:
    """Attributes of XLink and XML as HTML's parser names them; those of other languages keep their namespace."""
    space, _, local = name.rpartition("}")
    if not space:
        return local
    if space == _XLINK:
        return f"xlink:{local}"
    return f"xml:{local}" if space == _XML else f"{{{space}}}{local}"
