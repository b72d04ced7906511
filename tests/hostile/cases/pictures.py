"""Images: bombs, headers that lie, files that are cut off, SVG that reaches out or grows, files that are two things."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from spark_pdf.model import Limits
from tests.hostile.case import FEW, PLANTED, Corpus

CORPUS = Corpus("picture")
SHOWN = "<img src=a.img><p style='background:url(a.img);list-style:url(a.img);border:9px solid;border-image:url(a.img) 1'>x</p>"
EITHER = "document or limit_pixels"


def chunk(kind: bytes, data: bytes, length: int | None = None, crc: int | None = None) -> bytes:
    """A PNG chunk, whose length and checksum may lie."""
    own = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", own)


def png(
    width: int,
    height: int,
    depth: int = 8,
    color: int = 2,
    body: bytes | None = None,
    interlace: int = 0,
    extra: bytes = b"",
    level: int = 9,
) -> bytes:
    """A PNG file of zeros, or with a body that is not what the header says."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(color, 1)
    rows = bytes(height * (1 + (width * channels * depth + 7) // 8)) if body is None else body
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b"")


def made(kind: str, mode: str = "RGB", size: tuple[int, int] = (20, 20), **options: object) -> bytes:
    """A whole image file by Pillow."""
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert(mode).save(out, kind, **options)
    return out.getvalue()


def shown(
    name: str, data: bytes | Callable[[], bytes], outcome: str = "document", says: str = "", limits: Limits = FEW
) -> None:
    CORPUS.renders(name, outcome, SHOWN, None, says, limits, a_img=data)


ZEROS = zlib.compress(bytes(50_000_000), 9)
shown("a PNG bomb", lambda: png(60_000, 60_000, body=b""), "limit_pixels", "pixels")
shown("a PNG of the largest size", png(2**31 - 1, 2**31 - 1, body=b""), "limit_pixels")
shown("a PNG of negative size", png(2**32 - 1, 2**32 - 1, body=b""), "document or limit_pixels")
shown("a PNG without a size", png(0, 0, body=b""))
shown("a PNG of one row of a million", png(1_000_000, 1, body=b"\0" * 3_000_001))
shown("a PNG with more data than its header says", lambda: png(10, 10, body=bytes(50_000_000)))
shown("a PNG with less data than its header says", png(900, 900, body=b"\0"))
shown("a PNG with 50 MB in a text chunk", lambda: png(3, 3, extra=chunk(b"zTXt", b"a\0\0" + ZEROS)))
shown("a PNG with 50 MB in its profile", lambda: png(3, 3, extra=chunk(b"iCCP", b"a\0\0" + ZEROS)))
shown("a PNG with 50 MB of international text", lambda: png(3, 3, extra=chunk(b"iTXt", b"a\0\1\0\0\0" + ZEROS)))
shown(
    "a PNG with many text chunks",
    lambda: png(3, 3, extra=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000))) * 100),
)
shown("a PNG with ten thousand chunks", png(3, 3, extra=chunk(b"tEXt", b"a\0b") * 10_000))
shown("a PNG with a hundred thousand empty chunks", png(3, 3, extra=chunk(b"abCd", b"") * 100_000))
shown("a PNG with a palette too short", png(9, 9, color=3, extra=chunk(b"PLTE", b"abc")))
shown("a PNG without a palette", png(9, 9, color=3))
shown("a PNG with a palette too long", png(9, 9, color=3, extra=chunk(b"PLTE", b"abc" * 999)))
shown(
    "a PNG whose pixels lie outside of the palette",
    png(9, 9, color=3, body=(b"\0" + b"\xff" * 9) * 9, extra=chunk(b"PLTE", b"abc")),
)
shown("a PNG of an unknown colour type", png(9, 9, color=5))
shown("a PNG of an unknown depth", png(9, 9, depth=7))
shown("a PNG of depth 255", png(9, 9, depth=255, body=b"0"))
shown("a PNG with an unknown filter", png(9, 9, body=(b"\x09" + bytes(27)) * 9))
shown("a PNG that is interlaced wrongly", png(9, 9, interlace=1))
shown("a PNG that is interlaced as nothing", png(9, 9, interlace=9))
shown("a PNG with a wrong checksum", png(9, 9)[:-10] + b"aaaaaaaaaa")
shown(
    "a PNG with a chunk longer than the file",
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", b"x", length=2**31 - 1),
)
shown(
    "a PNG with two headers",
    png(9, 9, extra=chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))),
    EITHER,
)
shown("a PNG with a short header", b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"abc") + chunk(b"IEND", b""))
shown("a PNG of its signature alone", b"\x89PNG\r\n\x1a\n")
shown("a PNG with transparency too long", png(9, 9, extra=chunk(b"tRNS", b"a" * 1000)))
shown("a PNG with broken EXIF", png(9, 9, extra=chunk(b"eXIf", b"MM\0*" + b"\xff" * 100)))
shown(
    "a PNG with EXIF in a circle",
    png(9, 9, extra=chunk(b"eXIf", b"II*\0\x08\0\0\0\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0")),
)
shown("an animated PNG that lies", png(9, 9, extra=chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))))
shown(
    "a PNG with NaN gamma",
    png(9, 9, extra=chunk(b"gAMA", b"\0\0\0\0") + chunk(b"cHRM", b"\xff" * 32) + chunk(b"pHYs", bytes(9))),
)
for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I"):
    shown(f"a PNG of mode {mode}", made("PNG", "L") if mode.startswith("I") else made("PNG", mode))
