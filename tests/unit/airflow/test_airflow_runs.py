"""Names of runs and what became of them, without Airflow."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.airflow import get_provider_info
from spark_pdf.airflow.runs import config_paths, read_config, report_url, run_id_of, settings
from spark_pdf.config import Config, parse_config
from spark_pdf.store.locations import RunLocations
from tests.spark_fixtures import spark_config

DATE = datetime(2026, 11, 1, 2, tzinfo=timezone(timedelta(hours=2)))


def test_a_run_id_is_readable_where_it_can_be() -> None:
    assert run_id_of("nightly", "render", DATE, "scheduled__x") == "nightly--render--20261101T000000"
    assert run_id_of("nightly", "group.render", DATE, "x", 3) == "nightly--group.render--20261101T000000--3"
    assert run_id_of("nightly", "render", DATE.replace(microsecond=5), "x") == "nightly--render--20261101T000000.000005"
    assert run_id_of("nightly", "render", None, "asset_1") == "nightly--render--asset_1"
    named = run_id_of("nightly", "render", None, "manual__2026-11-01T02:00:00+00:00")
    assert named.startswith("nightly--render--manual__2026-11-01T02-00-00-00-00-")


NAMES = st.text(st.sampled_from("ab-._ü:+"), min_size=1, max_size=60)
TASKS = st.tuples(NAMES, NAMES, NAMES, st.integers(-1, 12))


@given(TASKS, TASKS)
def test_run_ids_are_keys_and_differ(one: Any, other: Any) -> None:
    ids = [run_id_of(dag, task, None, run, index) for dag, task, run, index in (one, other)]
    for run_id in ids:
        RunLocations(f"{run_id}.retry-1")
    assert (ids[0] == ids[1]) == (one == other)


def test_a_texts_setting_stays_a_text(tmp_path: Path) -> None:
    sets = {"document.id": "2026-11-01", "limits.failed_fraction": 0.5, "limit": "7", "output.tags": {"a": "no: {b}"}}
    (tmp_path / "a.yaml").write_text("{name: a, source: {path: x}, template: t, output: {uri: o}, document: {id: i}}")
    config = read_config("a.yaml", sets, str(tmp_path))
    assert (config.document.id, config.limits.failed_fraction, config.limit) == ("2026-11-01", 0.5, 7)
    assert config.output.tags == {"a": "no: {b}"}
    assert settings(None) == []


def test_relative_configs_lie_beside_the_dag_or_where_the_process_runs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    assert config_paths(["a.yaml", "b.yaml"], str(tmp_path)) == [str(tmp_path / "a.yaml"), "b.yaml"]
    assert config_paths("a.yaml") == ["a.yaml"]


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("s3://lake/invoices", "https://console.aws.amazon.com/s3/buckets/lake?prefix=invoices/_runs/r1/"),
        ("s3a://lake", "https://console.aws.amazon.com/s3/buckets/lake?prefix=_runs/r1/"),
        ("gs://lake/invoices", "https://console.cloud.google.com/storage/browser/lake/invoices/_runs/r1"),
        ("out/invoices", ""),
    ],
)
def test_where_people_look_at_a_run(uri: str, url: str) -> None:
    config = spark_config(output={"uri": uri})
    assert report_url(config, "r1", None) == url
    assert report_url(config, "r1", "https://reports/{run_id}?full") == "https://reports/r1?full"


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("s3://lake/a b", "https://console.aws.amazon.com/s3/object/lake?prefix=a%20b/_runs/r1/report.html"),
        ("gs://lake", "https://console.cloud.google.com/storage/browser/_details/lake/_runs/r1/report.html"),
        ("out/invoices", ""),
    ],
)
def test_the_link_leads_to_the_report_where_the_run_leaves_one(uri: str, url: str) -> None:
    config = spark_config(output={"uri": uri}, report=True)
    assert config.store_options(uri).endpoint is None
    assert report_url(config, "r1", None) == url
    assert report_url(config, "r1", "https://reports/{run_id}") == "https://reports/r1"


def test_a_config_without_its_defaults_is_the_same() -> None:
    """What travels to the triggerer."""
    config = spark_config(
        limits={"seconds_per_document": 3},
        stores={"s3://lake": {"access_key_id": "env:KEY"}},
        manifest={"columns": ["a"]},
    )
    again: Config = parse_config(config.model_dump(mode="json", exclude_defaults=True))
    assert again == config


def test_the_provider_is_described_without_airflow() -> None:
    info = get_provider_info()
    assert info["package-name"] == "spark-pdf"
    assert info["extra-links"] == ["spark_pdf.airflow.links.RunReportLink"]
