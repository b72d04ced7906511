"""The table that readers trust: what every format of it can do, whatever engine renders.

In: one stream of entries per run. Out: rows, each run's all at once. `parquet`, `delta` and `iceberg` are the formats;
all engines share them, so a run is committed in one way. A run's rows are in the table or not: nobody sees a part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from spark_pdf.config import Config
from spark_pdf.manifest.schema import ERASED

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.manifest.rewriting import Change, Gone, Touched

Batches = Callable[[], "Iterator[pa.RecordBatch]"]
"""Makes the stream of a run's rows anew, so that an append can be tried again without holding them."""


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What a committed run adds up to, when it was committed. `committed_at` is the same in all its rows.

    `skipped` records of its input have no row. A table that has forgotten it says 0: see `commit.skipped_by`.
    """

    run_id: str
    committed_at: datetime
    rows: int
    documents: int
    failed: int
    pages: int
    bytes: int
    failures_by_code: Mapping[str, int] = field(default_factory=dict)
    skipped: int = 0

    def to_json(self) -> dict[str, Any]:
        """A mapping for the table's own log."""
        values = {name: getattr(self, name) for name in CommitInfo.__slots__}
        codes = dict(self.failures_by_code)
        return {**values, "committed_at": self.committed_at.isoformat(), "failures_by_code": codes}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CommitInfo:
        """What `to_json` wrote."""
        kept = {name: value[name] for name in CommitInfo.__slots__ if name in value}
        return cls(**{**kept, "committed_at": datetime.fromisoformat(value["committed_at"])})


def summed(run_id: str, sums: Sequence[tuple[Any, ...]]) -> CommitInfo | None:
    """A run's sum, counted from its rows: from (error code or None, rows, latest committed_at, pages, bytes)."""
    if not sums:
        return None
    codes: dict[str, int] = {}
    for code, rows, *_ in sums:
        if code is not None:
            codes[code] = codes.get(code, 0) + rows
    erased = codes.pop(ERASED, 0)
    rows, failed = sum(row[1] for row in sums) - erased, sum(codes.values())
    pages, size = (sum(row[i] or 0 for row in sums) for i in (3, 4))
    at = max(row[2] for row in sums)
    return CommitInfo(run_id, at, rows + erased, rows - failed, failed, pages, size, dict(sorted(codes.items())))


class ManifestTable(Protocol):
    """One manifest table. Errors are those of `spark_pdf.errors`; messages name the table's URI."""

    uri: str

    def exists(self) -> bool:
        """Whether there is a table yet."""
        ...

    def check(self, schema: pa.Schema) -> None:
        """Find out, before anything renders, whether a run with these columns could be appended safely.

        Raises `UnsafeStoreError` where runs that commit at the same time could destroy each other's rows, `ConfigError`
        for columns that the table has with another type, `UnsupportedError` for a table that cannot be written.
        """
        ...

    def committed(self, run_id: str) -> CommitInfo | None:
        """What the table says of a run; None if it is not committed."""
        ...

    def latest(self) -> datetime | None:
        """The latest `committed_at` in the table."""
        ...

    def append(self, info: CommitInfo, schema: pa.Schema, batches: Batches) -> CommitInfo:
        """Append a run's rows, all or none. If a twin has committed the run meanwhile, the twin's rows stand.

        The result is what the table says of the run. Raises `CommitFailed` if nothing was appended,
        `CommitStateUnknown` if that cannot be found out. What the stream of batches raises comes through, and nothing
        is appended.
        """
        ...

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        run_id: str | None = None,
        run_prefix: str | None = None,
        document_ids: Collection[str] | None = None,
        status: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of committed runs: some columns, one run or those whose ids begin alike, some ids, one status.

        An absent table has none.
        """
        ...

    def rewrite(self, touched: Touched, change: Change) -> int:
        """Exchange rows, and say how many were looked at: 0 if `change` changes nothing.

        In Delta and Iceberg all in one commit; in Parquet each run's rows at once. Rows that others commit meanwhile
        are kept. Raises `CommitFailed` if other writers were always faster, and what `change` raises.
        """
        ...

    def purge(self, gone: Gone) -> None:
        """Take data files that no reader of the table's present state reads, but readers of an earlier one would.

        Also files that a crash left before they were the table's, if they have rows of `gone`: what is committed by now
        keeps whoever may still be writing them from making them the table's.
        """
        ...


def open_table(config: Config) -> ManifestTable:
    """The manifest table that a config names. Nothing is created before the first append."""
    if config.manifest.format == "delta":
        from spark_pdf.manifest.delta import DeltaManifest

        return DeltaManifest.of(config)
    if config.manifest.format == "iceberg":
        from spark_pdf.manifest.iceberg import IcebergManifest

        return IcebergManifest.of(config)
    from spark_pdf.manifest.parquet import ParquetManifest

    return ParquetManifest.of(config)


def runs(table: ManifestTable) -> list[tuple[datetime, str]]:
    """(committed_at, run_id) of every committed run, the latest first."""
    found: set[tuple[datetime, str]] = set()
    for batch in table.scan(["committed_at", "run_id"]):
        unique = _as_table(batch).group_by(["committed_at", "run_id"]).aggregate([])
        found.update(zip(unique["committed_at"].to_pylist(), unique["run_id"].to_pylist(), strict=True))
    return sorted(found, reverse=True)


def current_view(
    table: ManifestTable, columns: Sequence[str] | None = None, document_ids: Collection[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """Each document id's row of the latest committed run.

    Reads run by run, the latest first, and remembers which ids it has passed: about 100 bytes for each. In SQL:
    `row_number() over (partition by document_id order by committed_at desc, run_id desc) = 1`.
    """
    seen: set[str] = set()
    wanted = None if columns is None else list(dict.fromkeys([*columns, "document_id"]))
    for _, run_id in runs(table):
        for batch in table.scan(wanted, run_id=run_id, document_ids=document_ids):
            ids = batch["document_id"].to_pylist()
            rows = [row for row, document_id in enumerate(ids) if document_id not in seen]
            seen.update(ids)
            if rows:
                kept = batch.take(rows) if len(rows) < batch.num_rows else batch
                yield kept if columns is None else kept.select(list(columns))
        if document_ids is not None and len(seen) == len(set(document_ids)):
            return


def _as_table(batch: pa.RecordBatch) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([batch])
