"""The footnote area of a page: bodies one below the other, or in a row, as far as they fit (GCPM 3, chapter 2).

In: the style of `@footnote`, the notes that the page has to show, how much room there is. Out: the area's fragment,
its outer height, and the notes that must go on, or wait for, the next page. A note that does not fit waits as a whole;
only one that stands first in its area is divided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from spark_pdf.layout.block.block import top_strut
from spark_pdf.layout.boxes import BlockBox, Lines, anonymous
from spark_pdf.layout.formatting import EPSILON, INFINITE, BreakToken, Space, content_sizes, layout
from spark_pdf.layout.fragments import BoxFragment
from spark_pdf.layout.geometry import NO_MARGIN, Strut, clamped_height, edges_of, horizontal, joined, specified_height

if TYPE_CHECKING:
    from spark_pdf.layout.marks import Footnote
    from spark_pdf.layout.style import Style

Separator = Callable[["Style"], list[Any]]
"""The inline items between two notes in a row."""


class NoteRest(NamedTuple):
    """A note that is to be shown, from where an earlier page broke off."""

    note: Footnote
    token: BreakToken | None = None


class NoteArea(NamedTuple):
    """`height`: the outer height of the area, 0 where nothing is shown. `rest`: what is left for later pages."""

    fragment: BoxFragment | None
    height: float
    rest: list[NoteRest]


class _Body(NamedTuple):
    """One block of the area: a note, or several in a row."""

    box: BlockBox
    notes: list[NoteRest]


def lay_notes(
    style: Style, notes: list[NoteRest], width: float, room: float, separator: Separator, must: bool = False
) -> NoteArea:
    """Lay out the area, `room` px high at most with its margins, in a page area `width` px wide. `must`: something of
    the first note is shown, even if it overflows.
    """
    if not notes:
        return NoteArea(None, 0.0, [])
    edges = edges_of(style, width)
    x, border_width = horizontal(style, edges, width)
    inner = max(border_width - edges.sides, 0.0)
    margins = edges.margin_top + edges.margin_bottom
    limit = min(room - margins, clamped_height(style, INFINITE, edges, None)) - edges.bottom
    area = BoxFragment(style, None, x, 0.0, border_width, 0.0)
    y, strut = edges.top, NO_MARGIN
    rest: list[NoteRest] = []
    for body in _bodies(notes, style, inner, separator):
        if rest:
            rest += body.notes
            continue
        resume = body.notes[0].token
        top = y + _sum(strut if resume is not None else joined(strut, top_strut(body.box, inner)[0]))
        first = not area.children
        fragment, token = layout(body.box, Space(inner, limit - top, first and must), resume)
        if fragment is None or (not first and (token is not None or top + fragment.height > limit + EPSILON)):
            rest += body.notes
            continue
        if token is not None:
            rest += [note._replace(token=token) for note in body.notes[:1]] + body.notes[1:]
        fragment.x += edges.left
        fragment.y += top
        area.children.append(fragment)
        y, strut = top + fragment.height, fragment.margin_after
    if not area.children:
        return NoteArea(None, 0.0, notes)
    height = y + _sum(strut) + edges.bottom
    area.height = clamped_height(style, specified_height(style, edges, None) or height, edges, None)
    return NoteArea(area, area.height + margins, rest)


def _sum(strut: Strut) -> float:
    return strut[0] + strut[1]


def _bodies(notes: list[NoteRest], style: Style, width: float, separator: Separator) -> list[_Body]:
    """Each note by itself, but for neighbours that stand in a row (`footnote-display`)."""
    found: list[_Body] = []
    row: list[NoteRest] = []
    for rest in notes:
        if rest.token is None and _in_row(rest.note, width):
            row.append(rest)
            continue
        _end_row(row, found, style, separator)
        row = []
        found.append(_Body(rest.note.body, [rest]))
    _end_row(row, found, style, separator)
    return found


def _in_row(note: Footnote, width: float) -> bool:
    children = note.body.children
    if note.display == "block" or len(children) != 1 or not isinstance(children[0], Lines):
        return False
    return note.display == "inline" or content_sizes(children[0])[1] <= width + EPSILON


def _end_row(row: list[NoteRest], found: list[_Body], style: Style, separator: Separator) -> None:
    if len(row) < 2:
        found += [_Body(rest.note.body, [rest]) for rest in row]
        return
    items: list[Any] = []
    first = row[0].note.body.children[0]
    assert isinstance(first, Lines)
    for rest in row:
        lines = rest.note.body.children[0]
        assert isinstance(lines, Lines)
        items += [*(separator(first.style) if items else []), *lines.items]
    box = BlockBox(anonymous(style, "block"), None, root=True)
    box.children = [Lines(first.style, items, first.metrics, False)]
    found.append(_Body(box, list(row)))
