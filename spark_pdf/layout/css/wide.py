"""The CSS-wide keywords, and where rules without a layer stand. Specification: CSS Cascade 5, 6.4 and 7."""

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

UNLAYERED = 1 << 30
"""The rank of rules that are in no cascade layer: above all layers."""
