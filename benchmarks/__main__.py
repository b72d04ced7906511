"""`make bench`: measure, print a table, and with --write keep it in README and benchmarks/results.json.

Single figures vary with the machine: what README claims are figures of one run on the machine that it names.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import end_to_end, growth, memory, rendering, stages
from benchmarks.marked import write_between
from benchmarks.peers import compare
from spark_pdf.layout.generation import flow

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
PARTS = ("peers", "stages", "growth", "rendering", "end-to-end", "memory")


def main() -> None:
    """Parse arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller runs: minutes become seconds, figures rougher")
    parser.add_argument("--only", choices=PARTS, action="append", help="just this part")
    parser.add_argument("--write", action="store_true", help="keep the figures in README and benchmarks/results.json")
    arguments = parser.parse_args()
    if arguments.write and arguments.quick:
        parser.error("--write keeps no rough figures")
    if "end-to-end" in (arguments.only or PARTS):
        end_to_end.server_program()  # rather now than after minutes
    results = measure(arguments.only or PARTS, arguments.quick)
    print(format_table(results))
    if arguments.write:
        kept = HERE / "results.json"
        # Parts may be measured one by one: each replaces its own figures.
        results = (json.loads(kept.read_text()) if kept.exists() and arguments.only else {}) | results
        kept.write_text(json.dumps(results, indent=1) + "\n")
        # Stages are differences of noisy sums: a help to who works on one, no figure for users.
        write_readme(format_table({part: figures for part, figures in results.items() if part != "stages"}))


def measure(parts: list[str] | tuple[str, ...], quick: bool) -> dict[str, Any]:
    """All figures, as plain JSON."""
    compiled = "compiled" if flow.__file__.endswith(".so") else "pure Python"
    results: dict[str, Any] = {"machine": f"{platform.machine()}, Python {platform.python_version()}, {compiled}"}
    if "peers" in parts:
        say("peers")
        rounds = 2 if quick else 5
        results["peers"] = [
            dataclasses.asdict(p) for kind in ("invoice", "statement") for p in compare.compare(kind, rounds)
        ]
    if "stages" in parts:
        say("stages")
        results["stages"] = [dataclasses.asdict(s) for s in stages.run(quick)]
    if "growth" in parts:
        say("growth")
        results["growth"] = [dataclasses.asdict(g) for g in growth.run(quick)]
    if "rendering" in parts:
        say("rendering")
        results["rendering"] = [dataclasses.asdict(r) for r in rendering.run(quick)]
    if "end-to-end" in parts:
        say("end to end")
        runs = end_to_end.run(quick)
        results["runs"] = [{**dataclasses.asdict(r), "rate": r.rate} for r in runs]
        results["overhead_ms"] = end_to_end.overhead_ms(runs)
    if "memory" in parts:
        say("memory")
        documents = 10_000 if quick else 100_000
        results["memory"] = {"documents": documents, "mib": memory.run(documents)}
        results["rotation"] = {"documents": 2 * documents, "mib": memory.rotation(2 * documents)}
    return results


def say(what: str) -> None:
    """Progress, apart from results."""
    print(f"benchmarks: {what} ...", file=sys.stderr, flush=True)


def format_table(results: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = ["| what | figure |", "|---|---|"]
    for p in results.get("peers", ()):
        lines.append(
            f"| {p['kind']}: {p['name']} | {p['ms']:.2f} ms CPU, {p['page_ms']:.2f} a page, "
            f"{p['bytes'] / 1000:.1f} KB; {p['ratio']:.1f} times ours |"
        )
    for s in results.get("stages", ()):
        what = f"{s['kind']} page, stage {s['name']}"
        lines.append(f"| {what} | {s['ms']:.2f} ms CPU (budget {s['budget']:.2f}) |")
    for g in results.get("growth", ()):
        lines.append(f"| a row of a table of {g['rows']:,} rows | {g['us']:.0f} µs CPU |")
    for r in results.get("rendering", ()):
        what = "an invoice" if r["kind"] == "invoices" else f"a statement of {r['pages']:.1f} pages"
        lines.append(f"| {what}: HTML, CSS, PDF | {r['ms']:.2f} ms CPU, {r['bytes'] / 1000:.1f} KB |")
        if r["kind"] == "statements":
            lines.append(f"| a statement page | {r['page_ms']:.2f} ms CPU |")
    for r in results.get("runs", ()):
        lines.append(
            f"| {r['documents']:,} invoices, {r['store']}, {r['layout']}, start of Spark included "
            f"| {r['wall']:.0f} s, {r['rate']:.0f} documents/s on 2 cores |"
        )
    if results.get("overhead_ms") is not None:
        lines.append(f"| Spark, store and manifest, per document in packs | {results['overhead_ms']:.2f} ms CPU |")
    if "memory" in results:
        seen = results["memory"]["mib"]
        count = results["memory"]["documents"]
        lines.append(
            f"| a worker after {count // 10:,} and {count:,} invoices | {seen[0]:.0f} and {seen[-1]:.0f} MiB |"
        )
    if "rotation" in results:
        seen, count = results["rotation"]["mib"], results["rotation"]["documents"]
        lines.append(
            f"| a worker with ten bundles in turns, after {count // 10:,} and {count:,} invoices "
            f"| {seen[0]:.0f} and {seen[-1]:.0f} MiB |"
        )
    return "\n".join(lines)


def write_readme(table: str) -> None:
    """Put the table between README's markers."""
    write_between(README, "bench", table)


if __name__ == "__main__":
    main()
