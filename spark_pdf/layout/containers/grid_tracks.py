"""Track sizing: how wide the columns are, how high the rows (CSS Grid 1, section 11).

In: track sizes, what the items in them ask for, the space there is. Out: one size per track. Columns and rows are sized
by the same steps; what an item contributes, the caller knows.
"""

from __future__ import annotations

from collections.abc import Callable

from spark_pdf.layout.containers.grid_lines import definite
from spark_pdf.layout.formatting import INFINITE
from spark_pdf.layout.values import Fr, Track

MIN_CONTENT, MAX_CONTENT = "min-content", "max-content"

Contribution = tuple[float, float, float]
"""What an item asks of its tracks: outer minimum, min-content and max-content size (11.5)."""


class Span:
    """An item along one axis: the tracks it covers, and what it asks of them (asked once)."""

    __slots__ = ("_ask", "_found", "count", "start")

    def __init__(self, start: int, count: int, ask: Callable[[], Contribution]) -> None:
        self.start = start
        self.count = count
        self._ask = ask
        self._found: Contribution | None = None

    @property
    def asks(self) -> Contribution:
        """The item's contributions."""
        if self._found is None:
            self._found = self._ask()
        return self._found


class _Sized:
    """A track while it is sized: `low` and `high` are its sizing functions, `fr` its flex factor."""

    __slots__ = ("base", "cap", "endless", "fr", "growable", "high", "limit", "low", "planned")

    def __init__(self, track: Track, available: float | None) -> None:
        low, high = definite(track.low, available), definite(track.high, available)
        self.fr = float(track.high) if track.high.__class__ is Fr else 0.0
        is_flexible = track.high.__class__ is Fr
        self.low = "" if low is not None else _keyword(track.low)
        self.high = "" if high is not None else "flex" if is_flexible else _keyword(track.high)
        self.base = low or 0.0
        self.limit = INFINITE if high is None else max(high, self.base)
        self.cap = INFINITE
        if track.limit is not None:
            cap = definite(track.limit, available)
            self.cap = INFINITE if cap is None else cap
        self.growable = False
        self.planned = 0.0
        self.endless = False

    @property
    def is_flexible(self) -> bool:
        """Whether its maximum is a flex factor."""
        return self.high == "flex"

    @property
    def capped(self) -> float:
        """How large fit-content() lets it become by content."""
        return max(self.cap, self.base) if self.cap != INFINITE else INFINITE


def _keyword(value: float | str) -> str:
    return value if isinstance(value, str) else "auto"


def size_tracks(
    tracks: list[Track], spans: list[Span], gap: float, available: float | None, *, constraint: str = "",
    stretch: bool = False, least: float = 0.0, most: float = INFINITE,
) -> list[float]:  # fmt: skip
    """Sizes of all tracks. `available`: None where it depends on them; then they make at least `least`, and `most` at
    most. `stretch`: auto tracks take what is left. `constraint`: how wide the container would be by content.
    """
    sized = [_Sized(track, available) for track in tracks]
    if not sized:
        return []
    _resolve_intrinsic(sized, spans, gap, constraint)
    gaps = gap * (len(sized) - 1)
    room = None if available is None else available - gaps
    _maximize(sized, room, constraint)
    _expand_flexible(sized, spans, gap, room, constraint, least - gaps, most - gaps)
    if stretch:
        _stretch(sized, room if room is not None else least - gaps)
    return [track.base for track in sized]


# Intrinsic sizes (11.5)


def _resolve_intrinsic(sized: list[_Sized], spans: list[Span], gap: float, constraint: str) -> None:
    if not any(track.low or track.high for track in sized):
        return
    groups: dict[int, list[Span]] = {}
    flexible: list[Span] = []
    for span in spans:
        covered = sized[span.start : span.start + span.count]
        if span.count > 1 and any(track.is_flexible for track in covered):
            flexible.append(span)
        elif any(track.low or track.high for track in covered):
            groups.setdefault(span.count, []).append(span)
    for count in sorted(groups):
        _fit(sized, groups[count], gap, constraint)
    if flexible:
        _fit(sized, flexible, gap, constraint, flexible=True)
    for track in sized:
        if track.limit == INFINITE:
            track.limit = track.base


