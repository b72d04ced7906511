"""A real RabbitMQ for tests, on loopback: a node of its own, with folders, ports, cookie and user of its own.

Debian's rabbitmq-server, which `make tools` installs; its scripts are called directly, since the wrapper in PATH knows
one node only. The port mapper (epmd) is one of the node's own, and is ended with it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from tests.ports import free_ports

BROKER_VARIABLE = "SPARK_PDF_TEST_BROKER"


def _server() -> Path:
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not found or not shutil.which("epmd"):
        if os.environ.get("CI"):
            pytest.fail("rabbitmq-server is not installed; `make tools` does")
        pytest.skip("rabbitmq-server is not installed; `make tools` does")
    return found[-1]


class Rabbit:
    """A node that can be killed, and started again with what it had on disk."""

    def __init__(self, folder: Path) -> None:
        self._program, self._folder = _server(), folder
        self.port, distribution, self._epmd = free_ports(3)
        name, user, password = f"t{secrets.token_hex(4)}@localhost", secrets.token_hex(6), secrets.token_hex(12)
        self.url = f"amqp://{user}:{password}@127.0.0.1:{self.port}//"
        (folder / "home").mkdir(parents=True)
        (folder / "plugins").write_text("[].\n")
        (folder / "rabbit.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\ndefault_user = {user}\ndefault_pass = {password}\n"
            "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 1GB\n"
        )
        self._environment = {
            **os.environ,
            "HOME": str(folder / "home"),
            "RABBITMQ_NODENAME": name,
            "RABBITMQ_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbit.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The node's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the node, and wait until it takes connections."""
        with open(self._folder / "out.log", "ab") as out:
            self._process = subprocess.Popen(
                [str(self._program)], env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self._folder / "out.log").read_text()[-3000:]
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("RabbitMQ does not answer")

    def stop(self, *, hard: bool = False) -> None:
        """End the node and what it has started, by its process group; `hard`: as a power cut would."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL if hard else signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        self._process = None

    @contextmanager
    def short_of_memory(self) -> Iterator[None]:
        """Meanwhile it takes no message, as if its disk were full; it answers all else."""
        control = [str(self._program.with_name("rabbitmqctl")), "set_vm_memory_high_watermark"]

        def mark(*words: str) -> None:
            subprocess.run([*control, *words], env=self._environment, check=True, capture_output=True, timeout=60)

        mark("0.0000001")
        try:
            yield
        finally:
            mark("absolute", "1GB")

    def end(self) -> None:
        """End the node and its port mapper."""
        self.stop()
        subprocess.run(["epmd", "-port", str(self._epmd), "-kill"], env=self._environment, capture_output=True)


@contextmanager
def running_rabbit(folder: Path) -> Iterator[Rabbit]:
    """A node; its URL stands in the environment meanwhile, as configs refer to it."""
    rabbit = Rabbit(folder)
    try:
        with mock.patch.dict(os.environ, {BROKER_VARIABLE: rabbit.url}):
            rabbit.start()
            yield rabbit
    finally:
        rabbit.end()


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    """RabbitMQ in a temporary folder."""
    with running_rabbit(tmp_path_factory.mktemp("rabbit")) as node:
        yield node
