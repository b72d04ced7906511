"""Renderers that live as long as their worker, by bundle.

A Spark executor forks its Python workers and uses them for task after task; whatever a renderer has learnt (parsed
CSS, faces, words, images) is kept for the next task of the same bundle. The cache belongs to a process: after a fork
the child keeps what its parent had, which is only memory. A lock guards it, because an executor may render in several
threads; a renderer itself serves one thread.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable

from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

_MOST = 16
"""Renderers that a process keeps: a worker seldom serves more bundles in rotation, and each holds some MB."""

_Key = tuple[str, Limits, int]


class RendererCache:
    """Renderers by bundle hash, limits and thread; the least recently used is dropped first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._renderers: OrderedDict[_Key, Renderer] = OrderedDict()
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew_lock)

    def get(self, bundle_hash: str, archive: Callable[[], bytes], limits: Limits) -> Renderer:
        """The renderer of a bundle; `archive` gives the bundle's zip where this process does not have it yet."""
        key = (bundle_hash, limits, threading.get_ident())
        with self._lock:
            renderer = self._renderers.get(key)
            if renderer is not None:
                self._renderers.move_to_end(key)
                return renderer
            sibling = next((r for (known, _, _), r in self._renderers.items() if known == bundle_hash), None)
        bundle = sibling.bundle if sibling else Bundle.from_archive(archive())
        renderer = Renderer(bundle, limits)
        with self._lock:
            self._renderers[key] = renderer
            while len(self._renderers) > self._most:
                self._renderers.popitem(last=False)
        return renderer

    def _renew_lock(self) -> None:
        """Another thread of the parent may have held the lock when it forked; nobody in the child would release it."""
        self._lock = threading.Lock()


_cache = RendererCache()


def renderer_for(bundle_hash: str, archive: Callable[[], bytes], limits: Limits) -> Renderer:
    """This process's renderer of the bundle with this hash. `archive` reads its zip when it is needed."""
    return _cache.get(bundle_hash, archive, limits)
