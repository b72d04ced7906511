"""Fixtures that all tests share, one module for each kind of server."""

from __future__ import annotations

from tests.s3_fixtures import fault_proxy, s3_bucket, s3_server
from tests.spark_fixtures import cluster, connect, connect_url, java, pytest_configure, session_spark, spark

__all__ = [
    "cluster",
    "connect",
    "connect_url",
    "fault_proxy",
    "java",
    "pytest_configure",
    "s3_bucket",
    "s3_server",
    "session_spark",
    "spark",
]
