"""The plain form of `render`, read without typer: a sixth of the time that one document takes is typer's import and the
models that it makes of options.

In: the command line. Out: what `render_document` is called with; None for what is not plain (help, errors, `--out=x`,
other commands), which typer reads. `tests/unit/cli/test_direct.py` compares both.
"""

from __future__ import annotations

OPTIONS = {"--data": "data", "-d": "data", "--out": "target", "-o": "target", "--output": "output"}
"""The options of `render`, and the names of its parameters."""


def render_arguments(arguments: list[str]) -> tuple[str, str | None, str | None, bool] | None:
    """Bundle, record, target, and whether the result is JSON; None if typer has to look."""
    if arguments[:1] != ["render"]:
        return None
    found: dict[str, str] = {}
    rest = iter(arguments[1:])
    for argument in rest:
        plain = not argument.startswith("-")
        name = "bundle" if plain else OPTIONS.get(argument, "")
        value = argument if plain else next(rest, "")
        if not name or name in found or not value or (value.startswith("-") and value != "-"):
            return None
        found[name] = value
    output = found.get("output", "text")
    if "bundle" not in found or output not in ("text", "json"):
        return None
    return found["bundle"], found.get("data"), found.get("target"), output == "json"
