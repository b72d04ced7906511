"""What a run of any size needs: a model fitted to runs of several sizes with 1, 2 and 4 workers.

    python -m benchmarks.scaling [--quick] [--write]

In: CPU seconds by kind of small runs on the S3 server (`benchmarks.million`). Out: a fixed part and a part per document
of each kind, by least squares, and what a million, a hundred million and a billion documents come to: vCPU hours,
requests, storage, money. CPU is what is fitted, not wall time: it does not depend on how many workers share it, which
the fit's error over 1, 2 and 4 workers tests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.marked import write_between
from benchmarks.million import HERE, SCALE_PAGE, measure, say
from benchmarks.sampling import CPU_KINDS
from benchmarks.tpch import CACHE
from spark_pdf.config import Output, Tasks
from spark_pdf.engines.source import BUCKETS
from spark_pdf.store.objects import PART_BYTES

WORKERS, SCALES = (1, 2, 4), (0.005, 0.02, 0.05)
"""Of TPC-H. The JVM compiles its own code for half a minute, so smaller runs say little of a document's part."""

SIZES = (1_000_000, 100_000_000, 1_000_000_000)
VCPUS = 1024
"""Of the cluster that hours are given for: 64 machines of 16 vCPU."""

BUSY = 0.9
"""Share of their time that its vCPUs work: start, stragglers of the last round, machines that are taken away."""


@dataclass(frozen=True)
class Prices:
    """US dollars, list prices of AWS in us-east-1, as docs/scale.md states them."""

    gigabyte_month: float = 0.023
    put: float = 0.005 / 1000
    get: float = 0.0004 / 1000
    on_demand: float = 0.0446
    spot: float = 0.018


@dataclass(frozen=True)
class Run:
    """CPU seconds by kind of one run."""

    workers: int
    documents: int
    bytes: int
    cpu: dict[str, float]


@dataclass(frozen=True)
class Line:
    """CPU seconds: `fixed` a run, and `each` a document. `error` is the mean deviation of what was fitted, a share."""

    fixed: float
    each: float
    error: float

    def seconds(self, documents: int) -> float:
        """Of a run of so many documents."""
        return self.fixed + self.each * documents


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """Least squares of relative deviations, so that small runs count as much as large ones; no part is negative."""
    weights = [1 / max(y, 1e-9) ** 2 for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points, strict=True)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points, strict=True)) / total
    spread = sum(w * (x - mean_x) ** 2 for w, (x, _) in zip(weights, points, strict=True))
    slope = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points, strict=True)) / (spread or 1.0)
    fixed = mean_y - slope * mean_x
    if slope < 0:
        fixed, slope = mean_y, 0.0
    elif fixed < 0:
        squares = sum(w * x * x for w, (x, _) in zip(weights, points, strict=True))
        fixed, slope = 0.0, sum(w * x * y for w, (x, y) in zip(weights, points, strict=True)) / squares
    error = sum(abs(fixed + slope * x - y) / max(y, 1e-9) for x, y in points) / len(points)
    return Line(fixed, slope, error)


