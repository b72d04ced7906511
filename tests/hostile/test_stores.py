"""What a run leaves in a store, damaged in every way and then read in every way: typed errors or findings, no others.

For each kind of file, each damage and each reader. A reader that needs the file may fail, in words; none may raise what
nobody typed, and verify may not call a damaged run sound.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.errors import SparkPdfError
from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.resume import done_tasks
from spark_pdf.manifest.table import open_table, runs
from spark_pdf.manifest.vacuum import vacuum
from spark_pdf.manifest.verify import verify
from spark_pdf.manifest.waves import find_plan, start_wave
from spark_pdf.store.documents import read_document
from tests.stored_runs import StoredRun

IDS = [f"doc-{n:03d}" for n in range(12)] + ["bad-1"]


def parquet(change: Callable[[pa.Table], pa.Table]) -> Callable[[bytes], bytes]:
    """A damage to a Parquet file that leaves it one."""

    def changed(data: bytes) -> bytes:
        if data[:4] != b"PAR1":
            return data
        out = io.BytesIO()
        table = pq.ParquetFile(io.BytesIO(data)).read()
        pq.write_table(change(table), out)
        return out.getvalue()

    return changed


def as_json(change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        return json.dumps(change(json.loads(data))).encode() if data[:1] in (b"{", b"[") else data

    return changed


def without(column: int) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.remove_column(min(column, table.num_columns - 1))


def as_text(table: pa.Table) -> pa.Table:
    """As if every column were text, which is what a hand that edits a table makes of it."""
    return pa.table(
        {
            name: pa.array([None if value is None else str(value) for value in table[name].to_pylist()])
            for name in table.column_names
        }
    )


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda data: None, "empty": lambda data: b"", "cut off": lambda data: data[: len(data) // 2], "the last byte gone": lambda data: data[:-1], "zeros": lambda data: bytes(len(data)), "noise": lambda data: bytes((17 * n) % 256 for n in range(len(data))),
    "a byte flipped": lambda data: data[: len(data) // 2] + bytes([255 - data[len(data) // 2]]) + data[len(data) // 2 + 1 :] if data else data, "twice": lambda data: data * 2, "HTML": lambda data: b"<html>404</html>", "JSON of something else": lambda data: b"[1]", "null": lambda data: b"null", "deep JSON": lambda data: b"[" * 50_000,
    "JSON with other types": as_json(lambda value: {key: [one] for key, one in value.items()} if isinstance(value, dict) else 7), "JSON without a key": as_json(lambda value: dict(list(value.items())[1:]) if isinstance(value, dict) else value), "JSON with unknown keys": as_json(lambda value: {**value, "from_the_future": 1} if isinstance(value, dict) else value),
    "JSON with null": as_json(lambda value: dict.fromkeys(value) if isinstance(value, dict) else None), "no rows": parquet(lambda table: table.slice(0, 0)), "a row twice": parquet(lambda table: pa.concat_tables([table, table.slice(0, 1)])), "a row gone": parquet(lambda table: table.slice(1)), "without its first column": parquet(without(0)), "without its last column": parquet(without(999)),
    "all text": parquet(as_text), "a column of the future": parquet(lambda table: table.append_column("future", pa.array([1] * len(table)))), "columns in another order": parquet(lambda table: table.select(table.column_names[::-1])), "without metadata": parquet(lambda table: table.replace_schema_metadata(None)), "another table": parquet(lambda table: pa.table({"a": [1, 2]})),
}  # fmt: skip
UNSEEN = (
    "a byte flipped",
    "twice",
    "JSON with unknown keys",
    "a column of the future",
    "columns in another order",
    "without metadata",
    "the last byte gone",
)
"""Damages that may be none: to what nobody reads, or what readers pass over."""

READERS: dict[str, Callable[[StoredRun], Any]] = {
    "scan": lambda run: [batch.to_pylist() for batch in open_table(run.config).scan()],
    "scan a run": lambda run: [batch.to_pylist() for batch in open_table(run.config).scan(run_id="r1")],
    "committed": lambda run: open_table(run.config).committed("r1"),
    "runs": lambda run: runs(open_table(run.config)),
    "verify": lambda run: verify(run.config, "r1", hashes="all"),
    "verify all": lambda run: verify(run.config, None, hashes="all"),
    "vacuum": lambda run: vacuum(run.config),
    "pin again": lambda run: run.run(),
    "resume": lambda run: done_tasks(run.run(), [plan for plan in [find_plan(run.run(), 1)] if plan]),
    "next wave": lambda run: start_wave(run.run(), clock=run.clock).seal_earlier_waves(),
    "commit again": lambda run: commit_job(run.render(), run.table, expected=len(IDS), failed_fraction=1.0, sleep=lambda seconds: None),
    "documents": lambda run: [read_document(row["uri"], row["offset"], row["length"]) for batch in open_table(run.config).scan() for row in batch.to_pylist() if row["uri"]],
}  # fmt: skip


CHANGING = ("vacuum", "pin again", "next wave", "commit again")
"""Readers that write, and so get a copy."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """A committed run, to be damaged."""
    return StoredRun(str(tmp_path_factory.mktemp("sound") / "out"), ids=IDS).commit()


def files(run: StoredRun) -> dict[str, Path]:
    """One file of each kind, which the same code reads; of packs one that rows name."""
    root = Path(run.store.uri.removeprefix("file://"))
    named = next(row["uri"] for batch in run.table.scan() for row in batch.to_pylist() if row["uri"])
    found: dict[str, Path] = {"pack": Path(named.removeprefix("file://"))}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and parts[0] != "packs":
            kind = "/".join("*" if part != "r1" and any(map(str.isdigit, part)) else part for part in parts)
            found.setdefault(kind, path)
    return found


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_end_in_typed_errors(damage: str, sound: StoredRun, tmp_path: Path) -> None:
    untyped: list[str] = []
    root = Path(sound.store.uri.removeprefix("file://"))
    for kind, path in files(sound).items():
        data = path.read_bytes()
        hurt = DAMAGES[damage](data)
        if hurt == data:
            continue
        outcomes = {}
        try:
            path.unlink() if hurt is None else path.write_bytes(hurt)
            for name, read in READERS.items():
                run = sound
                if name in CHANGING:
                    if not kind.startswith(("_runs/r1/waves", "_runs/r1/tasks", "_runs/r1/run", "manifest/_commits")):
                        continue  # not what they read
                    shutil.copytree(root, tmp_path / "out")
                    run = StoredRun(str(tmp_path / "out"), ids=IDS)
                outcomes[name] = outcome(read, run)
                if run is not sound:
                    shutil.rmtree(tmp_path / "out")
        finally:
            path.write_bytes(data)
        untyped += [f"{kind}, {name}: {found}" for name, found in outcomes.items() if found.startswith("untyped")]
        if kind == "pack" and damage not in UNSEEN:
            assert outcomes["verify"] != "sound"
    assert not untyped, "\n".join(untyped)


def outcome(read: Callable[[StoredRun], Any], run: StoredRun) -> str:
    try:
        found = read(run)
    except SparkPdfError as error:
        return type(error).__name__
    except Exception as error:
        return f"untyped {type(error).__name__}: {error}"[:200]
    return "sound" if getattr(found, "ok", True) else "findings"
