"""`python -m tests.fuzz --minutes 60`: until the CPU time is over. Findings are written to a folder, to become cases.

`python -m tests.fuzz --again TARGET SEED NUMBER` renders one input again, here, with its traceback.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.session import fuzz
from tests.fuzz.targets import targets
from tests.fuzz.worker import input_of


def main() -> int:
    """0: nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="of CPU time")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", action="append", default=[], help="a target")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--again", nargs=3, metavar=("TARGET", "SEED", "NUMBER"))
    chosen = parser.parse_args()
    if chosen.again:
        target = next(target for target in targets() if target.name == chosen.again[0])
        target.render(input_of(target, int(chosen.again[1]), int(chosen.again[2])))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        session = fuzz(
            Path(folder), chosen.minutes * 60, chosen.seed, chosen.only, lambda text: print(text, flush=True)
        )
    for finding in session.findings:
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / f"{finding.target}-{finding.seed}-{finding.number}").write_bytes(finding.data)
    print(
        f"{session.inputs} inputs in {session.seconds:.0f} CPU seconds, seed {chosen.seed}: {len(session.findings)} findings"
    )
    return 1 if session.findings else 0


if __name__ == "__main__":
    sys.exit(main())
