"""Run trials, and write what came of them into docs/reliability.md.

python -m tests.chaos                       200 trials of seed 1
python -m tests.chaos --seed 7 --trials 20
python -m tests.chaos --only zombie --first 12 --trials 1      one that failed, again
python -m tests.chaos --log trials.jsonl                       stopped and called again, it goes on where it was
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.chaos.checks import check
from tests.chaos.faults import FAULTS
from tests.chaos.report import write_report
from tests.chaos.trial import Trial
from tests.chaos.world import World, open_world


@dataclass(frozen=True)
class Outcome:
    """What came of a trial."""

    number: int
    fault: str
    layout: str
    manifest: str
    attempts: int
    errors: tuple[str, ...]
    seconds: float
    failure: str = ""


def one(world: World, seed: int, number: int, only: str = "") -> Outcome:
    """A trial, and what has to hold after it."""
    name = only or list(FAULTS)[number % len(FAULTS)]
    began = time.monotonic()
    trial = Trial(world, number, name, seed)
    failure = ""
    try:
        result = FAULTS[name][1](trial)
        others = (f"{trial.run_id}-other",) if name == "two_runs" else ()
        check(trial, result, others)
    except Exception as error:
        failure = f"{error}" or type(error).__name__
        traceback.print_exc()
    seconds = time.monotonic() - began
    return Outcome(number, name, trial.layout, trial.manifest, trial.attempts, tuple(trial.errors), seconds, failure)


def _told(log: Path | None) -> list[Outcome]:
    """Outcomes of an earlier call."""
    if log is None or not log.exists():
        return []
    told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [Outcome(**{**outcome, "errors": tuple(outcome["errors"])}) for outcome in told]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--only", default="", choices=["", *FAULTS], help="one kind of fault")
    parser.add_argument("--keep", type=Path, help="an empty folder for logs and stores, which stays")
    parser.add_argument("--log", type=Path, help="keep outcomes in this file; trials that it has are not made again")
    parser.add_argument("--write", action="store_true", help="write the table into docs/reliability.md")
    asked = parser.parse_args(arguments)
    outcomes = _told(asked.log)
    done = {outcome.number for outcome in outcomes}
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spark-pdf-chaos-")))
        folder.mkdir(exist_ok=True)
        world = stack.enter_context(open_world(folder))
        for number in range(asked.first, asked.first + asked.trials):
            if number in done:
                continue
            outcome = one(world, asked.seed, number, asked.only)
            outcomes.append(outcome)
            if asked.log:
                with asked.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(asdict(outcome)) + "\n")
            verdict = "FAILED" if outcome.failure else "held"
            print(
                f"{number:4} {outcome.fault:24} {outcome.layout:8} {outcome.manifest:8} {outcome.seconds:6.1f} s "
                f"{outcome.attempts} calls  {verdict}  {', '.join(outcome.errors)}",
                flush=True,
            )
    broken = [outcome for outcome in outcomes if outcome.failure]
    print(f"{len(outcomes)} trials, {len(broken)} broken promises")
    for outcome in broken:
        print(f"  {outcome.failure}")
    if asked.write:
        write_report(outcomes, asked.seed)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
