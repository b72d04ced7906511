"""A text string (ISO 32000-1, 7.9.2.2), as opposed to a `str` of PDF syntax. A module of its own, because a compiled
module holds no classes that inherit from `str`.
"""

from __future__ import annotations


class Text(str):
    """A text string that `PdfWriter` encodes."""

    __slots__ = ()
