"""Days as runs, streams and the queue name them: `yyyymmdd`, by UTC."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone

from spark_pdf.errors import UsageError


def day_name(moment: datetime) -> str:
    """The day of a moment that knows its time zone."""
    return f"{moment.astimezone(timezone.utc):%Y%m%d}"


def today() -> str:
    """The day it is now."""
    return day_name(datetime.now(timezone.utc))


def parse_day(text: str) -> date:
    """A day by its name. Raises `UsageError`."""
    try:
        if re.fullmatch(r"[0-9]{8}", text):
            return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        pass
    raise UsageError(f"not a day: '{text[:20]}'; it is written as YYYYMMDD")


def days_from_today(text: str) -> int:
    """How far away a day is: 0 is today, 1 tomorrow. Raises `UsageError`."""
    return (parse_day(text) - parse_day(today())).days
