"""The explicit grid: tracks written out, and which line a name or number means (CSS Grid 1, sections 7 and 8.3).

In: `grid-template-*`, the space there is. Out: `Axis`: tracks and line names of one axis; the lines of an item.
Lines are counted from 0, which is the first of the explicit grid; those before it are negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.layout.values import AutoRepeat, GridLine, Percentage, Track, TrackList

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

MOST_LINES = 10_000
"""Lines farther out than this are this one (8.3 lets an engine limit its grids)."""
_MOST_REPEATS = 1_000

Names = tuple[tuple[str, ...], ...]


class Axis:
    """Rows or columns of the explicit grid. `fitted`: the tracks that vanish if they stay empty (auto-fit)."""

    __slots__ = ("_named", "fitted", "names", "tracks")

    def __init__(self, tracks: list[Track], names: list[tuple[str, ...]], fitted: range) -> None:
        self.tracks = tracks
        self.names = names
        self.fitted = fitted
        self._named: dict[str, list[int]] = {}
        for index, group in enumerate(names):
            for name in group:
                places = self._named.setdefault(name, [])
                if not places or places[-1] != index:
                    places.append(index)

    @property
    def end(self) -> int:
        """The last explicit line."""
        return len(self.tracks)

    def named(self, name: str) -> list[int]:
        """The explicit lines of a name."""
        return self._named.get(name, [])


def make_axis(
    template: str | TrackList, areas: str | tuple[tuple[str, ...], ...], auto: tuple[Track, ...], row: bool,
    available: float | None, least: float, gap: float,
) -> Axis:  # fmt: skip
    """Write out one axis. `available`: the space for tracks, if that is known; `least`: at least so much is there."""
    tracks: list[Track] = []
    names: list[list[str]] = [[]]
    fitted = range(0)
    if not isinstance(template, str):
        names[0].extend(template.names[0])
        for index, item in enumerate(template.tracks):
            if isinstance(item, AutoRepeat):
                times = _repeats(item, template, available, least, gap)
                start = len(tracks)
                for _ in range(times):
                    names[-1].extend(item.names[0])
                    for track, behind in zip(item.tracks, item.names[1:], strict=True):
                        tracks.append(track)
                        names.append(list(behind))
                if item.keyword == "auto-fit":
                    fitted = range(start, len(tracks))
            else:
                tracks.append(item)
                names.append([])
            names[-1].extend(template.names[index + 1])
    _add_areas(tracks, names, areas, auto, row)
    return Axis(tracks, [tuple(group) for group in names], fitted)


def _repeats(item: AutoRepeat, template: TrackList, available: float | None, least: float, gap: float) -> int:
    """How often `auto-fill` and `auto-fit` repeat (7.2.3.2)."""
    one = sum(_fixed_size(track, available) + gap for track in item.tracks)
    others = sum(_fixed_size(track, available) + gap for track in template.tracks if isinstance(track, Track))
    one = max(one, 1.0)
    if available is not None:
        times = int((available + gap - others + 0.001) // one)
    elif least:
        times = -int(-(least + gap - others - 0.001) // one)
    else:
        times = 1
    return max(1, min(times, _MOST_REPEATS // len(item.tracks)))


def _fixed_size(track: Track, available: float | None) -> float:
    low, high = definite(track.low, available), definite(track.high, available)
    if high is None:
        return low or 0.0
    return max(high, low) if low is not None else high


def definite(value: float | str | None, available: float | None) -> float | None:
    """A track size in px; None for keywords, flexible sizes, and percentages of what is not known."""
    if value.__class__ is float or value.__class__ is int:
        return float(value)
    if value.__class__ is Percentage:
        return None if available is None else max(value * available, 0.0)
    return None


def _add_areas(
    tracks: list[Track], names: list[list[str]], areas: str | tuple[tuple[str, ...], ...], auto: tuple[Track, ...],
    row: bool,
) -> None:  # fmt: skip
    """Named areas name the lines around them, and make tracks where the template has too few (7.3)."""
    if isinstance(areas, str):
        return
    count = len(areas) if row else len(areas[0])
    first = len(tracks)
    while len(tracks) < count:
        tracks.append(auto[(len(tracks) - first) % len(auto)])
        names.append([])
    spans: dict[str, tuple[int, int]] = {}
    for y, cells in enumerate(areas):
        for x, name in enumerate(cells):
            if name:
                at = y if row else x
                low, high = spans.get(name, (at, at))
                spans[name] = (min(low, at), max(high, at))
    for name, (low, high) in spans.items():
        names[low].append(f"{name}-start")
        names[high + 1].append(f"{name}-end")


def lines_of(start: str | GridLine, end: str | GridLine, axis: Axis) -> tuple[int | None, int]:
    """Where an item begins, None where that is to be found, and how many tracks it covers (8.3)."""
    first = _line(start, axis, "start")
    last = _line(end, axis, "end")
    if first is not None and last is not None:
        if first > last:
            first, last = last, first
        return first, max(last - first, 1)
    if first is not None:
        return first, _span_from(end, axis, first, 1)
    if last is not None:
        span = _span_from(start, axis, last, -1)
        return last - span, span
    for side in (start, end):
        if isinstance(side, GridLine) and side.span:
            return None, 1 if side.name else min(side.number or 1, MOST_LINES)
    return None, 1


def names_lines(style: Style) -> bool:
    """Whether a style says where in a grid its box is to be."""
    sides = (style.grid_column_start, style.grid_column_end, style.grid_row_start, style.grid_row_end)
    return sides != ("auto", "auto", "auto", "auto")


def edges_between(start: str | GridLine, end: str | GridLine, axis: Axis) -> tuple[int | None, int | None]:
    """The lines between which a positioned box is placed, None for auto (9.1)."""
    first, last = _line(start, axis, "start"), _line(end, axis, "end")
    if first is not None and last is not None:
        if first > last:
            return last, first
        return first, None if first == last else last
    if first is not None and isinstance(end, GridLine):
        last = first + _span_from(end, axis, first, 1)
    elif last is not None and isinstance(start, GridLine):
        first = last - _span_from(start, axis, last, -1)
    return first, last


def _line(value: str | GridLine, axis: Axis, side: str) -> int | None:
    if isinstance(value, str) or value.span:
        return None
    number, name = value.number, value.name
    if not name:
        return _limited(number - 1 if number > 0 else axis.end + 1 + number)
    if not number:
        edge = axis.named(f"{name}-{side}")
        if edge:
            return edge[0]
        number = 1
    places = axis.named(name)
    if number > 0:
        # Every implicit line has every name (8.3).
        return places[number - 1] if number <= len(places) else _limited(axis.end + number - len(places))
    return places[number] if -number <= len(places) else _limited(number + len(places))


def _limited(line: int) -> int:
    return max(-MOST_LINES, min(line, MOST_LINES))


def _span_from(value: str | GridLine, axis: Axis, line: int, step: int) -> int:
    """How many tracks a span covers that begins or ends at a line."""
    if isinstance(value, str) or not value.span:
        return 1
    count = min(value.number or 1, MOST_LINES)
    if not value.name:
        return count
    places = axis.named(value.name)
    ahead = [place for place in places if (place > line if step > 0 else place < line)]
    if count <= len(ahead):
        return abs((ahead[count - 1] if step > 0 else ahead[-count]) - line)
    beyond = count - len(ahead)
    return max(axis.end, line) - line + beyond if step > 0 else line - min(line, 0) + beyond
