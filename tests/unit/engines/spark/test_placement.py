from __future__ import annotations

from typing import Any

import pytest

from spark_pdf.engines.source import BUCKETS, PartitionPlan
from spark_pdf.engines.spark.placement import keys, murmur3_int, placement_rows


@pytest.mark.spark
def test_murmur3_is_sparks(spark: Any) -> None:
    values = [0, 1, -1, 2, 41, 65535, 123456789, 2**31 - 1, -(2**31)]
    rows = (
        spark.createDataFrame([(value,) for value in values], "value int").selectExpr("hash(value) AS hash").collect()
    )
    assert [murmur3_int(value) for value in values] == [row["hash"] for row in rows]


@pytest.mark.parametrize("partitions", [1, 2, 7, 1000])
def test_keys_hit_every_partition(partitions: int) -> None:
    assert [murmur3_int(key) % partitions for key in keys(partitions)] == list(range(partitions))


def test_rows_cover_every_bucket_once() -> None:
    plan = PartitionPlan((0, 10, 11, BUCKETS), (3, 1, 5))
    rows = placement_rows(plan)
    assert [(first, last, partition) for first, last, partition, _ in rows] == [
        (0, 9, 0),
        (10, 10, 1),
        (11, BUCKETS - 1, 2),
    ]
