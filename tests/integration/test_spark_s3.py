"""Records on S3, by the slim set of jars, from a session that spark_pdf's own jars serve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_pdf.config import parse_config
from spark_pdf.engines.driver import run
from spark_pdf.engines.spark.source import SparkRecordSource
from spark_pdf.errors import SourceError
from spark_pdf.manifest.table import open_table

pytestmark = [pytest.mark.spark, pytest.mark.s3]

RECORDS = 120


@pytest.fixture
def base(s3_server: Any, s3_bucket: str, tmp_path: Path) -> dict[str, Any]:
    """A config that reads from S3 and writes to S3."""
    table = pa.table({"id": list(range(RECORDS)), "name": [f"Ann {i}" for i in range(RECORDS)]})
    pq.write_table(table, tmp_path / "records.parquet")
    bucket = s3_bucket.removeprefix("s3://")
    s3_server.client().upload_file(str(tmp_path / "records.parquet"), bucket, "records/part-0.parquet")
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "template.html").write_text("<p>{{ name }}</p>")
    options = s3_server.options().model_dump(exclude_none=True) | {"path_style": True}
    return {
        "name": "letters",
        "source": {"format": "parquet", "path": f"{s3_bucket}/records"},
        "template": str(tmp_path / "bundle"),
        "document": {"id": "id"},
        "output": {"uri": f"{s3_bucket}/out"},
        "stores": {s3_bucket: options},
        "tasks": {"documents": 30},
    }


@pytest.mark.parametrize("materialize", ["auto", "always"])
def test_from_s3_to_s3(spark: Any, base: dict[str, Any], materialize: str, s3_server: Any) -> None:
    config = parse_config({**base, "source": {**base["source"], "materialize": materialize}})
    result = run(config, "run-1")
    assert (result.state, result.documents, result.failed) == ("committed", RECORDS, 0)
    rows = [row for batch in open_table(config).scan() for row in batch.to_pylist()]
    assert sorted(int(row["document_id"]) for row in rows) == list(range(RECORDS))
    assert run(config, "run-1").already_committed
    settings = dict(spark.sparkContext.getConf().getAll()) | {row.key: row.value for row in spark.sql("SET").collect()}
    assert s3_server.secret_key not in str(settings)


def test_delta_on_s3_is_pinned(spark: Any, base: dict[str, Any], s3_bucket: str) -> None:
    SparkRecordSource(parse_config(base), "setup", spark=spark).close()  # gives the session the bucket's settings
    path = f"{s3_bucket}/table".replace("s3://", "s3a://")
    spark.range(5).selectExpr("id", "'x' AS name").write.format("delta").save(path)
    config = parse_config({**base, "source": {"format": "delta", "path": f"{s3_bucket}/table"}})
    source = SparkRecordSource(config, "run-1", spark=spark)
    spark.range(5, 9).selectExpr("id", "'x' AS name").write.format("delta").mode("append").save(path)
    assert source.measure([]).records == 5
    assert source.snapshot().summary == "source: delta version 0"
    source.close()


def test_a_bucket_that_is_not_there_is_one_sentence(spark: Any, base: dict[str, Any]) -> None:
    prefix, options = next(iter(base["stores"].items()))
    stores = {prefix: options, "s3://absent-bucket": options}
    config = parse_config({**base, "stores": stores, "source": {"format": "parquet", "path": "s3://absent-bucket/x"}})
    with pytest.raises(SourceError, match=r"^source: .*(bucket|does not exist)"):
        SparkRecordSource(config, "run-1", spark=spark)
