"""What the abstract run of a template (`analysis`) knows of expressions and names: fields, elements, parts, macros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jinja2 import nodes

from spark_pdf.template.needs import Need


@dataclass(frozen=True)
class Macro:
    """A macro, or the body of a call block, with the scope in which it was written."""

    node: nodes.Macro | nodes.CallBlock
    scope: Scope
    file: str


@dataclass(frozen=True)
class Value:
    """What an expression may be: fields (each with whether its absence is excused), elements, parts, macros."""

    needs: tuple[tuple[Need, bool], ...] = ()
    items: Value | None = None
    parts: tuple[Value, ...] = ()
    names: Mapping[str, Value] | None = None
    macros: tuple[Macro, ...] = ()

    def joined(self, other: Value) -> Value:
        """What is either of two."""
        needs = self.needs + tuple(n for n in other.needs if n not in self.needs)
        items = self.items.joined(other.items) if self.items and other.items else self.items or other.items
        names = {**(self.names or {}), **(other.names or {})} or None
        macros = self.macros + tuple(m for m in other.macros if not any(m is known for known in self.macros))
        return Value(needs, items, self.parts or other.parts, names, macros)

    def excused(self) -> Value:
        """The same, where absence is no error."""
        return replace(self, needs=tuple((need, True) for need, _ in self.needs))


NOTHING = Value()


class Scope:
    """Names that a template has bound; what it has not is a column of the record."""

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.names: dict[str, Value] = {}

    def find(self, name: str) -> Value | None:
        """The value of a bound name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def copy(self) -> Scope:
        """A scope for a branch: sees what this one sees, keeps its own."""
        return Scope(self)
