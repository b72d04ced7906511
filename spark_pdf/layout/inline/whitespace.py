"""White space in text, as documents have it (CSS Text 3, sections 3 and 4).

In: text as it stands between two tags, and a style's `white-space`. Out: the text with the spaces that it is shown
with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_pdf.layout.style import Style

_WHITE_SPACE: Final = " \t\n\r\f"
_COLLAPSIBLE: Final = re.compile("[ \t\n\r\f]+")
_OTHER_SPACES: Final = ("\v", "\x1c", "\x1d", "\x1e", "\x1f")
"""ASCII characters that `str.split` takes for white space and CSS does not."""
_AROUND_NEWLINE = re.compile("[ \t\r\f]*\n[ \t\r\f]*")
_SPACES = re.compile("[ \t\r\f]+")
_WIDE = (
    "\u2e80-\u303f\u3040-\u30ff\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
WIDE = re.compile(f"[{_WIDE}]")
"""Ideographs, kana and their punctuation: between them justification finds room, and line feeds are no spaces."""
_BETWEEN_WIDE = re.compile(f"(?<=[{_WIDE}\u200b])[ \t\r\f]*\n[ \t\n\r\f]*(?=[{_WIDE}\u200b])")

_MOST_BLANKS: Final = 200
_BLANKS: Final[dict[str, bool]] = {}
"""Texts of spaces alone, and whether all of these are document white space: a template has few different ones."""


def is_blank(text: str) -> bool:
    """Whether a text is document white space alone (CSS Text 3, 4): no-break spaces and the like are text."""
    if not text.isspace():
        return False
    known = _BLANKS.get(text)
    if known is None:
        known = not text.strip(_WHITE_SPACE)
        if len(_BLANKS) < _MOST_BLANKS and len(text) < _MOST_BLANKS:
            _BLANKS[text] = known
    return known


def collapsed(text: str, style: Style, after_space: bool) -> str:
    """Process white space. `after_space`: a collapsible space or a line's start precedes, so a leading one vanishes."""
    mode = style.white_space
    if mode in ("normal", "nowrap"):
        if not text.isascii() and "\n" in text:
            text = _BETWEEN_WIDE.sub("", text)
        if "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text:
            text = _with_single_spaces(text)
    elif style.white_space_collapse == "preserve-breaks":
        text = _SPACES.sub(" ", _AROUND_NEWLINE.sub("\n", text.replace("\r\n", "\n")))
    elif style.white_space_collapse == "preserve-spaces":
        return re.sub("\r\n|[\t\n\r]", " ", text)
    else:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text[1:] if after_space and text[:1] == " " else text


def _with_single_spaces(text: str) -> str:
    """A text, not empty, with one space for each run of document white space. Python's own notion of white space has
    more in it; without these it is faster than a pattern.
    """
    if not text.isascii() or any(other in text for other in _OTHER_SPACES):
        return _COLLAPSIBLE.sub(" ", text)
    shown = " ".join(text.split())
    if not shown:
        return " "
    if text[0].isspace():
        shown = " " + shown
    return shown + " " if text[-1].isspace() else shown
