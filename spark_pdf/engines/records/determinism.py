"""Whether a query of DuckDB's gives the same rows each time it is run over the same files.

In: SQL text. Out: the construct that makes it differ, or None. An aggregate that depends on the order of its rows is
fine with `ORDER BY` inside its brackets. A wave reads what was written down once; it is the next wave, or the next
driver, that asks again.
"""

from __future__ import annotations

import re

_TEXT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_EACH_TIME = re.compile(
    r"\b(random|setseed|uuid|uuidv4|uuidv7|gen_random_uuid|now|today|current_localtime|current_localtimestamp"
    r"|get_current_time|get_current_timestamp|transaction_timestamp|nextval|row_number|ntile|lag|lead|nth_value"
    r"|first_value|last_value)\s*\(|\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b",
    re.IGNORECASE,
)
_BY_ORDER = re.compile(
    r"\b(list|array_agg|string_agg|group_concat|listagg|first|last|any_value|arbitrary|arg_max|arg_min|max_by|min_by"
    r"|mode)\s*\(",
    re.IGNORECASE,
)
_SAMPLE = re.compile(r"\b(tablesample|using\s+sample)\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(limit|offset)\s+\d", re.IGNORECASE)
_SORTED = re.compile(r"\border\s+by\b", re.IGNORECASE)


def differs_each_time(sql: str) -> str | None:
    """The first thing in a query that may give other rows when it is run again; None if there is none."""
    code = _TEXT.sub(" ", sql)
    called = _EACH_TIME.search(code)
    if called:
        return f"{(called.group(1) or called.group(2)).lower()}()"
    for match in _BY_ORDER.finditer(code):
        if not _SORTED.search(_brackets(code, match.end())):
            return f"{match.group(1).lower()}() without ORDER BY in it"
    if _SAMPLE.search(code):
        return "a sample"
    if _LIMIT.search(code) and not _SORTED.search(code):
        return "LIMIT without ORDER BY"
    return None


def _brackets(code: str, start: int) -> str:
    """The text from `start` to the bracket that closes."""
    depth = 1
    for end in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[end], 0)
        if not depth:
            return code[start:end]
    return code[start:]
