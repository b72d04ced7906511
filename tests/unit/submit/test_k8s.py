"""Kubernetes: manifests by the schemas of Kubernetes and the Spark operator's CRD, and `submit k8s` with the real
client against a stand-in of the API server on loopback, which knows names and answers 409 to one that is taken.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.errors import AccessDenied, RunEndedElsewhere
from spark_pdf.submit import follow, kubernetes
from spark_pdf.submit.attempts import Attempts
from spark_pdf.submit.staging import open_staging
from tests.unit.submit.conftest import ROOT

K8S = ROOT / "deploy" / "k8s"
PLACE = "/apis/sparkoperator.k8s.io/v1beta2/namespaces/documents/sparkapplications"


class ApiServer:
    """Custom objects of one namespace."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.states: list[str] = [""]
        self.refuse = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                taken = body["metadata"]["name"] in api.objects
                if not taken and self.path.startswith(PLACE):
                    api.objects[body["metadata"]["name"]] = body
                self._answer(409 if taken else 201, body)

            def do_GET(self) -> None:
                found = api.objects.get(self.path.removeprefix(f"{PLACE}/"))
                state = api.states.pop(0) if len(api.states) > 1 else api.states[0]
                status = {"applicationState": {"state": state, "errorMessage": "driver pod failed"}} if state else None
                self._answer(200 if found else 404, {**(found or {}), **({"status": status} if status else {})})

            def do_DELETE(self) -> None:
                found = api.objects.pop(self.path.removeprefix(f"{PLACE}/").partition("?")[0], None)
                self._answer(200 if found else 404, {})

            def _answer(self, status: int, value: dict[str, Any]) -> None:
                data = json.dumps(value).encode()
                self.send_response(api.refuse or status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    made = ApiServer()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": made.url}}],
        "users": [{"name": "test", "user": {"token": "testing"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
    from kubernetes.config import kube_config

    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "kubeconfig"))
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def config(make_config: Callable[..., Config]) -> Config:
    return make_config({"k8s": {"image": "registry.example.com/spark-pdf:0.1.0", "namespace": "documents"}})


def ends(config: Config, result: dict[str, Any]) -> Callable[[float], None]:
    return lambda seconds: open_staging(config).write("runs/r/1-result.json", json.dumps(result).encode())


def test_a_run_becomes_one_application_and_ends_with_its_exit_code(api: ApiServer, config: Config, crd: Any) -> None:
    api.states = ["", "SUBMITTED", "RUNNING", "FAILED"]
    said: list[str] = []
    with pytest.raises(RunEndedElsewhere, match="too many") as caught:
        follow.submit(config, "k8s", "r", sleep=ends(config, {"exit_code": 3, "message": "too many"}), say=said.append)
    assert caught.value.exit_code == 3
    ((name, made),) = api.objects.items()
    check(made, crd)
    assert [line.partition(";")[0] for line in said][-4:] == ["NEW", "SUBMITTED", "RUNNING", "FAILED"]
    assert f"kubectl logs -n documents {name}-driver" in said[-1]
    assert made["spec"]["arguments"][1:3] == ["--run-id", "r"]


def test_creating_twice_is_once(api: ApiServer, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Attempts, "started", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        with pytest.raises(OSError, match="power cut"):
            follow.submit(config, "k8s", "r", wait=False)
    follow.submit(config, "k8s", "r", wait=False)
    assert len(api.objects) == 1


def test_it_is_cancelled_and_refused(api: ApiServer, config: Config) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow.submit(config, "k8s", "r", sleep=interrupt, cancel=True)
    assert api.objects == {}
    # The object is gone, and with it what the operator knew of it: the run is not lost for that.
    said: list[str] = []
    follow.submit(config, "k8s", "r", wait=False, say=said.append)
    assert len(api.objects) == 1
    assert "GONE and has left no result: namespace documents does not know it" in said[0]
    api.refuse = 403
    with pytest.raises(AccessDenied, match="cannot be created: 403"):
        follow.submit(config, "k8s", "other", wait=False)


@pytest.fixture(scope="module")
def crd() -> Any:
    """The schema of the operator's CRD, made strict: the API server prunes what it does not know, silently."""
    named = os.environ.get("SPARK_PDF_OPERATOR_CRD")
    version = re.search(r"SPARK_OPERATOR_VERSION := (\S+)", (ROOT / "Makefile").read_text())
    assert version is not None
    path = Path(named or Path.home() / f".cache/spark-pdf/spark-operator-{version[1]}/sparkapplications.yaml")
    if not path.exists():
        assert named is None, f"SPARK_PDF_OPERATOR_CRD names {path}, which is not there"
        pytest.skip("the Spark operator's CRD is not there; `make test` fetches it")
    (found,) = [v for v in yaml.safe_load(path.read_text())["spec"]["versions"] if v["name"] == kubernetes.VERSION]
    return strict(found["schema"]["openAPIV3Schema"])


def strict(schema: Any) -> Any:
    """No property but those that are named."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    return made


def check(application: dict[str, Any], crd: Any) -> None:
    import jsonschema

    found = list(jsonschema.Draft202012Validator(crd).iter_errors(application))
    assert not found, [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def test_the_manifest_is_what_the_crd_says(crd: Any) -> None:
    check(yaml.safe_load((K8S / "spark-application.yaml").read_text()), crd)


def test_a_typo_in_the_manifest_is_refused(crd: Any) -> None:
    application = yaml.safe_load((K8S / "spark-application.yaml").read_text())
    for spec in ({"executor": {"core": 4}}, {"mode": "clustre"}, {"arguments": "one"}):
        with pytest.raises(AssertionError):
            check({**application, "spec": {**application["spec"], **spec}}, crd)


def test_the_manifest_is_what_submit_makes() -> None:
    shown = yaml.safe_load((K8S / "spark-application.yaml").read_text())["spec"]
    values = load_config([ROOT / "conf" / "invoices.yaml", ROOT / "conf" / "s3.yaml", K8S / "submit.yaml"]).model_dump(
        mode="json", exclude_unset=True
    )
    for view in values["source"]["views"].values():
        view["path"] = view["path"].replace("data/", "s3://lake/")
    made = follow.dry_run(Config.model_validate(values), "k8s", "2026-11")["spec"]
    for own in ("restartPolicy", "timeToLiveSeconds", "arguments", "driver", "executor"):
        shown.pop(own), made.pop(own, None)
    assert made == shown


def test_plain_resources_are_what_kubernetes_says() -> None:
    import kubernetes_validate

    resources = list(yaml.safe_load_all((K8S / "rbac.yaml").read_text()))
    assert [resource["kind"] for resource in resources] == ["ServiceAccount", "Role", "RoleBinding", "Role"]
    for resource in resources:
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
        for rule in resource.get("rules", ()):
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
    broken = {**resources[1], "rules": [{"apiGroup": [""]}]}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, kubernetes_validate.latest_version(), strict=True)


def test_the_image_has_what_submit_names() -> None:
    text = (K8S / "Dockerfile").read_text()
    assert kubernetes.IMAGE_PYTHON.removesuffix("/bin/python") in text
    assert f"/tmp/entry.py {kubernetes.ENTRY.removeprefix('local://')}" in text
    for source in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name
