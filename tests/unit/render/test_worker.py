"""Renderers that live as long as a worker."""

from __future__ import annotations

import os
import threading

from spark_pdf.model import Limits
from spark_pdf.render.worker import RendererCache, renderer_for
from spark_pdf.template.bundle import Bundle


def bundle(text: str = "x") -> Bundle:
    return Bundle.from_files({"template.html": f"<p>{text}</p>".encode()})


def test_a_bundle_is_read_once() -> None:
    cache, reads, made = RendererCache(), [], bundle()

    def archive() -> bytes:
        reads.append(1)
        return made.to_archive()

    first = cache.get(made.hash, archive, Limits())
    assert cache.get(made.hash, archive, Limits()) is first
    other_limits = cache.get(made.hash, archive, Limits(pages_per_document=1))
    assert other_limits is not first
    assert other_limits.bundle is first.bundle
    assert len(reads) == 1


def test_the_least_recently_used_goes_first() -> None:
    cache = RendererCache(2)
    bundles = [bundle(str(n)) for n in range(3)]
    first = cache.get(bundles[0].hash, bundles[0].to_archive, Limits())
    cache.get(bundles[1].hash, bundles[1].to_archive, Limits())
    assert cache.get(bundles[0].hash, bundles[0].to_archive, Limits()) is first
    cache.get(bundles[2].hash, bundles[2].to_archive, Limits())
    assert cache.get(bundles[0].hash, bundles[0].to_archive, Limits()) is first


def test_each_thread_has_a_renderer_of_its_own() -> None:
    made = bundle()
    mine = renderer_for(made.hash, made.to_archive, Limits())
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(renderer_for(made.hash, made.to_archive, Limits())))
    thread.start()
    thread.join()
    assert theirs[0] is not mine
    assert mine is renderer_for(made.hash, made.to_archive, Limits())


def test_a_forked_worker_renders_with_what_its_parent_had() -> None:
    made = bundle("forked")
    here = renderer_for(made.hash, made.to_archive, Limits()).render({}).sha256
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, renderer_for(made.hash, made.to_archive, Limits()).render({}).sha256.encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 100).decode() == here
    os.close(reader)
    os.close(writer)
