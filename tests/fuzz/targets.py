"""What is fuzzed: seeds, words, and how an input becomes a document. One target for each thing that somebody else writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import spark_pdf
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.model import Limits, Rendition
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle
from tests.hostile.case import Corpus
from tests.hostile.cases import archives, fields, pictures, styles, templates, typefaces

LIMITS = Limits(0, 2.0, 60, 4_000_000, 1_000_000)
RECORD = {"s": "text", "n": 7, "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], "none": None}


@dataclass(frozen=True)
class Target:
    """`render` makes a document of an input; `seeds` are what inputs are made from, `words` what is put into them."""

    name: str
    render: Callable[[bytes], Rendition | None]
    seeds: Sequence[bytes]
    words: Sequence[bytes]


def _files(data: bytes, **others: bytes) -> Rendition:
    files = {"template.html": data, **{name.replace("_", "."): text for name, text in others.items()}}
    return Renderer(Bundle.from_files(files), LIMITS).render(RECORD, "fuzz")


def _css(data: bytes) -> Rendition:
    page = b"<link rel=stylesheet href=a.css><h1 id=a class=b>Title</h1><div><p class=c>Text <b>bold</b> <i>more</i><p>x</div><table><tr><th>a<td>b</table><ol><li>x<li>y</ol><svg viewBox='0 0 9 9' width=20><rect width=9 height=5 /></svg>"
    return _files(page, a_css=data)


def _picture(data: bytes) -> Rendition:
    return _files(b"<img src=a.img><p style='background:url(a.img)'>x", a_img=data)


def _font(data: bytes) -> Rendition:
    return _files(
        b"<style>@font-face{font-family:F;src:url(f.ttf)} p{font-family:F}</style><p>Text fi <b>x</b>", f_ttf=data
    )


def _markup(data: bytes) -> Rendition:
    return _files(b"{% raw %}" + data.replace(b"{%", b"") + b"{% endraw %}")


@cache
def _one() -> Renderer:
    return Renderer(Bundle.from_files({"template.html": fields.EVERYWHERE.encode()}), LIMITS)


def _record(data: bytes) -> Rendition:
    return _one().render({"s": data.decode("utf-8", "surrogateescape")}, "fuzz")


def _json(data: bytes) -> Rendition | None:
    bundle = Bundle.from_files(
        {
            "template.html": b"{{ a }}{% for x in b or [] %}{{ x }}{% endfor %}",
            "template.toml": b"[types]\nd = 'date'\nn = 'decimal'",
        }
    )
    return Renderer(bundle, LIMITS).render(bundle.parse_record(data))


def _archive(data: bytes) -> Rendition | None:
    Bundle.from_archive(data)
    return None


def _of(*corpora: Corpus, name: str = "template.html", most: int = 3000) -> list[bytes]:
    """Small files of the corpus's cases."""
    found: list[bytes] = []
    for corpus in corpora:
        for case in corpus.cases:
            data = case.files().get(name)
            if data is not None and 10 < len(data) < most:
                found.append(data)
    return found


def _tokens(texts: Iterable[bytes], pattern: bytes) -> list[bytes]:
    return sorted({word for text in texts for word in re.findall(pattern, text) if len(word) < 60})


@cache
def targets() -> tuple[Target, ...]:
    """All of them."""
    sheets = [re.sub(rb"</?(style|p|b|div|i)[^>]*>|\{%\s*\w+\s*%\}", b"", text) for text in _of(styles.CORPUS)]
    names = [name.encode() + b":" for name in PROPERTIES]
    css = [
        *_tokens(sheets, rb"[a-z-]+\([^()]*\)|[\w-]+|@[a-z-]+|::?[a-z-]+"),
        *names,
        b"{",
        b"}",
        b"(",
        b")",
        b";",
        b"!important",
        b"var(--a)",
        b"attr(class type(*))",
        b"calc(",
        b"1fr",
        b"-1px",
        b"\\0 ",
    ]
    pages = _of(templates.CORPUS, most=800)
    jinja = _tokens(pages, rb"\{[{%].*?[}%]\}|\w+")
    examples = Path(spark_pdf.__path__[0]).parent / "examples"
    written = [path.read_bytes()[:8000] for path in sorted(examples.rglob("*.html"))]
    marks = [
        *_tokens([fields.EVERYWHERE.encode(), fields.LINKS.encode()], rb"</?[a-z]+[^<>]*>|[a-z-]+="),
        b"<template>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<svg>",
        b"<math>",
        b"<table>",
        b"<select>",
        b"&#0;",
        b"\xed\xa0\x80",
        b"<td colspan=99>",
        b"<style>",
        b"style='float:left'",
        b"style='position:absolute'",
        b"style='columns:2'",
        b"style='display:grid'",
        b"style='display:flex'",
        b"style='break-before:page'",
    ]
    drawings = [text for text in _of(pictures.CORPUS, name="a.img") if text.lstrip().startswith(b"<")]
    shapes = _tokens(drawings, rb"</?[a-zA-Z]+[^<>]*>|[a-zA-Z-]+='[^']*'")
    bitmaps = [
        pictures.made(kind, mode)
        for kind, mode in (
            ("PNG", "RGBA"),
            ("PNG", "P"),
            ("PNG", "L"),
            ("JPEG", "RGB"),
            ("JPEG", "CMYK"),
            ("GIF", "P"),
            ("WEBP", "RGB"),
        )
    ]
    texts = [text.encode("utf-8", "surrogatepass")[:2000] for text in fields.INJECTIONS.values()]
    small = typefaces.sfnt(
        {
            tag: body
            for tag, body in typefaces.tables().items()
            if tag not in (b"GSUB", b"GPOS", b"fpgm", b"prep", b"cvt ")
        }
    )
    fonts = [small[:60_000]]
    samples = [
        json.dumps({"a": "x", "b": [1, 2.5, None, {"c": "\u00e9"}], "d": "2026-01-01", "n": 1.25}).encode(),
        b'{"a": 1e5, "b": [[[]]]}',
    ]
    return (
        Target("css", _css, sheets, css), Target("template", _files, [*pages, *written], [*jinja, *marks]), Target("markup", _markup, [*written, fields.LINKS.encode()], [*marks, *shapes]),
        Target("record", _record, texts, [*marks, *css[:200]]), Target("svg", _picture, drawings, shapes), Target("bitmap", _picture, bitmaps, [b"IDAT", b"IHDR", b"\xff\xd8", b"\xff\xc0", b"VP8X"]),
        Target("font", _font, fonts, [b"head", b"glyf", b"cmap", b"wOFF", b"wOF2", b"ttcf", b"OTTO"]), Target("json", _json, samples, [b"[", b"{", b'"a":', b"1e9", b"\\ud800", b"null", b"NaN"]),
        Target("archive", _archive, [archives.WHOLE], [b"PK\1\2", b"PK\3\4", b"PK\5\6"]),
    )  # fmt: skip
