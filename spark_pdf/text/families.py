"""Names of families: what is packaged, what the generic families mean, what stands in for fonts that a bundle lacks.

There are no system fonts. Arimo, Tinos, Cousine, Carlito and Caladea have the widths of Arial, Times New Roman, Courier
New, Calibri and Cambria.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from spark_pdf.text.face import Face
from spark_pdf.text.loading import load_face

FACES = Path(__file__).parent / "faces"

PACKAGED = {"arimo": "Arimo", "tinos": "Tinos", "cousine": "Cousine", "carlito": "Carlito", "caladea": "Caladea"}
LAST_RESORT = ("arimo", "tinos", "cousine")
SIGNS = "symbols"
"""The family that shows what no other has: arrows, check marks, stars, boxes (DejaVu Sans, in one weight)."""

GENERIC = {
    "sans-serif": "arimo", "system-ui": "arimo", "ui-sans-serif": "arimo", "ui-rounded": "arimo", "cursive": "arimo",
    "fantasy": "arimo", "math": "tinos", "emoji": "arimo", "serif": "tinos", "ui-serif": "tinos", "fangsong": "tinos",
    "monospace": "cousine", "ui-monospace": "cousine", "-apple-system": "arimo", "blinkmacsystemfont": "arimo",
}  # fmt: skip
"""CSS generic families and the names that browsers took for them, and the packaged family that each one means."""

ALIASES = {
    "arial": "arimo", "helvetica": "arimo", "helvetica neue": "arimo", "liberation sans": "arimo",
    "nimbus sans": "arimo", "arial unicode ms": "arimo", "times": "tinos", "times new roman": "tinos",
    "liberation serif": "tinos",
    "nimbus roman": "tinos", "courier": "cousine", "courier new": "cousine", "liberation mono": "cousine",
    "nimbus mono": "cousine", "calibri": "carlito", "cambria": "caladea",
}  # fmt: skip
"""Families that are not packaged, and the packaged one of the same widths that stands in for each; reported."""

SIMILAR = {
    **dict.fromkeys((
        "verdana", "tahoma", "segoe ui", "trebuchet ms", "geneva", "lucida grande", "lucida sans",
        "lucida sans unicode", "gill sans", "franklin gothic medium", "century gothic", "candara", "corbel", "optima",
        "futura", "avenir", "avenir next", "aptos", "roboto", "open sans", "noto sans", "dejavu sans", "ubuntu",
        "cantarell", "san francisco", "sf pro text", "sf pro display", "inter", "lato", "source sans pro", "montserrat",
        "poppins", "raleway", "oxygen", "fira sans", "impact", "arial narrow", "arial black", "comic sans ms",
    ), "arimo"),
    **dict.fromkeys((
        "georgia", "garamond", "palatino", "palatino linotype", "book antiqua", "baskerville", "didot",
        "constantia", "bookman", "bookman old style", "century schoolbook", "hoefler text", "noto serif",
        "dejavu serif", "merriweather", "playfair display", "lora", "eb garamond", "source serif pro", "charter",
    ), "tinos"),
    **dict.fromkeys((
        "consolas", "menlo", "monaco", "lucida console", "andale mono", "sfmono-regular", "sf mono", "dejavu sans mono",
        "noto sans mono", "source code pro", "fira code", "fira mono", "jetbrains mono", "roboto mono", "ubuntu mono",
        "ibm plex mono", "cascadia code", "cascadia mono", "ocr a", "ocr b",
    ), "cousine"),
}  # fmt: skip
"""Families without a twin of the same widths, and the packaged one of the same kind: taken where a list of families
names nothing else that there is.
"""


@cache
def packaged_face(family: str, bold: bool, italic: bool) -> Face:
    """A face of a packaged family (its name in lower case)."""
    style = ("Bold" if bold else "") + ("Italic" if italic else "") or "Regular"
    name = "Symbols-Regular.ttf" if family == SIGNS else f"{PACKAGED[family]}-{style}.ttf"
    return load_face((FACES / name).read_bytes(), name)


def normal_name(family: str) -> str:
    """Family names are compared without regard to case (CSS Fonts 4, section 5.1)."""
    return family.strip().casefold()
