from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import Row

from spark_pdf.template.record import normalise, record_hash

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "id": 7,
    "name": "Zoë",
    "price": Decimal("1.50"),
    "day": dt.date(2026, 1, 1),
    "sent": NOON,
    "naive": dt.datetime(2026, 1, 1, 12),
    "lines": [{"a": 1, "b": None}, {"a": 2, "b": "x"}],
    "labels": {"b": 1, "a": 2},
    "raw": b"\x00",
}


def test_values_without_schema_become_plain() -> None:
    berlin = dt.datetime(2026, 1, 1, 13, tzinfo=ZoneInfo("Europe/Berlin"))
    values = {
        "np": np.int64(3),
        "f": np.float64(0.5),
        "b": np.bool_(True),
        "s": np.str_("x"),
        "arr": np.array([1, 2]),
        "ts": pd.Timestamp("2026-01-01T12:00:00Z"),
        "naive": pd.Timestamp("2026-01-01T12:00:00"),
        "zone": berlin,
        "row": Row(a=Row(b=1)),
        "tuple": (1, 2),
        "bytes": bytearray(b"x"),
        "td": pd.Timedelta(seconds=3),
    }
    plain = normalise(values)
    assert plain == {
        "np": 3,
        "f": 0.5,
        "b": True,
        "s": "x",
        "arr": [1, 2],
        "ts": NOON,
        "naive": dt.datetime(2026, 1, 1, 12),
        "zone": NOON,
        "row": {"a": {"b": 1}},
        "tuple": [1, 2],
        "bytes": b"x",
        "td": dt.timedelta(seconds=3),
    }
    expected = [int, float, bool, str, list, dt.datetime, dt.datetime, dt.datetime, dict, list, bytes, dt.timedelta]
    assert [type(v) for v in plain.values()] == expected
    assert record_hash(values) == record_hash(plain)


def test_the_hash_does_not_follow_key_order() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: turned(v) for k, v in reversed(value.items())}
        return [turned(v) for v in value] if isinstance(value, list) else value

    assert record_hash(turned(RECORD)) == record_hash(RECORD)
    assert record_hash({"l": [1, 2]}) != record_hash({"l": [2, 1]})


DISTINCT = [
    1,
    1.0,
    True,
    "1",
    "1.0",
    Decimal("1.0"),
    Decimal("1.00"),
    Decimal(1),
    b"1",
    None,
    "None",
    dt.date(2026, 1, 1),
    "2026-01-01",
    dt.datetime(2026, 1, 1),
    NOON,
    NOON.isoformat(),
    ["timestamp", NOON.isoformat()],
    [],
    {},
    [None],
    {"a": None},
    {"a": "None"},
    [["a", None]],
    "{'a': None}",
    dt.time(1),
    dt.timedelta(1),
    0.0,
    -0.0,
    float("nan"),
    "nan",
    [1, 2],
    [[1], 2],
    [[1, 2]],
    "é",
    "\\xe9",
]


def test_the_hash_is_typed() -> None:
    hashes = {record_hash({"x": value}) for value in DISTINCT}
    assert len(hashes) == len(DISTINCT)
    assert record_hash({"x": NOON}) == record_hash({"x": NOON.astimezone(ZoneInfo("Asia/Tokyo"))})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_hashing_never_fails_and_normalising_changes_nothing(record: dict[str, Any]) -> None:
    assert record_hash(normalise(record)) == record_hash(record)
    assert len(record_hash(record)) == 64


def test_the_hash_is_pinned() -> None:
    """Manifests hold it for years: whoever changes it must know."""
    assert record_hash(RECORD) == PINNED


def test_the_hash_is_the_same_in_another_process_and_zone() -> None:
    code = (
        "import datetime as dt; from decimal import Decimal; from spark_pdf.template.record import record_hash;"
        f"print(record_hash({RECORD!r}))".replace("datetime.", "dt.").replace("dt.dt.", "dt.")
    )
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "77"}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == PINNED


PINNED = "65b07844ab123a14a96e424e5d7e36a64233603f42bda635c7dc002aa599019a"
