"""Kubernetes: a SparkApplication of the Spark operator (sparkoperator.k8s.io/v1beta2), by the API's custom objects.

The object's name is made of the attempt's token, so one that is created twice is there once (409 is no error). The
image brings the environment; what is staged is the config and the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from spark_pdf.config import Config
from spark_pdf.errors import AccessDenied, PlatformUnreachable, UnsupportedError, UsageError
from spark_pdf.submit.platforms import JobSpec, JobState, Phase, Request, gone

GROUP, VERSION, PLURAL = "sparkoperator.k8s.io", "v1beta2", "sparkapplications"
IMAGE_PYTHON = "/opt/spark-pdf/bin/python"
ENTRY = "local:///opt/spark-pdf/render_documents.py"
"""Both are put there by deploy/k8s/Dockerfile."""

PHASES: Mapping[str, Phase] = {
    "": "active",
    "NEW": "active",
    "SUBMITTED": "active",
    "RUNNING": "active",
    "PENDING_RERUN": "active",
    "SUBMISSION_FAILED": "active",
    "INVALIDATING": "active",
    "SUCCEEDING": "active",
    "FAILING": "active",
    "SUSPENDING": "active",
    "SUSPENDED": "active",
    "RESUMING": "active",
    "UNKNOWN": "active",
    "COMPLETED": "succeeded",
    "FAILED": "failed",
}
"""ApplicationStateType of the operator; what it does not name is taken for active, and bounded by `submit.minutes`."""


class KubernetesPlatform:
    """See `platforms.Platform`."""

    archived = False

    def __init__(self, config: Config) -> None:
        assert config.submit.k8s is not None
        self._own = config.submit.k8s

    def request(self, spec: JobSpec) -> Request:
        """The SparkApplication."""
        own, conf = self._own, spec.config.submit.conf
        pod = {"serviceAccount": own.service_account, "memory": own.memory, "labels": _labels(spec)}
        python = {"spark.pyspark.python": IMAGE_PYTHON, "spark.pyspark.driver.python": IMAGE_PYTHON}
        return {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": "SparkApplication",
            "metadata": {
                "name": f"spark-pdf-{spec.token[:16]}",
                "namespace": own.namespace,
                "labels": _labels(spec),
                "annotations": {"spark-pdf/run-id": spec.run_id, "spark-pdf/attempt": str(spec.attempt)},
            },
            "spec": {
                "type": "Python",
                "pythonVersion": "3",
                "mode": "cluster",
                "image": own.image,
                "imagePullPolicy": "IfNotPresent",
                "mainApplicationFile": ENTRY,
                "arguments": spec.arguments,
                "sparkVersion": own.spark_version,
                # The scheduler submits again, with the same run_id: an operator that does so hides the exit code.
                "restartPolicy": {"type": "Never"},
                "sparkConf": {"spark.executor.memoryOverheadFactor": "0.25", **python, **conf},
                "driver": {"cores": 1, **pod},
                "executor": {"cores": own.executor_cores, "instances": own.executors, **pod},
            },
        }

    def start(self, request: Request) -> str:
        """Create it; one of that name is this attempt's."""
        from kubernetes.client import ApiException

        api, name = self._api(), str(request["metadata"]["name"])
        with _said(f"the SparkApplication {name} cannot be created"):
            try:
                api.create_namespaced_custom_object(GROUP, VERSION, self._own.namespace, PLURAL, request)
            except ApiException as error:
                if error.status != 409:
                    raise
        return name

    def find(self, spec: JobSpec) -> str | None:
        """Its name does it."""
        return None

    def look(self, job_id: str) -> JobState:
        """The object's state, as the operator keeps it."""
        from kubernetes.client import ApiException

        api = self._api()
        with _said(f"SparkApplication {job_id}"):
            try:
                found = api.get_namespaced_custom_object(GROUP, VERSION, self._own.namespace, PLURAL, job_id)
            except ApiException as error:
                if error.status != 404:
                    raise
                return gone(f"namespace {self._own.namespace}")
        status: Mapping[str, Any] = found.get("status") or {}
        state: Mapping[str, Any] = status.get("applicationState") or {}
        word = str(state.get("state") or "")
        pod = (status.get("driverInfo") or {}).get("podName") or f"{job_id}-driver"
        logs = f"kubectl logs -n {self._own.namespace} {pod}"
        return JobState(word or "NEW", PHASES.get(word, "active"), str(state.get("errorMessage") or ""), logs)

    def cancel(self, job_id: str) -> None:
        """Delete it, which ends its pods. One that is gone is no error."""
        from kubernetes.client import ApiException

        with _said(f"SparkApplication {job_id} cannot be deleted"):
            try:
                self._api().delete_namespaced_custom_object(GROUP, VERSION, self._own.namespace, PLURAL, job_id)
            except ApiException as error:
                if error.status != 404:
                    raise

    def _api(self) -> Any:
        try:
            from kubernetes import client
            from kubernetes import config as untyped
        except ImportError:
            raise UnsupportedError("submitting to Kubernetes needs an extra: pip install 'spark-pdf[k8s]'") from None
        config: Any = untyped
        with _said("submit.k8s"):
            try:
                config.load_kube_config(context=self._own.context)
            except config.ConfigException:
                if self._own.context is not None:
                    raise
                config.load_incluster_config()  # within a pod: a scheduler's, for instance
        return client.CustomObjectsApi()


def _labels(spec: JobSpec) -> dict[str, str]:
    """Ours and the config's, as far as a label may hold them."""
    named = {"app.kubernetes.io/name": "spark-pdf", **spec.tags}
    return {key: re.sub(r"[^A-Za-z0-9._-]", "-", value)[:63].strip("._-") for key, value in named.items()}


@contextmanager
def _said(what: str) -> Iterator[None]:
    """An error of the client's as one of ours."""
    from kubernetes.client import ApiException
    from kubernetes.config import ConfigException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        sentence = f"{what}: {error.status} {error.reason}"
        if error.status in (401, 403):
            raise AccessDenied(sentence) from None
        if error.status in (400, 404, 422):
            raise UsageError(sentence) from None
        raise PlatformUnreachable(sentence) from None
    except ConfigException as error:
        raise UsageError(f"{what}: {error}") from None
    except (HTTPError, OSError) as error:
        raise PlatformUnreachable(f"{what}: {type(error).__name__}") from None
