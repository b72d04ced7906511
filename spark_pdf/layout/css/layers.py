"""Cascade layers: which names there are, and how they rank. Specification: CSS Cascade 5, 6.4.

In: names in order of first appearance, as paths (`a.b` is ("a", "b")). Out: ranks, the weakest lowest.
"""

from __future__ import annotations

from spark_pdf.layout.css.tokens import Token, Tokens, is_literal, significant, split
from spark_pdf.layout.css.wide import UNLAYERED, WIDE

Path = tuple[str, ...]
NO_LAYER: Path = ()


class Layers:
    """The layers of one origin."""

    __slots__ = ("_anonymous", "_children")

    def __init__(self) -> None:
        self._children: dict[Path, dict[str, None]] = {}
        self._anonymous = 0

    def declare(self, path: Path) -> None:
        """Note a layer and those around it; a second time changes nothing."""
        for end in range(len(path)):
            self._children.setdefault(path[:end], {}).setdefault(path[end])

    def anonymous(self, around: Path) -> Path:
        """A layer without a name, which nobody can add to."""
        self._anonymous += 1
        path = (*around, f"\0{self._anonymous}")
        self.declare(path)
        return path

    def ranks(self) -> dict[Path, int]:
        """What stands in a layer itself ranks above the layers in it."""
        found: dict[Path, int] = {NO_LAYER: UNLAYERED}

        def visit(path: Path) -> None:
            for name in self._children.get(path, ()):
                visit((*path, name))
            if path:
                found[path] = len(found)

        visit(NO_LAYER)
        return found


def layer_name(tokens: Tokens) -> Path | None:
    """`a.b` as a path; None where it is no name."""
    tokens = significant(tokens)
    parts = [part for index, part in enumerate(tokens) if index % 2 == 0]
    dots = [part for index, part in enumerate(tokens) if index % 2 == 1]
    if len(tokens) % 2 == 0 or any(part.type != "ident" or part.lower_value in WIDE for part in parts):
        return None
    return tuple(str(part.value) for part in parts) if all(is_literal(dot, ".") for dot in dots) else None


def layer_names(tokens: list[Token]) -> list[Path] | None:
    """The names of a `@layer a, b.c;`."""
    names = [layer_name(part) for part in split(tokens)]
    return None if None in names else [name for name in names if name is not None]
