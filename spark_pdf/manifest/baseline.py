"""The baseline: what the manifest had of every id when an incremental run began, held still for all its waves.

In: the manifest, the hashes of bundle and renderer. Out: Parquet files below the run, a line for each committed row,
and a marker that names them, by conditional create: whichever driver makes it first, all others compare with the same.
Engines take each id's latest line (greatest `committed_at`, then `run_id`) by a join of their own; here the manifest
only streams by. When the run is committed the baseline has done its work, and goes.

    document_id   committed_at   run_id   expected

`expected` is the record hash with which the id need not be rendered again; "" where template or renderer differ by
now, so that no record has it; `ERASED` where the documents of the id were erased.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from spark_pdf.errors import StoreError
from spark_pdf.manifest.batches import chunks
from spark_pdf.manifest.files import as_written, create_json, read_json
from spark_pdf.manifest.schema import ERASED

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.manifest.runs import Pin
    from spark_pdf.manifest.table import ManifestTable
    from spark_pdf.store import ObjectStore
    from spark_pdf.store.locations import RunLocations

Mode = Literal["changed", "missing"]

CHUNK_BYTES = 64 * 1024 * 1024
_COLUMNS = ("document_id", "status", "record_hash", "template_hash", "renderer_version", "committed_at", "run_id")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run compares with. `latest` names the latest run in it, for people; keys are below the output root."""

    mode: Mode
    name: str
    keys: tuple[str, ...]
    rows: int
    latest: str | None
    marker: str = ""

    @property
    def summary(self) -> str:
        """One line for people."""
        return f"{self.mode} since run {self.latest}" if self.latest else f"{self.mode}, compared with nothing"

    def to_json(self) -> dict[str, Any]:
        """What the marker, and run.json, say."""
        return {"mode": self.mode, "name": self.name, "keys": list(self.keys), "rows": self.rows, "latest": self.latest}


def pin_baseline(store: ObjectStore, locations: RunLocations, table: ManifestTable, mode: Mode, pin: Pin) -> Baseline:
    """The run's baseline: the one that is there, or one made now. Of `pin`, the source does not count."""
    asked = hashlib.sha256(f"{pin.config} {pin.bundle} {pin.renderer_version}".encode()).hexdigest()[:16]
    marker = locations.baseline(f"{asked}.json")
    found = read_json(store, marker)
    if found is None:
        create_json(store, marker, _write(store, locations, table, mode, pin).to_json())
        found = read_json(store, marker)
    if found is None:
        raise StoreError(f"{marker} was written and is not there")
    with as_written(marker):
        return Baseline(found["mode"], found["name"], tuple(found["keys"]), found["rows"], found["latest"], marker)


def drop_baseline(store: ObjectStore, baseline: Baseline) -> None:
    """Take it away when the run is committed. What cannot be deleted now is vacuum's."""
    with suppress(StoreError):
        store.delete((*baseline.keys, baseline.marker))


def _write(store: ObjectStore, locations: RunLocations, table: ManifestTable, mode: Mode, pin: Pin) -> Baseline:
    import pyarrow.parquet as pq

    name = secrets.token_hex(8)
    keys: list[str] = []
    rows, latest = 0, _Latest()
    for number, chunk in enumerate(chunks(_lines(table, pin, latest), CHUNK_BYTES)):
        sink = io.BytesIO()
        pq.write_table(chunk, sink, compression="zstd")
        keys.append(locations.baseline(f"{name}-{number}.parquet"))
        store.write(keys[-1], sink.getvalue())
        rows += chunk.num_rows
    return Baseline(mode, name, tuple(keys), rows, latest.run_id)


class _Latest:
    """The latest run that has streamed by."""

    def __init__(self) -> None:
        self._at: tuple[datetime, str] | None = None

    @property
    def run_id(self) -> str | None:
        return None if self._at is None else self._at[1]

    def see(self, batch: pa.RecordBatch) -> None:
        import pyarrow as pa

        pairs = pa.Table.from_batches([batch]).group_by(["committed_at", "run_id"]).aggregate([])
        for at in zip(pairs["committed_at"].to_pylist(), pairs["run_id"].to_pylist(), strict=True):
            self._at = at if self._at is None else max(self._at, at)


def _lines(table: ManifestTable, pin: Pin, latest: _Latest) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = pa.schema(
        [("document_id", pa.string()), ("committed_at", pa.int64()), ("run_id", pa.string()), ("expected", pa.string())]
    )
    for batch in table.scan(_COLUMNS):
        latest.see(batch)
        same = pc.and_(
            pc.equal(batch["template_hash"], pin.bundle), pc.equal(batch["renderer_version"], pin.renderer_version)
        )
        expected = pc.if_else(same, batch["record_hash"], "")
        expected = pc.if_else(pc.equal(batch["status"], ERASED), ERASED, expected)
        at = batch["committed_at"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        yield pa.RecordBatch.from_arrays([batch["document_id"], at, batch["run_id"], expected], schema=schema)
