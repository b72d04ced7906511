"""A histogram as inline SVG: bars in, markup out. Labels are made here, so nothing in it needs escaping but those."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT, _FOOT, _HEAD = 320, 130, 18, 14

Bar = tuple[str, str, int]
"""(label below the bar, what the bar stands for, how many)."""


def histogram(bars: Sequence[Bar], title: str) -> str:
    """Bars of one chart; "" without any. The first, middle and last labels are written below."""
    if not bars:
        return ""
    most = max(count for *_, count in bars)
    step = _WIDTH / max(len(bars), 6)
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">']
    base = _HEIGHT - _FOOT
    for number, (_, said, count) in enumerate(bars):
        # What is there at all is seen: a bar of one document among millions has a height.
        height = max((base - _HEAD) * count / most, 1.5) if count else 0.0
        parts.append(
            f'<rect x="{number * step + 1:.1f}" y="{base - height:.1f}" width="{step - 2:.1f}" height="{height:.1f}" '
            f'rx="1"><title>{escape(said)}: {count:,}</title></rect>'
        )
    parts.append(f'<line x1="0" y1="{base}" x2="{_WIDTH}" y2="{base}"/>')
    top = next(number for number, (*_, count) in enumerate(bars) if count == most)
    place = min(max(top * step + step / 2, 22), _WIDTH - 22)
    parts.append(f'<text x="{place:.1f}" y="{_HEAD - 3}" text-anchor="middle">{most:,}</text>')
    for number in _labelled(len(bars)):
        centre = number * step + step / 2
        anchor = "start" if number == 0 and len(bars) > 6 else "end" if number * step > _WIDTH * 0.9 else "middle"
        at = {"start": 0.0, "end": float(_WIDTH), "middle": centre}[anchor]
        parts.append(f'<text x="{at:.1f}" y="{_HEIGHT - 4}" text-anchor="{anchor}">{escape(bars[number][0])}</text>')
    return "".join([*parts, "</svg>"])


def _labelled(count: int) -> list[int]:
    if count <= 8:
        return list(range(count))
    return sorted({round(part * (count - 1) / 4) for part in range(5)})
