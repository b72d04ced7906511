"""The resource profile of the stage that renders (`spark.profile`): Spark's stage-level scheduling.

In: a session and a config. Out: a profile for `mapInArrow` and `withResources`, or None. What Spark cannot do is
refused by the name of the setting before anything runs: Spark itself would say so when the stage is made, after all
records were counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_pdf.config import Profile
from spark_pdf.engines.spark.session import OpenSession
from spark_pdf.errors import UnsupportedError

if TYPE_CHECKING:
    from pyspark.resource import ResourceProfile


def stage_profile(session: OpenSession, wanted: Profile | None, *, arrow: bool) -> ResourceProfile | None:
    """The profile that `spark.profile` asks for. `arrow`: the stage is one of mapInArrow's."""
    if wanted is None:
        return None
    if session.connect:
        raise UnsupportedError("spark.profile needs a classic session: over Spark Connect, set resources at the server")
    version, master = session.spark.version, str(session.spark.sparkContext.master)
    if master.startswith("local"):
        raise UnsupportedError(f"spark.profile: {master} has one executor, whose resources are those of this machine")
    if arrow and int(version.split(".")[0]) < 4:
        raise UnsupportedError(f"spark.profile: mapInArrow of Spark {version} takes none; set spark.adapter to rdd")
    profile = _profile(wanted)
    _ask(session, profile)
    return profile


def _profile(wanted: Profile) -> ResourceProfile:
    from pyspark.resource import ExecutorResourceRequests, ResourceProfileBuilder, TaskResourceRequests

    executor, task = ExecutorResourceRequests(), TaskResourceRequests()
    if wanted.executor_cores is not None:
        executor.cores(wanted.executor_cores)
    if wanted.executor_memory is not None:
        executor.memory(wanted.executor_memory)
    if wanted.executor_overhead is not None:
        executor.memoryOverhead(wanted.executor_overhead)
    if wanted.task_cpus is not None:
        task.cpus(wanted.task_cpus)
    builder = ResourceProfileBuilder()
    if wanted.for_executors:
        builder.require(executor)
    return builder.require(task).build


def _ask(session: OpenSession, profile: ResourceProfile) -> None:
    """Raise what Spark says of a profile on this cluster manager."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

    manager = session.spark.sparkContext._jsc.sc().resourceProfileManager()
    try:
        manager.isSupported(profile._java_resource_profile)
    except Py4JJavaError as error:
        said = str(error.java_exception.getMessage())
        raise UnsupportedError(f"spark.profile cannot be had here: {said}") from None
