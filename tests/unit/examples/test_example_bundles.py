"""The example bundles hold together: their samples fit their contracts, and the sums that they print are right."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from spark_pdf import Template
from spark_pdf.layout.css.sheets import StyleSource, load_stylesheets
from spark_pdf.template.bundle import Bundle

EXAMPLES = Path(__file__).parents[3] / "examples"
BUNDLES = sorted(path.parent.name for path in EXAMPLES.glob("*/template.html"))


def text_of(bundle: Bundle) -> str:
    record = bundle.sample()
    assert record is not None
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bundle.html(record))).split())


@pytest.mark.parametrize("name", ["invoice", "statement"])
def test_the_logo_is_small_and_crisp(name: str) -> None:
    path = EXAMPLES / name / "logo.png"
    assert path.stat().st_size < 3000
    with Image.open(path) as logo:
        assert (logo.mode, logo.size) == ("P", (400, 120))


@pytest.mark.parametrize("name", BUNDLES)
def test_everything_referenced_is_in_the_bundle(name: str) -> None:
    bundle = Bundle.load(EXAMPLES / name)
    page = bundle.files["template.html"].decode()
    for url in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert bundle.read(url)


def test_the_invoice_adds_up_to_the_order() -> None:
    bundle = Bundle.load(EXAMPLES / "invoice")
    record = bundle.sample()
    assert record is not None
    text = text_of(bundle)
    assert f"Total due ${record['o_totalprice']:,}" in text
    net, tax = (
        Decimal(re.search(rf"{label} \$([\d,.]+)", text)[1].replace(",", "")) for label in ("Net amount", "Tax")
    )
    assert net + tax == record["o_totalprice"]
    assert len(record["lines"]) == 7


def test_the_statement_adds_up() -> None:
    bundle = Bundle.load(EXAMPLES / "statement")
    record = bundle.sample()
    assert record is not None
    total = sum(order["o_totalprice"] for order in record["orders"])
    text = text_of(bundle)
    assert f"Ordered in all ${total:,}" in text
    years = re.findall(r"(\d{4}) · (\d+) orders? ([\d,.]+) ([\d,.]+)", text)
    assert sum(int(count) for _, count, _, _ in years) == len(record["orders"]) == 140
    assert sum(Decimal(amount.replace(",", "")) for _, _, amount, _ in years) == total
    assert years[-1][3] == f"{total:,}"


@pytest.mark.parametrize("name", BUNDLES)
def test_the_style_sheets_are_understood(name: str) -> None:
    bundle = Bundle.load(EXAMPLES / name)
    css = bundle.files["style.css"].decode()
    assert load_stylesheets([StyleSource(css, "style.css")], bundle).warnings == ()


@pytest.mark.parametrize("name", ["renewal_letter", "risk_report", "sensor_report"])
def test_what_fits_a_page_takes_one_and_nothing_is_missing(name: str) -> None:
    template = Template.load(str(EXAMPLES / name))
    record = template.sample()
    rendition = template.render(record)
    assert (rendition.pages, rendition.warnings) == (1, ())


def test_the_risk_adds_up() -> None:
    record = Bundle.load(EXAMPLES / "risk_report").sample()
    assert record is not None
    assert sum(position["value"] for position in record["positions"]) == record["value"]
    assert sum(position["component"] for position in record["positions"]) == record["var_95"]
    assert sum(bin["count"] for bin in record["bins"]) == record["paths"]
