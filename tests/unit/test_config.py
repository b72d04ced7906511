"""Configs as they are written: YAML files, overlays, `--set`; one sentence for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_pdf.config import load_config
from spark_pdf.errors import ConfigError

INTEGER = "config key 'tasks.documents': it should be a valid integer, unable to parse string as an integer"
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
        "--set output.key: config key 'output.key' is text; "
        "where YAML reads a value as something else, put it in quotes"
    )


def test_a_finding_says_in_which_file_and_line(config: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("# of the night\noutput:\n  uri: elsewhere\n  layot: packs\n")
    assert said(config, overlay) == f"{overlay}:4: config key 'output.layot' is unknown; did you mean 'layout'?"
    # What is missing is looked for in the section that lacks it.
    config.write_text(CONFIG.replace("{id: id}", "{}"))
    assert said(config) == f"{config}:5: config key 'document.id' is missing"
    config.write_text(CONFIG.replace("template: invoice", "limit: 0"))
    assert said(config, sets=("tasks.documents=few",)).splitlines() == [
        "config key 'template' is missing",
        f"--set tasks.documents: {INTEGER}",
        f"{config}:4: config key 'limit': it should be greater than or equal to 1",
    ]


def test_a_limit_that_is_none_has_the_nearest_one(config: Path) -> None:
    message = "--set limits.pages_per_documents: config key 'limits.pages_per_documents' is unknown; "
    assert said(config, sets=("limits.pages_per_documents=3",)) == message + "did you mean 'pages_per_document'?"


def test_a_section_that_only_a_set_has_is_the_sets(config: Path) -> None:
    message = "--set outptu.uri: config key 'outptu' is unknown; did you mean 'output'?"
    assert said(config, sets=("outptu.uri=x",)) == message
    config.write_text(CONFIG.replace("{id: id}", "{}"))
    assert said(config, sets=("document.cost=lines",)) == f"{config}:5: config key 'document.id' is missing"


def test_aliases_of_aliases_are_told_once(config: Path) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    config.write_text(CONFIG + "a0: &a0 [1]\n" + levels)
    assert said(config).splitlines()[0].startswith(f"{config}:7: config key 'a0' is unknown")


def test_what_is_wrong_with_several_keys_together_names_no_empty_one(config: Path, tmp_path: Path) -> None:
    assert said(config, sets=("report=true", "watch={}")).startswith("config: report: ")


@pytest.mark.parametrize("table", ["invoices", ".invoices", "docs."])
def test_an_iceberg_table_has_a_namespace(config: Path, table: str) -> None:
    manifest = f"manifest={{format: iceberg, table: '{table}', catalog: {{type: sql}}}}"
    assert said(config, sets=(manifest,)).endswith(f"an iceberg table is written namespace.table, not '{table}'")


def test_a_value_of_the_wrong_form_is_told_what_is_expected(config: Path) -> None:
    assert said(config, sets=("name=my invoices",)) == (
        "--set name: config key 'name' has the wrong form; expected: of the job, in letters, digits, '.', '_' and '-'; "
        "begins the ids of runs that nobody names"
    )
    message = said(config, sets=("submit.emr_step.cluster_id=mine",))
    assert message.endswith("has the wrong form; expected: of the cluster, such as j-0ABCDEFGHIJKL")
