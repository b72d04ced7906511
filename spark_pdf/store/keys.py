"""Document keys: a template over the record in, a key that any store and any file system can hold out.

    KeyTemplate("{o_orderdate:%Y/%m}/{customer.name}/{document_id}").key(record, "4711")   "2026/11/Smith_Sons/4711"

Two different ids never make the same key. Where one segment of the template holds `{document_id}` and nothing else that
varies, and the id stands in it unchanged, the key tells ids apart by itself. Wherever it does not (the id was cut,
normalised, rid of a character, or is not in the template) the key ends in `-` and 96 bits of the id's SHA-256, and a
key that happens to look so gets one too. On a store that ignores case, ids with capitals get one (`fold_case`).
"""

from __future__ import annotations

import hashlib
import math
import re
import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from spark_pdf.errors import ConfigError, DocumentError
from spark_pdf.model import Record

MAX_BYTES = 512
_SEGMENT_BYTES = 160  # file systems stop at 255 for a name; the hash and ".pdf" come on top
_HASH_DIGITS = 24

_SAFE = re.compile(r"[A-Za-z0-9._,=+@()!'-]*")
_LOOKS_HASHED = re.compile(rf"-[0-9a-f]{{{_HASH_DIGITS}}}$")
# Windows keeps these names for devices, with any extension and in any case.
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")
_NUMBER_FORMAT = re.compile(r"0?[0-9]{1,2}d?")
# Only what no locale changes.
_DATE_PARTS = {"%Y": "{0.year:04d}", "%m": "{0.month:02d}", "%d": "{0.day:02d}", "%y": "{1:02d}", "%j": "{2:03d}"}
_TIME_PARTS = {"%H": "{0.hour:02d}", "%M": "{0.minute:02d}", "%S": "{0.second:02d}"}

_ID = "document_id"


@dataclass(frozen=True, slots=True)
class _Field:
    """A placeholder. `name` is the dotted path as written, `spec` what stands behind the colon."""

    name: str
    spec: str


_Segment = tuple["str | _Field", ...]


class KeyTemplate:
    """A compiled `output.key`. `id_column` is the column that the document id is, if it is simply one."""

    def __init__(self, template: str, *, id_column: str | None = None, fold_case: bool = False) -> None:
        self.template = template
        self._fold_case = fold_case
        self._segments = tuple(_parse(template))
        own = [index for index, segment in enumerate(self._segments) if _is_id(segment, id_column)]
        self._id_segment = own[-1] if own else -1

    @property
    def fields(self) -> tuple[str, ...]:
        """Dotted paths of the record's fields that the template needs, without `document_id`."""
        found = (part.name for segment in self._segments for part in segment if isinstance(part, _Field))
        return tuple(sorted(set(found) - {_ID}))

    def key(self, record: Record, document_id: str) -> str:
        """The document's key, without `.pdf`.

        Raises `DocumentError` ("key") if a field is null, absent or no plain value.
        """
        if not document_id:
            raise DocumentError("key", "the document id is empty")
        segments, told_apart = [], False
        for index, parts in enumerate(self._segments):
            raw = "".join(p if isinstance(p, str) else _text(p, record, document_id) for p in parts)
            segment = _sanitised(raw)
            if index == self._id_segment:
                told_apart = segment == raw and self._holds_id(parts, record, document_id)
            segments.append(segment)
        key = "/".join(segments)
        if self._fold_case and document_id != document_id.casefold():
            told_apart = False
        if told_apart and len(key.encode()) <= MAX_BYTES and not _LOOKS_HASHED.search(key):
            return key
        digest = hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
        return f"{_cut(key, MAX_BYTES - _HASH_DIGITS - 1).rstrip('/.')}-{digest}"

    def _holds_id(self, parts: _Segment, record: Record, document_id: str) -> bool:
        field = next(part for part in parts if isinstance(part, _Field))
        return field.name == _ID or _text(field, record, document_id) == document_id


def key_fields(template: str) -> tuple[str, ...]:
    """Dotted paths of the record's fields that a key template needs. Raises `ConfigError` if it is not one."""
    return KeyTemplate(template).fields


