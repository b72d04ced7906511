"""WeasyPrint: the same HTML and CSS, with its font configuration and parsed style sheet kept between documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from benchmarks.peers.ours import bundle


def renderer(kind: str, fonts: Path, folder: Path) -> Callable[[dict[str, Any]], bytes]:
    """A warm process."""
    path = bundle(kind, fonts, folder)
    template = jinja2.Environment(autoescape=True).from_string((path / "template.html").read_text())
    configuration = FontConfiguration()
    sheet = CSS(str(path / "style.css"), font_config=configuration)

    def render(record: dict[str, Any]) -> bytes:
        text = template.render(record).replace('<link rel="stylesheet" href="style.css">', "")
        made = HTML(string=text, base_url=str(path) + "/")
        pdf: bytes = made.write_pdf(stylesheets=[sheet], font_config=configuration)
        return pdf

    return render
