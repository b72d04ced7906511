"""`stream` and `watch`: a config in, documents as their records come."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from spark_pdf.cli import console
from spark_pdf.cli.progress import RunProgress
from spark_pdf.cli.settings import read_config
from spark_pdf.store.uris import parse_uri
from spark_pdf.wording import by_kind, duration, size

if TYPE_CHECKING:
    from spark_pdf.config import Config
    from spark_pdf.engines.batches import BatchesResult


def stream_config(configs: list[Path], sets: list[str], once: bool, as_json: bool, quiet: bool) -> None:
    """Render a stream until it is asked to stop, or, with `once`, has nothing left."""
    from spark_pdf.engines.spark.stream import run_stream

    config = read_config(configs, sets)
    with RunProgress(quiet=quiet) as progress:
        result = run_stream(config, once=once, progress=progress)
    _show(config, result, as_json, f"stream {config.name}")


def watch_config(configs: list[Path], sets: list[str], once: bool, as_json: bool, quiet: bool) -> None:
    """Render what comes into an inbox."""
    # Arrow's own pools keep what they once had; this process has little, and lives long.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from spark_pdf.engines.local.watch import watch

    sys.meta_path.insert(0, _WithoutPandas())
    config = read_config(configs, sets)
    with RunProgress(quiet=quiet) as progress:
        result = watch(config, once=once, progress=progress)
    _show(config, result, as_json, f"watch {config.name}")


class _WithoutPandas(MetaPathFinder):
    """Arrow loads pandas, where it is installed, to ask whether a value is one of its: 45 MB, and none ever is."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Say that there is no pandas; of all else, nothing."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _show(config: Config, result: BatchesResult, as_json: bool, what: str) -> None:
    values = result.to_json() | {"output": parse_uri(result.output).uri}
    if config.manifest.format != "iceberg":
        values["manifest"] = parse_uri(result.manifest).uri
    if as_json:
        console.result_json(values)
        return
    console.result(f"{console.coloured('stopped', 'green')}: {what}")
    console.table(
        [
            ("batches", f"{result.batches:,}"),
            ("documents", f"{result.documents:,}"),
            ("failed", f"{result.failed:,}" if result.failed else ""),
            ("dead letters", by_kind(result.dead_letters)),
            ("pages", f"{result.pages:,}"),
            ("bytes", size(result.bytes)),
            ("time", duration(result.seconds)),
            ("output", values["output"]),
            ("manifest", values["manifest"]),
        ]
    )
