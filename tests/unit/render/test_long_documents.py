"""Limits hold within a long table whose cells let go of their content, and what they stop leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.generation import tables
from spark_pdf.model import Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

TEMPLATE = (
    b"<style>@page { size: 400px 400px } td { padding: 2px }</style><table><thead><tr><th>No<th>Text<tbody>"
    b"{% for n in range(rows) %}<tr><td>{{ n }}<td>line {{ n * 7919 % 1003 }}{% endfor %}</table>"
)
MANY = Limits(pages_per_document=5000, seconds_per_document=60)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (replace(MANY, pages_per_document=40), "limit_pages"),
        (replace(MANY, bytes_per_document=30_000), "limit_bytes"),
        (replace(MANY, seconds_per_document=0.03), "limit_cpu"),
    ],
)
def test_limits_hold_and_the_next_document_is_as_ever(
    limits: Limits, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MANY_CELLS", 50)
    bundle = Bundle.from_files({"template.html": TEMPLATE})
    fresh = Renderer(bundle, MANY).render({"rows": 60})
    renderer = Renderer(bundle, limits)
    renderer.limits = MANY  # the first document makes what a worker remembers
    renderer.render({"rows": 60})
    renderer.limits = limits
    with pytest.raises(LimitExceeded) as caught:
        renderer.render({"rows": 4000})
    assert caught.value.code == code
    renderer.limits = MANY
    assert renderer.render({"rows": 60}).pdf == fresh.pdf
