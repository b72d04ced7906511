"""Options of the format `spark_pdf`: what is misspelt, or asks for two things at once, is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from spark_pdf.engines.spark.options import read_options, write_options
from spark_pdf.errors import ConfigError, UsageError

CONFIG = {
    "name": "letters",
    "source": {"path": "-"},
    "template": "-",
    "document": {"id": "id"},
    "output": {"uri": "memory://x"},
}
YAML = yaml.safe_dump(CONFIG)


def test_what_is_asked_for() -> None:
    asked = read_options({"yaml": YAML, "run_id": "r", "partitions": "3", "content": "TRUE"})
    assert (asked.config.name, asked.run_id, asked.partitions, asked.content) == ("letters", "r", 3, True)
    asked = read_options({"manifest": "delta", "path": "memory://x/manifest"})
    assert (asked.config.manifest_uri(), asked.config.manifest.format) == ("memory://x/manifest", "delta")
    assert (asked.located, asked.run_id, asked.partitions, asked.content) == (True, None, 8, False)
    config, run_id = write_options({"yaml": YAML, "run_id": "r"})
    assert (config.name, run_id) == ("letters", "r")


def test_with_a_config_a_path_is_a_run() -> None:
    """`load("2026-11")` gave the rows of every run."""
    asked = read_options({"yaml": YAML, "path": "2026-11"})
    assert (asked.run_id, asked.located) == ("2026-11", False)
    with pytest.raises(UsageError, match="load\\(\\) names run a, and the option run_id b"):
        read_options({"yaml": YAML, "path": "a", "run_id": "b"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runid": "r"}, "option 'runid' is none of the format spark_pdf; did you mean 'run_id'?"),
        ({"conten": "true"}, "did you mean 'content'?"),
        ({"mergeSchema": "true"}, "option 'mergeSchema' is none of the format spark_pdf; there are: config, yaml"),
        ({"partitions": "x"}, "option partitions: a number from 1 on, not 'x'"),
        ({"partitions": "0"}, "option partitions"),
        ({"partitions": "-4"}, "option partitions"),
        ({"content": "yes"}, "option content: true or false, not 'yes'"),
        ({"manifest": "delta"}, "option manifest: the config says it"),
        ({"config": "letters.yaml"}, "options config and yaml: give one of them"),
    ],
)
def test_a_reader_refuses_by_name(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_options({"yaml": YAML, **options})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runid": "r"}, "did you mean 'run_id'?"),
        ({"content": "true"}, "option 'content' is none of"),
        ({"path": "s3://elsewhere/out"}, "a write takes no path"),
        ({"yaml": ""}, "name a config"),
    ],
)
def test_a_write_refuses_by_name(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        write_options({"yaml": YAML, **options})
    assert said in str(caught.value)


@pytest.mark.parametrize("given", [{}, {"manifest": "delta"}])
def test_nothing_that_names_a_table(given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="name a config"):
        read_options(given)
    with pytest.raises(ConfigError, match="parquet, delta, iceberg"):
        read_options({"manifest": "hudi", "path": "x"})
    with pytest.raises(ConfigError, match="a config is a mapping"):
        read_options({"yaml": "- a"})


def test_text_is_read_as_files_are() -> None:
    with pytest.raises(ConfigError, match=r"option yaml:\d+: not valid YAML: 'name' stands twice"):
        read_options({"yaml": YAML + "name: other\n"})
    with pytest.raises(ConfigError, match="option yaml:1: not valid YAML"):
        read_options({"yaml": "a: ["})
