"""Numbers as people read them: in what a command says, in logs, and in reports."""

from __future__ import annotations

from collections.abc import Mapping


def plural(count: int, noun: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def most_frequent(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What was counted, the most frequent first; what is as frequent, by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def by_kind(counts: Mapping[str, int]) -> str:
    """`2 template, 1 limits`: the most frequent first."""
    return ", ".join(f"{count:,} {kind}" for kind, count in most_frequent(counts))


def size(count: float) -> str:
    """A number of bytes: 999 B, 1.0 kB, 42.5 MB, 317 GB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 99.95 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration(seconds: float) -> str:
    """A time that something took: 0.8 s, 42 s, 3:05 min, 2:10 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes < 90 else f"{minutes // 60}:{minutes % 60:02} h"
