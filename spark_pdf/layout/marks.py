"""Marks: what elements say to the page that they come to stand on.

In: box generation, which leaves a mark for a named string, a running element, a bookmark, a footnote, a counter of
pages, or a place that somebody asks for. Out: `Painter` finds them on a page in order, and `PageLedger` draws the
conclusions. GCPM 3, chapters 1 and 2; CSS Content 3, section 4 (bookmarks); CSS Paged Media 3, 6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import BlockBox
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context
    from spark_pdf.layout.style import Style

Snapshot = dict[str, tuple[int, ...]]
"""Counters in scope at a place, outermost first."""

PlaceKey = tuple[int, str]
"""A place that is asked for: the element's order, and "" or the name of a pseudo-element."""


class Running(NamedTuple):
    """An element taken out of the flow for margin boxes (`position: running()`), and where it stood."""

    name: str
    element: Element
    parent: Style
    context: Context
    counters: Snapshot


class Footnote(NamedTuple):
    """A footnote's body, laid out at the foot of the page of its call. `display`, `policy`: its `footnote-*`."""

    order: int
    body: BlockBox
    display: str
    policy: str


class Outline(NamedTuple):
    """A bookmark: its level from 1, its label, whether what lies below it is shown."""

    level: int
    label: str
    opened: bool


CounterSteps = tuple[tuple[str, str, int], ...]
"""("reset" | "increment" | "set", counter, value) in the order in which they apply."""


class Mark:
    """What one element says. `page` is the number of the page that it was found on, 0 before that: parts of an element
    on later pages, and repeated header rows, say nothing again.
    """

    __slots__ = ("anchor", "counted", "footnote", "order", "outline", "page", "place", "running", "steps", "strings")

    def __init__(self, order: int) -> None:
        self.order = order
        self.page = 0
        self.anchor = ""
        self.strings: tuple[tuple[str, str], ...] = ()
        self.running: Running | None = None
        self.outline: Outline | None = None
        self.footnote: Footnote | None = None
        self.steps: CounterSteps = ()
        """What the element does to the counters of pages."""
        self.counted: Snapshot = {}
        """Counters of the document, as they stand behind the element, that margin boxes show."""
        self.place: PlaceKey | None = None


Marks = dict["Element", list[Mark]]


class Noted(NamedTuple):
    """A mark found on a page, at (x, y); `height` is that of the box that bears it."""

    mark: Mark
    x: float
    y: float
    height: float
