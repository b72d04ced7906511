"""Inline layout: a run of inline content becomes lines (CSS 2.2, chapters 9.4.2 and 10.8; CSS Text 3).

In: a `Lines` box, the width of its container, how much of the page is left, a `LineToken` to go on from. Out:
fragments, appended to the container's, and where the lines end. A line is found by `linebreak`, then placed here:
first across (text runs, inline boxes, atoms, alignment), then along (baselines), unless all of it has the metrics of
its container.

There are no fragments for lines and for inline boxes that paint nothing: what is placed stands right in the container.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from spark_pdf.layout.boxes import (
    ANCHOR,
    ATOM,
    CLOSE,
    FILL,
    OPEN,
    TEXT,
    AnchorBox,
    InlineBox,
    Lines,
    OpeningLines,
    anonymous,
    layered,
    paints_background,
)
from spark_pdf.layout.formatting import BEFORE, EPSILON, BreakToken, LineToken, register
from spark_pdf.layout.fragments import AnchorFragment, BoxFragment, TextFragment
from spark_pdf.layout.geometry import edges_of, resolve
from spark_pdf.layout.inline.atoms import layout_atom
from spark_pdf.layout.inline.breaking import LineEnd, find_end, lines_sizes, rest_of
from spark_pdf.layout.inline.filling import advance
from spark_pdf.layout.inline.layers import host_of, layers_of
from spark_pdf.layout.inline.linestack import LineStack, relative_offset
from spark_pdf.layout.inline.special import arrange, line_indent

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import FillItem, TextItem
    from spark_pdf.layout.formatting import Laid, Space
    from spark_pdf.layout.fragments import Fragment
    from spark_pdf.text.words import Word

START: Final = LineToken(0, 0, 0)


class Placement:
    """What `layout_lines` says: where the lines end, where the rest begins (None: all placed), the baselines."""

    __slots__ = ("baseline", "bottom", "last_baseline", "token")

    def __init__(self, bottom: float, token: LineToken | None, baseline: float | None, last: float | None) -> None:
        self.bottom = bottom
        self.token = token
        self.baseline = baseline
        self.last_baseline = last


def layout_lines(
    lines: Lines, out: list[Fragment], x: float, y: float, width: float, limit: float, tail: float, at_start: bool,
    resume: LineToken | None, percent: float | None = None,
) -> Placement | None:  # fmt: skip
    """Place lines from `y` down to `limit`; the last of all also leaves `tail`. None: the break belongs before them.

    `percent`: what the heights of atoms are percentages of, None where that depends on content.
    """
    if resume is None and lines.simple is not None:
        bottom = y + lines.metrics.line
        if bottom + tail <= limit + EPSILON or at_start:
            if place_text(lines, out, x, y, width):
                baseline = y + lines.metrics.above
                return Placement(bottom, None, baseline, baseline)
        elif _fits(lines, width):
            return None
    return _paragraph(lines, out, x, y, width, limit, tail, at_start, resume, percent)


def _fits(lines: Lines, width: float) -> bool:
    """Whether plain text takes one line."""
    item: TextItem = lines.items[0]
    return indent_of(lines, width) + item.pieces.line[1] <= width + EPSILON and not item.decorations


def place_text(lines: Lines, out: list[Fragment], x: float, y: float, width: float) -> bool:
    """Place plain text (`lines.simple`) that takes one line, as in most table cells. False: it takes more."""
    item: TextItem = lines.items[0]
    words, used = item.pieces.line
    style = item.style
    indent = resolve(style.text_indent, width) if lines.indent else 0.0
    if indent + used > width + EPSILON or item.decorations:
        return False
    if style.visibility != "visible":
        return True
    x += indent
    align = style.text_align if style.text_align_last == "auto" else style.text_align_last
    if align != "left":
        if align != "start":
            x += _shift(align, style.direction, width - indent - used)
        elif style.direction == "rtl":
            x += width - indent - used
    fragment = TextFragment(style, item.node, x, y + lines.metrics.above, used, words, style.word_spacing)
    if item.link:
        fragment.link = item.link
    out.append(fragment)
    return True


def _shift(align: str, direction: str, free: float) -> float:
    """How far a line moves to the right in the free space that it has."""
    if free <= 0:
        return 0.0
    if align == "center":
        return free / 2
    if align == "right" or align == ("end" if direction == "ltr" else "start"):
        return free
    return 0.0 if direction == "ltr" or align == "left" else free


def indent_of(lines: Lines, width: float) -> float:
    """The indent of the first line."""
    value = lines.style.text_indent
    # With `hanging` or `each-line`, the line is special, and `line_indent` knows more.
    return resolve(value, width) if lines.indent and type(value) is not tuple else 0.0


def _paragraph(
    lines: Lines, out: list[Fragment], x: float, y: float, width: float, limit: float, tail: float, at_start: bool,
    resume: LineToken | None, percent: float | None = None,
) -> Placement | None:  # fmt: skip
    """Line after line; at the page's end, as many as `orphans` and `widows` leave."""
    placed: list[tuple[LineToken, float, float, list[Fragment]]] = []  # begin, bottom, baseline, fragments
    at = resume or START
    end = LineToken(len(lines.items), 0, 0)
    first = resume is None
    over = False
    beyond = 0
    widows = lines.style.widows
    while at != end:
        indent = indent_of(lines, width) if first else 0.0
        if lines.special:
            indent = line_indent(lines, at, first, width)
        shown = lines.opening if first and lines.opening is not None else lines
        line = find_end(shown, at, width, indent, width, percent)
        fragments: list[Fragment] = []
        height, baseline = place_line(shown, at, line, fragments, x, y, width, indent, None, percent)
        bottom = y + height
        room = limit - (tail if line.to == end else 0.0)
        if over or (bottom > room + EPSILON and (placed or not at_start)):
            # Lines beyond the page's end are only counted, as far as `widows` wants to know.
            over = True
            beyond += 1
            if beyond >= widows:
                break
        else:
            placed.append((at, bottom, baseline, fragments))
        y = bottom
        at = line.to
        first = False
    if over:
        keep = kept_lines(len(placed), beyond, lines, at_start, resume is not None)
        if not keep:
            return None
        token = placed[keep][0] if keep < len(placed) else _next(placed, lines, width, percent)
    else:
        keep, token = len(placed), None
    if not keep:
        return Placement(y, None, None, None)
    for _, _, _, fragments in placed[:keep]:
        out.extend(fragments)
    return Placement(placed[keep - 1][1], token, placed[0][2], placed[keep - 1][2])


