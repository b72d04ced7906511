"""How well two PDFs agree: glyph origins, fonts, pages.

The score is the project's measure of fidelity: of the characters of both files, page by page, how many stand at the
same place within 2 pt on both axes. Origins are compared, not boxes (which depend on what a font's descriptor claims),
character by character (words fall apart under letter-spacing). The algorithm is that of the project's shared
`fidelity.py`; here one side may come from a stored file.
"""

from __future__ import annotations

import collections
import ctypes
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
import pypdfium2.raw as raw

TOLERANCE = 2.0
"""Points, on both axes."""

Origins = dict[str, list[tuple[float, float]]]
"""Of one page: character, and where it stands (x, y from the top, in points)."""

_UNSEEN = {0xA0, 0xAD, 0xFFFE, 0xFFFF}


@dataclass(frozen=True)
class Agreement:
    """What `compare` finds. `score` is the smaller of recall (of the reference's) and precision (of ours)."""

    recall: float
    precision: float
    pages: tuple[int, int]

    @property
    def score(self) -> float:
        """Rounded down, so that 0.97 is 0.97."""
        return int(min(self.recall, self.precision) * 10_000) / 10_000


def glyph_origins(pdf: bytes) -> list[Origins]:
    """The origins of all visible glyphs of a PDF, a mapping for each page."""
    document, pages = pypdfium2.PdfDocument(pdf), []
    x, y = ctypes.c_double(), ctypes.c_double()
    for page in document:
        height, text, found = page.get_height(), page.get_textpage(), collections.defaultdict(list)
        for i in range(raw.FPDFText_CountChars(text)):
            code = raw.FPDFText_GetUnicode(text, i)
            if code <= 32 or code in _UNSEEN or raw.FPDFText_IsGenerated(text, i) == 1:
                continue
            if raw.FPDFText_GetCharOrigin(text, i, x, y):
                found[chr(code)].append((x.value, height - y.value))
        pages.append(dict(found))
        text.close()
        page.close()
    document.close()
    return pages


def _matched(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> int:
    """How many of a's origins have a partner of their own in b."""
    cells, hits = collections.defaultdict(list), 0
    for x, y in b:
        cells[int(x // TOLERANCE), int(y // TOLERANCE)].append((x, y))
    for x, y in a:
        column, row = int(x // TOLERANCE), int(y // TOLERANCE)
        around = [(i, j) for i in (column - 1, column, column + 1) for j in (row - 1, row, row + 1)]
        near = [
            (max(abs(spot[0] - x), abs(spot[1] - y)), cell, spot) for cell in around for spot in cells.get(cell, ())
        ]
        best = min(near, default=None, key=lambda found: found[0])
        if best and best[0] <= TOLERANCE:
            cells[best[1]].remove(best[2])
            hits += 1
    return hits


def compare(ours: list[Origins], reference: list[Origins]) -> Agreement:
    """Recall and precision of glyph origins over all pages, and the numbers of pages."""
    both = zip(ours, reference, strict=False)
    hits = sum(_matched(page.get(char, []), spots) for page, other in both for char, spots in other.items())
    count_ours, count_reference = _count(ours), _count(reference)
    return Agreement(hits / max(count_reference, 1), hits / max(count_ours, 1), (len(ours), len(reference)))


def _count(pages: list[Origins]) -> int:
    return sum(len(spots) for page in pages for spots in page.values())


def dump_origins(pages: list[Origins], path: Path) -> None:
    """Write origins as text: a line for each character of a page, tenths of points, sorted."""
    blocks = []
    for page in pages:
        lines = []
        for char, spots in sorted(page.items()):
            numbers = [
                round(10 * value) for x, y in sorted(spots, key=lambda s: (round(10 * s[1]), s[0])) for value in (x, y)
            ]
            lines.append(f"{json.dumps(char)}: {json.dumps(numbers, separators=(',', ':'))}")
        blocks.append("{" + ",\n".join(lines) + "}")
    path.write_text("[" + ",\n".join(blocks) + "]\n", encoding="utf-8")


def load_origins(path: Path) -> list[Origins]:
    """What `dump_origins` wrote."""
    pages = json.loads(path.read_text(encoding="utf-8"))
    return [
        {char: [(n[i] / 10, n[i + 1] / 10) for i in range(0, len(n), 2)] for char, n in page.items()} for page in pages
    ]


_STYLES = "italic|oblique|condensed|thin|extra|ultra|semi|light|medium|bold|black|regular|roman|book"


def font_names(pdf: Path) -> set[str]:
    """The fonts of a PDF: family and styles, without subset tags and with each word once; fontconfig repeats some."""
    names = set()
    with pikepdf.open(pdf) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/BaseFont" in item:
                name = re.sub("[^a-z0-9]", "", str(item.BaseFont).partition("+")[2].lower()).replace("ultra", "extra")
                styles = {*re.findall(_STYLES, name)} - {"regular", "roman", "book"}
                names.add(" ".join([re.sub(_STYLES, "", name), *sorted(styles)]))
    return names
