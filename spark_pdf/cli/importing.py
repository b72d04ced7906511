"""Imports of the command line, without the garbage collector: what modules make stays until the process ends.

Python's collector runs some hundred times while a renderer is imported, through more and more modules, and finds
nothing: a fifth of the time that `render` takes from a cold start.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from spark_pdf.render.collecting import collector_held_back


@contextmanager
def quick_imports() -> Iterator[None]:
    """Hold the collector back in the block; it never looks at what was made in it, at exit neither."""
    with collector_held_back():
        try:
            yield
        finally:
            gc.freeze()
