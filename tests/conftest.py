"""Fixtures that all tests share, one module for each kind of server, and the markers that follow from them."""

from __future__ import annotations

import pytest

from tests.s3_fixtures import fault_proxy, s3_bucket, s3_server
from tests.spark_fixtures import cluster, connect, connect_url, java, pytest_configure, session_spark, spark

__all__ = [
    "cluster",
    "connect",
    "connect_url",
    "fault_proxy",
    "java",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "s3_bucket",
    "s3_server",
    "session_spark",
    "spark",
]

MARKER_OF = {"java": "spark", "cluster": "cluster", "s3_server": "s3"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks for a server, so that `make check` starts none. (What asks by name only marks itself.)"""
    for item in items:
        for fixture in set(getattr(item, "fixturenames", ())) & MARKER_OF.keys():
            item.add_marker(MARKER_OF[fixture])
