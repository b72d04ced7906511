"""Other names of properties: vendors' prefixes that the Compatibility Standard keeps alive (3.1), and their kin.

A property under its other name is that property, at that place in the cascade. Other prefixed names are passed over.
"""

from __future__ import annotations

_WEBKIT = (
    "align-content", "align-items", "align-self", "background-clip", "background-origin", "background-size",
    "border-bottom-left-radius", "border-bottom-right-radius", "border-radius", "border-top-left-radius",
    "border-top-right-radius", "box-shadow", "box-sizing", "clip-path", "column-count", "column-fill", "column-gap",
    "column-rule", "column-rule-color", "column-rule-style", "column-rule-width", "column-span", "column-width",
    "columns", "flex", "flex-basis", "flex-direction", "flex-flow", "flex-grow", "flex-shrink", "flex-wrap",
    "font-feature-settings", "font-kerning", "hyphens", "justify-content", "mask", "opacity", "order", "shape-outside",
    "text-decoration", "text-decoration-color", "text-decoration-line", "text-decoration-style", "text-fill-color",
    "transform",
    "transform-origin", "box-decoration-break", "border-image",
)  # fmt: skip
_MOZ = ("border-radius", "box-shadow", "box-sizing", "column-count", "column-gap", "column-rule", "column-width",
        "columns", "font-feature-settings", "hyphens", "tab-size", "text-align-last", "transform", "transform-origin",
        "background-clip", "background-origin", "background-size", "border-image", "opacity")  # fmt: skip
_OTHER = {
    "-webkit-margin-start": "margin-inline-start",
    "-webkit-margin-end": "margin-inline-end",
    "-webkit-padding-start": "padding-inline-start",
    "-webkit-padding-end": "padding-inline-end",
    "-webkit-margin-before": "margin-block-start",
    "-webkit-margin-after": "margin-block-end",
    "-webkit-logical-width": "inline-size",
    "-webkit-logical-height": "block-size",
    "-moz-margin-start": "margin-inline-start",
    "-moz-margin-end": "margin-inline-end",
    "-moz-padding-start": "padding-inline-start",
    "-moz-padding-end": "padding-inline-end",
    "-webkit-hyphenate-character": "hyphenate-character",
    "-webkit-column-break-before": "break-before",
    "-webkit-column-break-after": "break-after",
    "-webkit-column-break-inside": "break-inside",
    "-ms-flex": "flex",
    "-ms-transform": "transform",
    "-ms-word-break": "word-break",
    "-ms-word-wrap": "overflow-wrap",
    "-ms-hyphens": "hyphens",
    "-o-transform": "transform",
    "-o-object-fit": "object-fit",
    "-epub-hyphens": "hyphens",
}

ALIASES: dict[str, str] = {
    **{f"-webkit-{name}": name for name in _WEBKIT},
    **{f"-moz-{name}": name for name in _MOZ},
    **_OTHER,
}
"""Name as written, to name as it is known here."""
