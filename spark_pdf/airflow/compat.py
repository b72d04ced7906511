"""What Airflow 3 and 2.10 call differently: one name for each, for the rest of the package.

Airflow 3: `airflow.sdk`, and the standard provider that comes with it. Airflow 2.10 and 2.11: `airflow.models`,
datasets in place of assets.
"""

from __future__ import annotations

try:
    from airflow.sdk import (
        Asset,
        AssetAlias,
        BaseOperator,
        BaseOperatorLink,
        BaseSensorOperator,
        PokeReturnValue,
    )
    from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred
    from airflow.sdk.execution_time.xcom import XCom
except ImportError:
    from airflow.datasets import Dataset as Asset
    from airflow.datasets import DatasetAlias as AssetAlias
    from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.baseoperatorlink import BaseOperatorLink
    from airflow.models.xcom import XCom
    from airflow.sensors.base import BaseSensorOperator, PokeReturnValue

try:
    from airflow.providers.standard.hooks.subprocess import SubprocessHook
    from airflow.providers.standard.operators.branch import BranchMixIn
except ImportError:
    from airflow.hooks.subprocess import SubprocessHook
    from airflow.operators.branch import BranchMixIn

from airflow.configuration import conf
from airflow.triggers.base import BaseTrigger, TriggerEvent

__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowSkipException",
    "Asset",
    "AssetAlias",
    "BaseOperator",
    "BaseOperatorLink",
    "BaseSensorOperator",
    "BaseTrigger",
    "BranchMixIn",
    "PokeReturnValue",
    "SubprocessHook",
    "TaskDeferred",
    "TriggerEvent",
    "XCom",
    "default_deferrable",
]


def default_deferrable() -> bool:
    """Airflow's setting `[operators] default_deferrable`."""
    return bool(conf.getboolean("operators", "default_deferrable", fallback=False))
