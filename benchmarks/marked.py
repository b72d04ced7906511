"""Tables that commands keep in pages: between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from pathlib import Path


def write_between(page: Path, name: str, text: str) -> None:
    """Put a text between a page's marks. Raises `ValueError` if the page has none of this name."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    body, count = marked.subn(lambda match: f"{match[1]}{text}\n{match[2]}", page.read_text())
    if count != 1:
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(body)
