"""Documents as rows: batches by bytes, and the same values on the way back."""

from __future__ import annotations

import pyarrow as pa
import pytest

from spark_pdf.engines.outcome import Outcome, Rendered
from spark_pdf.engines.rows import BATCH_BYTES, RECORD, RowHeader, rendered_rows, row_batches, rows_schema
from spark_pdf.errors import DamagedFile
from spark_pdf.model import Rendition

HEADER = RowHeader("r", "c", "t", "v", 9)
KEPT = [pa.field("day", pa.date32()), pa.field("customer", pa.struct([pa.field("name", pa.string())]))]


def document(number: int, size: int) -> Rendered:
    outcome = Outcome(f"d{number}", Rendition(pdf=bytes([number]) * size, pages=2), render_ms=1.5)
    return Rendered(f"d{number}", {"customer": {"name": "Ann"}, "day": None, "amount": 5}, f"h{number}", outcome)


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([10] * 5, [5]),
        ([BATCH_BYTES // 2] * 5, [2, 2, 1]),
        ([BATCH_BYTES + 1, 1, BATCH_BYTES * 2], [1, 1, 1]),
        ([1] * 1030, [1024, 6]),
        ([], []),
    ],
)
def test_batches_are_as_large_as_they_may(sizes: list[int], batches: list[int]) -> None:
    made = row_batches((document(n % 250, size) for n, size in enumerate(sizes)), HEADER, rows_schema(KEPT))
    assert [batch.num_rows for batch in made] == batches


@pytest.mark.parametrize("kept", [KEPT, []])
def test_what_comes_back_is_what_went_in(kept: list[pa.Field]) -> None:
    failed = Rendered("bad", {"customer": None, "day": None}, "h", Outcome.failure("bad", "template", "why", 0.5))
    given = [document(1, 100), failed, document(2, 50)]
    rows = [row for batch in row_batches(given, HEADER, rows_schema(kept)) for row in batch.to_pylist()]
    found = list(rendered_rows(rows))
    assert [one.outcome for one in found] == [one.outcome for one in given]
    assert [(one.document_id, one.record_hash) for one in found] == [(o.document_id, o.record_hash) for o in given]
    assert found[0].record == ({"customer": {"name": "Ann"}, "day": None} if kept else {})
    assert (RECORD in rows[0]) == bool(kept)


def test_changed_bytes_are_caught() -> None:
    (batch,) = row_batches([document(1, 100)], HEADER, rows_schema([]))
    (row,) = batch.to_pylist()
    with pytest.raises(DamagedFile, match="document d1"):
        list(rendered_rows([{**row, "pdf": b"x" + row["pdf"][1:]}]))
