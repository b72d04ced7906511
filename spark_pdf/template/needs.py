"""What a template needs of a record, as a tree: one `Need` per field path, with how it is used and where.

The tree is built by `analysis`, read as a flat list by `contract`, and compared with a schema by `schema_check`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from spark_pdf.errors import Place

ITEM = "[]"
"""Name of the child that stands for the elements of a list (or, by a computed key, the values of a map)."""


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


class Use(Enum):
    """How a template uses a field; each implies which types the field may have."""

    PRINTED = "printed"
    NUMBER = "used as a number"
    DATE = "used as a date"
    LOOPED = "looped over"


class Need:
    """A field that a template reads. `reads` are the places where its absence would be an error.

    `guarded`: the template asks `is defined` of it. `whole`: anything below it may be read. `loose`: the template asks
    for its type, so any type may be right.
    """

    __slots__ = ("children", "guarded", "loose", "name", "places", "reads", "uses", "whole")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: dict[str, Need] = {}
        self.places: list[Place] = []
        self.reads: list[Place] = []
        self.guarded = False
        self.uses: dict[Use, Place] = {}
        self.whole = False
        self.loose = False

    def child(self, name: str) -> Need:
        """The need for a field (or the elements) of this one."""
        if name not in self.children:
            self.children[name] = Need(name)
        return self.children[name]

    def seen(self, place: Place, required: bool) -> None:
        """Note a place that reads this field."""
        if place not in self.places:
            self.places.append(place)
        if required and place not in self.reads:
            self.reads.append(place)

    @property
    def required(self) -> list[Place]:
        """The places for which a record must have this field."""
        return [] if self.guarded else self.reads

    def walk(self, path: str = "") -> Iterator[tuple[str, Need]]:
        """Every need below this one with its path: `customer.name`, `lines[].price`."""
        for name, child in self.children.items():
            below = path + name if name == ITEM or not path else f"{path}.{name}"
            yield below, child
            yield from child.walk(below)
