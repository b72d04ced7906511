"""Configs as they are written: YAML files, overlays, `--set`; one sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_pdf.config import load_config
from spark_pdf.errors import ConfigError

CONFIG = """
name: invoices
source: {format: parquet, path: orders}
template: invoice
document: {id: id}
output: {uri: out}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


def said(*paths: Path, sets: tuple[str, ...] = ()) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(paths, sets)
    return str(caught.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("output.key={document_id}", "{document_id}"),
        ("output.key={day:%Y}/{document_id}", "{day:%Y}/{document_id}"),
        ("output.key='{document_id}'", "{document_id}"),
        ("output.key=on", "on"),
    ],
)
def test_set_takes_texts_that_yaml_reads_otherwise(config: Path, setting: str, value: str) -> None:
    assert load_config([config], [setting]).output.key == value


def test_set_reads_yaml(config: Path) -> None:
    settings = load_config([config], ["limit=20", "spark.conf={a: b}", "stores.s3://b.anonymous=true", "limit=null"])
    assert (settings.limit, settings.spark.conf, settings.stores["s3://b"].anonymous) == (None, {"a": "b"}, True)


def test_no_is_a_text_in_a_file_too(config: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("output: {tags: {country: no}}")
    assert load_config([config, overlay]).output.tags == {"country": "no"}


def test_a_key_that_stands_twice_is_refused_with_its_line(config: Path) -> None:
    config.write_text(CONFIG + "output: {uri: elsewhere}\n")
    assert said(config) == f"{config}:7: not valid YAML: 'output' stands twice"


def test_anchors_and_merges_are_no_twins(config: Path) -> None:
    config.write_text(CONFIG + "tasks: &t {documents: 5}\nlocal: {processes: 2}\nspark: {conf: {<<: {a: b}, c: d}}\n")
    assert load_config([config]).spark.conf == {"a": "b", "c": "d"}


def test_a_file_that_is_no_text(config: Path) -> None:
    config.write_bytes(b"\xff\xfe\x00")
    assert said(config) == f"{config}: a config is text in UTF-8, and this is not"


def test_a_number_where_a_text_is_due(config: Path) -> None:
    assert said(config, sets=("output.key=2026",)) == (
        "config key 'output.key' is text; where YAML reads a value as something else, put it in quotes"
    )


@pytest.mark.parametrize("table", ["invoices", ".invoices", "docs."])
def test_an_iceberg_table_has_a_namespace(config: Path, table: str) -> None:
    manifest = f"manifest={{format: iceberg, table: '{table}', catalog: {{type: sql}}}}"
    assert said(config, sets=(manifest,)).endswith(f"an iceberg table is written namespace.table, not '{table}'")


def test_a_value_of_the_wrong_form_is_told_what_is_expected(config: Path) -> None:
    assert said(config, sets=("name=my invoices",)) == (
        "config key 'name' has the wrong form; expected: of the job, in letters, digits, '.', '_' and '-'; "
        "begins the ids of runs that nobody names"
    )
    message = said(config, sets=("submit.emr_step.cluster_id=mine",))
    assert message.endswith("has the wrong form; expected: of the cluster, such as j-0ABCDEFGHIJKL")
