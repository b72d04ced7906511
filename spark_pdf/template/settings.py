"""What a bundle says of itself: `template.toml` in, frozen `BundleSettings` out.

Every key is optional. Unknown keys are errors, with the nearest known name, so that a misspelt `locale` is never
silently the default one.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from babel import Locale, UnknownLocaleError

from spark_pdf.errors import BundleError, Place
from spark_pdf.template.repertoire import NAMES, ranges_of
from spark_pdf.template.zones import time_zone

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found]

SETTINGS_FILE = "template.toml"
TYPES = ("string", "integer", "number", "decimal", "boolean", "date", "timestamp", "time", "list", "struct", "any")
"""Words for a field's type in `[types]` and `[columns]`."""

_STYLES = ("normal", "italic", "oblique")


@dataclass(frozen=True, slots=True)
class FontFile:
    """One `[[font]]` of template.toml: a font file of the bundle and what CSS calls it."""

    family: str
    file: str
    weight: int = 400
    style: str = "normal"


@dataclass(frozen=True, slots=True)
class TemplateLimits:
    """What one document may cost while its HTML is made: turns of loops and calls, and characters of output."""

    iterations: int = 1_000_000
    characters: int = 50_000_000


@dataclass(frozen=True, slots=True)
class BundleSettings:
    """The settings of a bundle. `types` and `columns` map field paths (`lines[].price`) to one of `TYPES`.

    `columns` is the contract of a `template.py`, which no syntax tree can tell; None: it may read every column.
    """

    entry: str = ""
    title: str = ""
    locale: str = "en_US"
    currency: str = ""
    timezone: str = "UTC"
    fonts: tuple[FontFile, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] | None = None
    limits: TemplateLimits = TemplateLimits()
    repertoire: tuple[str, ...] | None = None
    """What one font subset for all documents of the bundle holds; None: each document has a subset of its own."""


def parse_settings(text: str) -> BundleSettings:
    """Check the text of a `template.toml`. Raises `BundleError` with the place and what to change."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise _wrong(f"not valid TOML: {error}", int(line[1]) if line else 0) from None
    except (RecursionError, ValueError):
        raise _wrong("not valid TOML: values are nested too deeply, or a number is too long", 0) from None
    _refuse_unknown(
        values, ("entry", "title", "locale", "currency", "timezone", "font", "fonts", "types", "columns", "limits"), "",
        text,
    )  # fmt: skip
    settings: dict[str, Any] = {k: _text(values, k, text) for k in ("entry", "title", "currency") if k in values}
    if "currency" in settings and not re.fullmatch(r"[A-Z]{3}", settings["currency"]):
        raise _wrong("'currency' is a code of three capital letters, such as \"EUR\"", _line_of(text, "currency"))
    if "locale" in values:
        settings["locale"] = _locale(_text(values, "locale", text), text)
    if "timezone" in values:
        settings["timezone"] = _timezone(_text(values, "timezone", text), text)
    settings["fonts"] = _fonts(values.get("font", []), text)
    settings["repertoire"] = _repertoire(values.get("fonts", {}), text)
    settings["types"] = _types(values.get("types", {}), "types", text)
    if "columns" in values:
        settings["columns"] = _types(values["columns"], "columns", text)
    settings["limits"] = _limits(values.get("limits", {}), text)
    return BundleSettings(**settings)


def _wrong(message: str, line: int = 0) -> BundleError:
    return BundleError(message, place=Place(SETTINGS_FILE, line))


def _line_of(text: str, key: str) -> int:
    """Line of the first `key =` or `[key]`: tomllib keeps no positions."""
    found = re.search(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\].]", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 0


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], section: str, text: str) -> None:
    known = list(known)
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "known here: " + ", ".join(sorted(known))
            raise _wrong(f"the key '{section}{key}' is unknown; {hint}", _line_of(text, key))


def _text(values: Mapping[str, Any], key: str, text: str) -> str:
    value = values[key]
    if not isinstance(value, str) or not value:
        raise _wrong(f"'{key}' is a text in quotes", _line_of(text, key))
    return value


def _locale(name: str, text: str) -> str:
    try:
        return str(Locale.parse(name, sep="-" if "-" in name else "_"))
    except (UnknownLocaleError, ValueError):
        raise _wrong("'locale' is none that CLDR knows; write it as in \"de_DE\"", _line_of(text, "locale")) from None


def _timezone(name: str, text: str) -> str:
    try:
        time_zone(name)
    except ValueError:
        message = "'timezone' is none that this machine knows; write it as in \"Europe/Berlin\""
        raise _wrong(message, _line_of(text, "timezone")) from None
    return name


def _fonts(tables: object, text: str) -> tuple[FontFile, ...]:
    line = _line_of(text, "font")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong("fonts are tables: [[font]] with family, weight, style and file", line)
    fonts = []
    for table in tables:
        _refuse_unknown(table, ("family", "weight", "style", "file"), "font.", text)
        if not (isinstance(table.get("family"), str) and isinstance(table.get("file"), str)):
            raise _wrong("each [[font]] has a 'family' and a 'file'", line)
        font = FontFile(**table)
        if not isinstance(font.weight, int) or not 1 <= font.weight <= 1000:
            raise _wrong("a font's 'weight' is a number from 1 to 1000", line)
        if font.style not in _STYLES:
            raise _wrong("a font's 'style' is one of " + ", ".join(_STYLES), line)
        fonts.append(font)
    return tuple(fonts)


def _repertoire(table: object, text: str) -> tuple[str, ...] | None:
    if not isinstance(table, dict):
        raise _wrong("'fonts' is a table: [fonts] with subset and repertoire", _line_of(text, "fonts"))
    _refuse_unknown(table, ("subset", "repertoire"), "fonts.", text)
    subset, entries = table.get("subset", "document"), table.get("repertoire", ["western"])
    if subset not in ("document", "bundle"):
        raise _wrong('\'fonts.subset\' is "document" or "bundle"', _line_of(text, "subset"))
    if not isinstance(entries, list) or not all(isinstance(e, str) and ranges_of(e) is not None for e in entries):
        known = ", ".join(NAMES)
        message = f"'fonts.repertoire' is a list of ranges such as \"U+400-45F\" and of names: {known}"
        raise _wrong(message, _line_of(text, "repertoire"))
    return tuple(entries) if subset == "bundle" else None


def _types(table: object, section: str, text: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise _wrong(f"'{section}' is a table of field = \"type\"", _line_of(text, section))
    for path, kind in table.items():
        if kind not in TYPES:
            near = difflib.get_close_matches(str(kind), TYPES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "types are " + ", ".join(TYPES)
            raise _wrong(f"the type of '{section}.{path}' is unknown; {hint}", _line_of(text, path))
    return dict(table)


def _limits(table: object, text: str) -> TemplateLimits:
    if not isinstance(table, dict):
        raise _wrong("'limits' is a table", _line_of(text, "limits"))
    _refuse_unknown(table, ("iterations", "characters"), "limits.", text)
    for key, value in table.items():
        if type(value) is not int or value < 1:
            raise _wrong(f"'limits.{key}' is a positive whole number", _line_of(text, key))
    return TemplateLimits(**table)
