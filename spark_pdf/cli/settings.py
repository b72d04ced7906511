"""A command's config: files, URIs, overlays and `--set` in, a `Config` out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spark_pdf.config import Config, StoreOptions, load_config, read_file
from spark_pdf.errors import ConfigError, NotFound, UsageError

_URI = re.compile(r"(?!file:)([a-z][a-z0-9+]+):/+(?=.)")


def read_config(configs: Sequence[Path], sets: Sequence[str], limit: int | None = None) -> Config:
    """The config of a command line. Raises `ConfigError` with every finding."""
    return load_config(configs, [*sets, f"limit={limit}"] if limit is not None else sets, read=_read)


def one_choice(*, required: bool, **options: str | None) -> None:
    """Raises `UsageError` if more than one of these options is given, or, where one is `required`, none."""
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1 or (required and not given):
        raise UsageError("give " + " or ".join(f"--{name.replace('_', '-')}" for name in options) + ", one of them")


def _read(path: str | Path) -> bytes:
    """A file, or an object: on a platform the config lies in a store, which is reached as the environment says."""
    match = _URI.match(str(path))
    if match is None:
        return read_file(path)
    from spark_pdf.store.documents import locate

    uri = f"{match[1]}://{str(path)[match.end() :]}"  # of a URI's two slashes, Path has kept one
    try:
        store, key = locate(uri, StoreOptions())
        return store.read(key)
    except NotFound:
        raise ConfigError(f"there is no config at {uri}") from None
