"""The CSS-wide keywords. Specification: CSS Cascade 5, 7."""

from __future__ import annotations

import enum


class Wide(enum.Enum):
    """A value that every property takes, and the cascade resolves."""

    INHERIT = "inherit"
    INITIAL = "initial"
    UNSET = "unset"
    REVERT = "revert"
    REVERT_LAYER = "revert-layer"


WIDE = {keyword.value: keyword for keyword in Wide}
INITIAL = Wide.INITIAL
