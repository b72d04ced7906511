"""The manifest as Parquet files, with this reader as the contract.

    data/<run>/[<column>=<value>/]<random>.parquet     written first; nobody reads them yet
    _commits/<run>.json                                one conditional create, and all files of the run are in the table
    _commits/<run>~<n>.json                            the same run after its n-th rewrite; the last one counts

In: a run's rows. Out: files, and the commit that names them with rows, bytes and SHA-256. Readers take the files from
the commits and never from a listing of `data/`, so what a crash left behind is invisible. Runs share a table safely,
because no two of them write the same object.
"""

from __future__ import annotations

import hashlib
import io
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from spark_pdf.config import Config
from spark_pdf.errors import AccessDenied, CommitFailed, CommitStateUnknown, StoreError, UsageError
from spark_pdf.manifest.batches import conform, matching, with_filters
from spark_pdf.manifest.checks import check_columns, check_partition_columns
from spark_pdf.manifest.files import as_written, create_json, read_json, typed
from spark_pdf.manifest.ranges import parquet_file
from spark_pdf.manifest.rewriting import Change, Gone, Touched, exchanged
from spark_pdf.manifest.table import Batches, CommitInfo
from spark_pdf.store import open_store

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.store import ObjectStore

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
FILE_BYTES = 64 * 1024 * 1024
"""A data file is closed when it has so many bytes; with partitions, the largest when all have twice as many."""

