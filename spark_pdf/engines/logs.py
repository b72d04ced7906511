"""The log of a process that runs for long: lines on stderr."""

from __future__ import annotations

import logging
import sys


def log_to_stderr() -> None:
    """What such a process has to say, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("spark_pdf").setLevel(logging.INFO)
