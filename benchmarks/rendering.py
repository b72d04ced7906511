"""CPU time and bytes of one document: template, layout and PDF, in one warm process, on records that it has not seen.

`warm`: so many documents first, so that faces are loaded and common words are known, as in any worker after a second or
two. The first of a template also cost more because they are looked through for what they have in common
(`layout/html/sharing.py`, `recipes.py`). The measured records are other ones; their new words, numbers and names are
shaped as they come.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from benchmarks.tpch import ROOT, records
from spark_pdf import Template


@dataclass(frozen=True)
class Rendering:
    """Medians over rounds. `ms` is CPU time per document, `page_ms` per page, `bytes` per document."""

    kind: str
    documents: int
    pages: float
    ms: float
    page_ms: float
    bytes: float


def measure(kind: str, bundle: str, warm: int, rounds: int, per_round: int, scale: float = 0.02) -> Rendering:
    """Render `warm` documents, then `rounds` times `per_round` others."""
    template = Template.load(ROOT / "examples" / bundle)
    found = [record for _, record in records(kind, warm + rounds * per_round, scale)]
    for record in found[:warm]:
        template.render(record)
    times, sizes, pages = [], [], []
    for start in range(warm, len(found) - per_round + 1, per_round):
        batch = found[start : start + per_round]
        began = time.process_time()
        made = [template.render(record) for record in batch]
        times.append((time.process_time() - began) * 1000 / len(batch))
        sizes += [len(rendition.pdf) for rendition in made]
        pages += [rendition.pages for rendition in made]
    ms, per_document = statistics.median(times), statistics.mean(pages)
    return Rendering(kind, len(sizes), per_document, ms, ms / per_document, statistics.mean(sizes))


def run(quick: bool) -> list[Rendering]:
    """Invoices and statements."""
    rounds = 3 if quick else 9
    statements = measure("statements", "statement", 60, rounds, 10, scale=0.1)
    return [measure("invoices", "invoice", 1000, rounds, 300), statements]
