"""What a tree of elements is, to compare it with another."""

from __future__ import annotations

from spark_pdf.layout.dom import Element


def described(elements: list[Element]) -> list[object]:
    """All that elements say, with places in the list for each other."""
    places = {element: place for place, element in enumerate(elements)}
    return [
        (
            e.tag, dict(e.attributes), e.order, e.index, e.count, e.id, e.classes,
            places.get(e.parent), places.get(e.previous),
            [child if isinstance(child, str) else places[child] for child in e.children],
        )
        for e in elements
    ]  # fmt: skip
