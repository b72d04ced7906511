"""Where a document's instructions go: counted by callgrind, stage by stage, which a busy machine does not blur.

    python -m benchmarks.instructions [--kinds invoice tpch] [--documents 10] [--profile FOLDER] [--misses]

A warm worker runs below valgrind; each stage meets records of its own, and the part of a stage is what it takes beyond
the stage before (`stages.py`). A call of `getppid`, which nothing else makes, has callgrind write down what it counted
since the last. `--misses` counts how often an instruction was not in a processor's first cache, by valgrind's model of
one (32 KB, lines of 64 bytes, eight ways); it takes five times as long. With `--profile` callgrind's files are kept,
one per stage, for `callgrind_annotate`; the compiled modules have symbols. Needs Debian's valgrind, and 10 to 90
seconds for each kind.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import growth, tpch
from benchmarks.peers import data, ours
from benchmarks.peers.compare import FONTS
from benchmarks.stages import steps
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

ROOT = Path(__file__).parent.parent
KINDS = {"invoice": (64, 32), "statement": (68, 2), "tpch": (64, 32), "rows200": (2, 2), "rows4000": (1, 1)}
"""Documents to warm up with, and documents to count. Each 32nd of a template is looked at more closely than others are
(`layout/html/sharing.py`): of invoices, one in each stage; of statements, none.
"""
_ROWS = growth.HEAD + "{% for row in rows %}<tr><td>{{ row[0] }}<td>{{ row[1] }}<td>{{ row[2] }}{% endfor %}</table>"
STAGES = ("template", "parse", "boxes", "layout", "pdf")
_CACHES = ("--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=1048576,16,64")


def count(kind: str, warm: int, documents: int, folder: Path, misses: bool) -> dict[str, float]:
    """Millions of instructions of each stage, per document; or thousands of misses."""
    event, unit = (3, 1e3) if misses else (0, 1e6)  # callgrind's events are Ir Dr Dw I1mr ...
    kept = folder / f"{kind}.pickle"
    kept.write_bytes(pickle.dumps(_records(kind, warm + len(STAGES) * documents)))
    command = [
        "valgrind", "-q", "--tool=callgrind", *(_CACHES if misses else ()), "--dump-before=getppid",
        f"--callgrind-out-file={folder}/{kind}.out",
        sys.executable, "-m", "benchmarks.instructions", "--child", kind, str(kept), str(documents),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    found, before = {}, 0.0
    for number, stage in enumerate(STAGES):
        dumped = folder / f"{kind}.out.{number + 2}"  # the first one is the warm-up's
        total = re.search(r"^(?:summary|totals): ([\d ]+)", dumped.read_text(), re.MULTILINE)
        ended = int(total[1].split()[event]) / documents / unit if total else 0.0
        found[stage], before = ended - before, ended
        dumped.rename(folder / f"{kind}.{stage}")
    return found


def child(kind: str, kept: Path, documents: int) -> None:
    """What runs below valgrind."""
    made: list[Any] = pickle.loads(kept.read_bytes())
    warm = len(made) - len(STAGES) * documents
    with tempfile.TemporaryDirectory() as folder:
        renderer = Renderer(_bundle(kind, Path(folder)), Limits(pages_per_document=5000))
        work = steps(renderer)
        for record in made[:warm]:
            work["pdf"](record)
        gc.collect()
        gc.disable()
        os.getppid()
        for number, stage in enumerate(STAGES):
            for record in made[warm + number * documents :][:documents]:
                work[stage](record)
            os.getppid()


def _bundle(kind: str, folder: Path) -> Bundle:
    if kind == "tpch":
        return Bundle.load(str(ROOT / "examples" / "invoice"))
    if kind.startswith("rows"):
        return Bundle.load({"template.html": _ROWS.encode()})
    return Bundle.load(str(ours.bundle(kind, FONTS, folder)))


def _records(kind: str, most: int) -> list[Any]:
    if kind == "tpch":
        return [record for _, record in tpch.records("invoices", most, 0.02)]
    if kind.startswith("rows"):
        rows = int(kind[4:])
        return [{"rows": [growth.row(turn * rows + n) for n in range(rows)]} for turn in range(most)]
    return data.records(kind, most, 0)


def main() -> None:
    """Count, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=["invoice", "statement", "tpch"])
    parser.add_argument("--documents", type=int)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--misses", action="store_true", help="of the first instruction cache, in its place")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        kind, kept, documents = arguments.child
        return child(kind, Path(kept), int(documents))
    if shutil.which("valgrind") is None:
        parser.error("this needs valgrind")
    what = "thousands of misses" if arguments.misses else "millions of instructions"
    print(f"| {what} | " + " | ".join(STAGES) + " | sum |")
    print("|---" * (len(STAGES) + 2) + "|")
    for kind in arguments.kinds:
        warm, documents = KINDS[kind]
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.profile or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            found = count(kind, warm, arguments.documents or documents, folder, arguments.misses)
        figures = " | ".join(f"{found[stage]:.2f}" for stage in STAGES)
        print(f"| {kind} | {figures} | {sum(found.values()):.2f} |", flush=True)
    return None


if __name__ == "__main__":
    main()
