"""Contracts: what a bundle needs from a record, derived from its templates and checked against a schema.

    bundle.contract.fields        every field path with places in the template
    bundle.contract.columns       top-level columns to read from the source; None: all of them
    bundle.contract.check(schema) raises `ContractError` with every violation: file, line, nearest name

A field that a template reads anywhere must be in the schema, unless it asks `is defined` or gives a `default`. Where
the analysis cannot know what a template reads, it asks for more columns and reports nothing: it never refuses a schema
that would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_pdf.errors import ContractError, Place
from spark_pdf.template.needs import ITEM, Need, Use
from spark_pdf.template.settings import SETTINGS_FILE, BundleSettings

if TYPE_CHECKING:
    import pyarrow as pa

_DECLARED_USES = {
    "integer": Use.NUMBER,
    "number": Use.NUMBER,
    "decimal": Use.NUMBER,
    "date": Use.DATE,
    "timestamp": Use.DATE,
    "list": Use.LOOPED,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that the template reads: `lines[].price`, where, and whether a record must have it."""

    path: str
    places: tuple[Place, ...]
    required: bool


class Contract:
    """What a bundle needs from a record. Compares with a schema; knows which columns are read."""

    def __init__(self, root: Need) -> None:
        self._root = root

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field, sorted by path."""
        needs = sorted(self._root.walk(), key=lambda item: item[0])
        return tuple(Field(path, tuple(need.places), bool(need.required)) for path, need in needs)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Top-level columns that may be read, sorted; None: any may be. A schema may lack those that are optional."""
        return None if self._root.whole else tuple(sorted(self._root.children))

    def check(self, schema: pa.Schema) -> None:
        """Raise `ContractError` with all violations if records of this schema lack what the template needs."""
        # Imported here because it loads Arrow, which rendering a document from JSON does without.
        from spark_pdf.template.schema_check import violations

        found = violations(self._root, schema)
        if found:
            raise ContractError(found)


def derive_contract(files: Mapping[str, bytes], entry: str, settings: BundleSettings) -> Contract:
    """The contract of an HTML bundle, through includes, imports, inheritance and macros."""
    from spark_pdf.template.analysis import analyse  # rendering one document asks for no contract

    return Contract(analyse(files, entry, settings))


def declared_contract(columns: Mapping[str, str] | None) -> Contract:
    """The contract of a `template.py`: `[columns]` of template.toml, or every column."""
    root = Need("")
    root.whole = columns is None
    place = Place(SETTINGS_FILE)
    for path, kind in (columns or {}).items():
        need = root
        for part in path.replace(ITEM, "." + ITEM).split("."):
            need = need.child(part)
            need.seen(place, required=True)
        if kind in _DECLARED_USES:
            need.uses[_DECLARED_USES[kind]] = place
        need.whole = True
    return Contract(root)
