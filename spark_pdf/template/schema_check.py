"""A tree of needs against an Arrow schema: every violation, with file, line and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa
from pyarrow import types

from spark_pdf.errors import Violation
from spark_pdf.template import values
from spark_pdf.template.needs import ITEM, Need, Use

# A value of each kind, to ask which attributes (`name.upper()`, `day.year`) templates may use on it.
_EXAMPLES = {
    "a string": "",
    "a timestamp": datetime(2000, 1, 1),
    "a date": date(2000, 1, 1),
    "a time": time(),
    "a number": Decimal(0),
    "a boolean": True,
    "binary data": b"",
    "a list": [],
}


def violations(root: Need, schema: pa.Schema) -> tuple[Violation, ...]:
    """What records of `schema` lack, in the order of the template's lines."""
    found = [*_struct(root, {field.name: field.type for field in schema}, "")]
    return tuple(sorted(found, key=lambda v: (v.place.file, v.place.line, v.field)))


def _struct(need: Need, fields: dict[str, pa.DataType], path: str) -> Iterator[Violation]:
    for name, child in need.children.items():
        if name == ITEM:
            continue  # a computed key: which field it means is not known
        below = f"{path}.{name}" if path else name
        if name in fields:
            yield from _value(child, fields[name], below)
        elif child.required:
            what = "is not a column" if not path else "is not a field of the struct"
            yield Violation(below, child.required[0], what, _nearest(name, fields))


def _value(need: Need, kind: pa.DataType, path: str) -> Iterator[Violation]:
    if need.loose:
        return
    described = _described(kind)
    yield from _misused(need, described, path)
    if described == "a struct":
        yield from _struct(need, {field.name: field.type for field in _plain(kind)}, path)
    elif described == "a map":
        for name, child in need.children.items():
            yield from _value(child, kind.item_type, path + ITEM if name == ITEM else f"{path}.{name}")
    elif described == "a list":
        if ITEM in need.children:
            yield from _value(need.children[ITEM], kind.value_type, path + ITEM)
        yield from _attributes(need, described, path)
    elif described in _EXAMPLES:
        yield from _attributes(need, described, path)


def _attributes(need: Need, described: str, path: str) -> Iterator[Violation]:
    """Attributes of what is no struct: methods of its type, or a mistake."""
    offered = values.offered(_EXAMPLES[described]) or frozenset()
    for name, child in need.children.items():
        if name != ITEM and name not in offered and child.required:
            advice = "; loop over it" if described == "a list" else ""
            yield Violation(f"{path}.{name}", child.required[0], f"is not there: '{path}' is {described}{advice}")


def _misused(need: Need, described: str, path: str) -> Iterator[Violation]:
    refused = {
        Use.PRINTED: ("a struct", "a map", "a list", "binary data"),
        Use.NUMBER: (
            "a struct",
            "a map",
            "a list",
            "binary data",
            "a string",
            "a boolean",
            "a date",
            "a timestamp",
            "a time",
        ),
        Use.DATE: ("a struct", "a map", "a list", "binary data", "a number", "a boolean"),
        Use.LOOPED: ("a number", "a boolean", "a date", "a timestamp", "a time"),
    }
    for use, place in need.uses.items():
        if described in refused[use]:
            yield Violation(path, place, f"is {described}, but {use.value}")
    looped = need.uses.get(Use.LOOPED)
    items = need.children.get(ITEM)
    if looped and described == "a struct" and items and items.children:
        yield Violation(path, looped, "is a struct, but looped over")


def _described(kind: pa.DataType) -> str:
    """The kind of a type in words; "" for what nothing is known of (null, extension types, unions)."""
    kind = _plain(kind)
    kinds: Iterable[tuple[bool, str]] = (
        (types.is_struct(kind), "a struct"),
        (types.is_map(kind), "a map"),
        (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind), "a list"),
        (types.is_string(kind) or types.is_large_string(kind), "a string"),
        (types.is_boolean(kind), "a boolean"),
        (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind), "a number"),
        (types.is_timestamp(kind), "a timestamp"),
        (types.is_date(kind), "a date"),
        (types.is_time(kind), "a time"),
        (types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind), "binary data"),
    )
    return next((name for holds, name in kinds if holds), "")


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if types.is_dictionary(kind) else kind


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name, letter case aside."""
    folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    return folded[near[0]] if near else None
