"""Which items make a line: greedy, as CSS Text 3, section 5, says.

In: a `Lines` box, a position, the width there is. Out: where the line ends. Nothing is placed here (see `inline`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from spark_pdf.layout.boxes import ATOM, CLOSE, FILL, FLOAT, NEWLINE, OPEN, TEXT, TextItem
from spark_pdf.layout.formatting import EPSILON, LineToken, content_sizes
from spark_pdf.layout.geometry import edges_of
from spark_pdf.layout.inline.atoms import atom_sizes, atom_width
from spark_pdf.layout.inline.filling import advance
from spark_pdf.layout.inline.textrun import Pieces, cluster_starts
from spark_pdf.text.breaking import break_opportunities

if TYPE_CHECKING:
    from spark_pdf.layout.boxes import InlineBox, Lines
    from spark_pdf.layout.style import Style
    from spark_pdf.text.words import Word


class LineEnd(NamedTuple):
    """Where a line ends: `to` is where the next one begins. `forced`: by a line feed, or the paragraph's end.

    `hyphen`: it ends in a hyphen that is not in the text. `width`: what stands on it, without spaces that hang.
    """

    to: LineToken
    forced: bool
    hyphen: bool
    width: float


def rest_of(pieces: Pieces, index: int, offset: int) -> tuple[Word, float]:
    """The word from its `offset`th character on, and its width: the part that the line before did not take."""
    word = pieces.words[index]
    if not offset:
        return word, pieces.widths[index]
    return pieces.part(word.text[offset:])


_GLANCE = 512
"""Characters of a long word that are shaped first, to see whether more can matter: else each line shapes all of it."""


def _rest_width(pieces: Pieces, index: int, offset: int, room: float) -> float:
    """The width of a word from a place on; where that is more than `room` anyway, maybe of a part of it."""
    text = pieces.words[index].text
    if len(text) - offset > 2 * _GLANCE:
        width = pieces.part(text[offset : offset + _GLANCE])[1]
        if width > room:
            return width
    return rest_of(pieces, index, offset)[1]


def fitting(pieces: Pieces, text: str, width: float, at_least: int) -> int:
    """How many characters of a word fit into `width`; at least so many letters (CSS Text 3, `overflow-wrap`)."""
    size = _GLANCE
    while size < len(text) and pieces.part(text[:size])[1] <= width + EPSILON:
        size *= 2
    text = text[:size]
    starts = [0, *cluster_starts(text)]
    low, high = min(at_least, len(starts)), len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if pieces.part(text[: starts[middle]])[1] <= width + EPSILON:
            low = middle
        else:
            high = middle - 1
    return starts[low] if low < len(starts) else len(text)


def _hyphenated(item: TextItem, at: LineToken, x: float, limit: float) -> LineEnd | None:
    """Where a word that does not fit is hyphenated: as near to the line's end as there is room for the hyphen."""
    pieces = item.pieces
    cuts = [cut for cut in pieces.cuts_of(at.piece) if cut > at.offset]
    if not cuts:
        return None
    metrics = pieces.metrics
    room = limit - x - metrics.hyphen.width * metrics.size
    text = pieces.words[at.piece].text
    for cut in reversed(cuts):
        width = pieces.part(text[at.offset : cut])[1]
        if width <= room:
            return LineEnd(LineToken(at.item, at.piece, cut), False, True, limit - room + width)
    return None


def mark_joins(items: list[object]) -> None:
    """Decide for each text whether a line may end between it and the next text, where no space stands (UAX 14)."""
    before: TextItem | None = None
    for item in items:
        kind = item.kind  # type: ignore[attr-defined]
        if kind == TEXT:
            assert isinstance(item, TextItem)
            if before is not None and before.pieces.ends_open and item.pieces.words and not item.pieces.spaces[0]:
                tail, head = before.pieces.words[-1].text, item.pieces.words[0].text
                if before.pieces.metrics.wrap and item.pieces.metrics.wrap and tail and head:
                    before.joins = len(tail) in break_opportunities(tail + head)
            before = item
        elif kind in (ATOM, NEWLINE):
            before = None


def open_before(lines: Lines, start: LineToken) -> InlineBox | None:
    """The innermost inline box that the line before left open."""
    if start.item >= len(lines.items):
        return None
    item = lines.items[start.item]
    if item.kind == OPEN and not start.piece:
        return item.inline.parent  # type: ignore[no-any-return]
    return item.inline if item.kind == CLOSE else getattr(item, "parent", None)


