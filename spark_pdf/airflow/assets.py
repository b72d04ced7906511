"""The manifest as an asset (a dataset in Airflow 2.10): a config in, a URI that DAGs can be scheduled on.

A task need not read its config while DAGs are parsed: it emits through an alias, and the asset is known once it has
run. A DAG that waits for one manifest names its URI, `schedule=[Asset("s3://lake/invoices/manifest")]`; one that
waits for any, the alias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from spark_pdf.airflow.compat import Asset, AssetAlias
from spark_pdf.airflow.runs import where
from spark_pdf.config import Config

ALIAS = "spark_pdf_manifests"
"""The alias of all manifests."""

TOLD = ("run_id", "documents", "failed", "skipped", "committed_at", "output")
"""What an event's `extra` says."""


def manifest_asset_uri(config: Config) -> str:
    """The URI of the manifest's asset."""
    manifest = where(config)["manifest"]
    if config.manifest.format == "iceberg":
        catalog = urlsplit(config.manifest.catalog.get("uri", "")).hostname or "catalog"
        return f"iceberg://{catalog}/{manifest.replace('.', '/')}"
    scheme, _, rest = manifest.partition("://")
    if scheme == "abfss":  # what stands before an @ is taken for a password, and taken away
        container, _, place = rest.partition("@")
        account, _, path = place.partition("/")
        return f"abfss://{account}/{container}/{path}"
    return manifest


def emit(config: Config, outlets: Sequence[Any], events: Any, values: Mapping[str, Any]) -> None:
    """Tell what was committed: in the event of an outlet that is the manifest, else through the alias."""
    uri = manifest_asset_uri(config)
    extra = {name: values[name] for name in TOLD}
    for outlet in outlets:
        if isinstance(outlet, Asset) and outlet.uri == Asset(uri).uri:
            events[outlet].extra.update(extra)
            return
    for outlet in outlets:
        if isinstance(outlet, AssetAlias) and outlet.name == ALIAS:
            events[outlet].add(Asset(uri), extra=extra)
