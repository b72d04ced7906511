"""The folder in which cases have files: the worker sets it, and its guard lets them be read."""

from __future__ import annotations

from pathlib import Path

folder = Path()
