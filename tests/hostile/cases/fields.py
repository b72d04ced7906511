"""Records: markup, style and addresses in every field and context, text that breaks things, and sizes nobody foresaw."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pikepdf

from spark_pdf.model import Limits
from tests.hostile.case import FEW, PLANTED, Answer, Corpus

CORPUS = Corpus("data")

EVERYWHERE = """<html lang="{{ s }}"><head><title>{{ s }}</title><meta name=author content="{{ s }}"><meta name=keywords content="{{ s }}">
<meta name=dcterms.created content="{{ s }}"><style>p { color: red } .{{ s }} { width: 1px } p::before { content: "{{ s }}" } #x { background: url({{ s }}) }</style></head>
<body class="{{ s }}" id="{{ s }}"><h1>{{ s }}</h1><a href="{{ s }}" name="{{ s }}">{{ s }}</a><a href="#{{ s }}">x</a><img src="{{ s }}" alt="{{ s }}" width="{{ s }}">
<p style="{{ s }}" title="{{ s }}">{{ s }}</p><p style="color: {{ s }}; background: url('{{ s }}'); width: calc({{ s }})">x</p><table border="{{ s }}"><tr><td colspan="{{ s }}" bgcolor="{{ s }}">{{ s }}</table>
<ol start="{{ s }}"><li value="{{ s }}">{{ s }}</ol><input value="{{ s }}" type="{{ s }}"><textarea rows="{{ s }}">{{ s }}</textarea><select><option>{{ s }}</select>
<svg viewBox="{{ s }}" width="{{ s }}"><path d="{{ s }}" transform="{{ s }}" fill="{{ s }}"/><text>{{ s }}</text><use href="{{ s }}"/><image href="{{ s }}" width=9 height=9 /></svg>
<font size="{{ s }}" color="{{ s }}" face="{{ s }}">x</font><progress value="{{ s }}"></progress><bdo dir="{{ s }}">{{ s }}</bdo><pre>{{ s }}</pre><!-- {{ s }} --></body></html>"""

INJECTIONS = {
    "script": f"<script>fetch('http://127.0.0.1/{PLANTED}')</script>", "image": f"<img src=http://127.0.0.1/{PLANTED}>", "close": f"</style></title></textarea><h1>{PLANTED}</h1>",
    "quote": f'"><img src="file:///etc/passwd"><i x="{PLANTED}', "apostrophe": f"'><link rel=stylesheet href='http://127.0.0.1/{PLANTED}'><i x='",
    "css": f"}} * {{ background: url(http://127.0.0.1/{PLANTED}) }} p {{", "css string": f'"; background: url(http://127.0.0.1/{PLANTED}); content: "', "css import": f"@import url(http://127.0.0.1/{PLANTED});",
    "expression": f"expression(alert('{PLANTED}'))", "jinja": "{{ 7 * 7 }}{% for i in range(9) %}" + PLANTED + "{% endfor %}{# x #}", "comment": f"--><p>{PLANTED}<!--", "cdata": f"]]><p>{PLANTED}<![CDATA[",
    "entities": f"&lt;b&gt;{PLANTED}&#0;&#x110000;&#xD800;&nbsp", "javascript": f"javascript:alert('{PLANTED}')", "file": "file:///etc/passwd", "root": "/etc/passwd", "dots": "../../../../../../etc/passwd",
    "metadata service": "http://169.254.169.254/latest/meta-data/iam/security-credentials/", "metadata v6": "http://[fd00:ec2::254]/latest/", "metadata of Google": "http://metadata.google.internal/computeMetadata/v1/",
    "scheme-relative": "//127.0.0.1/x.png", "data html": f"data:text/html,<script>{PLANTED}</script>", "data svg": f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/><text>{PLANTED}</text></svg>",
    "data css": f"data:text/css,p{{background:url(file:///{PLANTED})}}", "data broken": "data:image/png;base64,!!!!", "data empty": "data:,", "ftp": "ftp://127.0.0.1/x", "gopher": "gopher://127.0.0.1:11211/_x", "unc": "\\\\127.0.0.1\\share\\x.png",
    "tab in a scheme": "ja\tvascript:alert(1)", "spaced file": "  FILE:///etc/passwd", "encoded dots": "%2e%2e/%2e%2e/etc/passwd", "percent": "%", "percent NUL": "%00", "fragment": "#" + PLANTED, "question": "?" + PLANTED,
    "NUL": f"{PLANTED}\0{PLANTED}", "controls": "".join(map(chr, range(32))) + PLANTED, "C1 controls": "".join(map(chr, range(127, 160))) + PLANTED, "lone surrogate": f"{PLANTED}\ud800", "low surrogate": f"\udc00{PLANTED}", "surrogates": "\udfff\ud800\udc00\ud834" * 20,
    "bidi overrides": f"\u202e{PLANTED}\u202d\u2066\u2067\u2068\u2069\u2069", "bidi without end": "\u202e\u202d\u2067" * 500 + PLANTED, "isolates that nest": "\u2067" * 130 + "\u0627" + "\u2069" * 200, "zero widths": "\u200b\u200c\u200d\ufeff\u2060" * 200,
    "combining": "Z" + "\u0301\u0489\u0335" * 2000, "emoji sequence": "\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f" * 100, "tags": "\U0001f3f4" + "".join(chr(0xE0000 + c) for c in range(32, 127)), "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff", "private use": "\ue000\U000f0000\U00100000",
    "line separators": f"a\u2028b\u2029c\x85d\x0be\x0cf{PLANTED}", "soft hyphens": "\u00ad" * 3000, "variation selectors": "a\ufe00\ufe0f\U000e0100" * 200, "jamo": "\u1100\u1161\u11a8" * 300, "arabic ligature": "\ufdfa" * 100, "interlinear": "\ufff9a\ufffab\ufffb", "replacement": "\ufffd\ufffc" * 50,
    "PDF operators": f") Tj ET Q BT ({PLANTED}) Tj q (", "PDF objects": f"endstream endobj 1 0 obj << /S /JavaScript /JS (app.alert('{PLANTED}')) >> endobj trailer << /Root 1 0 R >> %%EOF", "PDF string": "(((\\\\\\)))\\\r\n\\", "PDF hex": "<FEFF0041>", "PDF name": "/OpenAction<</S/Launch/F(/bin/sh)>>",
    "PDF URI": f"http://127.0.0.1/){PLANTED}(/S/JavaScript", "PDF stream": "\nendstream\nendobj\nxref\n0 1\ntrailer\nstartxref\n0\n%%EOF\n", "PDF BOM": "\xfe\xff\x00A", "PDF language": "\xfe\xff\x00\x1bde\x00\x1b", "PDF percent": "%PDF-1.7 %\n%%EOF",
    "XMP": f"]]></rdf:li><pdf:Producer>{PLANTED}</pdf:Producer><?xpacket end='w'?>", "huge number": "9" * 5000, "negative number": "-" + "9" * 5000, "exponent": "1e999999999", "NaN": "NaN", "infinity": "Infinity", "unicode digits": "\u0661\u0662\u0663", "superscript": "\u00b2", "fullwidth": "\uff11\uff10",
    "printf": "%s%n%x%d{0}{1.__class__}${jndi:ldap://127.0.0.1/a}", "shell": "`id`$(id);|id&&id", "sql": "' OR 1=1; DROP TABLE manifest; --", "formula": "=HYPERLINK(\"http://127.0.0.1\")", "long word": "x" * 30_000, "long line": "word " * 6000, "newlines": "\n" * 5000, "tabs": "\t" * 5000, "quotes": "\"'" * 5000,
    "brackets": "((((((((((" * 500, "open tags": "<b>" * 5000, "slashes": "/" * 5000, "hashes": "#" * 5000, "commas": "," * 5000, "ampersands": "&" * 5000, "points": "1 1 " * 3000, "letters of paths": "MLHVCSQTAZ" * 300, "semicolons": ";" * 3000, "colons": "a:b;" * 1000, "empty": "", "blank": " ", "dot": ".", "two dots": "..", "minus": "-", "zero": "0",
}  # fmt: skip
BANNED = re.compile(
    rb"/(?:JavaScript|JS|Launch|OpenAction|AA|SubmitForm|ImportData|EmbeddedFile|RichMedia|GoToR|GoToE)\b"
)


def is_plain(answer: Answer) -> None:
    """A whole PDF file in which nothing acts: what data say is text."""
    with pikepdf.open(io.BytesIO(answer.pdf)) as pdf:
        problems = pdf.check_pdf_syntax()
        assert not problems, problems
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert not {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/EF"} & set(item.keys())
                assert str(item.get("/S", "")) not in (
                    "/JavaScript",
                    "/Launch",
                    "/SubmitForm",
                    "/GoToR",
                    "/GoToE",
                    "/Named",
                )
                uri = item.get("/URI")
                assert uri is None or not bytes(uri).lower().lstrip().startswith((b"javascript:", b"file:", b"data:"))


SOME = Limits(0.0, 10.0, 3000, pixels_per_image=1_000_000)
for name, text in INJECTIONS.items():
    CORPUS.renders(f"everywhere: {name}", "document", EVERYWHERE, {"s": text}, limits=SOME, check=is_plain)
for name in (
    "quote",
    "css",
    "close",
    "script",
    "NUL",
    "lone surrogate",
    "PDF objects",
    "entities",
    "controls",
    "jinja",
    "bidi without end",
    "file",
    "data svg",
):
    CORPUS.renders(
        f"unescaped: {name}",
        "document",
        EVERYWHERE.replace("{{ s }}", "{{ s | safe }}"),
        {"s": INJECTIONS[name]},
        limits=SOME,
        check=is_plain,
    )

LINKS = """<a href="{{ u }}">x</a><a href="#{{ u }}">y</a><img src="{{ u }}"><object data="{{ u }}"></object><embed src="{{ u }}"><iframe src="{{ u }}"></iframe><video poster="{{ u }}" src="{{ u }}"></video>
<audio src="{{ u }}"></audio><link rel=stylesheet href="{{ u }}"><link rel=icon href="{{ u }}"><link rel=import href="{{ u }}"><script src="{{ u }}"></script><base href="{{ u }}"><form action="{{ u }}"><input type=image src="{{ u }}"></form><body background="{{ u }}"><table background="{{ u }}"><td background="{{ u }}">x</table>
<picture><source srcset="{{ u }} 1x, {{ u }} 2x"><img srcset="{{ u }} 100w" sizes=100vw></picture><svg><image href="{{ u }}" width=9 height=9 /><image xlink:href="{{ u }}" width=9 height=9 /><use href="{{ u }}"/><use href="{{ u }}#a"/><a href="{{ u }}"><text>x</text></a><feImage href="{{ u }}"/><filter id=f><feImage href="{{ u }}"/></filter>
<rect filter="url({{ u }})" fill="url({{ u }}#a)" mask="url({{ u }})" clip-path="url({{ u }})" marker-end="url({{ u }}#m)" width=5 height=5 /><style>@import "{{ u }}"; rect {{ '{' }} fill: url({{ u }}) {{ '}' }}</style><script href="{{ u }}"></script><foreignObject><img src="{{ u }}"></foreignObject><textPath href="{{ u }}">x</textPath></svg>
<p style="background: url('{{ u }}'); list-style: url('{{ u }}') ; border-image: url('{{ u }}'); mask: url('{{ u }}'); content: url('{{ u }}'); cursor: url('{{ u }}'); filter: url('{{ u }}'); shape-outside: url('{{ u }}'); background-image: image-set(url('{{ u }}') 1x)">x</p><math href="{{ u }}"></math><applet code="{{ u }}"></applet><frame src="{{ u }}"><meta http-equiv=refresh content="0;url={{ u }}"><blockquote cite="{{ u }}">q</blockquote><bgsound src="{{ u }}"><isindex action="{{ u }}"><track src="{{ u }}"><html manifest="{{ u }}">
<style>@import url({{ u }}); @font-face {{ '{' }} font-family: {{ 'f' }}; src: url({{ u }}), url('{{ u }}') format('woff2') {{ '}' }} p {{ '{' }} font-family: f; background: url({{ u }}) {{ '}' }} @page {{ '{' }} background: url({{ u }}); @top-left {{ '{' }} content: url({{ u }}) {{ '}' }} {{ '}' }} @namespace url({{ u }});</style>"""
for address in (
    "file:///etc/passwd", "FILE:///etc/passwd", "file:/etc/shadow", "http://127.0.0.1:9/x", "HTTPS://localhost/x", "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://metadata.google.internal/", "ftp://127.0.0.1/", "//169.254.169.254/x", "///etc/passwd", "/etc/passwd", "/proc/self/environ", "../../../../etc/passwd", "..\\..\\..\\etc\\passwd",
    "%2e%2e%2f%2e%2e%2fetc/passwd", "....//....//etc/passwd", "a/../../../etc/passwd", "jar:file:///x!/y", "netdoc:///etc/passwd", "php://filter/resource=/etc/passwd", "expect://id", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "smb://127.0.0.1/x", "s3://bucket/key", "gs://bucket/key", "hdfs://127.0.0.1/", "blob:http://127.0.0.1/x", "about:blank", "view-source:file:///etc/passwd", "mailto:a@b?attach=/etc/passwd",
    "data:text/css,@import 'file:///etc/passwd'", "data:text/html,<img src=file:///etc/passwd>", "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxpbWFnZSBocmVmPSJmaWxlOi8vL2V0Yy9wYXNzd2QiLz48L3N2Zz4=", "data:image/svg+xml,<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'><text>%26x;</text></svg>",
    "data:application/pdf;base64,JVBERi0=", "data:font/woff2;base64,d09GMgAA", "DATA:image/png;base64,iVBORw0KGgo=", "data:image/png;base64," + "A" * 100_000, "http://user:password@127.0.0.1/", "http://0x7f000001/", "http://[::1]/", "http://127.1/", "\thttp://127.0.0.1/", "h\nttp://127.0.0.1/", "\x01file:///etc/passwd", "http:127.0.0.1", "https:\\\\127.0.0.1\\x", "template.toml", "sample.json", "template.html", "./", "", "?", "C:\\windows\\win.ini",
):  # fmt: skip
    CORPUS.renders(
        f"address: {address[:60]}",
        "document",
        LINKS,
        {"u": address},
        limits=SOME,
        check=is_plain,
        sample_json=b"{}",
        template_toml=b"",
    )
CORPUS.renders("unescaped: open tags", "render", "<p>{{ s | safe }}", {"s": "<b>" * 5000}, "nested deeper than")
CORPUS.renders(
    "a base that leads out", "document", "<base href='file:///etc/'><img src=passwd><link rel=stylesheet href=passwd>"
)
CORPUS.renders(
    "a base of data", "document", "<base href='{{ u }}'><img src=passwd>", {"u": f"http://127.0.0.1/{PLANTED}/"}
)

LONG = {
    "text": "word ", "one word": "x", "Arabic": "\u0627\u0644 ", "combining marks": "\u0301", "soft hyphens": "a\u00ad", "zero widths": "a\u200b",
    "emoji": "\U0001f600", "brackets": "<", "bidi": "\u202ea\u202c", "newlines": "\n", "surrogates": "\ud800", "flags": "\U0001f1e9", "hyphens": "a-", "tabs": "a\t",
}  # fmt: skip
for name, text in LONG.items():
    CORPUS.renders(
        f"10 MB: {name}", "limit_cpu or document", "<p>{{ s }}</p>",
        lambda text=text: {"s": text * (10_000_000 // len(text))}, limits=Limits(0, 0.4, 1000),
    )  # fmt: skip
CORPUS.renders(
    "10 MB of text under the limit of pages",
    "limit_pages",
    "<p>{{ s }}</p>",
    {"s": "word " * 100_000},
    limits=Limits(0, 9, 5),
)
CORPUS.renders(
    "10 MB in an attribute",
    "document",
    "<p title='{{ s }}' class='{{ s }}' id='{{ s }}' data-x='{{ s }}'>x</p>",
    lambda: {"s": "x y " * 2_500_000},
)
CORPUS.renders(
    "10 MB in a URL",
    "document",
    "<img src='{{ s }}'><a href='{{ s }}'>x</a>",
    lambda: {"s": "x" * 10_000_000},
    limits=Limits(bytes_per_document=30_000_000),
)
CORPUS.renders("10 MB in a style", "document", "<p style='color:{{ s }}'>x</p>", lambda: {"s": "x" * 10_000_000})
CORPUS.renders("10 MB in a title", "document", "<title>{{ s }}</title>x", lambda: {"s": "x" * 10_000_000})
CORPUS.renders(
    "more HTML than the limit",
    "template",
    "{% for n in range(9) %}{{ s }}{% endfor %}",
    lambda: {"s": "x" * 10_000_000},
    "characters",
)
CORPUS.renders(
    "a million rows",
    "template",
    "<table>{% for r in rows %}<tr><td>{{ r }}{% endfor %}</table>",
    lambda: {"rows": list(range(1_000_001))},
    "turns",
)
CORPUS.renders(
    "a hundred thousand rows",
    "limit_cpu",
    "<table>{% for r in rows %}<tr><td>{{ r }}{% endfor %}</table>",
    lambda: {"rows": list(range(100_000))},
    limits=Limits(0, 1.0),
)
CORPUS.renders(
    "a hundred thousand rows on few pages",
    "limit_pages",
    "<ul>{% for r in rows %}<li>{{ r }}{% endfor %}</ul>",
    lambda: {"rows": list(range(10_000))},
    limits=FEW,
)
CORPUS.renders(
    "a thousand columns",
    "document",
    "<table><tr>{% for r in rows %}<td>{{ r }}{% endfor %}</table>",
    {"rows": list(range(1000))},
)
CORPUS.renders(
    "a hundred thousand columns",
    "document",
    "<table><tr>{% for r in rows %}<td>{% endfor %}</table>",
    {"rows": list(range(20_000))},
    limits=Limits(0, 20),
)
CORPUS.renders(
    "columns that span",
    "document",
    "<table><tr><td colspan=999999 rowspan=999999>x<td colspan=1000>y<tr><td rowspan=65535>z</table>",
)
CORPUS.renders(
    "many columns that span",
    "document",
    "<table>" + "<tr><td colspan=1000 rowspan=100>x" * 50 + "</table>",
    limits=Limits(0, 20),
)
CORPUS.renders(
    "column groups that span",
    "document",
    "<table><colgroup span=999999><col span=1000><col span=-5><col span=x>" * 5 + "<tr><td>x</table>",
)

ODD = {
    "nested": {"a": {"b": [[[{"c": PLANTED}]]]}}, "null": None, "bytes": b"\x00\xff" + PLANTED.encode(), "date": date(1, 1, 1), "moment": datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14))),
    "early": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "delta": timedelta(days=999_999_999), "uuid": UUID(int=0), "number": Decimal("-0E-30"), "nan": float("nan"), "snan": Decimal("sNaN"), "infinity": Decimal("-Infinity"), "minus": -0.0, "tiny": 5e-324, "huge": 1.7e308, "many": 2**200, "flag": True, "set": {1, 2}, "object": object(), "tuple": (1, PLANTED),
    "range": range(10**5), "iterator": iter(()), "ellipsis": ...,
}  # fmt: skip
for name in ODD:
    CORPUS.renders(
        f"an odd value: {name}",
        "document",
        "{% if v is defined %}{% if v is string or v is number %}{{ v }}{% endif %}{% endif %}x",
        {"v": ODD[name]},
    )
    for use in (
        "{{ v }}",
        "{{ v | money('EUR') }}",
        "{{ v | date }}{{ v | datetime }}{{ v | time }}",
        "{{ v | number(digits=30) }}{{ v | percent }}",
        "{{ v | tojson }}{{ v | string }}{{ v ~ v }}",
        "{{ v + v }}{{ v < v }}{{ v[0] }}{{ v.x }}",
        "{{ v | length }}{{ v | list }}{{ v | first }}{{ v | dictsort }}",
        "{% for x in v %}{{ x }}{% endfor %}",
    ):
        CORPUS.renders(
            f"an odd value: {name} in {use}", "document or template", use, {"v": ODD[name]}, limits=Limits(0, 5)
        )
CORPUS.renders(
    "odd names",
    "document",
    "{{ record['a b'] }}{{ record['../x'] }}{{ record['__class__'] }}{{ record[''] }}",
    {
        "a b": 1,
        "../x": 2,
        "__class__": 3,
        "": 4,
        "self": 5,
        "loop": 6,
        "caller": 7,
        "record": {"a b": 1, "../x": 2, "__class__": 3, "": 4},
    },
)
CORPUS.renders("ten thousand columns", "document", "{{ c9999 }}", {f"c{n}": n for n in range(10_000)})
CORPUS.renders("a record within itself", "template", "{{ r | tojson }}", lambda: _ring())
CORPUS.renders("a list within itself", "template", "{{ r == s }}", lambda: {"r": _loop(), "s": _loop()})


def _ring() -> dict[str, object]:
    ring: dict[str, object] = {}
    ring["r"] = ring
    return ring


def _loop() -> list[object]:
    loop: list[object] = []
    loop.append(loop)
    return loop
