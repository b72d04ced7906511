"""Options of the format `spark_pdf`: text, as Spark hands it over, in; what they ask for out.

What is not known is refused by its name: Spark itself looks at no option, so one that is misspelt would mean nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from spark_pdf.config import Config, load_config, parse_config
from spark_pdf.errors import UsageError

_PARTITIONS = 8
_WRITE = ("config", "yaml", "run_id")
_READ = (*_WRITE, "manifest", "partitions", "content", "path")


@dataclass(frozen=True)
class ReadOptions:
    """What a reader is asked for. `partitions` of each run; `located`: it is a path that names the table, no config."""

    config: Config
    run_id: str | None
    partitions: int
    content: bool
    located: bool


def write_options(options: Mapping[str, str]) -> tuple[Config, str | None]:
    """The config and the run_id of a write. Raises `UsageError`, `ConfigError`."""
    if options.get("path"):
        raise UsageError("a write takes no path: .save() without one; output.uri of the config says where documents go")
    _check_names(options, _WRITE)
    config = _named(options)
    if config is None:
        raise UsageError('name a config: .option("config", "invoices.yaml"), or its text by .option("yaml", ...)')
    return config, options.get("run_id") or None


def read_options(options: Mapping[str, str]) -> ReadOptions:
    """What a read asks for. With a config, the path of `load` is a run_id; without, a table's place.

    Raises `UsageError`, `ConfigError`.
    """
    _check_names(options, _READ)
    config, path, run_id = _named(options), options.get("path"), options.get("run_id")
    partitions, content = options.get("partitions", str(_PARTITIONS)), options.get("content", "false").lower()
    if not partitions.isdecimal() or not int(partitions):
        raise UsageError(f"option partitions: a number from 1 on, not '{partitions}'")
    if content not in ("true", "false"):
        raise UsageError(f"option content: true or false, not '{content}'")
    if config is None and not path:
        raise UsageError('name a config: .option("config", "invoices.yaml"); to read, .load("<manifest>") does, too')
    if config is not None and "manifest" in options:
        raise UsageError("option manifest: the config says it (manifest.format); leave the option away")
    if config is not None and path:
        if run_id and run_id != path:
            raise UsageError(f"load() names run {path}, and the option run_id {run_id}: one run_id, please")
        run_id = path
    return ReadOptions(
        config or _of_table(str(path), options.get("manifest", "parquet")),
        run_id or None,
        int(partitions),
        content == "true",
        config is None,
    )


def _check_names(options: Mapping[str, str], known: tuple[str, ...]) -> None:
    for name in options:
        if name.lower() not in known:
            near = get_close_matches(name.lower(), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(known)}"
            raise UsageError(f"option '{name}' is none of the format spark_pdf; {hint}")


def _named(options: Mapping[str, str]) -> Config | None:
    """The config by its path (several with commas) or by its text."""
    text = options.get("yaml")
    if options.get("config") and text:
        raise UsageError("options config and yaml: give one of them")
    if options.get("config"):
        return load_config(options["config"].split(","))
    return load_config(["option yaml"], read=lambda _: text.encode()) if text else None


def _of_table(path: str, form: str) -> Config:
    """A config that says no more than where a table is."""
    nothing = {"name": "read", "source": {"path": "-"}, "template": "-", "document": {"id": "-"}}
    return parse_config({**nothing, "output": {"uri": path}, "manifest": {"format": form, "uri": path}})
