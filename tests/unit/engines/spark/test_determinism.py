from __future__ import annotations

import pytest

from spark_pdf.engines.spark.determinism import differs_each_time, stranger


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
        ("SELECT row_number() OVER (PARTITION BY id ORDER BY changed) AS n FROM t", "row_number()"),
        ("SELECT id, max_by(name, changed) FROM t GROUP BY id", "max_by()"),
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


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT * FROM orders JOIN prod.customers USING (id)", "prod.customers"),
        ("SELECT * FROM orders o, `prices` p", "`prices`"),
        ("SELECT * FROM orders AS o, orders, prices", "prices"),
        ("SELECT * FROM orders WHERE id IN (SELECT id FROM late)", "late"),
        ("SELECT * FROM delta.`/x`", "delta.`/x`"),
        ("WITH x AS (SELECT * FROM secret) SELECT * FROM x", "secret"),
        ("WITH x AS (SELECT * FROM orders), y (a) AS (SELECT 1) SELECT * FROM x LEFT JOIN Y ON true", None),
        ("SELECT 'from a', extract(year FROM d), trim(BOTH 'x' FROM name) FROM Orders -- from b", None),
        ("SELECT * FROM orders WHERE a IS DISTINCT FROM b", None),
        ("SELECT * FROM (SELECT * FROM orders) x, range(3)", None),
        ("SELECT * FROM orders LATERAL VIEW explode(lines) l AS line", None),
        ("SELECT * FROM orders, LATERAL (SELECT 1)", None),
        ("SELECT * FROM VALUES (1), (2)", None),
    ],
)
def test_tables_that_are_no_views_are_found(sql: str, found: str | None) -> None:
    assert stranger(sql, ["orders"]) == found