def _parse(template: str) -> list[_Segment]:
    """Cut a template into segments; a `/` in a date's format cuts too."""
    segments: list[list[str | _Field]] = [[]]
    try:
        parsed = list(string.Formatter().parse(template.removesuffix(".pdf")))
    except ValueError as error:
        raise _wrong(template, str(error)) from None
    for literal, name, spec, conversion in parsed:
        for index, piece in enumerate(literal.split("/")):
            if index:
                segments.append([])
            if piece:
                segments[-1].append(_literal(template, piece))
        if name is None:
            continue
        if conversion or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
            raise _wrong(template, f"'{{{name}}}' is not a field; write {{column}} or {{column.field}}")
        pieces = (spec or "").split("/")
        if len(pieces) > 1 and not all(pieces):
            raise _wrong(template, "it has an empty part between slashes")
        for index, piece in enumerate(pieces):
            if index:
                segments.append([])
            segments[-1].append(_Field(name, _checked_spec(template, name, piece)))
    if any(not segment for segment in segments):
        raise _wrong(template, "it has an empty part between slashes")
    return [tuple(segment) for segment in segments]


def _literal(template: str, piece: str) -> str:
    if not _SAFE.fullmatch(piece) or set(piece) == {"."}:
        raise _wrong(template, "outside of braces only letters, digits and ._,=+@()!'- may stand")
    return piece


def _checked_spec(template: str, name: str, spec: str) -> str:
    if not spec or _NUMBER_FORMAT.fullmatch(spec):
        return spec
    if "%" in spec:
        rest = re.sub("|".join([*_DATE_PARTS, *_TIME_PARTS]), "", spec)
        if _SAFE.fullmatch(rest):
            return spec
    raise _wrong(
        template, f"'{{{name}:{spec}}}' is no format; numbers take 06d, dates take %Y %m %d %y %j and %H %M %S"
    )


def _wrong(template: str, why: str) -> ConfigError:
    return ConfigError(f"output.key '{template}' is not a key template: {why}", key="output.key")


def _is_id(segment: _Segment, id_column: str | None) -> bool:
    fields = [part for part in segment if isinstance(part, _Field)]
    return len(fields) == 1 and not fields[0].spec and fields[0].name in (_ID, id_column)


def _text(field: _Field, record: Record, document_id: str) -> str:
    if field.name == _ID and not field.spec:
        return document_id
    value = document_id if field.name == _ID else _value(field.name, record)
    spec = field.spec
    if "%" in spec:
        return _date_text(field, value)
    if spec:
        if isinstance(value, bool) or not isinstance(value, int):
            raise DocumentError("key", f"the key template formats '{field.name}' as an integer, which it is not")
        return format(value, spec)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < MAX_BYTES:
        return format(value, "f")
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{value.hour:02d}{value.minute:02d}{value.second:02d}"
    if isinstance(value, date):
        return value.isoformat()
    kind = "null" if value is None else f"a {type(value).__name__}"
    raise DocumentError("key", f"the key template needs '{field.name}', which is {kind}")


def _value(name: str, record: Record) -> Any:
    value: Any = record
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise DocumentError("key", f"the key template needs '{name}', which the record lacks")
        value = value[part]
    return value


def _date_text(field: _Field, value: Any) -> str:
    if not isinstance(value, date):
        raise DocumentError("key", f"the key template formats '{field.name}' as a date, which it is not")
    text = field.spec
    for sign, form in _DATE_PARTS.items():
        text = text.replace(sign, form.format(value, value.year % 100, value.timetuple().tm_yday))
    for sign, form in _TIME_PARTS.items():
        text = text.replace(sign, form.format(value) if isinstance(value, datetime) else "00")
    return text


def _sanitised(text: str) -> str:
    """One segment that S3, Azure, POSIX and Windows can hold, in NFC, without what people or shells trip over."""
    if not _SAFE.fullmatch(text):
        text = "".join(c if _SAFE.fullmatch(c) or unicodedata.category(c)[0] in "LMN" else "_" for c in text)
        text = unicodedata.normalize("NFC", text)
    text = _cut(text, _SEGMENT_BYTES)
    if text.startswith("."):
        text = "_" + text[1:]
    if text.endswith("."):
        text = text[:-1] + "_"
    return text + "_" if not text or _RESERVED.fullmatch(text) else text


def _cut(text: str, size: int) -> str:
    if len(text) * 4 <= size:
        return text
    return text.encode()[:size].decode("utf-8", "ignore")
