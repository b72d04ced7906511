"""Lines that take the long way: right-to-left text, leaders, `text-overflow`, hanging indents, justification between
letters (UAX 9, rule L2; CSS Text 3, sections 7 and 8; CSS Overflow 3, 5.1; CSS 2.2, 8.6).

In: a line whose parts stand one behind the other in logical order (`inline`). Out: the same parts in visual order,
where they stand on the line; inline boxes cut in several where what they hold is not adjacent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import ATOM, CLOSE, FILL, NEWLINE, OPEN, TEXT, InlineBox, TextItem
from spark_pdf.layout.formatting import EPSILON
from spark_pdf.layout.fragments import BoxFragment, TextFragment
from spark_pdf.layout.geometry import edges_of, resolve
from spark_pdf.layout.inline.justifying import justify, part_for_justification
from spark_pdf.layout.inline.textrun import Pieces, cluster_starts
from spark_pdf.text.bidi import visual_order

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import Lines
    from spark_pdf.layout.formatting import LineToken
    from spark_pdf.layout.inline.inline import _Line


class Leaf:
    """What stands on a line: a text, an atom, a fill, or an empty inline box (`fragment` is None).

    `run`: as in `_Line.runs`. `before`: from its left edge to its fragment's (an atom's margin). `after`: room behind
    it that justification added.
    """

    __slots__ = ("after", "before", "fragment", "item", "level", "parent", "run", "width")

    def __init__(
        self, run: tuple[Any, ...] | None, parent: InlineBox | None, item: Any, level: int, width: float, before: float
    ) -> None:
        self.run = run
        self.fragment: Any = run[0] if run is not None else None
        self.parent = parent
        self.item = item
        self.level = level
        self.width = width
        self.before = before
        self.after = 0.0


def line_indent(lines: Lines, at: LineToken, first: bool, width: float) -> float:
    """`text-indent` of a line (CSS Text 3, 8.1): `hanging` means all others, `each-line` those behind forced breaks."""
    value: Any = lines.style.text_indent
    hanging = each = False
    if value.__class__ is tuple:
        value, hanging, each = value
    begins = first and lines.indent
    if each and at.item and not at.piece and not at.offset and lines.items[at.item - 1].kind == NEWLINE:
        begins = True
    return resolve(value, width) if begins is not hanging else 0.0


def arrange(line: _Line, start: LineToken, x: float, indent: float) -> None:
    """Put what `line` has collected where it is seen. `x`: the line's left edge."""
    lines = line.lines
    found = _Parts(line, start)
    leaves = found.leaves
    base = _base_of(lines, start.item)
    edges = line.x - indent - sum([leaf.width for leaf in leaves])  # margins, borders and padding of inline boxes
    free = line.width - line.x
    _fill_leaders(leaves, free)
    style = lines.style
    if free < -EPSILON and style.text_overflow != "clip" and style.overflow_x != "visible":
        leaves = _cut(line, leaves, line.width - indent - edges, base)
    align = style.text_align
    if align == "justify-all":
        align = "justify"
    if line.end.forced and (style.text_align == "justify" or style.text_align_last != "auto"):
        align = style.text_align_last if style.text_align_last != "auto" else "start"
    if align == "justify":
        leaves = part_for_justification(line, leaves)
    for leaf in leaves:
        if leaf.level % 2 and leaf.item is not None and leaf.fragment.__class__ is TextFragment:
            leaf.fragment.words = leaf.fragment.words[::-1]
    visual = [leaves[index] for index in visual_order([leaf.level for leaf in leaves])]
    free = line.width - indent - edges - sum([leaf.width for leaf in leaves])
    if align == "justify":
        if not any(leaf.item is not None and leaf.item.kind == FILL for leaf in leaves):
            free -= justify(visual, free, style.text_justify)
        align = "start"
    shift = _shift(align, base, free)
    line.x = indent + edges + sum([leaf.width + leaf.after for leaf in leaves])
    found.place(visual, x + shift + (0.0 if base else indent))


def _shift(align: str, base: int, free: float) -> float:
    """How far the content moves to the right; it overflows at the end of its paragraph's direction."""
    if free <= 0:
        return free if base else 0.0
    if align == "center":
        return free / 2
    return free if align == "right" or align == ("start" if base else "end") else 0.0


