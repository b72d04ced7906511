"""A document from its pages: page tree, catalog, information (ISO 32000-1, 7.7), when all content is in the writer.

In: the sheets of a laid-out document and what they share. Out: the file. Objects are put by `PdfWriter`; what they
mean is known here. fpdf2's own assembly, which a `template.py` goes through (`producer.py`), asks for some twenty kinds
of objects that such a document never has, at the price of a tenth of an invoice's PDF.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.pdf.links import Links
from spark_pdf.pdf.metadata import Metadata
from spark_pdf.pdf.outline import Outline
from spark_pdf.pdf.resources import Resources
from spark_pdf.pdf.sheet import Sheet
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, ref

_KIDS = 64
"""Children of a node of the page tree (7.7.3): a viewer finds one page of 20,000 without reading them all."""


def assemble(
    writer: PdfWriter, sheets: list[Sheet], resources: Resources, links: Links, outline: Outline, metadata: Metadata
) -> bytes:
    """The file of a document whose sheets are finished."""
    numbers = [writer.reserve() for _ in sheets]
    links.finish(writer, numbers)
    bookmarks = outline.write(writer, numbers)
    shared = resources.write(writer)
    group = resources.page_group()
    root, parents = _page_tree(writer, numbers)
    for index, sheet in enumerate(sheets):
        writer.put(_page(sheet, parents[index // _KIDS], shared, group), numbers[index])
    catalog = writer.put({
        "Type": "/Catalog",
        "Pages": ref(root),
        "Lang": Text(metadata.language) if metadata.language else None,
        "Outlines": ref(bookmarks) if bookmarks else None,
        "ViewerPreferences": {"DisplayDocTitle": True} if metadata.title else None,
    })  # fmt: skip
    return writer.file(catalog, writer.put(metadata.info()))


def _page(sheet: Sheet, parent: str, resources: str, group: dict[str, str] | None) -> dict[str, Any]:
    streams, annotations = sheet.streams, sheet.annotations
    return {
        "Type": "/Page",
        "Parent": parent,
        "MediaBox": sheet.box,
        "TrimBox": sheet.trim or None,
        "Resources": resources,
        "Group": group,
        "Contents": ref(streams[0]) if len(streams) == 1 else "[" + " ".join(map(ref, streams)) + "]",
        "Annots": "[" + " ".join(map(ref, annotations)) + "]" if annotations else None,
    }


def _page_tree(writer: PdfWriter, pages: list[int]) -> tuple[int, list[str]]:
    """The number of the root, and references to the nodes above the pages, which hold `_KIDS` of them each."""
    levels = [[(number, 1) for number in pages]]
    while len(levels) == 1 or len(levels[-1]) > 1:
        below = levels[-1]
        counts = [sum([count for _, count in below[at : at + _KIDS]]) for at in range(0, len(below), _KIDS)]
        levels.append([(writer.reserve(), count) for count in counts])
    for depth in range(1, len(levels)):
        for index, (number, count) in enumerate(levels[depth]):
            kids = levels[depth - 1][index * _KIDS : (index + 1) * _KIDS]
            parent = ref(levels[depth + 1][index // _KIDS][0]) if depth + 1 < len(levels) else None
            entries = {"Type": "/Pages", "Parent": parent, "Count": count}
            writer.put({**entries, "Kids": "[" + " ".join([ref(kid) for kid, _ in kids]) + "]"}, number)
    return levels[-1][0][0], [ref(number) for number, _ in levels[1]]
