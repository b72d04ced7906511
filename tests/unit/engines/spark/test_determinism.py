from __future__ import annotations

import pytest

from spark_pdf.engines.spark.determinism import differs_each_time


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT id, rand() AS r FROM t", "rand()"),
        ("SELECT UUID () FROM t", "uuid()"),
        ("SELECT current_date FROM t", "current_date()"),
        ("SELECT monotonically_increasing_id() FROM t", "monotonically_increasing_id()"),
        ("SELECT unix_timestamp() FROM t", "unix_timestamp()"),
        ("SELECT k, collect_list(v) FROM t GROUP BY k", "collect_list() without sort_array() around it"),
        ("SELECT k, sort_array(first(v)), collect_set(v) FROM t", "collect_set() without sort_array() around it"),
        ("SELECT * FROM t TABLESAMPLE (10 PERCENT)", "TABLESAMPLE"),
        ("SELECT * FROM t LIMIT 10", "LIMIT without ORDER BY"),
    ],
)
def test_what_differs_is_named(sql: str, found: str) -> None:
    assert differs_each_time(sql) == found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT k, sort_array(collect_list(struct(n, v))) AS lines FROM t GROUP BY k",
        "SELECT k, array_sort( collect_list(v), (a, b) -> a - b) FROM t GROUP BY k",
        "SELECT 'rand()' AS text, `uuid()`, \"now()\" FROM t -- rand()\n/* uuid() */",
        "SELECT 'it''s rand()' FROM t",
        "SELECT unix_timestamp(when) AS seconds, operand(x), user_id FROM t",
        "SELECT * FROM t ORDER BY id LIMIT 10",
        "SELECT first_name, mode FROM t",
    ],
)
def test_what_does_not_differ_is_left_alone(sql: str) -> None:
    assert differs_each_time(sql) is None
