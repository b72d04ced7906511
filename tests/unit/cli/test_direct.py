"""The plain form of `render` means what typer would make of it."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from spark_pdf.cli import __main__ as entry
from spark_pdf.cli import app as commands
from spark_pdf.cli import documents
from spark_pdf.cli.direct import OPTIONS, render_arguments

PLAIN = [
    ["render", "b"],
    ["render", "b", "-o", "x.pdf"],
    ["render", "-o", "-", "b", "--data", "r.json"],
    ["render", "b", "-d", "-", "--out", "x", "--output", "json"],
    ["render", "b", "--output", "text"],
]
NOT_PLAIN = [
    [],
    ["render"],
    ["run", "b"],
    ["render", "--help"],
    ["render", "b", "c"],
    ["render", "b", "-o"],
    ["render", "b", "-ox.pdf"],
    ["render", "b", "--out=x.pdf"],
    ["render", "b", "-o", "-d"],
    ["render", "b", "-o", "x", "--out", "y"],
    ["render", "b", "--output", "xml"],
    ["render", "--", "-b"],
    ["render", ""],
    ["render", "b", "--unknown", "x"],
]


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_it_reads_what_typer_reads(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(documents, "render_document", lambda *given: calls.append(given))
    commands.app(arguments, prog_name="spark-pdf", standalone_mode=False)
    assert entry.run(arguments) == 0
    assert calls == [render_arguments(arguments)] * 2


@pytest.mark.parametrize("arguments", NOT_PLAIN, ids=" ".join)
def test_the_rest_is_typer_s(arguments: list[str]) -> None:
    assert render_arguments(arguments) is None


def test_it_knows_every_option_of_render() -> None:
    command: Any = typer.main.get_command(commands.app)
    parameters = command.commands["render"].params
    options = {flag: parameter.name for parameter in parameters for flag in parameter.opts if flag.startswith("-")}
    options = {flag: name for flag, name in options.items() if name != "help"}
    assert options == OPTIONS
    assert [parameter.name for parameter in parameters if parameter.name not in options.values()] == ["bundle"]
