"""Records to measure with: TPC-H orders and customers by tpchgen-cli, kept in the cache outside the tree.

In: a scale factor. Out: Parquet files, and configs of the local engine over them whose records are invoices or
statements.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from spark_pdf.config import Config, load_config
from spark_pdf.engines.local.source import LocalRecordSource
from spark_pdf.engines.source import ID_COLUMN
from spark_pdf.model import Record

ROOT = Path(__file__).parent.parent
CACHE = Path(os.environ.get("SPARK_PDF_CACHE", Path.home() / ".cache" / "spark-pdf"))
TABLES = ("orders", "lineitem", "customer", "nation", "part")


def generate(scale: float) -> Path:
    """The folder with TPC-H at this scale as Parquet; written once."""
    folder = CACHE / "tpch" / f"{scale:g}"
    if not all((folder / f"{table}.parquet").exists() for table in TABLES):
        folder.mkdir(parents=True, exist_ok=True)
        program = Path(sys.executable).parent / "tpchgen-cli"
        command = [program, "parquet", "--scale-factor", f"{scale:g}", "--output-dir", folder, "--overwrite"]
        subprocess.run([*command, "--tables", ",".join(TABLES)], check=True, stdout=sys.stderr)
    return folder


def config(kind: str, scale: float, sets: tuple[str, ...] = ()) -> Config:
    """`conf/<kind>-local.yaml` over generated data. `kind`: invoices or statements."""
    folder = generate(scale)
    views = tuple(f"source.views.{table}.path={folder / table}.parquet" for table in TABLES)
    known = load_config([ROOT / "conf" / f"{kind}-local.yaml"]).source.views
    used = tuple(view for table, view in zip(TABLES, views, strict=True) if table in known)
    return load_config([ROOT / "conf" / f"{kind}-local.yaml"], (*used, *sets))


def records(kind: str, count: int, scale: float = 0.01) -> list[tuple[str, Record]]:
    """The first `count` records of a kind, each with its id."""
    source = LocalRecordSource(config(kind, scale), "bench")
    try:
        found: list[dict[str, Any]] = [dict(record) for record in source.sample(count)]
    finally:
        source.close()
    return [(str(record.pop(ID_COLUMN)), record) for record in found]
