"""What an engine adds to a document: the same invoices by Spark, processes, Ray and Dask on one machine.

python -m benchmarks.engines             print the table
python -m benchmarks.engines --write     keep it in docs/engines.md

In: a number of invoices. Out: for each engine documents per second and CPU of a whole `spark-pdf run` with all its
processes, what a document more costs (against a run over a tenth), and the most memory at a time (PSS: pages that
processes share count once).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.marked import write_between
from benchmarks.tpch import ROOT, TABLES, generate

PAGE = ROOT / "docs" / "engines.md"
ENGINES = {"local": "local", "spark": "Spark, mapInArrow", "ray": "Ray", "dask": "Dask"}
APART = ("ray", "dask")
"""Engines that live in an environment of their own."""


@dataclass(frozen=True)
class Run:
    """One `spark-pdf run`: wall and CPU seconds, MiB."""

    documents: int
    wall: float
    cpu: float
    memory: float


def one(engine: str, documents: int, output: Path) -> Run:
    """Run it in a process of its own."""
    data = generate(0.01)
    config = "conf/invoices.yaml" if engine == "spark" else "conf/invoices-local.yaml"
    sets = [f"source.views.{table}.path={data / table}.parquet" for table in TABLES]
    sets += [f"engine={engine}", f"output.uri={output}", "manifest={format: parquet}"]
    command = [python(engine), "-m", "spark_pdf.cli", "run", config, "--limit", str(documents), "--output", "json"]
    command += [part for setting in sets for part in ("--set", setting)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=errors, env=environment)
        cpu, memory = watch(process)
        wall = time.monotonic() - began
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"benchmarks: {engine} failed:\n{errors.read().decode()}")
        found = json.loads(out.read())
    return Run(found["documents"], wall, cpu, memory)


def python(engine: str) -> str:
    """The Python that has the engine."""
    if engine not in APART:
        return sys.executable
    named = os.environ.get("SPARK_PDF_ENGINES")
    if not named:
        raise SystemExit("benchmarks: Ray and Dask are in an environment of their own: make bench-engines")
    return str(Path(named) / "bin" / "python")


def watch(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """CPU seconds of a process and all below it, and the most MiB that they hold at a time."""
    seen: dict[tuple[int, float], float] = {}
    most = 0.0
    root = psutil.Process(process.pid)
    while process.poll() is None:
        held = 0
        for one_process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = one_process.cpu_times()
                seen[one_process.pid, one_process.create_time()] = times.user + times.system
                held += one_process.memory_full_info().pss
        most = max(most, held / 2**20)
        time.sleep(0.25)
    return sum(seen.values()), most


def table(runs: dict[str, tuple[Run, Run]]) -> str:
    """One row an engine."""
    many = max((pair[1].documents for pair in runs.values()), default=0)
    heads = ("documents/s", "CPU ms a document", "CPU ms of a document more", "most memory, MiB")
    lines = [" | ".join((f"| {many:,} invoices, {os.cpu_count()} cores, start included", *heads)) + " |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for engine, (small, large) in runs.items():
        more = (large.cpu - small.cpu) * 1000 / (large.documents - small.documents)
        cells = (
            ENGINES[engine],
            f"{large.documents / large.wall:.0f}",
            f"{large.cpu * 1000 / large.documents:.2f}",
            f"{more:.2f}",
            f"{large.memory:.0f}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and perhaps keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--only", choices=ENGINES, action="append", help="these engines")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/engines.md")
    asked = parser.parse_args()
    runs: dict[str, tuple[Run, Run]] = {}
    with tempfile.TemporaryDirectory(prefix="spark-pdf-bench-") as folder:
        for engine in asked.only or ENGINES:
            sizes = (asked.documents // 10, asked.documents)
            small, large = (one(engine, size, Path(folder) / f"{engine}-{size}") for size in sizes)
            runs[engine] = small, large
            print(f"{engine}: {large}", file=sys.stderr)
    print(table(runs))
    if asked.write:
        write_between(PAGE, "engines", table(runs))


if __name__ == "__main__":
    main()
