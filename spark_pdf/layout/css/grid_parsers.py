"""Grid templates and lines. Specification: CSS Grid Layout 2, 7 and 8.

In: significant tokens. Out: `TrackList`, areas, `GridLine`s with specified lengths in them, or None.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.lengths import Specified, length
from spark_pdf.layout.css.parsers import custom_ident
from spark_pdf.layout.css.tokens import Token, Tokens, ident, significant, split
from spark_pdf.layout.values import AutoRepeat, Fr, GridLine, Track, TrackList

_MOST = 1000
"""Tracks that a `repeat()` may write out."""
_SIZES = ("auto", "min-content", "max-content")


def track(token: Token) -> Track | None:
    """One `<track-size>`."""
    if token.type == "function":
        arguments = split(significant(token.arguments))
        if token.lower_name == "minmax" and len(arguments) == 2 and all(len(part) == 1 for part in arguments):
            low, high = _breadth(arguments[0][0], flexible=False), _breadth(arguments[1][0], flexible=True)
            return None if low is None or high is None else Track(low, high)  # type: ignore[arg-type]
        if token.lower_name == "fit-content" and len(arguments) == 1 and len(arguments[0]) == 1:
            limit = length(arguments[0][0])
            return None if limit is None else Track("auto", "max-content", limit)  # type: ignore[arg-type]
    size = _breadth(token, flexible=True)
    if size is None:
        return None
    return Track("auto" if isinstance(size, Fr) else size, size)  # type: ignore[arg-type]


def _breadth(token: Token, *, flexible: bool) -> Specified | str | None:
    name = ident(token)
    if name is not None:
        return name if name in _SIZES else None
    if token.type == "dimension" and token.lower_unit == "fr":
        return Fr(token.value) if flexible and token.value >= 0 else None
    return length(token)


def line_names(token: Token) -> tuple[str, ...] | None:
    """`[a b]`."""
    if token.type != "[] block":
        return None
    names = [custom_ident(item, "span", "auto") for item in significant(token.content)]
    return None if None in names else tuple(str(name) for name in names)


def track_list(tokens: Tokens) -> str | TrackList | None:
    """`none` or tracks with line names and `repeat()`."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return "none"
    found = _tracks(tokens, repeats=True)
    if found is None or sum(isinstance(item, AutoRepeat) for item in found.tracks) > 1:
        return None
    return found if found.tracks else None


def _tracks(tokens: Tokens, *, repeats: bool) -> TrackList | None:
    tracks: list[Track | AutoRepeat] = []
    names: list[tuple[str, ...]] = [()]
    for token in tokens:
        named = line_names(token)
        if named is not None:
            names[-1] = (*names[-1], *named)
            continue
        if token.type == "function" and token.lower_name == "repeat":
            repeated = _repeat(token) if repeats else None
            if repeated is None:
                return None
            tracks += repeated.tracks
            names[-1] = (*names[-1], *repeated.names[0])
            names += repeated.names[1:]
        else:
            one = track(token)
            if one is None:
                return None
            tracks.append(one)
            names.append(())
    return TrackList(tuple(tracks), tuple(names))


