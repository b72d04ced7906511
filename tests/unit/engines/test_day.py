"""Days by name."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from spark_pdf.engines.day import day_name, days_from_today, parse_day, today
from spark_pdf.errors import UsageError


def test_a_moment_is_of_the_day_in_utc() -> None:
    assert day_name(datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == "20260228"


def test_days_are_counted_from_today() -> None:
    now = datetime.now(timezone.utc)
    found = [days_from_today(day_name(now + timedelta(days=away))) for away in (-7, 0, 1)]
    assert found in ([-7, 0, 1], [-8, -1, 0])  # the second, if midnight has passed meanwhile
    assert parse_day(today())


@pytest.mark.parametrize(
    "text", ["", "2026111", "20261301", "20260230", "2026-1-1", " 20261101", "20261101x", "٢٠٢٦١١٠١"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="YYYYMMDD"):
        parse_day(text)
