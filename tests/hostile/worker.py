"""A guarded process that acts out cases, one after another, as a worker renders one record after another.

    Child("tests.hostile.worker:Worker", folder).request(name) -> Report

After each case it renders the neighbour: a harmless document, which must have the bytes that it always has.
"""

from __future__ import annotations

import importlib
import pkgutil
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import spark_pdf
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from tests.hostile import scratch
from tests.hostile.case import Answer, answer_of
from tests.hostile.guard import Guard, seal_kernel

MEMORY = 3 * 1024**3
"""Address space: what a case asks for beyond that ends in `MemoryError`, which is no outcome of any case."""

NEIGHBOUR = b"""<style>@page { size: A6; @bottom-right { content: counter(page) } } td { border: 1px solid;
width: calc(1em * 7) } </style><h1>{{ name }}</h1>
<table>{% for n in rows %}<tr><td>{{ n }}<td>{{ n * n }}{% endfor %}</table>
<svg viewBox="0 0 9 9" width=30><path d="M1 1h7v7z"/></svg>"""
RECORD = {"name": "Neighbour", "rows": list(range(40))}


@dataclass(frozen=True)
class Report:
    """What a case came to, what the guard saw, whether the neighbour is unharmed, and what it cost."""

    answer: Answer
    seen: tuple[str, ...]
    neighbour: str
    seconds: float


def load_everything() -> None:
    """Import all of what renders: afterwards only data files are read."""
    for module in pkgutil.walk_packages(spark_pdf.__path__, "spark_pdf."):
        if module.name.split(".")[1] in ("template", "text", "layout", "pdf", "render", "store"):
            importlib.import_module(module.name)


class Worker:
    """The child's side."""

    def __init__(self, folder: str) -> None:
        """`folder` is one that cases may have files in."""
        from tests.hostile.cases.archives import make_folders
        from tests.hostile.cases.keys import write_configs
        from tests.hostile.corpus import CASES

        scratch.folder = Path(folder)
        make_folders()
        write_configs()
        self._cases = {case.name: case for case in CASES}
        load_everything()
        self._neighbour = Renderer(Bundle.from_files({"template.html": NEIGHBOUR}), Limits())
        self._neighbour.render(RECORD)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self._guard = Guard(folder)
        self.sealed = seal_kernel()

    def __call__(self, name: str) -> Report:
        case = self._cases[name]
        self._guard.seen.clear()
        began = time.process_time()
        self._guard.watch()
        try:
            answer = answer_of(case)
        except BaseException as error:
            answer = Answer(f"untyped {type(error).__name__}", str(error)[:1000])
        finally:
            self._guard.rest()
        seconds = time.process_time() - began
        neighbour = self._neighbour.render(RECORD).sha256
        if case.check is None:
            answer = Answer(answer.outcome, answer.message, b"", answer.pages, answer.warnings)
        return Report(answer, tuple(self._guard.seen), neighbour, seconds)
