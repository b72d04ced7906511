"""Documents as rows of a table, for workers that reach no store: a rendition in a binary column, and back.

In: what became of each record. Out: Arrow batches of about `BATCH_BYTES` that an engine writes itself; later, from
the rows of that table, the same `Rendered` values, which `partition.store_partition` stores and commits as if they
had been rendered a moment ago. Bytes are held against their hash on the way back.

Each row says what it belongs to (run, config, bundle, renderer) and how many rows its run has, so that a table that
is not whole, or another's, is seen before anything is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_pdf.engines.outcome import Outcome, Rendered
from spark_pdf.errors import DamagedFile, SourceError
from spark_pdf.model import Record, RenderWarning, Rendition

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.config import Config
    from spark_pdf.engines.source import RecordSource

BATCH_BYTES = 8 << 20
"""Of documents in a batch. A larger document is a batch of its own: no batch holds two when one would do."""

BATCH_ROWS = 1024

RECORD = "record"
"""The struct column of what the record itself is still needed for: its key and the manifest's copied columns."""


@dataclass(frozen=True, slots=True)
class RowHeader:
    """What all rows of a run have in common."""

    run_id: str
    config_hash: str
    template_hash: str
    renderer_version: str
    records: int


def rows_schema(record: Sequence[pa.Field]) -> pa.Schema:
    """Columns of the table; `record` are the fields of the source that are still needed."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    fields = [
        pa.field("run_id", text, nullable=False),
        pa.field("document_id", text, nullable=False),
        pa.field("status", text, nullable=False),
        pa.field("pdf", pa.binary()),
        pa.field("pages", number),
        pa.field("length", number),
        pa.field("content_sha256", text),
        pa.field("record_hash", text, nullable=False),
        pa.field("error_code", text),
        pa.field("error_detail", text),
        pa.field("warnings", pa.list_(text)),
        pa.field("render_ms", pa.float64()),
        pa.field("config_hash", text, nullable=False),
        pa.field("template_hash", text, nullable=False),
        pa.field("renderer_version", text, nullable=False),
        pa.field("records", number, nullable=False),
    ]
    return pa.schema([*fields, *([pa.field(RECORD, pa.struct(list(record)))] if record else [])])


def row_batches(rendered: Iterable[Rendered], header: RowHeader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows, in batches by bytes."""
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    size = 0
    for one in rendered:
        row = _row(one, header, schema)
        length = row["length"] or 0
        if rows and (size + length > BATCH_BYTES or len(rows) >= BATCH_ROWS):
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
            rows, size = [], 0
        rows.append(row)
        size += length
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=schema)


def _row(one: Rendered, header: RowHeader, schema: pa.Schema) -> dict[str, Any]:
    outcome = one.outcome
    assert outcome is not None, "a run into a table compares with nothing, so nothing is skipped"
    row: dict[str, Any] = {
        **{name: getattr(header, name) for name in RowHeader.__slots__},
        "document_id": one.document_id,
        "record_hash": one.record_hash,
        "status": "failure" if outcome.rendition is None else "document",
        "error_code": outcome.error_code,
        "error_detail": outcome.error_detail,
        "render_ms": outcome.render_ms,
        "length": None,
    }
    if outcome.rendition is not None:
        rendition = outcome.rendition
        row |= {
            "pdf": rendition.pdf,
            "pages": rendition.pages,
            "length": len(rendition.pdf),
            "content_sha256": rendition.sha256,
            "warnings": list(map(str, rendition.warnings)),
        }
    if RECORD in schema.names:
        kept = schema.field(RECORD).type
        row[RECORD] = {kept.field(i).name: one.record.get(kept.field(i).name) for i in range(kept.num_fields)}
    return row


def rendered_rows(rows: Iterable[Record]) -> Iterator[Rendered]:
    """What the rows say, as if it had been rendered now. Raises `DamagedFile` for bytes that are not what they were."""
    for row in rows:
        rendition = None
        if row["status"] == "document":
            pdf = bytes(row["pdf"])
            rendition = Rendition(pdf=pdf, pages=row["pages"], warnings=_warnings(row["warnings"]))
            if rendition.sha256 != row["content_sha256"]:
                raise DamagedFile(f"document {row['document_id']}: its bytes in output.table are not what was rendered")
        outcome = Outcome(
            row["document_id"], rendition, row["error_code"], row["error_detail"], row["render_ms"] or 0.0
        )
        yield Rendered(row["document_id"], row.get(RECORD) or {}, row["record_hash"], outcome)


def _warnings(texts: Sequence[str] | None) -> tuple[RenderWarning, ...]:
    return tuple(RenderWarning("rendered", text) for text in texts or ())


def rows_extra(config: Config, source: RecordSource) -> pa.Schema:
    """Of a source of rows: the schema of what the manifest copies. Raises `SourceError` where the rows lack it."""
    import pyarrow as pa

    schema = source.schema()
    kept = schema.field(RECORD).type if RECORD in schema.names else pa.struct([])
    fields = {kept.field(i).name: kept.field(i) for i in range(kept.num_fields)}
    absent = [name for name in config.manifest.columns if name not in fields]
    if absent:
        raise SourceError(f"manifest.columns: the rows in output.table have no '{absent[0]}'; use a new run_id")
    return pa.schema([fields[name] for name in config.manifest.columns])
