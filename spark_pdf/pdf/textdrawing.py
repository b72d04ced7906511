"""Text fragments as text-showing operators (ISO 32000-1, 9.4), and their decoration (CSS Text Decoration 3).

The inner loop of drawing: a run's encoding is remembered in `ShapedRun.drawn`, and one TJ array shows all words of a
fragment that come from one face. Justification and word-spacing go into the array: word spacing (`Tw`) does not apply
to two-byte codes.
"""

from __future__ import annotations

from spark_pdf.layout.fragments import BoxFragment, Decoration, TextFragment
from spark_pdf.layout.values import Percentage
from spark_pdf.pdf.borders import paint_edge
from spark_pdf.pdf.fonts import Cluster, EncodedRun, FontUse
from spark_pdf.pdf.numbers import FAR, hundredths, nearest, number, rounded
from spark_pdf.pdf.painter import Painter
from spark_pdf.pdf.textshadows import draw_text_shadows
from spark_pdf.text.face import Face
from spark_pdf.text.words import ShapedRun


def draw_text(painter: Painter, fragment: TextFragment, x: float, y: float) -> None:
    """Draw a fragment whose baseline starts at (x, y)."""
    style = fragment.style
    if style.font_size <= 0 or not (-FAR < x < FAR and -FAR < y < FAR) or style.visibility != "visible":
        return
    if style.text_shadow:
        draw_text_shadows(painter, fragment, x, y)
    if fragment.decorations:
        _decorate(painter, fragment, x, y, over=False)
    color = style.text_fill_color
    if color.space == "currentcolor":
        color = style.color
    if color.alpha > 0:
        painter.fill_color(color)
        if not painter.in_text:
            painter.begin_text()
        # Distances between rounded places: nothing adds up. The text object's y axis points up.
        left, top = nearest(x * 100), nearest(y * 100)
        painter.out.append(b"%b %b Td\n" % (hundredths[left - painter.text_x], hundredths[painter.text_y - top]))
        painter.text_x, painter.text_y = left, top
        show_words(painter, fragment, style.font_size, fragment.letter)
    if fragment.decorations:
        _decorate(painter, fragment, x, y, over=True)


def text_clip(painter: Painter, box: BoxFragment, x: float, y: float) -> bytes:
    """Operators that clip to all text in a box (9.3.6, mode 7): what `background-clip: text` is seen through."""
    inner = painter.nested()
    inner.begin_text()
    inner.out.append(b"7 Tr\n")
    _add_to_clip(inner, box, x, y)
    return inner.content()


def _add_to_clip(painter: Painter, box: BoxFragment, x: float, y: float) -> None:
    for child in box.children:
        if isinstance(child, TextFragment):
            if child.style.font_size > 0 and child.style.visibility == "visible":
                _move_to(painter, x + child.x, y + child.y)
                show_words(painter, child, child.style.font_size, child.letter)
        elif isinstance(child, BoxFragment):
            _add_to_clip(painter, child, x + child.x, y + child.y)


def _move_to(painter: Painter, x: float, y: float) -> None:
    left, top = nearest(x * 100), nearest(y * 100)
    painter.out.append(b"%b %b Td\n" % (hundredths[left - painter.text_x], hundredths[painter.text_y - top]))
    painter.text_x, painter.text_y = left, top


def show_words(painter: Painter, fragment: TextFragment, size: float, letter_spacing: float) -> None:
    """Show a fragment's words in the open text object, where its matrix stands."""
    out = painter.out
    if letter_spacing != painter.letter_spacing:
        painter.letter_spacing = letter_spacing
        out.append(number(letter_spacing, 3) + b" Tc\n")
    space = b" %.6g" % (round(-1000 * fragment.space / size, 1) + 0.0) if fragment.space else b""
    use = painter.font
    face = use.codes.face if use is not None and painter.font_size == size else None
    runs = use.runs if use is not None else set()
    parts: list[bytes] = []
    for word in fragment.words:
        for run in word.runs:
            if run.face is not face:
                if parts:
                    _flush(out, parts)
                    parts = []
                face = run.face
                use = _set_font(painter, face, size)
                runs = use.runs
            drawn = run.drawn
            if type(drawn) is bytes:  # as nearly all
                runs.add(run)
                parts.append(drawn)
                continue
            assert use is not None
            shown = use.seen.get(run) or use.admit(run)
            if type(shown) is bytes:
                parts.append(shown)
            else:
                if parts:
                    _flush(out, parts)
                    parts = []
                _show_apart(out, use, run, size, letter_spacing)
        if space and word.is_space:
            parts.append(space if len(word.text) == 1 else _spaces(fragment.space, size, len(word.text)))
    if parts:
        _flush(out, parts)


def _set_font(painter: Painter, face: Face, size: float) -> FontUse:
    use = painter.resources.font(face)
    if use is not painter.font or size != painter.font_size:
        painter.font, painter.font_size = use, size
        chosen = use.sizes.get(size)
        if chosen is None:
            chosen = use.sizes[size] = b"/F%d %b Tf\n" % (use.number, number(size, 3))
        painter.out.append(chosen)
    return use


