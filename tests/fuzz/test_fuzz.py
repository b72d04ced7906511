"""Fuzzing in CI: two CPU minutes of mutated templates, CSS, markup, records and assets. `make fuzz` takes an hour."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import DocumentError
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from tests.fuzz.mutation import Mutator
from tests.fuzz.session import GROWTH, fuzz
from tests.fuzz.targets import targets
from tests.fuzz.worker import input_of
from tests.hostile.cases.fields import EVERYWHERE

SECONDS = 120.0


@pytest.mark.slow
@pytest.mark.timeout(850)  # CPU seconds are counted, and others have the processors too
def test_mutated_input_ends_in_documents_or_typed_errors(tmp_path: Path) -> None:
    seed = 1 if os.environ.get("CI") else random.randrange(10**6)
    session = fuzz(tmp_path, SECONDS, seed)
    assert not session.findings, "\n".join(f"{f.target} {f.seed} {f.number}: {f.what}" for f in session.findings)
    assert session.inputs > 100
    rounds = session.peaks[len(targets()) * 3 :]
    assert not rounds or rounds[-1] - rounds[0] < GROWTH, f"memory grew: {rounds[0]} to {rounds[-1]} MiB"


def test_inputs_are_repeatable() -> None:
    for target in targets():
        one, same, other = (input_of(target, 3, number) for number in (5, 5, 6))
        assert one == same
        assert one != other
    assert len({Mutator(random.Random(n)).mutate(b"x" * 50, [b"y" * 50], [b"word"]) for n in range(50)}) > 25


ONE = Renderer(Bundle.from_files({"template.html": EVERYWHERE.encode()}), Limits(0, 10, 3000))
TEXTS = st.text(st.characters(codec=None), max_size=60) | st.lists(
    st.sampled_from(["<b>", "</p>", "url(", "'", '"', "{{", "%}", "\0", "\u202e", "\u0301", "1e9", ";", "}", "data:", "//", "#", "\ud800", "var(--a)", "px", "-", "M0 0", "9" * 30]), max_size=12
).map("".join)  # fmt: skip


@settings(max_examples=60)
@given(TEXTS)
def test_no_text_in_any_place_makes_an_untyped_error(text: str) -> None:
    failure = None
    try:
        ONE.render({"s": text}, "7")
    except DocumentError as error:
        failure = error
    if failure is not None:
        assert failure.code != "render" or failure.__cause__ is None
        assert len(text) < 8 or text not in failure.detail
