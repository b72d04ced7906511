"""A cloud on a loopback address: the calls of EMR, EMR Serverless and Databricks that the platforms' operators make.

In: HTTP requests of the real clients (boto3, aiobotocore, requests, aiohttp). Out: jobs that run our command line in
this process by the local engine, or end as a test says for run ids with a word in them (`exit_3`, `killed`, `endless`).
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from spark_pdf.cli.__main__ import run as spark_pdf


def there(path: str) -> str:
    """A config where the platform has it: files of a Volume, or those that spark-submit has brought, are conf's."""
    return path if Path(path).exists() else str(Path(os.environ["SPARK_PDF_HOME"]) / "conf" / Path(path).name)


COUNTS = {"template": 3}


@dataclass
class Cloud:
    """What was asked of it, and the jobs that it has."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    jobs: dict[str, str] = field(default_factory=dict)
    port: int = 0
    slow: int = 0
    """So many times a job says that it runs still."""
    questions: dict[str, int] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)

    def start(self, arguments: list[str]) -> str:
        """Run a job; its id."""
        job = str(len(self.jobs) + 1)
        (run_id,) = (arguments[at + 1] for at, word in enumerate(arguments) if word == "--run-id")
        if "endless" in run_id:
            self.jobs[job] = "running"
        elif "killed" in run_id:
            self.jobs[job] = "failed"
        elif planted := re.search(r"exit_(\d)", run_id):
            self._end(arguments, int(planted[1]))
            self.jobs[job] = "failed"
        else:
            arguments[1] = there(arguments[1])
            self.jobs[job] = "failed" if spark_pdf(arguments) else "done"
        self.questions[job] = 0
        return job

    def state(self, job: str) -> str:
        """What a job says of itself."""
        self.questions[job] += 1
        return "running" if self.questions[job] <= self.slow else self.jobs[job]

    @staticmethod
    def _end(arguments: list[str], code: int) -> None:
        """What `--result` writes of a failure."""
        told = {"state": "failed", "exit_code": code, "error": "Planted", "message": f"planted: {code}"}
        place = Path(unquote(urlsplit(arguments[arguments.index("--result") + 1]).path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({**told, **({"counts": COUNTS} if code == 3 else {})}))

    def cancel(self, job: str) -> None:
        """End a job that runs."""
        if self.jobs[job] == "running":
            self.jobs[job] = "cancelled"

    def asked(self, name: str) -> list[dict[str, Any]]:
        """The bodies of the calls of a name."""
        return [body for called, body in self.calls if called == name]

    def answer(self, method: str, path: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a call."""
        if target:
            name = target.rpartition(".")[2]
            self.calls.append((name, body))
            return getattr(self, f"_emr_{name}")(body)  # type: ignore[no-any-return]
        parts = path.strip("/").split("/")
        if parts[0] == "applications":
            name = f"{method} {'/'.join(parts[2::2]) or 'application'}"
            self.calls.append((name, body))
            return self._serverless(method, parts, body)
        name = path.partition("/jobs/")[2]
        self.calls.append((name, body))
        return self._databricks(name, body)

    def _emr_AddJobFlowSteps(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        words = body["Steps"][0]["HadoopJarStep"]["Args"]
        return {"StepIds": [self.start(words[words.index("run") :])]}

    def _emr_DescribeCluster(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Cluster": {"Id": body["ClusterId"], "Name": "c", "Status": {"State": "WAITING"}}}

    def _emr_DescribeStep(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        states = {"done": "COMPLETED", "failed": "FAILED", "running": "RUNNING", "cancelled": "CANCELLED"}
        return {"Step": {"Id": body["StepId"], "Status": {"State": states[self.state(body["StepId"])]}}}

    def _emr_ListSteps(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Steps": [self._emr_DescribeStep({"StepId": step})["Step"] for step in body["StepIds"]]}

    def _emr_CancelSteps(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.cancel(body["StepIds"][0])
        return {"CancelStepsInfoList": []}

    def _serverless(self, method: str, parts: list[str], body: dict[str, Any]) -> dict[str, Any]:
        named = {
            "applicationId": parts[1],
            "arn": "arn:aws:x",
            "name": "n",
            "releaseLabel": "emr-7.9.0",
            "type": "SPARK",
        }
        times = {"createdAt": 1.0, "updatedAt": 1.0}
        if len(parts) == 2:
            return {"application": {**named, **times, "state": "STARTED"}}
        if method == "POST":
            driver = body["jobDriver"]["sparkSubmit"]
            return {**named, "jobRunId": self.start(driver["entryPointArguments"])}
        if method == "DELETE":
            self.cancel(parts[3])
            return {"applicationId": parts[1], "jobRunId": parts[3]}
        states = {"done": "SUCCESS", "failed": "FAILED", "running": "RUNNING", "cancelled": "CANCELLED"}
        run = {**named, **times, "jobRunId": parts[3], "state": states[self.state(parts[3])], "stateDetails": ""}
        return {
            "jobRun": {**run, "createdBy": "x", "executionRole": "x", "jobDriver": {"sparkSubmit": {"entryPoint": "x"}}}
        }

    def _databricks(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if name == "list":
            return {"jobs": [{"job_id": 7, "settings": {"name": body["name"]}}]}
        if name == "run-now":
            words = body.get("python_params")
            if words is None:  # as the jobs of deploy/databricks put it together
                given = body["job_parameters"]
                words = ["run", given["config"], "--run-id", given["run_id"], "--result", given["result"], "--quiet"]
            return {"run_id": int(self.start(words))}
        if name == "runs/submit":
            return {"run_id": int(self.start(body["tasks"][0]["spark_python_task"]["parameters"]))}
        if name == "runs/cancel":
            self.cancel(str(body["run_id"]))
            return {}
        if name == "runs/get-output":
            return {"error": "SystemExit"}
        state = self.state(str(body["run_id"]))
        ended = {"done": "SUCCESS", "failed": "FAILED", "cancelled": "CANCELED"}
        life = "RUNNING" if state == "running" else "TERMINATED"
        said = {"life_cycle_state": life, "result_state": ended.get(state, ""), "state_message": ""}
        return {"run_id": int(body["run_id"]), "job_id": 7, "run_page_url": "http://127.0.0.1/run", "state": said}


def serve(cloud: Cloud) -> Callable[[], None]:
    """Listen on a loopback address; the result ends it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            body = {**query, **(json.loads(self.rfile.read(size) or b"{}") if size else {})}
            try:
                answer = cloud.answer(self.command, address.path, self.headers.get("X-Amz-Target", ""), body)
            except BaseException as error:
                cloud.errors.append(error)
                raise
            data = json.dumps(answer).encode()
            self.send_response(200)
            kind = "application/x-amz-json-1.1" if self.headers.get("X-Amz-Target") else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    cloud.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end