def _flush(out: list[bytes], parts: list[bytes]) -> None:
    """Show what was gathered. Strings that meet become one: ")(" stands nowhere else, as data escapes both."""
    if len(parts) == 1:
        out.append(b"[%b]TJ\n" % parts[0])
    else:
        out.append(b"[%b]TJ\n" % b"".join(parts).replace(b")(", b""))


def _spaces(space: float, size: float, count: int) -> bytes:
    return b" %.6g" % (round(-1000 * space * count / size, 1) + 0.0)


def _show_apart(out: list[bytes], use: FontUse, run: ShapedRun, size: float, letter_spacing: float) -> None:
    """A run with raised glyphs, or one whose text its glyphs do not tell."""
    drawn = run.drawn
    assert type(drawn) is EncodedRun
    if letter_spacing and drawn.uneven:
        drawn = EncodedRun(use.codes, run, 1000 * letter_spacing / size)
    marked = run in use.marked
    raised = 0
    whole = Cluster(drawn.text if marked else "", drawn.pieces, -1)
    for text, pieces, glyph in drawn.clusters if marked and drawn.clusters else (whole,):
        said_by_glyph = glyph >= 0 and use.extra.get(glyph) == text
        if text and not said_by_glyph:
            said = b"\xfe\xff" + text.encode("utf-16-be", "replace")
            out.append(b"/Span<</ActualText<%b>>>BDC\n" % said.hex().upper().encode())
        for rise, shown in pieces:
            if rise != raised:
                raised = rise
                out.append(b"%b Ts\n" % number(rise * size / 1000, 3))
            _flush(out, [shown])
        if text and not said_by_glyph:
            out.append(b"EMC\n")
    if raised:
        out.append(b"0 Ts\n")


def _decorate(painter: Painter, fragment: TextFragment, x: float, y: float, *, over: bool) -> None:
    """Lines below the text are painted before it, lines through it after it (CSS Text Decoration 3, 2.5)."""
    face = next((run.face for word in fragment.words for run in word.runs), None)
    if face is None or fragment.width <= 0:
        return
    for decoration in fragment.decorations:
        for line in decoration.style.text_decoration_line:
            if (line == "line-through") == over and line in ("underline", "overline", "line-through"):
                _line(painter, decoration, line, face, x, y, fragment.width)


def _line(painter: Painter, decoration: Decoration, line: str, face: Face, x: float, y: float, width: float) -> None:
    style = decoration.style
    size = style.font_size
    natural = (face.strikeout_thickness if line == "line-through" else face.underline_thickness) * size
    wanted = style.text_decoration_thickness
    if type(wanted) is Percentage:
        natural = wanted * size
    elif isinstance(wanted, (int, float)):
        natural = float(wanted)
    thickness = max(natural, 0.3)
    baseline = y + decoration.shift
    if line == "underline":
        offset = style.text_underline_offset
        under = style.text_underline_position == "under"
        below = face.descent * size if under else -face.underline_position * size - thickness / 2
        if offset != "auto":
            # An offset is from the alphabetic baseline, or from the text's lower edge (CSS Text Decoration 4, 2.7)
            given = offset * size if type(offset) is Percentage else float(offset)
            below = below + given if under else given
        top = baseline + below
    elif line == "overline":
        top = baseline - face.ascent * size
    else:
        top = baseline - face.strikeout_position * size - thickness / 2
    kind = style.text_decoration_style
    if kind == "double":
        for shift in (0.0, 2 * thickness):
            paint_edge(painter, (x, top + shift, width, thickness), "solid", style.text_decoration_color, True)
    elif kind == "wavy":
        _wave(painter, decoration, x, top, width, thickness)
    else:
        paint_edge(painter, (x, top, width, thickness), kind, style.text_decoration_color, True)


def _wave(painter: Painter, decoration: Decoration, x: float, y: float, width: float, thickness: float) -> None:
    """A wave of half-periods as long as two thicknesses, drawn a little longer and cut at the text's ends."""
    color = decoration.style.text_decoration_color
    if color.alpha <= 0:
        return
    step = max(2 * thickness, 1.0)
    painter.save()
    painter.rect(x, y - 2 * step, width, 4 * step)
    painter.clip()
    painter.stroke_color(color)
    painter.line(thickness)
    painter.out.append(b"%.9g %.9g m\n" % (rounded(x), rounded(y)))
    count = min(int(width / step) + 1, 2000)
    for index in range(count):
        peak = y + (step if index % 2 else -step)
        start = x + index * step
        painter.out.append(
            b"%.9g %.9g %.9g %.9g %.9g %.9g c\n"
            % tuple(rounded(v) for v in (start + step / 2, peak, start + step / 2, peak, start + step, y))
        )
    painter.out.append(b"S\n")
    painter.restore()
