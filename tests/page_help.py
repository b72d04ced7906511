"""Pages of small documents, for tests: 200 by 60 px between margins of 20, five lines of 12 px, Arimo of 10 px."""

from __future__ import annotations

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LaidOut, LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, Page, PaintGroup, Placed, TextFragment
from spark_pdf.model import Limits, RenderWarning

SHEET = (
    "@page { size: 240px 100px; margin: 20px } html { font: 10px/12px Arimo } body { margin: 0; orphans: 1; widows: 1 }"
    " p, h1, h2, h3 { margin: 0; font: inherit; orphans: 1; widows: 1 }"
    " td, th { padding: 0; text-align: left; vertical-align: top }"
    " table { border-spacing: 0 } a { color: inherit; text-decoration: none } ul { margin: 0; padding: 0 }"
)
BASELINE = 9.4648
"""From the top of a line to its baseline."""


class NoResources:
    """A bundle without files."""

    def read(self, url: str, base: str = "") -> bytes:
        """Nothing is here."""
        raise BundleError(f"{url} is not in the bundle")


def laid(body: str, css: str = "", limits: Limits | None = None) -> LaidOut:
    """The document laid out, its pages still to come."""
    engine = LayoutEngine(NoResources(), limits=limits)
    return engine.lay_out(f"<!doctype html><style>{SHEET} {css}</style>{body}")


def pages_of(body: str, css: str = "", limits: Limits | None = None) -> list[Page]:
    """All pages."""
    return list(laid(body, css, limits).pages)


def warnings_of(body: str, css: str = "") -> list[RenderWarning]:
    """What there is to say when all pages were walked."""
    found = laid(body, css)
    pages = list(found.pages)
    for page in pages:
        page.margins(len(pages))
    return list(found.warnings)


def flat(group: PaintGroup) -> list[Placed]:
    """What is placed in a group, and in those within it."""
    found: list[Placed] = []
    for item in group.items:
        found += flat(item) if isinstance(item, PaintGroup) else [item]
    return found


def words_in(group: PaintGroup) -> str:
    """The text in a group, in painting order; runs that do not adjoin on a line stand apart."""
    text, end, y = "", 0.0, 0.0
    for item in flat(group):
        run = item.fragment
        if isinstance(run, TextFragment):
            apart = item.y != y or abs(item.x - end) > 0.5
            text += (" " if apart else "") + "".join(word.text for word in run.words)
            end, y = item.x + run.width, item.y
    return " ".join(text.split())


def texts(body: str, css: str = "") -> list[str]:
    """The text of the flow, page by page."""
    return [words_in(page.body) for page in pages_of(body, css)]


def margin_texts(body: str, css: str = "") -> list[str]:
    """The text of the margin boxes, page by page."""
    pages = pages_of(body, css)
    return [words_in(page.margins(len(pages))) for page in pages]


def places(page: Page) -> dict[str, tuple[float, float]]:
    """Text -> left edge and top of its 12 px line on the page."""
    return {
        "".join(word.text for word in item.fragment.words).strip(): (round(item.x, 1), round(item.y - BASELINE, 1))
        for item in flat(page.body)
        if isinstance(item.fragment, TextFragment)
    }


def box_sizes(page: Page) -> list[tuple[float, float, float, float]]:
    """x, y, width, height of the boxes that paint something."""
    return [
        (round(item.x, 1), round(item.y, 1), round(item.fragment.width, 1), round(item.fragment.height, 1))
        for item in flat(page.body)
        if isinstance(item.fragment, BoxFragment)
    ]


def lines(count: int, prefix: str = "p") -> str:
    """So many paragraphs of one line."""
    return "".join(f"<p>{prefix}{number}</p>" for number in range(count))
