"""`dir=auto` and `<bdi>`: elements whose direction is that of their first strong character (HTML, 3.2.6.4).

In: the elements of a document. Out: the same, their `dir` attribute being `ltr` or `rtl`, which the user-agent style
sheet understands. Text within `bdi`, `script`, `style`, `textarea` and elements with a `dir` of their own does not
count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spark_pdf.text.bidi import bidi_class

if TYPE_CHECKING:
    from spark_pdf.layout.dom import Element

MAY_BE_AUTO = re.compile(r"dir\s*=\s*[\"']?auto|<bdi\b", re.IGNORECASE)
"""Finds out quickly, in the text of a document, whether there is anything to do."""

_PASSED_OVER = frozenset(("bdi", "script", "style", "textarea"))


def resolve_auto(elements: list[Element]) -> None:
    """Give each such element the direction that its text has; one without strong characters goes left to right."""
    found: list[tuple[Element, str]] = []
    for element in elements:
        given = element.attributes.get("dir", "").strip().lower()
        if given == "auto" or (element.tag == "bdi" and given not in ("ltr", "rtl")):
            found.append((element, _direction(element)))
    for element, direction in found:
        element.attributes = {**element.attributes, "dir": direction}


def _direction(element: Element) -> str:
    waiting: list[Element | str] = list(reversed(element.children))
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            for character in node:
                kind = bidi_class(character)
                if kind == "L":
                    return "ltr"
                if kind in ("R", "AL"):
                    return "rtl"
        elif node.tag not in _PASSED_OVER and "dir" not in node.attributes:
            waiting.extend(reversed(node.children))
    return "ltr"