def _base_of(lines: Lines, item: int) -> int:
    base = 1 if lines.style.direction == "rtl" else 0
    for first, level in lines.bases:
        if first > item:
            break
        base = level
    return base


class _Parts:
    """The parts of a line in logical order, and which inline boxes begin and end on it."""

    __slots__ = ("closed", "leaves", "line", "opened")

    def __init__(self, line: _Line, start: LineToken) -> None:
        self.line = line
        self.leaves: list[Leaf] = []
        self.opened: set[InlineBox] = set()
        self.closed: set[InlineBox] = set()
        self._walk(start)

    def _walk(self, start: LineToken) -> None:
        line = self.line
        items = line.lines.items
        runs = [run for run in line.runs if run[2] is not None]
        at = 0
        filled: set[InlineBox] = set()
        for index in range(start.item, min(line.end.to.item + 1, len(items))):
            item = items[index]
            kind = item.kind
            if kind == OPEN:
                if item.inline in line.boxes and item.first and (index > start.item or not start.piece):
                    self.opened.add(item.inline)
            elif kind == CLOSE:
                if item.inline in line.boxes and item.last and index < line.end.to.item:
                    self.closed.add(item.inline)
                    if item.inline not in filled:
                        self.leaves.append(
                            Leaf(None, item.inline, None, 1 if _right_to_left(item.inline) else 0, 0.0, 0.0)
                        )
                        _mark(item.inline, filled)
            elif at < len(runs):
                run = runs[at]
                if kind in (TEXT, FILL) and run[2] is item:
                    self.leaves.append(Leaf(run, run[1], item, item.level, run[0].width, 0.0))
                elif kind == ATOM and run[2].__class__ is tuple:
                    edges = edges_of(run[0].style, line.container)
                    width = run[0].width + edges.margin_left + edges.margin_right
                    self.leaves.append(Leaf(run, run[1], None, item.level, width, edges.margin_left))
                else:
                    continue
                at += 1
                _mark(run[1], filled)

    def place(self, visual: list[Leaf], x: float) -> None:
        """Give every part its x, from left to right, with the edges of inline boxes where these begin and end."""
        spans: dict[InlineBox, list[int]] = {}
        chains = [_chain(leaf.parent) for leaf in visual]
        for number, chain in enumerate(chains):
            for inline in chain:
                spans.setdefault(inline, []).append(number)
        before: list[InlineBox] = []
        open_now: dict[InlineBox, BoxFragment | None] = {}
        for number, (leaf, chain) in enumerate(zip(visual, chains, strict=True)):
            for inline in reversed(before):
                if inline not in chain:
                    x = self._end(inline, open_now.pop(inline), x, spans[inline][-1] < number)
            for inline in chain:
                if inline not in open_now:
                    x = self._begin(inline, open_now, x, spans[inline][0] == number)
            if leaf.fragment is not None:
                leaf.fragment.x = x + leaf.before
            x += leaf.width + leaf.after
            before = chain
        for inline in reversed(before):
            x = self._end(inline, open_now.pop(inline), x, True)

    def _begin(self, inline: InlineBox, open_now: dict[InlineBox, BoxFragment | None], x: float, first: bool) -> float:
        """The left edge of an inline box, or of a further part of it."""
        line = self.line
        edges = edges_of(inline.style, line.container)
        has_edge = first and inline in (self.closed if _right_to_left(inline) else self.opened)
        if has_edge:
            x += edges.margin_left
        fragment = line.boxes.get(inline)
        if fragment is not None and not first:
            fragment = self._copy(inline, fragment)
        if fragment is not None:
            fragment.x = x
            fragment.open_left = not has_edge
        open_now[inline] = fragment
        return x + edges.left if has_edge else x

    def _end(self, inline: InlineBox, fragment: BoxFragment | None, x: float, last: bool) -> float:
        edges = edges_of(inline.style, self.line.container)
        has_edge = last and inline in (self.opened if _right_to_left(inline) else self.closed)
        if has_edge:
            x += edges.right
        if fragment is not None:
            fragment.width = x - fragment.x
            fragment.open_right = not has_edge
        return x + edges.margin_right if has_edge else x

    def _copy(self, inline: InlineBox, fragment: BoxFragment) -> BoxFragment:
        """One more part of an inline box whose content is not adjacent on the line."""
        runs = self.line.runs
        part = BoxFragment(fragment.style, fragment.node, 0.0, 0.0, 0.0, fragment.height)
        part.link = fragment.link
        at = next(index for index, run in enumerate(runs) if run[0] is fragment)
        runs.insert(at + 1, (part, inline, None, 0))
        return part


