"""Link annotations: to the web, and to places in the document (ISO 32000-1, 12.5.6.5, 12.3.2, 12.6.4.7).

Targets within the document may lie on a later page, so links to them are put when all pages are known. Other URIs
than those of the schemes below are left out: a record's data must not make a document start programs or read files.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple
from urllib.parse import quote

from spark_pdf.layout.fragments import Link, Page
from spark_pdf.model import RenderWarning
from spark_pdf.pdf.numbers import rounded
from spark_pdf.pdf.writer import PdfWriter, ref

SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms", "ftp", "ftps"})
_KEPT = "!#$%&'()*+,/:;=?@[]~-._"
"""Characters of a URI that stay as they are (RFC 3986); all others are percent-encoded."""

_MOST_COMPARED = 500
"""Ids among which the nearest is looked for."""


class Destination(NamedTuple):
    """A place in the document: index of the page, and the point on it in pt, y upwards."""

    page: int
    x: float
    y: float


class Links:
    """The links and named places of one document."""

    __slots__ = ("_pending", "_places", "_top", "warnings")

    def __init__(self) -> None:
        self._places: dict[str, Destination] = {}
        self._top = 0.0
        self._pending: list[tuple[int, str, str]] = []
        self.warnings: dict[RenderWarning, None] = {}

    def page(self, writer: PdfWriter, page: Page, index: int) -> list[int]:
        """Take in a page's links and places; returns the numbers of its annotations."""
        if not index:
            self._top = 0.75 * page.height
        for name, (x, y) in page.anchors.items():
            self._places.setdefault(name, Destination(index, 0.75 * x, 0.75 * (page.height - y)))
        return self.more(writer, page.links, page.height)

    def more(self, writer: PdfWriter, links: list[Link], height: float) -> list[int]:
        """Take in links of a page of this height; returns the numbers of their annotations."""
        annotations = []
        for link in links:
            if link.target.startswith("#"):
                number = writer.reserve()
                self._pending.append((number, _rectangle(link, height), link.target[1:]))
                annotations.append(number)
            elif uri := self._uri(link.target):
                annotations.append(
                    writer.put(
                        {
                            "Type": "/Annot",
                            "Subtype": "/Link",
                            "Rect": _rectangle(link, height),
                            "Border": "[0 0 0]",
                            "F": 4,
                            "A": {"S": "/URI", "URI": uri},
                        }
                    )
                )
        return annotations

    def finish(self, writer: PdfWriter, pages: list[int]) -> None:
        """Put the links into the document, whose pages have these numbers."""
        for number, rectangle, name in self._pending:
            place = self._places.get(name)
            if place is None and name.lower() in ("", "top"):
                place = Destination(0, 0.0, self._top)  # HTML, 7.4.6.4: the top of the document
            if place is None:
                text = f"the link '#{name}' leads nowhere: no element has this id{self._near(name)}"
                self._warn("missing_anchor", text)
            target = None if place is None else _explicit(place, pages)
            writer.put({
                "Type": "/Annot", "Subtype": "/Link", "Rect": rectangle, "Border": "[0 0 0]", "F": 4, "Dest": target,
            }, number)  # fmt: skip

    def _uri(self, target: str) -> bytes:
        scheme, colon, _ = target.partition(":")
        if not colon or scheme.strip().lower() not in SCHEMES:
            known = ", ".join(sorted(SCHEMES))
            text = f"the link '{target.strip()[:200]}' is left out: links are made for {known} and #id"
            self._warn("link_scheme", text)
            return b""
        return quote(target.strip(), safe=_KEPT, errors="replace").encode("ascii")

    def _near(self, name: str) -> str:
        if len(self._places) > _MOST_COMPARED or len(self.warnings) > _MOST_COMPARED // 10:
            return ""
        near = get_close_matches(name, self._places, n=1)
        return f"; did you mean '{near[0]}'?" if near else ""

    def _warn(self, code: str, message: str) -> None:
        self.warnings[RenderWarning(code, message)] = None


def _explicit(place: Destination, pages: list[int]) -> list[object]:
    return [ref(pages[place.page]), "/XYZ", rounded(place.x), rounded(place.y), "null"]


def _rectangle(link: Link, height: float) -> str:
    left, right = 0.75 * link.x, 0.75 * (link.x + link.width)
    bottom, top = 0.75 * (height - link.y - link.height), 0.75 * (height - link.y)
    return "[" + " ".join(f"{rounded(v):.9g}" for v in (left, bottom, right, top)) + "]"
