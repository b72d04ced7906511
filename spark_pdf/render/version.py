"""What decides a document's bytes besides record and bundle, as one short string: a run is pinned to it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import version

import spark_pdf
from spark_pdf.text.version import text_version

_DISTRIBUTIONS = ("fpdf2", "deflate", "selectolax", "tinycss2", "jinja2", "babel", "pillow")
"""Beside shaping and line breaking (`text_version`): assembly, deflate, HTML, CSS, templates, CLDR, decoded images."""


@lru_cache(maxsize=1)
def renderer_details() -> str:
    """Every part that bytes depend on, with its version, for people."""
    parts = [f"spark_pdf {spark_pdf.__version__}", *(f"{name} {version(name)}" for name in _DISTRIBUTIONS)]
    return ", ".join([*parts, text_version()])


@lru_cache(maxsize=1)
def renderer_version() -> str:
    """spark_pdf's version and a hash of `renderer_details`: equal strings, records and bundles give equal bytes."""
    return f"{spark_pdf.__version__}+{hashlib.sha256(renderer_details().encode()).hexdigest()[:12]}"
