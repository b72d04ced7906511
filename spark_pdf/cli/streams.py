"""`stream`: a config in, documents as their messages come."""

from __future__ import annotations

from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.cli.progress import RunProgress
from spark_pdf.cli.settings import read_config
from spark_pdf.store.uris import parse_uri


def stream_config(configs: list[Path], sets: list[str], once: bool, as_json: bool, quiet: bool) -> None:
    """Render a stream until it is asked to stop, or, with `once`, has nothing left."""
    from spark_pdf.engines.spark.stream import run_stream

    config = read_config(configs, sets)
    with RunProgress(quiet=quiet) as progress:
        result = run_stream(config, once=once, progress=progress)
    values = result.to_json() | {"output": parse_uri(result.output).uri}
    if config.manifest.format != "iceberg":
        values["manifest"] = parse_uri(result.manifest).uri
    if as_json:
        console.result_json(values)
        return
    console.result(f"{console.coloured('stopped', 'green')}: stream {config.name}")
    dead = ", ".join(f"{count:,} {reason}" for reason, count in result.dead_letters.items())
    console.table(
        [
            ("batches", f"{result.batches:,}"),
            ("documents", f"{result.documents:,}"),
            ("failed", f"{result.failed:,}" if result.failed else ""),
            ("dead letters", dead),
            ("pages", f"{result.pages:,}"),
            ("bytes", console.size(result.bytes)),
            ("time", console.duration(result.seconds)),
            ("output", values["output"]),
            ("manifest", values["manifest"]),
        ]
    )
