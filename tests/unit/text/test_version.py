from __future__ import annotations

import re
from importlib.metadata import version

from spark_pdf.text.version import text_version


def test_everything_that_decides_glyphs_is_named() -> None:
    assert re.fullmatch(
        rf"harfbuzz \d+\.\d+\.\d+ \(uharfbuzz {re.escape(version('uharfbuzz'))}\), unicode \d+\.\d+\.\d+"
        rf" \(uniseg {re.escape(version('uniseg'))}\) and \d+\.\d+\.\d+ \(Python\),"
        rf" pyphen {re.escape(version('pyphen'))}, faces [0-9a-f]{{12}}",
        text_version(),
    )
