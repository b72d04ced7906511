"""CSS: from style sheets to computed styles.

    load_stylesheets(sources: Sequence[StyleSource], resources: Resources) -> Stylesheets    sheets.py, once per bundle
        StyleSource(css, base, media="")         text, the bundle path of its file, the media attribute
        Stylesheets.warnings .font_faces .page_rules
    Stylist(stylesheets)                                                                     cascade.py, once per bundle
        .style(element, parent_style | None) -> Style           parents first; the same object for equal cascades
        .pseudo_style(element, style, "before" | "after") -> Style | None
        .page_style(root_style | None, name, left=, first=, blank=) -> PageStyle
        .take_warnings() -> tuple[RenderWarning, ...]           of style attributes since it was last asked
    PageStyle                             .width .height .margin_top ... (px) .style .margin_boxes {"top-left": Style}

Layers, lowest first: `tokens` (what tinycss2 yields), `lengths`, `colors`, `parsers` and `text_parsers` (one value),
`properties` (the table), `shorthands`, `declarations` (blocks), `selectors`, `sheets` (rules and at-rules), `index`,
`cascade`.
"""

from spark_pdf.layout.css.cascade import Stylist
from spark_pdf.layout.css.font_face import FontFace, FontSource
from spark_pdf.layout.css.pages import PageStyle
from spark_pdf.layout.css.sheets import Stylesheets, StyleSource, decode_stylesheet, load_stylesheets, resolve_path

__all__ = [
    "FontFace",
    "FontSource",
    "PageStyle",
    "StyleSource",
    "Stylesheets",
    "Stylist",
    "decode_stylesheet",
    "load_stylesheets",
    "resolve_path",
]
