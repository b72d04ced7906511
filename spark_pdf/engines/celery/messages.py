"""What travels through the broker and stands beside documents: records, entries and statuses, as bytes.

Records and entries are MessagePack with types of our own for what it lacks (decimals, dates, large numbers), so a
record arrives as it was sent, and its hash is that of every other engine. Nothing is ever pickled: who can write to
the broker can submit documents, and no more. A status is a JSON object, for people and programs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgpack

from spark_pdf.engines.entries import MadeBy
from spark_pdf.errors import DamagedFile, UsageError
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.model import Record

FORMAT_VERSION = 1

_WRITE: Mapping[type, tuple[int, Callable[[Any], str]]] = {
    Decimal: (1, str),
    datetime: (2, datetime.isoformat),
    date: (3, date.isoformat),
    time: (4, time.isoformat),
    int: (5, str),  # beyond 64 bits
    timedelta: (6, lambda value: f"{value.days} {value.seconds} {value.microseconds}"),
}
_READ: Mapping[int, Callable[[str], Any]] = {
    1: Decimal,
    2: datetime.fromisoformat,
    3: date.fromisoformat,
    4: time.fromisoformat,
    5: int,
    6: lambda text: timedelta(*map(int, text.split())),
}


def pack_record(record: Record) -> bytes:
    """A record of plain values (`template.record.normalise`) as bytes. Raises `UsageError` for any other."""
    try:
        packed: bytes = msgpack.packb(record, default=_extended, strict_types=False)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(f"a record that cannot be sent: {type(error).__name__} ({_kind(error)})") from None
    return packed


def _kind(error: Exception) -> str:
    """What pack said, where that is a type's name and no data."""
    return str(error) if str(error).startswith("not a plain value") else "values are nested too deeply, or too large"


def _extended(value: Any) -> msgpack.ExtType:
    for kind, (code, text) in _WRITE.items():
        if isinstance(value, kind):
            return msgpack.ExtType(code, text(value).encode())
    raise TypeError(f"not a plain value: {type(value).__name__}")


def as_bytes(body: bytes | memoryview | str) -> bytes:
    """A message's body. The client has made text of it already, where another program says that it is some."""
    return body.encode() if isinstance(body, str) else bytes(body)


def unpack_record(data: bytes) -> dict[str, Any]:
    """What `pack_record` packed. Raises `DamagedFile` for anything else."""
    try:
        record = msgpack.unpackb(data, ext_hook=_restored, strict_map_key=False)
    except (ValueError, TypeError, ArithmeticError, RecursionError, msgpack.UnpackException):
        record = None
    if not isinstance(record, dict):
        raise DamagedFile("a message of the queue is no record; another program has written it")
    return record


def _restored(code: int, data: bytes) -> Any:
    return _READ[code](data.decode()) if code in _READ else None


State = Literal["accepted", "document", "failure", "erased"]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a submission is known by: the run of its day, and the document's id, which is its idempotency key."""

    run_id: str
    document_id: str


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a submission. `state` "accepted": not rendered yet. `entry` is as the manifest will have it.

    `again`: the run of a later attempt at the same document, whose status counts in place of this one.
    """

    ticket: Ticket
    state: State
    record_hash: str = ""
    entry: ManifestEntry | None = None
    made_by: MadeBy | None = None
    again: str | None = None
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """What stands beside the document."""
        entry = None if self.entry is None else dict(zip(ManifestEntry._fields, self.entry, strict=True))
        return {
            "format": FORMAT_VERSION,
            "run_id": self.ticket.run_id,
            "document_id": self.ticket.document_id,
            "state": self.state,
            "record_hash": self.record_hash,
            "entry": entry,
            "made_by": None if self.made_by is None else asdict(self.made_by),
            "again": self.again,
            "at": self.at,
        }

    def encode(self) -> bytes:
        """`to_json` as bytes."""
        return json.dumps(self.to_json(), ensure_ascii=False).encode()

    @classmethod
    def decode(cls, data: bytes, where: str) -> Status:
        """What `encode` made. Raises `DamagedFile`."""
        try:
            value = json.loads(data)
            return cls(
                Ticket(value["run_id"], value["document_id"]),
                value["state"],
                value["record_hash"],
                None if value["entry"] is None else _entry(value["entry"]),
                None if value["made_by"] is None else MadeBy(**value["made_by"]),
                value["again"],
                value["at"],
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise DamagedFile(f"{where} is not a document's status; another program has written it") from None


def _entry(values: Mapping[str, Any]) -> ManifestEntry:
    warnings = values["warnings"]
    kept = {**values, "warnings": None if warnings is None else tuple(warnings), "extra": tuple(values["extra"])}
    return ManifestEntry(**kept)


def _plain(hint: Any) -> tuple[type, ...]:
    """The types of values that a field's hint allows."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(get_origin(kind) or kind for kind in kinds) + ((int,) if hint is float else ())


_KINDS = tuple(_plain(hint) for hint in get_type_hints(ManifestEntry).values())
"""Of an entry's fields. One of other types would end its batch each time that it came."""


@dataclass(frozen=True, slots=True)
class EntryMessage:
    """An entry on its way to the compactor."""

    ticket: Ticket
    entry: ManifestEntry
    made_by: MadeBy
    version: int = field(default=FORMAT_VERSION)

    def encode(self) -> bytes:
        """As bytes."""
        made = self.made_by
        values = [
            self.version, self.ticket.run_id, [made.template, made.bundle_hash, made.renderer_version],
            list(self.entry),
        ]  # fmt: skip
        packed: bytes = msgpack.packb(values, default=_extended)
        return packed

    @classmethod
    def decode(cls, data: bytes) -> EntryMessage:
        """What `encode` made. Raises `DamagedFile`."""
        try:
            version, run_id, made, values = msgpack.unpackb(data, ext_hook=_restored)
            entry = _entry(dict(zip(ManifestEntry._fields, values, strict=True)))
            kinds = zip((run_id, *made, *entry), (*[(str,)] * 4, *_KINDS), strict=True)
            if not all(isinstance(value, kind) for value, kind in kinds):
                raise TypeError
            return cls(Ticket(run_id, entry.document_id), entry, MadeBy(*made), version)
        except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError, msgpack.UnpackException):
            raise DamagedFile("a message of the queue is no entry; another program has written it") from None
