"""Counters: scopes in document order (CSS Lists 3, section 4), and numbers as text (CSS Counter Styles 3).

In: `counter-reset`, `counter-set` and `counter-increment` of each element as box generation comes by. Out: values,
strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from spark_pdf.layout.css.counter_styles import BULLETS, IDEOGRAPHIC, represent
from spark_pdf.layout.css.own_counters import NO_STYLES, Styles, counter_text, decorated

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

PAGE_COUNTERS: Final = frozenset(("page", "pages"))
"""Counters of pages, not of the document: the page loop counts them (CSS Paged Media 3, 6.1)."""


class Counters:
    """The counters in scope while a tree is walked. `depth` is the walker's: how deep the element stands."""

    __slots__ = ("_scopes", "_stack", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._scopes: dict[str, list[int]] = {}
        self._stack: list[tuple[int, str]] = []

    def apply(self, style: Style, list_item: bool) -> None:
        """What an element, at the current depth, does to counters: reset, then increment, then set."""
        for name, value in style.counter_reset:
            if name not in PAGE_COUNTERS:
                self._create(name, value)
        increments = style.counter_increment
        for name, value in increments:
            if name not in PAGE_COUNTERS:
                self._scope(name)[-1] += value
        if list_item and not any(name == "list-item" for name, _ in increments):
            self._scope("list-item")[-1] += 1
        for name, value in style.counter_set:
            if name not in PAGE_COUNTERS:
                self._scope(name)[-1] = value

    def increment_document(self, name: str) -> None:
        """Count by one a counter that the whole document shares, unless an element has reset one for itself."""
        scopes = self._scopes.setdefault(name, [])
        if not scopes:
            scopes.append(0)  # known to no element, so that it never ends
        scopes[-1] += 1

    def snapshot(self) -> dict[str, tuple[int, ...]]:
        """All counters in scope."""
        return {name: tuple(values) for name, values in self._scopes.items() if values}

    def visit(self, counters: dict[str, tuple[int, ...]]) -> tuple[dict[str, list[int]], list[tuple[int, str]]]:
        """Count on from another place in the document; `restore` leads back."""
        kept = self._scopes, self._stack
        self._scopes = {name: list(values) for name, values in counters.items()}
        self._stack = []
        return kept

    def restore(self, kept: tuple[dict[str, list[int]], list[tuple[int, str]]]) -> None:
        """Back to where `visit` was called."""
        self._scopes, self._stack = kept

    def leave(self) -> None:
        """The walker leaves the children of an element at `depth`: what they created ends."""
        while self._stack and self._stack[-1][0] > self.depth:
            _, name = self._stack.pop()
            self._scopes[name].pop()

    def values(self, name: str) -> list[int]:
        """All counters of a name in scope, outermost first; one 0 where there is none."""
        return self._scopes.get(name) or [0]

    def _create(self, name: str, value: int) -> None:
        scopes = self._scopes.setdefault(name, [])
        if (self.depth, name) in self._stack:
            # A sibling's counter of the same name is replaced, not nested in (CSS Lists 3, 4.4.1).
            scopes[-1] = value
        else:
            scopes.append(value)
            self._stack.append((self.depth, name))

    def _scope(self, name: str) -> list[int]:
        if not self._scopes.get(name):
            self._create(name, 0)
        return self._scopes[name]


def format_counter(value: int, style: str | tuple[str, str], own: Styles = NO_STYLES) -> str:
    """A number in a counter style, without prefix and suffix. Unknown styles, and numbers out of range, are decimal.
    `own`: the styles of `@counter-style` rules.
    """
    if isinstance(style, tuple):
        return style[1]
    if style == "decimal":
        return str(value)
    if style in own:
        return counter_text(value, style, own)
    if style == "none":
        return ""
    if style == "decimal-leading-zero":
        return f"{value:03d}" if value < 0 else f"{value:02d}"
    found = represent(value, style)
    return str(value) if found is None else found


def marker_text(value: int, style: str | tuple[str, str], own: Styles = NO_STYLES) -> str:
    """A list item's marker: the counter with the suffix of its style."""
    if isinstance(style, tuple):
        return style[1]
    if style in own:
        return decorated(value, style, own)
    if style == "none":
        return ""
    return format_counter(value, style) + (" " if style in BULLETS else "、" if style in IDEOGRAPHIC else ". ")