def requests(documents: int, each_bytes: float, layout: str) -> int:
    """PUT, POST and multipart requests of a run's tasks: documents and task manifests."""
    tasks = min(-(-documents // Tasks().documents), BUCKETS)
    if layout == "objects":
        return documents + tasks
    task_bytes = documents / tasks * each_bytes
    pack = Output(uri="memory://x").pack_bytes
    whole, rest = divmod(task_bytes, pack)
    # A pack is begun, sent in parts, and completed; one below a part is a plain PUT.
    parts = whole * (2 + -(-pack // PART_BYTES)) + (2 + -(-rest // PART_BYTES) if rest > PART_BYTES else rest > 0)
    return int(tasks * (parts + 1))


def main() -> None:
    """Run, fit, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four runs instead of nine")
    parser.add_argument("--kept", action="store_true", help="fit the runs that were kept; run nothing")
    parser.add_argument("--write", action="store_true", help="keep the runs, and the tables in docs/scale.md")
    arguments = parser.parse_args()
    kept, commit = HERE / "scaling.json", commit_seconds()
    if arguments.kept:
        runs = [Run(**run) for run in json.loads(kept.read_text())]
    else:
        pairs = [(w, s) for w in WORKERS for s in SCALES]
        runs = measure_all([pairs[0], pairs[4], pairs[5], pairs[7]] if arguments.quick else pairs)
    text = tables(runs, Prices(), commit)
    print(text)
    if arguments.write:
        kept.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")
        write_between(SCALE_PAGE, "scaling", text)


def measure_all(pairs: Sequence[tuple[int, float]]) -> list[Run]:
    """One run for each (workers, scale)."""
    base = CACHE / "million"
    base.mkdir(parents=True, exist_ok=True)
    runs = []
    for workers, scale in pairs:
        say(f"{workers} workers, scale {scale:g}")
        with tempfile.TemporaryDirectory(prefix="run-", dir=base) as folder:
            sets = [f"spark.master=local[{workers},4]"]
            found = measure(scale, "packs", Path(folder), sets, 1800)
        runs.append(Run(workers, found.documents, found.bytes, {k: round(v, 2) for k, v in found.cpu.items()}))
    return runs


def commit_seconds() -> float:
    """Seconds of the job commit for each document: what the driver alone does, as the run of `make million` had it."""
    kept = HERE / "million.json"
    if not kept.exists():
        raise SystemExit(
            "benchmarks: the job commit is taken from benchmarks/million.json: `make million ARGS=--write`"
        )
    million = json.loads(kept.read_text())
    return float(million["seconds"] - million["phases"]["commit"]) / million["documents"]


def tables(runs: Sequence[Run], prices: Prices, commit: float) -> str:
    """The fit, then what it comes to."""
    lines = {kind: fit([(run.documents, run.cpu[kind]) for run in runs]) for kind in CPU_KINDS}
    whole = fit([(run.documents, sum(run.cpu.values())) for run in runs])
    rows = [
        f"Fitted to {len(runs)} runs of {min(r.documents for r in runs):,} to {max(r.documents for r in runs):,} "
        f"invoices with {', '.join(map(str, sorted({r.workers for r in runs})))} local workers:",
        "",
        "| CPU | a run, s | a document, ms | mean deviation |",
        "| --- | --- | --- | --- |",
    ]
    for kind, line in (*lines.items(), ("all", whole)):
        rows.append(f"| {kind} | {line.fixed:.1f} | {1000 * line.each:.3f} | {line.error:.0%} |")
    each_bytes = sum(run.bytes for run in runs) / sum(run.documents for run in runs)
    rows += ["", *_extrapolated(lines, each_bytes, prices, commit)]
    return "\n".join(rows)


def _extrapolated(lines: dict[str, Line], each_bytes: float, prices: Prices, commit: float) -> list[str]:
    head = ["| |", "| --- |"]
    rows: dict[str, list[str]] = {}
    for size in SIZES:
        # The store's own CPU is the provider's; the driver's part is the commit, which nothing else can share.
        hours = sum(lines[kind].seconds(size) for kind in ("spark", "render", "upload")) / 3600
        dear, cheap = (hours / BUSY * price for price in (prices.on_demand, prices.spot))
        gigabytes = size * each_bytes / 1e9
        head = [head[0] + f" {size:,} documents |", head[1] + " --- |"]
        for name, value in (
            ("vCPU hours", f"{hours:,.1f}"),
            (f"wall, {VCPUS:,} vCPUs {BUSY:.0%} busy", f"{60 * hours / VCPUS / BUSY:,.1f} min"),
            ("then job commit, by the driver alone", f"{commit * size / 60:,.1f} min"),
            (
                "compute, on demand / spot",
                f"${dear:,.2f} / ${cheap:,.2f}",
            ),
            ("requests, packs", _priced(requests(size, each_bytes, "packs"), prices)),
            ("requests, objects", _priced(requests(size, each_bytes, "objects"), prices)),
            ("objects on one prefix at 3,500 PUT/s", f"{size / 3500 / 60:,.1f} min"),
            ("stored, a month", f"{gigabytes:,.0f} GB, ${gigabytes * prices.gigabyte_month:,.2f}"),
        ):
            rows.setdefault(name, []).append(value)
    return [*head, *(f"| {name} | {' | '.join(values)} |" for name, values in rows.items())]


def _priced(count: int, prices: Prices) -> str:
    return f"{count:,}, ${count * prices.put:,.2f}"


if __name__ == "__main__":
    main()