def _next(
    placed: list[tuple[LineToken, float, float, list[Fragment]]], lines: Lines, width: float, percent: float | None
) -> LineToken:
    """Where the line behind the last placed one begins."""
    at = placed[-1][0]
    if at == START and lines.opening is not None:
        lines = lines.opening
    indent = indent_of(lines, width) if len(placed) == 1 and at == START else 0.0
    if lines.special:
        indent = line_indent(lines, at, at == START, width)
    return find_end(lines, at, width, indent, width, percent).to


def kept_lines(fitting: int, beyond: int, lines: Lines, at_start: bool, resumed: bool) -> int:
    """How many lines stay on this page (CSS Fragmentation 3, 3.3); with nothing before them, at least one does."""
    keep = fitting
    if beyond < lines.style.widows:
        keep = min(keep, fitting + beyond - lines.style.widows)
    orphans = 1 if resumed else lines.style.orphans
    if keep < orphans:
        # Where nothing stands above, one of the two rules gives way rather than the page staying empty.
        keep = 0 if not at_start else fitting
    return keep


def place_line(
    lines: Lines, start: LineToken, line: LineEnd, out: list[Fragment], x: float, y: float, width: float, indent: float,
    container: float | None = None, percent: float | None = None,
) -> tuple[float, float]:  # fmt: skip
    """Place one line with its top at `y`. Returns its height and the y of its baseline. `container`: what percentages
    are of, where the line has less room than that. `percent`: as in `layout_lines`.
    """
    count = len(out)
    work = _Line(lines, line, out, width, width if container is None else container, percent)
    placed = work.place(start, x, y, indent)
    if type(lines) is OpeningLines:
        _ground(lines, out, count, placed[1])
    return placed


