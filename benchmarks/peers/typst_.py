"""typst-py: one warm compiler, a record per call by `sys_inputs`; or many records in one call, split by pikepdf."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import typst

from benchmarks.peers.ours import BUNDLE

_SOURCE = """
#let records = json(bytes(sys.inputs.data))
#set text(font: "DejaVu Sans", size: 9pt, fill: rgb("#222222"))
#set par(leading: 0.5em)
#show heading: set text(size: 16pt, weight: "bold")
#let document-of(record) = [
  #counter(page).update(1)
  #image("logo.png", width: 44mm)
  #text(size: 8pt, fill: rgb("#555555"))[#record.seller.name \\ #record.seller.street \\ #record.seller.city]
  #v(6mm)
  #record.buyer.name \\ #record.buyer.street \\ #record.buyer.city
  #v(8mm)
  #heading[#record.kind #record.number]

  Date: #record.date · Customer: #record.customer · Due: #record.due
  #v(4mm)
  #table(
    columns: (auto, 1fr, auto, auto, auto), stroke: none, align: (x, y) => if x == 1 { left } else { right },
    fill: (x, y) => if y == 0 { rgb("#222233") } else if calc.even(y) { rgb("#f0f2f5") },
    table.header(
      ..("Pos.", "Description", "Quantity", "Unit price", "Amount").map(t => text(fill: white, weight: "bold", t))
    ),
    ..for line in record.lines { (line.position, line.text, line.quantity, line.price, line.amount) }
  )
  #align(right, table(
    columns: (30mm, 40mm), stroke: none, align: (x, y) => if x == 0 { left } else { right },
    [Net], record.net, [VAT 19 %], record.vat,
    table.hline(stroke: 1pt + rgb("#222233")), strong[Total], strong(record.total)
  ))
  #text(size: 8pt, fill: rgb("#444444"), record.terms)
  #metadata(none) <end>
]
#set page(paper: "a4", margin: (x: 20mm, top: 18mm, bottom: 22mm), footer: context [
  #set align(center)
  #set text(size: 7.5pt, fill: rgb("#555555"))
  #let ends = query(selector(<end>).after(here()))
  Page #counter(page).display() of #if ends.len() > 0 { counter(page).at(ends.first().location()).first() }
])
#for (index, record) in records.enumerate() { if index > 0 { pagebreak() }; document-of(record) }
"""


def _compiler(kind: str, fonts: Path, folder: Path) -> Any:
    root = folder / f"typst-{kind}"
    root.mkdir(exist_ok=True)
    (root / "document.typ").write_text(_SOURCE)
    shutil.copy(BUNDLE / "logo.png", root)
    return typst.Compiler(str(root / "document.typ"), root=str(root), font_paths=[str(fonts)], ignore_system_fonts=True)


def _compile(compiler: Any, records: list[dict[str, Any]]) -> bytes:
    made: bytes = compiler.compile(format="pdf", sys_inputs={"data": json.dumps(records)})
    return made


def renderer(kind: str, fonts: Path, folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """A warm compiler, a document per call."""
    compiler = _compiler(kind, fonts, folder)
    return lambda record: _compile(compiler, [record])


def batch_renderer(kind: str, fonts: Path, folder: Path) -> Callable[[list[dict[str, Any]]], list[bytes]]:
    """Many documents in one compilation, then a file for each: a new one begins at each entry of the outline."""
    compiler = _compiler(kind, fonts, folder)

    def render(records: list[dict[str, Any]]) -> list[bytes]:
        whole = pikepdf.open(io.BytesIO(_compile(compiler, records)))
        with whole.open_outline() as outline:
            starts = [pikepdf.Page(entry.destination[0]).index for entry in outline.root]
        made = []
        for start, end in zip(starts, [*starts[1:], len(whole.pages)], strict=True):
            part = pikepdf.new()
            part.pages.extend(whole.pages[start:end])
            out = io.BytesIO()
            part.save(out)
            made.append(out.getvalue())
        return made

    return render
