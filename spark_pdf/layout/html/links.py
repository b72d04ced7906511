"""Where links lead: places within the document by their fragment (HTML, 7.4.6.4), all else as it stands."""

from __future__ import annotations

from urllib.parse import unquote


def fragment_of(url: str) -> str:
    """The id that a URL like `#caf%C3%A9` names; "" for a URL that leads out of the document."""
    return unquote(url[1:], errors="replace") if url[:1] == "#" else ""


def target_of(url: str) -> str:
    """A link's target, for fragments: `#` and the id as elements have it, or the URL without white space around."""
    url = url.strip()
    return f"#{unquote(url[1:], errors='replace')}" if "%" in url and url[:1] == "#" else url
