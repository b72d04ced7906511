"""Outlines, links and metadata of whole documents, as pikepdf and qpdf read them."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import RenderWarning
from spark_pdf.pdf.engine import PdfEngine
from spark_pdf.pdf.metadata import w3c_date
from tests.page_help import SHEET, lines


class _Pixel:
    """A bundle in which every file is a picture of one pixel."""

    def read(self, url: str, base: str = "") -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (1, 1)).save(buffer, "PNG")
        return buffer.getvalue()


def pdf_of(body: str, css: str = "", head: str = "", warnings: list[RenderWarning] | None = None) -> pikepdf.Pdf:
    html = f"<!doctype html><html lang=de><head>{head}<style>{SHEET} {css}</style></head><body>{body}"
    laid = LayoutEngine(_Pixel()).lay_out(html)
    data, _ = PdfEngine().write(laid, warnings=warnings)
    pdf = pikepdf.open(io.BytesIO(data))
    assert not pdf.check_pdf_syntax()
    return pdf


def tree(items: Any) -> list[Any]:
    return [(item.title, item.is_closed, tree(item.children)) for item in items]


def test_bookmarks_are_a_tree() -> None:
    body = "<h1>A</h1><h3>A.0.1 é</h3><h2>A.1</h2>" + lines(4) + "<h1>B</h1><h2>B.1</h2>"
    pdf = pdf_of(body, "h1 { bookmark-state: closed }")
    with pdf.open_outline() as outline:
        assert tree(outline.root) == [
            ("A", True, [("A.0.1 é", False, []), ("A.1", False, [])]),
            ("B", True, [("B.1", False, [])]),
        ]
        second = outline.root[1]
        # the page's second line, 12 px below the margin of 20 px on a page of 100 px
        assert [float(part) for part in second.destination[2:4]] == [15.0, 0.75 * (100 - 20 - 24)]
        assert second.destination[0].objgen == pdf.pages[1].objgen
    assert pdf.Root.Outlines.Count == 2


def test_headings_of_lower_levels_may_come_first() -> None:
    with pdf_of("<h3>c</h3><h2>b</h2><h1>a</h1><h2>d</h2>").open_outline() as outline:
        assert tree(outline.root) == [("c", False, []), ("b", False, []), ("a", False, [("d", False, [])])]


def test_documents_without_headings_have_no_outline() -> None:
    assert "/Outlines" not in pdf_of("<p>a").Root


def annotations(pdf: pikepdf.Pdf, page: int = 0) -> list[tuple[str, list[float]]]:
    found = []
    for link in pdf.pages[page].get("/Annots", []):
        where = str(link.A.URI) if "/A" in link else f"p{[p.objgen for p in pdf.pages].index(link.Dest[0].objgen) + 1}"
        found.append((where, [round(float(v), 1) for v in link.Rect]))
    return found


def test_links_within_and_out_of_the_document() -> None:
    body = "<p><a href='https://example.org/a b?c=%C3%A9'>web</a> <a href='#caf%C3%A9'>in</a> <a href='#x'>x</a></p>"
    body += lines(4) + "<p><span id=café>there</span> <a name=x></a></p>"
    found = annotations(pdf_of(body))
    assert [where for where, _ in found] == ["https://example.org/a%20b?c=%C3%A9", "p2", "p2"]


def test_links_over_lines_blocks_and_images() -> None:
    words = "<p style='width: 40px'><a href='http://x.org'>several words on lines</a></p>"
    assert [where for where, _ in annotations(pdf_of(words))] == ["http://x.org"] * 3
    block = "<a href='http://x.org' style='display: block; padding: 5px; height: 10px'>b</a>"
    rects = [rect for _, rect in annotations(pdf_of(block))]
    assert [15.0, 45.0, 165.0, 60.0] in rects
    image = "<a href='http://x.org'><img src=pixel.gif width=20 height=10 style='vertical-align: top'></a>"
    assert [15.0, 52.5, 30.0, 60.0] in [rect for _, rect in annotations(pdf_of(image))]


def test_links_in_margin_boxes() -> None:
    css = "footer { position: running(foot) } @page { @bottom-left { content: element(foot) } }"
    pdf = pdf_of("<footer><a href='http://x.org'>x</a> <a href='#end'>e</a></footer>" + lines(6) + "<p id=end>", css)
    assert [where for where, _ in annotations(pdf, 0)] == ["http://x.org", "p2"]
    assert [where for where, _ in annotations(pdf, 1)] == ["http://x.org", "p2"]


def test_links_that_lead_nowhere_are_reported() -> None:
    warnings: list[RenderWarning] = []
    pdf_of("<a href='#no'>a</a><a href='javascript:x()'>b</a>", warnings=warnings)
    assert sorted(w.code for w in warnings) == ["link_scheme", "missing_anchor"]


def test_metadata_of_the_head() -> None:
    head = (
        "<title> A  title </title><meta name=author content=Ann><meta name=Author content=Bob>"
        "<meta name=keywords content='a, b'><meta name=keywords content=c><meta name=description content=Text>"
        "<meta name=generator content=maker><meta name=dcterms.created content=2024-02-29T12:30:00+02:00>"
        "<meta name=dcterms.modified content=2024>"
    )
    pdf = pdf_of("x", head=head)
    info = {key: str(value) for key, value in pdf.docinfo.items()}
    assert info.pop("/Producer").startswith("spark_pdf")
    assert info == {
        "/Title": "A title", "/Author": "Ann, Bob", "/Keywords": "a, b, c", "/Subject": "Text", "/Creator": "maker",
        "/CreationDate": "D:20240229103000Z", "/ModDate": "D:20240101000000Z",
    }  # fmt: skip
    assert str(pdf.Root.Lang) == "de"


@pytest.mark.parametrize(
    "text", ["", "today", "2024-13", "2024-02-30", "2024-1-1", "2024-01-01T10", "2024-01-01T25:00Z"]
)
def test_dates_that_are_none(text: str) -> None:
    assert w3c_date(text) is None


def test_dates() -> None:
    assert w3c_date("2024-05") == datetime(2024, 5, 1, tzinfo=timezone.utc)
    moment = w3c_date("2024-05-06T07:08:09.5-01:30")
    assert moment is not None
    assert moment.astimezone(timezone.utc) == datetime(2024, 5, 6, 8, 38, 9, tzinfo=timezone.utc)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    path = tmp_path / "outline.pdf"
    pdf_of("<h1>A</h1><h2><a href='#b'>B</a></h2>" + lines(5) + "<h2 id=b>C</h2>").save(path)
    assert subprocess.run(["qpdf", "--check", str(path)], capture_output=True).returncode == 0
