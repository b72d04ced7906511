"""Views of a config as DataFrames: files, tables, JDBC, and SQL over them.

In: a session and a `config.Source`. Out: DataFrames. Nothing here starts a job, but for the inference of a schema
from CSV and JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from spark_pdf.config import View, resolve_secret
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.stores import hadoop_uri
from spark_pdf.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FILE_FORMATS = ("parquet", "csv", "json", "orc", "avro", "text", "xml", "binaryfile")
"""Formats that are a list of files, which pins them."""

_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    # A table for people: names in the first line, numbers as numbers.
    "csv": {"header": "true", "inferSchema": "true"},
}


def format_of(view: View) -> str:
    """The format of a view in lower case: the one named, or that of the file name's ending, or Parquet."""
    if view.format:
        return view.format.lower()
    ending = re.search(r"\.(csv|json|orc|avro)$", paths_of(view)[0]) if view.path else None
    return ending.group(1) if ending else "parquet"


def paths_of(view: View) -> list[str]:
    """The view's paths, as Hadoop names them."""
    given = (view.path,) if isinstance(view.path, str) else view.path or ()
    return [hadoop_uri(path) for path in given]


def read_view(spark: SparkSession, view: View, key: str, options: Mapping[str, str] | None = None) -> DataFrame:
    """A DataFrame over one view; `options` come on top of the view's own."""
    reader = spark.read
    form = format_of(view)
    named = {name.lower() for name in view.options}
    defaults = {name: value for name, value in _DEFAULTS.get(form, {}).items() if name.lower() not in named}
    for name, value in {**defaults, **view.options, **(options or {})}.items():
        reader = reader.option(name, value)
    for name, reference in view.secret_options.items():
        reader = reader.option(name, resolve_secret(reference))
    with as_source_error(key):
        if view.table:
            return resolved(reader.table(view.table))
        paths = paths_of(view)
        if not paths and form in (*FILE_FORMATS, "delta"):
            raise SourceError(f"{key} names neither `table` nor `path`")
        reader = reader.format(form)
        if len(paths) > 1:
            return resolved(reader.load(paths))
        return resolved(reader.load(paths[0]) if paths else reader.load())


def resolved(frame: DataFrame) -> DataFrame:
    """The same DataFrame, its names looked up. A Connect session would put that off, and the error with it."""
    frame.schema  # noqa: B018
    return frame


def query(spark: SparkSession, sql: str, views: Mapping[str, DataFrame]) -> DataFrame:
    """SQL over named views. The views are registered in the session; `drop` takes them out again."""
    for name, frame in views.items():
        with as_source_error(f"source.views.{name}"):
            frame.createOrReplaceTempView(name)
    with as_source_error("source.sql"):
        # As a subquery: a statement that changes something would be carried out at once, a subquery cannot be one.
        return resolved(spark.sql(f"SELECT * FROM (\n{sql.strip().rstrip(';')}\n)"))


def check_free(spark: SparkSession, names: Mapping[str, object]) -> None:
    """Raise `SourceError` if a session that is not ours has a temporary view by the name of one of the config's."""
    for name in names:
        rows = spark.sql(f"SHOW VIEWS LIKE '{name}'").collect()
        if any(row["isTemporary"] for row in rows):
            raise SourceError(f"the session has a temporary view '{name}' already; rename source.views.{name}")


def drop(spark: SparkSession, views: Mapping[str, object]) -> None:
    """Take views out of the session."""
    for name in views:
        spark.catalog.dropTempView(name)


def quoted(name: str) -> str:
    """A column's name in backticks."""
    return "`" + name.replace("`", "``") + "`"


def quoted_name(table: str) -> str:
    """A table's name, each part in backticks unless the config has put them there."""
    return table if "`" in table else ".".join(quoted(part) for part in table.split("."))
