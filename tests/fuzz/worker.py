"""The guarded process that renders mutated inputs.

    Child("tests.fuzz.worker:Worker", folder).request((target, seed, first, count)) -> list of findings

An input is known by three things: its target, the seed of the session, its number. So a finding is reproduced by them.
"""

from __future__ import annotations

import random
import resource
import time
from dataclasses import dataclass

from spark_pdf.errors import DocumentError, SparkPdfError
from tests.fuzz.mutation import Mutator
from tests.fuzz.targets import Target, targets
from tests.hostile.guard import Guard, seal_kernel
from tests.hostile.worker import load_everything

MEMORY = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """An input that made something nobody typed, and what."""

    target: str
    seed: int
    number: int
    what: str
    data: bytes


def input_of(target: Target, seed: int, number: int) -> bytes:
    """The input of that number."""
    lot = random.Random(f"{target.name} {seed} {number}")
    return Mutator(lot).mutate(lot.choice(target.seeds), target.seeds, target.words)


class Worker:
    """The child's side."""

    def __init__(self, folder: str) -> None:
        self._targets = {target.name: target for target in targets()}
        load_everything()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self._guard = Guard(folder)
        seal_kernel()

    def __call__(self, request: tuple[str, int, int, int]) -> tuple[list[Finding], float]:
        """Findings, and CPU seconds."""
        name, seed, first, count = request
        target, found = self._targets[name], []
        began = time.process_time()
        for number in range(first, first + count):
            data = input_of(target, seed, number)
            what = self._tried(target, data)
            if what:
                found.append(Finding(name, seed, number, what, data))
        return found, time.process_time() - began

    def _tried(self, target: Target, data: bytes) -> str:
        began = time.process_time()
        self._guard.seen.clear()
        self._guard.watch()
        try:
            target.render(data)
        except DocumentError as error:
            if error.code == "render" and error.__cause__ is not None:
                return error.detail
        except SparkPdfError:
            pass
        except BaseException as error:
            return f"{type(error).__name__}: {error}"[:300]
        finally:
            self._guard.rest()
        if self._guard.seen:
            return f"opened {self._guard.seen[0]}"
        seconds = time.process_time() - began
        return f"took {seconds:.1f} CPU seconds, and the limit is 2" if seconds > 8 else ""
