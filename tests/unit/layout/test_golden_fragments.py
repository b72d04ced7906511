"""Fragment dumps as readable text: what a page places, where. `SPARK_PDF_BLESS=1` writes them anew; read the diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.layout.fragments import BoxFragment, EdgeFragment, PaintGroup, TextFragment

GOLDEN = Path(__file__).parents[2] / "golden" / "layout"


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise BundleError(f"{url} is not in the bundle")


def dump(group: PaintGroup, indent: str = "  ") -> list[str]:
    found = []
    for item in group.items:
        if isinstance(item, PaintGroup):
            found += [f"{indent}group opacity={item.opacity:g} clip={item.clip}", *dump(item, indent + "  ")]
            continue
        fragment, x, y = item.fragment, item.x, item.y
        place = f"{indent}{x:8.2f} {y:8.2f} {fragment.width:8.2f}"
        if isinstance(fragment, TextFragment):
            text = "".join(word.text for word in fragment.words)
            found.append(f"{place}          text {text!r}" + (f" space={fragment.space:.2f}" if fragment.space else ""))
            continue
        place += f" {fragment.height:8.2f}"
        if isinstance(fragment, BoxFragment):
            sides = "".join(c for c, s in zip("tb", (fragment.open_top, fragment.open_bottom), strict=True) if s)
            found.append(
                f"{place} box {fragment.node.tag if fragment.node else '-'}" + (f" open={sides}" if sides else "")
            )
        elif isinstance(fragment, EdgeFragment):
            found.append(f"{place} edge {fragment.line}")
        else:
            found.append(f"{place} {type(fragment).__name__}")
    return found


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.html")), ids=lambda path: path.stem)
def test_fragments_are_the_golden_ones(path: Path) -> None:
    engine = LayoutEngine(_Nothing())
    texts = []
    for _ in range(2):  # cold caches, then warm ones
        lines = []
        laid_out = engine.lay_out(path.read_text(encoding="utf-8"))
        for page in laid_out.pages:
            lines.append(f"page {page.number} {page.width:g} x {page.height:g}")
            lines += dump(page.body)
            margins = dump(page.margins(9))
            lines += ["  margin boxes", *margins] if margins else []
            lines += [f"  link {link.target}" for link in page.links]
            lines += [f"  anchor {name} {x:.2f} {y:.2f}" for name, (x, y) in page.anchors.items()]
        lines += [f"warning {warning.code}: {warning.message}" for warning in laid_out.warnings]
        texts.append("\n".join(lines) + "\n")
    assert texts[0] == texts[1]
    golden = path.with_suffix(".txt")
    if os.environ.get("SPARK_PDF_BLESS"):
        golden.write_text(texts[0], encoding="utf-8")
    assert texts[0] == golden.read_text(encoding="utf-8")


def test_there_are_golden_documents() -> None:
    assert len(list(GOLDEN.glob("*.html"))) >= 4
