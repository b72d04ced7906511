"""`details` and `summary` on paper, and elements that are reported (HTML, 15.5.4)."""

from __future__ import annotations

import pytest

from spark_pdf.layout.document import LayoutEngine
from tests.unit.layout.test_special_elements import laid, texts

OPEN, CLOSED = "\u25bc", "\u25ba"


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<details><summary>s</summary>text<p>p</details>", [CLOSED, "s"]),
        ("<details open><summary>s</summary>text<p>p</details>", [OPEN, "s", "text", "p"]),
        ("<details><p>p<summary>s</summary><summary>t</summary></details>", [CLOSED, "s"]),
        ("<details open><p>p</p><summary>s</summary></details>", [OPEN, "s", "p"]),
        ("<details>text</details>", [f"{CLOSED} Details"]),
        ("<details><summary style='list-style: none'>s</summary>text</details>", ["s"]),
        ("<details style='display: grid'><summary style='display: block'>s</summary><p>p</details>", ["s"]),
        ("<summary>s</summary>", ["s"]),
    ],
)
def test_details(html: str, shown: list[str]) -> None:
    assert [text.strip() for text in texts(html)] == shown


def test_markers_of_closed_details_point_where_the_line_goes() -> None:
    assert texts("<details dir=rtl><summary>s</summary></details>")[0].strip() == "\u25c4"
    assert laid("<details dir=rtl><summary>s</summary></details>")[1] == []


def test_no_glyph_of_a_marker_is_missing() -> None:
    assert laid("<details><summary>s</summary></details><details open><summary>s</summary></details>")[1] == []


@pytest.mark.parametrize("tag", ["math", "ruby", "iframe"])
def test_what_is_not_laid_out_as_such_is_reported_once(tag: str) -> None:
    found, codes = laid(f"<p>a<{tag}>b</{tag}><p>c<{tag}>d</{tag}>")
    assert codes == ["unsupported_element"]
    assert found
    assert laid(f"<{tag} hidden>b</{tag}>")[1] == []


def test_sticky_is_reported_with_its_line() -> None:
    laid_out = LayoutEngine(None).lay_out("<style>\np { position: sticky }</style><p>a<p>b", "t.html")  # type: ignore[arg-type]
    list(laid_out.pages)
    assert [warning.code for warning in laid_out.warnings] == ["unsupported_value"]
