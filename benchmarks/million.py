"""`make million`: TPC-H orders as invoices, into packs on a real S3 server, with a Delta manifest; then verified.

In: a scale factor (1 is 1,500,000 invoices). Out: wall time from submit to committed, CPU by kind, memory and documents
per second over time, as a table, `million.json` and `million.svg`. `--write` keeps the table in docs/scale.md.

The target is 25 minutes for 1,500,000 on 2 cores: 2 ms of CPU a document, everything included: Spark, rendering, S3
client, S3 server, manifest.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from benchmarks import timeline
from benchmarks.end_to_end import BUCKET, KEY, SECRET, running_s3_server, server_program
from benchmarks.marked import write_between
from benchmarks.sampling import CPU_KINDS, Sample, Sampler
from benchmarks.tpch import CACHE, ROOT, TABLES, generate
from spark_pdf.layout.generation import flow

HERE = Path(__file__).parent
SCALE_PAGE = ROOT / "docs" / "scale.md"
ORDERS = 1_500_000
TARGET_SECONDS = 25 * 60

_STORED = 17_000  # bytes on the server's disk for a document in a pack, with its part of the manifest
_STORED_ALONE = 21_000  # as an object of its own: whole blocks of 4 KiB, an inode, its attributes
_SCRATCH = 3_000  # source, Spark's shuffle files, parts that wait to be put together
_SPARE = 2 << 30
_POINTS = 150  # of the timeline that is kept
_KINDS = {
    "spark": "Spark's JVM: scan, join, shuffle, Arrow",
    "render": "Python workers: records to PDF, hashes, packs, task manifests",
    "upload": "S3 client: signing, sending",
    "driver": "driver: preflight, plan, commit",
    "store": "S3 server",
}


@dataclass(frozen=True)
class Million:
    """One run. `seconds` are from submit to committed, `verify_seconds` come after; `cpu` is of the run alone."""

    machine: str
    cores: int
    layout: str
    documents: int
    failed: int
    pages: int
    bytes: int
    seconds: float
    verify_seconds: float
    verified: int
    cpu: dict[str, float]
    render_cpu: float
    peak: dict[str, float]
    phases: dict[str, float]
    samples: list[Sample]

    @property
    def rate(self) -> float:
        """Documents per second, start of Spark and commit included."""
        return self.documents / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU ms per document, of all processes."""
        return 1000 * sum(self.cpu.values()) / self.documents


