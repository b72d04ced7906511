"""OpenLineage: a config and what was committed in, datasets in and out with their figures out.

Names of datasets follow OpenLineage's naming: `s3://bucket` and a key, `file` and a path, a database's address and
its table. Tables of a session's catalog are named in the namespace `spark-catalog`, because only Spark knows more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from spark_pdf.airflow.assets import manifest_asset_uri
from spark_pdf.airflow.runs import where
from spark_pdf.config import Config, View
from spark_pdf.errors import UsageError
from spark_pdf.store.uris import parse_uri


def lineage(config: Config, values: Mapping[str, Any] | None) -> Any:
    """What OpenLineage's extractor takes. `values` are those of a committed run; None if there is none."""
    from airflow.providers.common.compat.openlineage.facet import (
        Dataset,
        OutputDataset,
        OutputStatisticsOutputDatasetFacet,
        SQLJobFacet,
    )
    from airflow.providers.openlineage.extractors.base import OperatorLineage

    figures: dict[str, Any] = {}
    if values is not None:
        made, rows = values["documents"], values["documents"] + values["failed"]
        figures = {
            "manifest": {"outputStatistics": OutputStatisticsOutputDatasetFacet(rowCount=rows)},
            "output": {"outputStatistics": OutputStatisticsOutputDatasetFacet(rowCount=made, size=values["bytes"])},
        }
    outputs = [
        OutputDataset(namespace=space, name=name, outputFacets=figures.get(what, {}))
        for what, (space, name) in outputs_of(config).items()
    ]
    facets = {"sql": SQLJobFacet(query=config.source.sql)} if config.source.sql else {}
    inputs = [Dataset(namespace=space, name=name) for space, name in inputs_of(config)]
    return OperatorLineage(inputs=inputs, outputs=outputs, job_facets=facets)


def inputs_of(config: Config) -> list[tuple[str, str]]:
    """(namespace, name) of what the run reads."""
    views: tuple[View, ...] = tuple(config.source.views.values()) or (config.source,)
    return list(dict.fromkeys(one for view in views for one in _read_by(view)))


def outputs_of(config: Config) -> dict[str, tuple[str, str]]:
    """(namespace, name) of the manifest and of the documents."""
    manifest = manifest_asset_uri(config) if config.manifest.format == "iceberg" else where(config)["manifest"]
    return {"manifest": _split(manifest), "output": _split(where(config)["output"])}


def _read_by(view: View) -> Iterator[tuple[str, str]]:
    if view.table:
        yield "spark-catalog", view.table
    if view.format == "jdbc":
        host, database = _database(view.options.get("url", ""))
        table = view.options.get("dbtable", "query")
        yield host, f"{database}.{table}".lstrip(".")
    for path in (view.path,) if isinstance(view.path, str) else view.path or ():
        yield _split(path)


def _database(url: str) -> tuple[str, str]:
    """Where a JDBC URL's database is, and its name. Only what is surely that: users and passwords stand there, too."""
    kind, _, rest = url.removeprefix("jdbc:").partition(":")
    named = r"([\w.-]+(?::\d+)?)(?:[/:]([\w.$-]+))?"
    # //user:password@host:port/name?...;... or, as Oracle has it, thin:user/password@//host:port/name
    found = re.match(rf"//(?:[^/;?@]*@)?{named}(?=[;?]|$)", rest) or re.fullmatch(rf"[^/].*@(?://)?{named}", rest)
    return (f"{kind}://{found[1]}", found[2] or "") if found else (f"{kind}://", "")


def _split(uri: str) -> tuple[str, str]:
    try:
        address = parse_uri(uri)
    except UsageError:  # a source may be read from where no run could be kept, such as hdfs:
        parts = urlsplit(uri)
        return f"{parts.scheme}://{parts.hostname or ''}", parts.path
    if address.scheme == "file":
        return "file", address.uri.removeprefix("file://")
    return address.root, address.path or "/"
