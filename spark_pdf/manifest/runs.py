"""Runs: what a run_id is pinned to, and what is remembered of its state.

In: the hashes of config and bundle, the renderer's version, the source's snapshot. Out: `_runs/<run>/run.json`, created
conditionally; the same run_id over a changed world is refused. The state in it is a cache for people and for vacuum:
only the table decides whether a run is committed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

from spark_pdf.errors import RunPinned, UsageError
from spark_pdf.manifest.files import as_written, create_json, read_json, typed, write_json
from spark_pdf.store.locations import RunLocations

if TYPE_CHECKING:
    from spark_pdf.store import ObjectStore

FORMAT_VERSION = 1

State = Literal["running", "committed", "failed", "unknown", "vacuumed"]

Clock = Callable[[], datetime]
"""What time it is, with a time zone. What is right never depends on it: it may stand still or run backwards."""


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Pin:
    """What decides a run's documents. `source` is the snapshot's fingerprint, `source_summary` its line for people."""

    config: str
    bundle: str
    renderer_version: str
    source: str
    source_summary: str = ""

    def changes(self, other: Pin) -> list[str]:
        """What differs in `other`, in words."""
        found = []
        if self.config != other.config:
            found.append("the config")
        if self.bundle != other.bundle:
            found.append("the template bundle")
        if self.renderer_version != other.renderer_version:
            found.append(f"the renderer ({self.renderer_version}, now {other.renderer_version})")
        if self.source != other.source:
            found.append(f"the source ({self.source_summary}, now {other.source_summary})")
        return found


@dataclass(frozen=True)
class Run:
    """One run and where its files are. `details` is what else run.json says, such as the config without its secrets."""

    store: ObjectStore
    locations: RunLocations
    run_id: str
    pin: Pin
    created_at: datetime
    state: State = "running"
    details: Mapping[str, Any] | None = None
    token: str = ""

    def to_json(self) -> dict[str, Any]:
        """What run.json holds."""
        pin = {name: getattr(self.pin, name) for name in Pin.__slots__}
        return {
            "format": FORMAT_VERSION,
            "run_id": self.run_id,
            "pin": pin,
            "created_at": self.created_at.isoformat(),
            "state": self.state,
            "details": dict(self.details or {}),
            "token": self.token,
        }


def pin_run(
    store: ObjectStore,
    locations: RunLocations,
    run_id: str,
    pin: Pin,
    *,
    details: Mapping[str, Any] | None = None,
    clock: Clock = utc_now,
) -> Run:
    """Pin a new run, or find it pinned to the same world. Raises `RunPinned`, naming what changed since."""
    run = Run(store, locations, run_id, pin, clock(), details=details, token=secrets.token_hex(8))
    if create_json(store, locations.run_json, run.to_json()):
        return run
    found = find_run(store, locations)
    if found is None:
        raise RunPinned(f"run {run_id}: its run.json was deleted while this driver started; use a new run_id")
    if found.state == "vacuumed":
        raise RunPinned(f"run {run_id} was abandoned and vacuumed; its documents are gone. Use a new run_id")
    changes = found.pin.changes(pin)
    if found.run_id != run_id:
        changes.append(f"the run_id ('{found.run_id}')")
    if changes:
        what = changes[0] if len(changes) == 1 else ", ".join(changes[:-1]) + " and " + changes[-1]
        verb = "has" if len(changes) == 1 else "have"
        raise RunPinned(
            f"run {run_id} started on {found.created_at:%Y-%m-%d %H:%M} UTC and {what} {verb} changed since; "
            "use a new run_id, or restore what changed"
        )
    return found


def find_run(store: ObjectStore, locations: RunLocations) -> Run | None:
    """The run that `run.json` describes, if there is one."""
    value = read_json(store, locations.run_json)
    if value is None:
        return None
    with as_written(locations.run_json):
        created = datetime.fromisoformat(value["created_at"])
        pin = typed(Pin(**value["pin"]))
        said = value["run_id"], pin, created, value["state"], dict(value["details"]), value["token"]
        return typed(Run(store, locations, *said))


def not_committed(store: ObjectStore, manifest: str, run_id: str) -> UsageError:
    """What to tell who names a run that the manifest does not have: there is none, or it has not ended."""
    if find_run(store, RunLocations(run_id)) is None:
        return UsageError(f"there is no run {run_id}: {manifest} does not have it, nor does {store.uri}")
    return UsageError(f"run {run_id} is not committed; the same run_id again (`spark-pdf run --run-id`) resumes it")


def remember_state(run: Run, state: State) -> Run:
    """Write the state into run.json: a cache, overwritten without condition because nothing relies on it."""
    changed = replace(run, state=state)
    write_json(run.store, run.locations.run_json, changed.to_json())
    return changed
