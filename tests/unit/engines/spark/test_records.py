from __future__ import annotations

import pickle
from collections import UserDict
from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest

from spark_pdf.engines.spark.records import arrow_records, row_records

QUERY = """
SELECT id,
       named_struct('name', concat('n', id),
                    'since', TIMESTAMP'2026-10-25 00:30:00Z', 'none', CAST(NULL AS INT)) AS customer,
       array(named_struct('price', CAST(1.5 AS DECIMAL(10, 2)), 'at', TIMESTAMP'2026-10-25 01:30:00Z'), NULL) AS lines,
       map('a', TIMESTAMP'1969-12-31 23:59:59.25Z', 'b', NULL) AS times,
       DATE'2026-02-28' AS day, TIMESTAMP_NTZ'2026-02-28 12:00:00' AS local, X'0A0B' AS bytes,
       array(map(1, 'x')) AS nested, CAST(NULL AS MAP<STRING, STRING>) AS no_map, true AS items, 0.1D AS count
FROM range(3)
"""


def expected(number: int) -> dict[str, Any]:
    utc = timezone.utc
    return {
        "id": number,
        "customer": {"name": f"n{number}", "since": datetime(2026, 10, 25, 0, 30, tzinfo=utc), "none": None},
        "lines": [{"price": Decimal("1.50"), "at": datetime(2026, 10, 25, 1, 30, tzinfo=utc)}, None],
        "times": {"a": datetime(1969, 12, 31, 23, 59, 59, 250000, tzinfo=utc), "b": None},
        "day": date(2026, 2, 28),
        "local": datetime(2026, 2, 28, 12),
        "bytes": b"\n\x0b",
        "nested": [{1: "x"}],
        "no_map": None,
        "items": True,
        "count": 0.1,
    }


def plain(value: Any) -> Any:
    """With types, so that a bytearray or a Row is not taken for what it resembles."""
    if isinstance(value, dict | UserDict):
        return (type(value), {key: plain(item) for key, item in value.items()})
    if isinstance(value, list):
        return (list, [plain(item) for item in value])
    return (type(value), value, repr(value))


def pickled(batches: Iterator[Any]) -> Iterator[Any]:
    import pyarrow

    for record in arrow_records(batches):
        yield pyarrow.RecordBatch.from_pydict({"record": [pickle.dumps(record)]})


@pytest.mark.spark
def test_rows_and_arrow_give_the_same_records(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = spark.sql(QUERY).orderBy("id")
    # In this zone, 00:30Z and 01:30Z of that day are the same time on the clock, an hour apart.
    monkeypatch.setenv("TZ", "Europe/Berlin")
    import time

    time.tzset()
    try:
        from_rows = list(row_records(frame.collect(), frame.schema))
    finally:
        monkeypatch.undo()
        time.tzset()
    from_arrow = [pickle.loads(row["record"]) for row in frame.mapInArrow(pickled, "record binary").collect()]
    wanted = [plain(expected(number)) for number in range(3)]
    assert [plain(record) for record in from_rows] == wanted
    assert [plain(record) for record in from_arrow] == wanted
