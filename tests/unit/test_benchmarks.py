"""What a benchmark finds, and the page that keeps it. Nothing is measured here."""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from benchmarks import queue, stream
from benchmarks.marked import write_between


def test_what_the_stream_found_has_a_place_in_its_page(tmp_path: Path) -> None:
    at = datetime(2026, 11, 27, tzinfo=timezone.utc)
    rows = [
        {
            "document_id": str(number), "status": "document", "kafka_timestamp": at,
            "committed_at": at + timedelta(seconds=number + 1),
        }
        for number in range(2)
    ]  # fmt: skip
    lines, right = stream.report(rows, 2, [0.0], 0)
    assert right
    page = tmp_path / "streams.md"
    shutil.copy(stream.PAGE, page)
    write_between(page, "stream", stream.as_list(lines))
    text = page.read_text()
    assert "- 2 events, 1 kill: each is one document; exit code 0\n- from event to commit, all: p50 2.00 s" in text
    write_between(page, "stream", stream.as_list(lines[:1]))
    assert "p50" not in page.read_text()
    assert not stream.report(rows[:1], 2, [], 0)[1]
    assert not stream.report(rows, 2, [], 1)[1]


def test_what_the_queue_found_has_a_place_in_its_page(tmp_path: Path) -> None:
    spent = {"client": 0.51, "broker": 1.12, "worker": 0.5, "pool": 4.1, "compactor": 0.2}
    found = {"documents": 5000, "rate": 290.4, "cpu_ms": spent, "rendering_ms": 2.2}
    page = tmp_path / "queue.md"
    shutil.copy(queue.PAGE, page)
    before = page.read_text()
    write_between(page, "queue", queue.table(found, date(2026, 11, 26)))
    lines = page.read_text().splitlines()
    assert "| storing, status and Celery's pool | 1.9 |" in lines
    assert "| documents a second, from the first submission to the last PDF stored | 290 |" in lines
    assert len(lines) == len(before.splitlines()), "the table has its rows, and nothing else is touched"
