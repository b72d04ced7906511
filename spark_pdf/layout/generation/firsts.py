"""`::first-letter` and `::first-line` (CSS Pseudo-Elements 4, 2; CSS 2.2, 5.12).

In: a block container, filled, and the styles of its pseudo-elements. Out: the first letter of its first line in an
inline box or a float of its own; an `OpeningLines` beside the first `Lines`, which has the same items in the style of
the first line. Where that line ends is found with the latter, and all later lines follow from the former: both are cut
into the same pieces.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import (
    ATOM,
    CLOSE,
    FILL,
    NEWLINE,
    OPEN,
    TEXT,
    AtomItem,
    BlockBox,
    CloseItem,
    FloatBox,
    InlineBox,
    Lines,
    OpeningLines,
    OpenItem,
    OutOfFlow,
    TextItem,
)  # fmt: skip
from spark_pdf.layout.css.properties import ROWS
from spark_pdf.layout.geometry import derived
from spark_pdf.layout.inline.bidi import resolve
from spark_pdf.layout.inline.textrun import metrics_of

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element
    from spark_pdf.layout.generation.generate import Context, Generator
    from spark_pdf.layout.style import Style

_INHERITED = tuple(row.attribute for row in ROWS if row.inherited)
_PUNCTUATION = ("Ps", "Pe", "Pi", "Pf", "Po")


def make_firsts(generator: Generator, element: Element, style: Style, box: BlockBox, context: Context) -> None:
    """Give a block container the first letter and the first line that rules ask for."""
    letter = generator.stylist.pseudo_style(element, style, "first-letter")
    line = generator.stylist.pseudo_style(element, style, "first-line")
    if letter is not None and letter.display != "none":
        if line is not None and letter.float_ != "none":
            letter = _restyled(style, line, letter)  # it is in the first line all the same (CSS Pseudo-Elements 4, 2.2)
        place = _first_lines(box)
        if place is not None:
            _first_letter(generator, letter, element, place[0], place[1], context)
    if line is not None:
        place = _first_lines(box)
        if place is not None:
            lines = place[0].children[place[1]]
            assert isinstance(lines, Lines)
            lines.opening = _opening(generator, style, line, lines, context) or lines.opening
            if lines.opening is not None:
                lines.simple = None


def _first_lines(box: BlockBox) -> tuple[BlockBox, int] | None:
    """The block container and the place in it of the lines that a box begins with."""
    for index, child in enumerate(box.children):
        if isinstance(child, OutOfFlow):
            continue
        if isinstance(child, Lines):
            return box, index
        return _first_lines(child) if type(child) is BlockBox else None
    return None


# The first letter


def _first_letter(
    generator: Generator, own: Style, element: Element, box: BlockBox, index: int, context: Context
) -> None:
    lines = box.children[index]
    assert isinstance(lines, Lines)
    place = _first_text(lines.items)
    if place is None:
        return
    item: TextItem = lines.items[place]
    length = _letter_length(item.pieces.text)
    letter, rest = item.pieces.text[:length], item.pieces.text[length:]
    if not letter or (item.parent is not None and "letter" in derived(item.parent.style)):
        return
    derived(own)["letter"] = True
    shown = _text_item(generator, letter, own, item, None, context)
    if shown is None:
        return
    items: list[Any] = []
    if own.float_ in ("left", "right"):
        holder = BlockBox(own, element, root=True)
        holder.children = [Lines(own, [shown], metrics_of(own, generator.fonts), True)]
        floating = FloatBox(holder, box.page, item.parent)
        generator.floats = box.out = True
        rest = rest.lstrip(" ")  # it begins a line
        if place and any(before.kind == TEXT for before in lines.items[:place]):
            items.append(floating)
            lines.floats = True
        else:
            box.children.insert(index, floating)
    else:
        inline = InlineBox(own, element, item.parent, metrics_of(own, generator.fonts))
        inline.link = item.link
        shown.parent = inline
        if own.text_decoration_line:
            shown.decorations = (*shown.decorations, (own, inline))
        items += [OpenItem(inline), shown, CloseItem(inline)]
    style = item.style
    if rest and style.text_transform == "capitalize":
        style = style.replace(text_transform="none")  # it was capitalized as a whole
    remaining = _text_item(generator, rest, style, item, item.parent, context) if rest else None
    if remaining is not None:
        remaining.joins = item.joins
        items.append(remaining)
    _replace(generator, lines, place, items)


def _replace(generator: Generator, lines: Lines, place: int, items: list[Any]) -> None:
    lines.items[place : place + 1] = items
    special = lines.special or any(item.kind == TEXT and item.pieces.special for item in items)
    lines.simple = None
    lines.special = special
    if len(lines.items) == 1 and lines.items[0].kind == TEXT and not special:
        lines.simple = lines.items[0].pieces
    if special:
        resolve(lines, generator.piece_cache, generator.fonts)


def _first_text(items: list[Any]) -> int | None:
    """The text that the first letter is in; None where something else comes first."""
    depth = 0
    for index, item in enumerate(items):
        kind = item.kind
        if kind in (ATOM, NEWLINE, FILL):
            return None
        if kind == OPEN and "marker" in derived(item.inline.style):
            depth += 1
        elif kind == CLOSE and "marker" in derived(item.inline.style):
            depth -= 1
        elif kind == TEXT and not depth and not item.pieces.text.isspace():
            return index
    return None


def _letter_length(text: str) -> int:
    """How much of a text is its first letter: punctuation around it included; 0 where there is none."""
    at = 0
    while at < len(text) and (unicodedata.category(text[at]) in _PUNCTUATION or text[at].isspace()):
        at += 1
    if at == len(text):
        return 0
    at += 1
    while at < len(text) and unicodedata.category(text[at]).startswith("M"):
        at += 1
    while at < len(text) and unicodedata.category(text[at]) in _PUNCTUATION:
        at += 1
    return at


def _text_item(
    generator: Generator, text: str, style: Style, item: TextItem, parent: InlineBox | None, context: Context
) -> TextItem | None:
    pieces = generator.pieces(text, style, context.language, False)
    if pieces is None:
        return None
    made = TextItem(style, item.node, parent, pieces, item.decorations, item.link)
    made.level = item.level
    return made


# The first line


def _opening(generator: Generator, block: Style, own: Style, lines: Lines, context: Context) -> OpeningLines | None:
    """The lines in the style of the first line; None where they cannot be cut alike."""
    metrics = metrics_of(_restyled(block, own, block), generator.fonts)
    inlines: dict[InlineBox | None, InlineBox | None] = {None: None}
    items: list[Any] = []
    for item in lines.items:
        kind = item.kind
        if kind == TEXT:
            made = _restyled_text(generator, block, own, item, inlines, context)
            if made is None:
                return None
            items.append(made)
        elif kind == OPEN:
            items.append(OpenItem(_restyled_inline(generator, block, own, item.inline, inlines), item.first))
        elif kind == CLOSE:
            items.append(CloseItem(_restyled_inline(generator, block, own, item.inline, inlines), item.last))
        elif kind == ATOM:
            atom = AtomItem(item.box, inlines.get(item.parent, item.parent), item.wrap)
            atom.level = item.level
            items.append(atom)
        elif kind == FILL:
            return None
        else:
            items.append(item)
    made_lines = OpeningLines(_restyled(block, own, block), items, metrics, lines.indent, lines.special)
    made_lines.simple = None
    made_lines.bases = lines.bases
    made_lines.ground = own
    return made_lines


def _restyled_text(
    generator: Generator, block: Style, own: Style, item: TextItem, inlines: dict[InlineBox | None, InlineBox | None],
    context: Context,
) -> TextItem | None:  # fmt: skip
    style = _restyled(block, own, item.style)
    pieces = generator.pieces(item.pieces.text, style, context.language, False)
    if pieces is None or len(pieces.words) != len(item.pieces.words):
        return None
    decorations = tuple([(of, inlines.get(owner, owner)) for of, owner in item.decorations])
    if own.text_decoration_line:
        decorations = (*decorations, (own, None))
    made = TextItem(style, item.node, inlines.get(item.parent, item.parent), pieces, decorations, item.link)
    made.joins, made.level = item.joins, item.level
    return made


def _restyled_inline(
    generator: Generator, block: Style, own: Style, inline: InlineBox, inlines: dict[InlineBox | None, InlineBox | None]
) -> InlineBox:
    found = inlines.get(inline)
    if found is None:
        parent = inline.parent
        above = None if parent is None else _restyled_inline(generator, block, own, parent, inlines)
        style = _restyled(block, own, inline.style)
        found = inlines[inline] = InlineBox(style, inline.node, above, metrics_of(style, generator.fonts))
        found.link, found.paints = inline.link, inline.paints
    return found


def _restyled(block: Style, own: Style, style: Style) -> Style:
    """A style in the first line: what it has from the block by inheritance, it has from the first line there."""
    kept = derived(own)
    found = kept.get(("first-line", block, style))
    if found is None:
        changed = {
            name: getattr(own, name)
            for name in _INHERITED
            if getattr(own, name) != getattr(block, name) and getattr(style, name) == getattr(block, name)
        }
        if "line_height" in changed or "font_size" in changed:
            changed["line_height_factor"] = own.line_height_factor
        found = kept[("first-line", block, style)] = style.replace(**changed) if changed else style
    return found  # type: ignore[return-value]
