"""Ours and the others in turns: CPU ms and bytes per document and page, and how many times slower each is than ours.

    python -m benchmarks.peers.compare [--rounds 5] [--only ours reportlab]

Every document is one that nobody has seen; CPU time is that of the process, all threads of it.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pikepdf

from benchmarks.peers import data

FONTS = Path("/usr/share/fonts/truetype/dejavu")
"""Debian's fonts-dejavu-core, which `make bench` installs."""

Render = Callable[[list[dict[str, Any]]], list[bytes]]


@dataclass(frozen=True)
class Peer:
    """Figures of one renderer for one kind of document. `ratio`: its CPU per page over ours, in the same rounds."""

    name: str
    kind: str
    ms: float
    page_ms: float
    bytes: float
    pages: float
    ratio: float


def _each(render: Callable[[dict[str, Any]], bytes]) -> Render:
    return lambda records: [render(record) for record in records]


def peers(kind: str, folder: Path) -> dict[str, Render]:
    """A warm renderer by name."""
    from benchmarks.peers import ours, plain_fpdf2, reportlab_, typst_, weasy

    found: dict[str, Render] = {
        "ours": _each(ours.renderer(kind, FONTS, folder)),
        "reportlab": _each(reportlab_.renderer(kind, FONTS, folder)),
        "typst": _each(typst_.renderer(kind, FONTS, folder)),
        "typst, batched": typst_.batch_renderer(kind, FONTS, folder),
        "weasyprint": _each(weasy.renderer(kind, FONTS, folder)),
        "fpdf2": _each(plain_fpdf2.renderer(kind, FONTS, folder)),
    }
    return found


_PER_ROUND = {
    "invoice": {"ours": 200, "reportlab": 40, "typst": 40, "typst, batched": 50, "weasyprint": 4, "fpdf2": 3},
    "statement": {"ours": 10, "reportlab": 5, "typst": 5, "typst, batched": 10, "weasyprint": 1, "fpdf2": 1},
}
_WARM = {"invoice": 1000, "statement": 30}


def compare(kind: str, rounds: int, only: list[str] | None = None) -> list[Peer]:
    """Medians over rounds, in which each renderer gets documents of its own."""
    if not FONTS.is_dir():
        raise SystemExit(f"benchmarks: no DejaVu fonts in {FONTS} (Debian: apt-get install fonts-dejavu-core)")
    with tempfile.TemporaryDirectory() as folder:
        renderers = {k: v for k, v in peers(kind, Path(folder)).items() if not only or k in only}
        return _measured(kind, renderers, rounds)


def _measured(kind: str, renderers: dict[str, Render], rounds: int) -> list[Peer]:
    counts = _PER_ROUND[kind]
    times: dict[str, list[float]] = {name: [] for name in renderers}
    sizes: dict[str, list[int]] = {name: [] for name in renderers}
    pages: dict[str, list[int]] = {name: [] for name in renderers}
    for name, render in renderers.items():
        render(data.records(kind, _WARM[kind] if name == "ours" else max(counts[name] // 4, 1), 0))
    for number in range(1, rounds + 1):
        records = data.records(kind, max(counts.values()), number)
        for name, render in renderers.items():
            batch = records[: counts[name]]
            began = time.process_time()
            made = render(batch)
            spent = (time.process_time() - began) * 1000
            found = [len(pikepdf.open(io.BytesIO(pdf)).pages) for pdf in made]
            times[name].append(spent / sum(found))
            sizes[name] += map(len, made)
            pages[name] += found
    return [_figures(name, kind, times, sizes[name], pages[name]) for name in renderers]


def _figures(name: str, kind: str, times: dict[str, list[float]], sizes: list[int], pages: list[int]) -> Peer:
    page_ms, per_document = statistics.median(times[name]), statistics.mean(pages)
    own = times.get("ours", times[name])
    ratio = statistics.median(a / b for a, b in zip(times[name], own, strict=True))
    return Peer(name, kind, page_ms * per_document, page_ms, statistics.mean(sizes), per_document, ratio)


def table(found: list[Peer]) -> str:
    """As Markdown."""
    lines = [
        "| renderer | document | CPU ms | CPU ms a page | bytes | pages | times ours |",
        "|---|---|---|---|---|---|---|",
    ]
    for p in found:
        lines.append(
            f"| {p.name} | {p.kind} | {p.ms:.2f} | {p.page_ms:.2f} | {p.bytes / 1000:.1f} k | {p.pages:.1f} "
            f"| {p.ratio:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.compare", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", help="these renderers")
    parser.add_argument("--kind", choices=("invoice", "statement"), action="append")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = [
        p
        for kind in arguments.kind or ("invoice", "statement")
        for p in compare(kind, arguments.rounds, arguments.only)
    ]
    print(json.dumps([asdict(p) for p in found], indent=1) if arguments.json else table(found))


if __name__ == "__main__":
    main()
