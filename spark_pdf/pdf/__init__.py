"""PDF: from pages of placed fragments to the bytes of a file.

In: a `LaidOut`'s pages. Out: bytes (ISO 32000-1) that depend on nothing but them. `engine` walks the pages, `drawing`
turns fragments into operators, `writer` is the only place where objects become bytes, and fpdf2 assembles the
document through `producer`. `canvas` is the fpdf2 that a `template.py` draws on.
"""