def _right_to_left(inline: InlineBox) -> bool:
    return inline.style.direction == "rtl"


def _chain(inline: InlineBox | None) -> list[InlineBox]:
    """The inline boxes around something, the outermost first."""
    chain: list[InlineBox] = []
    while inline is not None:
        chain.append(inline)
        inline = inline.parent
    return chain[::-1]


def _mark(inline: InlineBox | None, filled: set[InlineBox]) -> None:
    while inline is not None:
        filled.add(inline)
        inline = inline.parent


def _fill_leaders(leaves: list[Leaf], free: float) -> None:
    """Leaders share what is free, and repeat their text as often as it fits, so that copies on all lines stand below
    each other.
    """
    leaders = [leaf for leaf in leaves if leaf.item is not None and leaf.item.kind == FILL and leaf.item.tab < 0]
    if not leaders or free <= 0:
        return
    share = free / len(leaders)
    for number, leaf in enumerate(leaders):
        unit = leaf.width
        room = unit + share
        leaf.width = room
        if unit <= 0:
            continue
        behind = sum([other.width for other in leaves[leaves.index(leaf) + 1 :]]) + share * (len(leaders) - number - 1)
        # Copies stand at multiples of their width from the line's end
        gap = -behind % unit
        count = int((room - gap) / unit + 1e-6)
        fragment = leaf.fragment
        fragment.words = fragment.words * count
        fragment.width = unit * count
        leaf.before = room - gap - fragment.width


def _cut(line: _Line, leaves: list[Leaf], room: float, base: int) -> list[Leaf]:
    """`text-overflow`: what does not fit makes room for an ellipsis; the first letter or atom stays."""
    lines = line.lines
    style, wanted = lines.style, lines.style.text_overflow
    mark = Pieces(wanted[1] if wanted.__class__ is tuple else "\u2026", style, lines.metrics, "")
    if mark.missing and wanted == "ellipsis":
        mark = Pieces("...", style, lines.metrics, "")
    room -= mark.total
    kept: list[Leaf] = []
    used = 0.0
    for leaf in leaves:
        if used + leaf.width <= room + EPSILON:
            kept.append(leaf)
            used += leaf.width
            continue
        if leaf.item is not None and leaf.item.kind == TEXT and (leaf.level % 2) == base:
            _shorten(leaf, room - used, 0 if kept else 1)
            if leaf.fragment.words:
                kept.append(leaf)
        elif not kept:
            kept.append(leaf)
        break
    gone = {leaf.fragment for leaf in leaves} - {leaf.fragment for leaf in kept}
    line.runs = [run for run in line.runs if run[2] is None or run[0] not in gone]
    last = next((leaf for leaf in reversed(kept) if leaf.run is not None), None)
    node = last.fragment.node if last is not None else None
    item = TextItem(style, node, None, mark, (), "")
    item.level = base
    run = (TextFragment(style, node, 0.0, 0.0, mark.total, mark.words, style.word_spacing), None, item, 0)
    line.runs.append(run)
    kept.append(Leaf(run, None, item, base, mark.total, 0.0))
    return kept


def _shorten(leaf: Leaf, room: float, at_least: int) -> None:
    """As many letters of a text as there is room for."""
    pieces = leaf.item.pieces
    text = "".join([word.text for word in leaf.fragment.words])
    starts = [0, *cluster_starts(text), len(text)]
    low, high = min(at_least, len(starts) - 1), len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if pieces.part(text[: starts[middle]].rstrip(" "))[1] <= room + EPSILON:
            low = middle
        else:
            high = middle - 1
    shown = text[: starts[low]].rstrip(" ")
    word, width = pieces.part(shown) if shown else (None, 0.0)
    leaf.fragment.words = (word,) if word is not None else ()
    leaf.fragment.width = leaf.width = width
