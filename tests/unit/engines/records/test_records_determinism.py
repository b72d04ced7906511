from __future__ import annotations

import pytest

from spark_pdf.engines.records.determinism import differs_each_time


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT random() AS r FROM t", "random()"),
        ("SELECT current_date FROM t", "current_date()"),
        ("SELECT k, list({n: n}) FROM t GROUP BY k", "list() without ORDER BY in it"),
        ("SELECT k, list(a ORDER BY a), string_agg(upper(b), ',') FROM t", "string_agg() without ORDER BY in it"),
        ("SELECT row_number() OVER () AS id FROM t", "row_number()"),
        ("SELECT * FROM t USING SAMPLE 10", "a sample"),
        ("SELECT * FROM t LIMIT 5", "LIMIT without ORDER BY"),
        ("SELECT k, list({n: n, x: (a + b)} ORDER BY n) FROM t GROUP BY k", None),
        ("SELECT 'now()', \"random()\" FROM t -- uuid()", None),
        ("SELECT * FROM t ORDER BY id LIMIT 5", None),
    ],
)
def test_what_differs_is_named(sql: str, found: str | None) -> None:
    assert differs_each_time(sql) == found
