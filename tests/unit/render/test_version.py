"""The version that a run is pinned to, and what importing the package costs."""

from __future__ import annotations

import re
import subprocess
import sys

import spark_pdf
from spark_pdf.render import version


def test_it_is_short_stable_and_covers_what_decides_bytes() -> None:
    assert re.fullmatch(re.escape(spark_pdf.__version__) + r"\+[0-9a-f]{12}", version.renderer_version())
    details = version.renderer_details()
    for part in ("spark_pdf", "fpdf2 2.8.9", "deflate 0.9.0", "selectolax", "babel", "harfbuzz", "unicode"):
        assert part in details


def test_another_process_says_the_same() -> None:
    code = "from spark_pdf.render.version import renderer_version; print(renderer_version())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == version.renderer_version()


def test_the_package_exports_a_handful_of_names() -> None:
    assert dir(spark_pdf) == ["Template", "__version__"]
    assert not hasattr(spark_pdf, "nonsense")


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, spark_pdf; print(sorted(m for m in sys.modules if m.startswith('spark_pdf.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
