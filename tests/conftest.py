"""Fixtures that all tests share, one module for each kind of server, and the markers that follow from them.

Hypothesis tries other examples each time, except in CI, where what passes once has to pass again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.airflow_fixtures import airflow
from tests.engines_fixtures import engines, engines_python
from tests.kafka_fixtures import kafka
from tests.rabbit_fixtures import rabbit
from tests.s3_fixtures import fault_proxy, s3_bucket, s3_server
from tests.spark_fixtures import cluster, connect, connect_url, java, pytest_configure, session_spark, spark

__all__ = [
    "airflow",
    "cluster",
    "connect",
    "connect_url",
    "engines",
    "engines_python",
    "fault_proxy",
    "java",
    "kafka",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "rabbit",
    "s3_bucket",
    "s3_server",
    "session_spark",
    "spark",
]

MARKER_OF = {
    "airflow": "airflow",
    "java": "spark",
    "s3_server": "s3",
    "cluster": "cluster",
    "engines_python": "engines",
    "rabbit": "queue",
}
ORDER = ("s3", "queue", "spark", "airflow", "engines", "slow", "cluster")

# What runs in environments of its own, by a pytest that a test here starts.
collect_ignore_glob = ["environments/*"]

# Examples are not timed: a busy machine is no failure.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("tests"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "tests")


def pytest_sessionstart() -> None:
    """Python prefers a compiled module to its source, so one that is older would hide what was changed."""
    for made in (Path(__file__).parent.parent / "spark_pdf").rglob("*.so"):
        source = made.with_name(made.name.split(".")[0] + ".py")
        if source.exists() and source.stat().st_mtime > made.stat().st_mtime:
            pytest.exit(f"{source.name} is newer than what was compiled of it: make compile, or make pure", 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a server, so that `make check` starts none; and put the fast ones first.

    What asks for a server by its name only (`getfixturevalue`) has to mark itself.
    """
    for item in items:
        for fixture in MARKER_OF.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARKER_OF[fixture])
    items.sort(key=lambda item: max((ORDER.index(m.name) for m in item.iter_markers() if m.name in ORDER), default=-1))
