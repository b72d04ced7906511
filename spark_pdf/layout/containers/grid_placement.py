"""Which cells of the grid an item takes (CSS Grid 1, section 8.5).

In: items in order-modified document order, both axes. Out: an `Area` for each, and how many tracks there are before and
behind the explicit ones. Occupied cells are bits of one integer per row (or column, where `grid-auto-flow` says so);
no search looks again where an item of the same size did not fit, so that placing is linear in the items.
"""

from __future__ import annotations

from spark_pdf.layout.containers.grid_lines import Axis, lines_of
from spark_pdf.layout.containers.items import Item


class Area:
    """The tracks that an item covers."""

    __slots__ = ("column", "columns", "item", "row", "rows")

    def __init__(self, item: Item, column: int, columns: int, row: int, rows: int) -> None:
        self.item = item
        self.column = column
        self.columns = columns
        self.row = row
        self.rows = rows


class Placement:
    """All areas, counted from the first implicit track; `column_shift`, `row_shift`: implicit tracks before the
    explicit grid; `columns`, `rows`: all tracks.
    """

    __slots__ = ("areas", "column_shift", "columns", "row_shift", "rows")

    def __init__(self, areas: list[Area], shifts: tuple[int, int], counts: tuple[int, int]) -> None:
        self.areas = areas
        self.column_shift, self.row_shift = shifts
        self.columns, self.rows = counts


class _Seat:
    """An item while it is placed: start and span along the minor axis (that auto-placement fills first) and the major
    one; a start is None until it is found.
    """

    __slots__ = ("item", "major", "majors", "minor", "minors")

    def __init__(self, item: Item, minor: tuple[int | None, int], major: tuple[int | None, int]) -> None:
        self.item = item
        self.minor, self.minors = minor
        self.major, self.majors = major


def place(items: list[Item], columns: Axis, rows: Axis, flow: str) -> Placement:
    """Place all items."""
    by_column = flow.startswith("column")
    seats = []
    for item in items:
        style = item.style
        across = lines_of(style.grid_column_start, style.grid_column_end, columns)
        along = lines_of(style.grid_row_start, style.grid_row_end, rows)
        seats.append(_Seat(item, along, across) if by_column else _Seat(item, across, along))
    minor_axis, major_axis = (rows, columns) if by_column else (columns, rows)
    minor_shift = max(0, *(-seat.minor for seat in seats if seat.minor is not None), 0)
    major_shift = max(0, *(-seat.major for seat in seats if seat.major is not None), 0)
    for seat in seats:
        seat.minor = None if seat.minor is None else seat.minor + minor_shift
        seat.major = None if seat.major is None else seat.major + major_shift
    ends = [(seat.minor or 0) + seat.minors for seat in seats]
    count = max([minor_shift + minor_axis.end, *ends], default=0)
    seating = _Seating(count, flow.endswith("dense"))
    seating.seat(seats)
    count = seating.count
    depth = max([major_shift + major_axis.end, *((s.major or 0) + s.majors for s in seats)], default=0)
    areas = [_area(seat, by_column) for seat in seats]
    if by_column:
        return Placement(areas, (major_shift, minor_shift), (depth, count))
    return Placement(areas, (minor_shift, major_shift), (count, depth))


def _area(seat: _Seat, by_column: bool) -> Area:
    minor, major = seat.minor or 0, seat.major or 0
    if by_column:
        return Area(seat.item, major, seat.majors, minor, seat.minors)
    return Area(seat.item, minor, seat.minors, major, seat.majors)


class _Seating:
    """The work of auto-placement. `taken`: occupied cells of each major track."""

    __slots__ = ("count", "cursor", "dense", "hints", "taken")

    def __init__(self, count: int, dense: bool) -> None:
        self.count = count
        self.dense = dense
        self.taken: dict[int, int] = {}
        self.cursor = (0, 0)
        self.hints: dict[object, tuple[int, int]] = {}

    def seat(self, seats: list[_Seat]) -> None:
        """The four steps of 8.5."""
        for seat in seats:
            if seat.minor is not None and seat.major is not None:
                self._take(seat)
        for seat in seats:
            if seat.minor is None and seat.major is not None:
                self._in_row(seat)
        for seat in seats:
            if seat.major is None:
                if seat.minor is not None:
                    self._in_column(seat)
                else:
                    self._anywhere(seat)

    def _take(self, seat: _Seat) -> None:
        mask = ((1 << seat.minors) - 1) << (seat.minor or 0)
        start = seat.major or 0
        for major in range(start, start + seat.majors):
            self.taken[major] = self.taken.get(major, 0) | mask

    def _free(self, minor: int, major: int, seat: _Seat) -> bool:
        mask = ((1 << seat.minors) - 1) << minor
        return all(not self.taken.get(at, 0) & mask for at in range(major, major + seat.majors))

    def _in_row(self, seat: _Seat) -> None:
        """An item whose major track is given: the first free place in it; the grid grows if it must."""
        major = seat.major or 0
        key = (major, seat.minors, seat.majors) if self.dense else major
        minor = self.hints.get(key, (0, 0))[0]
        while not self._free(minor, major, seat):
            minor += 1
        self.hints[key] = (minor, 0) if self.dense else (minor + seat.minors, 0)
        seat.minor = minor
        self.count = max(self.count, minor + seat.minors)
        self._take(seat)

    def _in_column(self, seat: _Seat) -> None:
        minor = seat.minor or 0
        if self.dense:
            key = (minor, seat.minors, seat.majors, "column")
            major = self.hints.get(key, (0, 0))[0]
        else:
            major = self.cursor[0] + (1 if minor < self.cursor[1] else 0)
        while not self._free(minor, major, seat):
            major += 1
        if self.dense:
            self.hints[key] = (major, 0)
        else:
            self.cursor = (major, minor)
        seat.major = major
        self._take(seat)

    def _anywhere(self, seat: _Seat) -> None:
        key = (seat.minors, seat.majors, "any")
        major, minor = self.hints.get(key, (0, 0)) if self.dense else self.cursor
        while True:
            if minor + seat.minors > self.count:
                major, minor = major + 1, 0
            elif self._free(minor, major, seat):
                break
            else:
                minor += 1
        self.cursor = (major, minor)
        self.hints[key] = (major, minor)
        seat.major, seat.minor = major, minor
        self._take(seat)
