"""Characters that no font has a glyph for: gathered per document and chain of faces, told in one warning each.

In: what each pass of generation met, by the families that were asked for. Out: warnings, characters in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from spark_pdf.model import RenderWarning

Lacking = dict[tuple[str, ...], list[str]]
"""Characters by the families of the text that has them."""

_MOST_NAMED = 20


def glyph_warnings(passes: Iterable[Lacking]) -> list[RenderWarning]:
    """One warning for each chain of faces. Characters are in order of their numbers, so that no word can be read."""
    gathered: dict[tuple[str, ...], set[str]] = {}
    for lacking in passes:
        for families, characters in lacking.items():
            gathered.setdefault(families, set()).update(characters)
    return [
        RenderWarning("missing_glyph", f"{lacking_text(found)} (font family '{families[0] if families else 'serif'}')")
        for families, found in gathered.items()
    ]


def lacking_text(characters: Iterable[str]) -> str:
    """`2 characters have no glyph in any font: U+2605, U+2713`"""
    points = sorted(map(ord, set(characters)))
    named = ", ".join(f"U+{point:04X}" for point in points[:_MOST_NAMED])
    rest = f" and {len(points) - _MOST_NAMED} more" if len(points) > _MOST_NAMED else ""
    have = "1 character has" if len(points) == 1 else f"{len(points)} characters have"
    return f"{have} no glyph in any font: {named}{rest}"
