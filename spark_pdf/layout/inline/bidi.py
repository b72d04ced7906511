"""Bidirectional text in inline content: items cut where their embedding level changes (CSS Writing Modes 3, section 2).

In: the items of a `Lines` box. Out: items of one level each, and the base level of each paragraph. Each stretch
between forced line breaks is a paragraph for UAX 9; `unicode-bidi` of inline boxes is put into its text as formatting
characters, as CSS says, and taken up again behind a forced break. Text is shaped anew in its direction; letters of
cursive scripts that adjoin across items keep joining. What is right-to-left comes in logical order still:
`special.py` reorders lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.boxes import ATOM, CLOSE, FILL, NEWLINE, OPEN, TEXT, Lines, TextItem
from spark_pdf.layout.inline.breaking import mark_joins
from spark_pdf.layout.inline.textrun import Pieces, metrics_of
from spark_pdf.text.bidi import base_level, levels, needs_bidi, visual_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_pdf.layout.inline.textrun import PieceCache
    from spark_pdf.layout.style import Style
    from spark_pdf.text.fonts import FontSet

_OBJECT = "\ufffc"
_OPEN = {
    ("embed", "ltr"): "\u202a", ("embed", "rtl"): "\u202b", ("isolate", "ltr"): "\u2066", ("isolate", "rtl"): "\u2067",
    ("bidi-override", "ltr"): "\u202d", ("bidi-override", "rtl"): "\u202e",
    ("isolate-override", "ltr"): "\u2068\u202d", ("isolate-override", "rtl"): "\u2068\u202e",
    ("plaintext", "ltr"): "\u2068", ("plaintext", "rtl"): "\u2068",
}  # fmt: skip
_CLOSE = {
    "embed": "\u202c", "isolate": "\u2069", "bidi-override": "\u202c", "isolate-override": "\u202c\u2069",
    "plaintext": "\u2069",
}  # fmt: skip
_CURSIVE = re.compile(
    "[\u0620-\u074f\u0750-\u08ff\u1807-\u18aa\ua840-\ua873\ufb50-\ufdff\ufe70-\ufefc\U00010ac0-\U00010aff]"
)
_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def resolve(lines: Lines, pieces: PieceCache, fonts: FontSet) -> None:
    """Give a box of special lines its levels. Without right-to-left text and direction there is nothing to do."""
    style = lines.style
    plain = style.direction == "ltr" and style.unicode_bidi not in ("plaintext", "bidi-override", "isolate-override")
    if plain and not any(_turns(item) for item in lines.items):
        return
    items: list[Any] = []
    bases: list[tuple[int, int]] = []
    for paragraph, opened in _paragraphs(lines.items):
        base, found = _levels(style, paragraph, opened)
        bases.append((len(items), base))
        for item, item_levels in zip(paragraph, found, strict=True):
            if item.kind == TEXT:
                items += _parts(item, item_levels, pieces, fonts)
            else:
                if item.kind in (ATOM, FILL):
                    item.level = item_levels[0]
                items.append(item)
    _join_letters(items, pieces, fonts)
    mark_joins(items)
    lines.items = items
    lines.bases = tuple(bases)
    lines.special = True
    lines.simple = None


def visual_pieces(shown: Pieces, style: Style, pieces: PieceCache, fonts: FontSet) -> Pieces:
    """A text that stands by itself, as a list item's marker, with its words in visual order."""
    metrics = metrics_of(style, fonts)
    lines = Lines(style, [TextItem(style, None, None, shown, (), "")], metrics, False, True)
    resolve(lines, pieces, fonts)
    parts = [lines.items[index] for index in visual_order([item.level for item in lines.items])]
    made = Pieces(shown.text, style, metrics, shown.language)
    ordered = [part.pieces.words[::-1] if part.level % 2 else part.pieces.words for part in parts]
    made.words = tuple([word for words in ordered for word in words])
    made.total = sum([part.pieces.total for part in parts])
    return made


def _turns(item: Any) -> bool:
    if item.kind == TEXT:
        return needs_bidi(item.pieces.text)
    if item.kind == OPEN:
        style: Style = item.inline.style
        return style.direction == "rtl" and style.unicode_bidi != "normal"
    return False


