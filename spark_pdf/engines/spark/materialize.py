"""A copy of the records below the run, for sources that cannot be held still.

In: the pruned records with ids and costs. Out: a `Materialized`, the one copy that the run reads, whoever asks:
written by Spark to a folder of random name, and made the run's by conditional create of a marker that names it. A
copy that was not finished has no marker and is used by nobody; of two drivers that copy at once, one wins. The marker's
name tells settings and columns, so that a run that was never pinned can begin again with others. A copy that a run
refuses before it is pinned (ids that are not unique, no records) is taken away: the next attempt asks the source again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_pdf.config import Config
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.stores import hadoop_uri
from spark_pdf.errors import StoreError
from spark_pdf.manifest.files import create_json, read_json
from spark_pdf.store import output_store
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Materialized:
    """The run's copy: its marker's key, the folder's random name and URI, and the schema that it was written with."""

    marker: str
    name: str
    uri: str
    schema: StructType

    def frame(self, spark: SparkSession) -> DataFrame:
        """The copy as a DataFrame."""
        return spark.read.schema(self.schema).parquet(self.uri)


def materialize(frame: DataFrame, config: Config, run_id: str) -> Materialized:
    """The run's copy of `frame`: the one that is there, or a new one."""
    from pyspark.sql.types import StructType

    store = output_store(config)
    folder = f"{RunLocations(run_id).folder}/source"
    asked = hashlib.sha256(f"{config.pinned_hash()} {frame.schema.json()}".encode()).hexdigest()[:16]
    marker = f"{folder}/copy-{asked}.json"
    found = read_json(store, marker)
    if found is None:
        name = secrets.token_hex(8)
        with as_source_error("source"):
            frame.write.parquet(hadoop_uri(store.uri_of(f"{folder}/{name}")))
        create_json(store, marker, {"name": name, "schema": frame.schema.json()})
        found = read_json(store, marker)
    if found is None:
        raise StoreError(f"{marker} was written and is not there")
    schema = StructType.fromJson(json.loads(found["schema"]))
    return Materialized(marker, found["name"], hadoop_uri(store.uri_of(f"{folder}/{found['name']}")), schema)


def forget(copy: Materialized, config: Config, run_id: str) -> None:
    """Take a copy away, unless the run is pinned to it by now. What cannot be deleted stays, and is used by nobody."""
    store = output_store(config)
    with suppress(StoreError):
        if not store.exists(RunLocations(run_id).run_json):
            store.delete((copy.marker,))
            store.delete(one.key for one in store.list(f"{RunLocations(run_id).folder}/source/{copy.name}"))
