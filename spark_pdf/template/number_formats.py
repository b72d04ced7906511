"""Locale-aware number formats, compiled once: a CLDR pattern in, a function from Decimal to text out.

Babel reads its pattern again for every number, in 20 to 50 microseconds. Here the pattern's affixes, grouping,
precision and symbols are settled first (Babel still decides what they are), and each number costs one quantisation and
one `format`, about a microsecond. What Babel prints, this prints: tests compare them. Beyond Babel: 38 digits, which
is what Spark's decimals have, come out whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from babel import Locale
from babel.numbers import (
    NumberPattern,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    parse_pattern,
)

NumberFormat = Callable[[Decimal], str]

# Rounding is part of "same bytes", so no thread's own context may enter.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_EVEN)
_SWAP = (",", ".")


def compile_number(
    pattern: str | NumberPattern, locale: Locale, *, currency: str = "", digits: int | None = None
) -> NumberFormat:
    """A function that prints finite Decimals by a CLDR pattern. Half-even rounding, as Babel and CLDR have it.

    `digits` sets the number of decimals; otherwise the currency's count, if one is given, else the pattern's. Raises
    ValueError for a pattern that cannot be read.
    """
    parsed = parse_pattern(pattern)
    if parsed.exp_prec or "@" in parsed.pattern or not parsed.number_pattern:
        # Scientific and significant-digit patterns: rare, and Babel's own work.
        return lambda value: str(parsed.apply(value, locale, currency=currency or None))
    lowest, highest = parsed.frac_prec
    if digits is not None:
        lowest = highest = digits
    elif currency:
        lowest = highest = get_currency_precision(currency)
    before, after = _affixes(parsed, 0, locale, currency)
    before_minus, after_minus = _affixes(parsed, 1, locale, currency)
    print_digits = _digit_printer(parsed, locale, lowest, highest)
    quantum, scale = Decimal(1).scaleb(-highest), parsed.scale
    quantize, scaleb = _CONTEXT.quantize, _CONTEXT.scaleb

    def format_number(value: Decimal) -> str:
        if scale:
            value = scaleb(value, scale)
        if value.is_signed():
            return before_minus + print_digits(quantize(value, quantum).copy_abs()) + after_minus
        return before + print_digits(quantize(value, quantum)) + after

    return format_number


def _digit_printer(parsed: NumberPattern, locale: Locale, lowest: int, highest: int) -> NumberFormat:
    """Prints an absolute value that has `highest` decimals: grouping, symbols, fewer decimals down to `lowest`."""
    point = get_decimal_symbol(locale)
    primary, secondary = parsed.grouping
    group = get_group_symbol(locale) if primary < 1000 else ""
    fewest = parsed.int_prec[0]
    plain = (primary == secondary == 3 or primary >= 1000) and fewest <= 1
    if not plain:
        return lambda value: _print_digits(value, point, group, (primary, secondary), fewest, lowest)
    spec = ",f" if group else "f"
    symbols = None if (group or ",", point) == _SWAP else str.maketrans({",": group, ".": point})
    if lowest != highest:
        return lambda value: _shortened(format(value, spec), highest - lowest, symbols)
    if symbols is None:
        return lambda value: format(value, spec)
    return lambda value: format(value, spec).translate(symbols)


def _shortened(text: str, most: int, symbols: dict[int, str] | None) -> str:
    """Without up to `most` zeros at the end of the fraction, then with the locale's symbols."""
    kept = text[:-most] + text[-most:].rstrip("0")
    kept = kept.removesuffix(".")
    return kept.translate(symbols) if symbols else kept


def _print_digits(value: Decimal, point: str, group: str, sizes: tuple[int, int], fewest: int, lowest: int) -> str:
    whole, _, fraction = format(value, "f").partition(".")
    whole = whole.rjust(fewest, "0")
    size, printed = sizes[0], ""
    while len(whole) > size:
        printed = group + whole[-size:] + printed
        whole = whole[:-size]
        size = sizes[1]
    while len(fraction) > lowest and fraction[-1] == "0":
        fraction = fraction[:-1]
    return whole + printed + (point + fraction if fraction else "")


def _affixes(parsed: NumberPattern, sign: int, locale: Locale, currency: str) -> tuple[str, str]:
    return _affix(parsed.prefix[sign], locale, currency), _affix(parsed.suffix[sign], locale, currency)


def _affix(text: str, locale: Locale, currency: str) -> str:
    """What stands before or after the number: currency signs and quotes resolved as `NumberPattern.apply` does."""
    if currency:
        text = text.replace("¤¤¤", get_currency_name(currency, locale=locale))
        text = text.replace("¤¤", currency).replace("¤", get_currency_symbol(currency, locale))
    return re.sub(r"'([^']*)'", lambda quoted: quoted[1] or "'", text)
