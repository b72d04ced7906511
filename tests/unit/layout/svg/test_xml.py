"""SVG files: what is read, and everything that never is."""

# ruff: noqa: E501  (tables of small SVGs)
from __future__ import annotations

import gzip

import pytest

from spark_pdf.layout.svg import xml
from spark_pdf.layout.svg.xml import BrokenSvgError, looks_like_svg, parse_xml

HEAD = 'xmlns="http://www.w3.org/2000/svg"'


def test_names_keep_their_case_and_namespaces_their_place() -> None:
    root = parse_xml(
        f'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://example.org/svg11.dtd">'
        f'<svg {HEAD} xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:i="http://inkscape.org/" viewBox="0 0 1 1">'
        f'<linearGradient id="g" xlink:href="#h" xml:space="preserve" i:label="x"/><i:grid/>a<!-- c -->b</svg>'.encode()
    )
    assert root.tag == "svg"
    assert root.attributes["viewBox"] == "0 0 1 1"
    gradient, grid, text = root.children
    assert gradient.tag == "linearGradient"
    assert gradient.id == "g"
    assert dict(gradient.attributes) == {
        "id": "g", "xlink:href": "#h", "xml:space": "preserve", "{http://inkscape.org/}label": "x",
    }  # fmt: skip
    assert grid.tag == "{http://inkscape.org/}grid"
    assert grid.previous is gradient
    assert grid.index == 2
    assert text == "ab"


@pytest.mark.parametrize("data", [f"<svg {HEAD}/>".encode(), b"<svg/>", f"<s:svg {HEAD.replace('=', ':s=', 1)}/>".encode(),
    f"\ufeff<svg {HEAD}/>".encode(), f'<?xml version="1.0" encoding="UTF-16"?><svg {HEAD}/>'.encode("utf-16"),
    f'<?xml version="1.0" encoding="ISO-8859-1"?><svg {HEAD}>\xe9</svg>'.encode("latin-1"), gzip.compress(b"<svg/>", mtime=0)])  # fmt: skip
def test_encodings(data: bytes) -> None:
    assert looks_like_svg(data)
    assert parse_xml(data).tag == "svg"


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (f'<!DOCTYPE svg [<!ENTITY a0 "ha">{BOMB}]><svg>&a9;</svg>'.encode(), "entities"),
        (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', "entities"),
        (b'<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://example.org/">%x;]><svg/>', "entities"),
        (b"<svg>&nbsp;</svg>", "undefined entity"),
        (b"<svg>", "no element found"),
        (b"<svg", "unclosed token"),
        (b"<svg></svg><svg/>", "junk"),
        (b"<p/>", "root element"),
        (b"", "no element found"),
        (b"<svg>\x00</svg>", "not well-formed"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "cannot be read|can be read"),
        (gzip.compress(b"<svg/>", mtime=0)[:-6], "gzip"),
        (b"\x1f\x8bnonsense", "gzip"),
        (b"<svg>" * 5000, "nested deeper"),
    ],
)
def test_what_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BrokenSvgError, match=why) as caught:
        parse_xml(data)
    assert "passwd" not in str(caught.value)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 10)
    with pytest.raises(BrokenSvgError, match="more than 10 elements"):
        parse_xml(b"<svg>" + b"<g/>" * 11 + b"</svg>")
    monkeypatch.setattr(xml, "MAX_BYTES", 10)
    with pytest.raises(BrokenSvgError, match="more than 10 bytes"):
        parse_xml(b"<svg>      </svg>")
    with pytest.raises(BrokenSvgError, match="more than 10 bytes"):
        parse_xml(gzip.compress(b"<svg>" + b" " * 100000 + b"</svg>", mtime=0))


def test_what_looks_otherwise() -> None:
    assert not looks_like_svg(b"\x89PNG\r\n\x1a\n")
    assert not looks_like_svg(b"\xff\xd8\xff\xe0")
    assert not looks_like_svg(b"")
