"""Rendering whole documents: same bytes, typed errors, limits, text that comes out as it went in."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from spark_pdf import Template
from spark_pdf.errors import BundleError, DocumentError, LimitExceeded, TemplateError
from spark_pdf.model import FAILURE_CODES, Limits
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

HTML = b"""<!doctype html><html lang="en"><head><title>Letter {{ id }}</title><meta name="author" content="Us">
<style>
@page { size: A5; margin: 2cm; @bottom-right { content: "Page " counter(page) " of " counter(pages) } }
body { font: 12px/1.4 Arimo } th { text-align: left; background: #123; color: white }
td { border-bottom: 1px solid #ccc }
.next { break-before: page }
</style></head><body>
<h1>Dear {{ name }}</h1>
<table><thead><tr><th>Item<th>Price</tr></thead>
{% for line in lines %}<tr><td>{{ line.item }}<td>{{ line.price }}</tr>{% endfor %}</table>
<p class="next">Second page, {{ 100 / divisor }}</p>
</body></html>"""

RECORD = {
    "id": 7, "name": "Zoë & Søn <b>", "divisor": 4,
    "lines": [{"item": "Tea, 100 g", "price": "2.50 €"}, {"item": "Coffee (ground)", "price": "12.00 €"}],
}  # fmt: skip


def template(html: bytes = HTML, limits: Limits | None = None, **files: bytes) -> Template:
    return Template(Bundle.from_files({"template.html": html, **files}), limits)


def text_of(data: bytes, page: int = 0) -> str:
    with pypdfium2.PdfDocument(data) as document:
        return document[page].get_textpage().get_text_range().replace("\r\n", "\n")


def test_a_record_becomes_a_valid_document_whose_text_is_the_text_put_in() -> None:
    rendition = template().render(RECORD)
    assert rendition.pages == 2
    assert rendition.sha256 == hashlib.sha256(rendition.pdf).hexdigest()
    with pikepdf.open(io.BytesIO(rendition.pdf)) as pdf:
        assert not pdf.check_pdf_syntax()
        assert str(pdf.docinfo["/Title"]) == "Letter 7"
        assert str(pdf.docinfo["/Author"]) == "Us"
        assert str(pdf.Root.Lang) == "en"
    words = text_of(rendition.pdf).split()
    assert words == (
        [
            "Dear",
            "Zoë",
            "&",
            "Søn",
            "<b>",
            "Item",
            "Price",
            "Tea,",
            "100",
            "g",
            "2.50",
            "€",
            "Coffee",
            "(ground)",
            "12.00",
            "€",
            "Page",
            "1",
            "of",
            "2",
        ]
    )
    assert text_of(rendition.pdf, 1).split() == ["Second", "page,", "25.0", "Page", "2", "of", "2"]


def test_cold_hot_and_after_other_documents_the_bytes_are_the_same() -> None:
    hot = template()
    first = hot.render(RECORD).sha256
    for n in range(20):
        hot.render({**RECORD, "name": f"Somebody else {n} ÄÖÜ", "id": n})
    assert hot.render(RECORD).sha256 == first == template().render(RECORD).sha256


def test_other_processes_give_the_same_bytes_whatever_their_environment(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "template.html").write_bytes(HTML)
    code = (
        "import ast, sys\nfrom spark_pdf import Template\n"
        f"print(Template.load(sys.argv[1]).render(ast.literal_eval({str(RECORD)!r})).sha256)"
    )
    found = set()
    settings = (
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE.UTF-8"},
    )
    for number, extra in enumerate(settings):
        folder = tmp_path / str(number)
        folder.mkdir()
        command = [sys.executable, "-c", code, str(bundle)]
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **extra}, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {template().render(RECORD).sha256}


def test_failures_name_document_and_line_and_no_data() -> None:
    letter = template()
    with pytest.raises(DocumentError) as caught:
        letter.render({**RECORD, "divisor": 0, "name": "SECRET"}, "order-42")
    error = caught.value
    assert error.code == "template"
    assert "order-42" in error.detail
    assert "template.html:11" in error.detail
    assert "SECRET" not in error.detail
    assert pickle.loads(pickle.dumps(error)).detail == error.detail
    assert letter.render(RECORD).pages == 2  # the next record is not harmed


def test_a_missing_field_is_the_records_own_failure() -> None:
    record = {key: value for key, value in RECORD.items() if key != "name"}
    with pytest.raises(DocumentError) as caught:
        template().render(record, "1")
    assert caught.value.code in FAILURE_CODES
    assert "name" in caught.value.detail


def test_a_broken_template_is_told_before_any_record() -> None:
    with pytest.raises(TemplateError, match=r"template\.html:2"):
        template(b"<p>\n{% if %}")
    with pytest.raises(BundleError, match="no template bundle"):
        Template.load("/nowhere/at/all")


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(pages_per_document=1), "limit_pages"),
        (Limits(bytes_per_document=3000), "limit_bytes"),
        (Limits(seconds_per_document=0.0001), "limit_cpu"),
    ],
)
def test_limits(limits: Limits, code: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        template(limits=limits).render(RECORD, "9")
    assert caught.value.code == code
    assert "document 9" in caught.value.detail


def test_an_unforeseen_exception_is_typed_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Renderer(Bundle.from_files({"template.html": HTML}))

    def fail(*_: Any, **__: Any) -> None:
        raise KeyError("SECRET")

    monkeypatch.setattr(renderer._pdf, "write", fail)
    with pytest.raises(DocumentError) as caught:
        renderer.render(RECORD, "5")
    assert caught.value.code == "render"
    assert caught.value.detail.startswith("document 5: KeyError in test_rendering.py, line ")
    assert "SECRET" not in caught.value.detail


@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt])
def test_what_is_not_the_records_fault_passes_through(kind: type[BaseException], monkeypatch: Any) -> None:
    renderer = Renderer(Bundle.from_files({"template.html": HTML}))

    def fail(*_: Any, **__: Any) -> None:
        raise kind

    monkeypatch.setattr(renderer._pdf, "write", fail)
    with pytest.raises(kind):
        renderer.render(RECORD)


def test_deep_nesting_is_a_document_or_a_typed_error() -> None:
    deep = b"<div>" * 3000 + b"x" + b"</div>" * 3000
    try:
        pages = template(deep).render({}).pages
    except DocumentError as failure:
        pages, code = 1, failure.code
    else:
        code = "render"
    assert (pages, code) == (1, "render")


DRAWN = b"""def draw(pdf, record):
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text="Hello " + record["name"])
    1 / record["divisor"]
"""


def test_a_python_template_draws_with_embedded_fonts() -> None:
    drawn = Template(Bundle.from_files({"template.py": DRAWN}))
    rendition = drawn.render(RECORD)
    assert text_of(rendition.pdf).strip() == f"Hello {RECORD['name']}"
    assert [warning.code for warning in rendition.warnings] == ["font_alias"]
    assert rendition.sha256 == drawn.render(RECORD).sha256
    with pytest.raises(DocumentError) as caught:
        drawn.render({**RECORD, "divisor": 0}, "3")
    assert caught.value.detail == "document 3: template.py:5: ZeroDivisionError in draw(pdf, record)"


def test_warnings_name_what_stands_in(tmp_path: Path) -> None:
    html = b'<style>p { font-family: Helvetica; frobnicate: 1 }</style><p>x \xe4\xb8\xad</p><img src="absent.png">'
    letter = template(html)
    codes = {warning.code for warning in letter.render({}).warnings}
    assert {"missing_glyph", "missing_image"} <= codes
    assert "font_alias" in {warning.code for warning in letter.warnings}


def test_background_images_are_found_in_the_bundle() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (10, 10), (200, 20, 20)).save(out, "PNG")
    html = b'<style>@page { margin: 0 } p { margin: 0; height: 40px; background: url("img/red.png") }</style><p></p>'
    rendition = template(html, **{"img/red.png": out.getvalue()}).render({})
    with pypdfium2.PdfDocument(rendition.pdf) as document:
        picture = document[0].render(scale=96 / 72).to_pil().convert("RGB")
    assert picture.getpixel((300, 20)) == (200, 20, 20)
    assert picture.getpixel((300, 50)) == (255, 255, 255)


def fonts_of(data: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        descriptors = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontFile2" in o]
        return {str(d.FontName).partition("+")[2]: d.FontFile2.read_raw_bytes() for d in descriptors}


def test_documents_of_a_bundle_may_share_their_subsets() -> None:
    html = "<style>body { font: 12px Arimo } b { font-family: Tinos }</style><p>{{ name }} <b>fix {{ name }}</b>"
    files = {"template.html": html.encode(), "template.toml": b"fonts.subset = 'bundle'"}
    records = [{"name": name} for name in ("Zoë", "5 €", "Łódź", "Affe", "ffi")]
    shared = Template(Bundle.from_files(files))
    made = [shared.render(record).pdf for record in records]
    assert fonts_of(made[0]) == fonts_of(made[1]) == fonts_of(made[4])
    assert set(fonts_of(made[0])) == {"Arimo", "Tinos-Bold"}
    assert text_of(made[1]) == "5 € fix 5 €"
    # What shows other characters has an exact subset instead, and leaves nothing behind
    exact = Template(Bundle.from_files({"template.html": html.encode()})).render(records[2]).pdf
    assert fonts_of(made[2]) == fonts_of(exact)
    assert text_of(made[2]) == "Łódź fix Łódź"
    for record, pdf in zip(records[::-1], made[::-1], strict=True):
        assert Template(Bundle.from_files(files)).render(record).pdf == shared.render(record).pdf == pdf


def test_a_shared_subset_holds_what_the_template_itself_shows() -> None:
    html = "<style>body { font: 12px Arimo }</style><p>Ωμέγα {{ name }}"
    files = {"template.html": html.encode(), "template.toml": b"[fonts]\nsubset='bundle'\nrepertoire=['U+30-39']"}
    template = Template(Bundle.from_files(files))
    assert fonts_of(template.render({"name": "1"}).pdf) == fonts_of(template.render({"name": "205"}).pdf)
    assert fonts_of(template.render({"name": "1"}).pdf) != fonts_of(template.render({"name": "Q"}).pdf)
