"""Databricks: the asset bundle by the official models, and `submit databricks` with the real SDK against a stand-in of
the Jobs API on loopback, which keeps idempotency tokens as the real one does.
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
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from spark_pdf.config import Config, load_config
from spark_pdf.errors import AccessDenied, RunEndedElsewhere, UsageError
from spark_pdf.submit import databricks, follow
from spark_pdf.submit.staging import open_staging
from tests.unit.submit.conftest import ROOT

BUNDLE = ROOT / "deploy" / "databricks"


class JobsApi:
    """RunNow, GetRun, CancelRun of one job; `states` are what GetRun answers, one after the other."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        self.states: list[dict[str, str]] = [{"life_cycle_state": "RUNNING"}]
        self.cancelled: list[int] = []
        self.refuse = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(api.post(urlsplit(self.path).path, body))

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(api.get(parts.path, parse_qs(parts.query)))

            def _answer(self, value: dict[str, Any] | None) -> None:
                status = api.refuse or (404 if value is None else 200)
                error = {
                    "error_code": {403: "PERMISSION_DENIED"}.get(status, "RESOURCE_DOES_NOT_EXIST"),
                    "message": "no",
                }
                data = json.dumps(value if status == 200 else error).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if path.endswith("/jobs/run-now") and body["job_id"] == 77:
            run = self.runs.setdefault(body["idempotency_token"], {**body, "run_id": 1000 + len(self.runs)})
            return {"run_id": run["run_id"], "number_in_job": run["run_id"]}
        if path.endswith("/jobs/runs/cancel"):
            self.cancelled.append(body["run_id"])
            return {}
        return None

    def get(self, path: str, query: dict[str, list[str]]) -> dict[str, Any] | None:
        if path.endswith("/jobs/runs/get") and int(query["run_id"][0]) in [run["run_id"] for run in self.runs.values()]:
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            return {"run_id": int(query["run_id"][0]), "state": state, "run_page_url": f"{self.url}/#job/77/run/1"}
        return None


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[JobsApi]:
    made = JobsApi()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    monkeypatch.setenv("DATABRICKS_TOKEN", "testing")
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", "/dev/null")
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def config(api: JobsApi, make_config: Callable[..., Config]) -> Config:
    return make_config({"databricks": {"job_id": 77, "host": api.url}}, source={"table": "main.billing.orders"})


def ends(config: Config, result: dict[str, Any], number: int = 1) -> Callable[[float], None]:
    """What the job leaves while the submitter sleeps."""
    return lambda seconds: open_staging(config).write(f"runs/r/{number}-result.json", json.dumps(result).encode())


def test_the_job_is_run_with_what_was_staged(api: JobsApi, config: Config) -> None:
    api.states = [{"life_cycle_state": "PENDING"}, {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}]
    said: list[str] = []
    done = {"exit_code": 0, "run_id": "r", "documents": 3}
    ending = follow.submit(config, "databricks", "r", sleep=ends(config, done), say=said.append)
    assert ending is not None
    assert ending.result["documents"] == 3
    (run,) = api.runs.values()
    store = open_staging(config)
    staged = yaml.safe_load(store.read(run["job_parameters"]["config"].removeprefix(store.uri + "/")))
    assert staged["source"] == {"table": "main.billing.orders"}
    assert staged["template"].startswith(store.uri + "/bundles/")
    assert run["job_parameters"]["run_id"] == "r"
    assert not any("environments/" in line for line in said)
    assert f"SUCCESS; logs: {api.url}/#job/77/run/1" in said


def test_a_failed_job_ends_with_the_runs_exit_code_and_is_tried_again(api: JobsApi, config: Config) -> None:
    api.states = [
        {"life_cycle_state": "RUNNING"},
        {"life_cycle_state": "TERMINATED", "result_state": "FAILED", "state_message": "Workload failed"},
    ]
    with pytest.raises(RunEndedElsewhere, match="too many") as caught:
        follow.submit(config, "databricks", "r", sleep=ends(config, {"exit_code": 3, "message": "too many failed"}))
    assert caught.value.exit_code == 3
    api.states = [{"life_cycle_state": "INTERNAL_ERROR", "state_message": "out of quota"}]
    with pytest.raises(RunEndedElsewhere, match="INTERNAL_ERROR and the run has left no result: out of quota"):
        follow.submit(config, "databricks", "r", sleep=lambda seconds: None)
    assert len(api.runs) == 2


def test_submitting_twice_starts_once_and_cancels(api: JobsApi, config: Config) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    follow.submit(config, "databricks", "r", wait=False)
    with pytest.raises(KeyboardInterrupt):
        follow.submit(config, "databricks", "r", sleep=interrupt, cancel=True)
    assert len(api.runs) == 1
    assert api.cancelled == [1000]


def test_a_job_run_that_the_workspace_has_forgotten_is_started_again(api: JobsApi, config: Config) -> None:
    follow.submit(config, "databricks", "r", wait=False)
    api.runs.clear()  # as a workspace does after 60 days
    follow.submit(config, "databricks", "r", wait=False)
    assert len(api.runs) == 1


def test_what_the_workspace_refuses_is_one_sentence(api: JobsApi, config: Config) -> None:
    api.refuse = 403
    with pytest.raises(AccessDenied, match="Databricks job 77 cannot be started"):
        follow.submit(config, "databricks", "r", wait=False)
    api.refuse = 0
    own = config.submit.model_copy(update={"databricks": config.submit.databricks.model_copy(update={"job_id": 78})})  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="Databricks job 78 cannot be started"):
        follow.submit(config.model_copy(update={"submit": own}), "databricks", "r", wait=False)


