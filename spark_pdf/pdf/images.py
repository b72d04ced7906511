"""Images made ready for embedding, once per worker (ISO 32000-1, 8.9 and 7.4).

In: the bytes of an image file. Out: a `PreparedImage`: streams that are copied into any document that shows it. JPEG
files go in as they are. PNG files without transparency keep their rows and predictors and are only deflated anew
(their own zlib stream is checked by that). Everything else is decoded by Pillow, split into colour and alpha, and
takes the way of a PNG.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from PIL import Image as Pillow
from PIL import ImageOps

from spark_pdf.errors import LimitExceeded
from spark_pdf.layout.images import FORMATS
from spark_pdf.pdf.deflating import PREPARED_LEVEL, compress, decompress
from spark_pdf.pdf.writer import PdfWriter, PreparedStream, prepared_stream, ref

_PNG = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1}
_START_OF_FRAME = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive Huffman frames: what /DCTDecode is required to read (table 13)."""


_TURNS = {
    2: (-1, 0, 0, 1, 1, 0), 3: (-1, 0, 0, -1, 1, 1), 4: (1, 0, 0, -1, 0, 1), 5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1), 7: (0, 1, 1, 0, 0, 0), 8: (0, 1, -1, 0, 1, 0),
}  # fmt: skip
"""EXIF orientations (tag 0x0112) as matrices of the unit square, y upwards (CSS Images 3, 5.6: `from-image`)."""


class BrokenImageError(ValueError):
    """The file is not an image that can be read; says what is wrong, never what is in it."""


class PreparedImage(NamedTuple):
    """An image XObject's entries and data, and those of its soft mask. `key`: SHA-256 of the image file.

    `stream`: the XObject as it stands in any document, in place of `data`, where it depends on no other object.
    """

    key: str
    width: int
    height: int
    entries: dict[str, object]
    data: bytes
    palette: bytes = b""
    alpha: PreparedImage | None = None
    turn: tuple[int, int, int, int, int, int] | None = None
    """How EXIF wants the unit square turned before it is placed; None: as it is."""
    profile: bytes = b""
    """The ICC profile of its colours, where they are not those of the device or sRGB."""

    stream: PreparedStream | None = None

    @property
    def cost(self) -> int:
        """Bytes that the image holds in memory."""
        data = len(self.data if self.stream is None else self.stream.body)
        return data + len(self.palette) + len(self.profile) + (self.alpha.cost if self.alpha else 0) + 500


