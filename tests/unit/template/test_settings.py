from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from spark_pdf.errors import BundleError
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.settings import FontFile, TemplateLimits, parse_settings

FULL = """
entry = "a.html"
title = "Invoice"
locale = "de-DE"
currency = "EUR"
timezone = "Europe/Berlin"
[[font]]
family = "Inter"
file = "fonts/inter.ttf"
weight = 700
style = "italic"
[types]
due = "date"
"lines[].price" = "decimal"
[columns]
a = "integer"
[limits]
iterations = 10
"""


def test_every_key_is_read() -> None:
    settings = parse_settings(FULL)
    assert (settings.entry, settings.title, settings.locale) == ("a.html", "Invoice", "de_DE")
    assert (settings.currency, settings.timezone) == ("EUR", "Europe/Berlin")
    assert settings.fonts == (FontFile("Inter", "fonts/inter.ttf", 700, "italic"),)
    assert settings.types == {"due": "date", "lines[].price": "decimal"}
    assert settings.columns == {"a": "integer"}
    assert settings.limits == TemplateLimits(iterations=10)


def test_a_subset_for_all_documents_names_what_it_holds() -> None:
    assert parse_settings("").repertoire is None
    assert parse_settings("[fonts]\nsubset = 'document'\nrepertoire = ['greek']").repertoire is None
    assert parse_settings("fonts.subset = 'bundle'").repertoire == ("western",)
    files = {
        "template.toml": b"fonts.subset='bundle'\nfonts.repertoire=['U+41-43']",
        "template.html": "<p>ž&rarr;".encode(),
    }
    found = Bundle.from_files(files).repertoire()
    assert found == frozenset(map(ord, "ABC<p>ž&rarr;→"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fonts]\nsubset='page'", 'template.toml:2: \'fonts.subset\' is "document" or "bundle"'),
        ("[fonts]\nsubset='bundle'\nrepertoire=['klingon']", "template.toml:3: 'fonts.repertoire' is a list of ranges"),
        ("[fonts]\nrepertoire=['U+50-40']", "'fonts.repertoire' is a list"),
        ("[fonts]\nsubsets='bundle'", "did you mean 'subset'"),
        ('\nlocal = "de"', r"template.toml:2: the key 'local' is unknown; did you mean 'locale'\?"),
        (
            '[[font]]\nfamily="x"\nfile="y"\nwieght=4',
            r"template.toml:4: the key 'font.wieght' is unknown; did you mean",
        ),
        ("[limits]\niteration=3", "did you mean 'iterations'"),
        ('\n\nlocale = "xx_YY"', "template.toml:3: 'locale' is none that CLDR knows"),
        ('timezone = "Mars/Base"', "template.toml:1: 'timezone'"),
        ('currency = "euro"', "three capital letters"),
        ("title = 3", "'title' is a text"),
        ("[[font]]\nfamily='x'", "'family' and a 'file'"),
        ("[[font]]\nfamily='x'\nfile='y'\nweight=0", "1 to 1000"),
        ("[[font]]\nfamily='x'\nfile='y'\nstyle='bold'", "normal, italic, oblique"),
        ("[types]\na='dat'", "template.toml:2: the type of 'types.a' is unknown; did you mean 'date'"),
        ("[limits]\niterations=0", "positive"),
        ("a = ", "template.toml: not valid TOML"),
        ("a=1\nb=x", "template.toml:2: not valid TOML"),
        ("font = 3", "fonts are tables"),
    ],
)
def test_mistakes_are_named_with_line(text: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        parse_settings(text)


def test_fonts_must_be_in_the_bundle() -> None:
    toml = b"[[font]]\nfamily='Inter'\nfile='Inter.ttf'"
    with pytest.raises(BundleError, match=r"'Inter': the bundle has no file 'Inter.ttf'; did you mean 'inter.ttf'"):
        Bundle.from_files({"a.html": b"", "inter.ttf": b"", "template.toml": toml})


def test_samples_are_typed_as_declared() -> None:
    toml = (
        b'[types]\ndue="date"\nsent="timestamp"\n"lines[].price"="decimal"\n"c.since"="date"\nat="time"\nabsent="date"'
    )
    sample = (
        b'{"due":"2026-01-31","text":"2026-01-31","sent":"2026-01-31T10:00:00+01:00","rate":0.10,"n":3,"none":null,'
        b'"lines":[{"price":3},{"price":"4.50"},{"price":null}],"c":{"since":"2020-02-29"},"at":"10:30:00"}'
    )
    record = Bundle.from_files({"a.html": b"", "template.toml": toml, "sample.json": sample}).sample()
    assert record == {
        "due": dt.date(2026, 1, 31),
        "text": "2026-01-31",
        "sent": dt.datetime(2026, 1, 31, 9, tzinfo=dt.timezone.utc),
        "rate": Decimal("0.10"),
        "n": 3,
        "none": None,
        "lines": [{"price": Decimal(3)}, {"price": Decimal("4.50")}, {"price": None}],
        "c": {"since": dt.date(2020, 2, 29)},
        "at": dt.time(10, 30),
    }
    assert str(record["rate"]) == "0.10"
    assert Bundle.from_files({"a.html": b""}).sample() is None


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (b'{"due":\n3,}', "sample.json:2: not valid JSON"),
        (b"[1]", "a record is a JSON object"),
        (b'{"due":"secret"}', "'due' is not a date"),
        (b'{"due":"2026-02-30"}', "'due' is not a date"),
        (b"\xff", "UTF-8"),
    ],
)
def test_samples_that_are_not_are_named_without_values(sample: bytes, message: str) -> None:
    bundle = Bundle.from_files({"a.html": b"", "template.toml": b'[types]\ndue="date"', "sample.json": sample})
    with pytest.raises(BundleError, match=message) as caught:
        bundle.sample()
    assert "secret" not in str(caught.value)