def test_a_dry_run_asks_nobody(api: JobsApi, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "databricks.sdk.WorkspaceClient", lambda *given, **named: pytest.fail("it called the workspace")
    )
    request = follow.dry_run(config, "databricks", "r")
    assert request["job_id"] == 77
    assert request["job_parameters"]["run_id"] == "r"


def test_every_state_of_the_sdk_has_a_meaning() -> None:
    from databricks.sdk.service.jobs import RunLifeCycleState

    assert set(databricks.LIFE_CYCLE) == {state.value for state in RunLifeCycleState}


def resources() -> list[Any]:
    found = []
    for path in sorted((BUNDLE / "resources").glob("*.yml")):
        for kind, named in yaml.safe_load(path.read_text())["resources"].items():
            found += [pytest.param(kind, value, id=name) for name, value in named.items()]
    return found


@pytest.mark.parametrize(("kind", "value"), resources())
def test_the_bundles_resources_are_what_the_official_models_say(kind: str, value: dict[str, Any]) -> None:
    from databricks.bundles.jobs import Job
    from databricks.bundles.volumes import Volume

    model = {"jobs": Job, "volumes": Volume}[kind]
    read = model.from_dict(value).as_dict()
    assert read.keys() == value.keys()


def test_a_typo_in_the_bundle_is_refused() -> None:
    from databricks.bundles.jobs import Job

    ((_, job, *_),) = [(*p.values, p.id) for p in resources() if p.id == "spark_pdf_cluster"]
    for broken in ({**job, "max_concurrent_run": 1}, {**job, "tasks": [{**job["tasks"][0], "python_wheel": {}}]}):
        with pytest.raises(ValueError, match="Unexpected field"):
            Job.from_dict(broken)


def test_the_bundle_names_what_there_is() -> None:
    bundle = yaml.safe_load((BUNDLE / "databricks.yml").read_text())
    assert set(bundle) == {"bundle", "include", "sync", "artifacts", "variables", "targets"}
    text = "".join(path.read_text() for path in BUNDLE.rglob("*.yml"))
    assert set(re.findall(r"\$\{var\.(\w+)\}", text)) == set(bundle["variables"])
    for value in (p.values for p in resources() if p.values[0] == "jobs"):
        job = value[1]
        parameters = {parameter["name"] for parameter in job["parameters"]}
        assert set(re.findall(r"\{\{job\.parameters\.(\w+)\}\}", json.dumps(job))) <= parameters
        assert {"config", "run_id", "result"} == parameters
        for task in job["tasks"]:
            check_task(task, job)


def test_local_paths_lie_below_the_root_that_the_cli_infers() -> None:
    """The Databricks CLI refuses a library outside of it; by itself the root is the bundle's folder."""
    synced = yaml.safe_load((BUNDLE / "databricks.yml").read_text())["sync"]["paths"]
    folders = [(BUNDLE / path).resolve() for path in synced]
    assert all(folder.is_dir() for folder in folders)
    root = Path(os.path.commonpath([BUNDLE.resolve(), *folders]))
    texts = "".join(path.read_text() for path in (BUNDLE / "resources").glob("*.yml"))
    local = re.findall(r"^\s*- (?:whl: )?(\.\.?/\S+)$", texts, flags=re.MULTILINE)
    assert len(local) == 4
    for path in local:
        folder = (BUNDLE / "resources" / path).parent.resolve()
        assert folder.is_relative_to(root), path
        assert folder == (BUNDLE / "../../dist").resolve()  # where `uv build --wheel` leaves it


def test_who_writes_may_ask_for_its_role() -> None:
    """Standard access mode keeps instance metadata from Python, and with it an instance profile."""
    jobs = [p.values[1] for p in resources() if p.values[0] == "jobs"]
    modes = [one["new_cluster"]["data_security_mode"] for job in jobs for one in job.get("job_clusters", ())]
    assert modes == ["DATA_SECURITY_MODE_DEDICATED"] * 2


def check_task(task: dict[str, Any], job: dict[str, Any]) -> None:
    """A wheel task calls a command of ours with options that it has, on compute that the job names; no spark-submit."""
    import typer

    from spark_pdf.cli.app import app

    wheel = task["python_wheel_task"]
    assert (wheel["package_name"], wheel["entry_point"]) == ("spark_pdf", "spark-pdf")
    group: Any = typer.main.get_command(app)
    words = [re.sub(r"\{\{.*?\}\}", "value", word) for word in wheel["parameters"]]
    context = group.make_context("spark-pdf", words[:1], resilient_parsing=True)
    command = group.get_command(context, words[0])
    command.make_context(words[0], words[1:], parent=context)
    if "environment_key" in task:
        assert task["environment_key"] in [each["environment_key"] for each in job["environments"]]
    elif "job_cluster_key" in task:
        assert task["job_cluster_key"] in [each["job_cluster_key"] for each in job["job_clusters"]]
    else:
        assert task["existing_cluster_id"]


def test_the_configs_load() -> None:
    config = load_config([BUNDLE / "invoices.yaml", BUNDLE / "submit.yaml"])
    assert config.output.table == "main.documents.rendered"
    assert config.submit.databricks is not None


def test_the_wheel_has_the_entry_point() -> None:
    from importlib.metadata import distribution

    assert "spark-pdf" in distribution("spark_pdf").entry_points.names
    assert (Path(BUNDLE / "../..").resolve() / "pyproject.toml").is_file()
