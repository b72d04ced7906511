"""What is painted around boxes: valid files, shared objects, the same bytes, and colours where they belong."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest

from spark_pdf.layout.document import LayoutEngine
from spark_pdf.pdf.engine import PdfEngine

PAGE = "<!DOCTYPE html><style>@page { size: 200px 200px; margin: 0 } body { margin: 0 }"


class _Nothing:
    def read(self, url: str, base: str = "") -> bytes:
        raise AssertionError(url)


def pdf_of(css: str, body: str) -> bytes:
    laid_out = LayoutEngine(_Nothing()).lay_out(f"{PAGE}{css}</style>{body}")
    data, _ = PdfEngine().write(laid_out)
    assert not laid_out.warnings
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.check_pdf_syntax()
    return data


def pixels(data: bytes) -> Any:
    with pypdfium2.PdfDocument(data) as document:
        return document[0].render(scale=96 / 72).to_pil().convert("RGB")


def objects(data: bytes, **entries: str) -> int:
    """How many objects have these entries."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = 0
        for value in pdf.objects:
            if isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
                names = {key[1:]: str(item) for key, item in value.items()}
                found += all(names.get(key) == wanted for key, wanted in entries.items())
        return found


EFFECTS = [
    "background: linear-gradient(red, 30%, blue)",
    "background: linear-gradient(45deg, rgba(255, 0, 0, 0.2), blue)",
    "background: linear-gradient(in oklch longer hue, red, blue)",
    "background: linear-gradient(device-cmyk(0 1 0 0), device-cmyk(1 0 0 0))",
    "background: linear-gradient(device-cmyk(0 1 0 0), red)",
    "background: radial-gradient(circle at 20% 20%, red -20px, blue 50%)",
    "background: radial-gradient(0 0, red, blue)",
    "background: repeating-radial-gradient(red, blue 7px)",
    "background: conic-gradient(red, blue)",
    "background: conic-gradient(red 20%, transparent 0)",
    "background: repeating-linear-gradient(red 0, blue 0)",
    "background: linear-gradient(red, blue) 0 0 / 3px 3px",
    "background: linear-gradient(red, blue) 0 0 / 0 10px",
    "background: linear-gradient(red, blue); background-clip: text",
    "background: linear-gradient(red, blue) lime; background-blend-mode: color-dodge",
    "box-shadow: 3px 3px 10px 2px rgba(0, 0, 0, 0.5), inset 0 0 20px red",
    "box-shadow: inset 0 0 10px 100px red; border-radius: 10px 40% / 5px",
    "box-shadow: 0 0 1000px -2000px red",
    "outline: 3px dotted red; outline-offset: -100px; border-radius: 10px",
    "border: 3px double red; border-left: 12px groove blue; border-radius: 50%",
    "border: 0.4px dashed red; border-top: 1px dotted blue; border-radius: 1px",
    "border: 10px solid; border-image: conic-gradient(red, blue) 40% fill / 5px auto / 3px round space",
    "text-shadow: 1px 1px red, 0 0 4px blue, 2px 2px 30px lime",
    "transform: rotate(30deg) skewX(89.999deg) scale(0)",
    "transform: matrix(1e9, 0, 0, 1e-9, 1e12, 0)",
    "clip-path: polygon(0 0, 100% 0, 50% 100%)",
    "clip-path: inset(80% 80%)",
    "mix-blend-mode: luminosity; opacity: 0.3; isolation: isolate",
    "overflow: hidden; border-radius: 30px; border: 2px solid red",
]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("size", ["width: 80px; height: 40px", "width: 0; height: 0", "height: 0.01px"])
def test_any_effect_on_any_size_is_a_valid_file_and_the_same_again(effect: str, size: str) -> None:
    css = f"div {{ {effect}; {size} }}"
    first = pdf_of(css, "<div>text</div>")
    assert pdf_of(css, "<div>text</div>") == first
    pixels(first)


def test_equal_gradients_of_equal_size_are_one_shading() -> None:
    css = "div { height: 20px; width: 50px; background: linear-gradient(red, blue) }"
    data = pdf_of(css, "<div></div>" * 5 + "<div style='width: 60px'></div>")
    assert objects(data, ShadingType="2") == 1  # from top to bottom, the width is nothing to it
    data = pdf_of(css, "<div></div>" * 2 + "<div style='height: 30px'></div>")
    assert objects(data, ShadingType="2") == 2


