"""`init`: a template bundle, three records and a config, in a new folder."""

from __future__ import annotations

from pathlib import Path

from spark_pdf.cli import console
from spark_pdf.errors import UsageError


def write_starter(folder: Path) -> None:
    """Write the starter. Refuses a folder that has something in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there and not empty; name a new folder")
    written = _copy(Path(__file__).parent / "starter", folder)
    for path in written:
        console.result(str(path))
    console.note("next:")
    console.note(f"  cd {folder}")
    console.note("  spark-pdf render template -o sample.pdf     the sample, to look at")
    console.note("  spark-pdf run config.yaml                   every record of records.jsonl")


def _copy(source: Path, target: Path) -> list[Path]:
    try:
        target.mkdir(parents=True, exist_ok=True)
        written = []
        for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
            path = target / entry.name
            if entry.is_dir():
                written += _copy(entry, path)
            else:
                path.write_bytes(entry.read_bytes())
                written.append(path)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None
    return written
