"""Images: from a URL's bytes to what layout needs of them, which is kind and size; pixels are `pdf`'s.

Only the header is read (Pillow opens lazily). Sizes are CSS px: one image pixel is one px (`image-resolution: 1dppx`);
EXIF's orientation is honoured (`image-orientation: from-image`).
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass, replace

from PIL import Image as Pillow

from spark_pdf.errors import BundleError, LimitExceeded
from spark_pdf.layout.geometry import DEFAULT_HEIGHT, DEFAULT_WIDTH
from spark_pdf.layout.svg.source import VectorSource, read_svg
from spark_pdf.layout.svg.xml import BrokenSvgError, looks_like_svg
from spark_pdf.layout.values import Url
from spark_pdf.model import Limits, Resources
from spark_pdf.text.fonts import FontSet

KINDS = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg", "GIF": "gif", "WEBP": "webp"}
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
"""What Pillow is to look for. It starts programs for some others; MPO is a JPEG, which it finds by itself."""

_ORIENTATION = 0x0112
_ON_THEIR_SIDE = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An image file: `key` is the SHA-256 of `data` in hex; `width` and `height` its intrinsic size in px."""

    key: str
    url: str
    kind: str
    width: float
    height: float
    data: bytes
    vector: VectorSource | None = None
    """What an SVG is drawn from. Its `width` and `height` are a default where it has no natural size of its own."""

    orientation: int = 1
    """How EXIF says that a JPEG is turned; 0 where it is shown as it is stored (`image-orientation: none`)."""

    def as_stored(self) -> Image:
        """The image without what EXIF says."""
        if self.orientation < 2:
            return self
        turned = self.orientation in _ON_THEIR_SIDE
        width, height = (self.height, self.width) if turned else (self.width, self.height)
        return replace(self, width=width, height=height, orientation=0)

    @property
    def natural(self) -> tuple[float | None, float | None, float | None]:
        """Natural width, height and ratio, as far as there are any (CSS Images 3, 4.1)."""
        if self.vector is not None:
            return self.vector.natural
        return self.width, self.height, self.width / self.height if self.height else None


def vector_image(key: str, url: str, vector: VectorSource) -> Image:
    """An SVG as an image; what it has no natural size for is that of a default object (CSS Images 3, 4.3)."""
    width, height, ratio = vector.natural
    if width is None and height is None:
        width = min(DEFAULT_WIDTH, DEFAULT_HEIGHT * ratio) if ratio else DEFAULT_WIDTH
        height = width / ratio if ratio else DEFAULT_HEIGHT
    elif width is None:
        assert height is not None
        width = height * ratio if ratio else DEFAULT_WIDTH
    elif height is None:
        height = width / ratio if ratio else DEFAULT_HEIGHT
    return Image(key, url, "svg", width, height, b"", vector)


class UnreadableImageError(ValueError):
    """Bytes that are no image of a known kind; the message says why."""


def read_image(data: bytes, url: str, limits: Limits) -> Image:
    """A bitmap of these bytes. Raises `UnreadableImageError`, or `LimitExceeded` for more pixels than allowed."""
    try:
        with warnings.catch_warnings():
            # Of large images, for which ours is `limits.pixels_per_image`; of broken EXIF, which says nothing then.
            warnings.simplefilter("ignore")
            with Pillow.open(io.BytesIO(data), formats=FORMATS) as opened:
                kind, (width, height) = KINDS[opened.format or ""], opened.size
                orientation = opened.getexif().get(_ORIENTATION, 1)
    except Pillow.DecompressionBombError:
        raise LimitExceeded("limit_pixels", f"the image '{_shown(url)}' has more pixels than can be read") from None
    except Exception:  # Pillow raises many kinds for broken files
        raise UnreadableImageError(
            f"the image '{_shown(url)}' cannot be read: it is no PNG, JPEG, GIF or WebP that is whole"
        ) from None
    if width * height > limits.pixels_per_image:
        raise LimitExceeded(
            "limit_pixels",
            f"the image '{_shown(url)}' has {width} x {height} pixels, "
            f"and limits.pixels_per_image is {limits.pixels_per_image}",
        )
    if orientation in _ON_THEIR_SIDE:
        width, height = height, width
    turned = orientation if kind == "jpeg" and orientation in range(2, 9) else 1
    return Image(hashlib.sha256(data).hexdigest(), url, kind, float(width), float(height), data, None, turned)


def _shown(url: str) -> str:
    """A URL for a message: data URLs hold content, so only their type is shown."""
    return url.split(",", 1)[0][:60] + ",..." if _is_data(url) else url


def _is_data(url: str) -> bool:
    return url.startswith("data:") or url[:50].lstrip()[:5].lower() == "data:"


_MOST_IMAGES = 4096


class ImageCache:
    """Images by URL, as long as the worker lives: what the bundle lends is read once. `data:` URLs are bounded by
    bytes, and others, which a record may make so that no two are the same, by count.
    """

    __slots__ = ("_images", "_inline", "_inline_bytes", "_limits", "_resources", "fonts")

    def __init__(self, resources: Resources, limits: Limits, fonts: FontSet | None = None) -> None:
        self.fonts = fonts
        """What texts in SVG files are shown in; without, the fonts of the package."""
        self._resources = resources
        self._limits = limits
        self._images: dict[tuple[str, str], Image | str] = {}
        self._inline: dict[tuple[str, str], Image | str] = {}
        self._inline_bytes = 0

    def get(self, url: str, base: str) -> Image | str:
        """The image, or a sentence about why there is none. Raises `LimitExceeded`."""
        kept = self._inline if _is_data(url) else self._images
        found = kept.get((url, base))
        if found is None:
            if len(kept) >= _MOST_IMAGES:
                kept.clear()
            found = kept[url, base] = self._read(url, base)
            if kept is self._inline:
                self._inline_bytes += len(url)
                if self._inline_bytes > 16_000_000:
                    self._inline = {(url, base): found}
                    self._inline_bytes = len(url)
        return found

    def _read(self, url: str, base: str) -> Image | str:
        if not url.strip():
            return "an image has no URL"
        try:
            data = self._resources.read(url, base)
            return self._svg(data, url) if looks_like_svg(data) else read_image(data, url, self._limits)
        except BundleError as error:
            named = "" if _is_data(url) else f"the image '{_shown(url)}' is missing: "
            return named + error.reason
        except UnreadableImageError as error:
            return str(error)

    def _svg(self, data: bytes, url: str) -> Image:
        if self.fonts is None:
            self.fonts = FontSet()
        try:
            vector = read_svg(data, _shown(url), self.fonts, self._embedded)
        except BrokenSvgError as error:
            raise UnreadableImageError(f"the image '{_shown(url)}' cannot be read: {error}") from None
        return vector_image(hashlib.sha256(data).hexdigest(), url, vector)

    def _embedded(self, url: Url) -> Image | str:
        """An image within a linked SVG file, which may be a `data:` URL only: such a file reads nothing else."""
        if not url.url.startswith("data:"):
            return "an SVG file refers to another file, which is not read; only data: URLs are"
        return self.get(url.url, "")
