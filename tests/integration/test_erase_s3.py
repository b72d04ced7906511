"""Erasing on a real S3 server: packs are rewritten by multipart uploads, tables by their own transactions."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from spark_pdf.errors import NotFound
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.verify import verify
from spark_pdf.store.documents import read_document
from tests.stored_runs import StoredRun

pytestmark = pytest.mark.s3


@pytest.mark.parametrize("layout", ["packs", "objects"])
@pytest.mark.parametrize("kind", ["parquet", "delta", "iceberg"])
def test_what_is_erased_is_gone(s3_server: Any, s3_bucket: str, tmp_path: Path, kind: str, layout: str) -> None:
    uri, options = f"{s3_bucket}/{secrets.token_hex(4)}", s3_server.options()
    manifest: dict[str, Any] = {"format": kind}
    if kind == "iceberg":
        catalog = {"type": "sql", "uri": f"sqlite:///{tmp_path}/catalog.db", "warehouse": uri}
        manifest |= {"table": "billing.manifest", "catalog": catalog}
    for run_id in ("r1", "r2"):
        run = StoredRun(uri, run_id, layout=layout, options=options, manifest=manifest).commit()
    (row,) = [row for b in run.table.scan(run_id="r1", document_ids=["doc-003"]) for row in b.to_pylist()]
    report = erase(run.config, ["doc-003"])
    assert (report.documents, report.runs, report.complete) == (2, ("r1", "r2"), True)
    with pytest.raises(NotFound):
        read_document(row["uri"], row["offset"], row["length"], options)
    for run_id in report.runs:
        checked = verify(run.config, run_id, hashes="all")
        assert (checked.ok, checked.documents, checked.erased) == (True, 59, 1)
    assert erase(run.config, ["doc-003"]).rows == 0
