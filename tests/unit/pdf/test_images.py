"""Images: passed through where PDF can read them, decoded where not, limited always."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.fragments import ImageFragment, Placed
from spark_pdf.layout.images import Image, UnreadableImageError, read_image
from spark_pdf.layout.values import Position
from spark_pdf.model import Limits, RenderWarning
from spark_pdf.pdf.images import BrokenImageError, ImageCache, image_key, prepare

PIXELS = 50_000_000


def picture(mode: str, size: tuple[int, int] = (16, 8)) -> Pillow.Image:
    """Left half red or dark, right half blue or light."""
    image = Pillow.new("RGBA", size, (200, 20, 20, 255))
    image.paste((20, 20, 200, 255), (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def encoded(image: Pillow.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def shown(kit: Any, data: bytes, **style: Any) -> tuple[Any, Any]:
    size = Pillow.open(io.BytesIO(data)).size
    image = Image(image_key(data), "logo", "png", float(size[0]), float(size[1]), data)
    fragment = ImageFragment(kit.style(**style), None, 0, 0, 160, 80, image)
    pdf = kit.pdf(Placed(fragment, 50, 50))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.check_pdf_syntax()
        objects = [dict(x.stream_dict.as_dict()) for x in opened.pages[0].Resources.XObject.values()]
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=96 / 72).to_pil().convert("RGB"), objects


def is_red(pixel: tuple[int, int, int]) -> bool:
    return pixel[0] > pixel[2] + 50


def is_blue(pixel: tuple[int, int, int]) -> bool:
    return pixel[2] > pixel[0] + 50


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("RGB", "PNG", {}), ("RGBA", "PNG", {}), ("P", "PNG", {}), ("RGB", "JPEG", {"quality": 95}), ("RGB", "GIF", {}),
        ("RGB", "JPEG", {"quality": 95, "progressive": True}), ("RGB", "WEBP", {"lossless": True}),
        ("CMYK", "JPEG", {"quality": 95}),
    ],
)  # fmt: skip
def test_each_kind_is_shown(kit: Any, mode: str, kind: str, options: dict[str, Any]) -> None:
    drawn, _ = shown(kit, encoded(picture(mode), kind, **options))
    assert is_red(drawn.getpixel((80, 90)))
    assert is_blue(drawn.getpixel((180, 90)))


def test_jpeg_files_go_in_as_they_are() -> None:
    data = encoded(picture("RGB"), "JPEG")
    stream = prepare("k", data, PIXELS).stream
    assert stream is not None
    assert data in stream.body


def test_alpha_becomes_a_soft_mask_only_where_there_is_any(kit: Any) -> None:
    opaque = prepare("k", encoded(picture("RGBA"), "PNG"), PIXELS)
    assert opaque.alpha is None
    image = picture("RGBA")
    image.putalpha(Pillow.linear_gradient("L").resize(image.size))
    translucent = encoded(image, "PNG")
    assert prepare("k", translucent, PIXELS).alpha is not None
    drawn, objects = shown(kit, translucent)
    assert "/SMask" in objects[0]
    assert drawn.getpixel((80, 52))[1] > drawn.getpixel((80, 126))[1] + 100


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exif_orientation_is_honoured(kit: Any, orientation: int, kind: str) -> None:
    """Pillow's own transposition says where the corners go."""
    image = Pillow.new("RGB", (64, 64), "white")
    image.paste((200, 20, 20), (0, 0, 32, 32))
    image.paste((20, 20, 200), (32, 0, 64, 32))
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encoded(image, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    from PIL import ImageOps

    wanted = ImageOps.exif_transpose(Pillow.open(io.BytesIO(data))).convert("RGB")
    drawn, _ = shown(kit, data)
    for x, y in ((16, 16), (48, 16), (16, 48), (48, 48)):
        at = drawn.getpixel((50 + x * 160 // 64, 50 + y * 80 // 64))
        assert (is_red(at), is_blue(at)) == (is_red(wanted.getpixel((x, y))), is_blue(wanted.getpixel((x, y))))


def test_object_fit(kit: Any) -> None:
    data = encoded(picture("RGB", (40, 40)), "PNG")
    centre = (Position(0.5, 0.0), Position(0.5, 0.0))
    contained, _ = shown(kit, data, object_fit="contain", object_position=centre)
    assert contained.getpixel((60, 90)) == (255, 255, 255)
    assert is_red(contained.getpixel((100, 90)))
    covering, _ = shown(kit, data, object_fit="cover", object_position=centre)
    assert is_red(covering.getpixel((52, 90)))
    assert covering.getpixel((100, 45)) == (255, 255, 255)


def test_an_image_is_embedded_once(kit: Any) -> None:
    data = encoded(picture("RGB"), "PNG")
    image = Image(image_key(data), "logo", "jpeg", 16.0, 8.0, data)
    items = [Placed(ImageFragment(kit.style(), None, 0, 0, 16, 8, image), 10, 10 * n) for n in range(5)]
    with pikepdf.open(io.BytesIO(kit.pdf(*items))) as pdf:
        assert len(pdf.pages[0].Resources.XObject) == 1


def test_too_many_pixels_and_broken_files() -> None:
    data = encoded(picture("RGB"), "PNG")
    with pytest.raises(LimitExceeded) as caught:
        prepare("k", data, 100)
    assert caught.value.code == "limit_pixels"
    for broken in (b"", b"nonsense", data[:40], data[:-30], b"\xff\xd8\xff", data[:20] + b"\0" * 30):
        with pytest.raises(BrokenImageError):
            prepare("k", broken, PIXELS)


def test_a_header_that_lies_about_its_size_is_refused_before_memory_is_taken() -> None:
    data = bytearray(encoded(picture("RGB"), "PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(LimitExceeded):
        prepare("k", bytes(data), PIXELS)
    data[16:24] = (5_000).to_bytes(4, "big") * 2
    with pytest.raises(BrokenImageError):
        prepare("k", bytes(data), PIXELS)


def test_a_broken_image_is_a_warning_once(kit: Any) -> None:
    image = Image("bad", "img/bad.png", "png", 10.0, 10.0, b"nonsense")
    item = Placed(ImageFragment(kit.style(), None, 0, 0, 10, 10, image), 10, 10)
    warnings: list[RenderWarning] = []
    kit.engine.write(kit.laid_out(kit.page([item, item])), warnings=warnings, limits=Limits())
    assert [warning.code for warning in warnings] == ["broken_image"]


def test_the_cache_is_bounded_by_bytes_and_eviction_changes_nothing() -> None:
    files = [encoded(picture("RGB", (200 + n, 100)), "JPEG") for n in range(6)]
    cache = ImageCache(2 * max(map(len, files)) + 2000)
    first = [cache.get(image_key(data), data, PIXELS) for data in files]
    assert len(cache._images) < 6
    again = [cache.get(image_key(data), data, PIXELS) for data in files]
    assert [image.stream.body for image in again] == [image.stream.body for image in first]
    assert [image._replace(stream=None) for image in again] == [image._replace(stream=None) for image in first]


def rgb_profile(name: bytes = b"xRGB") -> bytes:
    """A profile that is sRGB by another name."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"sRGB", name).replace("sRGB".encode("utf-16-be"), name.decode().encode("utf-16-be"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_icc_profiles_stay_unless_they_say_srgb(kit: Any, kind: str, mode: str) -> None:
    if mode != "RGB" and kind == "JPEG":
        pytest.skip("JPEG has neither")
    picture_ = picture("RGB").convert(mode)
    if mode == "RGBA":
        picture_.putalpha(100)
    for name, kept in ((b"xRGB", True), (b"sRGB", False)):
        data = encoded(picture_, kind, icc_profile=rgb_profile(name))
        assert bool(prepare("k", data, 10**6).profile) is kept
        _, (image,) = shown(kit, data)
        space = image["/ColorSpace"]
        if mode == "P" and kind == "PNG":
            space = space[1]
        assert (str(space[0]) == "/ICCBased" if isinstance(space, pikepdf.Array) else False) is kept


def test_profiles_that_are_not_whole_or_not_of_the_image_are_left_out() -> None:
    cmyk = rgb_profile().replace(b"RGB XYZ ", b"CMYKLab ")
    for profile in (b"", b"nonsense" * 30, rgb_profile()[:200], cmyk):
        assert prepare("k", encoded(picture("RGB"), "PNG", icc_profile=profile), 10**6).profile == b""


def test_sixteen_bits_go_in_as_they_are(kit: Any) -> None:
    rows = b"".join(b"\0" + struct.pack(">6H", 65535, 0, 0, 0, 0, 65535) for _ in range(2))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    prepared = prepare("k", data, 100)
    assert prepared.entries["BitsPerComponent"] == 16
    drawn, _ = shown(kit, data)
    assert is_red(drawn.getpixel((80, 90)))
    assert is_blue(drawn.getpixel((180, 90)))


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_image_orientation_none_shows_what_is_stored(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    found = read_image(encoded(picture("RGB"), "JPEG", exif=exif), "a.jpg", Limits())
    stored = found.as_stored()
    assert (found.width, found.height) == ((8, 16) if orientation == 6 else (16, 8))
    assert (stored.width, stored.height) == (16, 8)
    assert (stored.orientation == 0) is (orientation != 1)


@pytest.mark.parametrize(
    ("kind", "read"), [("PNG", "png"), ("JPEG", "jpeg"), ("MPO", "jpeg"), ("GIF", "gif"), ("WEBP", "webp")]
)
def test_each_kind_is_recognised(kind: str, read: str) -> None:
    found = read_image(encoded(picture("RGB"), kind), "a", Limits())
    assert (found.kind, found.width, found.height) == (read, *map(float, picture("RGB").size))


def test_no_other_kind_is_decoded() -> None:
    for kind in ("TIFF", "BMP", "EPS", "PPM"):
        with pytest.raises(UnreadableImageError):
            read_image(encoded(picture("RGB"), kind), "a", Limits())
