"""What the edge looks at: a folder of record files, or an SQLite outbox.

In: a config's `source`. Out: units (a file or a part of one, a row) that are new, their records, and a way to say that
they are done. A unit's digest covers its name and all its bytes, so what it holds cannot change unseen. Read without
DuckDB and without Arrow's datasets, which take more memory than all of rendering.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from spark_pdf.config import Config
from spark_pdf.errors import ConfigError, SourceError
from spark_pdf.template.record import normalise

FILES = ("json", "csv", "parquet")
DONE = "done"
"""Folder, in the one that is watched, to which files go that are done."""

PART_BYTES = 1 << 20
"""A file of JSON is read by parts of about so many bytes, and a batch takes some of them: a record may take ten times
its text in memory, and the edge has 150 MB for everything."""
_BATCH_BYTES = 2 * PART_BYTES


@dataclass(frozen=True, slots=True)
class Unit:
    """What is taken and done as a whole: a file, a part of one (its name is a `_Part`'s text), or a row."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 over name and bytes, in hex."""
        return hashlib.sha256(self.name.encode() + b"\0" + self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, or a value that is none and why."""

    place: str
    value: bytes
    record: Mapping[str, Any] | None
    reason: str = ""


class Inbox(Protocol):
    """A place where units come in."""

    def new(self, most: int) -> list[Unit]:
        """Units that are there and not done, in order, of about so many records."""
        ...

    def take(self, names: Sequence[str]) -> list[Unit]:
        """These units, as far as they are still there."""
        ...

    def entries(self, unit: Unit) -> Iterator[Entry]:
        """What a unit holds."""
        ...

    def done(self, names: Sequence[str]) -> None:
        """Mark units; those that are gone already are no error."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def open_inbox(config: Config) -> Inbox:
    """The inbox that a config names."""
    source = config.source
    if not isinstance(source.path, str) or "://" in source.path:
        raise SourceError("source.path: the edge watches one folder, or one SQLite file, of this machine")
    if source.format == "sqlite":
        return Outbox(Path(source.path), source.options)
    if source.format in FILES:
        assert config.watch is not None
        return Folder(Path(source.path), source.format, source.options, delete=config.watch.done == "delete")
    raise ConfigError(f"source.format: the edge watches {', '.join(FILES)}, and sqlite", key="source.format")


class _Part(NamedTuple):
    """Lines of a file, by bytes and by number; both ends are half open. Written with a sign that no file's name has."""

    file: str
    start: int
    stop: int
    line: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}/{self.start}-{self.stop}/{self.line}-{self.end}"


def _part(name: str) -> _Part | None:
    """The part of a file that a unit's name says; None for a whole file."""
    match = re.fullmatch(r"([^/]+)/(\d+)-(\d+)/(\d+)-(\d+)", name)
    return _Part(match[1], *map(int, match.groups()[1:])) if match else None


class Folder:
    """Files that appear in a folder. One that is still being written is left alone: it has to look the same twice.

    A file of JSON that is not done in one batch has a hidden file beside it, which says how far it is done.
    """

    def __init__(self, path: Path, form: str, options: Mapping[str, str], *, delete: bool) -> None:
        if not path.is_dir():
            raise SourceError(f"source.path: there is no folder {path}")
        self._path, self._form, self._delete = path, form, delete
        self._delimiter = options.get("sep", options.get("delimiter", ","))
        self._seen: dict[str, tuple[int, int]] = {}

    def new(self, most: int) -> list[Unit]:
        """Files that have not changed since the last look, by name."""
        seen, ready = {}, []
        for path in sorted(self._path.iterdir()):
            if path.name[0] in "._" or path.suffix in (".tmp", ".part") or not path.is_file():
                continue
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                seen[path.name] = (stat.st_size, stat.st_mtime_ns)
                if self._seen.get(path.name) == seen[path.name]:
                    ready.append(path.name)
        self._seen = seen
        units: list[Unit] = []
        records = size = 0
        for name in ready:
            for unit in self._cut(name, most) if self._form == "json" else self.take([name]):
                records += sum(1 for _ in self.entries(unit))
                size += len(unit.content)
                if units and (records > most or size > _BATCH_BYTES):
                    return units
                units.append(unit)
        return units

    def _cut(self, name: str, most: int) -> Iterator[Unit]:
        """A file from where it is not done, by parts of `PART_BYTES` and `most` lines at most, but for a long line."""
        with contextlib.suppress(FileNotFoundError), (self._path / name).open("rb") as file:
            status = os.fstat(file.fileno())
            start, line = self._done_until(name, status)
            file.seek(start)
            while True:
                lines: list[bytes] = []
                size = 0
                while len(lines) < most and size < PART_BYTES and (text := file.readline()):
                    lines.append(text)
                    size += len(text)
                content = b"".join(lines)
                if start == 0 and size >= status.st_size:
                    yield Unit(name, content)
                    return
                if not content:
                    return
                part = _Part(name, start, start + size, line, line + len(content.splitlines()))
                yield Unit(str(part), content)
                start, line = part.stop, part.end

    def take(self, names: Sequence[str]) -> list[Unit]:
        """These files and parts of files."""
        units = []
        for name in names:
            part = _part(name)
            with (
                contextlib.suppress(FileNotFoundError),
                (self._path / (part.file if part else name)).open("rb") as file,
            ):
                file.seek(part.start if part else 0)
                units.append(Unit(name, file.read(part.stop - part.start if part else -1)))
        return units

    def _done_until(self, name: str, status: os.stat_result) -> tuple[int, int]:
        """Bytes of a file that are done, and the next line's number. What was said of another file does not count."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            size, changed, start, line = map(int, self._mark(name).read_text().split())
            if (size, changed) == (status.st_size, status.st_mtime_ns):
                return start, line
        return 0, 1

    def _mark(self, name: str) -> Path:
        return self._path / f".{name}.done"

    def entries(self, unit: Unit) -> Iterator[Entry]:
        """Records of a file. A line of JSON may be none; so may a file of CSV or Parquet, as a whole."""
        if self._form == "json":
            part = _part(unit.name)
            file, first = (part.file, part.line) if part else (unit.name, 1)
            lines = enumerate(unit.content.splitlines(), first)
            yield from (_parsed(f"{file}:{n}", line) for n, line in lines if line.strip())
            return
        try:
            rows = list(self._rows(unit.content))
        except Exception as error:  # of Arrow: whatever it is, the file is not what it says
            yield Entry(f"{unit.name}: {type(error).__name__}", unit.content, None, "malformed")
            return
        for number, row in enumerate(rows, 1):
            yield Entry(f"{unit.name}:{number}", b"", row)

    def _rows(self, content: bytes) -> list[dict[str, Any]]:
        import pyarrow as pa
        import pyarrow.csv as pacsv
        import pyarrow.parquet as pq

        file = pa.BufferReader(content)
        if self._form == "csv":
            parsing = pacsv.ParseOptions(delimiter=self._delimiter)
            table = pacsv.read_csv(file, pacsv.ReadOptions(use_threads=False), parsing)
        else:
            table = pq.ParquetFile(file).read(use_threads=False)
        return [normalise(row) for row in table.to_pylist()]

    def done(self, names: Sequence[str]) -> None:
        """Move files to `done`, or delete them, when their last part is done; of earlier parts, write how far it is."""
        for name in names:
            part = _part(name)
            file = part.file if part else name
            with contextlib.suppress(FileNotFoundError):
                status = (self._path / file).stat()
                if part and part.stop < status.st_size:
                    text = f"{status.st_size} {status.st_mtime_ns} {part.stop} {part.end}"
                    beside = self._path / f".{file}.done.tmp"
                    beside.write_text(text)
                    beside.replace(self._mark(file))
                    continue
                if self._delete:
                    (self._path / file).unlink()
                else:
                    target = self._path / DONE
                    target.mkdir(exist_ok=True)
                    (self._path / file).replace(_free(target / file))
                self._mark(file).unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is held."""


def _free(path: Path) -> Path:
    """A name that nobody has: what was done before under the same name is kept."""
    if not path.exists():
        return path
    return path.with_name(f"{path.stem}-{time.time_ns()}{path.suffix}")


class Outbox:
    """A table of an SQLite database: id, payload (a record in JSON), and a flag, null or 0 until it is done."""

    def __init__(self, path: Path, options: Mapping[str, str]) -> None:
        unknown = sorted(set(options) - {"table", "id", "payload", "done"})
        if unknown:
            raise ConfigError(f"source.options: an outbox has table, id, payload, done; not '{unknown[0]}'")
        if not path.is_file():
            raise SourceError(f"source.path: there is no SQLite file {path}")
        names = {"table": "outbox", "id": "id", "payload": "payload", "done": "done", **options}
        quoted = {key: '"' + name.replace('"', '""') + '"' for key, name in names.items()}
        self._table, self._flag = quoted["table"], quoted["done"]
        # SQLite reads a quoted name that no column has as a text, unless its table stands before it.
        self._id, self._payload, self._done = (f"{self._table}.{quoted[key]}" for key in ("id", "payload", "done"))
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None)
        with _as_source_error():
            self._database.execute(f"SELECT {self._id}, {self._payload}, {self._done} FROM {self._table} LIMIT 0")

    def new(self, most: int) -> list[Unit]:
        """Rows that are not done, in the order of their ids."""
        where = f"coalesce({self._done}, 0) = 0 ORDER BY {self._id} LIMIT {most:d}"
        return self._units(where, ())

    def take(self, names: Sequence[str]) -> list[Unit]:
        """These rows, if they are not done."""
        found: list[Unit] = []
        for start in range(0, len(names), 500):
            some = names[start : start + 500]
            marks = ", ".join("?" * len(some))
            where = f"CAST({self._id} AS TEXT) IN ({marks}) AND coalesce({self._done}, 0) = 0 ORDER BY {self._id}"
            found += self._units(where, some)
        return found

    def _units(self, where: str, values: Sequence[str]) -> list[Unit]:
        columns = f"CAST({self._id} AS TEXT), CAST({self._payload} AS BLOB)"
        with _as_source_error():
            rows = self._database.execute(f"SELECT {columns} FROM {self._table} WHERE {where}", values).fetchall()
        return [Unit(name, content or b"") for name, content in rows]

    def entries(self, unit: Unit) -> Iterator[Entry]:
        """The row's record."""
        if not unit.content:
            yield Entry(unit.name, b"", None, "empty")
        else:
            yield _parsed(unit.name, unit.content)

    def done(self, names: Sequence[str]) -> None:
        """Set the flag of all rows in one transaction."""
        with _as_source_error():
            self._database.execute("BEGIN IMMEDIATE")
            update = f"UPDATE {self._table} SET {self._flag} = 1 WHERE CAST({self._id} AS TEXT) = ?"
            self._database.executemany(update, [(name,) for name in names])
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self._database.close()


@contextlib.contextmanager
def _as_source_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise SourceError(f"source: the outbox cannot be used: {error}") from None


def _parsed(place: str, text: bytes) -> Entry:
    """A record in JSON. Numbers with a fraction are decimals: amounts must not be rounded on their way."""
    from decimal import Decimal

    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Entry(place, text, None, "malformed")
    return Entry(place, text, normalise(value))
