"""Fonts: cut off, lying, bombs in WOFF and WOFF2, collections in circles, and tables of noise."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import brotli

import spark_pdf
from tests.hostile.case import Corpus

CORPUS = Corpus("font")
PAGE = "<style>@font-face{font-family:F;src:url(f.ttf)} p{font-family:F}</style><p>Text, fi \u0627\u0644 \u4e2d \U0001f600</p><p style='font:bold italic 12px F;letter-spacing:1px;font-variant:small-caps'>Text</p><svg><text font-family=F>x</text></svg>"
EITHER = "document or template"


FONT = (Path(spark_pdf.__path__[0]) / "text/faces/Arimo-Regular.ttf").read_bytes()


def real() -> bytes:
    """A whole font, one that the package brings."""
    return FONT


def tables() -> dict[bytes, bytes]:
    data = real()
    found = {}
    for number in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, start, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        found[tag] = data[start : start + length]
    return found


def sfnt(parts: dict[bytes, bytes], flavor: bytes = b"\0\1\0\0") -> bytes:
    out, at = struct.pack(">4sHHHH", flavor, len(parts), 0, 0, 0), 12 + 16 * len(parts)
    for tag, body in parts.items():
        out += struct.pack(">4sIII", tag, 0, at, len(body))
        at += len(body) + -len(body) % 4
    return out + b"".join(body + bytes(-len(body) % 4) for body in parts.values())


def used(name: str, data: object, says: str = "cannot be loaded", outcome: str = EITHER) -> None:
    CORPUS.renders(name, outcome, PAGE, None, says, f_ttf=data)  # type: ignore[arg-type]


def without(*tags: bytes) -> bytes:
    return sfnt({tag: body for tag, body in tables().items() if tag not in tags})


def instead(tag: bytes, body: bytes) -> bytes:
    return sfnt({**tables(), tag: body})


used("a whole font", real, "")
for place in (0, 3, 4, 11, 12, 100, 1000):
    used(f"cut off at {place}", lambda place=place: real()[:place])
used("cut off in the middle", lambda: real()[: len(real()) // 2], "")
used("cut off at the end", lambda: real()[:-5000], "")
for name, data in {
    "text": b"no font",
    "HTML": b"<html>",
    "a PNG": b"\x89PNG\r\n\x1a\n",
    "EOT": bytes(34) + b"LP" + bytes(90),
    "Type 1": b"%!PS-AdobeFont-1.0: x\n",
    "SVG font": b"<svg><font/></svg>",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "a PDF": b"%PDF-1.7",
}.items():
    used(f"not a font: {name}", data)
for tag in (b"head", b"hhea", b"hmtx", b"maxp", b"cmap", b"glyf", b"loca", b"name", b"post", b"OS/2"):
    mild = "" if tag in (b"name", b"post", b"OS/2", b"cmap") else "cannot be loaded"
    used(f"without {tag.decode()}", lambda tag=tag: without(tag), "" if mild == "" else mild)
    used(f"{tag.decode()} of zeros", lambda tag=tag: instead(tag, bytes(len(tables()[tag]))), "")
    used(f"{tag.decode()} of ones", lambda tag=tag: instead(tag, b"\xff" * len(tables()[tag])), "")
    used(f"{tag.decode()} of one byte", lambda tag=tag: instead(tag, b"\0"), "")
    used(f"{tag.decode()} of noise", lambda tag=tag: instead(tag, random.Random(1).randbytes(len(tables()[tag]))), "")
for tag in (
    b"GSUB",
    b"GPOS",
    b"GDEF",
    b"kern",
    b"fvar",
    b"gvar",
    b"avar",
    b"COLR",
    b"CPAL",
    b"CFF ",
    b"CFF2",
    b"SVG ",
    b"morx",
    b"BASE",
    b"MATH",
    b"prep",
    b"fpgm",
    b"cvt ",
    b"DSIG",
    b"HVAR",
    b"STAT",
    b"vhea",
    b"vmtx",
    b"VORG",
    b"sbix",
    b"CBDT",
):
    for kind, body in (
        ("noise", random.Random(2).randbytes(3000)),
        ("ones", b"\xff" * 300),
        ("a header", b"\0\1\0\0" + b"\0\x0a" * 300),
    ):
        used(f"{tag.decode()} of {kind}", lambda tag=tag, body=body: instead(tag, body), "")
used(
    "only CFF of noise",
    lambda: sfnt(
        {
            **{k: v for k, v in tables().items() if k not in (b"glyf", b"loca")},
            b"CFF ": random.Random(3).randbytes(5000),
        },
        b"OTTO",
    ),
    "",
)
used("units per em of 0", lambda: instead(b"head", tables()[b"head"][:18] + b"\0\0" + tables()[b"head"][20:]), "")
used(
    "units per em of 65535", lambda: instead(b"head", tables()[b"head"][:18] + b"\xff\xff" + tables()[b"head"][20:]), ""
)
used("65535 glyphs", lambda: instead(b"maxp", tables()[b"maxp"][:4] + b"\xff\xff" + tables()[b"maxp"][6:]), "")
used(
    "glyphs of themselves",
    lambda: instead(b"glyf", (b"\xff\xff" + bytes(8) + b"\0\x20\0\x24\0\0" + b"\0\0\0\x24\0\0" * 3) * 5000),
    "",
)
used(
    "65535 tables",
    lambda: struct.pack(">4sHHHH", b"\0\1\0\0", 65535, 0, 0, 0) + b"glyf\0\0\0\0\0\0\0\0\xff\xff\xff\xff" * 65535,
)
used(
    "tables over each other",
    lambda: (
        struct.pack(">4sHHHH", b"\0\1\0\0", 9, 0, 0, 0)
        + b"".join(
            struct.pack(">4sIII", tag, 0, 0, 156)
            for tag in (b"head", b"hhea", b"hmtx", b"maxp", b"cmap", b"glyf", b"loca", b"name", b"post")
        )
    ),
)
used(
    "names of the record of others",
    lambda: instead(b"name", b"\0\0\xff\xff\0\6" + b"\0\3\0\1\4\x09\0\6\xff\xff\0\0" * 5000),
    "",
)


def woff(entries: list[tuple[bytes, bytes, int]], total: int) -> bytes:
    at = 44 + 20 * len(entries)
    out, bodies = (
        struct.pack(">4s4sIHHIHHIIIII", b"wOFF", b"\0\1\0\0", 0, len(entries), 0, total, 1, 0, 0, 0, 0, 0, 0),
        b"",
    )
    for tag, body, length in entries:
        out += struct.pack(">4sIIII", tag, at + len(bodies), len(body), length, 0)
        bodies += body
    return out + bodies


BOMB = zlib.compress(bytes(60_000_000), 9)
used("WOFF bomb", lambda: woff([(b"glyf", BOMB, 60_000_000)], 2**32 - 1))
used("WOFF bomb that lies of its size", lambda: woff([(b"glyf", BOMB, 100)], 200))
used(
    "WOFF bomb in many tables", lambda: woff([(f"t{n:03d}".encode(), BOMB, 60_000_000) for n in range(60)], 64_000_000)
)
used(
    "WOFF of one body for many tables",
    lambda: (
        struct.pack(">4s4sIHHIHHIIIII", b"wOFF", b"\0\1\0\0", 0, 3000, 0, 64_000_000, 1, 0, 0, 0, 0, 0, 0)
        + b"".join(
            struct.pack(">4sIIII", struct.pack(">I", n), 44 + 60_000, len(BOMB), 60_000_000, 0) for n in range(3000)
        )
        + BOMB
    ),
)
used("WOFF of nothing", lambda: woff([], 0))
used("WOFF with tables outside", lambda: woff([(b"glyf", b"", 9)], 90))
used("WOFF of noise", lambda: b"wOFF" + random.Random(4).randbytes(2000))
used(
    "WOFF of a whole font",
    lambda: woff([(tag, zlib.compress(body), len(body)) for tag, body in sorted(tables().items())], len(real()) + 999),
    "",
)


def woff2(entries: bytes, count: int, stream: bytes, total: int = 1000, flavor: bytes = b"\0\1\0\0") -> bytes:
    packed = brotli.compress(stream)
    return (
        struct.pack(">4s4sIHHIIHHIIIII", b"wOF2", flavor, 0, count, 0, total, len(packed), 1, 0, 0, 0, 0, 0, 0)
        + entries
        + packed
    )


used("WOFF2 bomb", lambda: woff2(b"\x01\xbc\x83\x80\x00", 1, bytes(60_000_000)))
used("WOFF2 bomb that says so", lambda: woff2(b"\x01\x8f\xff\xff\xff\x7f", 1, bytes(10_000_000), 2**32 - 1))
used("WOFF2 with 65535 tables", lambda: woff2(b"\x01\x00" * 65535, 65535, b""))
used("WOFF2 of glyphs without data", lambda: woff2(b"\x0a\x24\x24\x0b\x00\x00", 2, b"\0\0\0\0\xff\xff\0\0" + bytes(28)))
used(
    "WOFF2 whose glyphs have endless contours",
    lambda: woff2(
        b"\x0a\x40\x40",
        1,
        struct.pack(">4H7I", 0, 0, 1, 0, 2, 4, 4, 4, 4, 4, 4) + b"\x7f\xff" + b"\xfd\xff\xff\xff" * 6,
    ),
)
used("WOFF2 collection of itself", lambda: woff2(b"\x01\x04" + b"\0\1\0\0" + b"\xff", 1, b"abcd", flavor=b"ttcf"))
used("WOFF2 of noise", lambda: b"wOF2" + random.Random(5).randbytes(2000))
used("WOFF2 without a stream", lambda: b"wOF2" + bytes(44))
used("a collection of nothing", b"ttcf\0\1\0\0\0\0\0\0")
used("a collection of itself", lambda: b"ttcf\0\1\0\0\0\0\0\x01\0\0\0\0")
used("a collection of 4 billion", lambda: b"ttcf\0\1\0\0\xff\xff\xff\xff" + bytes(5000))
used(
    "a collection whose tables are all of it",
    lambda: (
        b"ttcf\0\1\0\0\0\0\0\1\0\0\0\x10"
        + struct.pack(">4sHHHH", b"\0\1\0\0", 60_000, 0, 0, 0)
        + b"".join(struct.pack(">IIII", n, 0, 0, 900_000) for n in range(60_000))
        + bytes(9)
    ),
)
used(
    "a collection of a thousand faces whose tables are all of it",
    lambda: (
        b"ttcf\0\1\0\0"
        + struct.pack(">I", 1000)
        + struct.pack(">1000I", *[4012] * 1000)
        + struct.pack(">4sHHHH", b"\0\1\0\0", 60, 0, 0, 0)
        + b"".join(struct.pack(">IIII", n, 0, 0, 900_000) for n in range(60))
        + bytes(900_000)
    ),
)
for seed in range(25):

    def hurt(seed: int = seed) -> bytes:
        lot, data = random.Random(seed), bytearray(real())
        for _ in range(30):
            data[lot.randrange(12, 5000) if lot.random() < 0.7 else lot.randrange(len(data))] = lot.randrange(256)
        return bytes(data)

    used(f"hurt at random ({seed})", hurt, "")
CORPUS.renders(
    "a font of template.toml that is none",
    "BundleError",
    "x",
    None,
    "neither",
    template_toml=b"[[font]]\nfamily='F'\nfile='f.ttf'",
    f_ttf=b"x",
)
CORPUS.renders(
    "a font of template.toml outside",
    "BundleError",
    "x",
    None,
    "leads out",
    template_toml=b"[[font]]\nfamily='F'\nfile='../../etc/passwd'",
)
CORPUS.renders(
    "axes far out",
    "document",
    "<style>p{font-variation-settings:'wght' 1e6,'abcd' -1e6;font-weight:1000;font-stretch:1e6%;font-size:1e6px;font-feature-settings:'aaaa' 999999}</style><p>x</p>",
)
