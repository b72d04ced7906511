"""A source in a classic session and over Connect: the same answers, whatever the session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chispa import assert_df_equality

from spark_pdf.config import Tasks
from spark_pdf.engines.planning import cut
from spark_pdf.engines.source import EXPECTED_COLUMN, ID_COLUMN, PARTITION_COLUMN, Measure, PartitionPlan
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.errors import SourceError
from tests.spark_fixtures import spark_config

pytestmark = pytest.mark.spark

RECORDS = 400


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """400 records in two files; some cost more."""
    folder = tmp_path / "records"
    folder.mkdir()
    for part in range(2):
        ids = list(range(part * 200, part * 200 + 200))
        table = pa.table(
            {
                "id": ids,
                "name": [f"n{i}" for i in ids],
                "lines": [[{"price": i}] * (1 + i % 7) for i in ids],
                "secret": ["s" * 50 for _ in ids],
            }
        )
        pq.write_table(table, folder / f"{part}.parquet")
    return folder


@pytest.fixture(params=["classic", "connect"])
def session(request: pytest.FixtureRequest) -> Any:
    """Both kinds of session."""
    return request.getfixturevalue("spark" if request.param == "classic" else "connect")


@pytest.fixture
def opened(session: Any) -> Iterator[Any]:
    """Opens sources, and closes them after the test."""
    sources = []

    def open_source(**changes: Any) -> SparkRecordSource:
        sources.append(SparkRecordSource(spark_config(**changes), "run-1", spark=session))
        return sources[-1]

    yield open_source
    for source in sources:
        source.close()


def plan_of(measure: Measure, partitions: int) -> PartitionPlan:
    return cut(measure, Tasks(documents=-(-measure.records // partitions)), 1)


def done_file(folder: Path, ids: list[str], status: str = "document") -> str:
    path = folder / f"done-{status}-{len(ids)}.parquet"
    pq.write_table(pa.table({"document_id": ids, "status": [status] * len(ids), "pages": [1] * len(ids)}), path)
    return path.as_uri()


def test_schema_is_arrow_and_prune_checks_names(opened: Any, records: Path) -> None:
    source = opened(source={"path": str(records)})
    assert source.schema().field("lines").type.value_type.field("price").type == pa.int64()
    with pytest.raises(SourceError, match="has no column 'nam'; it has: id, name, lines, secret"):
        source.prune(["nam"])


def test_sample_has_pruned_columns_and_the_id(opened: Any, records: Path) -> None:
    source = opened(source={"path": str(records)}, document={"id": "concat('x', id)"})
    source.prune(["lines", "name"])
    (record,) = source.sample(1)
    assert list(record) == ["name", "lines", ID_COLUMN]
    assert record["lines"][0] == {"price": int(record[ID_COLUMN][1:])}


@pytest.mark.parametrize("identity", ["id", "nullif(id, id)", "7", "uuid()"])
def test_sample_of_a_query_is_whole_and_small_whatever_its_ids(opened: Any, records: Path, identity: str) -> None:
    views = {"records": {"format": "parquet", "path": str(records)}}
    sql = f"SELECT id, {identity} AS key, max(name) AS name FROM records GROUP BY id"
    source = opened(source={"views": views, "sql": sql}, document={"id": "key"})
    sample = source.sample(5)
    assert all(record["name"] == f"n{record['id']}" for record in sample)
    assert len(sample) == (0 if "nullif" in identity else 5)


def test_measure_counts_every_record_and_its_cost(opened: Any, records: Path) -> None:
    source = opened(source={"path": str(records)}, document={"id": "id", "cost": "size(lines)"})
    source.prune(["name"])
    measure = source.measure([])
    assert measure.records == RECORDS
    assert sum(measure.costs) == sum(1 + i % 7 for i in range(RECORDS))
    assert list(measure.buckets) == sorted(set(measure.buckets))


def test_documents_that_are_done_are_left_out_and_failures_are_not(opened: Any, records: Path, tmp_path: Path) -> None:
    source = opened(source={"path": str(records)})
    done = [done_file(tmp_path, ["0", "1", "399"]), done_file(tmp_path, ["2", "3"], "failure")]
    measure = source.measure(done)
    assert measure.records == RECORDS - 3
    rows = source.placed(plan_of(measure, 3), done).select(ID_COLUMN).collect()
    assert {row[0] for row in rows} == {str(i) for i in range(RECORDS)} - {"0", "1", "399"}


def test_every_record_lies_in_the_task_that_the_plan_gives_it(opened: Any, records: Path, session: Any) -> None:
    source = opened(source={"path": str(records)}, document={"id": "id", "cost": "size(lines)"})
    source.prune(["name"])
    measure = source.measure([])
    plan = plan_of(measure, 13)
    assert plan.partitions == 13
    for advisory in ("1b", "1g"):  # adaptive execution may want to merge everything, or to split it
        session.conf.set("spark.sql.adaptive.advisoryPartitionSizeInBytes", advisory)
        frame = source.placed(plan, [])
        assert set(frame.columns) == {"name", ID_COLUMN, PARTITION_COLUMN}
        rows = frame.selectExpr("*", "spark_partition_id() AS task").collect()
        assert Counter(row["task"] for row in rows) == dict(enumerate(plan.counts))
        assert all(row["task"] == row[PARTITION_COLUMN] for row in rows)
        for task in range(plan.partitions):
            ids = [row[ID_COLUMN] for row in rows if row["task"] == task]
            assert ids == sorted(ids)
    session.conf.unset("spark.sql.adaptive.advisoryPartitionSizeInBytes")


def test_only_needed_columns_are_read(
    opened: Any, records: Path, session: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    source = opened(source={"path": str(records)})
    source.prune(["name"])
    source.placed(PartitionPlan((0, 1 << 16), (RECORDS,)), []).explain()
    assert "ReadSchema: struct<id:bigint,name:string>" in capsys.readouterr().out


def test_twins_and_nulls_are_named(opened: Any, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["b", "a", "b", "c", "a"]}), tmp_path / "twins.parquet")
    with pytest.raises(SourceError, match="not unique: more than one record has 'a', 'b'"):
        opened(source={"path": str(tmp_path / "twins.parquet")}).measure([])
    pq.write_table(pa.table({"id": ["a", None, None]}), tmp_path / "nulls.parquet")
    with pytest.raises(SourceError, match=r"document\.id is null in 2 record\(s\)"):
        opened(source={"path": str(tmp_path / "nulls.parquet")}).measure([])


def test_limit_takes_the_first_by_id_whatever_is_done(opened: Any, records: Path, tmp_path: Path) -> None:
    source = opened(source={"path": str(records)}, limit=5, document={"id": "lpad(id, 4, '0')"})
    done = [done_file(tmp_path, ["0001"])]
    assert source.measure(done).records == 4
    rows = source.placed(PartitionPlan((0, 1 << 16), (4,)), done).collect()
    assert [row[ID_COLUMN] for row in rows] == ["0000", "0002", "0003", "0004"]


def test_sql_over_views_and_the_views_are_gone_afterwards(opened: Any, records: Path, session: Any) -> None:
    views = {"t": {"path": str(records)}, "c": {"path": str(records)}}
    source = opened(
        source={"views": views, "sql": "WITH x AS (SELECT t.id, c.name FROM t JOIN c USING (id)) SELECT * FROM x;"}
    )
    assert source.measure([]).records == RECORDS
    assert source.snapshot().kind == "spark"
    source.close()
    assert not session.catalog.tableExists("t")


def test_a_view_of_the_user_is_not_replaced(opened: Any, records: Path, session: Any) -> None:
    session.range(1).createOrReplaceTempView("t")
    with pytest.raises(SourceError, match=r"temporary view 't' already; rename source\.views\.t"):
        opened(source={"views": {"t": {"path": str(records)}}, "sql": "SELECT * FROM t"})
    session.catalog.dropTempView("t")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": {"path": "/not/there"}}, r"^source: Path does not exist: file:/not/there"),
        ({"source": {"table": "no.such_table"}}, r"^source: .*cannot be found"),
        ({"source": {"format": "nope", "path": "/x"}}, r"^source: .*there is no such format"),
        ({"source": {"sql": "SELEC 1", "views": {}}}, r"^source\.sql: Syntax error"),
        ({"source": {"sql": "SELECT * FROM missing"}}, r"^source\.sql: .*`missing` cannot be found"),
        ({"source": {"sql": "DROP TABLE x"}}, r"^source\.sql: "),
        ({"source": {"sql": "SELECT 1 AS id, 2 AS ID"}}, r"more than one column 'id'"),
        ({"source": {"sql": "SELECT 1 AS __document_id"}}, r"a name that spark_pdf uses"),
        ({"source": {"sql": "SELECT 1 AS id"}, "document": {"id": "uuid()"}}, r"document\.id uses uuid\(\)"),
    ],
)
def test_mistakes_are_one_sentence(opened: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        opened(**changes)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("key", ["id", "cost"])
def test_a_bad_expression_names_its_key(opened: Any, records: Path, key: str) -> None:
    source = opened(source={"path": str(records)}, document={"id": "id"} | {key: "siez(lines)"})
    with pytest.raises(SourceError, match=rf"^document\.{key}: .*siez"):
        source.measure([])


def test_the_sessions_settings_are_put_back(opened: Any, records: Path, session: Any) -> None:
    session.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    source = opened(source={"path": str(records)})
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    source.close()
    assert session.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    session.conf.set("spark.sql.session.timeZone", "UTC")


def baseline_file(folder: Path) -> str:
    """Two runs: the later one has 1 with another hash, 2 erased; 3 is of another template."""
    lines = [
        ("1", 5, "a", "old"),
        ("1", 9, "b", "new"),
        ("2", 5, "a", "h2"),
        ("2", 9, "b", "erased"),
        ("3", 5, "a", ""),
    ]
    names = ["document_id", "committed_at", "run_id", "expected"]
    types = [pa.string(), pa.int64(), pa.string(), pa.string()]
    columns = [pa.array(values, kind) for values, kind in zip(zip(*lines, strict=True), types, strict=True)]
    pq.write_table(pa.Table.from_arrays(columns, names), folder / "baseline.parquet")
    return (folder / "baseline.parquet").as_uri()


def test_the_latest_line_of_an_id_is_what_a_record_is_compared_with(
    opened: Any, session: Any, records: Path, tmp_path: Path
) -> None:
    source = opened(source={"path": str(records)})
    source.prune(["name"])
    source.against("changed", [baseline_file(tmp_path)])
    measure = source.measure([])
    assert (measure.records, measure.left_out) == (RECORDS - 1, 1), "who was erased stays out"
    frame = (
        source.placed(plan_of(measure, 3), []).where(f"CAST({ID_COLUMN} AS INT) < 5").select(ID_COLUMN, EXPECTED_COLUMN)
    )
    wanted = [("0", None), ("1", "new"), ("3", ""), ("4", None)]
    expected = session.createDataFrame(wanted, f"{ID_COLUMN} string, {EXPECTED_COLUMN} string")
    assert_df_equality(frame, expected, ignore_row_order=True, ignore_nullable=True)


def test_what_is_not_missing_is_left_out_and_counted(opened: Any, records: Path, tmp_path: Path) -> None:
    source = opened(source={"path": str(records)})
    source.prune(["name"])
    source.against("missing", [baseline_file(tmp_path)])
    done = [done_file(tmp_path, ["7"])]
    measure = source.measure(done)
    assert (measure.records, measure.left_out) == (RECORDS - 4, 3)
    frame = source.placed(plan_of(measure, 3), done)
    assert set(frame.columns) == {"name", ID_COLUMN, PARTITION_COLUMN}
    assert {row[0] for row in frame.select(ID_COLUMN).collect()} == {str(i) for i in range(RECORDS)} - set("1237")


def test_a_session_that_cannot_read_the_output_is_one_sentence(opened: Any, records: Path) -> None:
    source = opened(source={"path": str(records)})
    with pytest.raises(SourceError, match=r"^output\.uri: Spark has to read what the run has written there: "):
        source.measure(["nosuch://bucket/out/_runs/run-1/tasks/1-0.parquet"])
