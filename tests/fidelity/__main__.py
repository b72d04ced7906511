"""The corpus rendered by us and by WeasyPrint, compared; a report with pictures; references and scores blessed.

    python -m tests.fidelity [CASE ...] [--out FOLDER] [--bless] [--dpi 72]

`--bless` stores WeasyPrint's glyph origins as references, and raises scores.json to what is reached now. Needs the
`bench` group (WeasyPrint) and poppler. Ends with 1 if a case is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from spark_pdf.errors import SparkPdfError
from tests.fidelity.cases import LEAST, MEAN, SCORES, Case, all_cases
from tests.fidelity.metric import compare, dump_origins, font_names, glyph_origins
from tests.fidelity.reference import render_references
from tests.fidelity.report import contact_sheet, page_pictures, write_index


def _examine(case: Case, out: Path, dpi: int, bless: bool) -> dict[str, object]:
    """One case: our document beside the reference's, which is there already."""
    ours, reference = out / f"{case.name}.ours.pdf", out / f"{case.name}.reference.pdf"
    row: dict[str, object] = {"case": case.name, "score": 0.0, "note": case.note, "wrong": ""}
    origins = glyph_origins(reference.read_bytes())
    if bless:
        dump_origins(origins, case.reference)
    try:
        rendition = case.render()
    except SparkPdfError as error:
        return {**row, "wrong": str(error)}
    ours.write_bytes(rendition.pdf)
    found = compare(glyph_origins(rendition.pdf), origins)
    pictures = [page_pictures(pdf, out / "pages" / pdf.stem, dpi) for pdf in (ours, reference)]
    seen = contact_sheet(*pictures, out / f"{case.name}.png")
    fonts = font_names(ours) ^ font_names(reference)
    wrong = [f"{found.pages[0]} pages, the reference has {found.pages[1]}"] if found.pages[0] != found.pages[1] else []
    wrong += [f"fonts differ: {', '.join(sorted(fonts))}"] if fonts else []
    wrong += [f"under {LEAST}"] if found.score < LEAST else []
    return {
        "case": case.name, "score": found.score, "recall": round(found.recall, 4),
        "precision": round(found.precision, 4), "pages": found.pages[0], "pixels that differ": f"{seen:.2%}",
        "warnings": "; ".join(map(str, rendition.warnings)), "note": case.note, "wrong": "; ".join(wrong),
    }  # fmt: skip


def _raise_scores(rows: list[dict[str, object]]) -> None:
    """A score in scores.json goes up by itself, never down."""
    scores = json.loads(SCORES.read_text(encoding="utf-8")) if SCORES.exists() else {}
    for row in rows:
        scores[row["case"]] = max(row["score"], scores.get(row["case"], 0))
    SCORES.write_text(json.dumps(dict(sorted(scores.items())), indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "spark-pdf-fidelity")
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("--dpi", type=int, default=72)
    options = parser.parse_args(arguments)
    cases = [Case(name) for name in options.cases] or all_cases()
    out: Path = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    jobs = [(case.folder, case.html(), out / f"{case.name}.reference.pdf") for case in cases]
    render_references(jobs, out / "fontconfig")
    rows = []
    for case in cases:
        rows.append(_examine(case, out, options.dpi, options.bless))
        row = rows[-1]
        print(f"{row['score']:.4f}  {row['case']:24} {row.get('pixels that differ', '')}  {row['wrong']}", flush=True)
        if row.get("warnings"):
            print(f"        warnings: {str(row['warnings'])[:1500]}")
    if options.bless:
        _raise_scores(rows)
    mean = sum(float(str(row["score"])) for row in rows) / len(rows)
    write_index(rows, out / "index.html")
    print(f"{mean:.4f}  mean (at least {MEAN}); report: {out / 'index.html'}")
    return 1 if any(row["wrong"] for row in rows) or mean < MEAN else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
