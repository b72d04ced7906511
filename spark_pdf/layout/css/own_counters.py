"""Counter styles of an author's own: numbers as text by `@counter-style` (CSS Counter Styles 3, chapters 2 and 3).

In: a number, the name of a style, the styles that rules define. Out: text; None for names that no rule defines, which
are predefined ones or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spark_pdf.layout.css.counter_styles import BULLETS, IDEOGRAPHIC, NAMES, ZEROS, represent

Range = tuple[tuple[float, float], ...]
_ENDLESS: Range = ((float("-inf"), float("inf")),)
_LONGEST = 60
"""A symbolic or additive representation longer than this is not made (chapter 2 allows a limit of 60 symbols)."""


class CounterStyle(NamedTuple):
    """One style. `system`: cyclic, fixed, symbolic, alphabetic, numeric, additive or extends; `first`: of a fixed
    system; `extends`: the name of the style that gives what is None here. `range` None is the system's own.
    With the system "" it is the predefined style that `extends` names.
    """

    system: str
    symbols: tuple[str, ...] = ()
    additive: tuple[tuple[int, str], ...] = ()
    first: int = 1
    extends: str = ""
    prefix: str | None = None
    suffix: str | None = None
    negative: tuple[str, str] | None = None
    range: Range | None = None
    pad: tuple[int, str] | None = None
    fallback: str | None = None


Styles = Mapping[str, CounterStyle]
NO_STYLES: Styles = {}


def counter_text(value: int, name: str, own: Styles) -> str:
    """A number in a style, without prefix and suffix; in decimal where the style is unknown."""
    tried: set[str] = set()
    while name not in tried and name != "decimal":
        tried.add(name)
        style = resolved(name, own)
        text = _represented(value, style)
        if text is not None:
            return text
        name = style.fallback or "decimal"
    return str(value)


def decorated(value: int, name: str, own: Styles) -> str:
    """A number with the style's prefix and suffix: what a list marker shows."""
    style = resolved(name, own)
    return (style.prefix or "") + counter_text(value, name, own) + (". " if style.suffix is None else style.suffix)


def resolved(name: str, own: Styles) -> CounterStyle:
    """A style with what it extends filled in; decimal where it is unknown, or extends itself."""
    chain: list[CounterStyle] = []
    seen: set[str] = set()
    while name in own and name not in seen and own[name].system == "extends":
        seen.add(name)
        chain.append(own[name])
        name = own[name].extends
    if name in own and name not in seen:
        base = own[name]
    else:
        known = name.lower() if name.lower() in NAMES and name not in seen else "decimal"
        suffix = " " if known in BULLETS else "、" if known in IDEOGRAPHIC else None
        base = CounterStyle("", extends=known, suffix=suffix)
    for style in reversed(chain):
        base = base._replace(
            prefix=base.prefix if style.prefix is None else style.prefix,
            suffix=base.suffix if style.suffix is None else style.suffix,
            negative=base.negative if style.negative is None else style.negative,
            range=base.range if style.range is None else style.range,
            pad=base.pad if style.pad is None else style.pad,
            fallback=base.fallback if style.fallback is None else style.fallback,
        )
    return base


def _represented(value: int, style: CounterStyle) -> str | None:
    """The number in this style alone; None where it has no representation."""
    limits = style.range
    if limits is None:
        low = {"alphabetic": 1, "symbolic": 1, "additive": 0}.get(style.system)
        limits = _ENDLESS if low is None else ((low, float("inf")),)
    if not any(low <= value <= high for low, high in limits):
        return None
    signed = value < 0 and style.system in _SIGNED
    if signed and not style.system and style.extends not in ZEROS and style.extends not in _DECIMAL:
        return None
    text = _initial(abs(value) if signed else value, style)
    if text is None:
        return None
    before, after = style.negative or ("-", "")
    if style.pad is not None:
        length = len(text) + (len(before) + len(after) if signed else 0)
        text = style.pad[1] * min(style.pad[0] - length, _LONGEST) + text
    return before + text + after if signed else text


_DECIMAL = ("decimal", "decimal-leading-zero")
_SIGNED = ("symbolic", "alphabetic", "numeric", "additive", "")


def _initial(value: int, style: CounterStyle) -> str | None:
    if not style.system:
        if style.extends in _DECIMAL:
            return str(value) if style.extends == "decimal" else f"{value:02d}"
        return represent(value, style.extends)
    symbols, count = style.symbols, len(style.symbols)
    if style.system == "additive":
        return _additive(value, style.additive)
    if not count:
        return None
    if style.system == "cyclic":
        return symbols[(value - 1) % count]
    if style.system == "fixed":
        return symbols[value - style.first] if 0 <= value - style.first < count else None
    if style.system == "symbolic":
        times = -(-value // count)
        return symbols[(value - 1) % count] * times if value > 0 and times <= _LONGEST else None
    text = ""
    if style.system == "alphabetic":
        while value:
            value, digit = divmod(value - 1, count)
            text = symbols[digit] + text
        return text or None
    while value:
        value, digit = divmod(value, count)
        text = symbols[digit] + text
    return text or symbols[0]


def _additive(value: int, additive: tuple[tuple[int, str], ...]) -> str | None:
    if not value:
        return next((symbol for weight, symbol in additive if not weight), None)
    text = ""
    for weight, symbol in additive:
        if not weight or weight > value:
            continue
        times, value = divmod(value, weight)
        if times > _LONGEST:
            return None
        text += symbol * times
        if not value:
            return text
    return None
