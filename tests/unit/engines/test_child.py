"""A child answers, raises, or dies: each is told apart."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from spark_pdf.engines.child import Child, ChildDied
from spark_pdf.errors import DocumentError


def echo(argument: Any) -> Any:
    """Factory: answers with its argument and the request."""

    def handle(request: Any) -> Any:
        if request == "raise":
            raise DocumentError("template", "document 7: no")
        if request == "unpicklable":
            raise type("Odd", (Exception,), {})("x")
        if request == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if request == "exit":
            raise SystemExit(9)
        return argument, request

    return handle


def failing(argument: Any) -> Any:
    raise DocumentError("render", f"made of {argument}")


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Any:
    # The child imports this file by path: the handlers live beside the tests that use them.
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    made = Child("test_child:echo", {"a": 1})
    yield made
    made.close()


def test_answers_in_order(child: Child) -> None:
    assert child.request("x") == ({"a": 1}, "x")
    child.send(1)
    child.send(2)
    assert [child.receive(), child.receive()] == [({"a": 1}, 1), ({"a": 1}, 2)]


def test_exceptions_arrive_and_the_child_lives_on(child: Child) -> None:
    with pytest.raises(DocumentError) as caught:
        child.request("raise")
    assert (caught.value.code, str(caught.value)) == ("template", "document 7: no")
    with pytest.raises(RuntimeError, match="Odd in a child process"):
        child.request("unpicklable")
    assert child.request("still here")[1] == "still here"


@pytest.mark.parametrize(("how", "reason"), [("die", "signal SIGKILL"), ("exit", "exit code 9")])
def test_a_death_is_an_answer(child: Child, how: str, reason: str) -> None:
    with pytest.raises(ChildDied) as caught:
        child.request(how)
    assert caught.value.reason == reason
    with pytest.raises(ChildDied):
        child.request("anyone?")


def test_a_factory_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(os.path.dirname(__file__))
    child = Child("test_child:failing", 5)
    try:
        with pytest.raises(DocumentError, match="made of 5"):
            child.receive()
    finally:
        child.close()