def find_end(
    lines: Lines, start: LineToken, available: float, indent: float, container: float,
    percent_height: float | None = None,
) -> LineEnd:  # fmt: skip
    """The end of the line that begins at `start`, with `available` px; `container` is what percentages are of,
    `percent_height` what those of heights are.
    """
    items = lines.items
    _, piece, offset = start
    x, hang, limit = indent, 0.0, available + EPSILON
    if start.item or start.piece:
        inline = open_before(lines, start)
        while inline is not None:
            if inline.clones:
                edges = edges_of(inline.style, container)
                x += edges.margin_left + edges.left
                limit -= edges.right + edges.margin_right
            inline = inline.parent
    best_item, best_piece, best_width = -1, 0, 0.0  # where the line may end, by what was seen so far
    placed = False
    for index in range(start.item, len(items)):
        item = items[index]
        kind = item.kind
        if kind == TEXT:
            pieces: Pieces = item.pieces
            widths, spaces, breaks = pieces.widths, pieces.spaces, pieces.breaks
            last = len(widths) - 1
            while piece <= last:
                width = _rest_width(pieces, piece, offset, limit - x) if offset else widths[piece]
                x += width
                if spaces[piece]:
                    hang += width
                else:
                    if x > limit:
                        if pieces.hyphenates:
                            cut = _hyphenated(item, LineToken(index, piece, offset), x - width, limit)
                            if cut is not None:
                                return cut
                        if best_item >= 0:
                            return LineEnd(LineToken(best_item, best_piece, 0), False, False, best_width)
                        cut = _emergency(item, LineToken(index, piece, offset), x - width, available, placed, hang)
                        if cut is not None:
                            return cut
                    hang = 0.0
                offset = 0
                placed = True
                if breaks[piece] or (piece == last and item.joins):
                    best_item, best_piece = (index, piece + 1) if piece < last else (index + 1, 0)
                    best_width = x - hang
                piece += 1
        elif kind == FILL:
            x += advance(item, x)
            hang = 0.0
            if x > limit and best_item >= 0 and placed:
                return LineEnd(LineToken(best_item, best_piece, 0), False, False, best_width)
            placed = True
            if item.tab >= 0 and item.pieces.metrics.wrap:
                best_item, best_piece, best_width = index + 1, 0, x
        elif kind == OPEN:
            if item.first:
                edges = edges_of(item.inline.style, container)
                x += edges.margin_left + edges.left
            if item.inline.clones:
                edges = edges_of(item.inline.style, container)
                limit -= edges.right + edges.margin_right
        elif kind == CLOSE:
            before = x
            if item.last:
                edges = edges_of(item.inline.style, container)
                x += edges.margin_right + edges.right
                if item.inline.clones:
                    limit += edges.right + edges.margin_right
            if best_item == index and not best_piece:
                # What closes behind a line's last word belongs to that line.
                best_item, best_width = index + 1, best_width + x - before
        elif kind == ATOM:
            width = atom_width(item.box, container, percent_height)
            if item.wrap and placed and not hang:
                best_item, best_piece, best_width = index, 0, x
            x += width
            if x > limit and best_item >= 0 and placed:
                return LineEnd(LineToken(best_item, best_piece, 0), False, False, best_width)
            hang = 0.0
            placed = True
            if item.wrap:
                best_item, best_piece, best_width = index + 1, 0, x
        elif kind == NEWLINE:
            return LineEnd(LineToken(index + 1, 0, 0), True, False, x - hang)
        piece = offset = 0
    return LineEnd(LineToken(len(items), 0, 0), True, False, x - hang)


def _emergency(item: TextItem, at: LineToken, x: float, available: float, placed: bool, hang: float) -> LineEnd | None:
    """Where a word that does not fit is cut, if its style allows that (CSS Text 3, `overflow-wrap`)."""
    style, pieces = item.style, item.pieces
    if not pieces.metrics.wrap or (style.overflow_wrap == "normal" and style.word_break != "break-word"):
        return None
    text = pieces.words[at.piece].text[at.offset :]
    taken = fitting(pieces, text, available - x, 0 if placed else 1)
    if not taken:
        return LineEnd(at, False, False, x - hang)
    if taken >= len(text):
        return None
    width = x + pieces.part(text[:taken])[1]
    return LineEnd(LineToken(at.item, at.piece, at.offset + taken), False, False, width)


