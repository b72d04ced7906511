"""The report says what the manifest says, the same each time, in bounded memory, and nothing of a record."""

from __future__ import annotations

import html
import random
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spark_pdf.config import parse_config
from spark_pdf.errors import ConfigError, StoreError, TooManyFailures, UsageError
from spark_pdf.manifest.commit import commit_job
from spark_pdf.manifest.erase import erase
from spark_pdf.manifest.schema import manifest_schema
from spark_pdf.manifest.table import open_table
from spark_pdf.manifest.verify import verify
from spark_pdf.report import writing
from spark_pdf.report.facts import RunFacts, one_run
from spark_pdf.report.page import Place, Subject, page
from spark_pdf.report.tally import COLUMNS, KINDS, Kept, Spread, Tally, failure_place, warning_kind
from spark_pdf.report.writing import leave_report, run_report, write_report
from spark_pdf.store.locations import RunLocations, begun_erasure
from tests.stored_runs import StoredRun

IDS = [f"doc-{n:03d}" for n in range(58)] + ["bad-1", "bad-2"]
AT = datetime(2026, 11, 26, 6, tzinfo=timezone.utc)
CANARY = "canary-4711"
PLACE = Place("s3://lake/invoices", "s3://lake/invoices/manifest", "parquet")


@pytest.fixture
def run(tmp_path: Path) -> StoredRun:
    return StoredRun(str(tmp_path / "out"), "r1", IDS)


