"""Numbers as people read them."""

from __future__ import annotations

import pytest

from spark_pdf.wording import duration, plural, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.8 s"),
        (42, "42 s"),
        (185, "3:05 min"),
        (7800, "2:10 h"),
        (89.6, "90 s"),
        (5399, "89:59 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (18_099, "18.1 kB"), (123_456_789, "123 MB"), (5e12, "5.0 TB")],
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 pages"), (1, "1 page"), (2000, "2,000 pages")])
def test_plurals(count: int, text: str) -> None:
    assert plural(count, "page") == text