def main() -> None:
    """Check the disk, generate, run, verify, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="TPC-H scale factor; 1 is 1,500,000 invoices")
    parser.add_argument("--layout", choices=("packs", "objects"), default="packs")
    parser.add_argument("--folder", type=Path, help="where the S3 server keeps its files (default: in the cache)")
    parser.add_argument("--master", help="spark.master; default: all cores of this machine")
    parser.add_argument("--set", action="append", default=[], dest="sets", help="a further setting of the run")
    parser.add_argument("--hours", type=float, default=2.0, help="give up then")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/scale.md and benchmarks/")
    arguments = parser.parse_args()
    documents = round(ORDERS * arguments.scale)
    base = arguments.folder or CACHE / "million"
    base.mkdir(parents=True, exist_ok=True)
    check_disk(base, documents, arguments.layout)
    server_program()
    if not flow.__file__.endswith(".so"):
        say("the hot modules are not compiled: `make compile` halves the time of each document")
    sets = [*arguments.sets, *([f"spark.master={arguments.master}"] if arguments.master else [])]
    with tempfile.TemporaryDirectory(prefix="run-", dir=base) as folder:
        found = measure(arguments.scale, arguments.layout, Path(folder), sets, arguments.hours * 3600)
    print(table(found))
    if arguments.write:
        keep(found)


def check_disk(folder: Path, documents: int, layout: str) -> None:
    """Raises `SystemExit` with one sentence if there is not enough space."""
    each = (_STORED if layout == "packs" else _STORED_ALONE) + _SCRATCH
    needed = documents * each + _SPARE
    free = shutil.disk_usage(folder).free
    say(f"{documents:,} invoices need about {needed / 1e9:.0f} GB on {folder}; {free / 1e9:.0f} GB are free")
    if free < needed:
        raise SystemExit(
            f"benchmarks: {documents:,} invoices need {needed / 1e9:.0f} GB and {folder} has {free / 1e9:.0f} GB free: "
            "name another place with --folder, or a smaller --scale"
        )


def measure(scale: float, layout: str, folder: Path, sets: Sequence[str], deadline: float) -> Million:
    """One run on a server of its own, which ends with it."""
    say("source")
    data = generate(scale)
    with running_s3_server(folder / "s3") as (endpoint, server):
        settings = [f"source.views.{name}.path={data / name}.parquet" for name in TABLES]
        settings += [f"output.uri=s3://{BUCKET}/invoices", f"output.layout={layout}", "manifest={format: delta}"]
        options = {"endpoint": endpoint, "region": "us-east-1", "path_style": True}
        options |= {"access_key_id": f"env:{KEY}", "secret_access_key": f"env:{SECRET}"}
        settings += [f"stores={json.dumps({f's3://{BUCKET}': options})}", *sets]
        run = _Command("run", settings, "million", folder)
        watch = _tasks(folder / "s3" / BUCKET / "invoices" / "_runs" / "million" / "tasks", run)
        sampler = Sampler(psutil.Process(run.process.pid), server, watch)
        seconds = run.wait(sampler, deadline)
        result = json.loads(run.output())
        say(f"committed after {seconds:.0f} s; verifying")
        check = _Command("verify", settings, "million", folder)
        verify_seconds = check.wait(Sampler(psutil.Process(check.process.pid)), deadline)
        verified = json.loads(check.output())
        rendering = _rendering_seconds(settings)
    return _summary(layout, result, seconds, verified, verify_seconds, rendering, sampler, run.phases)


class _Command:
    """A `spark-pdf` process: its output in files, its progress with the time at which it was said."""

    def __init__(self, name: str, settings: Sequence[str], run_id: str, folder: Path) -> None:
        program = str(Path(sys.executable).parent / "spark-pdf")
        command = [program, name, "conf/invoices.yaml", "--run-id", run_id, "--output", "json"]
        command += [part for setting in settings for part in ("--set", setting)]
        self.name, self.records, self.tasks = name, 0, 0
        self.phases: dict[str, float] = {}
        self._said: list[str] = []
        self._out: IO[bytes] = (folder / f"{name}.json").open("w+b")
        scratch = folder / "scratch"
        scratch.mkdir(exist_ok=True)
        environment = {**os.environ, "SPARK_LOCAL_DIRS": str(scratch), "TMPDIR": str(scratch)}
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self._out, stderr=subprocess.PIPE, env=environment, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.append(line)
            words = line.replace(",", "").split()
            if words[1:3] == ["records", "in"] and len(words) > 3:
                self.records, self.tasks = int(words[0]), int(words[3])
            for begin, phase in _PHASES.items():
                if line.startswith(begin):
                    self.phases[phase] = time.monotonic() - self._began

    def wait(self, sampler: Sampler, deadline: float) -> float:
        """Sample until it ends; its wall seconds. What does not end in time is ended, and nothing else."""
        try:
            sampler.watch(lambda: self.process.poll() is None, 1.0, deadline)
        except BaseException:
            self.process.terminate()
            self.process.wait(60)
            raise
        seconds = time.monotonic() - self._began
        self._reader.join(10)
        if self.process.returncode:
            raise SystemExit(f"benchmarks: spark-pdf {self.name} failed:\n{''.join(self._said[-20:])}")
        return seconds

    def output(self) -> str:
        """What it printed."""
        self._out.seek(0)
        return self._out.read().decode()


_PHASES = {"rendering a few": "preflight", "counting": "measure", "rendering\n": "render", "committing": "commit"}
"""How progress on stderr begins, and which phase that is."""


def _tasks(folder: Path, run: _Command) -> Any:
    """Documents of the tasks that have ended: names in one folder of the server's disk, asked behind its back."""

    def documents() -> int:
        ended = len(os.listdir(folder)) if folder.is_dir() else 0
        return run.records * ended // run.tasks if run.tasks else 0

    return documents


