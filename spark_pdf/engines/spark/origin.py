"""Where the records come from: a config's views and SQL, or somebody's DataFrame, with what pins them.

In: a session and a config. Out: an `Origin`, whose `pins` are None where the same query could give other records
tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config, View
from spark_pdf.engines.spark.determinism import differs_each_time, stranger
from spark_pdf.engines.spark.pins import Pin, check_files, pin_view
from spark_pdf.engines.spark.session import OpenSession
from spark_pdf.engines.spark.sources import check_free, drop, query

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Origin:
    """Records, and what they are pinned to. `why` says in words what cannot be pinned."""

    frame: DataFrame
    pins: Mapping[str, Any] | None
    why: str = ""
    summary: str = ""
    close: Callable[[], None] = _nothing
    check: Callable[[], None] = _nothing
    """Raises `TaskConflict` if the records are no longer those that `pins` names."""


def open_origin(session: OpenSession, config: Config) -> Origin:
    """The records that a config's `source` describes."""
    spark, source = session.spark, config.source
    if not source.sql:
        pin = pin_view(spark, source, "source")
        check = partial(_check_files, spark, {"source": source}, {"source": pin})
        return Origin(pin.frame, _pins({"source": pin}), pin.why, _summary({"source": pin}), check=check)
    if not session.started_here:
        check_free(spark, source.views)
    pins = {name: pin_view(spark, view, f"source.views.{name}") for name, view in source.views.items()}
    try:
        frame = query(spark, source.sql, {name: pin.frame for name, pin in pins.items()})
    except BaseException:
        drop(spark, source.views)
        raise
    why = _why(source.sql, frame, pins, session)
    held = None if why else _pins(pins)
    views = {f"source.views.{name}": view for name, view in source.views.items()}
    check = partial(_check_files, spark, views, {f"source.views.{name}": pin for name, pin in pins.items()})
    return Origin(frame, held, why, _summary(pins), lambda: drop(spark, source.views), check)


def frame_origin(frame: DataFrame, pins: Mapping[str, Any] | None = None) -> Origin:
    """The records of a DataFrame. What it reads is its maker's affair, so it is copied unless the config says never.

    `pins`: what its maker holds it still by, such as the batch of a stream: then it is not copied.
    """
    if pins is None:
        return Origin(frame, None, "a DataFrame cannot be pinned")
    return Origin(frame, pins, summary=", ".join(f"{name} {value}" for name, value in pins.items()))


def _check_files(spark: SparkSession, views: Mapping[str, View], pins: Mapping[str, Pin]) -> None:
    """Files that were exchanged while they were read are not what the run is pinned to."""
    for key, view in views.items():
        check_files(spark, view, key, pins[key].detail or {})


def _why(sql: str, frame: DataFrame, pins: Mapping[str, Pin], session: OpenSession) -> str:
    """Why a query cannot be pinned; empty if it can."""
    unpinned = [pin.why for pin in pins.values() if pin.detail is None]
    if unpinned:
        return unpinned[0]
    found = differs_each_time(sql)
    if found:
        return f"source.sql uses {found}"
    if not session.connect and not frame._jdf.queryExecution().analyzed().deterministic():
        return "source.sql is not deterministic"
    other = stranger(sql, pins)
    if other or not pins:
        return f"source.sql reads {other or 'records'} from the catalog, which is not under source.views"
    return ""


def _pins(pins: Mapping[str, Pin]) -> dict[str, Any] | None:
    details = {name: pin.detail for name, pin in pins.items()}
    return None if None in details.values() else details


def _summary(pins: Mapping[str, Pin]) -> str:
    parts = []
    for name, pin in sorted(pins.items()):
        detail = pin.detail or {}
        known = {"files": "{} files", "version": "version {}", "snapshot": "snapshot {}"}
        said = [text.format(detail[key]) for key, text in known.items() if key in detail]
        parts.append(f"{name}: {detail.get('format', 'not pinned')} {' '.join(said)}".rstrip())
    return "; ".join(parts)
