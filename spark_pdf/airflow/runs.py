"""Names of runs, and what became of one: a dag run or a config in, plain values out. No Airflow in it.

The manifest table is asked, and nothing else, whether a run is committed. How a submission ended that did not commit
is told by the file that `--result` wrote, because platforms seldom hand an exit code back.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from spark_pdf.config import Config, load_config
from spark_pdf.errors import StoreError
from spark_pdf.manifest.commit import skipped_by
from spark_pdf.manifest.files import read_json
from spark_pdf.manifest.table import open_table
from spark_pdf.store import output_store
from spark_pdf.store.locations import RunLocations
from spark_pdf.store.uris import parse_uri

_BETWEEN = "--"
_LONGEST = 88  # a run id may have 100 characters; retries of it end in ".retry-<n>"

Paths = str | Sequence[str]
"""A config, or a config and its overlays."""


def run_id_of(
    dag_id: str, task_id: str, logical_date: datetime | None, dag_run_id: str, map_index: int | None = None
) -> str:
    """The run id of a task of a dag run: the same for each of its tries, another for every other task and dag run.

    `nightly--render--20261101T000000`, by the logical date in UTC, or by the dag run's id where it has none; a mapped
    task's index comes last. Names that have to be changed or cut to be part of a key end in a digest of the whole.
    """
    moment = _moment(logical_date) if logical_date is not None else dag_run_id
    parts = [dag_id, task_id, moment]
    if map_index is not None and map_index >= 0:
        parts.append(str(map_index))
    text = _BETWEEN.join(parts)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", text).lstrip("._-").rstrip(".")
    plain = not any(_BETWEEN in part or part.startswith("-") or part.endswith("-") for part in parts)
    if safe == text and plain and len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{safe[: _LONGEST - 13].rstrip('._-') or 'run'}-{digest}"


def _moment(date: datetime) -> str:
    utc = date.astimezone(timezone.utc)
    return f"{utc:%Y%m%dT%H%M%S}" + (f"{utc:.%f}" if utc.microsecond else "")


def settings(sets: Mapping[str, Any] | None) -> list[str]:
    """`--set` arguments. Values are written as JSON, which is YAML: a text stays one, whatever it looks like."""
    return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in (sets or {}).items()]


def read_config(paths: Paths, sets: Mapping[str, Any] | None, folder: str | None = None) -> Config:
    """The config that a task names. Raises `ConfigError` with every finding."""
    return load_config(config_paths(paths, folder), settings(sets))


def config_paths(paths: Paths, folder: str | None = None) -> list[str]:
    """The config's files; relative ones lie beside the DAG, if there is such a file, else where the process runs."""
    names = [paths] if isinstance(paths, str) else list(paths)
    if folder is None:
        return names
    return [str(beside) if (beside := Path(folder) / name).is_file() else name for name in names]


def committed_run(config: Config, run_id: str) -> dict[str, Any] | None:
    """What the manifest says of a run, for programs; None if it is not committed."""
    info = open_table(config).committed(run_id)
    if info is None:
        return None
    store = output_store(config)
    return {
        "run_id": run_id,
        "state": "committed",
        **where(config),
        "documents": info.documents,
        "failed": info.failed,
        "skipped": info.skipped or skipped_by(store, RunLocations(run_id)),
        "pages": info.pages,
        "bytes": info.bytes,
        "failures_by_code": dict(info.failures_by_code),
        "committed_at": info.committed_at.isoformat(),
    }


def where(config: Config) -> dict[str, str]:
    """Manifest and output as canonical URIs; an Iceberg table by its name."""
    manifest = config.manifest_uri()
    if config.manifest.format != "iceberg":
        manifest = parse_uri(manifest).uri
    return {"manifest": manifest, "output": parse_uri(config.output.uri).uri}


def result_uri(config: Config, run_id: str, submission: str) -> str:
    """Where a submission writes how it ended."""
    return output_store(config).uri_of(RunLocations(run_id).result(submission))


def submission_result(config: Config, run_id: str, submission: str) -> dict[str, Any] | None:
    """How a submission ended; None if it has not said so: it still runs, was killed, or never began."""
    return read_json(output_store(config), RunLocations(run_id).result(submission))


def forget_result(config: Config, run_id: str, submission: str) -> None:
    """Take the file away once it was read; it is no part of the run."""
    try:
        output_store(config).delete((RunLocations(run_id).result(submission),))
    except StoreError:  # whoever may not delete here leaves a few hundred bytes, which vacuum takes
        return


def report_url(config: Config, run_id: str, pattern: str | None) -> str:
    """Where people look at a run: `pattern` with `{run_id}`, else the store's own console; "" where it has none.

    There, the report, if the config asks for one; else the run's folder.
    """
    if pattern:
        return pattern.replace("{run_id}", run_id)
    address, locations = parse_uri(config.output.uri), RunLocations(run_id)
    key = locations.report if config.report else locations.folder
    key = quote(f"{address.path}/{key}".lstrip("/"))
    if address.scheme in ("s3", "s3a", "s3n") and config.store_options(config.output.uri).endpoint is None:
        console = f"https://console.aws.amazon.com/s3/{'object' if config.report else 'buckets'}/{address.bucket}"
        return f"{console}?prefix={key}" + ("" if config.report else "/")
    if address.scheme == "gs":
        console = "https://console.cloud.google.com/storage/browser"
        return f"{console}/{'_details/' if config.report else ''}{address.bucket}/{key}"
    return ""
