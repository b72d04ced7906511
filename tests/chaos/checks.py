"""What has to hold after each trial, whatever died: asked of the files that the S3 server keeps, not of our own reader.

rows        one for each input record, each id once, failures only where they were meant
bytes       every document's SHA-256 is that of the bytes stored at its place
again       the same run_id again says that it is committed, and appends nothing
vacuum      takes all and only what no committed row references; a reader that began before it ends well
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from spark_pdf.manifest import vacuum
from spark_pdf.manifest.runs import utc_now
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.vacuum import GRACE
from tests.chaos.trial import RECORDS, Trial

Row = dict[str, Any]


def check(trial: Trial, result: Row, runs: tuple[str, ...] = ()) -> None:
    """All of it. `runs`: further runs of the trial, committed into the same table."""
    wanted = (trial.run_id, *runs)
    rows = list(read(trial))
    for run_id in wanted:
        _check_rows(trial, [row for row in rows if row["run_id"] == run_id])
    assert {row["run_id"] for row in rows} == set(wanted), f"{trial}: rows of runs that nobody committed"
    assert result["documents"] == RECORDS - len(trial.killed), f"{trial}: {result}"
    assert result["failed"] == len(trial.killed), f"{trial}: {result}"
    _check_bytes(trial, rows)
    again = trial.settle(tries=1)
    assert again["already_committed"], f"{trial}: the run was made again"
    assert _keys(read(trial)) == _keys(rows), f"{trial}: the run again changed the table"
    _check_vacuum(trial, rows)


def read(trial: Trial) -> Iterator[Row]:
    """The rows that a reader of the table sees."""
    for batch in open_table(trial.config).scan():
        yield from batch.to_pylist()


def _keys(rows: Any) -> Counter[tuple[Any, ...]]:
    return Counter((row["run_id"], row["document_id"], row["sha256"], row["uri"], row["offset"]) for row in rows)


def _check_rows(trial: Trial, rows: list[Row]) -> None:
    ids = Counter(row["document_id"] for row in rows)
    assert ids == Counter(str(i) for i in range(RECORDS)), f"{trial}: {len(rows)} rows, {len(ids)} ids"
    failed = {row["document_id"]: row["error_code"] for row in rows if row["status"] != "document"}
    assert failed == dict.fromkeys(trial.killed, "worker_killed"), f"{trial}: {failed}"


def _stored(trial: Trial, row: Row) -> Path:
    return trial.world.s3.server.root / row["uri"].removeprefix("s3://")


def _check_bytes(trial: Trial, rows: list[Row]) -> None:
    for row in rows:
        if row["status"] == "document":
            with _stored(trial, row).open("rb") as stored:
                stored.seek(row["offset"] or 0)
                data = stored.read(row["length"])
            assert data.startswith(b"%PDF-"), f"{trial}: {row['document_id']} is no PDF"
            assert hashlib.sha256(data).hexdigest() == row["sha256"], f"{trial}: {row['document_id']} has other bytes"


def _check_vacuum(trial: Trial, rows: list[Row]) -> None:
    reader = read(trial)
    first = next(reader)
    # A week later, as it were: leases of drivers that were killed have run out, and no run of the trial goes on.
    later = utc_now() + GRACE + timedelta(days=1)
    with mock.patch.object(vacuum._Vacuum, "_now", return_value=later):
        vacuum.vacuum(trial.config, dry_run=False, sleep=lambda seconds: None)
    assert _keys([first, *reader]) == _keys(rows), f"{trial}: a reader that began before the vacuum was disturbed"
    _check_bytes(trial, rows)
    referenced = {_stored(trial, row) for row in rows if row["status"] == "document"}
    kept = {path for kind in ("packs", "documents") for path in (trial.output / kind).rglob("*") if path.is_file()}
    assert kept == referenced, f"{trial}: {len(kept - referenced)} files too many, {len(referenced - kept)} too few"
    if trial.manifest == "iceberg":
        # What its writer lost beside the table, as it may leave data files there, is the table's own to tidy.
        uploads = trial.world.s3.server.client().list_multipart_uploads(Bucket=trial.bucket).get("Uploads", ())
        left = [one["Key"] for one in uploads if not one["Key"].startswith("w/")]
        assert not left, f"{trial}: unfinished uploads are left: {', '.join(left)}"
    else:
        assert not list(trial.output.parent.rglob(".sgwtmp/multipart/*/*")), f"{trial}: unfinished uploads are left"