def words(text: str) -> str:
    """What the page shows, in one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text.partition("</head>")[2])))


def row(document_id: str, **values: Any) -> dict[str, Any]:
    return {
        "run_id": "r1", "document_id": document_id, "status": "document", "uri": f"s3://lake/{document_id}.pdf",
        "offset": 0, "length": 1000, "pages": 1, "sha256": "s", "content_sha256": "s", "record_hash": "h",
        "template": "t", "template_hash": "th", "renderer_version": "1", "warnings": [], "render_ms": 1.5,
        "attempt": "a", "committed_at": AT, "wave": 1, "partition": 0, **values,
    }  # fmt: skip


def failure(document_id: str, detail: str, code: str = "template") -> dict[str, Any]:
    nothing = dict.fromkeys(("uri", "offset", "length", "pages", "sha256", "content_sha256", "warnings"))
    return row(document_id, status="failure", error_code=code, error_detail=detail, **nothing)


def batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=manifest_schema()).select(list(COLUMNS))


def shown(tally: Tally, name: str = "invoices", **values: Any) -> str:
    facts = RunFacts("r1", "committed", None, AT, **values)
    return page(Subject(name, (facts,), tally, PLACE))


def test_a_committed_run_adds_up(run: StoredRun) -> None:
    text = run_report(run.commit().config, "r1")
    said = words(text)
    assert "Run r1 committed" in said
    assert "Reconciled: 60 records counted = 58 documents + 2 failures + 0 skipped." in said
    assert "template template: the template raised an error on this record 2 t.html:1 2 bad-1 , bad-2" in said
    assert "spark-pdf retry CONFIG.yaml --run-id r1" in said
    assert "spark-pdf get CONFIG.yaml --run-id r1 --id doc-000 -o document.pdf" in said
    packs = sum(one.key.endswith(".zip") for one in run.store.list("packs/r1")) - 2  # two of an attempt that lost
    assert f"packs {packs}: {run.store.uri}/packs/r1/ the" in said
    assert text == run_report(run.config, "r1"), "the same bytes for the same manifest"
    assert not re.search(r"<script|<link|\son\w+=|src=|@import|url\(", text)


def test_ids_can_be_left_out(run: StoredRun) -> None:
    run.commit()
    assert not re.search(r"doc-\d|bad-\d", run_report(run.config, "r1", ids=False))
    without = run.config.model_copy(update={"report": "without_ids"})
    assert run_report(without, "r1") == run_report(run.config, "r1", ids=False)
    assert "doc-000" in run_report(without, "r1", ids=True)


def test_a_run_that_is_not_committed_shows_what_is_there(run: StoredRun) -> None:
    wave = run.render(commit=False)
    said = words(run_report(run.config, "r1"))
    assert "Run r1 running" in said
    assert "Not finished: 60 records counted; so far 0 documents + 0 failures + 0 skipped: 60 have no" in said
    for partition, ids in enumerate((IDS[0::2], IDS[1::2])):
        run.attempt(wave.number, partition, ids)
    with pytest.raises(TooManyFailures):
        commit_job(wave, run.table, expected=60, failed_fraction=0.0)
    said = words(run_report(run.config, "r1"))
    assert "Run r1 failed" in said
    assert "2 t.html:1 2 bad-1 , bad-2" in said
    assert "spark-pdf run CONFIG.yaml --run-id r1 # goes on" in said
    with pytest.raises(UsageError, match="there is no run r2"):
        run_report(run.config, "r2")


def test_what_does_not_add_up_is_said(run: StoredRun) -> None:
    facts, tally = one_run(run.commit().store, run.table, "r1")
    said = words(page(Subject("test", (replace(facts, counted=61),), tally, PLACE)))
    assert "Does not add up: 61 records counted, 58 documents + 2 failures + 0 skipped: off by +1." in said


def test_hostile_names_are_text() -> None:
    ids = ['<script>alert("x")</script>', "'; rm -rf ~; '", "\u202egpj.exe", "a\nb", "&amp;", "x" * 5000]
    rows = [row(one, template="<img src=x onerror=alert(1)>", length=9000 - n) for n, one in enumerate(ids)]
    rows += [failure(f"<b>{n}", f"document <b>{n}: <i>.html:3: no", "<u>") for n in range(3)]
    text = shown(Tally().add_all([batch(rows)]), "<iframe>")
    assert not re.search(r"<(script|img|iframe|b>\d|i>|u>)", text)
    assert not any(sign in text for sign in ("\u202e", "x" * 200))
    said = words(text)
    assert '<script>alert("x")</script>' in said
    assert "\\u{202e}gpj.exe" in said
    assert "a\\u{a}b" in said
    # What is copied into a shell is quoted for it.
    quoted = words(shown(Tally().add_all([batch([row(ids[1])])])))
    assert """--id ''"'"'; rm -rf ~; '"'"'' -o""" in quoted


def test_nothing_of_a_record_is_shown() -> None:
    details = [f"document bad-{n}: t.html:{n}: '{CANARY}' is no date" for n in range(3)]
    details += [f"{CANARY} was it", f"t.html:7: {CANARY}", f"{CANARY}: 3: x", ""]
    rows = [failure(f"bad-{n}", detail) for n, detail in enumerate(details)]
    warnings = [f"a.css:3: '{CANARY}' is not known", f"1 character has no glyph in any font: U+0041 {CANARY}"]
    rows += [row("a", warnings=warnings, record_hash=CANARY, sha256=CANARY, attempt=CANARY)]
    text = shown(Tally().add_all([batch(rows)]))
    assert CANARY not in text
    assert "U+0041" not in text
    said = words(text)
    assert "'…' is not known a.css:3 1" in said
    assert "characters have no glyph in any font" in said
    assert "t.html:0 1 t.html:1 1 t.html:2 1 t.html:7 1" in said


@pytest.mark.parametrize(
    ("detail", "place"),
    [
        ("document a: b: t.html:3: no", "t.html:3"),
        ("t.html: no", "t.html"),
        ("document other: t.html:3: no", ""),
        ("more CPU seconds", ""),
        ("parts/kopf ä.html.j2:12: x", "parts/kopf ä.html.j2:12"),
    ],
)
def test_the_place_of_a_failure(detail: str, place: str) -> None:
    assert failure_place("a: b", detail) == place


def test_kinds_of_warnings() -> None:
    assert warning_kind("a.css:3: 'x' is 'y' here") == ("'…' here", "a.css:3")
    assert warning_kind("'colour' is unknown; did you mean 'color'?") == ("'…' is unknown", "")
    assert warning_kind("the record's table is cut off") == ("the record's table is cut off", "")


def many(documents: int) -> Iterator[pa.RecordBatch]:
    """Documents and failures of which no two are alike in anything that could be remembered."""
    for start in range(0, documents, 5000):
        yield batch(
            [
                failure(f"id-{n}", f"document id-{n}: t{n}.html:{n}: no")
                if n % 3 == 0
                else row(f"id-{n}", warnings=[f"a{n}.css:{n}: w"], length=n + 1, pages=n % 40 + 1, render_ms=n / 7)
                for n in range(start, start + 5000)
            ]
        )


def test_the_order_of_rows_does_not_matter() -> None:
    batches = list(many(15_000))
    one = Tally().add_all(batches)
    random.Random(1).shuffle(batches)
    other = Tally().add_all(batches)
    assert shown(one) == shown(other)
    assert len(one.warnings.counts) == KINDS
    assert one.warnings.others == 10_000 - KINDS


def test_memory_does_not_grow_with_documents() -> None:
    tally, peaks = Tally(), []
    before = pa.total_allocated_bytes()
    batches = many(40_000)
    tracemalloc.start()
    try:
        for one in batches:
            tracemalloc.reset_peak()
            tally.add(one)
            del one
            peaks.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert tally.documents + tally.failed == 40_000
    # The generator's own rows are made and gone in each round; what stays is the tally.
    assert peaks[-1] - peaks[2] < 1_000_000
    assert pa.total_allocated_bytes() - before < 1_000_000


def test_packs_are_where_rows_say() -> None:
    folders = ["packs/r1", "rolled/r"] * 3 + ["packs/r2", "packs/r3"]
    rows = [row(str(n), uri=f"s3://lake/{folder}/{n % 4}.zip") for n, folder in enumerate(folders)]
    said = words(shown(Tally().add_all([batch(rows[:5]), batch(rows[5:])])))
    assert "packs 2: s3://lake/packs/r1/ 1: s3://lake/packs/r2/ 1: s3://lake/packs/r3/ 2 in other folders" in said


def test_percentiles_are_a_little_above_the_value() -> None:
    spread = Spread(0.01)
    spread.add(pa.array([float(n) for n in range(1, 1001)] + [None]))
    for fraction, value in ((0.5, 500), (0.95, 950), (0.99, 990), (1.0, 1000)):
        assert value <= spread.percentile(fraction) <= value * 1.024
    assert sum(count for *_, count in spread.bars()) == 1000
    kept: Kept[str] = Kept(2)
    for key in "cabacd":
        kept.add(key, 1)
    assert (kept.ordered(), kept.others) == ([("a", 2), ("b", 1)], 3)


def test_a_day_of_runs_is_one_page_and_one_verification(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    day = [StoredRun(out, f"inv-20261126-{n}", [f"{n}-{m}" for m in range(3)] + ["same", "bad"]) for n in range(3)]
    for one in [*day, StoredRun(out, "inv-20261127-0", ["other"])]:
        one.commit()
    config = day[0].config
    text = run_report(config, runs="inv-20261126-")
    said = words(text)
    assert "Reconciled: 15 records counted = 12 documents + 3 failures + 0 skipped." in said
    assert "3 committed runs" in said
    assert "20261127" not in said.replace("2026-11-27", "")
    assert "spark-pdf verify CONFIG.yaml --runs inv-20261126-" in said
    assert text == run_report(config, runs="inv-20261126-")
    report = verify(config, runs="inv-20261126-", hashes="all")
    assert report.ok, report.findings
    assert (report.rows, report.documents, report.failed, report.runs) == (15, 12, 3, "inv-20261126-")
    day[1].store.delete([one.key for one in day[1].store.list("packs/inv-20261126-1")])
    assert not verify(config, runs="inv-20261126-").ok
    assert verify(config, runs="inv-20261127").ok
    for wrong in ("nothing-", "no/"):
        with pytest.raises(UsageError, match="begins"):
            verify(config, runs=wrong)
        with pytest.raises(UsageError, match="begins"):
            run_report(config, runs=wrong)


def test_it_lies_beside_the_runs_files(run: StoredRun) -> None:
    run.commit()
    key = RunLocations("r1").report
    leave_report(run.config, "r1")
    assert not run.store.exists(key), "only where it is asked for"
    asked = run.config.model_copy(update={"report": True})
    leave_report(asked, "r1")
    assert run.store.read(key).decode() == run_report(run.config, "r1")
    run.store.write(key, b"earlier")
    leave_report(asked, "r1", again=False)
    assert run.store.read(key) == b"earlier"
    assert write_report(run.config, "r1").endswith("/out/_runs/r1/report.html")
    leave_report(asked, "no-such-run")  # a warning in the log


def test_an_erasure_meanwhile_leaves_no_report(run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run.commit()

    def slow(*args: Any, **values: Any) -> str:
        text = run_report(*args, **values)
        erase(run.config, ["doc-001"])
        return text

    with monkeypatch.context() as patch:
        patch.setattr(writing, "run_report", slow)
        with pytest.raises(StoreError, match="documents were erased"):
            write_report(run.config, "r1")
    key = RunLocations("r1").report
    assert not run.store.exists(key)
    run.store.write(begun_erasure("e1"), b"{}")
    with pytest.raises(StoreError, match=r"e1\.json goes on, or was interrupted"):
        write_report(run.config, "r1")
    run.store.delete([begun_erasure("e1")])
    write_report(run.config, "r1")
    assert b"doc-001" not in run.store.read(key)


def test_batches_have_no_reports_of_their_own(run: StoredRun) -> None:
    values = run.config.model_dump(mode="json", exclude_defaults=True)
    with pytest.raises(ConfigError, match="spark-pdf report --runs"):
        parse_config({**values, "report": True, "watch": {}})


def rows_by_sql(text: str) -> list[str]:
    """Ids that the page's own SQL finds."""
    duckdb = pytest.importorskip("duckdb")
    sql = next(html.unescape(one) for one in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL) if "DuckDB" in one)
    return sorted(one[0] for one in duckdb.connect().execute(sql).fetchall())


