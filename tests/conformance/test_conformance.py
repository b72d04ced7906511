"""Every engine and door gives the same manifest, and ends in the same way."""

from __future__ import annotations

import pytest

from tests.conformance.cases import CASES, Call
from tests.conformance.doors import DOORS, Door
from tests.conformance.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("conformance") / "world")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_conforms(door: Door, case: str, world: World, request: pytest.FixtureRequest) -> None:
    if case in door.lacks:
        pytest.skip(door.lacks[case])
    fixtures = {name: request.getfixturevalue(name) for name in door.needs}
    CASES[case](Call(world, door, fixtures))
