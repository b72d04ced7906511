"""Where what this machine has fetched or built is kept: `SPARK_PDF_CACHE`, `XDG_CACHE_HOME/spark-pdf`,
`~/.cache/spark-pdf`.

Files appear in it whole or not at all, so that processes may share it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_dir(*parts: str) -> Path:
    """A folder of the cache, made if it is not there."""
    named = os.environ.get("SPARK_PDF_CACHE")
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spark-pdf"
    folder = base.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put_file(target: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that another process may be writing or reading at the same time."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
