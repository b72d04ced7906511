"""A dozen trials of `make chaos`, each of another kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.__main__ import one
from tests.chaos.faults import FAULTS
from tests.chaos.world import World, open_world

pytestmark = [pytest.mark.spark, pytest.mark.s3, pytest.mark.cluster, pytest.mark.chaos]

SEED = 4
IN_SHORT = (
    "executor_killed", "python_worker_killed", "driver_killed", "driver_killed_in_commit", "zombie", "store_restarted",
    "resets", "lost_answers", "commit_answer_lost", "two_drivers", "source_changed", "killing_record",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("chaos")) as opened:
        yield opened


@pytest.mark.parametrize("fault", IN_SHORT)
def test_every_promise_holds(world: World, fault: str) -> None:
    outcome = one(world, SEED, list(FAULTS).index(fault), fault)
    assert not outcome.failure