def _ground(lines: OpeningLines, out: list[Fragment], count: int, baseline: float) -> None:
    """The background of a first line, below what stands on it (CSS Pseudo-Elements 4, 2.1.1)."""
    style, row = lines.ground, out[count:]
    if style is None or not row or not paints_background(style):
        return
    left = min(fragment.x for fragment in row)
    width = max(fragment.x + fragment.width for fragment in row) - left
    metrics = lines.metrics
    top = baseline - metrics.ascent
    ground = BoxFragment(style, None, left, top, width, metrics.ascent + metrics.descent)
    ground.borders = False
    out.insert(count, ground)


class _Line:
    """The work on one line: runs from its start to its end, then alignment, then baselines."""

    __slots__ = (
        "anchors", "boxes", "container", "end", "layered", "lines", "mixed", "out", "percent", "runs", "width", "x",
    )  # fmt: skip

    def __init__(
        self, lines: Lines, end: LineEnd, out: list[Fragment], width: float, container: float, percent: float | None
    ) -> None:
        self.lines = lines
        self.end = end
        self.out = out
        self.width = width
        self.container = container
        self.percent = percent
        self.x = 0.0
        self.anchors: list[tuple[AnchorBox, float, int]] | None = None  # each with its x, and what it comes behind
        self.mixed = False  # something stands on it whose metrics are not the container's
        self.layered = False  # an inline box is painted as one with what is in it
        # What was placed: fragment, its inline parent, item, its spaces; atoms have their reach instead.
        self.runs: list[tuple[Any, InlineBox | None, Any, int]] = []
        self.boxes: dict[InlineBox, BoxFragment | None] = {}

    def place(self, start: LineToken, x: float, y: float, indent: float) -> tuple[float, float]:
        lines = self.lines
        self.x = indent
        self._collect(start)
        if lines.special:
            arrange(self, start, x, indent)
            space, shift = 0.0, -x
        else:
            space, shift = self._alignment(indent)
        if space or x + shift:
            self._move(x + shift, space)
        if not self.mixed:
            metrics = lines.metrics
            baseline = y + metrics.above
            for fragment, _, _, _ in self.runs:
                fragment.y = baseline
            self._emit()
            if self.anchors is not None:
                self._place_anchors(x, shift, y, metrics.line)
            return metrics.line, baseline
        stack = LineStack(lines, [(f, p, i) for f, p, i, _ in self.runs], self.boxes)
        height, baseline = stack.place(y, self.container)
        self._emit()
        if self.anchors is not None:
            self._place_anchors(x, shift, y, height)
        return height, baseline

    def _emit(self) -> None:
        if self.layered:
            self.out.extend(layers_of(self.runs, self.boxes))
            return
        self.out.extend(
            [run[0] for run in self.runs if run[0].style.visibility == "visible" or type(run[0]) is BoxFragment]
        )

    def _place_anchors(self, x: float, shift: float, y: float, height: float) -> None:
        """Static positions (CSS 2.2, 10.3.7 and 10.6.4): where the box would begin, were it in flow."""
        for box, at, behind in self.anchors or ():
            if not box.inline:
                anchor = AnchorFragment(box, x, y + height if behind else y)
            elif self.lines.special and self.runs:
                before = self.runs[min(behind, len(self.runs)) - 1][0] if behind else None
                anchor = AnchorFragment(box, self.runs[0][0].x if before is None else before.x + before.width, y)
            else:
                anchor = AnchorFragment(box, x + shift + at, y)
            parent = box.parent
            while parent is not None:
                if parent.style.position == "relative":
                    dx, dy = relative_offset(parent.style, self.container, None)
                    anchor.x += dx
                    anchor.y += dy
                parent = parent.parent
            host = host_of(box.parent, self.boxes) if self.layered else None
            if host is None:
                self.out.append(anchor)
            else:
                anchor.x -= host.x
                anchor.y -= host.y
                host.children.append(anchor)

    def _collect(self, start: LineToken) -> None:
        """Walk the items from the line's start to its end, and place them one after the other."""
        items = self.lines.items
        to, count = self.end.to, len(items)
        index, piece, offset = start
        if index < count and (items[index].kind != OPEN or piece):
            self._reopen(items[index])
        while index < count and index <= to.item:
            if index == to.item and not (to.piece or to.offset):
                break
            item = items[index]
            kind = item.kind
            if kind == TEXT:
                self._text(item, index, piece, offset)
            elif kind == OPEN:
                self._open(item)
            elif kind == CLOSE:
                self._close(item)
            elif kind == ATOM:
                self._atom(item)
            elif kind == FILL:
                self._fill(item)
            elif kind == ANCHOR:
                if self.anchors is None:
                    self.anchors = []
                self.anchors.append((item, self.x, len(self.runs)))
            index += 1
            piece = offset = 0
        self._trim()
        if self.boxes:
            self._end_boxes()

    def _end_boxes(self) -> None:
        """Inline boxes that go on on the next line end here, with their decoration if that is cloned."""
        for inline, fragment in reversed(self.boxes.items()):
            if fragment is not None and fragment.width < 0:
                if inline.clones:
                    edges = edges_of(inline.style, self.container)
                    self.x += edges.right
                    fragment.width = self.x - fragment.x
                    self.x += edges.margin_right
                else:
                    fragment.width = self.x - fragment.x
                    fragment.open_right = True

    def _reopen(self, item: Any) -> None:
        """Inline boxes that the line before left open go on here."""
        parent = item.inline.parent if item.kind == OPEN else item.inline if item.kind == CLOSE else item.parent
        chain: list[InlineBox] = []
        while parent is not None:
            chain.append(parent)
            parent = parent.parent
        for inline in reversed(chain):
            if inline.clones:
                edges = edges_of(inline.style, self.container)
                self.x += edges.margin_left
                self._box(inline, True)
                self.x += edges.left
            else:
                self._box(inline, True)

    def _box(self, inline: InlineBox, again: bool) -> None:
        self.mixed = True
        if not inline.paints or inline in self.boxes:
            self.boxes.setdefault(inline, None)
            return
        edges = edges_of(inline.style, self.container)
        metrics = inline.metrics
        height = metrics.ascent + metrics.descent + edges.top + edges.bottom
        fragment = BoxFragment(inline.style, inline.node, self.x, 0.0, -1.0, height)
        fragment.open_left = again and not inline.clones
        fragment.link = inline.link
        self.boxes[inline] = fragment
        if layered(inline.style):
            self.layered = True
        self.runs.append((fragment, inline, None, 0))

    def _open(self, item: Any) -> None:
        inline = item.inline
        edges = edges_of(inline.style, self.container)
        if item.first:
            self.x += edges.margin_left
        self._box(inline, not item.first)
        if item.first:
            self.x += edges.left

    def _close(self, item: Any) -> None:
        inline = item.inline
        edges = edges_of(inline.style, self.container)
        fragment = self.boxes.get(inline)
        if item.last:
            self.x += edges.right
        if fragment is not None:
            fragment.width = self.x - fragment.x
            fragment.open_right = not item.last
        if item.last:
            self.x += edges.margin_right

    def _atom(self, item: Any) -> None:
        self.mixed = True
        fragment, above, below = layout_atom(item.box, self.container, self.percent)
        edges = edges_of(item.box.style, self.container)
        fragment.x = self.x + edges.margin_left
        self.runs.append((fragment, item.parent, (above, below, item.box.style), 0))
        self.x += fragment.width + edges.margin_left + edges.margin_right

    def _fill(self, item: FillItem) -> None:
        """A tab, or a leader, which gets its room when all of the line is known."""
        width = advance(item, self.x)
        words = item.pieces.words
        self.mixed = True
        fragment = TextFragment(item.style, item.node, self.x, 0.0, width, words, width - item.pieces.total)
        fragment.link = item.link
        self.runs.append((fragment, item.parent, item, 0))
        self.x += width

    def _text(self, item: TextItem, index: int, piece: int, offset: int) -> None:
        pieces, to = item.pieces, self.end.to
        words: tuple[Word, ...]
        if not piece and not offset and (index < to.item):
            words, width = pieces.words, pieces.total
        else:
            words, width = self._part(item, index, piece, offset)
        if self.end.hyphen and _ends_here(to, index, len(pieces.words)):
            metrics = pieces.metrics
            words = (*words, metrics.hyphen)
            width += metrics.hyphen.width * metrics.size
        if not words:
            return
        style = item.style
        if item.parent is not None or pieces.metrics is not self.lines.metrics:
            self.mixed = True
        if item.decorations and any(style.text_decoration_line for style, _ in item.decorations):
            self.mixed = True
        fragment = TextFragment(style, item.node, self.x, 0.0, width, words, style.word_spacing)
        fragment.link = item.link
        spaces = 0
        for word in words:
            if word.is_space:
                spaces += len(word.text)
        self.runs.append((fragment, item.parent, item, spaces))
        self.x += width

    def _part(self, item: TextItem, index: int, piece: int, offset: int) -> tuple[tuple[Word, ...], float]:
        """The words of an item from a place on, as far as the line goes."""
        pieces, to = item.pieces, self.end.to
        stop = to.piece if index == to.item else len(pieces.words)
        words: list[Word] = []
        width = 0.0
        if offset:
            text = pieces.words[piece].text
            if index == to.item and to.piece == piece:
                word, width = pieces.part(text[offset : to.offset])
                return (word,), width
            word, width = rest_of(pieces, piece, offset)
            words.append(word)
            piece += 1
        words += pieces.words[piece:stop]
        width += sum(pieces.widths[piece:stop])
        if index == to.item and to.offset and piece <= stop:
            word, part = pieces.part(pieces.words[stop].text[: to.offset])
            words.append(word)
            width += part
        return tuple(words), width

    def _trim(self) -> None:
        """Spaces at the line's end hang: they are not placed, so that nothing is drawn beyond the edge."""
        while self.runs:
            fragment, parent, item, spaces = self.runs[-1]
            if type(fragment) is not TextFragment:
                return
            words = fragment.words
            if not words or not words[-1].is_space or item.style.white_space == "break-spaces" or item.kind == FILL:
                return
            if item.style.white_space in ("pre", "pre-wrap") and self.end.forced:
                return
            last = words[-1]
            metrics = item.pieces.metrics
            width = last.width * metrics.size + (metrics.letter + metrics.word) * len(last.text)
            fragment.words = words[:-1]
            fragment.width -= width
            self.x -= width
            for box in self.boxes.values():
                if box is not None and box.width > 0 and box.x + box.width > self.x and box.x <= self.x:
                    box.width -= width
            self.runs[-1] = (fragment, parent, item, spaces - len(last.text))
            if fragment.words:
                return
            self.runs.pop()

    def _alignment(self, indent: float) -> tuple[float, float]:
        """What each space takes, and how far the line moves (CSS Text 3, sections 6.1 to 6.4)."""
        style = self.lines.style
        align = style.text_align
        free = self.width - self.x
        if align == "justify" or style.text_align_last != "auto":
            if self.end.forced:
                align = style.text_align_last if style.text_align_last != "auto" else "start"
            if align == "justify":
                count = sum(run[3] for run in self.runs)
                if count and free > 0:
                    return free / count, 0.0
                align = "start"
        return 0.0, _shift(align, style.direction, free)

    def _move(self, shift: float, space: float) -> None:
        """Move everything by `shift`, and what stands behind spaces by what they take."""
        taken = 0.0
        open_boxes: list[tuple[BoxFragment, float]] = []
        for fragment, _, _, spaces in self.runs:
            before = fragment.x
            fragment.x += shift + taken
            if spaces and space:
                fragment.space += space
                fragment.width += space * spaces
                for box, end in open_boxes:
                    if before < end - EPSILON:
                        box.width += space * spaces
                taken += space * spaces
            elif type(fragment) is BoxFragment and space and fragment in self.boxes.values():
                open_boxes.append((fragment, before + fragment.width))


def _ends_here(to: LineToken, index: int, count: int) -> bool:
    return (to.item == index and bool(to.piece or to.offset)) or (to.item == index + 1 and not to.piece and count > 0)


def _layout_alone(lines: Lines, space: Space, resume: BreakToken | None) -> Laid:
    """Inline content laid out by itself, as the anonymous block that it is."""
    fragment = BoxFragment(anonymous(lines.style, "block"), None, 0.0, 0.0, space.width, 0.0)
    done = layout_lines(
        lines, fragment.children, 0.0, 0.0, space.width, space.height, space.tail, space.at_start,
        resume.inner if resume is not None else None,
    )  # fmt: skip
    if done is None:
        return None, BEFORE
    fragment.height, fragment.baseline, fragment.last_baseline = done.bottom, done.baseline, done.last_baseline
    return fragment, BreakToken(0, done.token) if done.token is not None else None


register(Lines, _layout_alone, lines_sizes)