def _fit(sized: list[_Sized], group: list[Span], gap: float, constraint: str, flexible: bool = False) -> None:
    """The phases of 11.5, step 3 (4 where the items cross flexible tracks: only those grow then)."""

    def wanted(track: _Sized) -> bool:
        return track.is_flexible or not flexible

    def minimum(span: Span) -> float:
        if constraint == MIN_CONTENT and _content(span, sized):
            return _limited(span, sized, span.asks[1])
        return span.asks[0]

    def widest(span: Span) -> float:
        return _limited(span, sized, span.asks[2])

    _grow_bases(sized, group, gap, minimum, lambda t: bool(t.low) and wanted(t), flexible)
    _grow_bases(sized, group, gap, _second, lambda t: t.low in (MIN_CONTENT, MAX_CONTENT) and wanted(t), flexible)
    if constraint == MAX_CONTENT:
        _grow_bases(sized, group, gap, widest, lambda t: t.low in ("auto", MAX_CONTENT) and wanted(t), flexible)
    else:
        _grow_bases(sized, group, gap, _third, lambda t: t.low == MAX_CONTENT and wanted(t), flexible)
    for track in sized:
        track.limit = max(track.limit, track.base)
    if flexible:
        return
    _grow_limits(sized, group, gap, _second, lambda t: t.high in ("auto", MIN_CONTENT, MAX_CONTENT), True)
    _grow_limits(sized, group, gap, _third, lambda t: t.high in ("auto", MAX_CONTENT), False)


def _content(span: Span, sized: list[_Sized]) -> bool:
    """Under a min-content constraint, automatic minimums count in full (11.5, 3.1)."""
    return any(track.low == "auto" for track in sized[span.start : span.start + span.count])


def _limited(span: Span, sized: list[_Sized], wanted: float) -> float:
    """A limited contribution: no more than tracks of given maximums can be (11.5)."""
    total = 0.0
    for track in sized[span.start : span.start + span.count]:
        total += track.limit if not track.high else track.cap
    return max(min(wanted, total), span.asks[0])


def _second(span: Span) -> float:
    return span.asks[1]


def _third(span: Span) -> float:
    return span.asks[2]


Test = Callable[[_Sized], bool]


def _grow_bases(
    sized: list[_Sized], group: list[Span], gap: float, ask: Callable[[Span], float], affected: Test, flexible: bool
) -> None:
    touched: dict[int, _Sized] = {}
    for span in group:
        covered = range(span.start, span.start + span.count)
        chosen = [at for at in covered if affected(sized[at])]
        if not chosen:
            continue
        extra = ask(span) - sum(sized[at].base for at in covered) - gap * (span.count - 1)
        if extra <= 0:
            continue
        tracks = [sized[at] for at in chosen]
        if flexible:
            increases = _by_factor(tracks, extra)
        else:
            increases, extra = _evenly(tracks, extra, [_base_room(track) for track in tracks])
            if extra > 0:
                beyond = [track for track in tracks if track.high] or tracks
                for track in beyond:
                    increases[id(track)] += extra / len(beyond)
        for at in chosen:
            track = sized[at]
            track.planned = max(track.planned, increases[id(track)])
            touched[at] = track
    for track in touched.values():
        track.base += track.planned
        track.planned = 0.0


def _base_room(track: _Sized) -> float:
    return min(track.limit, track.capped) - track.base


def _grow_limits(
    sized: list[_Sized], group: list[Span], gap: float, ask: Callable[[Span], float], affected: Test, first: bool
) -> None:
    touched: dict[int, _Sized] = {}
    for span in group:
        covered = range(span.start, span.start + span.count)
        chosen = [at for at in covered if affected(sized[at])]
        if not chosen:
            continue
        extra = ask(span) - sum(_limit(sized[at]) for at in covered) - gap * (span.count - 1)
        tracks = [sized[at] for at in chosen]
        if extra > 0:
            rooms = [_limit_room(track) for track in tracks]
            increases, rest = _evenly(tracks, extra, rooms)
            if rest > 0:
                beyond = [track for track in tracks if track.cap == INFINITE]
                for track in beyond:
                    increases[id(track)] += rest / len(beyond)
        else:
            increases = {id(track): 0.0 for track in tracks}
        for at in chosen:
            track = sized[at]
            track.planned = max(track.planned, increases[id(track)])
            touched[at] = track
    for track in touched.values():
        track.endless = first and track.limit == INFINITE
        track.limit = _limit(track) + track.planned
        track.planned = 0.0
    for track in touched.values():
        track.growable = track.endless
        track.endless = False


