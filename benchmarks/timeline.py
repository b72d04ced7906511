"""The timeline of a run as SVG: documents per second, cores in use by kind, memory. Plain shapes, one colour a kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.sampling import Sample

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _GAP = 860, 150, 62, 150, 34, 52
_COLOURS = {
    "documents": "#1f6f8b",
    "spark": "#d97b29",
    "render": "#1f6f8b",
    "upload": "#7fb7c9",
    "driver": "#8a8a8a",
    "store": "#9c4f96",
    "worker": "#1f6f8b",
}
_NAMES = {
    "spark": "Spark (JVM)",
    "render": "render",
    "upload": "S3 client",
    "driver": "driver",
    "store": "S3 server",
    "worker": "largest worker",
}

Points = list[tuple[float, float]]


def plot(samples: Sequence[Sample], phases: dict[str, float], kinds: Sequence[str], cores: int) -> str:
    """Three panels over the same time axis. `phases` say when each began."""
    end = samples[-1].at or 1.0
    rates = _rates(samples, lambda s: s.documents)
    by_kind = {kind: _rates(samples, lambda s, k=kind: s.cpu[k]) for kind in kinds}  # type: ignore[misc]
    memory = {kind: [(s.at, s.memory[kind]) for s in samples] for kind in ("spark", "worker", "driver", "store")}
    panels = [
        _panel(0, "documents per second", end, _lines({"documents": rates}, end, 0), _most({"d": rates}), legend=()),
        _panel(1, f"cores in use, of {cores}", end, _stack(by_kind, kinds, end, cores, 1), float(cores), legend=kinds),
        _panel(2, "resident MiB", end, _lines(memory, end, 2), _most(memory), legend=tuple(memory)),
    ]
    height = _TOP + 3 * (_HEIGHT + _GAP)
    total = _LEFT + _WIDTH + _RIGHT
    marks = "".join(_phase(row, name, at, end) for row, (name, at) in enumerate(phases.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#333">'
        f'<rect width="{total}" height="{height}" fill="#fff"/>{"".join(panels)}{marks}</svg>\n'
    )


def _rates(samples: Sequence[Sample], of: Callable[[Sample], float]) -> Points:
    """Differences over a window of a thirtieth of the run: a task's documents are all known at its end."""
    window = max(samples[-1].at / 30, 2.0)
    points, low = [], 0
    for sample in samples:
        while samples[low].at < sample.at - window and low < len(samples) - 1:
            low += 1
        before = samples[max(low - 1, 0)]
        passed = sample.at - before.at
        points.append((sample.at, max(of(sample) - of(before), 0.0) / passed if passed > 0 else 0.0))
    return points


def _most(series: dict[str, Points]) -> float:
    """A round number above all values."""
    most = max((value for points in series.values() for _, value in points), default=1.0) or 1.0
    step = 10.0 ** (len(str(int(most))) - 1)
    return float(step * -(-most // step))


def _place(at: float, value: float, end: float, most: float, row: int) -> str:
    x = _LEFT + _WIDTH * at / end
    y = _TOP + row * (_HEIGHT + _GAP) + _HEIGHT * (1 - min(value / most, 1.0))
    return f"{x:.1f},{y:.1f}"


def _lines(series: dict[str, Points], end: float, row: int) -> str:
    most = _most(series)
    return "".join(
        f'<polyline fill="none" stroke="{_COLOURS[kind]}" stroke-width="1.5" '
        f'points="{" ".join(_place(at, value, end, most, row) for at, value in points)}"/>'
        for kind, points in series.items()
    )


def _stack(series: dict[str, Points], kinds: Sequence[str], end: float, cores: int, row: int) -> str:
    shapes = []
    below = [0.0] * len(series[kinds[0]])
    for kind in kinds:
        points = series[kind]
        above = [base + value for base, (_, value) in zip(below, points, strict=True)]
        upper = [_place(at, value, end, cores, row) for (at, _), value in zip(points, above, strict=True)]
        lower = [_place(at, value, end, cores, row) for (at, _), value in zip(points, below, strict=True)]
        shapes.append(f'<polygon fill="{_COLOURS[kind]}" points="{" ".join([*upper, *reversed(lower)])}"/>')
        below = above
    return "".join(shapes)


def _panel(row: int, title: str, end: float, shapes: str, most: float, legend: Sequence[str]) -> str:
    top = _TOP + row * (_HEIGHT + _GAP)
    parts = [f'<text x="{_LEFT}" y="{top - 8}" font-weight="bold">{title}</text>']
    for share in (0.0, 0.5, 1.0):
        y = top + _HEIGHT * (1 - share)
        parts.append(f'<path d="M{_LEFT} {y:.1f}h{_WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:,.6g}</text>')
    for number in range(6):
        at = end * number / 5
        parts.append(
            f'<text x="{_LEFT + _WIDTH * number / 5:.1f}" y="{top + _HEIGHT + 16}" text-anchor="middle">'
            f"{_clock(at, end)}</text>"
        )
    parts.append(shapes)
    for number, kind in enumerate(legend):
        y, x = top + 14 + 18 * number, _LEFT + _WIDTH + 14
        parts.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{_COLOURS[kind]}"/>')
        parts.append(f'<text x="{x + 16}" y="{y}">{_NAMES[kind]}</text>')
    return "".join(parts)


def _clock(at: float, end: float) -> str:
    return f"{at:.0f} s" if end < 300 else f"{int(at) // 60}:{int(at) % 60:02d}"


def _phase(row: int, name: str, at: float, end: float) -> str:
    """Where a phase begins. Names stand below each other, since the first ones follow closely in a long run."""
    x = _LEFT + _WIDTH * at / end
    bottom = _TOP + 3 * _HEIGHT + 2 * _GAP
    return (
        f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#b33" stroke-dasharray="2 3"/>'
        f'<text x="{x + 3:.1f}" y="{_TOP + 10 + 11 * row}" fill="#b33" font-size="10">{name}</text>'
    )
