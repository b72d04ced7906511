"""`demo`: TPC-H orders by tpchgen-cli, rendered as invoices, verified, and twelve of them on a contact sheet.

The run's id is made of everything that decides its documents, so a second demo finds them committed and only verifies.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import spark_pdf
from spark_pdf.cli import console
from spark_pdf.cli.progress import RunProgress
from spark_pdf.cli.runs import print_report, print_run
from spark_pdf.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from spark_pdf.config import Config

TABLES = ("orders", "lineitem", "part", "customer", "nation")
SHOWN = 12


def show(scale: float, folder: Path, engine: str, quiet: bool) -> None:
    """Generate, run, verify, look."""
    from spark_pdf.engines.driver import run
    from spark_pdf.manifest.verify import verify

    root = _examples()
    data = generate(root / "data" / ("tpch" if scale == 0.01 else f"tpch-{scale:g}"), scale)
    config = _config(root, data, folder, engine)
    run_id = _run_id(config, scale)
    with RunProgress(quiet=quiet) as progress:
        result = run(config, run_id, progress=progress)
    print_run(config, result, as_json=False)
    print_report(verify(config, run_id, hashes="sample" if result.already_committed else "all"))
    sheet = _sheet(config, run_id, folder)
    first = _first_ids(config, run_id, 1)[0]
    path = "conf/invoices.yaml" if engine == "spark" else "conf/invoices-local.yaml"
    console.result(f"{console.coloured('look', 'green')}: {sheet}")
    console.note(f"one of them:  spark-pdf get {path} --set output.uri={folder} --id {first} -o invoice.pdf")
    console.note(f"your own:     copy {path} and examples/invoice, then spark-pdf run")


def generate(folder: Path, scale: float) -> Path:
    """TPC-H tables as Parquet, written once. A folder that another scale was written to is refused."""
    stamp = folder / ".scale"
    if stamp.exists() and all((folder / f"{table}.parquet").exists() for table in TABLES):
        if float(stamp.read_text()) != scale:
            raise UsageError(f"{folder} holds TPC-H at scale {stamp.read_text()}; remove it")
        return folder
    program = shutil.which("tpchgen-cli", path=str(Path(sys.executable).parent)) or shutil.which("tpchgen-cli")
    if program is None:
        raise UnsupportedError("the demo's orders need tpchgen-cli: pip install 'spark-pdf[demo]'")
    console.note(f"TPC-H at scale {scale:g} -> {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        program,
        "parquet",
        "--scale-factor",
        f"{scale:g}",
        "--output-dir",
        str(folder),
        "--overwrite",
        "--tables",
        ",".join(TABLES),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnsupportedError(f"tpchgen-cli failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    stamp.write_text(f"{scale:g}")
    return folder


def _examples() -> Path:
    """The folder that has conf/ and examples/: this one, or the source tree."""
    for root in (Path.cwd(), Path(spark_pdf.__file__).parent.parent):
        if (root / "conf" / "invoices.yaml").exists() and (root / "examples" / "invoice").is_dir():
            return root
    raise UsageError("the demo runs in a clone of the project, which has conf/ and examples/; here is neither")


def _config(root: Path, data: Path, folder: Path, engine: str) -> Config:
    from spark_pdf.config import load_config

    views = [f"source.views.{table}.path={data / table}.parquet" for table in TABLES]
    places = [f"template={root / 'examples' / 'invoice'}", f"output.uri={folder}"]
    name = "invoices.yaml" if engine == "spark" else "invoices-local.yaml"
    return load_config([root / "conf" / name], [*views, *places])


def _run_id(config: Config, scale: float) -> str:
    from spark_pdf.render.version import renderer_version
    from spark_pdf.template.bundle import Bundle

    pinned = "\0".join((config.pinned_hash(), Bundle.load(config.template).hash, renderer_version()))
    return f"demo-{scale:g}-{hashlib.sha256(pinned.encode()).hexdigest()[:8]}"


def _sheet(config: Config, run_id: str, folder: Path) -> Path:
    from spark_pdf.manifest.table import open_table
    from spark_pdf.store.documents import read_document

    target = folder / f"{run_id}.png"
    if target.exists():
        return target
    try:
        from spark_pdf.cli.sheet import contact_sheet
    except ModuleNotFoundError as error:
        raise UnsupportedError(f"the contact sheet needs {error.name}: pip install 'spark-pdf[demo]'") from None
    ids = _first_ids(config, run_id, SHOWN)
    columns = ["document_id", "uri", "offset", "length"]
    rows = [
        row for batch in open_table(config).scan(columns, run_id=run_id, document_ids=ids) for row in batch.to_pylist()
    ]
    rows.sort(key=lambda row: ids.index(row["document_id"]))
    contact_sheet([read_document(row["uri"], row["offset"], row["length"]) for row in rows], target)
    return target


def _first_ids(config: Config, run_id: str, count: int) -> list[str]:
    """The first document ids, by number where they are numbers."""
    from spark_pdf.manifest.table import open_table

    found: list[str] = []
    for batch in open_table(config).scan(["document_id"], run_id=run_id, status="document"):
        found = sorted({*found, *batch["document_id"].to_pylist()}, key=lambda i: (len(i), i))[:count]
    return found
