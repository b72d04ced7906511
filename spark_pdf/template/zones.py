"""Time zones by name, from the `tzdata` package where it is installed: its version is pinned, a machine's is not.

A machine's own data is the second choice, because it changes with the machine's updates, and slim images have none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")


@lru_cache(maxsize=64)
def time_zone(name: str) -> ZoneInfo:
    """The zone, such as Europe/Berlin. Raises ValueError for what is none."""
    if not _NAME.fullmatch(name):
        raise ValueError("not a time zone")
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
            return ZoneInfo.from_file(data, key=name)
    except (ModuleNotFoundError, FileNotFoundError, IsADirectoryError):
        pass
    try:
        return ZoneInfo(name)
    except (OSError, KeyError) as error:
        raise ValueError("not a time zone") from error
