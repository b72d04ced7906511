"""Which image of several is shown: HTML, 4.8.4."""

from __future__ import annotations

import pytest

from spark_pdf.layout.generation.candidates import candidates, parse_srcset, source_size
from spark_pdf.layout.html.parsing import parse_html


def media(query: str) -> bool:
    return query.strip() in ("", "print", "(min-width: 100px)")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a.png", [("a.png", "")]), ("a.png 1x, b.png 2x", [("a.png", "1x"), ("b.png", "2x")]),
        ("a.png 100w,b.png 200w", [("a.png", "100w"), ("b.png", "200w")]), ("", []), (" , a.png ,", [("a.png", "")]),
        ("data:image/png;base64,AA== 2x, b.png", [("data:image/png;base64,AA==", "2x"), ("b.png", "")]),
        ("a.png 1x 2h, b.png", [("a.png", "1x 2h"), ("b.png", "")]),
    ],
)  # fmt: skip
def test_srcset(text: str, parsed: list[tuple[str, str]]) -> None:
    assert parse_srcset(text) == parsed


@pytest.mark.parametrize(
    ("text", "px"),
    [
        ("", 800), ("200px", 200), ("50vw", 400), ("(min-width: 100px) 300px, 100px", 300),
        ("(max-width: 100px) 300px, 100px", 100), ("1in", 96), ("nonsense", 800), ("10em", 160),
    ],
)  # fmt: skip
def test_sizes(text: str, px: float) -> None:
    assert source_size(text, media, 800) == px


@pytest.mark.parametrize(
    ("html", "best"),
    [
        ('<img src="a">', ("a", 1)),
        ("<img>", ("", 1)),
        ('<img src="a" srcset="b 2x">', ("b", 2)),
        ('<img src="a" srcset="b 1x, c 2x, d 3x">', ("c", 2)),
        ('<img src="a" srcset="b 1x, c 1.5x">', ("c", 1.5)),
        ('<img src="a" srcset="b 400w, c 800w, d 1600w" sizes="400px">', ("c", 2)),
        ('<img src="a" srcset="b 400w, c 800w">', ("c", 1)),
        ('<picture><source srcset="w" type="image/webp"><img src="a"></picture>', ("w", 1)),
        ('<picture><source srcset="w" type="image/avif"><img src="a"></picture>', ("a", 1)),
        (
            '<picture><source srcset="w" media="screen"><source srcset="v" media="print"><img src="a"></picture>',
            ("v", 1),
        ),
        ('<picture><img src="a"><source srcset="w"></picture>', ("a", 1)),
    ],
)
def test_the_best_candidate(html: str, best: tuple[str, float]) -> None:
    image = next(element for element in parse_html(html).elements if element.tag == "img")
    assert candidates(image, media, 800)[0] == best


def test_what_comes_next_where_the_best_is_missing() -> None:
    image = next(e for e in parse_html('<img src="a" srcset="b 1x, c 2x">').elements if e.tag == "img")
    assert [candidate.url for candidate in candidates(image, media, 800)] == ["c", "b", "a"]
