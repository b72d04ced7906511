"""Resource profiles: what they are made of, and where they are refused. A cluster gives them in integration tests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf.config import Profile
from spark_pdf.engines.spark.profile import stage_profile
from spark_pdf.errors import ConfigError, UnsupportedError
from tests.spark_fixtures import spark_config


def session(connect: bool = False, version: str = "4.1.4", master: str = "yarn") -> Any:
    """As much of a session as is looked at."""
    spark = SimpleNamespace(version=version, sparkContext=SimpleNamespace(master=master))
    return SimpleNamespace(connect=connect, spark=spark)


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (session(connect=True), "spark.profile needs a classic session"),
        (session(master="local[2,4]"), r"spark\.profile: local\[2,4\] has one executor"),
        (session(version="3.5.9"), r"spark\.profile: mapInArrow of Spark 3\.5\.9 takes none; set spark\.adapter"),
    ],
)
def test_where_spark_has_none_the_setting_is_named(opened: Any, said: str) -> None:
    with pytest.raises(UnsupportedError, match=said):
        stage_profile(opened, Profile(task_cpus=2), arrow=True)
    assert stage_profile(opened, None, arrow=True) is None


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({}, "a profile names task_cpus"),
        ({"executor_memory": "4 GB"}, "executor_memory"),
        ({"executor_memory": "4g", "task_cpus": 0}, "task_cpus"),
        ({"memory": "4g"}, "memory"),
    ],
)
def test_what_is_no_profile_is_refused(profile: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        spark_config(spark={"profile": profile})
