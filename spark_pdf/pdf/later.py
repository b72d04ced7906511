"""Modules that a package imports at its start and seldom uses: stand-ins while it is imported, loaded at first use.

    with imported_later("numpy"): import fpdf    ->    fpdf's global `numpy` loads numpy when asked for an attribute

The stand-ins leave `sys.modules` at the end of the block, so that everybody else imports the real modules; a module
that is loaded already gets none. Names taken from a stand-in (`from module import Class`) can be called, asked for
attributes, and asked by `isinstance`; a class cannot be derived from them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class LaterModule(ModuleType):
    """Stands in for a module; while `opening`, the names in it are put off as well."""

    opening = True

    def __getattr__(self, name: str) -> Any:
        if self.opening:
            if name.startswith("__"):
                raise AttributeError(name)
            return sys.modules.get(f"{self.__name__}.{name}") or LaterName(self.__name__, name)
        return getattr(import_module(self.__name__), name)


class LaterName:
    """Stands in for a class, a function or a submodule of a module that is not loaded yet."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    def _real(self) -> Any:
        return getattr(import_module(self._module), self._name)

    def __call__(self, *arguments: object, **named: object) -> Any:
        """Call the real one."""
        return self._real()(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._real())


@contextmanager
def imported_later(*names: str) -> Iterator[None]:
    """In the block, what is imported under these names is a stand-in."""
    stands = {name: LaterModule(name) for name in names if name not in sys.modules}
    sys.modules.update(stands)
    try:
        yield
    finally:
        for name, stand in stands.items():
            if sys.modules.get(name) is stand:
                del sys.modules[name]
            stand.opening = False
