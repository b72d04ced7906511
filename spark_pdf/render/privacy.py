"""What warnings may quote: a `RenderWarning` in, one that holds nothing of a record out.

    Quoting(bundle).told(warnings) -> list[RenderWarning]

Whoever makes a warning puts what it quotes of the document between apostrophes, and cannot know whether the template
or the record wrote that. Here it is decided: it stays where a file of the bundle spells it, as whole words. What is
not recognised is left out rather than shown. Where there are no warnings, nothing is read and nothing is computed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from spark_pdf.layout.css.nearest import AT_RULES, KEYWORDS
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.pseudo_classes import SIMPLE
from spark_pdf.layout.css.selector_parser import PSEUDO_ELEMENTS
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.model import RenderWarning
from spark_pdf.render.places import Places
from spark_pdf.template.bundle import SOURCES
from spark_pdf.text.families import ALIASES, PACKAGED

if TYPE_CHECKING:
    from spark_pdf.template.bundle import Bundle

_MOST_REMEMBERED = 1000
_URLS = (
    "missing_image", "missing_stylesheet", "broken_image", "limit_pixels", "font_embedding", "missing_anchor",
    "link_scheme",
)  # fmt: skip
_OURS = ("filter", "foreignobject", "script", "use")
"""Names that messages about SVG files have by themselves."""

_HINT = re.compile(r"; did you mean '([^']+)'\?$")
_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
"""One that quotes: those within words, as in "record's", do not."""

_OWN_LINE = re.compile(r"^<style>, line \d+: ")
"""What is said of a `style` element of which no line of the bundle is known."""

_SEAM = re.compile(
    r"""(?:\ is\ missing|\ cannot\ be\ (?:imported|loaded)):\ (?:[\w./-]+:\ )?(?:the\ bundle\ has\ no\ file\ |local\()?
    |\ is\ not\ valid\ in\ |(?:\ of\ another\ file)?\ in\ the\ image\ """,
    re.VERBOSE,
)
"""What messages say between two quotations."""


_NAMES = (PROPERTIES, SHORTHANDS, KEYWORDS, AT_RULES, SIMPLE, PSEUDO_ELEMENTS, ALIASES, PACKAGED.values())
"""What a hint may name although no file of the bundle does."""


class Quoting:
    """Decides for one bundle. It remembers answers, and text of the bundle from the first warning on."""

    def __init__(self, bundle: Bundle) -> None:
        self._files = bundle.files
        self._places = Places(bundle.files, bundle.entry)
        self._known: dict[RenderWarning, RenderWarning] = {}

    def told(self, warnings: Iterable[RenderWarning]) -> list[RenderWarning]:
        """The same warnings without what data wrote, each once."""
        return list(dict.fromkeys(map(self._told, warnings)))

    def message(self, code: str, text: str) -> str:
        """A message without what data wrote."""
        hint = _HINT.search(text)
        body = text[: hint.start()] if hint else text
        marks = [found.start() for found in _APOSTROPHE.finditer(body)]
        if not marks:
            return body
        start, end = marks[0], marks[-1]
        inner = body[start + 1 : end]
        if not self._all_shown(code, inner):
            if code == "overflow":  # of the element, its tag may be named
                return f"{body[:start]}'{re.split('[.#]', inner.split()[-1])[0]}'{body[end + 1 :]}"
            what = "a URL" if code in _URLS else "a name"
            return f"{body[:start]}({what} that the record's data makes){body[end + 1 :]}"
        return text if hint and self._hints(hint[1]) else body

    def _told(self, warning: RenderWarning) -> RenderWarning:
        known = self._known.get(warning)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[warning] = self._decided(warning)
        return known

    def _decided(self, warning: RenderWarning) -> RenderWarning:
        place = warning.place
        if place is not None and place.file not in self._files:
            place = None  # a data: URL
        elif place is not None and place.line and place.file.lower().endswith(".css"):
            return replace(warning, clues=())  # a file of the bundle, so it spells all that it says
        message = self.message(warning.code, warning.message)
        plain = _OWN_LINE.sub("", message)
        found = self._places.of(replace(warning, place=place), plain)
        if found is not None and found.line:
            message = plain
        return RenderWarning(warning.code, message, found)

    def _hints(self, name: str) -> bool:
        known = (
            self._files,
            PROPERTIES,
            SHORTHANDS,
            KEYWORDS,
            AT_RULES,
            SIMPLE,
            PSEUDO_ELEMENTS,
            ALIASES,
            PACKAGED.values(),
        )
        return any(name in names for names in known) or self._shown("", name)

    def _all_shown(self, code: str, text: str) -> bool:
        """Whether all may be shown that stands between the first and the last apostrophe."""
        if self._shown(code, text):
            return True
        pieces = text.split("'")
        if not len(pieces) % 2 or not all(map(_SEAM.fullmatch, pieces[1::2])):
            return False
        return all(self._shown(code, piece) for piece in pieces[::2])

    def _shown(self, code: str, text: str) -> bool:
        text = " ".join(text.removesuffix("...").casefold().split())
        if code == "missing_glyph" and len(text) <= 1:
            return True  # the character that is named by its code point as well
        if code == "unsupported_svg" and text in _OURS:
            return True
        if code == "overflow":
            return all(_stands_in(name, self._spelt) for name in re.split(r"[\s.#]+", text) if name)
        return not any(map(str.isalnum, text)) or _stands_in(text, self._spelt)

    @cached_property
    def _spelt(self) -> str:
        """All that the bundle's files say: as written, and as HTML reads it."""
        written = [
            data.decode("utf-8", "replace") for path, data in self._files.items() if path.lower().endswith(SOURCES)
        ]
        written += [html.unescape(text) for text in written if "&" in text]
        return " ".join("\n".join([*self._files, *written]).casefold().split())


def _stands_in(text: str, written: str) -> bool:
    """Whether a text stands there as whole words: "Bo" does not in "body"."""
    start = written.find(text)
    while start >= 0:
        end = start + len(text)
        if not (_joins(written[start - 1 : start], text[0]) or _joins(text[-1], written[end : end + 1])):
            return True
        start = written.find(text, start + 1)
    return False


def _joins(one: str, other: str) -> bool:
    return _in_word(one) and _in_word(other)


def _in_word(character: str) -> bool:
    return character.isalnum() or character in ("-", "_")
