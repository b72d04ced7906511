"""The writer: syntax, order, references, both kinds of cross-references."""

from __future__ import annotations

import ast
import io
import math
from pathlib import Path
from random import Random

import pikepdf
import pytest

import spark_pdf.pdf
from spark_pdf.pdf.deflating import compress, decompress
from spark_pdf.pdf.numbers import FAR, number, rounded
from spark_pdf.pdf.strings import Text
from spark_pdf.pdf.writer import PdfWriter, literal, name, ref

PACKAGE = Path(spark_pdf.pdf.__file__).parent.parent


def small(writer: PdfWriter) -> bytes:
    pages = writer.reserve()
    content = writer.stream({}, b"0 0 10 10 re f", level=1)
    page = writer.put(
        {
            "Type": "/Page",
            "Parent": ref(pages),
            "MediaBox": [0, 0, 100, 50.5],
            "Contents": ref(content),
            "Resources": {},
        }
    )
    writer.put({"Type": "/Pages", "Kids": [ref(page)], "Count": 1}, pages)
    root = writer.put({"Type": "/Catalog", "Pages": ref(pages)})
    return bytes(writer.finish(root, writer.put({"Title": Text("Größe (1) \\ x"), "Author": Text("plain")})))


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_read_by_qpdf(packed: bool) -> None:
    data = small(PdfWriter(object_streams=packed))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.check_pdf_syntax()
        assert str(pdf.docinfo["/Title"]) == "Größe (1) \\ x"
        assert pdf.pages[0].MediaBox[3] == pytest.approx(50.5)
    assert data.startswith(b"%PDF-1.7\n")
    assert data.endswith(b"%%EOF\n")


def test_equal_objects_give_equal_files_with_an_id_of_their_content() -> None:
    first, second = small(PdfWriter()), small(PdfWriter())
    assert first == second
    writer = PdfWriter()
    writer.put({"Other": 1})
    with pikepdf.open(io.BytesIO(first)) as a, pikepdf.open(io.BytesIO(small(writer))) as b:
        assert bytes(a.trailer.ID[0]) == bytes(a.trailer.ID[1]) != bytes(b.trailer.ID[0])


def test_shared_streams_are_stored_once() -> None:
    writer = PdfWriter()
    one = writer.stream({"A": 1}, b"same", shared=True)
    assert writer.stream({"A": 1}, b"same", shared=True) == one
    assert writer.stream({"A": 2}, b"same", shared=True) != one
    assert writer.stream({"A": 1}, b"same") != one


def test_a_reserved_object_that_is_never_put_is_an_error_of_ours() -> None:
    writer = PdfWriter()
    writer.reserve()
    with pytest.raises(AssertionError, match=r"objects \[1\]"):
        writer.finish(writer.put({}))


def test_span_finds_a_body_for_a_late_patch() -> None:
    writer = PdfWriter()
    holder = writer.put({"ByteRange": "[0 0000000000]"})
    data = writer.finish(writer.put({}))
    start, end = writer.span(holder)
    assert bytes(data[start:end]) == b"<</ByteRange [0 0000000000]>>"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, b"0"), (-0.0, b"0"), (-0.00001, b"0"), (0.5, b"0.5"), (1 / 3, b"0.3333"), (0.00012, b"0.0001"),
        (100000.25, b"100000.25"),
        (1e30, b"1000000"), (-math.inf, b"-1000000"), (math.nan, b"0"), (-12.0, b"-12"), (595.28, b"595.28"),
    ],
)  # fmt: skip
def test_numbers_are_short_decimals(value: float, written: bytes) -> None:
    assert number(value) == written
    assert b"e" not in b"%.9g" % rounded(value)


def test_rounding_is_that_of_python() -> None:
    """Halves as well, which no float is exactly but binary ones, and their neighbours."""
    random = Random(7)
    for _ in range(20_000):
        places = random.randrange(7)
        half = (random.randrange(-(10**6), 10**6) + 0.5) / 10**places
        sample = (half, math.nextafter(half, 1e9), math.nextafter(half, -1e9), random.uniform(-FAR, FAR), half / 1024)
        for value in sample:
            assert rounded(value, places) == round(value, places)
            assert math.copysign(1, rounded(value, places)) == (-1 if round(value, places) < 0 else 1)


def test_whole_numbers_are_written_in_full() -> None:
    writer = PdfWriter()
    assert b"[2000000 -5 1.5]" in writer.finish(writer.put([2_000_000, -5, 1.5]))


def test_strings_and_names_are_escaped() -> None:
    assert literal(b"a(b)\\\r") == b"(a\\(b\\)\\\\\\r)"
    assert name("A B/ä") == "/A#20B#2F#C3#A4"


def test_a_zlib_stream_of_another_size_is_refused() -> None:
    packed = compress(b"x" * 100)
    assert decompress(packed, 100) == b"x" * 100
    for size in (99, 101):
        with pytest.raises(ValueError, match="zlib"):
            decompress(packed, size)
    with pytest.raises(ValueError, match="damaged"):
        decompress(b"nonsense", 10)


def test_no_other_module_writes_pdf_objects() -> None:
    """One writer: it alone knows what an object, a stream and a reference look like."""
    forbidden = (" 0 obj", "endobj", "endstream", "startxref", " 0 R", "/Type /", "/Type/")
    for path in PACKAGE.rglob("*.py"):
        if path.name == "writer.py" and path.parent.name == "pdf":
            continue
        tree = ast.parse(path.read_text())
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, (str, bytes))
                and id(node) not in documentation
            ):
                text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
                assert not any(word in text for word in forbidden), f"{path.relative_to(PACKAGE)}: {text[:60]!r}"


def test_fpdf2s_producer_is_subclassed_in_one_place() -> None:
    found = [p.name for p in PACKAGE.rglob("*.py") if "(OutputProducer)" in p.read_text()]
    assert found == ["producer.py"]
