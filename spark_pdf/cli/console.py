"""What a command says: results to stdout, as text or as one JSON object; warnings and notes to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def result(text: str) -> None:
    """A line of the result."""
    print(text, flush=True)


def result_json(value: Mapping[str, Any]) -> None:
    """The result as one object, for programs."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def note(text: str) -> None:
    """Something beside the result."""
    print(coloured(text, "dim", sys.stderr), file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """Something that deserves a look and stops nothing."""
    print(coloured(f"warning: {text}", "yellow", sys.stderr), file=sys.stderr, flush=True)


def coloured(text: str, colour: str, stream: Any = None) -> str:
    """The text in a colour, if the stream (stdout by default) is a terminal that wants one."""
    stream = stream or sys.stdout
    if not stream.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def table(rows: Iterable[tuple[str, str]], indent: str = "  ") -> None:
    """Lines of name and value, in two columns."""
    kept = [(name, value) for name, value in rows if value]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        result(f"{indent}{name:<{width}}  {value}")
