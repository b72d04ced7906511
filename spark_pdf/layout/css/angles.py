"""Angles and plain numbers. Specification: CSS Values and Units 4, 5.2, 5.3 and 7.1.

In: a token. Out: degrees or a number as float; None for anything else.
"""

from __future__ import annotations

import math

from spark_pdf.layout.css.tokens import Token

_DEGREES = {"deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}


def angle(token: Token, *, zero: bool = True) -> float | None:
    """Degrees. `zero`: 0 without a unit is an angle too."""
    if token.type == "dimension":
        factor = _DEGREES.get(token.lower_unit)
        return None if factor is None else float(token.value) * factor
    return 0.0 if zero and token.type == "number" and token.value == 0 else None


def number(token: Token, minimum: float | None = None) -> float | None:
    """A number, not below `minimum`."""
    if token.type != "number" or (minimum is not None and token.value < minimum):
        return None
    return float(token.value)


def number_or_percentage(token: Token, minimum: float | None = None) -> float | None:
    """A number, or a percentage as the number it stands for (50% is 0.5)."""
    if token.type not in ("number", "percentage") or (minimum is not None and token.value < minimum):
        return None
    return float(token.value) / (100 if token.type == "percentage" else 1)
