"""Which tests run where the hot modules are compiled, and which need their source."""

from __future__ import annotations

from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "spark_pdf"
COMPILED = tuple(sorted(PACKAGE.rglob("*.so")))

needs_source = pytest.mark.skipif(bool(COMPILED), reason="looks into the hot modules, which are compiled (make pure)")
needs_compiled = pytest.mark.skipif(not COMPILED, reason="nothing is compiled (make compile)")
