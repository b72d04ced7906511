"""Rows that are exchanged: what erase, roll-up and retention ask of a table, and what they make of its rows.

In: `Touched`, which says what rows are concerned, and a function from rows to rows. Out, by `ManifestTable.rewrite`:
the same table with those rows exchanged in one commit. The functions here are pure, and do nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_pdf.errors import StoreError
from spark_pdf.manifest.schema import ERASED, EXPIRED

if TYPE_CHECKING:
    import pyarrow as pa

Change = Callable[["pa.Table"], "pa.Table"]
"""Other rows for these, as many, with the same run and document ids and the same schema."""

Place = tuple[str, int]
"""uri and offset."""

_KEPT = frozenset(
    (
        "run_id", "document_id", "template", "template_hash", "renderer_version", "attempt", "committed_at", "wave",
        "partition",
    )
)  # fmt: skip
_BYTES = ("uri", "offset", "length")


class MovedError(Exception):
    """A row's bytes are elsewhere by now: another rewrite was faster, and what was prepared does not fit any more."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Rows whose `uri` is one of these, or whose `document_id` is, or whose `run_id` is."""

    uris: frozenset[str] = frozenset()
    document_ids: frozenset[str] = frozenset()
    run_ids: frozenset[str] = frozenset()

    @property
    def by_column(self) -> Mapping[str, frozenset[str]]:
        """The values that are meant, by the column that has them; columns of which none are left out."""
        named = {"uri": self.uris, "document_id": self.document_ids, "run_id": self.run_ids}
        return {name: values for name, values in named.items() if values}

    def mask(self, rows: pa.Table | pa.RecordBatch) -> pa.Array:
        """True for each row that is meant."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pa.array([False] * rows.num_rows)
        for name, values in self.by_column.items():
            found = pc.or_(found, pc.is_in(rows[name], pa.array(sorted(values), pa.string())))
        return found


@dataclass(frozen=True, slots=True)
class Gone:
    """Ids that were erased, and the committed runs that had them."""

    document_ids: frozenset[str] = frozenset()
    run_ids: frozenset[str] = frozenset()

    def is_in(self, parquet: Any) -> bool:
        """Whether a Parquet file has rows of one of these runs about one of these ids that say more than that.

        A column that the file lacks, because its folder says it, counts as if it matched.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        names = set(parquet.schema_arrow.names)
        wanted = {"document_id": self.document_ids, "run_id": self.run_ids}
        for batch in parquet.iter_batches(columns=[name for name in (*wanted, "status") if name in names]):
            mask = pa.array([True] * batch.num_rows)
            for name, values in wanted.items():
                if name in names:
                    mask = pc.and_(mask, pc.is_in(batch[name], pa.array(sorted(values), pa.string())))
            if "status" in names:
                mask = pc.and_(mask, pc.not_equal(batch["status"], ERASED))
            if mask.true_count:
                return True
        return False


def erasing(
    document_ids: Collection[str], moved: Mapping[Place, Place], planned: Collection[str], trace: str
) -> Change:
    """Rows of `document_ids` keep nothing but their names and `trace`; their neighbours point to where they moved.

    `planned`: the objects whose bytes will go. Raises `MovedError` for a row that points elsewhere by now.
    """
    gone, known = frozenset(document_ids), frozenset(planned)

    def change(rows: pa.Table) -> pa.Table:
        marks, places = [], []
        for document_id, status, uri, offset in _columns(rows):
            erased = document_id in gone
            if erased and uri is not None and uri not in known:
                raise MovedError
            if not erased and uri in known and (uri, offset) not in moved:
                raise MovedError
            marks.append(erased and status != ERASED)
            places.append((uri, offset) if erased or uri is None else moved.get((uri, offset), (uri, offset)))
        return _marked(_placed(rows, places), marks, trace)

    return change


def moving(moved: Mapping[Place, Place], planned: Mapping[tuple[str, str], Place]) -> Change:
    """Rows that `planned` has, by run and document id, point to where their bytes were copied; others stay as they are.

    Raises `MovedError` for one of them that is neither where it was planned to be nor there already.
    """

    def change(rows: pa.Table) -> pa.Table:
        places: list[tuple[str | None, int | None]] = []
        names = (rows[name].to_pylist() for name in ("run_id", "document_id", "uri", "offset"))
        for run_id, document_id, uri, offset in zip(*names, strict=True):
            old = planned.get((run_id, document_id))
            if old is not None and (uri, offset) not in (old, moved[old]):
                raise MovedError
            places.append((uri, offset) if old is None else moved[old])
        return _placed(rows, places)

    return change


def erased_rows(rows: pa.Table, document_ids: Collection[str], trace: str) -> pa.Table:
    """Rows of these ids say that they were erased; the very same table if none has to."""
    gone = frozenset(document_ids)
    return _marked(rows, [one in gone and status != ERASED for one, status, _, _ in _columns(rows)], trace)


def expiring(uris: Collection[str]) -> Change:
    """Rows whose bytes are in one of `uris` say `expired`, and no longer where they were; their hashes stay."""
    known = frozenset(uris)

    def change(rows: pa.Table) -> pa.Table:
        marks = [uri in known for _, _, uri, _ in _columns(rows)]
        values = {"status": EXPIRED, **dict.fromkeys(_BYTES)}
        return _filled(rows, marks, values)

    return change


def _columns(rows: pa.Table) -> Any:
    names = ("document_id", "status", "uri", "offset")
    return zip(*(rows[name].to_pylist() for name in names), strict=True)


def _placed(rows: pa.Table, places: list[tuple[str | None, int | None]]) -> pa.Table:
    import pyarrow as pa

    for number, name in enumerate(("uri", "offset")):
        at = rows.schema.get_field_index(name)
        values = pa.array([place[number] for place in places], rows.schema.field(name).type)
        rows = rows.set_column(at, rows.schema.field(name), values)
    return rows


def _marked(rows: pa.Table, marks: list[bool], trace: str) -> pa.Table:
    """Rows that are marked say that they were erased, and nothing else of the record."""
    nothing = dict.fromkeys(name for name in rows.schema.names if name not in _KEPT)
    said = {"status": ERASED, "record_hash": "", "error_code": ERASED, "error_detail": trace}
    return _filled(rows, marks, {**nothing, **said})


def _filled(rows: pa.Table, marks: list[bool], values: Mapping[str, Any]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not any(marks):
        return rows
    mask = pa.array(marks)
    for name, value in values.items():
        field = rows.schema.field(name)
        # Lists cannot be chosen between by `if_else` in every Arrow; a Python column of few rows can.
        kept = rows[name].to_pylist() if pa.types.is_nested(field.type) else None
        column = (
            pa.array([value if mark else old for mark, old in zip(marks, kept, strict=True)], field.type)
            if kept is not None
            else pc.if_else(mask, pa.scalar(value, field.type), rows[name])
        )
        rows = rows.set_column(rows.schema.get_field_index(name), field, column)
    return rows


def exchanged(rows: pa.Table, change: Change, uri: str) -> pa.Table | None:
    """What `change` makes of rows; None if nothing. Raises `StoreError` if it is no exchange."""
    if not rows.num_rows:
        return None
    other = change(rows)
    if other.num_rows != rows.num_rows or not other.schema.equals(rows.schema):
        raise StoreError(f"{uri}: rows can only be exchanged for as many of the same columns")
    return None if other.equals(rows) else other
