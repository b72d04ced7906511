"""The corpus: documents as designers write them, each a bundle of its own under `cases/`.

A case may have an entry in `cases.toml`: `note` says where the reference engine is wrong, and by which section of which
specification; `references/NAME.css` says the same to it in words that it does get right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

from spark_pdf import Template
from spark_pdf.model import Rendition
from spark_pdf.template.bundle import Bundle

HERE = Path(__file__).parent
SCORES = HERE / "scores.json"
LEAST = 0.90
MEAN = 0.97


@dataclass(frozen=True)
class Case:
    """One document of the corpus."""

    name: str

    @property
    def folder(self) -> Path:
        """The bundle."""
        return HERE / "cases" / self.name

    @property
    def reference(self) -> Path:
        """Glyph origins as the reference engine placed them."""
        return HERE / "references" / f"{self.name}.json"

    @property
    def adapted(self) -> Path | None:
        """CSS that the reference engine is given after the bundle's own, where it gets that wrong."""
        path = HERE / "references" / f"{self.name}.css"
        return path if path.is_file() else None

    @property
    def note(self) -> str:
        """Why the reference is not plainly WeasyPrint's PDF of the same HTML."""
        return str(_notes().get(self.name, {}).get("note", ""))

    def html(self) -> str:
        """What the reference engine renders."""
        bundle = Bundle.load(self.folder)
        html = bundle.html(bundle.sample() or {})
        if self.adapted:
            html = html.replace("</head>", f"<style>{self.adapted.read_text(encoding='utf-8')}</style></head>", 1)
        return html

    def render(self) -> Rendition:
        """Our document."""
        bundle = Bundle.load(self.folder)
        return Template(bundle).render(bundle.sample() or {})


@cache
def _notes() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))


def all_cases() -> list[Case]:
    """The corpus, by name."""
    return [Case(path.name) for path in sorted((HERE / "cases").iterdir()) if path.is_dir()]
