"""What a platform's machines have to be given: environment, bundle, entry script and config, in a store, by content.

In: a config, and where its files are on this machine. Out: URIs below `submit.staging`. What is there already is not
sent again, so the second run of a day sends its config and nothing else. Settings that mean this machine are refused.

    environments/<hash>.tar.gz     bundles/<hash>/<name>.zip     jobs/<hash>/render_documents.py
    configs/<hash>.yaml            runs/<run>/...                 see `attempts.py`
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from spark_pdf.config import Config
from spark_pdf.errors import UnsupportedError
from spark_pdf.store import ObjectStore, open_store
from spark_pdf.submit.archive import Target, build_archive
from spark_pdf.template.loading import load_bundle

ENTRY = '''"""Entry point for spark-submit: `spark-pdf run` with the arguments that follow, or `retry ...`."""

import sys

from spark_pdf.cli.__main__ import main

if __name__ == "__main__":
    if sys.argv[1:2] not in (["run"], ["retry"]):
        sys.argv[1:1] = ["run"]
    main()
'''
"""`jobs/render_documents.py`, which an installed package does not have beside it. A test holds the two equal."""

_PART = 8 << 20
_LOCAL = ("", "file")


@dataclass(frozen=True, slots=True)
class Staged:
    """URIs of what a job needs. `archive` is None where the platform's image holds the environment."""

    entry: str
    config: str
    archive: str | None


def staging_uri(config: Config) -> str:
    """Where everything of `spark-pdf submit` lies."""
    return (config.submit.staging or f"{config.output.uri.rstrip('/')}/_submit").rstrip("/")


def open_staging(config: Config) -> ObjectStore:
    """Its store."""
    uri = staging_uri(config)
    return open_store(uri, config.store_options(uri))


def stage(config: Config, *, archived: bool, say: Callable[[str], None] = lambda text: None) -> Staged:
    """Put what the job needs into the staging store. `archived`: the environment travels along."""
    check_reachable(config)
    store = open_staging(config)
    bundle = load_bundle(config.template, config.store_options(config.template))
    template = _put(store, f"bundles/{bundle.hash}/{bundle.name}.zip", bundle.to_archive(), say)
    text = config_text(config, template).encode()
    archive = None
    if archived and config.submit.environment == "archive":
        extras = (config.manifest.format,) if config.manifest.format in ("delta", "iceberg") else ()
        made = build_archive(Target(config.submit.machine, config.submit.python, extras=extras), say)
        archive = _put_file(store, made, say)
    return Staged(
        _put(store, f"jobs/{_hash(ENTRY.encode())}/render_documents.py", ENTRY.encode(), say),
        _put(store, f"configs/{_hash(text)}.yaml", text, say),
        archive,
    )


def config_text(config: Config, template: str) -> str:
    """The config, its overlays and `--set` as one file, with the staged template. References to secrets stay so."""
    values = config.model_dump(mode="json", exclude_unset=True)
    values.pop("submit", None)
    return yaml.safe_dump({**values, "template": template}, sort_keys=True, allow_unicode=True)


def check_reachable(config: Config) -> None:
    """Raise `UnsupportedError` for settings that only mean something on this machine, all at once."""
    findings = [f"{key} is a place on this machine ({uri})" for key, uri in _places(config) if _is_local(key, uri)]
    if config.engine != "spark":
        findings.insert(0, f"engine is {config.engine}; a platform's job runs Spark")
    for key, value in (("spark.master", config.spark.master), ("spark.remote", config.spark.remote)):
        if value:
            findings.append(f"{key} is set; the platform decides that")
    if findings:
        raise UnsupportedError("cannot be submitted: " + "; ".join(findings))


def _places(config: Config) -> Iterator[tuple[str, str]]:
    yield "output.uri", config.output.uri
    yield "submit.staging", staging_uri(config)
    if config.manifest.uri:
        yield "manifest.uri", config.manifest.uri
    views = {"source": config.source, **{f"source.views.{name}": view for name, view in config.source.views.items()}}
    for key, view in views.items():
        paths: Iterable[str] = (view.path,) if isinstance(view.path, str) else view.path or ()
        for path in paths:
            yield f"{key}.path", path


def _is_local(key: str, uri: str) -> bool:
    """Whether it is a path, but for records in a volume, which Databricks has on all its machines."""
    return urlsplit(uri).scheme in _LOCAL and not (key.startswith("source") and uri.startswith("/Volumes/"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]


def _put(store: ObjectStore, key: str, data: bytes, say: Callable[[str], None]) -> str:
    if not store.exists(key):
        store.create(key, data)
        say(f"sent {store.uri_of(key)}")
    return store.uri_of(key)


def _put_file(store: ObjectStore, path: Path, say: Callable[[str], None]) -> str:
    """The archive, named by its bytes: two machines that build the same send it once."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_PART):
            digest.update(part)
    key = f"environments/{digest.hexdigest()[:24]}.tar.gz"
    if not store.exists(key):
        with store.writer(key, content_type="application/gzip") as writer, path.open("rb") as file:
            while part := file.read(_PART):
                writer.write(part)
        say(f"sent {store.uri_of(key)}, {path.stat().st_size / 1e6:.0f} MB")
    return store.uri_of(key)
