"""Style sheets: rules and at-rules of all sheets of a document, in order. CSS Cascade 5, Conditional Rules 3, Page 3.

In: the text of style sheets and the bundle that they may import from. Out: `Stylesheets`, which holds style rules, page
rules, font faces, and warnings about everything that was dropped. Made once per bundle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from spark_pdf.layout.css.loading import Loader, decode_stylesheet, resolve_path
from spark_pdf.layout.css.media import Medium
from spark_pdf.layout.css.pages import page_sizes
from spark_pdf.layout.css.rules import Rule, Stylesheets, StyleSource
from spark_pdf.model import RenderWarning, Resources

_LINE = re.compile(r"^<style>, line \d+: ")

__all__ = [
    "Rule", "StyleSource", "Stylesheets", "decode_stylesheet", "load_stylesheets", "resolve_path", "user_agent_sheet",
]  # fmt: skip


def load_stylesheets(sources: Sequence[StyleSource], resources: Resources | None = None) -> Stylesheets:
    """Parse author sheets in order. Without `resources`, imports are reported as missing."""
    user_agent = user_agent_sheet().page_rules
    medium = Medium(page_sizes(user_agent))
    loader = _loaded(sources, resources, medium)
    if medium.asked:
        # Queries were answered for the usual page; what page there is, the rules themselves say.
        size = page_sizes((*user_agent, *loader.page_rules))
        if size != medium.size:
            loader = _loaded(sources, resources, Medium(size))
    return Stylesheets(
        loader.style_rules(),
        (*user_agent, *loader.page_rules),
        tuple(loader.font_faces),
        tuple(_once(loader.warnings)),
        loader.counter_styles,
        loader.registry(),
    )


def _once(warnings: Iterable[RenderWarning]) -> Iterator[RenderWarning]:
    """Warnings, where an unknown property is told of at its first place only: a framework's sheets say it often."""
    told: set[str] = set()
    for warning in warnings:
        if warning.code == "unknown_property":
            name = _LINE.sub("", warning.message)
            if name in told:
                continue
            told.add(name)
        yield warning


def _loaded(sources: Sequence[StyleSource], resources: Resources | None, medium: Medium) -> Loader:
    loader = Loader(resources, medium)
    for source in sources:
        loader.load(source, ())
    return loader


@lru_cache(maxsize=1)
def user_agent_sheet() -> Stylesheets:
    """What HTML looks like without any CSS, on paper: `layout/ua.css`."""
    loader = Loader(None, Medium(), origin=0)
    text = (Path(__file__).parent.parent / "ua.css").read_text(encoding="utf-8")
    loader.load(StyleSource(text, "ua.css"), ())
    return Stylesheets(loader.style_rules(), tuple(loader.page_rules), (), tuple(loader.warnings))
