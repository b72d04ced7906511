"""What a view reads, exactly: a Delta version, an Iceberg snapshot, a list of files.

In: a session and a view. Out: a `Pin`: the DataFrame that reads just that, and a JSON-able description of it; none
where a source cannot be held still (JDBC, catalog views). File lists are made by Spark's own listing (format
binaryFile without its content), so they see what its readers see, over Connect too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_pdf.config import View
from spark_pdf.engines.spark.faults import as_source_error
from spark_pdf.engines.spark.sources import FILE_FORMATS, format_of, paths_of, quoted, quoted_name, read_view
from spark_pdf.errors import SourceError, TaskConflict

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_LISTING_OPTIONS = ("pathglobfilter", "recursivefilelookup", "modifiedbefore", "modifiedafter", "basepath")
_TIME_TRAVEL = ("versionasof", "timestampasof", "snapshot-id", "as-of-timestamp", "branch", "tag")


@dataclass(frozen=True)
class Pin:
    """One view, held still. `detail` is None where it cannot be; `why` then says so in words."""

    frame: DataFrame
    detail: Mapping[str, Any] | None
    why: str = ""


def pin_view(spark: SparkSession, view: View, key: str) -> Pin:
    """The view's DataFrame and what it reads."""
    form = format_of(view)
    if view.table:
        form = _provider(spark, view.table, key)
    if form == "delta":
        return _delta(spark, view, key)
    if form == "iceberg":
        return _iceberg(spark, view, key)
    if form in FILE_FORMATS and not view.table:
        return _files(spark, view, key)
    frame = read_view(spark, view, key)
    what = f"the table {view.table} ({form or 'a view'})" if view.table else f"format {form}"
    return Pin(frame, None, f"{what} cannot be pinned")


def _provider(spark: SparkSession, table: str, key: str) -> str:
    """The format behind a catalog table; empty for a view."""
    with as_source_error(key):
        rows = spark.sql(f"DESCRIBE TABLE EXTENDED {quoted_name(table)}").collect()
    facts = {row["col_name"]: row["data_type"] for row in rows if row["col_name"] in ("Provider", "Type")}
    return "" if facts.get("Type") == "VIEW" else str(facts.get("Provider", "")).lower()


def _delta(spark: SparkSession, view: View, key: str) -> Pin:
    travel = _own_travel(view)
    if travel:
        return Pin(read_view(spark, view, key), {"format": "delta", "name": _name(view), **travel})
    with as_source_error(key):
        target = quoted_name(view.table) if view.table else f"delta.{quoted(paths_of(view)[0])}"
        row = spark.sql(f"DESCRIBE HISTORY {target} LIMIT 1").select("version", "timestamp").collect()[0]
    frame = read_view(spark, view, key, {"versionAsOf": str(row["version"])})
    # A table that was dropped and made anew counts its versions from 0 again: the time tells them apart.
    detail = {"format": "delta", "name": _name(view), "version": row["version"], "at": str(row["timestamp"])}
    return Pin(frame, detail)


def _iceberg(spark: SparkSession, view: View, key: str) -> Pin:
    travel = _own_travel(view)
    if travel:
        return Pin(read_view(spark, view, key), {"format": "iceberg", "name": _name(view), **travel})
    with as_source_error(key):
        if view.table:
            refs = spark.table(f"{quoted_name(view.table)}.refs")
        else:
            where = paths_of(view)[0]
            refs = spark.read.format("iceberg").load(where + ("#refs" if "/" in where else ".refs"))
        rows = refs.where("name = 'main'").select("snapshot_id").collect()
    if not rows:
        raise SourceError(f"{key}: the Iceberg table {_name(view)} is empty: it has no snapshot yet")
    snapshot = rows[0]["snapshot_id"]
    frame = read_view(spark, view, key, {"versionAsOf": str(snapshot)})
    return Pin(frame, {"format": "iceberg", "name": _name(view), "snapshot": snapshot})


def _files(spark: SparkSession, view: View, key: str) -> Pin:
    """Files are listed before and after the DataFrame takes its own list, so that all three are the same."""
    for _ in range(3):
        before = list_files(spark, view, key)
        frame = read_view(spark, view, key)
        if list_files(spark, view, key) == before:
            return Pin(frame, {"format": format_of(view), "name": _name(view), **before})
    raise SourceError(f"{key}: files change while they are listed; set source.materialize to always")


def list_files(spark: SparkSession, view: View, key: str) -> dict[str, Any]:
    """How many files a view has, how large, and a digest over path, size and time of change of each."""
    reader = spark.read.format("binaryFile")
    for name, value in view.options.items():
        if name.lower() in _LISTING_OPTIONS:
            reader = reader.option(name, value)
    with as_source_error(key):
        columns = ("path", "length", "unix_micros(modificationTime) AS changed")
        rows = reader.load(paths_of(view)).selectExpr(*columns).collect()
    if not rows:
        raise SourceError(f"{key}: there is no file at {_name(view)}")
    lines = sorted(f"{row['path']}\t{row['length']}\t{row['changed']}\n" for row in rows)
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return {"files": len(rows), "bytes": sum(row["length"] for row in rows), "digest": digest}


def check_files(spark: SparkSession, view: View, key: str, pinned: Mapping[str, Any]) -> None:
    """Raise `TaskConflict` if a view's files are no longer those of its pin. Versions and snapshots do not change."""
    if "digest" in pinned and list_files(spark, view, key)["digest"] != pinned["digest"]:
        raise TaskConflict(
            f"{key}: files changed while the run read them, so nothing was committed; use a new run_id, and set "
            "source.materialize to always where files may change during a run"
        )


def _own_travel(view: View) -> dict[str, str]:
    """Time travel that the config asks for itself."""
    return {name: value for name, value in view.options.items() if name.lower() in _TIME_TRAVEL}


def _name(view: View) -> str:
    return view.table or ", ".join(paths_of(view))
