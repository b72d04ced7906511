"""Small files of the commit protocol: JSON objects by key, absent or whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from spark_pdf.errors import DamagedFile, NotFound

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore


def read_json(store: ObjectStore, key: str) -> dict[str, Any] | None:
    """The JSON object at `key`; None if there is none."""
    data = read_bytes(store, key)
    if data is None:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise DamagedFile(f"{key} is not a JSON object; another program has written it")
    return value


@contextmanager
def as_written(key: str) -> Iterator[None]:
    """Whatever goes wrong while this block takes a file's values apart is the file's: `DamagedFile`."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        raise DamagedFile(f"{key} is not what spark_pdf wrote there ({type(error).__name__})") from None


_Read = TypeVar("_Read")
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "int": int, "str": str, "bool": bool, "datetime": datetime, "float": (int, float),
}  # fmt: skip


def typed(value: _Read) -> _Read:
    """A dataclass that was made of a file's values, if they are of the types that it says. Raises `TypeError`."""
    for field in fields(value):  # type: ignore[arg-type]
        found = getattr(value, field.name)
        kind = Mapping if str(field.type).startswith("Mapping") else _KINDS.get(str(field.type), object)
        if not isinstance(found, kind):
            raise TypeError(field.name)
    return value


def create_json(store: ObjectStore, key: str, value: Mapping[str, Any]) -> bool:
    """Create a JSON object by conditional create. False: another one is there."""
    return store.create(key, _encode(value))


def write_json(store: ObjectStore, key: str, value: Mapping[str, Any]) -> None:
    """Write a JSON object, over what may be there."""
    store.write(key, _encode(value))


def read_bytes(store: ObjectStore, key: str) -> bytes | None:
    """The bytes at `key`; None if there are none."""
    try:
        return store.read(key)
    except NotFound:
        return None


def _encode(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
