from __future__ import annotations

from pathlib import Path

import pytest

from spark_pdf.config import Config, parse_config
from spark_pdf.engines.preflight import needed_columns
from spark_pdf.errors import ConfigError
from spark_pdf.template.bundle import Bundle

COLUMNS = ["id", "name", "customer", "day", "rest"]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    (tmp_path / "template.html").write_text("<p>{{ name }}</p>")
    return Bundle.load(tmp_path)


def config(**output: str) -> Config:
    return parse_config(
        {
            "name": "letters",
            "source": {"format": "parquet", "path": "records"},
            "template": "letter",
            "document": {"id": "id"},
            "output": {"uri": "out", **output},
            "manifest": {"columns": ["day"]},
        }
    )


def test_packs_need_no_key(bundle: Bundle) -> None:
    assert needed_columns(config(key="{nope}"), bundle, COLUMNS) == ["name", "day"]


def test_a_field_of_a_struct_in_the_key_keeps_its_column(bundle: Bundle) -> None:
    with_key = config(layout="objects", key="{customer.city}/{document_id}")
    assert needed_columns(with_key, bundle, COLUMNS) == ["name", "customer", "day"]


def test_a_key_of_a_column_that_is_not_there_is_refused_before_anything_renders(bundle: Bundle) -> None:
    with pytest.raises(ConfigError, match=r"^output\.key: the source has no column 'nope'; it has: id, name, customer"):
        needed_columns(config(layout="objects", key="{nope}/{document_id}"), bundle, COLUMNS)


def test_a_copied_column_that_is_not_there_is_refused(bundle: Bundle) -> None:
    with pytest.raises(ConfigError, match=r"^manifest\.columns: the source has no column 'day'; it has: id, name"):
        needed_columns(config(), bundle, ["id", "name"])
