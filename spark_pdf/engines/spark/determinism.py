"""Whether a query gives the same rows each time it is run over the same snapshot.

In: SQL text. Out: the construct that makes it differ, or None. Spark asks for rows again after a failure, and again
for the next wave, so a query that differs is materialised first. It is the text that is looked at: Catalyst calls
`collect_list` deterministic, though its order is that in which shuffled blocks arrive, and a Connect session shows
no plan.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_NOT_CODE = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)

_EACH_TIME = (
    r"rand|randn|random|uniform|randstr|uuid|shuffle|now|curdate|current_date|current_timestamp|current_time"
    r"|localtimestamp|current_user|session_user|user|monotonically_increasing_id|spark_partition_id"
    r"|input_file_name|input_file_block_start"
    # Of rows with equal keys, whichever came first.
    r"|row_number|ntile|lag|lead|nth_value|max_by|min_by"
)
_BY_ORDER = (
    r"collect_list|collect_set|array_agg|first|first_value|last|last_value|any_value|string_agg|listagg|mode"
    r"|approx_percentile"
)
_BARE = r"current_date|current_timestamp|localtimestamp|current_user|unix_timestamp(?=\s*\(\s*\))"

_CALL = re.compile(rf"\b({_EACH_TIME})\s*\(", re.IGNORECASE)
_NAME = re.compile(rf"\b({_BARE})\b", re.IGNORECASE)
_ORDER = re.compile(rf"(\b(?:sort_array|array_sort)\s*\(\s*)?\b({_BY_ORDER})\s*\(", re.IGNORECASE)
_SAMPLE = re.compile(r"\btablesample\b", re.IGNORECASE)
_LIMIT = re.compile(r"\b(limit|offset)\s+\d", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_IDENTIFIER = r"(?:`[^`]+`|[^\W\d]\w*)"
_TABLE = rf"({_IDENTIFIER}(?:\s*\.\s*{_IDENTIFIER})*)(\s*\()?"
_FROM = re.compile(rf"\b(?:from|join)\s+(?:lateral\s+)?{_TABLE}", re.IGNORECASE)
_COMMA = re.compile(rf"(?:\s+(?:as\s+)?{_IDENTIFIER})?\s*,\s*{_TABLE}", re.IGNORECASE)
_CTE = re.compile(rf"({_IDENTIFIER})\s*(?:\([^()]*\)\s*)?\bas\s*\(", re.IGNORECASE)
_NO_TABLE = re.compile(
    r"\b(?:extract|trim|substring|substr|overlay)\s*\([^()]*\bfrom\b|\bdistinct\s+from\b", re.IGNORECASE
)
_NO_NAMES = {"values", "select", "lateral", "table"}
_SORTED = re.compile(r"\border\s+by\b", re.IGNORECASE)


def differs_each_time(sql: str) -> str | None:
    """The first thing in a query that may give other rows when it is run again; None if there is none."""
    code = _NOT_CODE.sub(" ", sql)
    called = _CALL.search(code) or _NAME.search(code)
    if called:
        return f"{called.group(1).lower()}()"
    for match in _ORDER.finditer(code):
        # sort_array(collect_list(...)) has one order whatever arrives first; sets of scalars too.
        if not match.group(1):
            return f"{match.group(2).lower()}() without sort_array() around it"
    if _SAMPLE.search(code):
        return "TABLESAMPLE"
    if _LIMIT.search(code) and not _SORTED.search(code):
        return "LIMIT without ORDER BY"
    return None


def stranger(sql: str, views: Collection[str]) -> str | None:
    """The first table that a query reads and that is none of its views: nothing holds the catalog's tables still."""
    code = _NO_TABLE.sub(" ", _TEXT.sub(" ", sql))
    known = {name.lower() for name in views} | _NO_NAMES | {name.strip("`").lower() for name in _CTE.findall(code)}
    for match in _FROM.finditer(code):
        found: re.Match[str] | None = match
        while found is not None:
            name, called = found.groups()
            if not called and name.replace("`", "").lower() not in known:
                return name
            found = None if called else _COMMA.match(code, found.end())
    return None
