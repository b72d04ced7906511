"""What a row of a table costs as the table grows: it has to stay the same (automatic column widths)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import Limits
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.render.collecting import collector_held_back
from spark_pdf.template.bundle import Bundle

HEAD = (
    "<style>table { border-collapse: collapse } td, th { padding: 2pt; border-bottom: 0.5pt solid }</style><table>"
    "<thead><tr><th>No<th>Text<th>Amount</thead>"
)


def row(number: int) -> tuple[int, str, str]:
    """The cells of a row; no two rows are alike, whatever the table."""
    return number, f"line {number * 7919 % 1000003}", f"{number * 31 % 99991}.{number % 100:02d}"


@dataclass(frozen=True)
class Growth:
    """CPU µs per row of a table of so many rows, from HTML to PDF."""

    rows: int
    us: float


def run(quick: bool) -> list[Growth]:
    """200 rows, many times over, and 20,000 and 60,000 at one go. One document of 200 warms up for all of them, so a
    long table also pays for the memory that it is the first to ask for.
    """
    limits = Limits(pages_per_document=5000, bytes_per_document=1 << 30)
    layout, pdf = LayoutEngine(Bundle.load({"template.html": b""}), limits=limits), PdfEngine()
    _cpu(layout, pdf, limits, 0, 200)
    found = []
    for rows in (200, 2_000) if quick else (200, 20_000, 60_000):
        times = max(20_000 // rows, 1)
        total = sum(_cpu(layout, pdf, limits, turn * rows, rows) for turn in range(1, times + 1))
        found.append(Growth(rows, total * 1e6 / (rows * times)))
    return found


def _cpu(layout: LayoutEngine, pdf: PdfEngine, limits: Limits, first: int, rows: int) -> float:
    """CPU seconds of one document, from HTML to PDF."""
    cells = [row(number) for number in range(first, first + rows)]
    html = HEAD + "".join(f"<tr><td>{n}<td>{text}<td>{amount}" for n, text, amount in cells)
    began = time.process_time()
    with collector_held_back():
        laid_out = layout.lay_out(html)
        pdf.write(laid_out, limits=limits)
        laid_out.unlink()
        del laid_out
    return time.process_time() - began
