"""The part of box generation that pages have a say in: named strings, running elements, bookmarks, footnotes, counters
of pages, and text that depends on the page it stands on.

In: elements and content items, as `Generator` comes by. Out: marks for the page loop; texts, from the page at hand
(`now`), or for the flow from what the pass before found out (`facts`). GCPM 3; CSS Content 3; CSS Paged Media 3, 6.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import BlockBox
from spark_pdf.layout.dom import Element
from spark_pdf.layout.generation.containers import blockified
from spark_pdf.layout.generation.counters import PAGE_COUNTERS, format_counter
from spark_pdf.layout.generation.flow import Flow
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.html.folding import FoldedRows
from spark_pdf.layout.html.links import fragment_of
from spark_pdf.layout.marks import Footnote, Mark, Marks, Outline, Running
from spark_pdf.layout.pages.facts import Facts, Question, Target
from spark_pdf.layout.pages.values import PageValues
from spark_pdf.model import RenderWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_pdf.layout.boxes import Box
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import ContentItem, Style

_OF_PAGES = frozenset(("string-ref", "target-counter", "target-counters", "target-text"))


class Paged:
    """Belongs to one `Generator`, and to one pass over the document.

    `asked`: every question about other pages and its answer, to be held against what this pass finds out. `used`: what
    header and footer rows asked of the page at hand. `wanted`: ids whose counters and text are asked for.
    """

    __slots__ = (
        "_longest",
        "_owner",
        "_parts",
        "_showing",
        "asked",
        "band",
        "band_asks",
        "facts",
        "final",
        "found",
        "marks",
        "notes_by_page",
        "now",
        "tracked",
        "used",
        "wanted",
    )  # fmt: skip

    def __init__(self, generator: Generator, facts: Facts | None, wanted: frozenset[str]) -> None:
        self._owner: Generator | None = generator
        self._parts: dict[Element, str] = {}
        self._showing: Element | None = None
        self._longest: dict[str, str] = {}
        self.facts = facts
        self.wanted = wanted
        self.found = Facts()
        """What this pass finds out."""
        self.asked: dict[Question, Any] = {}
        self.used: dict[Question, Any] = {}
        self.marks: Marks = {}
        self.now: PageValues | None = None
        self.final = False
        """`now` is complete: its page is laid out, and the number of pages is known."""
        self.band = False
        """A header or footer group is made, to be made again for each page."""
        self.band_asks = 0
        sheets = generator.stylist.page_uses
        self.tracked = sheets.counters
        self.notes_by_page = "footnote" in sheets.reset

    @property
    def _generator(self) -> Generator:
        assert self._owner is not None
        return self._owner

    # Elements

    def runs(self, element: Element, style: Style, parent: Style, flow: Flow, context: Context) -> bool:
        """Whether an element is taken out of the flow for margin boxes, and nothing else is to be made of it."""
        position = style.position
        if type(position) is not tuple or element is self._showing:
            return False
        if self.now is None:
            running = Running(position[1], element, parent, context, self._generator.counters.snapshot())
            self._mark(element).running = running
            flow.mark(element, parent)
        return True

    def element(self, element: Element, style: Style, flow: Flow, context: Context) -> bool:
        """An element whose style says that pages have a say in it. True: nothing else is to be made of it."""
        self.note(element, style)
        if style.float_ == "footnote" and self.now is None and not self._generator.in_footnote:
            self._footnote(element, style, flow, context)
            return True
        return False

    def note(self, element: Element, style: Style) -> None:
        """Named strings and bookmarks that an element sets."""
        if self.now is not None:
            return
        if style.string_set:
            strings = tuple([(name, self._items(items, style, element)) for name, items in style.string_set])
            self._mark(element).strings = strings
            for name, text in strings:
                if len(text) > len(self._longest.get(name, "")):
                    self._longest[name] = text
        if type(style.bookmark_level) is int:
            label = " ".join(self._items(style.bookmark_label, style, element).split())
            if label:
                self._mark(element).outline = Outline(style.bookmark_level, label, style.bookmark_state == "open")

    def count(self, element: Element, style: Style) -> None:
        """What an element with counters does to those of pages, and how those stand that margin boxes show."""
        if self.now is not None:
            return
        steps: list[tuple[str, str, int]] = []
        kinds = (("reset", style.counter_reset), ("increment", style.counter_increment), ("set", style.counter_set))
        touched = False
        for kind, pairs in kinds:
            for name, value in pairs:
                if name == "page":
                    steps.append((kind, name, value))
                touched = touched or name in self.tracked
        if steps:
            self._mark(element).steps = tuple(steps)
        if touched:
            counters = self._generator.counters
            self._mark(element).counted = {name: tuple(counters.values(name)) for name in self.tracked}

    def target(self, element: Element, style: Style) -> None:
        """Write down an element that others refer to."""
        if element.id in self.found.targets or self.now is not None:
            return
        texts = {part: self._part(part, style, element) for part in ("text", "before", "after", "first-letter")}
        texts["content"] = texts["text"]
        self.found.targets[element.id] = Target(self._generator.counters.snapshot(), texts)

    def name(self, element: Element) -> None:
        """`<a name>`: a target as an id is (HTML, 7.11.6)."""
        if self.now is None and element.attributes["name"] != element.id:
            self._mark(element).anchor = element.attributes["name"]

    def attach(self, box: Box, nodes: list[Element]) -> bool:
        """Elements that have no box themselves stand where `box` does. False: it is nobody's box."""
        node = box.node
        if node is None:
            return False
        kept = self.marks.setdefault(node, [])
        for other in nodes:
            kept += self.marks.pop(other, ())
            if other.id:
                anchor = Mark(other.order)
                anchor.anchor = other.id
                kept.append(anchor)
        return True

    def _mark(self, element: Element) -> Mark:
        found = self.marks.get(element)
        if found is None:
            found = self.marks[element] = [Mark(element.order)]
        return found[0]

    def _footnote(self, element: Element, style: Style, flow: Flow, context: Context) -> None:
        """A footnote: its call stays in the flow, its body goes to the foot of the page (GCPM 3, 2)."""
        generator = self._generator
        counters = generator.counters
        counters.depth += 1
        if not any(name == "footnote" for name, _ in (*style.counter_increment, *style.counter_set)):
            counters.increment_document("footnote")
        if self.notes_by_page:
            counters.values("footnote")[-1] = self._ask(("note", element.order), counters.values("footnote")[-1])
        node = self.proxy(element, "footnote-call")
        call = generator.stylist.pseudo_style(element, style, "footnote-call")
        if call is None:
            flow.mark(node, style)
        else:
            flow.open(call, node, context.link).paints = True
            generator.content(call.content, call, node, flow, context)
            flow.close()
        style = blockified(style)
        body = BlockBox(style, element, root=True)
        inner = Flow(generator, style)
        below = context._replace(decorations=(), link="")
        marker = generator.stylist.pseudo_style(element, style, "footnote-marker")
        if marker is not None:
            inner.open(marker, element, "")
            generator.content(marker.content, marker, element, inner, below)
            inner.close()
        generator.in_footnote = True
        generator.children(element, style, inner, below)
        generator.in_footnote = False
        inner.fill_box(body)
        self._mark(node).footnote = Footnote(element.order, body, style.footnote_display, style.footnote_policy)
        counters.depth -= 1
        counters.leave()

    # Content

    def lives(self, style: Style) -> bool:
        """Whether what `content` generates depends on the page that it stands on."""
        kept = derived(style)
        found = kept.get("of a page")
        if found is None:
            items = style.content if isinstance(style.content, tuple) else ()
            found = kept["of a page"] = any(
                item[0] == "string-ref" or (item[0] in ("counter", "counters") and item[1] in PAGE_COUNTERS)
                for item in items
            )
        return bool(found)

    def proxy(self, element: Element, part: str) -> Element:
        """A node for a pseudo-element that is looked for on pages."""
        node = Element(element.tag, element.attributes, element, element.order, 0)
        node.id = ""
        node.context = element.context
        self._parts[node] = part
        return node

    def text(self, item: ContentItem, style: Style, element: Element) -> str:
        """A content item that asks about pages or other elements, as text; "" for all others."""
        kind = item[0]
        if kind == "content":
            return self._part(item[1], style, element)
        if kind not in _OF_PAGES:
            return ""
        if kind == "string-ref":
            return self._string(item[1], item[2], element)
        name = fragment_of(_url_of(item[1], element))
        if not name:
            return ""
        if kind == "target-text":
            return self._ask(("text", name, item[2]), "") or ""
        values = self._ask(("target", name, item[2]), (0,))
        if values is None:
            message = f"the target '#{name}' leads nowhere: no element has this id"
            self._generator.warn(RenderWarning("missing_anchor", message))
            return ""
        if kind == "target-counter":
            return format_counter(values[-1], item[3], self._generator.stylist.sheets.counter_styles)
        own = self._generator.stylist.sheets.counter_styles
        return str(item[3]).join([format_counter(value, item[4], own) for value in values])

    def counter(self, name: str, element: Element) -> Sequence[int] | None:
        """The values of a counter where pages say what they are, else None."""
        now = self.now
        if now is not None:
            if not self.final and name == "pages":
                return (self._ask(("pages",), 0),)
            found = now.counter(name)
            if found is not None and not self.final:
                self.used[("counter", name)] = found
            return found
        if name not in PAGE_COUNTERS:
            return None
        if self.band:
            self.band_asks += 1
            return (self._ask(("pages",), 0),) if name == "pages" else (0,)
        return self._ask_here("place", element, (name,), (0,)) or (0,)

    def show(self, name: str, which: str, flow: Flow) -> None:
        """`element()`: the running element, laid out here."""
        running = self.now.element(name, which) if self.now is not None else None
        if running is None or self._showing is not None:
            return
        generator = self._generator
        kept = generator.counters.visit(running.counters)
        self._showing = running.element
        generator.element(running.element, running.parent, flow, running.context)
        self._showing = None
        generator.counters.restore(kept)

    def widest(self) -> PageValues:
        """Values as long as any page can come to have, as far as they are known: columns are measured by them."""
        counters = {"page": 100}
        return PageValues(0, counters, dict(self._longest), {}, {})

    def unlink(self) -> None:
        """Cut what refers to each other, when the document is done with."""
        self.marks.clear()
        self._parts.clear()
        self.now = None
        self._owner = None

    def holds(self, now: PageValues) -> bool:
        """Whether header and footer rows got the values that the page, now that it is laid out, has."""
        for question, answer in self.used.items():
            if question[0] == "string":
                if now.string(question[1], question[2]) != answer:
                    return False
            elif now.counter(question[1]) != answer:
                return False
        return True

    def _string(self, name: str, which: str, element: Element) -> str:
        if self.now is not None:
            found = self.now.string(name, which)
            if not self.final:
                self.used[("string", name, which)] = found
            return found
        if self.band:
            self.band_asks += 1
            return ""
        return self._ask_here("string", element, (name, which), "") or ""

    def _ask_here(self, kind: str, element: Element, rest: tuple[str, ...], guess: Any) -> Any:
        place = (element.order, self._parts.get(element, ""))
        self._mark(element).place = place
        return self._ask((kind, *place, *rest), guess)

    def _ask(self, question: Question, guess: Any) -> Any:
        answer = self.facts.answer(question) if self.facts is not None else guess
        self.asked[question] = answer
        return answer

    def _items(self, items: tuple[ContentItem, ...], style: Style, element: Element) -> str:
        """Content items as text, for strings and bookmarks."""
        return "".join([self._generator.content_text(item, style, element) for item in items])

    def _part(self, part: str, style: Style, element: Element) -> str:
        """`content()` of an element: its text, or that of a pseudo-element."""
        if part in ("text", "first-letter"):
            text = " ".join(self._visible(element.children, style).split())
            return text[:1] if part == "first-letter" else text
        generator = self._generator
        own = generator.stylist.pseudo_style(element, style, part) if part in ("before", "after") else None
        if own is None or not isinstance(own.content, tuple):
            return ""
        kept, depth = generator.counters.visit(generator.counters.snapshot()), generator.quote_depth
        generator.counters.apply(own, False)
        text = self._items(tuple([item for item in own.content if item[0] != "content"]), own, element)
        generator.counters.restore(kept)
        generator.quote_depth = depth
        return text

    def _visible(self, nodes: Sequence[Element | str], style: Style) -> str:
        """The text of an element's children, without what is not displayed."""
        parts: list[str] = []
        stylist = self._generator.stylist
        for child in nodes:
            if isinstance(child, str):
                parts.append(child)
                continue
            if isinstance(child, FoldedRows):
                rows = child.open()
                parts.append(self._visible(rows, style))
                child.close(rows)
                continue
            own = stylist.style(child, style)
            if own.display == "none" or type(own.position) is tuple or own.float_ == "footnote":
                continue
            parts.append(" " if child.tag == "br" else self._visible(child.children, own))
        return "".join(parts)


def _url_of(target: ContentItem, element: Element) -> str:
    """What a `target-*()` points to."""
    if target[0] == "attr":
        return element.attributes.get(target[1], "")
    return str(target[1].url) if target[0] == "url" else str(target[1])
