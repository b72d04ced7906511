"""What Ray and Dask are not able to do is refused by the name of the setting, before anything is begun."""

from __future__ import annotations

import importlib.util
import re
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spark_pdf.config import parse_config
from spark_pdf.engines.addresses import host_and_port, refusal
from spark_pdf.engines.dask import DaskRecordSource
from spark_pdf.engines.driver import open_source
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.ray import _connect
from spark_pdf.errors import ConfigError, UnsupportedError, WorkerError
from spark_pdf.render.version import _DISTRIBUTIONS

ROOT = Path(__file__).parents[3]

VALUES = {"name": "x", "template": "t", "document": {"id": "id"}, "output": {"uri": "memory://x/out"}}
FILES = {"format": "parquet", "path": __file__}


@pytest.mark.parametrize("engine", ["ray", "dask"])
@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"table": "sales.orders"}, "source.table: catalog tables need `engine: spark`; engine {} reads files"),
        ({"format": "orc", "path": "x"}, "source.format: engine {} reads parquet, csv, json, delta"),
        ({"format": "parquet", "path": "gs://x/y"}, "source.path: engine {} reads local paths and s3://, not gs://"),
    ],
)
def test_sources_of_spark_s_are_refused(engine: str, source: dict[str, Any], says: str) -> None:
    config = parse_config({**VALUES, "engine": engine, "source": source})
    with pytest.raises(UnsupportedError) as caught:
        open_source(config, "one", Progress())
    assert str(caught.value).startswith(says.format(engine))


@pytest.mark.parametrize(("engine", "package"), [("ray", "ray"), ("dask", "distributed")])
def test_an_engine_that_is_not_installed_names_its_extra(engine: str, package: str, tmp_path: Any) -> None:
    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed here")
    (tmp_path / "rows.csv").write_text("id\n1\n")
    source = {"format": "csv", "path": str(tmp_path / "rows.csv")}
    config = parse_config({**VALUES, "engine": engine, "source": source})
    with pytest.raises(
        UnsupportedError, match=rf"`engine: {engine}` needs an extra: pip install 'spark-pdf\[{engine}\]'"
    ):
        open_source(config, "one", Progress())


def test_a_ray_that_does_not_start_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(*given: object, **named: object) -> None:
        raise Exception("The current node timed out during startup.")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False, init=init))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(WorkerError, match=r"Ray cannot be started on this machine .* ray\.address"):
        _connect(parse_config({**VALUES, "engine": "ray", "source": FILES}))


def test_a_ray_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray would try for minutes, and print each time."""

    def init(*given: object, **named: object) -> None:
        pytest.fail("Ray was asked")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False, init=init))
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert refusal(address) is None
    assert refusal(address)
    config = parse_config({**VALUES, "engine": "ray", "source": FILES, "ray": {"address": address}})
    with pytest.raises(WorkerError, match=rf"^ray\.address: no cluster answers at {address} \("):
        _connect(config)
    monkeypatch.setenv("RAY_ADDRESS", f"ray://{address}")
    with pytest.raises(WorkerError, match=rf"^RAY_ADDRESS: no cluster answers at ray://{address} \("):
        _connect(parse_config({**VALUES, "engine": "ray", "source": FILES}))


@pytest.mark.parametrize("address", ["nonsense", "tcp://host", "host:port"])
def test_a_dask_address_without_host_and_port_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Dask's client would raise, and then wait two minutes for its own end, with a traceback."""

    def client(*given: object, **named: object) -> None:
        pytest.fail("Dask was asked")

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=client))
    source = object.__new__(DaskRecordSource)
    source._config = parse_config({**VALUES, "engine": "dask", "source": FILES, "dask": {"address": address}})
    with pytest.raises(ConfigError, match=rf"^dask\.address: '{address}' is no address; tcp://host:8786 is$"):
        source._connect()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("h:1", ("h", 1)),
        ("ray://h:2", ("h", 2)),
        ("tcp://[::1]:3", ("::1", 3)),
        ("auto", None),
        ("h", None),
        ("h:x", None),
    ],
)
def test_host_and_port(address: str, place: tuple[str, int] | None) -> None:
    assert host_and_port(address) == place


def test_a_port_that_is_not_named() -> None:
    assert host_and_port("sc://h", 15002) == ("h", 15002)
    assert host_and_port("sc://h:1", 15002) == ("h", 1)


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"ray": {"actors": -1}}, "ray.actors"),
        ({"ray": {"num_cpus": 0}}, "ray.num_cpus"),
        ({"dask": {"adress": "tcp://x:1"}}, "did you mean 'address'"),
    ],
)
def test_settings_that_cannot_be_are_refused(section: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse_config({**VALUES, "source": FILES, **section})


def test_the_environment_of_ray_and_dask_renders_the_same_bytes() -> None:
    here, there = (_versions(ROOT / folder / "uv.lock") for folder in ("", "tests/environments/engines"))
    decisive = (*_DISTRIBUTIONS, "uharfbuzz", "uniseg", "pyphen")
    assert {name: there[name] for name in decisive} == {name: here[name] for name in decisive}


def _versions(lock: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r'^name = "([^"]+)"\nversion = "([^"]+)"', lock.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found