def test_a_pattern_is_shared_whatever_the_place() -> None:
    css = "div { height: 30px; width: 100px; margin: 3px; background: linear-gradient(red, blue) 0 0 / 5px 5px }"
    assert objects(pdf_of(css, "<div></div>" * 3), PatternType="1") == 1


def test_equal_shadows_are_one_form() -> None:
    css = "div { height: 20px; width: 50px; margin: 20px; box-shadow: 0 0 8px rgba(0, 0, 0, 0.4) }"
    one, three = pdf_of(css, "<div></div>"), pdf_of(css, "<div></div>" * 3)
    assert objects(three, Subtype="/Form") == objects(one, Subtype="/Form") == 1
    assert len(three) - len(one) < 150


def test_a_shadow_fades_from_half_at_the_edge() -> None:
    css = "div { height: 100px; width: 100px; margin: 50px; box-shadow: 0 0 20px black }"
    picture = pixels(pdf_of(css, "<div></div>"))
    inside, near, far = (picture.getpixel((x, 100))[0] for x in (100, 49, 20))
    assert inside == 255  # nothing is behind the box
    assert 115 < near < 150
    assert far == 255


def test_shadows_of_text_are_read_by_nobody() -> None:
    data = pdf_of("p { text-shadow: 2px 2px red, 0 0 5px blue }", "<p>only once</p>")
    with pypdfium2.PdfDocument(data) as document:
        assert document[0].get_textpage().get_text_range().strip() == "only once"


def test_flat_stripes_meet_where_css_says() -> None:
    picture = pixels(
        pdf_of("div { height: 40px; background: linear-gradient(to right, red 63px, blue 63px) }", "<div></div>")
    )
    assert picture.getpixel((62, 20)) == (255, 0, 0)
    assert picture.getpixel((63, 20)) == (0, 0, 255)


def test_cmyk_stays_cmyk() -> None:
    css = "div { height: 20px; background: linear-gradient(device-cmyk(0 1 0 0), device-cmyk(1 0 0 0.5)) }"
    assert objects(pdf_of(css, "<div></div>"), ShadingType="2", ColorSpace="/DeviceCMYK") == 1
    data = pdf_of("div { height: 20px; border: 2px solid device-cmyk(0 1 0 0) }", "<div></div>")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert b"0 1 0 0 k" in pdf.pages[0].Contents.read_bytes()


def test_a_link_is_where_its_transform_puts_it() -> None:
    css = "a { display: block; width: 40px; height: 20px; transform: translate(100px, 50px) rotate(90deg) }"
    data = pdf_of(css, "<a href='https://example.org'>x</a>")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        rect = [float(value) / 0.75 for value in pdf.pages[0].Annots[0].Rect]
    assert rect == pytest.approx([110, 200 - 80, 130, 200 - 40], abs=0.1)


def test_an_anchor_is_where_its_transform_puts_it() -> None:
    css = "#there { transform: translate(30px, 60px) }"
    data = pdf_of(css, "<a href='#there'>x</a><p id=there style='margin: 0'>y</p>")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _, kind, x, y, _ = pdf.pages[0].Annots[0].Dest
        assert (str(kind), float(x)) == ("/XYZ", pytest.approx(22.5, abs=0.1))
        assert float(y) < 0.75 * (200 - 60)


def test_a_plain_box_is_a_rectangle_and_nothing_more() -> None:
    data = pdf_of("div { height: 20px; background: red }", "<div></div>")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
        assert content.split(b"\n")[1:4] == [b"1 0 0 rg", b"0 0 200 20 re", b"f"]
        assert not pdf.pages[0].Resources


@pytest.mark.parametrize(
    ("css", "group"),
    [("color: red", None), ("opacity: 0.5", "/DeviceRGB"), ("opacity: 0.5; color: device-cmyk(0 0 0 1)", None)],
)
def test_pages_with_something_translucent_name_their_blending_space(css: str, group: str | None) -> None:
    with pikepdf.open(io.BytesIO(pdf_of(f"p {{ {css} }}", "<p>x</p>"))) as pdf:
        found = pdf.pages[0].get("/Group")
        assert (str(found.CS) if found is not None else None) == group
