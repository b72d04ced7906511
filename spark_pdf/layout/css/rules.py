"""What style sheets hold: style rules, page rules, font faces, and what there is to say about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from spark_pdf.layout.css.declarations import Block
from spark_pdf.layout.css.font_face import FontFace
from spark_pdf.layout.css.own_counters import NO_STYLES, Styles
from spark_pdf.layout.css.page_rules import PageRule
from spark_pdf.layout.css.registered import Registry
from spark_pdf.layout.css.selectors import Selector
from spark_pdf.model import RenderWarning


class StyleSource(NamedTuple):
    """A style sheet's text, the bundle path of its file, its `media` attribute.

    `embedded`: it stands in the document itself (`<style>`), so warnings must not quote it.
    """

    css: str
    base: str = ""
    media: str = ""
    embedded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A style rule of one selector. `order` counts rules in order of appearance."""

    selector: Selector
    order: int
    block: Block


class Stylesheets:
    """Everything that sheets say. `page_rules` begin with the user agent's. Compared by identity."""

    __slots__ = ("counter_styles", "font_faces", "page_rules", "registry", "rules", "warnings")

    def __init__(
        self,
        rules: tuple[Rule, ...],
        page_rules: tuple[PageRule, ...],
        font_faces: tuple[FontFace, ...],
        warnings: tuple[RenderWarning, ...],
        counter_styles: Styles = NO_STYLES,
        registry: Registry | None = None,
    ) -> None:
        self.counter_styles = counter_styles
        self.registry = registry
        self.rules = rules
        self.page_rules = page_rules
        self.font_faces = font_faces
        self.warnings = warnings
