"""Variable fonts made static: the axes of a file, and an instance of it at one place of its design space.

In: the bytes of a font, and where on its axes. Out: the bytes of a static font, by HarfBuzz's subsetter with all axes
pinned: in one call, with glyph ids kept, and the same bytes each time. Follows CSS Fonts 4, section 7.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import uharfbuzz as hb

from spark_pdf.errors import BundleError
from spark_pdf.text.sfnt import plain_sfnt

Axes = dict[str, tuple[float, float, float]]
"""Lowest, default and highest value by tag."""

Location = tuple[tuple[str, float], ...]
"""Values of axes; those not named stay at their default, those that a font lacks say nothing."""


@lru_cache(maxsize=256)
def axes_of(data: bytes, origin: str = "") -> Axes:
    """The axes of a font file; none of a static one."""
    face: Any = hb.Face(hb.Blob(plain_sfnt(data, origin)), 0)
    if not face.has_var_data:
        return {}
    try:
        return {axis.tag: (axis.min_value, axis.default_value, axis.max_value) for axis in face.axis_infos}
    except UnicodeDecodeError:
        raise BundleError(f"the font {origin} is damaged: its axes cannot be read") from None


def instance(data: bytes, location: Location, origin: str = "") -> bytes:
    """A static font file out of a variable one, at these places as far as its axes go.

    A static font comes back as it is. Raises `BundleError` where HarfBuzz cannot instantiate it.
    """
    data = plain_sfnt(data, origin)
    axes = axes_of(data, origin)
    if not axes:
        return data
    face: Any = hb.Face(hb.Blob(data), 0)
    request = hb.SubsetInput()
    request.keep_everything()
    request.flags = hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.NOTDEF_OUTLINE | hb.SubsetFlags.DOWNGRADE_CFF2
    request.pin_all_axes_to_default(face)
    for tag, value in location:
        if tag in axes:
            low, _, high = axes[tag]
            request.pin_axis_location(face, tag, min(max(value, low), high))
    try:
        return bytes(request.subset(face).blob.data)
    except (hb.HarfBuzzError, RuntimeError):
        where = ", ".join(f"{tag} {value:g}" for tag, value in location)
        raise BundleError(f"the variable font {origin} cannot be made static at {where}; give a static file") from None