_OPEN_FILES = 64
_REWRITES = 5
_READ_THREADS = 16


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a commit. `key` is relative to the table."""

    key: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Commit:
    """What `_commits/<run>.json` says: the run's sum, the names of its columns, its files."""

    info: CommitInfo
    files: tuple[DataFile, ...]
    token: str
    version: int = 0

    def to_json(self) -> dict[str, Any]:
        """What the commit file holds."""
        files = [asdict(file) for file in self.files]
        said = {"run": self.info.to_json(), "files": files, "token": self.token, "version": self.version}
        return {"format": FORMAT_VERSION, **said}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], where: str) -> Commit:
        """What `to_json` wrote. Raises `StoreError` for another version's."""
        if value.get("format") != FORMAT_VERSION:
            raise StoreError(f"{where} was written by another version of spark_pdf")
        files = tuple(typed(DataFile(**file)) for file in value["files"])
        return typed(cls(typed(CommitInfo.from_json(value["run"])), files, value["token"], value.get("version", 0)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """Commits of a table that were looked at, and the latest of their times. No commit ever changes its own."""

    keys: frozenset[str] = frozenset()
    latest: datetime | None = None


_NOTHING_SEEN = _Seen()
_SEEN: dict[str, _Seen] = {}
_SEEN_TABLES = 16


class ParquetManifest:
    """A manifest table of Parquet files below one URI."""

    def __init__(self, store: ObjectStore, partition_by: Sequence[str] = (), *, file_bytes: int = FILE_BYTES) -> None:
        self.store = store
        self.uri = store.uri
        self._partition_by = tuple(partition_by)
        self._file_bytes = file_bytes

    @classmethod
    def of(cls, config: Config) -> ParquetManifest:
        """The table that a config names."""
        uri = config.manifest_uri()
        return cls(open_store(uri, config.store_options(uri)), config.manifest.partition_by)

    def exists(self) -> bool:
        """Whether a run was ever committed."""
        return next(iter(self.store.list("_commits")), None) is not None

    def check(self, schema: pa.Schema) -> None:
        """The store creates conditionally, and earlier runs have these columns with the same types."""
        check_partition_columns(self._partition_by, schema)
        latest = next((commit for commit in self.commits() if commit.files), None)
        if latest is not None:
            check_columns(self._schema(latest.files[0]), schema, self.uri)
        self.store.probe()

    def commit_of(self, run_id: str) -> Commit | None:
        """A run's commit, if it is committed: the last of its versions, found by probing upwards."""
        found: Commit | None = None
        while True:
            later = self._commit(_commit_key(run_id, 0 if found is None else found.version + 1))
            if later is None:
                return found
            found = later

    def _commit(self, key: str) -> Commit | None:
        value = read_json(self.store, key)
        if value is None:
            return None
        with as_written(self.store.uri_of(key)):
            return Commit.from_json(value, self.store.uri_of(key))

    def commits(self, prefix: str = "") -> list[Commit]:
        """Every run's commit, the latest first; or those of runs whose ids begin so."""
        latest: dict[str, tuple[int, str]] = {}
        begins = f"_commits/{quote(prefix, safe='')}"
        for info in self.store.list("_commits"):
            if info.key.endswith(".json") and info.key.startswith(begins):
                run, _, version = info.key.removesuffix(".json").partition("~")
                latest[run] = max(latest.get(run, (-1, "")), (int(version or 0), info.key))
        with ThreadPoolExecutor(_READ_THREADS) as pool:
            found = [commit for commit in pool.map(self._commit, (key for _, key in latest.values())) if commit]
        return sorted(found, key=lambda c: (c.info.committed_at, c.info.run_id), reverse=True)

    def committed(self, run_id: str) -> CommitInfo | None:
        """What the run's commit file says, if there is one."""
        commit = self.commit_of(run_id)
        return None if commit is None else commit.info

    def latest(self) -> datetime | None:
        """The latest commit's time. Of commits that this process has looked at before, only the names are listed."""
        keys = {info.key for info in self.store.list("_commits") if info.key.endswith(".json") and "~" not in info.key}
        seen = _SEEN.get(self.uri, _NOTHING_SEEN)
        if not seen.keys <= keys:
            seen = _NOTHING_SEEN
        with ThreadPoolExecutor(_READ_THREADS) as pool:
            times = [commit.info.committed_at for commit in pool.map(self._commit, keys - seen.keys) if commit]
        latest = max(times if seen.latest is None else [*times, seen.latest], default=None)
        if len(_SEEN) >= _SEEN_TABLES:
            _SEEN.clear()
        _SEEN[self.uri] = _Seen(frozenset(keys), latest)
        return latest

    def append(self, info: CommitInfo, schema: pa.Schema, batches: Batches) -> CommitInfo:
        """Write the data files, then make them visible by one conditional create."""
        check_partition_columns(self._partition_by, schema)
        writer = _Writer(self.store, info.run_id, schema, self._partition_by, self._file_bytes)
        try:
            for batch in batches():
                writer.write(batch)
            writer.close()
        except BaseException as error:
            self._drop(writer.files)
            if isinstance(error, StoreError):
                raise CommitFailed(f"{self.uri}: nothing was appended: {error}") from error
            raise
        mine = Commit(info, tuple(writer.files), secrets.token_hex(16))
        stands = self._make_visible(mine)
        if stands.token != mine.token:
            self._drop(writer.files)
        return stands.info

    def _make_visible(self, mine: Commit) -> Commit:
        run_id = mine.info.run_id
        try:
            if create_json(self.store, _commit_key(run_id), mine.to_json()):
                return mine
        except AccessDenied as error:
            self._drop(mine.files)
            raise CommitFailed(f"{self.uri}: nothing was appended: {error}") from error
        except StoreError as error:
            log.warning("the answer to the commit of run %s was lost: %s", run_id, error)
        try:
            found = self.commit_of(run_id)
        except StoreError:
            found = None
        if found is None:
            # The data files stay: the request may still arrive, and then they are the table's.
            raise CommitStateUnknown(
                f"{self.uri}: whether run {run_id} was committed cannot be found out; run it again with the same run_id"
            )
        return found

    def _drop(self, files: Sequence[DataFile]) -> None:
        """Delete data files that no commit will ever name; vacuum takes what stays."""
        with suppress(StoreError):
            self.store.delete(file.key for file in files)

    def rewrite(self, touched: Touched, change: Change) -> int:
        """Exchange rows, run by run: new files for those that hold some, and a next version of the run's commit."""
        every = touched.uris or touched.document_ids
        run_ids = [commit.info.run_id for commit in self.commits()] if every else sorted(touched.run_ids)
        return sum(self._rewrite_run(run_id, touched, change) for run_id in run_ids)

    def _rewrite_run(self, run_id: str, touched: Touched, change: Change) -> int:
        for _ in range(_REWRITES):
            commit = self.commit_of(run_id)
            if commit is None:
                return 0
            kept, written, looked = self._rewritten(commit, touched, change)
            if not written:
                return 0
            token, version = secrets.token_hex(16), commit.version + 1
            other = Commit(commit.info, (*kept, *written), token, version)
            if create_json(self.store, _commit_key(run_id, version), other.to_json()):
                return looked
            self._drop(written)
        raise CommitFailed(f"{self.uri}: other rewrites of run {run_id} were faster {_REWRITES} times; try again")

    def _rewritten(
        self, commit: Commit, touched: Touched, change: Change
    ) -> tuple[list[DataFile], list[DataFile], int]:
        """Files that stay, files in place of the others, and how many rows were looked at."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kept: list[DataFile] = []
        looked, writer = 0, None
        try:
            for file in commit.files:
                rows = self._rows_with(file, touched)
                mask = None if rows is None else touched.mask(rows)
                other = None if rows is None else exchanged(rows.filter(mask), change, self.uri)
                if rows is None or other is None:
                    kept.append(file)
                    continue
                looked += other.num_rows
                if writer is None:
                    writer = _Writer(self.store, commit.info.run_id, rows.schema, self._partition_by, self._file_bytes)
                for batch in pa.concat_tables([rows.filter(pc.invert(mask)), other]).to_batches():
                    writer.write(batch)
            if writer is not None:
                writer.close()
        except Exception:
            self._drop(writer.files if writer is not None else ())
            raise
        return kept, writer.files if writer is not None else [], looked

    def _rows_with(self, file: DataFile, touched: Touched) -> pa.Table | None:
        """All rows of a file, if any of them is touched; a column or two say so."""
        with parquet_file(self.store, file.key, file.bytes) as parquet:
            batches = parquet.iter_batches(columns=list(touched.by_column))
            if not any(touched.mask(batch).true_count for batch in batches):
                return None
            rows: pa.Table = parquet.read()
            return rows

    def purge(self, gone: Gone) -> None:
        """Take the files that earlier versions of the runs' commits name, and the last does not; and see `Gone`."""
        for commit in self.commits():
            if commit.version:
                run_id, named = commit.info.run_id, {file.key for file in commit.files}
                earlier = [self._commit(_commit_key(run_id, version)) for version in range(commit.version)]
                files = (file.key for one in earlier if one is not None for file in one.files)
                self.store.delete(key for key in files if key not in named)
            if commit.info.run_id in gone.run_ids:
                self.store.delete(self._left_behind(commit, gone))

    def _left_behind(self, commit: Commit, gone: Gone) -> list[str]:
        """Files of a run that no commit ever named, with rows of what is gone."""
        found, named = [], {file.key for file in commit.files}
        for info in self.store.list(f"data/{quote(commit.info.run_id, safe='')}"):
            if info.key not in named:
                with parquet_file(self.store, info.key, info.size) as parquet:
                    if gone.is_in(parquet):
                        found.append(info.key)
        return found

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        run_id: str | None = None,
        run_prefix: str | None = None,
        document_ids: Collection[str] | None = None,
        status: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Rows of committed runs. Only the columns asked for travel; a column that a run lacks is null in its rows."""
        if run_id is None:
            commits = self.commits(run_prefix or "")
        else:
            commit = self.commit_of(run_id)
            commits = [] if commit is None else [commit]
        schema: pa.Schema | None = None
        for commit in commits:
            for file in commit.files:
                for batch in self._read(file, columns, document_ids, status):
                    schema = schema or self._columns(commits, columns)
                    yield conform(batch, schema)

    def _columns(self, commits: Sequence[Commit], columns: Sequence[str] | None) -> pa.Schema:
        """One schema for all runs: their columns may differ, because the configs' `manifest.columns` may."""
        import pyarrow as pa

        schema = self._union(commits)
        if columns is None:
            return schema
        if not set(columns) <= set(schema.names):
            schema = self._union(self.commits())
        for name in columns:
            if name not in schema.names:
                raise UsageError(f"{self.uri}: the manifest has no column '{name}'; it has: {', '.join(schema.names)}")
        return pa.schema([schema.field(name) for name in columns])

    def _union(self, commits: Sequence[Commit]) -> pa.Schema:
        import pyarrow as pa

        # A run's files have one schema, so its first file speaks for it.
        firsts = [commit.files[0] for commit in commits if commit.files]
        with ThreadPoolExecutor(_READ_THREADS) as pool:
            schemas = list(pool.map(self._schema, firsts))
        return pa.unify_schemas([schema.remove_metadata() for schema in schemas], promote_options="permissive")

    def _schema(self, file: DataFile) -> pa.Schema:
        with parquet_file(self.store, file.key, file.bytes) as parquet:
            return parquet.schema_arrow

    def _read(
        self,
        file: DataFile,
        columns: Sequence[str] | None,
        document_ids: Collection[str] | None,
        status: str | None,
    ) -> Iterator[pa.RecordBatch]:
        with parquet_file(self.store, file.key, file.bytes) as parquet:
            there = parquet.schema_arrow.names
            wanted = with_filters(there if columns is None else columns, document_ids=document_ids, status=status)
            for batch in parquet.iter_batches(columns=[name for name in wanted if name in there]):
                kept = matching(batch, document_ids=document_ids, status=status)
                if kept.num_rows:
                    yield kept


class _Writer:
    """A run's data files: one open for each partition value, closed when they have grown enough."""

    def __init__(
        self, store: ObjectStore, run_id: str, schema: pa.Schema, partition_by: tuple[str, ...], file_bytes: int
    ) -> None:
        self.files: list[DataFile] = []
        self._store, self._schema, self._partition_by, self._file_bytes = store, schema, partition_by, file_bytes
        self._folder = f"data/{quote(run_id, safe='')}"
        self._open: dict[str, _OpenFile] = {}

    def write(self, batch: pa.RecordBatch) -> None:
        for folder, part in self._split(batch):
            file = self._open.get(folder)
            if file is None:
                file = self._open[folder] = _OpenFile(self._schema)
            file.write(part)
            if file.size >= self._file_bytes:
                self._close(folder)
        while len(self._open) > _OPEN_FILES or sum(f.size for f in self._open.values()) > 2 * self._file_bytes:
            self._close(max(self._open, key=lambda folder: self._open[folder].size))

    def _split(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        import pyarrow as pa

        if not self._partition_by:
            yield "", batch
            return
        table = pa.Table.from_batches([batch])
        row = "__row"
        numbered = table.select(list(self._partition_by)).append_column(row, pa.array(range(table.num_rows)))
        groups = numbered.group_by(list(self._partition_by)).aggregate([(row, "list")])
        for group in groups.to_pylist():
            folder = "".join(f"/{name}={_hive(group[name])}" for name in self._partition_by)
            yield folder, batch.take(group[f"{row}_list"])

    def _close(self, folder: str) -> None:
        data, rows = self._open.pop(folder).finish()
        key = f"{self._folder}{folder}/{secrets.token_hex(16)}.parquet"
        # Named before it is written, so that a failed write is cleaned up as well.
        self.files.append(DataFile(key, rows, len(data), hashlib.sha256(data).hexdigest()))
        self._store.write(key, data)

    def close(self) -> None:
        for folder in sorted(self._open):
            self._close(folder)


class _OpenFile:
    """One Parquet file being made in memory."""

    def __init__(self, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._sink = io.BytesIO()
        self._writer = pq.ParquetWriter(self._sink, schema, compression="zstd")
        self._schema = schema
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._rows = 0

    @property
    def size(self) -> int:
        return self._sink.tell() + self._held_bytes

    def write(self, batch: pa.RecordBatch) -> None:
        # A row group of its own for each small batch would cost more than its rows.
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        self._rows += batch.num_rows
        if self._held_bytes >= 16 * 1024 * 1024:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held, self._schema))
            self._held, self._held_bytes = [], 0

    def finish(self) -> tuple[bytes, int]:
        self._flush()
        self._writer.close()
        return self._sink.getvalue(), self._rows


def _hive(value: Any) -> str:
    return "__HIVE_DEFAULT_PARTITION__" if value is None else quote(str(value), safe=" ") or "__EMPTY__"


def _commit_key(run_id: str, version: int = 0) -> str:
    suffix = f"~{version}" if version else ""  # no run id has that sign
    return f"_commits/{quote(run_id, safe='')}{suffix}.json"
