"""Documents per second from a table to a committed, verifiable run: Spark, store and manifest included.

In: a scale factor. Out: wall and CPU seconds of whole `spark-pdf run` processes with all their children, by store and
layout. What Spark, store and manifest add to a document is the CPU of the whole run, less its fixed costs (a run over
a tenth of the records), less what rendering itself took in the workers.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.tpch import CACHE, ROOT, TABLES, generate
from spark_pdf.config import load_config
from spark_pdf.manifest.table import open_table

KEY, SECRET = "SPARK_PDF_BENCH_KEY", "SPARK_PDF_BENCH_SECRET"
BUCKET = "bench"


@dataclass(frozen=True)
class EndToEnd:
    """One run. `render_cpu` is what the workers spent on rendering, `cpu` what all processes of the run spent."""

    store: str
    layout: str
    documents: int
    wall: float
    cpu: float
    render_cpu: float

    @property
    def rate(self) -> float:
        """Documents per second of wall time, start of Spark included."""
        return self.documents / self.wall


def server_program() -> str:
    """versitygw, as `make` says, on PATH, or where an earlier `make` left it. Raises `SystemExit` if there is none."""
    built = sorted((CACHE / "bin").glob("versitygw-*"))
    program = os.environ.get("SPARK_PDF_VERSITYGW") or shutil.which("versitygw") or (str(built[-1]) if built else "")
    if not program:
        raise SystemExit("benchmarks: versitygw, the S3 server, is missing; `make bench` installs it")
    return program


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """versitygw on loopback; yields its endpoint."""
    with running_s3_server(folder) as (endpoint, _):
        yield endpoint


@contextlib.contextmanager
def running_s3_server(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """versitygw on loopback; yields its endpoint and process."""
    program = server_program()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ[KEY], os.environ[SECRET] = secrets.token_hex(8), secrets.token_hex(20)
    environment = {**os.environ, "ROOT_ACCESS_KEY": os.environ[KEY], "ROOT_SECRET_KEY": os.environ[SECRET]}
    (folder / BUCKET).mkdir(parents=True)
    command = [program, "--port", f"127.0.0.1:{port}", "--quiet", "posix", str(folder)]
    server = subprocess.Popen(command, env=environment)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def one(scale: float, store: str, layout: str, output: str, endpoint: str = "", limit: int = 0) -> EndToEnd:
    """One `spark-pdf run` of conf/invoices.yaml in a process of its own."""
    data = generate(scale)
    sets = [f"source.views.{table}.path={data / table}.parquet" for table in TABLES]
    sets += [f"output.uri={output}", f"output.layout={layout}", "manifest={format: parquet}"]
    if endpoint:
        store_options = {"endpoint": endpoint, "region": "us-east-1", "path_style": True}
        store_options |= {"access_key_id": f"env:{KEY}", "secret_access_key": f"env:{SECRET}"}
        sets.append(f"stores={json.dumps({f's3://{BUCKET}': store_options})}")
    command = [str(Path(sys.executable).parent / "spark-pdf"), "run", "conf/invoices.yaml", "--output", "json"]
    command += [part for setting in sets for part in ("--set", setting)]
    command += ["--limit", str(limit)] if limit else []
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=errors)
        cpu = tree_cpu(process)
        wall = time.monotonic() - began
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise SystemExit(f"benchmarks: a run failed:\n{errors.read().decode()}")
        result = json.loads(out.read())
    return EndToEnd(store, layout, result["documents"], wall, cpu, rendering_seconds(sets, result["run_id"]))


def tree_cpu(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a process and all below it, until it ends. Asked twice a second: the JVM and Spark's workers are
    nobody's waited-for children, so the kernel adds them up for no one.
    """
    seen: dict[tuple[int, float], float] = {}
    root = psutil.Process(process.pid)
    while process.poll() is None:
        for one_process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = one_process.cpu_times()
                seen[one_process.pid, one_process.create_time()] = times.user + times.system
        time.sleep(0.5)
    return sum(seen.values())


def rendering_seconds(sets: list[str], run_id: str) -> float:
    """CPU seconds of rendering, as the manifest has them for each document."""
    table = open_table(load_config([ROOT / "conf" / "invoices.yaml"], sets))
    return sum(sum(batch["render_ms"].to_pylist()) for batch in table.scan(["render_ms"], run_id=run_id)) / 1000


def run(quick: bool) -> list[EndToEnd]:
    """Local packs, S3 packs and objects at scale 0.01, start of Spark included; S3 packs at scale 0.1 too."""
    with tempfile.TemporaryDirectory(prefix="spark-pdf-bench-") as folder:
        root = Path(folder)
        found = [one(0.01, "local files", "packs", str(root / "local"))]
        with s3_server(root / "s3") as endpoint:
            found.append(one(0.01, "S3", "objects", f"s3://{BUCKET}/objects", endpoint))
            found.append(one(0.01, "S3", "packs", f"s3://{BUCKET}/few", endpoint))
            if not quick:
                found.append(one(0.1, "S3", "packs", f"s3://{BUCKET}/many", endpoint))
        return found


def overhead_ms(runs: list[EndToEnd]) -> float | None:
    """CPU ms per document that Spark, store and manifest add in packs, from two sizes on the same store."""
    packs = sorted((r for r in runs if r.store == "S3" and r.layout == "packs"), key=lambda r: r.documents)
    if len(packs) < 2 or packs[0].documents == packs[-1].documents:
        return None
    few, many = packs[0], packs[-1]
    extra = (many.cpu - many.render_cpu) - (few.cpu - few.render_cpu)
    return extra * 1000 / (many.documents - few.documents)