def _rendering_seconds(settings: Sequence[str]) -> float:
    """CPU seconds of template, layout and PDF alone, as the manifest has them for each document."""
    import pyarrow.compute as pc

    from spark_pdf.config import load_config
    from spark_pdf.manifest.table import open_table

    manifest = open_table(load_config([ROOT / "conf" / "invoices.yaml"], list(settings)))
    return sum(pc.sum(batch["render_ms"]).as_py() or 0.0 for batch in manifest.scan(["render_ms"])) / 1000


def _summary(
    layout: str,
    result: dict[str, Any],
    seconds: float,
    verified: dict[str, Any],
    verify_seconds: float,
    rendering: float,
    sampler: Sampler,
    phases: dict[str, float],
) -> Million:
    if not verified["ok"] or verified["rows"] != result["documents"] + result["failed"]:
        raise SystemExit(f"benchmarks: verify found {verified['counts']}")
    samples = sampler.samples
    peak = {kind: max(s.memory[kind] for s in samples) for kind in samples[0].memory}
    return Million(
        machine=_machine(),
        cores=os.cpu_count() or 1,
        layout=layout,
        documents=result["documents"],
        failed=result["failed"],
        pages=result["pages"],
        bytes=result["bytes"],
        seconds=seconds,
        verify_seconds=verify_seconds,
        verified=verified["documents"],
        cpu=samples[-1].cpu,
        render_cpu=rendering,
        peak=peak,
        phases=phases,
        samples=_thinned(samples),
    )


def _machine() -> str:
    compiled = "compiled" if flow.__file__.endswith(".so") else "pure Python"
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, {compiled}"


def _thinned(samples: list[Sample]) -> list[Sample]:
    step = -(-len(samples) // _POINTS)
    kept = samples[::step]
    return kept if kept[-1] is samples[-1] else [*kept, samples[-1]]


def table(m: Million) -> str:
    """The figures as Markdown."""
    minutes, rest = divmod(round(m.seconds), 60)
    lines = [
        f"| {m.documents:,} invoices in {m.layout} | |",
        "| --- | --- |",
        f"| machine | {m.machine} |",
        f"| submit to committed | {minutes}:{rest:02d} min, {m.rate:,.0f} documents/s |",
        f"| failures | {m.failed} |",
        f"| stored | {m.bytes / 1e9:.1f} GB, {m.bytes / m.documents / 1000:.1f} KB a document |",
        f"| verify: counts, uniqueness, existence, a sample of hashes | {m.verify_seconds:.0f} s, nothing wrong |",
        f"| CPU a document, all processes | {m.cpu_ms:.2f} ms |",
    ]
    for kind, what in _KINDS.items():
        lines.append(f"| &ensp;{what} | {1000 * m.cpu[kind] / m.documents:.3f} ms |")
    lines.append(f"| &ensp;of which template, layout and PDF | {1000 * m.render_cpu / m.documents:.3f} ms |")
    half, full = _memory_before(m, 0.5), _memory_before(m, 1.0)
    lines.append(
        f"| largest Python worker, half-way and at the end | {half['worker']:.0f} and {full['worker']:.0f} MiB |"
    )
    driver = f"{half['driver']:.0f}, {full['driver']:.0f} and {m.peak['driver']:.0f} MiB"
    lines.append(f"| driver's Python, half-way, at the end, and at most, as it commits | {driver} |")
    lines.append(f"| JVM, at most | {m.peak['spark']:.0f} MiB |")
    return "\n".join(lines)


def _memory_before(m: Million, share: float) -> dict[str, float]:
    """What was resident before this share of the documents was done, and the workers still there."""
    done = [s for s in m.samples if s.documents < share * m.documents and s.memory["worker"]]
    return (done or m.samples)[-1].memory


def keep(m: Million) -> None:
    """JSON and plot of packs beside this module; a table of each layout in docs/scale.md."""
    name = "million" if m.layout == "packs" else "million-objects"
    (HERE / f"{name}.json").write_text(json.dumps(_rounded(dataclasses.asdict(m))) + "\n")
    (HERE / f"{name}.svg").write_text(timeline.plot(m.samples, m.phases, CPU_KINDS, m.cores))
    write_between(SCALE_PAGE, name, table(m))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


def say(what: str) -> None:
    """Progress, apart from results."""
    print(f"benchmarks: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