def write_image(writer: PdfWriter, image: PreparedImage) -> int:
    """Put an image's objects; returns the number of the XObject."""
    if image.stream is not None:
        return writer.prepared(image.stream)
    entries = _entries_of(image)
    if image.profile:
        entries["ColorSpace"] = ["/ICCBased", ref(_write_profile(writer, image))]
    if image.palette:
        base = entries["ColorSpace"] if image.profile else "/DeviceRGB"
        entries["ColorSpace"] = ["/Indexed", base, len(image.palette) // 3 - 1, image.palette]
    if image.alpha is not None:
        entries["SMask"] = ref(write_image(writer, image.alpha))
    return writer.stream(entries, image.data, digest=image.key.encode())


def _entries_of(image: PreparedImage) -> dict[str, object]:
    return {"Type": "/XObject", "Subtype": "/Image", "Width": image.width, "Height": image.height, **image.entries}


def _with_stream(image: PreparedImage) -> PreparedImage:
    """The image with its stream encoded, if that names no other object and holds no string."""
    if image.palette or image.profile or image.alpha is not None:
        return image
    return image._replace(data=b"", stream=prepared_stream(_entries_of(image), image.data))


def _write_profile(writer: PdfWriter, image: PreparedImage) -> int:
    """Put the ICC profile; images that share one share its object."""
    kind = image.profile[16:20]
    space = {b"GRAY": "/DeviceGray", b"RGB ": "/DeviceRGB", b"CMYK": "/DeviceCMYK"}[kind]
    entries = {"N": _COMPONENTS[kind], "Alternate": space}
    return writer.stream(entries, image.profile, level=PREPARED_LEVEL, shared=True)


_COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_MOST_PROFILE = 4_000_000


def _profile(data: object, components: int) -> bytes:
    """An ICC profile that may stand in a file: whole, of as many components, and not sRGB, which viewers assume."""
    if not isinstance(data, bytes) or not 132 <= len(data) <= _MOST_PROFILE or data[36:40] != b"acsp":
        return b""
    if int.from_bytes(data[:4], "big") > len(data) or data[8] > 4 or _COMPONENTS.get(data[16:20]) != components:
        return b""
    named = b"sRGB" in data or "sRGB".encode("utf-16-be") in data
    return b"" if named else data


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of EXIF and profiles that it cannot read, on the standard error of whoever runs the worker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _profile_of(data: bytes, components: int) -> bytes:
    """The profile in an image file."""
    try:
        with _quiet(), Pillow.open(io.BytesIO(data), formats=FORMATS) as opened:
            return _profile(opened.info.get("icc_profile"), components)
    except Exception:  # what cannot be read says nothing; the picture itself is passed on as it is
        return b""


class ImageCache:
    """Prepared images by the SHA-256 of their files; beyond a number of bytes, the least recently used are dropped."""

    __slots__ = ("_budget", "_images", "_size")

    def __init__(self, budget: int = 64 * 1024 * 1024) -> None:
        self._budget = budget
        self._size = 0
        self._images: OrderedDict[str, PreparedImage] = OrderedDict()

    def get(self, key: str, data: bytes, max_pixels: int) -> PreparedImage:
        """The image ready for embedding. Raises `BrokenImageError`, or `LimitExceeded` ("limit_pixels")."""
        image = self._images.get(key)
        if image is None:
            image = prepare(key, data, max_pixels)
            self._images[key] = image
            self._size += image.cost
            while self._size > self._budget and len(self._images) > 1:
                self._size -= self._images.popitem(last=False)[1].cost
        else:
            self._images.move_to_end(key)
            _check_pixels(image.width, image.height, max_pixels)
        return image


def prepare(key: str, data: bytes, max_pixels: int) -> PreparedImage:
    """Make an image ready: what `ImageCache.get` remembers."""
    found: PreparedImage | None = None
    if data.startswith(_PNG):
        found = _png(key, data, max_pixels)
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(key, data, max_pixels)
    return _with_stream(found or _decoded(key, data, max_pixels))


def _check_pixels(width: int, height: int, max_pixels: int) -> None:
    if width <= 0 or height <= 0:
        raise BrokenImageError("it has no size")
    if width * height > max_pixels:
        raise LimitExceeded(
            "limit_pixels", f"an image has {width} x {height} pixels; limits.pixels_per_image is {max_pixels}"
        )


def _png(key: str, data: bytes, max_pixels: int) -> PreparedImage | None:
    """A PNG whose rows PDF's predictors read as they are, or None where it has to be decoded (PNG 3, clause 11)."""
    body: list[bytes] = []
    palette = profile = b""
    where = len(_PNG)
    header: tuple[int, ...] = ()
    while where + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, where)
        chunk = data[where + 8 : where + 8 + length]
        where += 12 + length
        if kind == b"IHDR" and len(chunk) == 13:
            header = struct.unpack(">IIBBBBB", chunk)
        elif kind == b"PLTE":
            palette = chunk
        elif kind == b"IDAT":
            body.append(chunk)
        elif kind == b"iCCP":
            profile = chunk
        elif kind in (b"tRNS", b"eXIf"):
            return None
        elif kind == b"IEND":
            break
    if not header:
        raise BrokenImageError("a PNG file without a header")
    width, height, depth, color, _, _, interlaced = header
    _check_pixels(width, height, max_pixels)
    if interlaced or color not in _CHANNELS or (color == 3 and not 3 <= len(palette) <= 768):
        return None
    channels = _CHANNELS[color]
    try:
        rows = decompress(b"".join(body), height * (1 + (width * channels * depth + 7) // 8))
    except ValueError:
        return None  # Pillow may know better, or say what is wrong
    entries: dict[str, object] = {
        "ColorSpace": "/DeviceRGB" if color == 2 else "/DeviceGray", "BitsPerComponent": depth,
        "Filter": "/FlateDecode",
        "DecodeParms": {"Predictor": 15, "Colors": channels, "BitsPerComponent": depth, "Columns": width},
    }  # fmt: skip
    packed = compress(rows, PREPARED_LEVEL)
    own = _profile_of(data, 1 if color == 0 else 3) if profile else b""
    return PreparedImage(key, width, height, entries, packed, palette if color == 3 else b"", profile=own)


def _jpeg(key: str, data: bytes, max_pixels: int) -> PreparedImage | None:
    """A JPEG file as it is, or None where /DCTDecode need not read its kind of frame (ITU-T T.81, annex B)."""
    where, adobe = 2, False
    while where + 4 <= len(data):
        if data[where] != 0xFF:
            return None
        marker = data[where + 1]
        if marker == 0xFF:
            where += 1
            continue
        (length,) = struct.unpack_from(">H", data, where + 2)
        if marker == 0xEE and data[where + 4 : where + 9] == b"Adobe":
            adobe = True
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if marker not in _START_OF_FRAME or where + 10 > len(data):
                return None
            depth, height, width, components = struct.unpack_from(">BHHB", data, where + 4)
            _check_pixels(width, height, max_pixels)
            if depth != 8 or components not in (1, 3, 4):
                return None
            space = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}[components]
            entries: dict[str, object] = {"ColorSpace": space, "BitsPerComponent": 8, "Filter": "/DCTDecode"}
            if components == 4 and adobe:  # Adobe writes CMYK inverted
                entries["Decode"] = "[1 0 1 0 1 0 1 0]"
            own = _profile_of(data, components) if b"ICC_PROFILE\0" in data[:where] else b""
            return PreparedImage(key, width, height, entries, data, turn=_orientation(data), profile=own)
        if marker == 0xDA:
            return None
        where += 2 + length
    return None


def _orientation(data: bytes) -> tuple[int, int, int, int, int, int] | None:
    try:
        with _quiet(), Pillow.open(io.BytesIO(data), formats=FORMATS) as opened:
            return _TURNS.get(opened.getexif().get(0x0112, 1))
    except Exception:  # EXIF that cannot be read says nothing; the picture itself is passed on as it is
        return None


def _decoded(key: str, data: bytes, max_pixels: int) -> PreparedImage:
    """Any image that Pillow reads, as an RGB or grey image with a soft mask where it is not opaque."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning; the limit below is ours
            image: Pillow.Image = Pillow.open(io.BytesIO(data), formats=FORMATS)
            _check_pixels(image.width, image.height, max_pixels)
            image.load()
            profile = image.info.get("icc_profile")
            alpha = None
            image = ImageOps.exif_transpose(image)
            if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
                rgba = image.convert("RGBA")
                alpha = rgba.getchannel("A")
                image = rgba.convert("LA").getchannel("L") if image.mode == "LA" else rgba.convert("RGB")
            elif image.mode.startswith("I") or image.mode == "F":
                image = image.convert("I").point(lambda v: v / 256).convert("L")
            elif image.mode not in ("L", "RGB", "1", "P"):
                image = image.convert("RGB")
            mask = None
            if alpha is not None and alpha.getextrema() != (255, 255):
                mask = _with_stream(_through_png(key + "/alpha", alpha, max_pixels))
            own = _profile(profile, 1 if image.mode in ("L", "1") else 3)
            return _through_png(key, image, max_pixels)._replace(alpha=mask, profile=own)
    except LimitExceeded:
        raise
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a decoder raises on a hostile file is about the file, and its text may quote it.
        raise BrokenImageError(f"it cannot be decoded ({type(error).__name__})") from None


def _through_png(key: str, image: Pillow.Image, max_pixels: int) -> PreparedImage:
    """Pillow chooses PNG's row filters; its zlib stream is replaced, because it differs from build to build."""
    out = io.BytesIO()
    image.info.clear()
    image.save(out, "PNG", compress_level=1)
    found = _png(key, out.getvalue(), max_pixels)
    if found is None:
        raise BrokenImageError("its pixels are of a kind that is not embedded")
    return found


def image_key(data: bytes) -> str:
    """The name of an image in caches: SHA-256 of the file."""
    return hashlib.sha256(data).hexdigest()
