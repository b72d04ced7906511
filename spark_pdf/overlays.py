"""A config's layers: files, each over those before it, and `--set` over all; not yet held against the known settings.

In: the bytes of YAML files, and settings. Out: one mapping (mappings are merged, all else replaced), and of each key
where it was last given, so that whoever finds it wrong can say where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spark_pdf.errors import ConfigError

KeyPath = tuple[str, ...]


@dataclass
class Layers:
    """`values`, merged; `places`: of keys, as paths from the top, the file and line, or the option."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[KeyPath, str] = field(default_factory=dict)

    def place(self, path: KeyPath) -> str:
        """Where a key was given; of one that is missing, the section that lacks it. Empty if nothing is known."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return ""

    def add(self, values: Mapping[str, Any], places: Mapping[KeyPath, str]) -> None:
        """Put a layer over those that are there."""
        self.values = _merge(self.values, values)
        self.places |= places


def read_layers(paths: Iterable[str | Path], sets: Iterable[str], read: Callable[[str | Path], bytes]) -> Layers:
    """Files in order, then `a.b=value`. Raises `ConfigError` for what is no YAML, no mapping or no setting."""
    layers = Layers()
    for path in paths:
        layers.add(*_parse(path, read(path)))
    for setting in sets:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise ConfigError(f"--set takes key=value, such as output.layout=objects; got '{setting}'")
        nested: Any = _setting(value)
        parts, option = tuple(key.split(".")), f"--set {key}"
        for part in reversed(parts):
            nested = {part: nested}
        # Sections that no file has are of the option too.
        sections = {parts[:end]: option for end in range(1, len(parts)) if parts[:end] not in layers.places}
        layers.add(nested, {**sections, parts: option})
    return layers


def _parse(path: str | Path, content: bytes) -> tuple[dict[str, Any], dict[KeyPath, str]]:
    """A file's values and where its keys stand."""
    try:
        loader = _Loader(content.decode("utf-8"))
        node = loader.get_single_node()
        values = None if node is None else loader.construct_document(node)
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: a config is text in UTF-8, and this is not") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(f"{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    except (RecursionError, ValueError):  # dates and numbers that are none
        text = "a value is no date or number that there is, or values are nested too deeply"
        raise ConfigError(f"{path}: not valid YAML: {text}") from None
    if node is None or not isinstance(values, dict):
        raise ConfigError(f"{path}: a config is a mapping of keys to values")
    return values, _places(node, str(path))


def _places(root: yaml.Node, file: str) -> dict[KeyPath, str]:
    """Where keys stand. An anchor's are told once, however often it is referred to: aliases of aliases multiply."""
    found: dict[KeyPath, str] = {}
    seen: set[int] = set()
    waiting: list[tuple[KeyPath, yaml.Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        parts: list[tuple[str, yaml.Node, yaml.Node]] = []  # of each its name, where it begins, and what it is
        if isinstance(node, yaml.MappingNode):
            parts = [(str(key.value), key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            parts = [(str(number), item, item) for number, item in enumerate(node.value)]
        for name, start, part in parts:
            below = (*path, name)
            found[below] = f"{file}:{start.start_mark.line + 1}"
            waiting.append((below, part))
    return found


class _Loader(yaml.SafeLoader):
    """YAML in which `no` and `on` are texts, as in version 1.2, and no key stands twice: one would not count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping of distinct keys."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _setting(value: str) -> Any:
    """The value of a `--set`: YAML, or text where it is none, such as `output.key={day:%Y}/{document_id}`."""
    try:
        found = yaml.load(value, _Loader)
    except yaml.YAMLError:
        return value
    # `{document_id}` is a mapping in YAML, with null for its value; no setting takes such a thing.
    return value if isinstance(found, dict) and found and all(v is None for v in found.values()) else found


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return result
