"""Numbers as PDF writes them: the shortest decimal, never an exponent, never "-0" (ISO 32000-1, 7.3.3).

Content streams round to hundredths of a px (0.0075 pt): finer than any device, and what keeps streams short.
`rounded` and the format `%.9g` say the same as `number`, for the inner loops that write several numbers at once.
"""

from __future__ import annotations

from math import floor
from typing import Final

FAR: Final = 1e6
"""Coordinates beyond this are on no page; they are held here, so that nothing is written with an exponent."""


_SCALES: Final = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6]


def rounded(value: float, places: int = 2) -> float:
    """A value that `%.9g` prints as a short decimal: within ±FAR, rounded, without a negative zero. NaN counts as 0."""
    if -FAR <= value <= FAR:
        scale = _SCALES[places]
        scaled = value * scale
        if -1e10 < scaled < 1e10:
            # A twentieth of what `round` takes, and the same: the product is off by less than what is left out here,
            # near halves, and the quotient of two whole numbers is the float nearest to the decimal.
            count = floor(scaled + 0.5)
            if -0.4999 < scaled - count < 0.4999:
                return count / scale
        return round(value, places) + 0.0
    if value != value:
        return 0.0
    return FAR if value > 0 else -FAR


def nearest(value: float) -> int:
    """The nearest whole number of a value within ±FAR, halves upwards: a third of what `round` takes compiled."""
    return floor(value + 0.5)


class _Hundredths(dict[int, bytes]):
    """Numbers of hundredths as text, as far as they were asked for: distances between texts are mostly the same."""

    def __missing__(self, count: int) -> bytes:
        if len(self) >= 20_000:
            self.clear()
        found = self[count] = b"%.9g" % (count / 100)
        return found


hundredths: Final = _Hundredths()
"""`hundredths[n]` is n / 100."""


class _Decimals(dict[float, bytes]):
    """Rounded numbers as text, as far as they were asked for: sizes, colours and matrices are mostly the same."""

    def __missing__(self, short: float) -> bytes:
        if len(self) >= 5_000:
            self.clear()
        small = short and abs(short) < 0.001  # %g would take an exponent below 0.0001
        found = self[short] = (b"%.6f" % short).rstrip(b"0") if small else b"%.10g" % short
        return found


_decimals: Final = _Decimals()


def number(value: float, places: int = 4) -> bytes:
    """One number, with at most `places` decimals, which are six or fewer."""
    return _decimals[rounded(value, places)]
