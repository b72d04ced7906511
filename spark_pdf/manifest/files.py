"""Small files of the commit protocol: JSON objects by key, absent or whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spark_pdf.errors import NotFound, StoreError

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore


def read_json(store: ObjectStore, key: str) -> dict[str, Any] | None:
    """The JSON object at `key`; None if there is none."""
    data = read_bytes(store, key)
    if data is None:
        return None
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise StoreError(f"{key} is not a JSON object; another program has written it")
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
