"""Where a task's documents go: packs or objects, under names that the locations decide.

In: a job, its output store, the attempt's random id. Out: a `Sink` that takes renditions while earlier ones are sent.
Objects are created conditionally, so an object that an earlier attempt left stays; its bytes are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spark_pdf.errors import StoreError
from spark_pdf.model import Record
from spark_pdf.store.locations import KeyTemplate
from spark_pdf.store.packs import PackWriter
from spark_pdf.store.uploads import DocumentWriter, ObjectWriter, StoredDocument

if TYPE_CHECKING:
    from spark_pdf.engines.job import RenderJob
    from spark_pdf.store import ObjectStore

Sink = Callable[[str, Record, bytes], StoredDocument]
"""`sink(document_id, record, pdf)`: take a document. Raises `DocumentError` ("key") if the record cannot name it."""


@contextmanager
def open_sink(job: RenderJob, store: ObjectStore, attempt_id: str) -> Iterator[Sink]:
    """A sink for one task attempt.

    All documents are stored when the block has ended; after an exception, none matter.
    """
    output, locations = job.config.output, job.locations
    writer: DocumentWriter
    if output.layout == "packs":

        def pack_key(number: int) -> str:
            return locations.pack(job.wave, job.partition, attempt_id, number)

        writer = PackWriter(store, pack_key, output.pack_bytes, tags=output.tags)
        keys = KeyTemplate("{document_id}")
    else:
        writer = ObjectWriter(store, threads=output.upload_threads, tags=output.tags)
        id_column = job.config.document.id if job.config.document.id.isidentifier() else None
        keys = KeyTemplate(output.key, id_column=id_column, fold_case=store.folds_case)

    def add(document_id: str, record: Record, pdf: bytes) -> StoredDocument:
        key = keys.key(record, document_id)
        name = f"{key}.pdf" if output.layout == "packs" else locations.document(key, output.fan_out)
        return writer.add(name, pdf)

    try:
        yield add
    except BaseException:
        writer.abort()
        raise
    other = writer.close()
    if other:
        raise StoreError(
            f"{len(other)} object(s) of this run exist with other bytes, the first is {other[0].key}; another "
            "program has written them, or the renderer is not the one that the run began with"
        )
