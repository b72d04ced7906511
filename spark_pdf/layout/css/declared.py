"""What is declared for an element, and which declaration wins. Specification: CSS Cascade 5, 6 and 7.3.

In: the blocks of the rules that select an element, lowest first, and its style attribute. Out: the winning value of
each declared property, with `revert` and `revert-layer` resolved.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.declarations import Block, Declarations
from spark_pdf.layout.css.wide import UNLAYERED, Wide

NO_BLOCK = Block(())
_USER_AGENT, _HINTS = -2, -1
_INLINE = UNLAYERED + 1


class Declared:
    """The blocks that apply to an element, lowest first: the user agent's, and the author's with hints first."""

    __slots__ = ("_important", "_ordered", "author", "user_agent")

    def __init__(self, user_agent: tuple[Block, ...], author: tuple[Block, ...]) -> None:
        self.user_agent = user_agent
        self.author = author
        layers = {block.layer for block in author}
        self._ordered = len(layers) > 1 or any(block.ordered for block in (*user_agent, *author))
        # Important declarations rank the other way round: those of the first layer are the strongest (6.4.2).
        self._important = tuple(sorted(author, key=lambda block: -block.layer)) if len(layers) > 1 else author

    def winners(self, inline: Block) -> dict[str, Any]:
        """The value that wins for each declared property."""
        if self._ordered or inline.ordered:
            return self._in_order(inline)
        values: dict[str, Any] = {}
        for block in self.user_agent:
            values.update(block.normal)
        reverted = dict(values)
        for block in self.author:
            values.update(block.normal)
        values.update(inline.normal)
        for block in self.author:
            values.update(block.important)
        values.update(inline.important)
        for block in self.user_agent:
            values.update(block.important)
        for attribute, value in values.items():
            if value is Wide.REVERT_LAYER:
                return self._in_order(inline)
            if value is Wide.REVERT:
                below = reverted.get(attribute, Wide.UNSET)
                values[attribute] = Wide.UNSET if below is Wide.REVERT else below
        return values

    def _steps(self, inline: Block) -> list[tuple[int, Declarations]]:
        """Declarations in cascading order, each with the level it belongs to."""
        steps = [(_USER_AGENT, block.normal) for block in self.user_agent]
        steps += [(block.layer, block.normal) for block in self.author]
        steps.append((_INLINE, inline.normal))
        steps += [(block.layer, block.important) for block in self._important]
        steps.append((_INLINE, inline.important))
        steps += [(_USER_AGENT, block.important) for block in self.user_agent]
        return steps

    def _in_order(self, inline: Block) -> dict[str, Any]:
        """As `winners`, where the order of different properties counts, or what lies below a layer."""
        values: dict[str, Any] = {}
        history: dict[str, list[tuple[int, Any]]] = {}
        for level, declarations in self._steps(inline):
            for attribute, value in declarations:
                values.pop(attribute, None)
                values[attribute] = value
                history.setdefault(attribute, []).append((level, value))
        for attribute, value in values.items():
            if value is Wide.REVERT or value is Wide.REVERT_LAYER:
                values[attribute] = _below(history[attribute])
        return values


def _below(history: list[tuple[int, Any]]) -> Any:
    """What lies below the last declaration, whose value is `revert` or `revert-layer`."""
    while history:
        level, value = history[-1]
        if value is Wide.REVERT:
            level = _HINTS
        elif value is not Wide.REVERT_LAYER:
            return value
        history = [entry for entry in history if entry[0] < level]
    return Wide.UNSET
