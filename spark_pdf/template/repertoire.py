"""The characters that a bundle's documents are expected to show: what a font subset per bundle holds.

In: `fonts.repertoire` of template.toml, and the bundle's files. Out: code points. They follow from the bundle alone,
so that no document's bytes depend on which documents a worker rendered before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import unescape

Ranges = tuple[tuple[int, int], ...]

NAMES: dict[str, Ranges] = {
    "western": (
        (0x20, 0x7E), (0xA0, 0xFF), (0x152, 0x153), (0x160, 0x161), (0x178, 0x178), (0x17D, 0x17E), (0x192, 0x192),
        (0x2C6, 0x2C6), (0x2DC, 0x2DC), (0x2013, 0x2014), (0x2018, 0x201A), (0x201C, 0x201E), (0x2020, 0x2022),
        (0x2026, 0x2026), (0x2030, 0x2030), (0x2039, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122),
    ),
    "latin": ((0x100, 0x24F), (0x1E00, 0x1EFF)),
    "greek": ((0x370, 0x3FF),),
    "cyrillic": ((0x400, 0x45F), (0x490, 0x4FF)),
    "hebrew": ((0x590, 0x5F4),),
    "arabic": ((0x600, 0x6FF),),
    "punctuation": ((0x2010, 0x2027), (0x202F, 0x205E), (0x20A0, 0x20C0), (0x2116, 0x2116)),
}  # fmt: skip
"""Named repertoires; "western" is Windows-1252, and "latin" what it lacks of Latin letters."""

_RANGE = re.compile(r"[Uu]\+([0-9A-Fa-f]{1,6})(?:-([0-9A-Fa-f]{1,6}))?")
_TEXTS = (".html", ".htm", ".xhtml", ".jinja", ".j2", ".css", ".svg")


def ranges_of(entry: str) -> Ranges | None:
    """A name, or a range as in CSS `unicode-range`: "U+400-45F"; None where it is neither."""
    if entry in NAMES:
        return NAMES[entry]
    found = _RANGE.fullmatch(entry)
    if found is None:
        return None
    first = int(found[1], 16)
    last = int(found[2], 16) if found[2] else first
    return ((first, last),) if first <= last <= 0x10FFFF else None


def characters(entries: Iterable[str], files: Mapping[str, bytes]) -> frozenset[int]:
    """Code points of a repertoire, and all that stand in the texts of a bundle, character references resolved."""
    found: set[int] = set()
    for entry in entries:
        for first, last in ranges_of(entry) or ():
            found.update(range(first, last + 1))
    for name, data in files.items():
        if name.lower().endswith(_TEXTS):
            text = data.decode("utf-8", "ignore")
            found.update(map(ord, text))
            found.update(map(ord, unescape(text)))
    return frozenset(point for point in found if point >= 0x20)