def _repeat(token: Token) -> TrackList | None:
    """Written out, or as an `AutoRepeat`."""
    count, *others = split(significant(token.arguments))
    if len(others) != 1 or len(count) != 1:
        return None
    inner = _tracks(others[0], repeats=False)
    if inner is None or not inner.tracks:
        return None
    name = ident(count[0])
    if name in ("auto-fill", "auto-fit"):
        if not all(isinstance(item, Track) and (_fixed(item.low) or _fixed(item.high)) for item in inner.tracks):
            return None  # 7.2.3: a size that is known before the items are
        return TrackList((AutoRepeat(str(name), inner.tracks, inner.names),), ((), ()))  # type: ignore[arg-type]
    if count[0].type != "number" or not count[0].is_integer or count[0].int_value < 1:
        return None
    times = max(1, min(int(count[0].int_value), _MOST // len(inner.tracks)))
    names = [inner.names[0]]
    for turn in range(times):
        names += inner.names[1:]
        if turn < times - 1:
            names[-1] = (*names[-1], *inner.names[0])
    return TrackList(inner.tracks * times, tuple(names))


def _fixed(size: Any) -> bool:
    return not isinstance(size, (str, Fr))


def auto_tracks(tokens: Tokens) -> tuple[Track, ...] | None:
    """`grid-auto-rows` and `-columns`."""
    found = [track(token) for token in tokens]
    return None if None in found or not found else tuple(found)  # type: ignore[arg-type]


def area_row(text: str) -> tuple[str, ...] | None:
    """One string of `grid-template-areas`; null cells are ""."""
    words = text.replace(".", " . ").split() if "." in text else text.split()
    return tuple("" if word == "." else word for word in words) or None


def areas(tokens: Tokens) -> str | tuple[tuple[str, ...], ...] | None:
    """Rows of cells; every named area must be a rectangle."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return "none"
    if not tokens or any(token.type != "string" for token in tokens):
        return None
    rows = [area_row(_single_dots(token.value)) for token in tokens]
    if None in rows or len({len(row or ()) for row in rows}) != 1:
        return None
    found = tuple(row for row in rows if row is not None)
    return found if _rectangles(found) else None


def _single_dots(text: str) -> str:
    """A run of dots is one null cell."""
    while ".." in text:
        text = text.replace("..", ".")
    return text


def _rectangles(rows: tuple[tuple[str, ...], ...]) -> bool:
    cells: dict[str, list[tuple[int, int]]] = {}
    for y, row in enumerate(rows):
        for x, name in enumerate(row):
            if name:
                cells.setdefault(name, []).append((x, y))
    for places in cells.values():
        xs, ys = [x for x, _ in places], [y for _, y in places]
        if (max(xs) - min(xs) + 1) * (max(ys) - min(ys) + 1) != len(places):
            return False
    return True


def grid_line(tokens: Tokens) -> str | GridLine | None:
    """`auto`, a name, a number with or without a name, or a span of either."""
    if len(tokens) == 1 and ident(tokens[0]) == "auto":
        return "auto"
    span, count, name = False, 0, ""
    if not 1 <= len(tokens) <= 3:
        return None
    for token in tokens:
        if ident(token) == "span" and not span:
            span = True
        elif token.type == "number" and token.is_integer and token.int_value and not count:
            count = int(token.int_value)
        elif not name and (named := custom_ident(token, "span", "auto")) is not None:
            name = named
        else:
            return None
    if span and (count < 0 or not (count or name)):
        return None
    return GridLine(span, count, name)


def auto_flow(tokens: Tokens) -> str | None:
    """ "row", "column", "row dense" or "column dense"."""
    names = [ident(token) for token in tokens]
    if not 1 <= len(names) <= 2 or any(name not in ("row", "column", "dense") for name in names):
        return None
    if len(set(names)) != len(names) or {"row", "column"} <= set(names):
        return None
    return ("column" if "column" in names else "row") + (" dense" if "dense" in names else "")


def template_rows(tokens: Tokens) -> tuple[Any, Any] | None:
    """The rows half of `grid-template: [a] "x y" 1fr [b] ...`: areas and a track list (7.4)."""
    strings: list[Token] = []
    tracks: list[Track | AutoRepeat] = []
    names: list[tuple[str, ...]] = [()]
    sized = True
    for token in tokens:
        named = line_names(token)
        if named is not None:
            if not sized:
                tracks.append(Track("auto", "auto"))
                names.append(())
                sized = True
            names[-1] = (*names[-1], *named)
        elif token.type == "string":
            if not sized:
                tracks.append(Track("auto", "auto"))
                names.append(())
            strings.append(token)
            sized = False
        else:
            size = track(token)
            if size is None or sized:
                return None
            tracks.append(size)
            names.append(())
            sized = True
    if not sized:
        tracks.append(Track("auto", "auto"))
        names.append(())
    found = areas(strings) if strings else None
    return None if found is None or len(strings) != len(tracks) else (found, TrackList(tuple(tracks), tuple(names)))
