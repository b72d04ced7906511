"""Faults at the project's own seams, in the driver's process: what no proxy and no signal can bring about.

commit_answer_lost     the manifest's append succeeds, and the driver never hears of it
clock_backwards        each look at the clock goes an hour back in time
disk_full              no Parquet file can be written on this machine
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock

import pyarrow.parquet as pq

from spark_pdf.engines import driver
from spark_pdf.errors import CommitStateUnknown
from spark_pdf.manifest.delta import DeltaManifest
from spark_pdf.manifest.iceberg import IcebergManifest
from spark_pdf.manifest.parquet import ParquetManifest
from spark_pdf.manifest.runs import pin_run, utc_now
from spark_pdf.manifest.waves import start_wave


@contextmanager
def _commit_answer_lost() -> Iterator[None]:
    def losing(append: Any) -> Any:
        def deaf(*args: Any, **kwargs: Any) -> Any:
            append(*args, **kwargs)
            raise CommitStateUnknown("the answer to the append was lost")

        return deaf

    kinds = (ParquetManifest, DeltaManifest, IcebergManifest)
    patches = [mock.patch.object(kind, "append", losing(kind.append)) for kind in kinds]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


@contextmanager
def _clock_backwards() -> Iterator[None]:
    looks = 0

    def back() -> datetime:
        nonlocal looks
        looks += 1
        return utc_now() - timedelta(hours=looks)

    with (
        mock.patch.object(driver, "start_wave", partial(start_wave, clock=back)),
        mock.patch.object(driver, "pin_run", partial(pin_run, clock=back)),
    ):
        yield


@contextmanager
def _disk_full() -> Iterator[None]:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with mock.patch.object(pq.ParquetWriter, "write_batch", full), mock.patch.object(pq, "write_table", full):
        yield


SEAMS = {"commit_answer_lost": _commit_answer_lost, "clock_backwards": _clock_backwards, "disk_full": _disk_full}


def open_seam(name: str | None) -> AbstractContextManager[None]:
    """The fault of that name, while it is open."""
    return SEAMS[name]() if name else nullcontext()
