"""Sizes of page-margin boxes (CSS Paged Media 3, 5.3): pure arithmetic.

In: what three boxes along one edge of the page ask for, or one box across it. Out: outer sizes along the edge; margins
and size across it. "Outer" is with margins, borders and padding.
"""

from __future__ import annotations

INFINITE = float("inf")


class Extent:
    """What one box asks for along its edge, outer sizes all: given or None for auto; the least and most that its
    content asks for; its `min-` and `max-` limits.
    """

    __slots__ = ("given", "high", "low", "maximum", "minimum")

    def __init__(
        self, given: float | None, low: float, high: float, minimum: float = 0.0, maximum: float = INFINITE
    ) -> None:
        self.given = given
        self.low = low
        self.high = high
        self.minimum = minimum
        self.maximum = maximum

    def sized(self, given: float) -> Extent:
        """The same box, if it were given this size."""
        return Extent(given, given, given, self.minimum, self.maximum)


def along(boxes: list[Extent | None], room: float) -> list[float]:
    """Outer sizes of A, B and C, within their limits (5.3.2.3); 0 for a box that is not generated."""
    sizes = _tentative(boxes, room)
    if any(box is not None and size > box.maximum for box, size in zip(boxes, sizes, strict=True)):
        boxes = [
            box.sized(box.maximum) if box is not None and size > box.maximum else box
            for box, size in zip(boxes, sizes, strict=True)
        ]
        sizes = _tentative(boxes, room)
    if any(box is not None and size < box.minimum for box, size in zip(boxes, sizes, strict=True)):
        boxes = [
            box.sized(box.minimum) if box is not None and size < box.minimum else box
            for box, size in zip(boxes, sizes, strict=True)
        ]
        sizes = _tentative(boxes, room)
    return sizes


def _tentative(boxes: list[Extent | None], room: float) -> list[float]:
    """5.3.2.2: with B, A and C are first taken as one box of twice the larger, so that B stays in the middle."""
    a, b, c = boxes
    if b is None:
        first, last = _two(a, c, room)
        return [first, 0.0, last]
    sides: Extent | None = None
    if a is not None or c is not None:
        low, high = 2 * max(_low(a), _low(c)), 2 * max(_high(a), _high(c))
        sides = Extent(None, low, high)
    middle = _two(b, sides, room)[0]
    rest = (room - middle) / 2
    return [_side(a, rest), middle, _side(c, rest)]


def _low(box: Extent | None) -> float:
    return 0.0 if box is None else box.low if box.given is None else box.given


def _high(box: Extent | None) -> float:
    return 0.0 if box is None else box.high if box.given is None else box.given


def _side(box: Extent | None, rest: float) -> float:
    if box is None:
        return 0.0
    return max(rest, 0.0) if box.given is None else box.given


def _two(a: Extent | None, c: Extent | None, room: float) -> tuple[float, float]:
    """Share an edge between two boxes: from their max-content sizes if they fit, else from their min-content sizes."""
    if a is None or c is None:
        return _side(a, room), _side(c, room)
    if a.given is not None:
        return a.given, (max(room - a.given, 0.0) if c.given is None else c.given)
    if c.given is not None:
        return max(room - c.given, 0.0), c.given
    wide = a.high + c.high
    if wide <= room:
        return _flexed(a.high, c.high, room - wide, a.high, c.high)
    narrow = a.low + c.low
    if narrow <= room:
        return _flexed(a.low, c.low, room - narrow, a.high - a.low, c.high - c.low)
    return _flexed(a.low, c.low, room - narrow, a.low, c.low)


def _flexed(a: float, c: float, free: float, weight_a: float, weight_c: float) -> tuple[float, float]:
    total = weight_a + weight_c
    share = weight_a / total if total else 0.5
    return max(a + free * share, 0.0), max(c + free * (1 - share), 0.0)


def across(
    before: float | None, size: float | None, after: float | None, edges: float, room: float, outer_first: bool
) -> tuple[float, float, float]:
    """Margin, border-box size and margin of a box in the dimension that the page's margin gives it (5.3.3).

    None is `auto`; `size` is a border-box size, `edges` the least that it can be. `outer_first`: where all three are
    given, the first margin gives way (above and left of the page), else the last.
    """
    taken = (size if size is not None else edges) + (before or 0.0) + (after or 0.0)
    if taken > room:
        before, after = before or 0.0, after or 0.0
    if size is None:
        before, after = before or 0.0, after or 0.0
        return before, max(room - before - after, edges), after
    if before is not None and after is not None:
        if outer_first:
            return room - size - after, size, after
        return before, size, room - size - before
    free = room - size - (before or 0.0) - (after or 0.0)
    if before is None and after is None:
        return free / 2, size, free / 2
    return (free, size, after or 0.0) if before is None else (before, size, free)
