"""Dead letters in files: what streams (Parquet) and the edge (lines of JSON) have met that is no record.

In: a config and document ids. Out: which of them such letters name, and the same files without those. A letter that
names no document (it had no id, or was no JSON) is nobody's to find; `stream.retention_days` takes it in time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from spark_pdf.manifest.files import as_written, read_bytes
from spark_pdf.manifest.ranges import parquet_file
from spark_pdf.store import open_store
from spark_pdf.store.locations import DEAD_LETTERS

if TYPE_CHECKING:
    from spark_pdf.config import Config
    from spark_pdf.store import ObjectInfo, ObjectStore

_ID = "document_id"


class Letters(Protocol):
    """A place where dead letters are, of which an erasure takes those that name its ids."""

    def find(self, document_ids: Collection[str]) -> Mapping[str, Collection[str]]:
        """Which of the ids are named, each with the queue's days that its letters are of."""
        ...

    def drop(self, document_ids: Collection[str]) -> int:
        """Take the letters of these ids away; how many."""
        ...


@dataclass(frozen=True)
class FileLetters:
    """Those in a folder of a store."""

    store: ObjectStore
    folder: str = ""

    def find(self, document_ids: Collection[str]) -> Mapping[str, Collection[str]]:
        """See `Letters`; letters in files are of no queue."""
        wanted = frozenset(document_ids)
        return {name: () for one in self._files() for name in self._names(one) if name in wanted}

    def drop(self, document_ids: Collection[str]) -> int:
        """Write files that have such letters anew, without them; one of which nothing is left goes."""
        gone = frozenset(document_ids)
        return sum(
            self._rewrite(one, gone) for one in list(self._files()) if not gone.isdisjoint(self._names(one))
        )  # fmt: skip

    def _files(self) -> Iterator[ObjectInfo]:
        return (one for one in self.store.list(self.folder) if one.key.endswith((".parquet", ".json")))

    def _names(self, one: ObjectInfo) -> set[str]:
        if one.key.endswith(".json"):
            return {name for name, _ in self._lines(one.key) if name is not None}
        with parquet_file(self.store, one.key, one.size) as parquet:
            if _ID not in parquet.schema_arrow.names:
                return set()
            return {str(name) for batch in parquet.iter_batches(columns=[_ID]) for name in batch[0].to_pylist() if name}

    def _lines(self, key: str) -> Iterator[tuple[str | None, bytes]]:
        for line in (read_bytes(self.store, key) or b"").splitlines(keepends=True):
            with as_written(key):
                name = json.loads(line)[_ID]
                yield None if name is None else str(name), line

    def _rewrite(self, one: ObjectInfo, gone: Collection[str]) -> int:
        rewritten = self._without(one, gone) if one.key.endswith(".parquet") else self._lines_without(one, gone)
        data, dropped = rewritten
        # Hadoop keeps a checksum beside a local file; a reader would take the new content for damage.
        folder, slash, name = one.key.rpartition("/")
        self.store.delete([f"{folder}{slash}.{name}.crc", *([] if data else [one.key])])
        if data:
            self.store.write(one.key, data)
        return dropped

    def _without(self, one: ObjectInfo, gone: Collection[str]) -> tuple[bytes, int]:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        with parquet_file(self.store, one.key, one.size) as parquet:
            rows: Any = parquet.read()
        names = rows[_ID].cast(pa.string())
        kept = rows.filter(pc.invert(pc.is_in(names, pa.array(sorted(gone), pa.string()))))
        sink = io.BytesIO()
        pq.write_table(kept, sink, compression="snappy")
        return (sink.getvalue() if kept.num_rows else b""), rows.num_rows - kept.num_rows

    def _lines_without(self, one: ObjectInfo, gone: Collection[str]) -> tuple[bytes, int]:
        lines = list(self._lines(one.key))
        kept = [line for name, line in lines if name not in gone]
        return b"".join(kept), len(lines) - len(kept)


def file_letters(config: Config, output: ObjectStore) -> Sequence[Letters]:
    """Where a config's dead letters in files are."""
    found = [FileLetters(output, DEAD_LETTERS)]
    elsewhere = config.stream.dead_letters.uri if config.stream is not None else None
    if elsewhere is not None:
        found.append(FileLetters(open_store(elsewhere, config.store_options(elsewhere))))
    return found
