"""A child process that answers one request after another, and whose death is an answer too.

In: the name of a handler (`package.module:factory`) and requests, pickled. Out: its results, its exceptions, or
`ChildDied`. Plain `subprocess`, not `multiprocessing`: it starts from any program (a notebook, a Spark worker, a script
without a main guard) and inherits nothing but the environment.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import Any


class ChildDied(Exception):  # noqa: N818 - a report, not an error of ours
    """The child ended before it answered. `reason` is its signal or exit code, in words."""

    def __init__(self, code: int | None) -> None:
        self.reason = _exit_reason(code)
        super().__init__(f"child process ended: {self.reason}")


def _exit_reason(code: int | None) -> str:
    if code is None:
        return "closed its pipe"
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"


class Child:
    """One child process with a handler made by `factory(argument)`. Use `request`, or `send` and `receive`."""

    def __init__(self, factory: str, argument: Any) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "spark_pdf.engines.child", factory, str(theirs_in), str(theirs_out)],
                pass_fds=(theirs_in, theirs_out),
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            )
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._out = Connection(ours_out, readable=False)
        self.connection = Connection(ours_in, writable=False)
        with contextlib.suppress(ChildDied):  # seen again, and said, when an answer is awaited
            self.send(argument)

    def send(self, request: Any) -> None:
        """Hand over a request. Raises `ChildDied` if nobody is there to take it."""
        try:
            self._out.send(request)
        except OSError:
            raise ChildDied(self._wait()) from None

    def receive(self) -> Any:
        """The answer to the oldest request; re-raises what the handler raised."""
        try:
            succeeded, value = self.connection.recv()
        except (EOFError, OSError):
            raise ChildDied(self._wait()) from None
        if succeeded:
            return value
        raise value

    def request(self, request: Any) -> Any:
        """`send` and `receive`."""
        self.send(request)
        return self.receive()

    def _wait(self) -> int | None:
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self) -> None:
        """End the child now, whatever it is doing."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End the child: it stops at the closed pipe, or is killed."""
        self._out.close()
        self.connection.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def main(factory: str, read: int, write: int) -> None:
    """The child's side: make the handler, then answer until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it then closes the pipe
    requests, answers = Connection(read, writable=False), Connection(write, readable=False)
    module, _, name = factory.partition(":")
    try:
        handler = getattr(importlib.import_module(module), name)(requests.recv())
    except EOFError:
        return
    except Exception as error:
        _send(answers, False, error)
        return
    while True:
        try:
            request = requests.recv()
        except EOFError:
            return
        try:
            answer = (True, handler(request))
        except Exception as error:
            answer = (False, error)
        if not _send(answers, *answer):
            return


def _send(answers: Connection, succeeded: bool, value: Any) -> bool:
    """Send an answer; an exception that cannot be pickled goes as its type's name. False: nobody reads any more."""
    try:
        answers.send((succeeded, value))
    except (BrokenPipeError, ConnectionResetError):
        return False
    except Exception:
        answers.send((False, RuntimeError(f"{type(value).__name__} in a child process")))
    return True


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
