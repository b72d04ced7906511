"""What decides, beside the code, which glyphs and bytes a text becomes: one string for `renderer_version`."""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache

import uharfbuzz as hb
import uniseg

from spark_pdf.text.fonts import FACES

PYPHEN = "0.18.1"
"""As pyproject.toml pins it (a test compares): importing it would cost a cold start 25 ms."""


@lru_cache(maxsize=1)
def text_version() -> str:
    """Versions of HarfBuzz, its binding, Unicode's data, dictionaries, and a hash of the packaged fonts.

    Unicode twice: uniseg brings the classes of line breaking, and asks Python for categories and widths of characters.
    """
    faces = hashlib.sha256()
    for path in sorted(FACES.glob("*.ttf")):
        faces.update(path.name.encode())
        faces.update(hashlib.sha256(path.read_bytes()).digest())
    return (
        f"harfbuzz {hb.version_string()} (uharfbuzz {hb.__version__}), unicode {uniseg.unidata_version}"
        f" (uniseg {uniseg.__version__}) and {unicodedata.unidata_version} (Python),"
        f" pyphen {PYPHEN}, faces {faces.hexdigest()[:12]}"
    )
