"""Which image an `img` shows: `src`, `srcset` with `sizes`, and the sources of a `picture` (HTML, 4.8.4.2).

In: an `img` element. Out: the URLs to try, best first, each with its density in image pixels per px. Paper is looked
at closely: of several densities the smallest of at least 2 is best, else the largest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import tinycss2

from spark_pdf.layout.css.lengths import PX_PER_UNIT
from spark_pdf.layout.css.tokens import sane, significant, split, too_deep
from spark_pdf.layout.dom import Element

WANTED_DENSITY = 2.0
"""192 pixels per inch."""

_TYPES = frozenset((
    "image/png", "image/apng", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/svg+xml",
))  # fmt: skip
_CANDIDATE = re.compile(r"[\s,]*(\S*[^\s,])(?:\s+([^,(]*(?:\([^)]*\)[^,(]*)*))?(?:,|\s*$)")
_DESCRIPTOR = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([wx])")


class Candidate(NamedTuple):
    """A URL, and how many of its pixels make one px."""

    url: str
    density: float


def candidates(element: Element, media: Callable[[str], bool], page_width: float) -> list[Candidate]:
    """What an `img` may show, best first. `media` answers a media query list."""
    found: list[Candidate] = []
    parent = element.parent
    if parent is not None and parent.tag == "picture":
        for source in parent.children:
            if source is element:
                break
            if isinstance(source, str) or source.tag != "source":
                continue
            kind = source.attributes.get("type", "").split(";")[0].strip().lower()
            if (not kind or kind in _TYPES) and media(source.attributes.get("media", "")):
                found += _ranked(source, media, page_width)
                break
    if "srcset" in element.attributes:
        found += _ranked(element, media, page_width)
    source_url = element.attributes.get("src", "").strip()
    if source_url or not found:
        found.append(Candidate(source_url, 1.0))
    return found


def _ranked(element: Element, media: Callable[[str], bool], page_width: float) -> list[Candidate]:
    """The candidates of one `srcset`, best first."""
    width: float | None = None
    listed: list[Candidate] = []
    for url, descriptors in parse_srcset(element.attributes.get("srcset", "")):
        density = 1.0
        found = _DESCRIPTOR.search(descriptors)
        if found is not None and found[2] == "x":
            density = float(found[1])
        elif found is not None:
            if width is None:
                width = source_size(element.attributes.get("sizes", ""), media, page_width)
            density = float(found[1]) / width if width > 0 else 1.0
        if density > 0:
            listed.append(Candidate(url, density))
    listed.sort(key=lambda one: (one.density < WANTED_DENSITY, abs(one.density - WANTED_DENSITY)))
    return listed


def parse_srcset(text: str) -> list[tuple[str, str]]:
    """(URL, descriptors) of each candidate. A URL of `data:` may hold commas, but no space."""
    found: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _CANDIDATE.match(text, at)
        if match is None or match.end() == at:
            break
        at = match.end()
        found.append((match[1], (match[2] or "").strip()))
    return found


def source_size(text: str, media: Callable[[str], bool], page_width: float) -> float:
    """`sizes`: the first length whose condition holds; 100vw without any."""
    values = tinycss2.parse_component_value_list(sane(text))
    for part in [] if too_deep(values) else split(values):
        tokens = significant(part)
        if not tokens:
            continue
        size = _length(tokens[-1], page_width)
        if size is None:
            continue
        condition = "".join(token.serialize() for token in part[: part.index(tokens[-1])]).strip()
        if media(condition):
            return size
    return page_width


def _length(token: object, page_width: float) -> float | None:
    kind = getattr(token, "type", "")
    if kind != "dimension":
        return None
    unit: str = token.lower_unit  # type: ignore[attr-defined]
    value = float(token.value)  # type: ignore[attr-defined]
    if unit == "vw":
        return value * page_width / 100
    if unit in ("em", "rem"):
        return value * 16
    factor = PX_PER_UNIT.get(unit)
    return value * factor if factor is not None else None
