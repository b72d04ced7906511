"""Hand-made pages: fragments as layout yields them, without layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf.layout.css.compute import INITIAL_STYLE
from spark_pdf.layout.fragments import Link, Page, PaintGroup, Placed, TextFragment
from spark_pdf.layout.style import Style
from spark_pdf.layout.values import Color
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.text.fonts import FontSet
from spark_pdf.text.words import Word

SIDES = ("top", "right", "bottom", "left")
CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")
RED = Color("srgb", (0.8, 0.1, 0.1))
BLUE = Color("srgb", (0.1, 0.2, 0.7))


class Kit:
    """Makes styles, words, fragments and documents."""

    def __init__(self) -> None:
        self.fonts = FontSet()
        self.engine = PdfEngine()

    def style(self, **values: Any) -> Style:
        return INITIAL_STYLE.replace(**values)

    def borders(self, width: float, line: str, color: Color = RED, radius: float = 0.0, **values: Any) -> Style:
        for side in SIDES:
            sides = {f"border_{side}_width": width, f"border_{side}_style": line, f"border_{side}_color": color}
            values = sides | values
        for corner in CORNERS:
            values[f"border_{corner}_radius"] = (radius, radius)
        return self.style(**values)

    def words(self, text: str, weight: int = 400, family: str = "Arimo", features: Any = ()) -> tuple[Word, ...]:
        chain = self.fonts.select((family,), weight, "normal")
        return tuple(chain.word(piece, features) for piece in re.findall("[ ]+|[^ ]+", text))

    def text(self, text: str, x: float, y: float, style: Style | None = None, **options: Any) -> Placed:
        style = style or self.style()
        words = self.words(text, **options)
        width = sum(word.width for word in words) * style.font_size
        return Placed(TextFragment(style, None, x, y, width, words), x, y)

    def page(
        self, items: list[Any], number: int = 1, links: tuple[Link, ...] = (), anchors: Any = None,
        margins: Callable[[int], PaintGroup] = lambda total: PaintGroup(),
    ) -> Page:  # fmt: skip
        return Page(number, 793.7, 1122.5, PaintGroup(items), margins, list(links), anchors or {})

    def laid_out(self, *pages: Page, title: str = "", language: str = "") -> Any:
        return SimpleNamespace(pages=iter(pages), title=title, language=language, meta={}, image=lambda url: None)

    def pdf(self, *items: Any, **options: Any) -> bytes:
        data, _ = self.engine.write(self.laid_out(self.page(list(items))), **options)
        return data


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit()
