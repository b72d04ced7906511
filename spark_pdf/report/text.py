"""Values to text that is safe in the page: escaped, without what would turn or hide it, in plain units."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from html import escape

_LONGEST = 160


def safe(value: object) -> str:
    """Text for the page: what cannot be seen, or turns the direction of what follows, is shown by its number."""
    text = str(value)
    shown = "".join(one if _plain(one) else f"\\u{{{ord(one):x}}}" for one in text[:_LONGEST])
    return escape(shown + ("…" if len(text) > _LONGEST else ""))


def _plain(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" and unicodedata.category(character) not in ("Zl", "Zp")


def plain(value: str) -> bool:
    """Whether `safe` shows a text as it is, so that it can be copied from the page."""
    return len(value) <= _LONGEST and all(map(_plain, value))


def whole(value: str) -> str:
    """Text of ours, with line ends, of any length."""
    return escape("".join(one if one == "\n" or _plain(one) else "\ufffd" for one in value))


def number(value: int) -> str:
    """1,234,567."""
    return f"{value:,}"


def milliseconds(value: float) -> str:
    """CPU time of a document."""
    if value >= 9999.5:
        return f"{value / 1000:,.1f} s"
    return f"{value:,.0f} ms" if value >= 99.5 else f"{value:.3g} ms"


def moment(when: datetime | None) -> str:
    """A time, in UTC."""
    return "" if when is None else f"{when.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and values; values are markup, and rows without one are left out."""
    lines = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows if value)
    return f'<table class="facts">{lines}</table>' if lines else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are markup. Columns whose heads begin with `#` hold numbers, with `~` ids."""
    marks = [{"#": ' class="n"', "~": ' class="w"'}.get(name[0], "") for name in head]
    heads = "".join(f'<th scope="col"{mark}>{name.lstrip("#~")}</th>' for name, mark in zip(head, marks, strict=True))
    lines = [
        "<tr>" + "".join(f"<td{mark}>{cell}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>"
        for row in rows
    ]
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
        if lines
        else ""
    )


def code(value: object) -> str:
    """A value that is copied as it is."""
    return f"<code>{safe(value)}</code>"
