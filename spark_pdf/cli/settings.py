"""A command's config: files, overlays and `--set` in, a `Config` out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spark_pdf.config import Config, load_config


def read_config(configs: Sequence[Path], sets: Sequence[str], limit: int | None = None) -> Config:
    """The config of a command line. Raises `ConfigError` with every finding."""
    return load_config(configs, [*sets, f"limit={limit}"] if limit is not None else sets)