for kind, mode in (("PNG", "RGBA"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGBA"), ("PNG", "P")):
    whole = made(kind, mode)
    for place in (9, 30, len(whole) // 2, len(whole) - 3):
        shown(f"a {kind} of {mode} cut off at {place}", whole[:place])
    shown(
        f"a {kind} of {mode} with zeros in it",
        whole[: len(whole) // 3] + bytes(len(whole) // 3) + whole[2 * len(whole) // 3 :],
    )
    for seed in range(4):
        lot = random.Random(seed)
        hurt = bytearray(whole)
        for _ in range(12):
            hurt[lot.randrange(4, len(hurt))] = lot.randrange(256)
        shown(f"a {kind} of {mode} hurt at random ({seed})", bytes(hurt), EITHER)
JPEG = made("JPEG")
FRAME = JPEG.index(b"\xff\xc0")
shown("a JPEG bomb", JPEG[: FRAME + 5] + b"\xff\xff\xff\xff" + JPEG[FRAME + 9 :], "limit_pixels")
shown("a JPEG without a size", JPEG[: FRAME + 5] + bytes(4) + JPEG[FRAME + 9 :])
shown("a JPEG larger than it is", JPEG[: FRAME + 5] + b"\x03\x00\x03\x00" + JPEG[FRAME + 9 :])
shown("a JPEG of no components", JPEG[: FRAME + 9] + b"\0" + JPEG[FRAME + 10 :])
shown("a JPEG of 255 components", JPEG[: FRAME + 9] + b"\xff" + JPEG[FRAME + 10 :])
shown("a JPEG of twelve bits", JPEG[: FRAME + 4] + b"\x0c" + JPEG[FRAME + 5 :])
shown("a JPEG of arithmetic coding", JPEG[: FRAME + 1] + b"\xc9" + JPEG[FRAME + 2 :])
shown("a JPEG that is lossless", JPEG[: FRAME + 1] + b"\xc3" + JPEG[FRAME + 2 :])
shown("a JPEG of markers alone", b"\xff\xd8" + b"\xff" * 100_000)
shown("a JPEG of segments without end", b"\xff\xd8" + b"\xff\xe1\x00\x02" * 50_000)
shown("a JPEG with a segment of length 0", b"\xff\xd8" + b"\xff\xe1\x00\x00" * 50_000)
shown("a JPEG with a segment longer than the file", b"\xff\xd8\xff\xe1\xff\xff")
shown("a JPEG with broken EXIF", JPEG[:2] + b"\xff\xe1\x00\x20Exif\0\0MM\0*" + b"\xff" * 20 + JPEG[2:])
shown(
    "a JPEG with an orientation of 99",
    JPEG[:2] + b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x63\0\0\0\0\0\0" + JPEG[2:],
)
shown(
    "a JPEG with a profile in 255 parts",
    JPEG[:2] + b"".join(b"\xff\xe2\x00\x14ICC_PROFILE\0" + bytes((n, 255)) + b"abcd" for n in range(1, 255)) + JPEG[2:],
)
shown("a JPEG of many scans", JPEG[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 20_000 + b"\xff\xd9")
shown(
    "a GIF bomb",
    b"GIF89a\xff\xff\xff\xff\xf0\0\0" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x01\x00\x00;",
    EITHER,
)
shown(
    "a GIF frame larger than its screen",
    b"GIF89a\x09\0\x09\0\xf0\0\0" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x01\x00\x00;",
    EITHER,
)
shown(
    "a GIF of a thousand frames",
    made("GIF", "P", save_all=True, append_images=[Image.new("P", (20, 20), n % 255) for n in range(1000)]),
)
shown("a GIF without end", made("GIF", "P")[:-1] + b"\x21\xfe\x01a" * 10_000)
shown("a WebP that lies", b"RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\xff\xff\xff\xff\xff", EITHER)
shown("a lossless WebP that lies", b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f\xff\xff\xff\xff" + bytes(12), EITHER)
for name, data in {
    "an EPS file": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/tmp/x) (w) file\n", "a TIFF": made("TIFF"), "a BMP": made("BMP"), "an ICO": made("ICO"), "a PPM of a giant": b"P6 99999 99999 255\n", "a PSD": b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\xff\xff\0\0\xff\xff\0\x08\0\3" + bytes(20),
    "an XBM": b"#define x_width 9\n#define x_height 9\nstatic char x_bits[] = {0};", "a PCX": b"\x0a\5\1\x08" + bytes(128), "a FITS": b"SIMPLE  =                    T" + b" " * 5000, "a WMF": b"\xd7\xcd\xc6\x9a" + bytes(90), "a PDF": b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj", "an HTML page": b"<html><script>1</script><img src=file:///etc/passwd>",
    "a zip": b"PK\3\4" + bytes(50), "an executable": b"\x7fELF" + bytes(90), "a text": b"just a text", "nothing": b"", "one byte": b"\x89", "an AVIF": b"\0\0\0\x1cftypavif" + bytes(50), "a HEIC": b"\0\0\0\x1cftypheic" + bytes(50), "a JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(90), "a cursor": b"\0\0\2\0\1\0" + bytes(60), "an ImageMagick script": b'push graphic-context\nfill "url(https://127.0.0.1/x|id)"\npop graphic-context',
    "a JPEG and a PDF": JPEG + b"%PDF-1.7 1 0 obj<</S/JavaScript>>endobj", "a PNG and a zip": png(9, 9) + b"PK\3\4" + bytes(60), "a GIF and a script": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "a PNG and HTML": png(9, 9, extra=chunk(b"tEXt", b"a\0<script>1</script>")),
}.items():  # fmt: skip
    shown(f"polyglots and strangers: {name}", data)

XMLNS = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"


PATIENT = replace(FEW, seconds_per_document=30.0)
"""For what the number of elements ends, and not time: some seconds, on a slow machine more than five."""


def svg(
    name: str,
    inside: str,
    outcome: str = "document",
    says: str = "",
    head: str = "",
    attributes: str = "width='90' height='90'",
    limits: Limits = FEW,
) -> None:
    """A drawing as a file, and the same in the document."""
    text = f"{head}<svg {XMLNS} {attributes}>{inside}</svg>"
    CORPUS.renders(f"SVG file: {name}", outcome, SHOWN, None, says, limits, a_img=text.encode("utf-8", "surrogatepass"))
    CORPUS.renders(
        f"SVG inline: {name}",
        "document or render or limit_pages or limit_cpu",
        f"{{% raw %}}{text}{{% endraw %}}",
        None,
        "",
        limits,
    )


LAUGHS = (
    "<!DOCTYPE svg [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(12)) + "]>"
)
svg("a billion laughs", "<text>&a12;</text>", says="declares entities", head=LAUGHS)
svg(
    "quadratic blow-up",
    "<text>" + "&a;" * 50_000 + "</text>",
    says="declares entities",
    head=f"<!DOCTYPE svg [<!ENTITY a '{'a' * 50_000}'>]>",
)
svg(
    "an external entity",
    "<text>&a;</text>",
    says="entities",
    head="<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
)
svg(
    "an external entity by http",
    "<text>&a;</text>",
    says="entities",
    head="<!DOCTYPE svg [<!ENTITY a SYSTEM 'http://127.0.0.1/'>]>",
)
svg(
    "a parameter entity",
    "<text>x</text>",
    says="entities",
    head="<!DOCTYPE svg [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]>",
)
svg(
    "an external DTD",
    "<text>x</text>",
    head="<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://127.0.0.1/svg11.dtd'>",
)
svg("an external DTD with an entity", "<text>&x;</text>", head="<!DOCTYPE svg SYSTEM 'file:///etc/passwd'>")
svg("a style sheet instruction", "<text>x</text>", head="<?xml-stylesheet href='file:///etc/passwd'?>")
svg("XInclude", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>")
svg(
    "scripts",
    "<script>alert(1)</script><script href='file:///etc/passwd'/><g onload='alert(1)'><a xlink:href='javascript:alert(1)'><text>x</text></a></g><set attributeName='href' to='javascript:1'/><foreignObject><iframe src='file:///etc/passwd'/></foreignObject><handler>1</handler>",
)
svg(
    "images from elsewhere",
    "".join(
        f"<image {a}='{u}' width='9' height='9'/>"
        for a in ("href", "xlink:href")
        for u in (
            "file:///etc/passwd",
            "http://127.0.0.1/x",
            "/etc/passwd",
            "../a.img",
            "a.img",
            "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cimage href=%22file:///etc/passwd%22/%3E%3C/svg%3E",
        )
    ),
)
svg(
    "styles from elsewhere",
    "<style>@import 'file:///etc/passwd'; @import url(http://127.0.0.1/); @font-face{font-family:x;src:url(file:///etc/passwd)} rect{fill:url(file:///etc/passwd#a);filter:url(http://127.0.0.1/#a)}</style><rect width='9' height='9'/>",
)
svg("use of itself", "<g id='a'><use href='#a'/></g><use href='#a'/>")
svg("use in a circle", "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g><use href='#a'/>")
svg(
    "use that multiplies",
    "<g id='a0'><path d='M0 0h9'/></g>"
    + "".join(f"<g id='a{n + 1}'>" + f"<use href='#a{n}'/>" * 10 + "</g>" for n in range(12))
    + "<use href='#a12'/>",
)
svg(
    "use of another file",
    "<use href='file:///etc/passwd#a'/><use href='http://127.0.0.1/#a'/><use href='a.img#a'/><use href='#none'/><use/>",
)
svg(
    "patterns in a circle",
    "<pattern id='a' width='9' height='9' patternUnits='userSpaceOnUse'><rect width='9' height='9' fill='url(#b)'/></pattern><pattern id='b' width='9' height='9' patternUnits='userSpaceOnUse'><rect width='9' height='9' fill='url(#a)'/></pattern><rect width='90' height='90' fill='url(#a)'/>",
)
svg(
    "patterns that multiply",
    "".join(
        f"<pattern id='p{n}' width='0.01' height='0.01'><rect width='9' height='9' fill='url(#p{n + 1})'/></pattern>"
        for n in range(15)
    )
    + "<rect width='90' height='90' fill='url(#p0)'/>",
)
svg(
    "a pattern of tiny tiles",
    "<pattern id='p' width='0.0001' height='0.0001' patternUnits='userSpaceOnUse'><rect width='9' height='9'/></pattern><rect width='90' height='90' fill='url(#p)'/>",
)
svg(
    "gradients in a circle",
    "<linearGradient id='a' href='#b'/><linearGradient id='b' href='#a'/><rect width='9' height='9' fill='url(#a)'/>",
)
svg(
    "a chain of gradients",
    "".join(f"<linearGradient id='a{n}' href='#a{n + 1}'/>" for n in range(3000))
    + "<rect width='9' height='9' fill='url(#a0)'/>",
)
svg(
    "a gradient of many stops",
    "<linearGradient id='a'>"
    + "".join(f"<stop offset='{n / 5000}' stop-color='red'/>" for n in range(5000))
    + "</linearGradient><rect width='9' height='9' fill='url(#a)'/>",
)
svg(
    "clips in a circle",
    "<clipPath id='a' clip-path='url(#b)'><rect width='9' height='9'/></clipPath><clipPath id='b' clip-path='url(#a)'><rect width='9' height='9' clip-path='url(#a)'/></clipPath><rect width='9' height='9' clip-path='url(#a)'/>",
)
svg(
    "masks in a circle",
    "<mask id='a' mask='url(#a)'><rect width='9' height='9' mask='url(#a)'/></mask><rect width='9' height='9' mask='url(#a)'/>",
)
svg(
    "masks that multiply",
    "".join(
        f"<mask id='m{n}'>" + f"<rect width='9' height='9' mask='url(#m{n + 1})'/>" * 6 + "</mask>" for n in range(12)
    )
    + "<rect width='9' height='9' mask='url(#m0)'/>",
    "document or limit_cpu",
    limits=Limits(0, 1.0),
)
svg(
    "clips that multiply",
    "".join(
        f"<clipPath id='m{n}'>" + f"<rect width='9' height='9' clip-path='url(#m{n + 1})'/>" * 6 + "</clipPath>"
        for n in range(12)
    )
    + "<rect width='9' height='9' clip-path='url(#m0)'/>",
    limits=PATIENT,
)
svg(
    "markers in a circle",
    "<marker id='a'><path d='M0 0L9 9' marker-start='url(#a)'/></marker><path d='M0 0L9 9L1 1' marker-mid='url(#a)' marker-end='url(#a)'/>",
)
svg(
    "markers that multiply",
    "".join(
        f"<marker id='m{n}'><path d='M0 0L9 9L1 1L2 2L3 3L4 4' marker-mid='url(#m{n + 1})'/></marker>"
        for n in range(12)
    )
    + "<path d='M0 0L9 9L1 1L2 2L3 3L4 4' marker-mid='url(#m0)'/>",
    limits=PATIENT,
)
svg(
    "filters",
    "<filter id='a'><feTurbulence numOctaves='99999'/><feGaussianBlur stdDeviation='99999'/><feImage href='#a'/></filter><rect width='9' height='9' filter='url(#a)'/>",
)
svg(
    "text on a path of itself",
    "<path id='p' d='M0 0h9'/><text><textPath href='#p'>" + "x" * 5000 + "</textPath></text>",
)
svg("text of many places", "<text x='" + "1 " * 20_000 + "' rotate='" + "9 " * 20_000 + "'>" + "x" * 2000 + "</text>")
svg("text within text", "<text>" + "<tspan>" * 150 + "x" + "</tspan>" * 150 + "</text>")
svg(
    "a path of a million points",
    "<path d='M0 0" + "l1 1" * 100_000 + "'/>",
    outcome="document or limit_bytes or limit_cpu",
)
svg("a path of arcs", "<path d='M0 0" + "a1e-9 1e9 45 1 1 1e-9 1" * 3000 + "'/>")
svg(
    "a path of nonsense",
    "<path d='M0 0 L 1 Q z z z M 1e999 NaN a 0 0 0 0 0 0 0 C' stroke='red'/><polygon points='1 2 3 x'/><path d='"
    + "-" * 50_000
    + "'/>",
)
svg(
    "a path of digits",
    "<path d='M" + "9" * 50_000 + " 0'/><path d='M0 0l" + "1e" * 20_000 + "'/><path d='M" + "." * 50_000 + "'/>",
)
svg("dashes without end", "<path d='M0 0H1e7' stroke='red' stroke-dasharray='0.0001 0.0001' pathLength='1e-9'/>")
svg(
    "strokes without end",
    "<rect width='1e9' height='1e9' stroke='red' stroke-width='1e30' stroke-miterlimit='1e30'/><circle r='1e38'/><ellipse rx='NaN' ry='-1'/>",
)
svg(
    "transforms",
    "<g transform='"
    + "scale(9) rotate(1) skewX(90) matrix(1 0 0 0 0 0) " * 2000
    + "'><rect width='9' height='9'/></g><g transform='scale(0)'><text>x</text></g><g transform='scale(1e300) scale(1e300)'><rect width='9' height='9'/></g>",
)
for box in ("0 0 0 0", "0 0 -1 -1", "0 0 1e-30 1e-30", "0 0 1e30 1e30", "NaN", "1e999 0 1 1", "0 0 9", "9" * 5000):
    svg(f"view box {box[:20]}", "<rect width='9' height='9'/><text>x</text>", attributes=f"viewBox='{box}'")
for size in ("1e9", "-5", "0", "1e-9", "99999999%", "calc(1px * infinity)", "x", "1e999", "9" * 5000):
    svg(
        f"size {size[:20]}",
        "<rect width='9' height='9'/>",
        "document or limit_pages",
        attributes=f"width='{size}' height='{size}'",
    )
svg("nested drawings", "<svg>" * 150 + "<rect width='9' height='9'/>" + "</svg>" * 150)
svg("deep groups", "<g opacity='.5'>" * 190 + "<rect width='9' height='9'/>" + "</g>" * 190)
svg("too deep groups", "<g>" * 5000 + "</g>" * 5000, says="nested deeper")
svg("switches", "<switch>" * 100 + "<rect width='9' height='9' requiredFeatures='x'/>" + "</switch>" * 100)
svg("many elements", "<rect width='1' height='1'/>" * 20_000, "document or limit_cpu")
svg("too many elements", "<g/>" * 210_000, "document or limit_cpu", limits=Limits(0, 3.0))
svg("many attributes", "<rect " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>")
svg("many ids", "".join(f"<g id='a{n}'/>" for n in range(20_000)) + "<use href='#a1'/>")
svg("data in it", f"<text>{PLANTED}</text><title>{PLANTED}</title><metadata>{PLANTED}</metadata>")
svg("not XML", "<rect width=9><b></rect>&nbsp;", says="no XML")
svg(
    "namespaces",
    "<x:rect xmlns:x='http://www.w3.org/2000/svg' width='9'/><html xmlns='http://www.w3.org/1999/xhtml'><img src='file:///etc/passwd'/></html>",
)
for name, data in {
    "gzip bomb": lambda: gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 200_000_000, 9), "gzip of nothing": lambda: gzip.compress(b""), "gzip cut off": lambda: gzip.compress(b"<svg/>")[:12], "gzip in gzip": lambda: gzip.compress(gzip.compress(b"<svg/>")), "gzip of noise": lambda: b"\x1f\x8b\x08" + bytes(range(250)),
    "UTF-16": lambda: "<?xml version='1.0' encoding='utf-16'?><svg xmlns='http://www.w3.org/2000/svg'/>".encode("utf-16"), "UTF-7": lambda: b"<?xml version='1.0' encoding='utf-7'?><svg xmlns='http://www.w3.org/2000/svg'>+ADw-</svg>", "unknown encoding": lambda: b"<?xml version='1.0' encoding='x-none'?><svg/>", "a codec of Python": lambda: b"<?xml version='1.0' encoding='idna'?><svg/>", "a codec of Python that unpacks": lambda: b"<?xml version='1.0' encoding='zlib'?><svg/>",
    "an encoding of a path": lambda: b"<?xml version='1.0' encoding='../../etc/passwd'?><svg/>", "NUL": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>\0</svg>", "an open tag": lambda: b"<svg " + b"a" * 1_000_000, "another root": lambda: b"<html/>", "no end": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 100, "17 MB": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 17_000_000 + b"</svg>",
    "comments without end": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<!--" * 100_000, "CDATA": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><![CDATA[" + b"]" * 500_000 + b"]]></svg>", "text in pieces": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><text>" + b"a&amp;" * 100_000 + b"</text></svg>", "text between comments": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><text>" + b"a<!---->" * 50_000 + b"</text></svg>",
}.items():  # fmt: skip
    shown(f"SVG bytes: {name}", data, "document or limit_pages or limit_cpu")
CORPUS.renders(
    "a thousand images",
    "document",
    "{% for n in range(1000) %}<img src='a.png?{{ n }}#{{ n }}'>{% endfor %}",
    a_png=made("PNG"),
)
CORPUS.renders(
    "a thousand images that are missing",
    "document",
    "{% for n in range(1000) %}<img src='{{ n }}.png'>{% endfor %}",
    says="a URL that the record's data makes",
)
CORPUS.renders(
    "an image by itself as alt text",
    "document",
    "<object data=a.png><object data=a.png>x</object></object><picture>"
    + "<source srcset=a.png media='(" * 50
    + "<img src=a.png></picture>",
    a_png=b"",
)
CORPUS.renders("srcset without end", "document", "<img srcset='{{ s }}' sizes='{{ s }}'>", {"s": "a 1w, " * 20_000})
CORPUS.renders("barcodes that hold too much", "document", "<svg data-code='{{ s }}'></svg>", {"s": "9" * 10_000})
