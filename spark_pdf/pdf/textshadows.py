"""Shadows of text (CSS Text Decoration 3, 4).

In: a text fragment and where its baseline starts. Out: operators of a `Painter`. Shadows are shapes, the outlines of
the glyphs, never text: what is read out of a document stands there once. Where one is blurred, its soft mask is the
average of copies around the place, and of copies of that average: each copy is mixed in with the share due to it.
Lines along the text cast none.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from spark_pdf.layout.shapes.outlines import Rect
from spark_pdf.pdf.numbers import number
from spark_pdf.pdf.writer import ref
from spark_pdf.text.outlines import glyph_outline

if TYPE_CHECKING:
    from spark_pdf.layout.fragments import TextFragment
    from spark_pdf.pdf.painter import Painter

_AROUND = (
    ((0.0, 0.0), (1.0, 0.0), (0.5, 0.866), (-0.5, 0.866), (-1.0, 0.0), (-0.5, -0.866), (0.5, -0.866)),
    ((0.0, 0.0), (0.0, 1.0), (0.866, 0.5), (0.866, -0.5), (0.0, -1.0), (-0.866, -0.5), (-0.866, 0.5)),
)
"""A copy in the middle and six around it, in turn; along each axis their variance is 3/7 of the radius squared."""
_FINE = 3.0
"""A radius (px) so small that copies of letters melt into each other."""
_MOST_PASSES = 3

_Made = tuple[bytes, Rect]


def draw_text_shadows(painter: Painter, fragment: TextFragment, x: float, y: float) -> None:
    """Draw all shadows of a fragment, the first one on top."""
    style = fragment.style
    for shadow in reversed(style.text_shadow):
        if shadow.color.alpha <= 0:
            continue
        painter.end_text()
        painter.save()
        painter.transform((1, 0, 0, 1, x + shadow.x, y + shadow.y))
        painter.fill_color(shadow.color)
        if shadow.blur < 0.1:
            painter.out.append(painter.form(*_glyphs(fragment)))
        else:
            key = ("text-shadow", fragment.words, style.font_size, style.letter_spacing, fragment.space, shadow.blur)
            made: Any = painter.resources.made.get(key)
            if made is None:
                made = painter.resources.made[key] = _blurred(painter, fragment, shadow.blur / 2)
            state, area = made
            painter.out.append(state)
            painter.fill_rect(*area)
        painter.restore()


def _glyphs(fragment: TextFragment) -> tuple[bytes, Rect]:
    """The outlines as one filled path, from the start of the baseline on, and the box around it."""
    size, letter = fragment.style.font_size, fragment.style.letter_spacing
    out: list[bytes] = []
    pen = 0.0
    low_x = low_y = 1e9
    high_x = high_y = -1e9
    for word in fragment.words:
        for run in word.runs:
            em = run.face.units_per_em
            for index, glyph in enumerate(run.glyphs):
                dx, dy = run.offsets[index] if run.offsets is not None else (0, 0)
                left, base = pen + dx * size / em, dy * size / em
                for segment in glyph_outline(run.face, glyph):
                    values = segment[1:]
                    points = [left + v * size if n % 2 == 0 else -base - v * size for n, v in enumerate(values)]
                    for n, value in enumerate(points):
                        if n % 2 == 0:
                            low_x, high_x = min(low_x, value), max(high_x, value)
                        else:
                            low_y, high_y = min(low_y, value), max(high_y, value)
                    out.append(b" ".join([*[number(value, 2) for value in points], segment[0].encode()]))
                pen += run.advances[index] * size / em
                last = index + 1 == len(run.glyphs) or run.clusters[index + 1] != run.clusters[index]
                if letter and last:
                    pen += letter
        if fragment.space and word.is_space:
            pen += fragment.space * len(word.text)
    if high_x < low_x:
        return b"", (0.0, 0.0, 0.0, 0.0)
    return b"\n".join([*out, b"f\n"]), (low_x, low_y, high_x - low_x, high_y - low_y)


def _radii(sigma: float) -> list[float]:
    """Radii of the copies of each pass, such that their variances add up; each twice the one before."""
    total, passes = 1.0, 1
    while passes < _MOST_PASSES and sigma * sqrt(7 / (3 * total)) > _FINE:
        total += 4.0**passes
        passes += 1
    smallest = sigma * sqrt(7 / (3 * total))
    return [smallest * 2**step for step in range(passes)]


def _blurred(painter: Painter, fragment: TextFragment, sigma: float) -> _Made:
    """The state that masks with the blurred text, and what to fill then."""
    content, box = _glyphs(fragment)
    radii = _radii(sigma)
    reach = sum(radii) + 1
    area = _grown(box, reach)
    # What is copied is opaque, white on black, and black as far as any copy of it reaches.
    covered = _grown(area, reach)
    x, y, width, height = covered
    ground = b"0 g %b %b %b %b re f 1 g\n" % (number(x, 2), number(y, 2), number(width, 2), number(height, 2))
    group = {"CS": "/DeviceGray", "I": True}
    layer = painter.form(ground + content, covered, group)
    mask = 0
    for turn, radius in enumerate(radii):
        copies = painter.nested()
        for index, (across, down) in enumerate(_AROUND[turn % 2], start=1):
            copies.save()
            copies.opacity(1 / index)
            copies.transform((1, 0, 0, 1, across * radius, down * radius))
            copies.out.append(layer)
            copies.restore()
        mask = painter.form_number(copies.content(), covered, group)
        layer = painter.resources.form(mask)
    state = painter.resources.state({"SMask": {"Type": "/Mask", "S": "/Luminosity", "G": ref(mask)}})
    return state, area


def _grown(rect: Rect, by: float) -> Rect:
    x, y, width, height = rect
    return x - by, y - by, width + 2 * by, height + 2 * by
