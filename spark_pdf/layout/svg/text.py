"""Text in SVG (SVG 2, chapter 11): characters placed by `x`, `y`, `dx`, `dy` and `rotate`, in anchored chunks.

In: a `text` element. Out: `Text` nodes of shaped words, so that it stays text in the file. Writing is horizontal;
`textLength`, decorations, baselines and `textPath` (in `textpath`) are here, wrapped text is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spark_pdf.layout.css.colors import CURRENT_COLOR
from spark_pdf.layout.dom import Element
from spark_pdf.layout.fragments import TextFragment
from spark_pdf.layout.inline.textrun import clusters, metrics_of
from spark_pdf.layout.inline.transform import transformed
from spark_pdf.layout.shapes.matrix import Matrix, multiply, rotation, scale_of, translated
from spark_pdf.layout.shapes.numbers import held, length, lengths, numbers
from spark_pdf.layout.shapes.paths import Bounds, joined, rectangle
from spark_pdf.layout.svg.drawing import Ink, Node, Pen, Shape, Text
from spark_pdf.layout.svg.environment import href_of
from spark_pdf.layout.values import Color, Percentage
from spark_pdf.text.bidi import levels, line_levels, needs_bidi, visual_order
from spark_pdf.text.breaking import split_at_spaces

if TYPE_CHECKING:
    from spark_pdf.layout.inline.textrun import TextMetrics
    from spark_pdf.layout.style import Style
    from spark_pdf.layout.svg.builder import Builder
    from spark_pdf.layout.svg.environment import State
    from spark_pdf.text.words import Word

_BLANKS = re.compile("[ \t\r\n\f]+")
_INNER = ("tspan", "a", "textPath", "tref", "switch")
_MOST_CHARACTERS = 20_000
_TINY = 1e-9


class Span:
    """Text of one element: its characters `start` to `end`, style, baseline shift, and the decorations over it."""

    __slots__ = ("decorations", "element", "path", "shift", "start", "state", "text")

    def __init__(
        self, element: Element, state: State, text: str, start: int, shift: float, decorations: tuple[State, ...],
        path: Element | None,
    ) -> None:  # fmt: skip
        self.element = element
        self.state = state
        self.text = text
        self.start = start
        self.shift = shift
        self.decorations = decorations
        self.path = path
        """The `textPath` that it is in."""


class Piece:
    """Characters that are shaped and placed together: no attribute moves any of them but the first."""

    __slots__ = (
        "index", "level", "metrics", "space", "spacing", "span", "squeeze", "text", "turn", "width", "words", "x", "y",
    )  # fmt: skip

    def __init__(
        self, span: Span, text: str, index: int, metrics: TextMetrics, language: str, turn: float, level: int
    ) -> None:
        self.level = level
        self.span = span
        self.text = text
        self.index = index
        self.metrics = metrics
        self.turn = turn
        style = span.state.style
        shaped = metrics.words(language, "rtl" if level % 2 else "ltr")
        words = [shaped[part] for part in split_at_spaces(text)]
        if metrics.kerning is not None and not level % 2:
            metrics.kerning.apply(words)
        self.words: tuple[Word, ...] = tuple(words[::-1] if level % 2 else words)
        self.spacing = style.letter_spacing
        self.space = style.word_spacing
        self.squeeze = 1.0  # what lengthAdjust="spacingAndGlyphs" makes of it
        self.x = self.y = 0.0
        self.width = 0.0
        self.measure()

    def measure(self) -> None:
        """The advance, with spacings."""
        width = sum(word.width for word in self.words) * self.metrics.size
        if self.spacing:
            width += self.spacing * self.letters
        if self.space:
            width += self.space * sum(len(word.text) for word in self.words if word.is_space)
        self.width = width * self.squeeze

    @property
    def letters(self) -> int:
        """Clusters of glyphs: what letter-spacing counts."""
        return sum(clusters(word) for word in self.words)


class TextLayout:
    """The work on one `text` element. `ink`: what all of it is filled with, where it is a clip path's."""

    __slots__ = ("builder", "count", "element", "ink", "language", "open_space", "path", "ranges", "spans", "state")

    def __init__(self, builder: Builder, element: Element, state: State, ink: Ink | None = None) -> None:
        self.builder = builder
        self.element = element
        self.state = state
        self.ink = ink
        self.language = builder.environment.language
        self.spans: list[Span] = []
        self.ranges: list[tuple[Element, State, int, int]] = []
        self.count = 0
        self.path: Element | None = None
        self.open_space = True  # a space here would collapse with what is before it

    def place(self, out: list[Node]) -> None:
        """Lay the text out and add its nodes."""
        self._collect(self.element, self.state, 0.0, (), self.state.style, self._preserves())
        self._trim()
        if not self.spans:
            return
        xs, ys, dxs, dys, turns = self._positions()
        pieces = self._pieces(xs, ys, dxs, dys, turns)
        self._stretch(pieces)
        self._flow(pieces, xs, ys, dxs, dys)
        self._emit(pieces, out)

    # Characters

    def _collect(
        self, element: Element, state: State, shift: float, decorations: tuple[State, ...], above: Style,
        preserve: bool,
    ) -> None:  # fmt: skip
        """Characters of an element in order, white space collapsed across its children.

        `above`: the parent's style. `preserve`: what `xml:space` says there.
        """
        style = state.style
        if style.text_decoration_line:
            decorations = (*decorations, state)
        if "xml:space" in element.attributes:
            preserve = element.attributes["xml:space"] == "preserve"
        elif style.white_space != "normal":
            preserve = preserve or style.white_space in ("pre", "pre-wrap", "break-spaces")
        shift += _shift(style, above)
        start = self.count
        outside = self.path
        if element.tag == "textPath":
            self.path = element
        at = len(self.ranges)
        self.ranges.append((element, state, start, start))
        for child in element.children:
            if isinstance(child, str):
                self._characters(child, preserve, element, state, shift, decorations)
            elif child.tag in _INNER and self.builder.admits(state.depth):
                own = self.builder.environment.stylist.style(child, state.style)
                if own.display != "none":
                    inner = state._replace(style=own, depth=state.depth + 1)
                    if child.tag == "a" and href_of(child):
                        inner = inner._replace(link=href_of(child))
                    self._collect(child, inner, shift, decorations, style, preserve)
        self.ranges[at] = (element, state, start, self.count)
        self.path = outside

    def _preserves(self) -> bool:
        """What `xml:space` says above the text."""
        above = self.element.parent
        while above is not None and above.tag in ("a", "g", "svg", "switch", "defs", "symbol"):
            if "xml:space" in above.attributes:
                return above.attributes["xml:space"] == "preserve"
            above = above.parent
        return False

    def _characters(
        self, text: str, preserve: bool, element: Element, state: State, shift: float, decorations: tuple[State, ...]
    ) -> None:
        if preserve:
            text = re.sub("[\t\r\n\f]", " ", text.replace("\r\n", "\n"))
        else:
            text = _BLANKS.sub(" ", text)
            if self.open_space and text[:1] == " ":
                text = text[1:]
        text = text[: max(_MOST_CHARACTERS - self.count, 0)]
        if not text:
            return
        self.open_space = not preserve and text[-1] == " "
        if state.style.text_transform != "none":
            text = transformed(text, state.style.text_transform, self.language)
        self.spans.append(Span(element, state, text, self.count, shift, decorations, self.path))
        self.count += len(text)

    def _trim(self) -> None:
        """A collapsible space at the end of all is not there."""
        if self.open_space and self.spans and self.spans[-1].text.endswith(" "):
            last = self.spans[-1]
            last.text = last.text[:-1]
            self.count -= 1
            if not last.text:
                self.spans.pop()

    # Positions

    def _positions(self) -> tuple[dict[int, float], ...]:
        """What attributes say of single characters; the innermost element's word counts."""
        found: tuple[dict[int, float], ...] = ({}, {}, {}, {}, {})
        for element, state, start, end in self.ranges:
            attributes = element.attributes
            if not attributes:
                continue
            for at, name in enumerate(("x", "y", "dx", "dy")):
                text = attributes.get(name)
                if text is None or start == end:
                    continue
                try:
                    found[at][start] = held(float(text))  # one number, as nearly always
                except ValueError:
                    percent_of = state.height if at % 2 else state.width
                    for index, value in enumerate(lengths(text, percent_of, self.builder.units(state))[: end - start]):
                        found[at][start + index] = value
            if "rotate" in attributes:
                turns = numbers(attributes["rotate"])
                for index in range(start, end if turns else start):
                    found[4][index] = turns[min(index - start, len(turns) - 1)]
        return found

    def _pieces(
        self, xs: dict[int, float], ys: dict[int, float], dxs: dict[int, float], dys: dict[int, float],
        turns: dict[int, float],
    ) -> list[Piece]:  # fmt: skip
        cuts = {*xs, *ys, *dxs, *dys, *turns, *(index + 1 for index in turns)}
        found = self._levels()
        if found:
            cuts.update(index for index in range(1, len(found)) if found[index] != found[index - 1])
        fonts = self.builder.environment.fonts
        pieces: list[Piece] = []
        for span in self.spans:
            metrics = metrics_of(span.state.style, fonts)
            span.shift -= _baseline(span.state.style, metrics)
            places = [span.start]
            if cuts:
                places += sorted(at for at in cuts if span.start < at < span.start + len(span.text))
            for at, following in zip(places, [*places[1:], span.start + len(span.text)], strict=True):
                text = span.text[at - span.start : following - span.start]
                pieces.append(
                    Piece(span, text, at, metrics, self.language, turns.get(at, 0.0), found[at] if found else 0)
                )
        for piece in pieces:
            for word in piece.words:
                for character in word.missing:
                    family = (piece.span.state.style.font_family or ("serif",))[0]
                    self.builder.notices.add(
                        "missing_glyph", f"no font has a glyph for U+{ord(character):04X} (font family '{family}')"
                    )
        return pieces

    def _levels(self) -> list[int]:
        """Embedding levels of all characters by UAX 9; none where all goes from left to right."""
        rtl = self.state.style.direction == "rtl"
        text = "".join(span.text for span in self.spans)
        if not rtl and not needs_bidi(text):
            return []
        return line_levels(text, levels(text, 1 if rtl else 0), 1 if rtl else 0)

    def _stretch(self, pieces: list[Piece]) -> None:
        """`textLength` (SVG 2, 11.6): inner elements first."""
        for element, state, start, end in reversed(self.ranges):
            if "textLength" not in element.attributes:
                continue
            wanted = length(element.attributes.get("textLength"), state.width, self.builder.units(state))
            own = [piece for piece in pieces if start <= piece.index < end]
            if wanted is None or wanted < 0 or not own:
                continue
            width = sum(piece.width for piece in own)
            if element.attributes.get("lengthAdjust") == "spacingAndGlyphs":
                factor = wanted / width if width > _TINY else 1.0
                for piece in own:
                    piece.squeeze *= factor
                    piece.measure()
                continue
            gaps = sum(piece.letters for piece in own) - 1
            if gaps > 0:
                more = (wanted - width) / gaps
                for piece in own:
                    piece.spacing += more
                    piece.measure()

    def _flow(
        self, pieces: list[Piece], xs: dict[int, float], ys: dict[int, float], dxs: dict[int, float],
        dys: dict[int, float],
    ) -> None:  # fmt: skip
        """Place pieces one after the other, and shift each chunk by its anchor (SVG 2, 11.4 and 11.8)."""
        x = y = 0.0
        chunk: list[Piece] = []
        for piece in pieces:
            at = piece.index
            if at in xs or at in ys:
                self._anchor(chunk)
                chunk = []
                x, y = xs.get(at, x), ys.get(at, y)
            x += dxs.get(at, 0.0)
            y += dys.get(at, 0.0)
            piece.x, piece.y = x, y
            chunk.append(piece)
            x += piece.width
        self._anchor(chunk)

    @staticmethod
    def _anchor(chunk: list[Piece]) -> None:
        if not chunk:
            return
        if any(piece.level for piece in chunk):
            x = chunk[0].x
            for index in visual_order([piece.level for piece in chunk]):
                chunk[index].x = x
                x += chunk[index].width
        style = chunk[0].span.state.style
        anchor = style.text_anchor
        if style.direction == "rtl" and anchor != "middle":
            anchor = "end" if anchor == "start" else "start"
        if anchor == "start":
            return
        last = chunk[-1]
        spare = last.spacing * last.squeeze if last.spacing else 0.0  # behind the last letter nothing is set apart
        low = min(piece.x for piece in chunk)
        shift = (max(piece.x + piece.width for piece in chunk) - spare - low) * (0.5 if anchor == "middle" else 1.0)
        for piece in chunk:
            piece.x -= shift

    # Nodes

    def _emit(self, pieces: list[Piece], out: list[Node]) -> None:
        bounds = self._bounds(pieces)
        inks: dict[Element, tuple[Ink | None, Ink | None, Pen | None]] = {}
        for piece in pieces:
            state = piece.span.state
            if state.style.visibility != "visible" or not piece.words:
                continue
            found = inks.get(piece.span.element)
            if found is None:
                found = inks[piece.span.element] = self._inks(state, bounds)
            path = piece.span.path
            if path is not None:
                from spark_pdf.layout.svg.textpath import along_path

                own = [other for other in pieces if other.span.path is path]
                total = sum(other.width for other in own)
                along_path(self, piece, path, piece.x - own[0].x, total, found, out)
                continue
            for decoration in piece.span.decorations:
                self._decorate(decoration, piece, bounds, out, over=False)
            matrix = translated(self.state.matrix, piece.x, piece.y - piece.span.shift)
            if piece.turn:
                matrix = multiply(matrix, rotation(piece.turn))
            out.append(self.node(piece, piece.words, piece.width, matrix, found))
            for decoration in piece.span.decorations:
                self._decorate(decoration, piece, bounds, out, over=True)
            if state.link and state.link != self.state.link:
                self.builder._linked(state.link, [out[-1]])

    def _bounds(self, pieces: list[Piece]) -> Bounds | None:
        """The box around all of it, in user space: for inks that need one."""
        found: Bounds | None = None
        for piece in pieces:
            top = piece.y - piece.span.shift
            own = (piece.x, top - piece.metrics.ascent, piece.x + piece.width, top + piece.metrics.descent)
            found = joined(found, own)
        return found

    def _inks(self, state: State, bounds: Bounds | None) -> tuple[Ink | None, Ink | None, Pen | None]:
        if self.ink is not None:
            return self.ink, None, None
        style = state.style
        fill = self.builder.ink(style.fill, style.fill_opacity, bounds, state)
        stroke = self.builder.ink(style.stroke, style.stroke_opacity, bounds, state)
        pen = self.builder.pen(self.element, state, None) if stroke is not None else None
        return fill, stroke if pen is not None else None, pen

    def node(
        self, piece: Piece, words: tuple[Word, ...], width: float, matrix: Matrix,
        inks: tuple[Ink | None, Ink | None, Pen | None],
    ) -> Text:  # fmt: skip
        """A text node whose size is as on the page, under a matrix that no longer scales."""
        style = piece.span.state.style
        scale = scale_of(matrix) or 1.0
        a, b, c, d, e, f = matrix
        squeeze = piece.squeeze
        placed = (a / scale * squeeze, b / scale * squeeze, c / scale, d / scale, e, f)
        fill, stroke, pen = inks
        if pen is not None:
            from spark_pdf.layout.svg.builder import scaled_pen

            pen = scaled_pen(pen, scale)
        # No node: a drawing outlives its document, whose elements it would keep.
        fragment = TextFragment(style, None, 0.0, 0.0, width * scale / (squeeze or 1.0), words,
                                piece.space * scale)  # fmt: skip
        order = style.paint_order
        first = stroke is not None and order.index("stroke") < order.index("fill")
        return Text(fragment, piece.metrics.size * scale, piece.spacing * scale, placed, fill, stroke, pen, first)

    def _decorate(self, state: State, piece: Piece, bounds: Bounds | None, out: list[Node], *, over: bool) -> None:
        """Lines of `text-decoration`, in the inks of the element that asks for them."""
        face = next((run.face for word in piece.words for run in word.runs), None)
        if face is None or piece.width <= 0 or self.ink is not None:
            return
        style = state.style
        for line in style.text_decoration_line:
            if (line == "line-through") is not over:
                continue
            size = style.font_size
            thick = (face.strikeout_thickness if line == "line-through" else face.underline_thickness) * size
            wanted = style.text_decoration_thickness
            if isinstance(wanted, (int, float)):
                thick = wanted * size if wanted.__class__ is Percentage else float(wanted)
            if line == "underline":
                top = -face.underline_position * size - thick / 2
            elif line == "overline":
                top = -face.ascent * size
            else:
                top = -face.strikeout_position * size - thick / 2
            fill = self.builder.ink(style.fill, style.fill_opacity, bounds, state)
            color = style.text_decoration_color
            if color.__class__ is Color and color is not CURRENT_COLOR and color != style.color:
                fill = self.builder.ink(color, 1.0, None, state)
            if fill is not None:
                bar = rectangle(piece.x, piece.y - piece.span.shift + top, piece.width, max(thick, 0.1))
                out.append(Shape(bar.transformed(self.state.matrix), False, fill, None, None))


def _shift(style: Style, above: Style) -> float:
    """How far the element's own `baseline-shift` raises it."""
    value = style.baseline_shift
    if value.__class__ is str:
        return {"sub": -0.2, "super": 1 / 3}.get(str(value), 0.0) * above.font_size
    return value * style.font_size if value.__class__ is Percentage else float(value)


def _baseline(style: Style, metrics: TextMetrics) -> float:
    """How far below the given y the alphabetic baseline lies (SVG 2, 11.10.2)."""
    which = style.alignment_baseline
    if which in ("baseline", "auto"):
        which = style.dominant_baseline
    if which == "middle":
        return metrics.x_height / 2
    if which in ("central", "center"):
        return (metrics.ascent - metrics.descent) / 2
    if which == "hanging":
        return metrics.ascent * 0.8
    if which == "mathematical":
        return metrics.ascent / 2
    if which in ("text-before-edge", "before-edge", "text-top", "top"):
        return metrics.ascent
    if which in ("text-after-edge", "after-edge", "text-bottom", "bottom", "ideographic"):
        return -metrics.descent
    return 0.0
