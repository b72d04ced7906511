"""Every engine and door gives the same manifest, and ends in the same way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spark_pdf.submit.archive import Target, build_archive
from tests.conformance.cases import CASES, Call
from tests.conformance.doors import DOORS, Door
from tests.conformance.world import World
from tests.emr_machines import MACHINE, PYTHON
from tests.s3_fixtures import S3Server, running_s3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World.make(tmp_path_factory.mktemp("conformance") / "world")


@pytest.fixture(scope="module")
def world_server(world: World) -> Iterator[S3Server]:
    """An S3 server whose bucket `world` is the world's folder; and the environment that is sent, built beforehand."""
    build_archive(Target(MACHINE, PYTHON))
    with running_s3(world.folder.parent) as process:
        client = process.server.client()
        for file in (world.folder / "records").iterdir():  # with ETags, which S3A asks for
            client.put_object(Bucket="world", Key=f"records/{file.name}", Body=file.read_bytes())
        yield process.server


PAIRS = [
    pytest.param(door, case, id=f"{door.name}-{case}", marks=[pytest.mark.thorough] if case in door.spared else [])
    for door in DOORS
    for case in CASES
]


@pytest.mark.parametrize(("door", "case"), PAIRS)
def test_conforms(door: Door, case: str, world: World, request: pytest.FixtureRequest) -> None:
    if case in door.lacks:
        pytest.skip(door.lacks[case])
    fixtures = {name: request.getfixturevalue(name) for name in door.needs}
    CASES[case](Call(world, door, fixtures))
