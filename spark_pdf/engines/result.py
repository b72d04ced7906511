"""What a run says of itself when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of a run. `state` is "committed", or "rendered" where `output.table` holds the documents and `unpack`
    commits them; every other end of a run is an exception.

    `documents` and `failed` are of the whole run, over all its waves. `already_committed`: this call found the run
    committed and did nothing. `seconds`: wall time of this call.

    `changed`, of a retry: what is another than in the run whose failures it renders, in words.
    """

    run_id: str
    state: str
    documents: int
    failed: int
    skipped: int
    pages: int
    bytes: int
    seconds: float
    manifest: str
    output: str
    waves: int = 1
    cpu_seconds: float = 0.0
    already_committed: bool = False
    changed: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Every field. The command line prints those that design.md names, with canonical URIs."""
        return {name: getattr(self, name) for name in self.__slots__}