def _paragraphs(items: list[Any]) -> Iterator[tuple[list[Any], list[Style]]]:
    """The items between forced breaks, and the styles of inline boxes that are open where they begin."""
    paragraph: list[Any] = []
    opened: list[Style] = []
    open_now: list[Style] = []
    for item in items:
        paragraph.append(item)
        if item.kind == OPEN:
            open_now.append(item.inline.style)
        elif item.kind == CLOSE and open_now:
            open_now.pop()
        elif item.kind == NEWLINE:
            yield paragraph, opened
            paragraph, opened = [], list(open_now)
    if paragraph:
        yield paragraph, opened


def _levels(style: Style, items: list[Any], opened: list[Style]) -> tuple[int, list[Sequence[int]]]:
    """The base level of a paragraph, and the levels of each item's characters."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0

    def put(text: str) -> None:
        nonlocal at
        parts.append(text)
        at += len(text)

    if style.unicode_bidi in ("bidi-override", "isolate-override"):
        put(_OPEN["bidi-override", style.direction])
    for box in opened:
        put(_OPEN.get((box.unicode_bidi, box.direction), ""))
    for item in items:
        kind = item.kind
        start = at
        if kind == TEXT:
            put(item.pieces.text)
        elif kind == OPEN:
            put(_OPEN.get((item.inline.style.unicode_bidi, item.inline.style.direction), ""))
        elif kind == CLOSE:
            put(_CLOSE.get(item.inline.style.unicode_bidi, ""))
        elif kind == FILL and item.tab >= 0:
            put("\t")
        elif kind != NEWLINE:
            put(_OBJECT)
        spans.append((start, at))
    text = "".join(parts)
    base = base_level(text) if style.unicode_bidi == "plaintext" else 1 if style.direction == "rtl" else 0
    found = levels(text, base)
    return base, [found[start:end] for start, end in spans]


def _parts(item: TextItem, found: Sequence[int], pieces: PieceCache, fonts: FontSet) -> list[TextItem]:
    """A text as items of one level each."""
    text = item.pieces.text
    parts: list[TextItem] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and found[end] == found[start]:
            end += 1
        level = found[start]
        piece = text[start:end]
        if level == 0 and len(piece) == len(text) and not needs_bidi(text):
            part = item
        else:
            direction = "rtl" if level % 2 else "override" if needs_bidi(_CONTROLS.sub("", piece)) else "ltr"
            shown = pieces.directed(piece, item.style, item.pieces.language, direction, ("", ""), fonts)
            part = TextItem(item.style, item.node, item.parent, shown, item.decorations, item.link)
        part.level = level
        parts.append(part)
        start = end
    return parts


def _join_letters(items: list[Any], pieces: PieceCache, fonts: FontSet) -> None:
    """Shape anew what begins or ends in a letter that joins to one of the next item."""
    around: dict[int, list[str]] = {}
    before: tuple[int, TextItem] | None = None
    for index, item in enumerate(items):
        if item.kind == TEXT:
            if before is not None and before[1].level == item.level:
                left, right = before[1].pieces.text[-1:], item.pieces.text[:1]
                if _CURSIVE.match(left) and _CURSIVE.match(right):
                    around.setdefault(before[0], ["", ""])[1] = right
                    around.setdefault(index, ["", ""])[0] = left
            before = (index, item)
        elif item.kind not in (OPEN, CLOSE) or _separates(item):
            before = None
    for index, (left, right) in around.items():
        item = items[index]
        shown = item.pieces
        item = TextItem(item.style, item.node, item.parent, pieces.directed(
            shown.text, item.style, shown.language, shown.direction, (left, right), fonts
        ), item.decorations, item.link)  # fmt: skip
        item.level = items[index].level
        items[index] = item


def _separates(item: Any) -> bool:
    """Whether an inline box's edge takes room between letters, or isolates them."""
    style = item.inline.style
    return bool(
        style.unicode_bidi in ("isolate", "isolate-override", "plaintext")
        or style.margin_left or style.margin_right or style.padding_left or style.padding_right
        or style.border_left_width or style.border_right_width
    )  # fmt: skip
