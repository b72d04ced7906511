"""Properties that nobody reads here, and that nobody misses on paper: names in, whether a warning would be noise out.

A prefixed name is one engine's own. Where it only asks for what paper has not (selecting, scrolling, smoothing), or
is an old spelling of what a sheet says in plain words too, it is passed over. What would change the picture is not:
masks, reflections, clamped lines, strokes of text.
"""

from __future__ import annotations

from spark_pdf.layout.css.properties import PROPERTIES, WITHOUT_EFFECT_ON_PAPER
from spark_pdf.layout.css.shorthands import SHORTHANDS

_OTHER_ENGINES = ("-ms-", "-moz-", "-o-", "-khtml-", "-apple-", "mso-", "-epub-", "prince-", "-premailer-", "_")
_WEBKIT_OWN = (
    "-webkit-font-smoothing", "-webkit-tap-", "-webkit-touch-", "-webkit-user-", "-webkit-overflow-scrolling",
    "-webkit-text-size-adjust", "-webkit-app-region", "-webkit-locale", "-webkit-rtl-ordering", "-webkit-nbsp-mode",
    "-webkit-line-break", "-webkit-text-decorations-in-effect", "-webkit-text-decoration-skip", "-webkit-text-security",
    "-webkit-box-align", "-webkit-box-pack", "-webkit-box-direction", "-webkit-box-orient", "-webkit-box-flex",
    "-webkit-box-lines", "-webkit-box-ordinal-group", "-webkit-flex-", "-webkit-margin-collapse",
    "-webkit-animation", "-webkit-transition", "-webkit-backface-", "-webkit-transform-style", "-webkit-column-axis",
)  # fmt: skip
"""What begins so. The old flexible boxes are said in plain words beside it, or belong to `-webkit-line-clamp`, which is
reported."""


_OF_OTHERS = frozenset((
    "supported-color-schemes", "tab-interval", "text-underline", "text-effect", "text-line-through", "layout-grid",
    "layout-grid-mode",
    "layout-grid-line", "punctuation-wrap", "behavior", "font-smoothing", "user-drag", "interpolation-mode",
    *(f"scrollbar-{part}-color" for part in ("face", "track", "arrow", "shadow", "highlight", "3dlight", "darkshadow")),
))  # fmt: skip
"""What HTML saved by word processors says to them alone (the same is said in CSS beside it), and browsers of old."""


def says_nothing(name: str) -> bool:
    """Whether a property that is not read changes nothing on paper."""
    if name in WITHOUT_EFFECT_ON_PAPER or name.startswith(("--", *_OTHER_ENGINES, *_WEBKIT_OWN)):
        return True
    if not name.startswith("-"):
        return name in _OF_OTHERS
    plain = name.removeprefix("-webkit-")
    return plain in WITHOUT_EFFECT_ON_PAPER or plain in PROPERTIES or plain in SHORTHANDS
