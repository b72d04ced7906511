"""Where in a bundle something stands that a warning is about: names and snippets in, file and line out.

    Places(files, entry).of(warning) -> Place or None

Layout sees HTML that a template has made, so it knows no lines of the template. But what a warning names (an image, a
font, an id) or was made of (a `<style>` element's text) stands in a file of the bundle as it is, unless a record
brought it; here it is looked up there. Only documents with warnings ask, and answers are remembered per warning.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from spark_pdf.errors import Place
from spark_pdf.model import RenderWarning
from spark_pdf.template.bundle import SOURCES

_COMMENTS = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)
_QUOTED = re.compile(r"(?<!\w)'(.+?)'(?!\w)", re.DOTALL)
_CHARACTER = re.compile(r"U\+([0-9A-F]{4,6})")
_TAG = re.compile(r"<(\w+)>")
_OF_FONTS = ("font_alias", "unknown_font", "missing_font_style")
_MADE_BY_DATA = {
    "missing_image": r"""(?:src|srcset|data|poster|href)\s*=\s*(?:"[^"]*\{[{%]|'[^']*\{[{%])""",
    "link_scheme": r"""href\s*=\s*(?:"[^"]*\{[{%]|'[^']*\{[{%])""",
    "missing_anchor": r"""href\s*=\s*(?:"\#[^"]*\{[{%]|'\#[^']*\{[{%])""",
    "missing_stylesheet": r"""<link\b[^>]*href\s*=\s*["'][^"'>]*\{[{%]""",
}
"""What makes names of data, where only one line does."""


class Places:
    """Looks names up in the files of one bundle that people write by hand."""

    def __init__(self, files: Mapping[str, bytes], entry: str) -> None:
        self._files = files
        self._entry = entry

    def of(self, warning: RenderWarning, shown: str) -> Place | None:
        """The place of a warning whose message is told as `shown`; the warning's own where none is found."""
        place = warning.place
        if place is not None and place.line:
            return place
        for text, line in warning.clues:
            found = self._standing(text, line, place)
            if found is not None:
                return found
        for pattern in _patterns(warning.code, shown):
            found = self._first(pattern, place)
            if found is not None:
                return found
        return self._made(warning.code) or place

    def _standing(self, clue: str, line: int, place: Place | None) -> Place | None:
        """Where a line of a text stands that a file has as it is."""
        clue = _without_comments(clue)
        text = clue.strip()
        if not text:
            return None
        line -= clue[: len(clue) - len(clue.lstrip())].count("\n") + 1
        for path, readings in self._in_order(place):
            for reading in readings:
                start = reading.find(text)
                if start >= 0:
                    return Place(path, reading.count("\n", 0, start) + 1 + line)
        return None

    def _in_order(self, place: Place | None) -> list[tuple[str, tuple[str, ...]]]:
        known = place.file if place is not None else ""
        return sorted(self._texts.items(), key=lambda item: item[0] != known)

    def _first(self, pattern: str, place: Place | None) -> Place | None:
        """The first match: in the file that is known, else in all, the entry first."""
        compiled = re.compile(pattern, re.IGNORECASE)
        for path, readings in self._in_order(place):
            for text in readings:
                match = compiled.search(text)
                if match is not None:
                    return Place(path, _line(text, match))
        return None

    def _made(self, code: str) -> Place | None:
        """The one line that makes such names of data; None where several may be meant."""
        pattern = _MADE_BY_DATA.get(code)
        if pattern is None:
            return None
        found = {
            Place(path, text.count("\n", 0, match.end()) + 1)
            for path, (text, *_) in self._texts.items()
            for match in re.finditer(pattern, text)
        }
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _texts(self) -> dict[str, tuple[str, ...]]:
        """Each file without its comments: as written, and as HTML reads it; templates before style sheets."""
        paths = [path for path in self._files if path.lower().endswith(SOURCES)]
        paths.sort(key=lambda path: (path != self._entry, path.lower().endswith((".css", ".svg", ".toml")), path))
        return {path: tuple(_readings(self._files[path])) for path in paths}


def _readings(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    text = _without_comments(text)
    yield text
    if "&" in text:
        yield html.unescape(text)


def _without_comments(text: str) -> str:
    """The text with blanks in place of comments."""
    return _COMMENTS.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _line(text: str, match: re.Match[str]) -> int:
    """The line on which what is looked for begins: the last group where there is one."""
    return text.count("\n", 0, match.start(match.re.groups)) + 1


def _patterns(code: str, message: str) -> Iterator[str]:
    """Expressions for what a message names, the surest first."""
    if code == "missing_glyph":
        for point in _CHARACTER.findall(message):
            yield rf"{re.escape(chr(int(point, 16)))}|&\#x0*{point};|&\#0*{int(point, 16)};|\\0*{point}\b"
        return
    if code == "overflow":
        for selector in _QUOTED.findall(message):
            yield r"[^>]*>[\s\S]*?".join(f"({_start_tag(element)})" for element in selector.split())
        return
    tag = _TAG.match(message)
    if tag is not None:
        yield rf"<{tag[1]}\b"
    for name in _QUOTED.findall(message):
        words = _literal(name.removesuffix("..."))
        if code in _OF_FONTS:
            yield rf"font(?:-family)?\s*:[^;{{}}]*?(?<![\w-])({words})(?![\w-])"
        else:
            yield rf"""["'(=]\s*({words})\s*["')>\s]"""
        yield rf"(?<![\w-])({words})(?![\w-])"


def _start_tag(element: str) -> str:
    """Where an element begins that a selector such as `td.price` names."""
    tag, *names = re.split("[#.]", element)
    return rf"<{re.escape(tag)}\b" + "".join(rf"(?=[^>]*\b{re.escape(name)}\b)" for name in names)


def _literal(text: str) -> str:
    """The text itself, whatever white space divides its words."""
    return r"\s+".join(map(re.escape, text.split())) or r"(?!)"
