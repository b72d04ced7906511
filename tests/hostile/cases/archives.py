"""Bundles: archives that lead out or grow, folders with links and strange names, settings and samples that are none."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from spark_pdf.template.bundle import Bundle
from tests.hostile import scratch
from tests.hostile.case import Corpus

CORPUS = Corpus("bundle")
PAGE = {"template.html": b"x"}


def zipped(
    files: Mapping[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    change: Callable[[zipfile.ZipInfo], None] | None = None,
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            if change:
                change(info)
            archive.writestr(info, data)
    return out.getvalue()


def archive(name: str, make: Callable[[], bytes], outcome: str = "BundleError", says: str = "") -> None:
    CORPUS.does(f"archive: {name}", outcome, lambda: Bundle.from_archive(make()).page, says)


WHOLE = zipped({**PAGE, "a.css": b"p{}" * 500})
for path in (
    "../evil.html",
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../b",
    "..\\evil",
    "C:\\evil",
    "C:/evil",
    "a/./b",
    "a//b",
    "./a",
    "a\\..\\..\\b",
    "//server/share",
    "..",
    ".",
    "a/..",
    "\u2025/x/../../y",
    "a:b/c",
    "nul:x",
    "/",
    "a/\\b",
):
    archive(
        f"zip-slip by {path}",
        lambda path=path: zipped({**PAGE, path: b"x"}),
        "BundleError" if "\u2025" not in path and path not in ("/",) else "BundleError or document",
    )
archive(
    "NUL in a name",
    lambda: zipped({**PAGE, "aXb.css": b"x"}).replace(b"aXb.css", b"a\0b.css"),
    "BundleError or document",
)
archive(
    "a name that is no UTF-8",
    lambda: zipped({**PAGE, "a\u00e9.css": b"x"}).replace("a\u00e9.css".encode(), b"a\xff\xfe.css"),
    "BundleError or document",
)
archive(
    "a link",
    lambda: zipped(
        {**PAGE, "a": b"/etc/passwd"}, change=lambda i: setattr(i, "external_attr", (stat.S_IFLNK | 0o777) << 16)
    ),
    says="links",
)
archive("two files of one name", lambda: double(), says="two files")
archive("twins by normal form", lambda: zipped({**PAGE, "\u00e9.css": b"x", "e\u0301.css": b"y"}), says="two files")
archive("a bomb", lambda: zipped({**PAGE, "a": bytes(600_000_000)}), says="MiB")
archive("a bomb that lies", lambda: lying(zipped({**PAGE, "a": bytes(50_000_000)}), 50_000_000, 9))
archive("a bomb that lies the other way", lambda: lying(zipped({**PAGE, "a": b"x" * 1234}), 1234, 400_000_000))
archive("more files than a bundle has", lambda: zipped({f"{n}.css": b"" for n in range(10_001)} | PAGE), says="files")
archive("bombs over each other", lambda: overlapping())
archive("an archive in an archive", lambda: zipped({**PAGE, "a.zip": WHOLE}), "document")
archive("nothing", lambda: b"")
archive("no archive", lambda: b"PK\3\4 no archive at all")
archive("an empty archive", lambda: zipped({}))
archive("only ignored files", lambda: zipped({".git/config": b"x", "__MACOSX/a": b"y"}))
archive("encrypted", lambda: flagged(1))
archive("an unknown method", lambda: methods(99))
archive("a method that is not there", lambda: methods(9))
for method, name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")):
    archive(
        f"{name} damaged",
        lambda method=method: hurt(zipped({**PAGE, "a": bytes(range(256)) * 50}, method), 90),
        "BundleError or document",
    )
for place in range(30, len(WHOLE), 23):
    archive(f"damaged at {place}", lambda place=place: hurt(WHOLE, place), "BundleError or document")
for place in range(5, len(WHOLE), 61):
    archive(f"cut off at {place}", lambda place=place: WHOLE[:place])
archive("a comment without end", lambda: WHOLE[:-2] + b"\xff\xff" + b"PK\5\6" * 20_000, "BundleError or document")
archive(
    "a directory that points to itself",
    lambda: WHOLE[:-22] + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0),
)
archive(
    "zip64 of giants",
    lambda: (
        WHOLE[:-22]
        + b"PK\6\6"
        + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, 2**63, 2**63, 2**63, 2**62)
        + b"PK\6\7"
        + struct.pack("<LQL", 0, len(WHOLE) - 22, 1)
        + b"PK\5\6"
        + struct.pack("<4H2LH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    ),
)


def double() -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for _ in range(2):
                target.writestr("template.html", b"x")
        return out.getvalue()


def lying(data: bytes, size: int, told: int) -> bytes:
    return data.replace(struct.pack("<L", size), struct.pack("<L", told))


def hurt(data: bytes, place: int) -> bytes:
    return data[:place] + bytes(255 - byte for byte in data[place : place + 3]) + data[place + 3 :]


def methods(number: int) -> bytes:
    data = bytearray(zipped(PAGE))
    data[8:10] = struct.pack("<H", number)
    at = data.index(b"PK\1\2")
    data[at + 10 : at + 12] = struct.pack("<H", number)
    return bytes(data)


def flagged(bits: int) -> bytes:
    data = bytearray(zipped(PAGE))
    data[6:8] = struct.pack("<H", bits)
    at = data.index(b"PK\1\2")
    data[at + 8 : at + 10] = struct.pack("<H", bits)
    return bytes(data)


def overlapping() -> bytes:
    """Many entries that are the same bytes (D. Fifield, A better zip bomb)."""
    data = zipped({"template.html": bytes(20_000_000)})
    at, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    entry = data[at:end]
    entries = b"".join(entry.replace(b"template.html", f"templat{n:02d}.html".encode()) for n in range(100))
    return data[:at] + entries + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 100, 100, len(entries), at, 0)


def folder(name: str, fill: Callable[[Path], Any], outcome: str = "BundleError", says: str = "") -> None:
    """A folder that the guard lets be made, and nothing else read: so it is made before it watches."""
    FOLDERS.append((name, fill))
    CORPUS.does(f"folder: {name}", outcome, lambda: Bundle.load(scratch.folder / name).page, says)


FOLDERS: list[tuple[str, Callable[[Path], Any]]] = []


def make_folders() -> None:
    """Fill all folders, before anything is guarded."""
    for name, fill in FOLDERS:
        path = scratch.folder / name
        if path.exists():
            continue
        path.mkdir(parents=True)
        (path / "template.html").write_bytes(b"x")
        fill(path)


folder("a link out", lambda p: (p / "a.css").symlink_to("/etc/passwd"), says="leads out")
folder("a link out by dots", lambda p: (p / "a.css").symlink_to("../../../../../../etc/passwd"), says="leads out")
folder("a link to a folder", lambda p: (p / "a").symlink_to("/etc"), says="links to folders")
folder("a link to the folder itself", lambda p: (p / "a").symlink_to("."), says="links to folders")
folder("a link to nothing", lambda p: (p / "a.css").symlink_to("nothing"))
folder("a link to itself", lambda p: (p / "a.css").symlink_to("a.css"))
folder("links in a circle", lambda p: ((p / "a.css").symlink_to("b.css"), (p / "b.css").symlink_to("a.css")))
folder(
    "a link over a link that leads out",
    lambda p: ((p / "a.css").symlink_to("b.css"), (p / "b.css").symlink_to("/etc/hostname")),
)
folder("a pipe", lambda p: os.mkfifo(p / "a.css"), says="plain files")
folder("a link to a device", lambda p: (p / "a.css").symlink_to("/dev/zero"), says="leads out")
folder("a name that is no UTF-8", lambda p: Path(os.fsdecode(os.fsencode(p) + b"/a\xff\xfe.css")).write_bytes(b"x"))
folder("a name with a line feed", lambda p: (p / "a\nb.css").write_bytes(b"x"), "document")
folder("a name with a backslash", lambda p: (p / "a\\b.css").write_bytes(b"x"))
folder("a name with a colon", lambda p: (p / "a:b.css").write_bytes(b"x"))
folder(
    "twins by normal form",
    lambda p: ((p / "\u00e9.css").write_bytes(b"x"), (p / "e\u0301.css").write_bytes(b"y")),
    says="two files",
)
folder("a file of a terabyte", lambda p: os.truncate(os.open(p / "a.css", os.O_CREAT | os.O_RDWR), 10**12), says="MiB")
folder("folders without end", lambda p: (p / "/".join(["d"] * 200)).mkdir(parents=True), "document")

for name, text in {
    "not TOML": "= = =", "a long number": "a = " + "9" * 10_000, "deep": "a = " + "[" * 20_000, "deep and whole": "a = " + "[" * 5000 + "]" * 5000, "deep tables": "[" + ".".join(["a"] * 20_000) + "]", "unknown": "loacle = 'de'", "a locale that leads out": "locale = '../../../etc/passwd'",
    "a locale of a file": "locale = '/etc/passwd'", "a zone that leads out": "timezone = '../../../etc/passwd'", "a zone of a file": "timezone = '/etc/passwd'", "a zone with NUL": 'timezone = "UTC\\u0000"', "a locale with NUL": 'locale = "de\\u0000"', "an entry outside": "entry = '../template.html'", "an entry of a file": "entry = '/etc/passwd'", "negative limits": "[limits]\niterations = -1",
    "limits of text": "[limits]\niterations = 'x'", "a font outside": "[[font]]\nfamily = 'x'\nfile = '../../x.ttf'", "a font by URL": "[[font]]\nfamily = 'x'\nfile = 'http://127.0.0.1/x.ttf'", "a currency": "currency = '../..'", "a type": "[types]\na = 'python'", "many keys": "\n".join(f"a{n} = 1" for n in range(5000)), "a long locale": "locale = '" + "a" * 100_000 + "'", "a long zone": "timezone = '" + "a/" * 50_000 + "'",
}.items():  # fmt: skip
    CORPUS.renders(f"settings: {name}", "BundleError or TemplateError", "x", None, template_toml=text.encode())
CORPUS.renders("settings: no UTF-8", "BundleError", "x", None, template_toml=b"\xff\xfe")
for name, data in {
    "not JSON": b"{", "deep": b"[" * 100_000, "deep objects": b'{"a":' * 100_000, "deep and whole": b'{"a":' * 5000 + b"1" + b"}" * 5000, "a long number": b'{"a": ' + b"9" * 10_000 + b"}", "a long exponent": b'{"a": 1e' + b"9" * 10_000 + b"}", "NaN": b'{"a": NaN}', "infinity": b'{"a": -Infinity}', "lone surrogate": b'{"a": "\\ud800"}', "no UTF-8": b'{"a": "\xff"}', "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a list": b"[]", "a number": b"7", "null": b"null", "twins": b'{"a": 1, "a": 2}', "NUL": b'{"a": "\\u0000"}', "empty": b"", "a date that is none": b'{"d": "2026-99-99"}', "a decimal that is none": b'{"n": "x"}', "a decimal of giants": b'{"n": 1e999999999}', "a decimal of NaN": b'{"n": "sNaN"}', "a fraction without end": b'{"n": 0.' + b"3" * 100_000 + b"}", "a comment": b'{"a": 1} // x',
}.items():  # fmt: skip
    CORPUS.does(
        f"sample: {name}",
        "BundleError or document",
        lambda data=data: Bundle.from_files(
            {"template.html": b"{{ a }}", "sample.json": data, "template.toml": b"[types]\nd = 'date'\nn = 'decimal'"}
        ).sample(),
    )
for path in ("../x", "/x", "a\\b", "a\0b", "", ".", "a//b", "a/", "C:x", "\ud800", "a" * 5000):
    CORPUS.does(
        f"files: {path!r:.30}",
        "BundleError" if path not in ("a" * 5000,) else "document",
        lambda path=path: Bundle.from_files({**PAGE, path: b"x"}).page,
    )
for url in (
    "../x",
    "a/../../x",
    "/x",
    "file:///x",
    "HTTP://x",
    "%2e%2e/x",
    "..%2fx",
    "a%00b",
    "",
    "#",
    "?",
    "..",
    "\\\\x\\y",
    "a\\..\\..\\x",
    " ",
    "\ud800",
    "a" * 100_000,
    "%",
    "%zz",
    "data:",
    "data:x",
    "data:;base64",
    "data:;base64,%",
    "data:;base64,====",
    "data:text/plain;base64,\ud800",
    "x:y",
    ":",
    "::",
    "//x",
    "http:",
    "\x00",
):
    CORPUS.does(
        f"reads: {url!r:.30}",
        "BundleError" if url != "data:," else "document",
        lambda url=url: Bundle.from_files({**PAGE, "a/b.css": b""}).read(url, "a/b.css"),
    )
