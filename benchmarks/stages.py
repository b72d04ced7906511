"""Where a document's time goes: CPU ms per stage, against a budget for each.

A stage's time is that of everything up to its end, less that of everything up to the end of the stage before, on
records alike. So it is measured from outside, compiled or not.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import data, ours
from benchmarks.peers.compare import FONTS
from spark_pdf.layout.dom import unlink
from spark_pdf.layout.html.parsing import parse_html
from spark_pdf.render.collecting import collector_held_back
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

BUDGET = {
    "invoice": {"template": 0.06, "parse": 0.12, "boxes": 0.30, "layout": 0.35, "pdf": 0.75},
    "statement": {"template": 0.08, "parse": 0.20, "boxes": 0.55, "layout": 0.45, "pdf": 0.45},
}
"""CPU ms per page on the machine of `measured` figures in README; a slower machine takes all of them times the same."""


_TURNS = 10


@dataclass(frozen=True)
class Stage:
    """CPU ms per page."""

    kind: str
    name: str
    ms: float
    budget: float


def measure(kind: str, documents: int) -> list[Stage]:
    """All stages of one kind of document, warm."""
    with tempfile.TemporaryDirectory() as folder:
        renderer = Renderer(Bundle.load(str(ours.bundle(kind, FONTS, Path(folder)))))
        for record in data.records(kind, max(documents // 2, 20), 0):
            renderer.render(record)
        stepwise = steps(renderer)
        pages = sum(renderer.render(record).pages for record in data.records(kind, documents, 1))
        ends = dict.fromkeys(stepwise, 0.0)
        # Each step meets records of its own, so that none profits from what the one before it remembered; they take
        # turns, so that a machine that becomes slower makes all of them slower.
        for turn in range(_TURNS):
            for number, (name, step) in enumerate(stepwise.items()):
                records = data.records(kind, documents // _TURNS, 2 + number + turn * len(stepwise))
                began = time.process_time()
                for record in records:
                    with collector_held_back():  # as when all of a document is made
                        step(record)
                ends[name] += (time.process_time() - began) * 1000 / pages
    made, before = [], 0.0
    for name, end in ends.items():
        made.append(Stage(kind, name, end - before, BUDGET[kind][name]))
        before = end
    return made


def steps(renderer: Renderer) -> dict[str, Callable[[dict[str, Any]], object]]:
    """What makes a document up to the end of each stage."""
    bundle, layout = renderer.bundle, renderer._layout

    def parse(record: dict[str, Any]) -> None:
        document = parse_html(bundle.html(record), layout._sharing)
        unlink(document.elements)
        if document.use is not None:
            document.use.end()

    def boxes(record: dict[str, Any]) -> None:
        layout.lay_out(bundle.html(record), bundle.entry).unlink()

    def pages(record: dict[str, Any]) -> None:
        laid_out = layout.lay_out(bundle.html(record), bundle.entry)
        for page in laid_out.pages:
            page.margins(1)
        laid_out.unlink()

    return {
        "template": bundle.html,
        "parse": parse,
        "boxes": boxes,
        "layout": pages,
        "pdf": renderer.render,
    }


def run(quick: bool) -> list[Stage]:
    """Invoices and statements."""
    return [*measure("invoice", 100 if quick else 1000), *measure("statement", 20 if quick else 200)]