def test_the_sql_that_it_shows_finds_the_failures(run: StoredRun) -> None:
    assert rows_by_sql(run_report(run.commit().config, "r1")) == ["bad-1", "bad-2"]


@pytest.mark.parametrize("kind", ["parquet", "delta"])
def test_the_sql_of_a_day_finds_no_other_days(kind: str, tmp_path: Path) -> None:
    out, manifest = str(tmp_path / "out"), {"format": kind}
    runs = [StoredRun(out, name, ["one", f"bad-{name}"], manifest=manifest) for name in ("a_1", "a_2", "a-3")]
    for one in runs:
        one.commit()
    config = runs[0].config
    text = run_report(config, runs="a_")
    if kind == "parquet":
        assert rows_by_sql(text) == ["bad-a_1", "bad-a_2"]
    else:
        # An extension of DuckDB reads Delta; what decides is the condition, over the same rows.
        duckdb = pytest.importorskip("duckdb")
        condition = re.search(r"WHERE (.*?);", html.unescape(text))[1]  # type: ignore[index]
        rows = pa.Table.from_batches(open_table(config).scan(["run_id", "document_id", "status"]))
        found = duckdb.connect().execute(f"SELECT document_id FROM rows WHERE {condition}").fetchall()
        assert (rows.num_rows, sorted(one[0] for one in found)) == (6, ["bad-a_1", "bad-a_2"])


def test_tables_say_what_their_heads_are_of(run: StoredRun) -> None:
    """Screen readers read a table by them, and a page by its landmarks."""
    text = run_report(run.commit().config, "r1")
    assert set(re.findall(r"<th\b([^>]*)>", text)) == {
        ' scope="row"', ' scope="col"', ' scope="col" class="n"', ' scope="col" class="w"'
    }  # fmt: skip
    assert [text.count(mark) for mark in ("<header>", "<main>", "</main>")] == [1, 1, 1]
