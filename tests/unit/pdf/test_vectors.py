# ruff: noqa: E501  (tables of small SVGs)
"""SVG on pages: pixels by pdfium, structure by qpdf, text by extraction."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image as Pillow

from spark_pdf.errors import BundleError
from spark_pdf.layout.document import LayoutEngine
from spark_pdf.model import RenderWarning
from spark_pdf.pdf.engine import PdfEngine

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
CSS = "<style>@page { size: 100px 100px; margin: 0 } body { margin: 0; font-family: Arimo } svg, img { display: block }</style>"


def png(color: str, size: tuple[int, int] = (4, 2)) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


class _Files:
    def __init__(self, **files: bytes) -> None:
        self.files = {"red.png": png("red"), **{name.replace("_", "."): data for name, data in files.items()}}

    def read(self, url: str, base: str = "") -> bytes:
        if url not in self.files:
            raise BundleError(f"{url} is not in the bundle")
        return self.files[url]


def made(body: str, **files: bytes) -> tuple[bytes, list[RenderWarning]]:
    laid_out = LayoutEngine(_Files(**files)).lay_out(f"{CSS}{body}")
    warnings: list[RenderWarning] = []
    data, _ = PdfEngine().write(laid_out, warnings=warnings)
    return data, [*laid_out.warnings, *warnings]


def svg(body: str, more: str = "") -> str:
    return f'<svg width="100" height="100" viewBox="0 0 100 100" {more}>{body}</svg>'


def linked(body: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100">{body}</svg>'.encode()
    )


def pixels(data: bytes) -> Pillow.Image:
    return pypdfium2.PdfDocument(data)[0].render(scale=4 / 3).to_pil().convert("RGB")


def near(image: Pillow.Image, place: tuple[int, int], color: tuple[int, ...], slack: int = 6) -> bool:
    found = image.getpixel(place)
    return all(abs(a - b) <= slack for a, b in zip(found, color, strict=True))  # type: ignore[arg-type]


GRADIENT = '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>'
HALF = 'width="50" height="100"'


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (f'<rect {HALF} fill="red"/>', {(25, 50): RED, (75, 50): WHITE}),
        (f'<rect {HALF} fill="red" fill-opacity=".5"/>', {(25, 50): (255, 128, 128)}),
        (f'<g opacity=".5"><rect {HALF} fill="red"/><rect {HALF} fill="blue"/></g>', {(25, 50): (128, 128, 255)}),
        ('<path d="M0 0h100v100h-100zM25 25h50v50h-50z" fill="red" fill-rule="evenodd"/>', {(50, 50): WHITE, (10, 10): RED}),
        ('<path d="M0 0h100v100h-100zM25 25h50v50h-50z" fill="red"/>', {(50, 50): RED, (10, 10): RED}),
        ('<path d="M0 50h100" stroke="red" stroke-width="20"/>', {(50, 45): RED, (50, 55): RED, (50, 65): WHITE}),
        ('<path d="M0 50h100" stroke="red" stroke-width="20" stroke-dasharray="50"/>', {(25, 50): RED, (75, 50): WHITE}),
        ('<path d="M0 50h100" stroke="red" stroke-width="20" stroke-dasharray="50" stroke-dashoffset="-50"/>', {(25, 50): WHITE, (75, 50): RED}),
        ('<path d="M30 50h40" stroke="red" stroke-width="20" stroke-linecap="square"/>', {(22, 50): RED, (78, 50): RED}),
        ('<rect x="20" y="20" width="60" height="60" fill="red" stroke="blue" stroke-width="10"/>', {(17, 50): BLUE, (23, 50): BLUE, (50, 50): RED}),
        ('<rect x="20" y="20" width="60" height="60" fill="red" stroke="blue" stroke-width="10" paint-order="stroke"/>', {(17, 50): BLUE, (23, 50): RED}),
        ('<rect x="20" y="10" width="60" height="30" fill="none" stroke="red" stroke-width="10" transform="scale(1 2)"/>',
         {(17, 50): RED, (27, 50): WHITE, (50, 12): RED, (50, 28): RED}),
        (f'{GRADIENT}<rect width="100" height="100" fill="url(#g)"/>', {(2, 50): (250, 0, 5), (50, 50): (127, 0, 128), (97, 50): (7, 0, 248)}),
        (f'{GRADIENT}<rect x="10" y="10" width="80" height="80" fill="none" stroke="url(#g)" stroke-width="20"/>', {(50, 10): (127, 0, 128), (50, 50): WHITE}),
        ('<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="red" stop-opacity="0"/></linearGradient>'
         '<rect width="100" height="100" fill="url(#g)"/>', {(2, 50): (255, 4, 4), (50, 50): (255, 127, 127), (98, 50): (255, 252, 252)}),
        ('<radialGradient id="g"><stop offset=".9" stop-color="red"/><stop offset=".9" stop-color="blue"/></radialGradient>'
         '<rect width="100" height="100" fill="url(#g)"/>', {(50, 50): RED, (90, 50): RED, (3, 3): BLUE}),
        ('<linearGradient id="g" x2=".5" spreadMethod="reflect"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient>'
         '<rect width="100" height="100" fill="url(#g)"/>', {(2, 50): (245, 0, 10), (50, 50): (3, 0, 252), (97, 50): (239, 0, 16)}),
        ('<pattern id="p" width="50" height="50" patternUnits="userSpaceOnUse"><rect width="25" height="50" fill="red"/></pattern>'
         '<rect width="100" height="100" fill="url(#p)"/>', {(12, 50): RED, (37, 50): WHITE, (62, 50): RED, (87, 50): WHITE}),
        ('<pattern id="p" width="50" height="50" patternUnits="userSpaceOnUse" patternTransform="rotate(90)"><rect width="25" height="50" fill="red"/></pattern>'
         '<rect width="100" height="100" fill="url(#p)"/>', {(50, 12): RED, (50, 37): WHITE, (50, 62): RED}),
        (f'<clipPath id="c"><rect {HALF}/></clipPath><g clip-path="url(#c)"><rect width="100" height="100" fill="red"/></g>', {(25, 50): RED, (75, 50): WHITE}),
        (f'<clipPath id="c"><rect {HALF}/><rect x="25" width="50" height="100"/></clipPath><rect width="100" height="100" fill="red" clip-path="url(#c)"/>',
         {(10, 50): RED, (37, 50): RED, (60, 50): RED, (90, 50): WHITE}),
        ('<mask id="m"><rect width="50" height="100" fill="white"/><rect x="50" width="25" height="100" fill="#808080"/></mask>'
         '<rect width="100" height="100" fill="red" mask="url(#m)"/>', {(25, 50): RED, (62, 50): (255, 127, 127), (90, 50): WHITE}),
        (f'<mask id="m" mask-type="alpha"><rect {HALF} fill="black"/></mask><rect width="100" height="100" fill="red" mask="url(#m)"/>',
         {(25, 50): RED, (75, 50): WHITE}),
        (f'<mask id="m">{GRADIENT.replace("red", "black").replace("blue", "white")}<rect width="100" height="100" fill="url(#g)"/></mask>'
         '<rect width="100" height="100" fill="red" mask="url(#m)"/>', {(3, 50): (255, 247, 247), (50, 50): (255, 127, 127)}),
        ('<image href="red.png" width="100" height="100"/>', {(50, 50): RED, (50, 10): WHITE, (50, 90): WHITE}),
        ('<image href="red.png" width="100" height="100" preserveAspectRatio="none"/>', {(50, 10): RED}),
        ('<image href="red.png" width="50" height="50" preserveAspectRatio="xMidYMid slice"/>', {(25, 25): RED, (25, 3): RED, (75, 25): WHITE}),
        ('<text x="0" y="90" font-size="120" fill="red">\u25a0</text>', {}),
        ('<svg x="50" width="50" height="100"><rect x="-50" width="100" height="100" fill="red"/></svg>', {(25, 50): WHITE, (75, 50): RED}),
        ('<rect x="-50" width="100" height="100" fill="red"/>', {(25, 50): RED, (75, 50): WHITE}),
        (f'<g style="mix-blend-mode:multiply"><rect {HALF} fill="red"/></g>', {(25, 50): RED}),
    ],
)  # fmt: skip
def test_pixels_inline_and_linked(body: str, seen: dict[tuple[int, int], tuple[int, ...]]) -> None:
    for data, warnings in (made(svg(body)), made("<img src=a.svg>", a_svg=linked(body))):
        if "red.png" in body and warnings:
            continue  # a linked file shows no other file
        assert warnings == []
        shown = pixels(data)
        for place, color in seen.items():
            assert near(shown, place, color), (place, shown.getpixel(place), color)


def test_a_file_is_whole(tmp_path: Path) -> None:
    body = (
        f'{GRADIENT}<pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse"><circle r="4"/></pattern>'
        '<mask id="m"><rect width="99" height="99" fill="url(#g)"/></mask><g mask="url(#m)" opacity=".5">'
        '<rect width="50" height="50" fill="url(#p)" stroke="url(#g)"/><text y="50" fill="url(#g)">abc</text></g>'
    )
    data, _ = made(svg(body) * 3)
    (tmp_path / "a.pdf").write_bytes(data)
    checked = subprocess.run(["qpdf", "--check", tmp_path / "a.pdf"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_text_is_text_once() -> None:
    body = (
        '<text x="5" y="20" font-size="10">Quarterly <tspan font-weight="bold">result</tspan></text>'
        '<text x="5" y="40" font-size="10" stroke="white" stroke-width="2" paint-order="stroke">halo</text>'
        '<text x="5" y="60" font-size="10" transform="rotate(-10)">turned</text>'
    )
    data, _ = made(svg(body))
    with_poppler = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    assert with_poppler.split() == ["Quarterly", "result", "halo", "turned"]
    pdf = pikepdf.open(io.BytesIO(data))
    assert len(pdf.pages[0].Resources.Font) == 2


def content(data: bytes) -> bytes:
    pdf = pikepdf.open(io.BytesIO(data))
    pdf.pages[0].contents_coalesce()
    return pdf.pages[0].Contents.read_bytes()


def test_the_second_time_a_drawing_is_a_form() -> None:
    one = '<svg width="10" height="10"><path d="M1 2h3v4z" fill="red"/></svg>'
    assert content(made(one)[0]).count(b"1 2 m") == 1
    data, _ = made(one * 5)
    assert content(data).count(b"1 2 m") == 1
    assert content(data).count(b" Do") == 4
    pdf = pikepdf.open(io.BytesIO(data))
    assert len(pdf.pages[0].Resources.XObject) == 1


def test_a_large_drawing_without_names_is_a_form_at_once() -> None:
    large = svg("".join(f'<path d="M{n} 1.{n}h3v4z"/>' for n in range(200)))
    data, _ = made(large)
    pdf = pikepdf.open(io.BytesIO(data))
    (form,) = pdf.pages[0].Resources.XObject.values()
    assert form.read_bytes().count(b" m\n") == 200


def test_bytes_are_equal_with_cold_and_hot_caches() -> None:
    body = svg(f'{GRADIENT}<rect width="50" height="50" fill="url(#g)"/><text y="50">abc</text>')
    layout, pdf = LayoutEngine(_Files()), PdfEngine()
    other = svg('<circle r="50" fill="blue"/><text y="20">xyz</text>')
    written = []
    for html in (body, other, body * 2, body, other):
        laid_out = layout.lay_out(CSS + html)
        written.append(pdf.write(laid_out)[0])
        laid_out.unlink()
    assert written[0] == written[3]
    assert written[1] == written[4]
    assert written[0] == made(body)[0]


def test_svgs_as_backgrounds_markers_and_content() -> None:
    dot = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2" width="10" height="10"><rect width="2" height="2" fill="red"/></svg>'
    shown = pixels(
        made('<div style="width:50px;height:50px;background:url(a.svg) no-repeat 40px 40px"></div>', a_svg=dot)[0]
    )
    assert near(shown, (45, 45), RED)
    assert near(shown, (35, 45), WHITE)
    shown = pixels(made("<style>p::before{content:url(a.svg)}p{margin:0;line-height:10px}</style><p>", a_svg=dot)[0])
    assert near(shown, (5, 5), RED)


def test_object_fit_scales_the_viewport() -> None:
    wide = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1" width="20" height="10"><rect width="2" height="1" fill="red"/></svg>'
    for fit, seen in (("contain", {(50, 50): RED, (50, 10): WHITE}), ("cover", {(50, 10): RED, (5, 5): RED}),
                      ("none", {(50, 50): RED, (30, 50): WHITE}), ("fill", {(50, 50): RED, (50, 10): WHITE})):  # fmt: skip
        shown = pixels(made(f'<img src=a.svg style="width:100px;height:100px;object-fit:{fit}">', a_svg=wide)[0])
        for place, color in seen.items():
            assert near(shown, place, color), (fit, place)


def test_what_an_svg_lacks_is_warned_of_once() -> None:
    _, warnings = made(svg('<filter id="f"/><rect width="9" height="9" filter="url(#f)"/>') * 2)
    assert [warning.code for warning in warnings] == ["unsupported_svg"]
    _, warnings = made(
        "<img src=a.svg><img src=b.svg>",
        a_svg=b"<svg><broken",
        b_svg=linked('<image href="red.png" width="5" height="5"/>'),
    )
    assert [warning.code for warning in warnings] == ["missing_image", "missing_image"]
    assert "data: URLs" in warnings[1].message