def lines_sizes(lines: Lines, percent_height: float | None = None) -> tuple[float, float]:
    """Min-content and max-content width of inline content, by walking it once; of one plain text, remembered with
    that. `percent_height`: as in `find_end`.
    """
    simple = lines.simple
    if simple is None or (lines.indent and lines.style.text_indent):
        return _walked_sizes(lines, percent_height)
    if simple.sizes is None:
        only: TextItem = lines.items[0]
        style = only.style
        divisible = simple.hyphenates or style.overflow_wrap == "anywhere" or style.word_break == "break-word"
        if divisible or simple.breaks is not simple.spaces:
            simple.sizes = _walked_sizes(lines)
        elif len(simple.words) == 1:
            wide = 0.0 if simple.spaces[0] else simple.total
            simple.sizes = (wide, wide)
        elif not simple.spaces[0]:
            # A line may end at each space and nowhere else: the widest word, and all of them.
            narrow = 0.0
            for index, width in enumerate(simple.widths):
                if width > narrow and not simple.spaces[index]:
                    narrow = width
            simple.sizes = (narrow, max(simple.line[1], narrow))
        else:
            simple.sizes = _walked_sizes(lines)
    return simple.sizes


def _walked_sizes(lines: Lines, percent_height: float | None = None) -> tuple[float, float]:
    narrow = wide = 0.0  # the widest so far
    part = line = hang = 0.0  # what no break divides, the line, its trailing spaces
    for item in lines.items:
        kind = item.kind
        if kind == TEXT:
            pieces: Pieces = item.pieces
            spaces, breaks = pieces.spaces, pieces.breaks
            style: Style = item.style
            anywhere = style.overflow_wrap == "anywhere" or style.word_break == "break-word"
            last = len(pieces.words) - 1
            for i, width in enumerate(pieces.widths):
                line += width
                if spaces[i]:
                    hang += width
                    if not breaks[i]:
                        part += width
                else:
                    hang = 0.0
                    if anywhere and pieces.metrics.wrap:
                        part += _narrowest(pieces, i)
                    elif pieces.hyphenates and pieces.cuts_of(i):
                        widest, part = _hyphenated_sizes(pieces, i, part)
                        narrow = max(narrow, widest)
                    else:
                        part += width
                if breaks[i] or (i == last and item.joins):
                    narrow = max(narrow, part)
                    part = 0.0
        elif kind == OPEN:
            if item.first:
                edges = edges_of(item.inline.style, 0.0)
                line += edges.margin_left + edges.left
                part += edges.margin_left + edges.left
        elif kind == CLOSE:
            if item.last:
                edges = edges_of(item.inline.style, 0.0)
                line += edges.margin_right + edges.right
                part += edges.margin_right + edges.right
        elif kind == FILL:
            width = advance(item, line)
            line += width
            hang = 0.0
            part = 0.0 if item.tab >= 0 and item.pieces.metrics.wrap else part + width
        elif kind == ATOM:
            low, high = atom_sizes(item.box, percent_height)
            line += high
            hang = 0.0
            narrow = max(narrow, part, low)
            part = 0.0 if item.wrap else part + low
        elif kind == FLOAT:
            low, high = content_sizes(item)
            narrow = max(narrow, low)
            line += high
        elif kind == NEWLINE:
            wide, narrow = max(wide, line - hang), max(narrow, part)
            line = part = hang = 0.0
    wide, narrow = max(wide, line - hang), max(narrow, part)
    if lines.metrics is not None and lines.indent and type(lines.style.text_indent) is float:
        wide += lines.style.text_indent
        narrow += max(lines.style.text_indent, 0.0) if not narrow else 0.0
    return narrow, max(wide, narrow)


def _narrowest(pieces: Pieces, index: int) -> float:
    """The widest single letter of a word that may break anywhere."""
    word = pieces.words[index]
    text = word.text
    starts = [0, *cluster_starts(text), len(text)]
    return max((pieces.part(text[a:b])[1] for a, b in pairwise(starts) if b > a), default=0.0)


def _hyphenated_sizes(pieces: Pieces, index: int, before: float) -> tuple[float, float]:
    """Of a word that may be hyphenated: its widest part with a hyphen, what is `before` included, and its last part."""
    metrics = pieces.metrics
    text = pieces.words[index].text
    mark = metrics.hyphen.width * metrics.size
    places = [0, *pieces.cuts_of(index)]
    widest = 0.0
    for start, end in pairwise(places):
        widest = max(widest, before + pieces.part(text[start:end])[1] + mark)
        before = 0.0
    return widest, pieces.part(text[places[-1] :])[1]
