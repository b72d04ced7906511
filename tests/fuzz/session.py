"""A fuzzing session: child processes that render mutated inputs until the time is over; deaths and hangs are findings.

fuzz(folder, cpu_seconds, seed) -> Session
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spark_pdf.engines.child import Child, ChildDied
from tests.fuzz.targets import targets
from tests.fuzz.worker import Finding, input_of
from tests.memory import peak_mebibytes

BATCH = 20
PATIENCE = 300.0
GROWTH = 600
"""MiB that a process may have more at its end than after its first rounds."""


@dataclass
class Session:
    """What a session came to."""

    inputs: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)


def fuzz(
    folder: Path,
    cpu_seconds: float,
    seed: int,
    only: Sequence[str] = (),
    told: Callable[[str], object] = str,
) -> Session:
    """Go round the targets, a batch each, until so much CPU time is used."""
    session = Session()
    names = [target.name for target in targets() if not only or target.name in only]
    child: Child | None = None
    turn = 0
    try:
        while session.seconds < cpu_seconds and len(session.findings) < 50:
            name, first = names[turn % len(names)], turn // len(names) * BATCH
            turn += 1
            child = child or Child("tests.fuzz.worker:Worker", str(folder))
            try:
                found, seconds = _asked(child, (name, seed, first, BATCH))
                session.peaks.append(peak_mebibytes(child.process.pid))
            except (ChildDied, TimeoutError):
                child.kill()
                found, seconds = _culprits(folder, name, seed, first), 5.0
                child = None
            session.inputs += BATCH
            session.seconds += seconds
            for finding in found:
                told(f"{finding.target} {finding.seed} {finding.number}: {finding.what}")
            session.findings += found
    finally:
        if child is not None:
            child.kill()
    return session


def _asked(child: Child, request: tuple[str, int, int, int]) -> tuple[list[Finding], float]:
    child.send(request)
    if not child.connection.poll(PATIENCE):
        raise TimeoutError
    answer: tuple[list[Finding], float] = child.receive()
    return answer


def _culprits(folder: Path, name: str, seed: int, first: int) -> list[Finding]:
    """Which inputs of a batch end, or hang, a process: each alone."""
    target = next(target for target in targets() if target.name == name)
    found = []
    for number in range(first, first + BATCH):
        child = Child("tests.fuzz.worker:Worker", str(folder))
        what = ""
        try:
            _asked(child, (name, seed, number, 1))
        except ChildDied as death:
            what = f"the process died: {death.reason}"
        except TimeoutError:
            what = "it hangs"
        finally:
            child.kill()
        if what:
            found.append(Finding(name, seed, number, what, input_of(target, seed, number)))
    return found or [Finding(name, seed, first, "a batch ended a process, and no input of it alone", b"")]
