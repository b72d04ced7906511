"""Files of records on their way between the driver's disk and the output store, and a wave's records for workers.

In: a local path, a key below the output root. Out: the object, or the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from spark_pdf.engines.records.worker import InStore
from spark_pdf.errors import StoreError

if TYPE_CHECKING:
    from spark_pdf.engines.job import RenderJob
    from spark_pdf.manifest.waves import Wave
    from spark_pdf.store import ObjectStore

_PIECE = 8 * 1024 * 1024


def upload(store: ObjectStore, path: Path, key: str) -> int:
    """Send a file; its size."""
    with open(path, "rb") as file, store.writer(key) as copy:
        while piece := file.read(_PIECE):
            copy.write(piece)
    return path.stat().st_size


def download(store: ObjectStore, key: str, path: Path) -> None:
    """Fetch a file."""
    info = store.head(key)
    size = info.size if info is not None else 0
    with open(path, "wb") as file:
        for start in range(0, size, _PIECE):
            file.write(store.read_range(key, start, min(_PIECE, size - start)))


@contextmanager
def shared(path: Path, job: RenderJob) -> Iterator[InStore]:
    """The wave's ordered records in the output store, while the block runs. A wave has one driver, so it is the only
    one that writes this key.
    """
    store, key = job.store(), job.locations.records(job.wave)
    try:
        yield InStore(key, upload(store, path, key))
    finally:
        with suppress(StoreError):
            store.delete((key,))


def drop_records(store: ObjectStore, wave: Wave) -> None:
    """Take away what drivers of this run that were killed have left in the store. What stays is vacuum's."""
    with suppress(StoreError):
        store.delete([wave.run.locations.records(number) for number in range(1, wave.number)])
