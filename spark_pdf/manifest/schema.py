"""The manifest's columns: one table of names, field ids, types and what each says.

In: the source columns that a config copies. Out: an Arrow schema with Parquet field ids. `docs/manifest.md` is made
from the same table. pyarrow is imported where it is used, so that importing the package stays cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from spark_pdf.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

DOCUMENT = "document"
FAILURE = "failure"
ERASED = "erased"
EXPIRED = "expired"
STATUSES = (DOCUMENT, FAILURE, ERASED, EXPIRED)
"""What a row's `status` may say. Skipped records are counted and have no row."""

Kind = Literal["content", "operational"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is Arrow's name of it; a content column is a function of record, template and version."""

    name: str
    field_id: int
    type: str
    required: bool
    kind: Kind
    says: str


COLUMNS: tuple[Column, ...] = (
    Column("run_id", 1, "string", True, "operational", "The run that committed this row."),
    Column("document_id", 2, "string", True, "content", "The document's name, unique within a run."),
    Column("status", 3, "string", True, "content", "`document`, `failure`, `erased` or `expired`."),
    Column("uri", 4, "string", False, "operational", "The object or pack that holds the bytes; null for a failure."),
    Column("offset", 5, "int64", False, "operational", "Where in the pack the bytes start; 0 for an object."),
    Column("length", 6, "int64", False, "operational", "How many bytes are stored."),
    Column("pages", 7, "int32", False, "content", "Number of pages."),
    Column("content_sha256", 8, "string", False, "content", "SHA-256 of the plain rendition, in hex."),
    Column(
        "sha256",
        9,
        "string",
        False,
        "operational",
        "SHA-256 of the stored bytes, in hex: `content_sha256`, unless encryption or a signature added randomness.",
    ),
    Column(
        "record_hash",
        10,
        "string",
        True,
        "content",
        "Hash of what the template reads of the record; empty when it was erased.",
    ),
    Column("template", 11, "string", True, "content", "The template bundle's name."),
    Column("template_hash", 12, "string", True, "content", "Hash of the template bundle's content."),
    Column("renderer_version", 13, "string", True, "content", "Version of everything that decides the bytes."),
    Column("error_code", 14, "string", False, "content", "Why there is no document, in a stable word."),
    Column("error_detail", 15, "string", False, "content", "The failure in a sentence, without the record's data."),
    Column("warnings", 16, "list<string>", False, "content", "What the document lacks or shows otherwise than asked."),
    Column("render_ms", 17, "double", False, "operational", "CPU milliseconds that rendering took."),
    Column("attempt", 18, "string", True, "operational", "Random id of the task attempt that wrote the row."),
    Column(
        "committed_at",
        19,
        "timestamp[us, tz=UTC]",
        True,
        "operational",
        "When the run was committed: the same in all its rows, later than in every run committed before it.",
    ),
    Column("wave", 20, "int32", True, "operational", "The wave of the run that made the row, counted from 1."),
    Column("partition", 21, "int32", True, "operational", "The task within the wave, counted from 0."),
)
"""Every column that is ours, in order. Ids are never used again for something else."""

ELEMENT_ID = 22
"""Field id of the strings inside `warnings`."""

FIRST_EXTRA_ID = 1000
"""Source columns that a config copies are numbered from here, in the config's order."""

NAMES = tuple(column.name for column in COLUMNS)
CONTENT_NAMES = tuple(column.name for column in COLUMNS if column.kind == "content")
"""Columns that two runs over the same records, template and version have equal."""


class ManifestEntry(NamedTuple):
    """What became of one record, as far as it differs between the records of a task.

    A named tuple, because a worker makes one for every document and columns are made from them by one `zip`. `extra`
    holds the values of the config's `manifest.columns`, in that order.
    """

    document_id: str
    status: str
    uri: str | None
    offset: int | None
    length: int | None
    pages: int | None
    content_sha256: str | None
    sha256: str | None
    record_hash: str
    error_code: str | None
    error_detail: str | None
    warnings: tuple[str, ...] | None
    render_ms: float
    extra: tuple[Any, ...] = ()

    @classmethod
    def document(
        cls,
        document_id: str,
        record_hash: str,
        *,
        uri: str,
        offset: int,
        length: int,
        pages: int,
        content_sha256: str,
        sha256: str,
        warnings: tuple[str, ...] = (),
        render_ms: float = 0.0,
        extra: tuple[Any, ...] = (),
    ) -> ManifestEntry:
        """A record that became a document."""
        return cls(
            document_id, DOCUMENT, uri, offset, length, pages, content_sha256, sha256, record_hash,
            None, None, warnings, render_ms, extra,
        )  # fmt: skip

    @classmethod
    def failure(
        cls,
        document_id: str,
        record_hash: str,
        *,
        code: str,
        detail: str,
        render_ms: float = 0.0,
        extra: tuple[Any, ...] = (),
    ) -> ManifestEntry:
        """A record that became a typed failure."""
        return cls(
            document_id, FAILURE, None, None, None, None, None, None, record_hash, code, detail, None, render_ms, extra
        )


def manifest_schema(extra: pa.Schema | None = None, *, leave_out: Iterable[str] = ()) -> pa.Schema:
    """The table's schema: our columns but those of `leave_out`, then the source columns as the table stores them."""
    import pyarrow as pa

    left = set(leave_out)
    ours = [_field(column) for column in COLUMNS if column.name not in left]
    return pa.schema([*ours, *(stored_extra(extra) if extra is not None else ())])


def stored_extra(extra: pa.Schema) -> pa.Schema:
    """The copied source columns with types that Parquet, Delta and Iceberg all have, and field ids.

    Raises `ConfigError` for a name that is ours, for nested columns and for types that one of the formats lacks.
    """
    import pyarrow as pa

    fields = []
    for number, field in enumerate(extra):
        if field.name.lower() in NAMES:
            raise ConfigError(
                f"manifest.columns: the manifest has a column '{field.name}' of its own; "
                "give the source column another name in source.sql",
                key="manifest.columns",
            )
        metadata = _field_metadata(FIRST_EXTRA_ID + number)
        fields.append(pa.field(field.name, _stored_type(field), nullable=True, metadata=metadata))
    if len({field.name.lower() for field in fields}) != len(fields):
        raise ConfigError("manifest.columns: a column is named twice", key="manifest.columns")
    return pa.schema(fields)


def _field_metadata(field_id: int) -> dict[str, str]:
    return {"PARQUET:field_id": str(field_id)}


def _field(column: Column) -> pa.Field:
    import pyarrow as pa

    types: Mapping[str, pa.DataType] = {
        "string": pa.string(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
        "list<string>": pa.list_(pa.field("element", pa.string(), False, metadata=_field_metadata(ELEMENT_ID))),
    }
    metadata = _field_metadata(column.field_id)
    return pa.field(column.name, types[column.type], nullable=not column.required, metadata=metadata)


def _stored_type(field: pa.Field) -> pa.DataType:
    import pyarrow as pa

    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    same = (pa.types.is_boolean, pa.types.is_date32, pa.types.is_float32, pa.types.is_float64, pa.types.is_decimal128)
    if any(test(kind) for test in same) or kind in (pa.int32(), pa.int64(), pa.string(), pa.binary()):
        return kind
    if pa.types.is_integer(kind):
        return pa.int32() if kind.bit_width < 32 else pa.int64()
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    if pa.types.is_date(kind):
        return pa.date32()
    raise ConfigError(
        f"manifest.columns: '{field.name}' is of type {kind}, which the manifest cannot hold; "
        "name plain columns only, or cast it in source.sql",
        key="manifest.columns",
    )


def markdown() -> str:
    """The table of columns, as `docs/manifest.md` has it."""
    lines = ["| id | column | type | required | kind | what it says |", "|---|---|---|---|---|---|"]
    for c in COLUMNS:
        required = "yes" if c.required else "no"
        lines.append(f"| {c.field_id} | `{c.name}` | {c.type} | {required} | {c.kind} | {c.says} |")
    return "\n".join(lines) + "\n"
