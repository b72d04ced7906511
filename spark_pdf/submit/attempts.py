"""Which jobs were started for a run: one at a time, by conditional create, so that submitting twice starts one.

    runs/<run>/<n>.json          attempt n is claimed: its token, its platform, the config and bundle that it is for
    runs/<run>/<n>-job.json      the platform's id of its job
    runs/<run>/<n>-result.json   what the run said at its end: exit code, result or error; written by the job itself

A run that failed is submitted again as attempt n + 1, and resumes, because its run_id is the same. Who dies between
claim and start leaves a claim without a job: the next one starts it under the same token. Were two jobs of one run
to start all the same, the commit protocol would have one of them stop as superseded.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spark_pdf.errors import DamagedFile, NotFound
from spark_pdf.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Attempt:
    """One job of a run, perhaps not started yet."""

    number: int
    platform: str
    token: str
    pin: str
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What `run --result` has left. `result` is all of it: of a committed run, what `run --output json` prints."""

    exit_code: int
    message: str
    result: Mapping[str, Any]


class Attempts:
    """The attempts of one run."""

    def __init__(self, store: ObjectStore, run_id: str) -> None:
        self._store, self._run_id = store, run_id

    def latest(self) -> Attempt | None:
        """The last that was claimed, found by probing upwards."""
        number = 0
        while self._store.exists(self._key(number + 1)):
            number += 1
        return self._read(number) if number else None

    def claim(self, number: int, platform: str, pin: str) -> Attempt:
        """Claim attempt `number`; if somebody else has, theirs."""
        token = hashlib.sha256(f"{self._store.uri} {self._run_id} {number}".encode()).hexdigest()[:32]
        by = secrets.token_hex(8)
        claim = {"run_id": self._run_id, "platform": platform, "token": token, "pin": pin, "by": by}
        self._store.create(self._key(number), json.dumps(claim).encode())
        return self._read(number)

    def started(self, attempt: Attempt, job_id: str) -> None:
        """Remember the platform's id. Whoever started it under this token wrote the same."""
        self._store.write(self._key(attempt.number, "-job"), json.dumps({"job_id": job_id}).encode())

    def ending(self, number: int) -> Ending | None:
        """What the job left at its end, if it has."""
        value = self._json(self._key(number, "-result"))
        if value is None:
            return None
        try:
            return Ending(int(value["exit_code"]), str(value.get("message", "")), value)
        except (KeyError, TypeError, ValueError):
            raise DamagedFile(f"{self.result_uri(number)} is not what a run leaves at its end") from None

    def result_uri(self, number: int) -> str:
        """Where the job leaves it."""
        return self._store.uri_of(self._key(number, "-result"))

    def _read(self, number: int) -> Attempt:
        claim, job = self._json(self._key(number)), self._json(self._key(number, "-job"))
        if claim is None:
            raise NotFound(f"{self._store.uri_of(self._key(number))} was there, and is gone")
        job_id = str(job["job_id"]) if job else None
        return Attempt(number, str(claim["platform"]), str(claim["token"]), str(claim["pin"]), job_id)

    def _json(self, key: str) -> dict[str, Any] | None:
        try:
            value = json.loads(self._store.read(key))
        except NotFound:
            return None
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise DamagedFile(f"{self._store.uri_of(key)} is not a JSON object; another program has written it")
        return value

    def _key(self, number: int, what: str = "") -> str:
        return f"runs/{self._run_id}/{number}{what}.json"