def _limit(track: _Sized) -> float:
    return track.base if track.limit == INFINITE else track.limit


def _limit_room(track: _Sized) -> float:
    if track.limit == INFINITE or track.growable:
        return track.capped - _limit(track)
    return 0.0


def _evenly(tracks: list[_Sized], extra: float, rooms: list[float]) -> tuple[dict[int, float], float]:
    """Share `extra` equally, each track at most its room. Returns the shares, and what nobody could take (11.5.1)."""
    increases: dict[int, float] = {}
    left = len(tracks)
    for room, track in sorted(zip(rooms, tracks, strict=True), key=_room):
        share = max(min(room, extra / left), 0.0)
        increases[id(track)] = share
        extra -= share
        left -= 1
    return increases, extra if extra > 1e-9 else 0.0


def _room(pair: tuple[float, _Sized]) -> float:
    return pair[0]


def _by_factor(tracks: list[_Sized], extra: float) -> dict[int, float]:
    """Share `extra` among flexible tracks so that their sizes come near to the ratio of their factors (11.5, 4)."""
    total = sum(track.fr for track in tracks)
    if not total:
        return {id(track): extra / len(tracks) for track in tracks}
    wanted = sum(track.base for track in tracks) + extra
    rest = wanted
    for track in sorted(tracks, key=_need, reverse=True):
        if track.base <= rest / total * track.fr + 1e-9:
            break
        rest -= track.base
        total -= track.fr
    fraction = rest / total if total > 1e-9 else 0.0
    return {id(track): max(fraction * track.fr - track.base, 0.0) for track in tracks}


# Maximize, flexible tracks, stretch (11.6 to 11.8)


def _maximize(sized: list[_Sized], room: float | None, constraint: str) -> None:
    if constraint == MIN_CONTENT:
        return
    if room is None:
        for track in sized:
            track.base = max(track.base, track.limit)
        return
    free = room - sum(track.base for track in sized)
    if free > 0:
        increases, _ = _evenly(sized, free, [track.limit - track.base for track in sized])
        for track in sized:
            track.base += increases[id(track)]


def _expand_flexible(
    sized: list[_Sized], spans: list[Span], gap: float, room: float | None, constraint: str, least: float, most: float
) -> None:
    flexible = [track for track in sized if track.is_flexible]
    if not flexible or constraint == MIN_CONTENT:
        return
    if room is not None:
        fraction = _fraction(sized, room)
    else:
        fraction = max(track.base / max(track.fr, 1.0) for track in flexible)
        for span in spans:
            covered = sized[span.start : span.start + span.count]
            if any(track.is_flexible for track in covered):
                fraction = max(fraction, _fraction(covered, span.asks[2] - gap * (span.count - 1)))
        used = sum(max(track.base, fraction * track.fr) for track in sized)
        if used < least or used > most:
            fraction = _fraction(sized, least if used < least else most)
    for track in flexible:
        track.base = max(track.base, fraction * track.fr)


def _fraction(tracks: list[_Sized], room: float) -> float:
    """The size of an fr (11.7.1): tracks whose base is more than their share are left out, the largest first."""
    rest = room - sum(track.base for track in tracks if not track.is_flexible)
    flexible = sorted((t for t in tracks if t.is_flexible), key=_need, reverse=True)
    total = sum(track.fr for track in flexible)
    for track in flexible:
        fraction = max(rest, 0.0) / max(total, 1.0)
        if track.base <= fraction * track.fr + 1e-9:
            return fraction
        rest -= track.base
        total -= track.fr
    return max(rest, 0.0) / max(total, 1.0) if total > 1e-9 else 0.0


def _need(track: _Sized) -> float:
    return track.base / track.fr if track.fr else INFINITE


def _stretch(sized: list[_Sized], room: float) -> None:
    """`normal` and `stretch`: auto tracks share what is left equally."""
    autos = [track for track in sized if track.high == "auto" and track.cap == INFINITE]
    free = room - sum(track.base for track in sized)
    if autos and free > 0:
        for track in autos:
            track.base += free / len(autos)
