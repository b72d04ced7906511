from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import DocumentError
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.filters import FilterError, Filters
from spark_pdf.template.number_formats import compile_number
from spark_pdf.template.zones import time_zone

LOCALES = [
    "en_US",
    "de_DE",
    "de_CH",
    "de_AT",
    "fr_FR",
    "hi_IN",
    "en_IN",
    "pl_PL",
    "es_ES",
    "pt_BR",
    "sv_SE",
    "ar_EG",
    "fa_IR",
]
LOCALES += ["ja_JP", "bn_BD", "he_IL", "da_DK", "hu_HU", "nl_NL", "lv_LV", "es_CO", "it_CH", "th_TH"]
CURRENCIES = ["EUR", "USD", "JPY", "KWD", "CHF", "INR", "XAU"]
FILTERS = {name: Filters(name, "EUR") for name in LOCALES}

amounts = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=4),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000),
    st.integers(-(10**18), 10**18).map(Decimal),
    st.sampled_from(
        list(map(Decimal, ("0", "-0", "0.005", "-0.005", "0.015", "1E+3", "1E-9", "999.995", "1000", "99999.5")))
    ),
)


@settings(max_examples=150, deadline=None)
@given(amounts, st.sampled_from(LOCALES), st.sampled_from(CURRENCIES))
def test_money_is_what_babel_prints(value: Decimal, locale: str, currency: str) -> None:
    assert FILTERS[locale].money(value, currency) == format_currency(value, currency, locale=locale)


@settings(max_examples=150, deadline=None)
@given(amounts, st.sampled_from(LOCALES))
def test_numbers_and_percentages_are_what_babel_prints(value: Decimal, locale: str) -> None:
    filters = FILTERS[locale]
    assert filters.number(value) == format_decimal(value, locale=locale)
    assert filters.percent(value) == format_percent(value, locale=locale)


@settings(max_examples=150, deadline=None)
@given(
    amounts,
    st.sampled_from(LOCALES),
    st.sampled_from(
        [
            "#,##0.00",
            "0",
            "000",
            "#",
            "#,##0.###",
            "0.0#",
            "#,##,##0.00",
            "#,####",
            "#0.00;(#0.00)",
            "'EUR' 0.00",
            "0.00 '#'",
            "'x''y' 0",
            "+0;-0",
            "0.00%",
            "0‰",
            "@@@",
            "0.00E0",
            "¤ #,##0.00",
            "#,##0.00 ¤¤",
            "0 ''",
        ]
    ),
)
def test_patterns_print_what_babel_prints(value: Decimal, locale: str, pattern: str) -> None:
    if pattern in ("@@@", "0.00E0") and value == 0:
        return  # Babel itself fails on these
    assert compile_number(pattern, Locale.parse(locale))(value) == format_decimal(value, pattern, locale=locale)


def test_what_babel_cannot_print_comes_out_whole() -> None:
    largest = Decimal("9" * 36 + ".99")
    assert FILTERS["en_US"].money(largest, "EUR") == "€" + f"{largest:,f}"


def test_rounding_is_half_even_whatever_the_thread_says() -> None:
    import decimal

    with decimal.localcontext() as context:
        context.rounding, context.prec = decimal.ROUND_UP, 3
        assert FILTERS["en_US"].money(Decimal("12345.125"), "USD") == "$12,345.12"
        assert FILTERS["en_US"].money(Decimal("12345.135"), "USD") == "$12,345.14"


def test_floats_are_their_shortest_decimal_form() -> None:
    filters = FILTERS["en_US"]
    assert filters.money(2.675, "USD") == "$2.68"  # binary 2.67499..., as Babel: str(2.675)
    assert filters.number(0.1 + 0.2, digits=17) == "0.30000000000000004"
    assert filters.money(5, "USD") == "$5.00"


def test_arguments() -> None:
    filters = FILTERS["de_DE"]
    assert filters.number(Decimal("1234.5678"), digits=2) == "1.234,57"
    assert filters.number(Decimal(3), digits=0) == "3"
    assert filters.number(Decimal("1234.5"), "0000.00") == "1234,50"
    assert filters.percent(Decimal("0.195"), 1) == "19,5\xa0%"
    assert filters.percent(Decimal("0.19"), digits=2) == "19,00\xa0%"
    assert filters.money(Decimal(1), format="¤¤ 0.00") == "EUR 1,00"
    for method in (filters.money, filters.number, filters.percent, filters.date, filters.datetime, filters.time):
        assert method(None, default="-") == "-"
        assert method(None, default=None) is None
        with pytest.raises(FilterError, match=r"is NULL; .*default"):
            method(None)


MOMENT = dt.datetime(2026, 3, 29, 0, 30, 15, tzinfo=dt.timezone.utc)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "ar_EG"])
@pytest.mark.parametrize("form", ["short", "medium", "long", "full", "d. MMMM y", "HH:mm zzzz"])
def test_dates_and_times_are_what_babel_prints(locale: str, form: str) -> None:
    from babel.dates import get_timezone

    zone = get_timezone("Europe/Berlin")
    filters = Filters(locale, timezone="Europe/Berlin")
    local = MOMENT.astimezone(zone)
    for _ in range(2):
        assert filters.datetime(MOMENT, form) == format_datetime(local, form, zone, locale)
        if "d" not in form:
            assert filters.time(MOMENT, form) == format_time(local, form, zone, locale)
        if "H" not in form:
            assert filters.date(dt.date(2026, 3, 29), form) == format_date(dt.date(2026, 3, 29), form, locale)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LOCALES), st.lists(st.dates(), min_size=1, max_size=4), st.data())
def test_each_field_of_a_date_is_what_babel_prints(locale: str, days: list[dt.date], data: st.DataObject) -> None:
    fields = ["G", "GGGG", "y", "yy", "yyyy", "u", "Q", "QQQ", "qqqq", "M", "MM", "MMM", "MMMM", "LLLL", "d", "dd", "D"]
    fields += ["w", "Y", "E", "EEEE", "EEEEE", "e", "ee", "c", "cccc", "'%'", "'%(d)s'", "' of '", "'"]
    form = data.draw(
        st.sampled_from(["short", "medium", "long", "full"]) | st.lists(st.sampled_from(fields)).map(" ".join)
    )
    for day in days:
        assert FILTERS[locale].date(day, form) == format_date(day, form, locale)


def test_formats_of_dates_that_are_remembered_are_bounded() -> None:
    filters = Filters("en_US")
    for number in range(1000):
        assert filters.date(dt.date(2026, 3, 29), f"d '{number}'") == f"29 {number}"
    assert len(filters._dates) <= 256


def test_texts_of_numbers_are_remembered_while_they_are_few() -> None:
    filters = Filters("en_US", "EUR")
    for _ in range(2):
        for number in range(1000):
            assert filters.number(Decimal(number)) == filters.number(number) == f"{number:,}"
        assert [filters.number(Decimal(text)) for text in ("0", "-0", "0.00")] == ["0", "-0", "0"]
        assert [filters.percent(Decimal(text), 1) for text in ("-0", "0", "0.1", "0.10")] == [
            "-0.0%", "0.0%", "10.0%", "10.0%",
        ]  # fmt: skip


def test_texts_of_days_are_remembered_while_they_are_few() -> None:
    filters = Filters("en_US")
    for number in range(5000):
        day = dt.date(2000, 1, 1) + dt.timedelta(number)
        assert filters.date(day, "y-M-d") == f"{day.year}-{day.month}-{day.day}"
    assert len(filters._dates["y-M-d"].__self__) <= 4096  # type: ignore[attr-defined]


def test_texts_are_remembered_of_few_and_short_formats_only() -> None:
    """Formats may come from records, and be long: what is kept is bounded as a whole."""
    filters, days = Filters("en_US"), [dt.date(2026, 3, number) for number in (28, 29)]
    long = "x" * 100
    for day in days * 2:
        assert filters.date(day, f"d '{long}'") == f"{day.day} {long}"
    assert not filters._dates
    for number in range(100):
        for _ in range(2):
            assert filters.number(Decimal("1.5"), f"0.0 '{number}'") == f"1.5 {number}"
            assert filters.number(Decimal("1.5"), f"0.0 '{number} {long}'") == f"1.5 {number} {long}"
            assert filters.date(days[0], f"d '{number}'") == f"28 {number}"
    assert len(filters._dates) <= 32
    assert sum(made.__qualname__.startswith("remembered") for made in filters._numbers.values()) <= 32
    third = Decimal("0." + "3" * 100)
    assert [Filters("en_US").number(third) for _ in range(2)] == ["0.333", "0.333"]


def test_time_zones() -> None:
    filters = Filters("en_US", timezone="America/Los_Angeles")
    assert filters.date(MOMENT, "yyyy-MM-dd") == "2026-03-28"
    assert filters.datetime(MOMENT, "yyyy-MM-dd HH:mm xxx") == "2026-03-28 17:30 -07:00"
    assert filters.datetime(MOMENT.replace(tzinfo=None), "yyyy-MM-dd HH:mm") == "2026-03-29 00:30"
    assert filters.time(dt.time(9, 5), "HH:mm") == "09:05"
    assert filters.datetime("2026-03-29T00:30:15Z", "HH:mm") == "17:30"
    assert filters.datetime("2026-03-29 00:30", "HH:mm") == "00:30"
    assert filters.date("2026-03-29", "d/M") == "29/3"


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("s | money", "money: needs a number, got a string"),
        ("t | number", "number: needs a number, got a boolean"),
        ("c | percent", "percent: needs a number, got a struct"),
        ("nan | number", "number: needs a finite number"),
        ("f | number", "number: needs a finite number"),
        ("n | money('EURO')", "money: the currency is none"),
        ("n | money(3)", "money: the currency is none"),
        ("n | number(digits=-1)", "number: `digits` is a whole number"),
        ("n | number(3)", "number: the format is not a CLDR pattern"),
        ("n | date", "date: needs a date, got a whole number"),
        ("s | date", "date: needs a date, got a string that is no ISO 8601 date"),
        ("'20260101' | date", "date: needs a date, got a string that is no ISO 8601 date"),
        ("d | datetime", "datetime: needs a timestamp"),
        ("d | time", "time: needs a timestamp"),
        ("d | date('mediun')", "date: the format is none of short, medium, long, full, nor"),
        ("missing | money", "'missing' is not in the record"),
        ("nothing | date", "date: the value is NULL"),
    ],
)
def test_wrong_values_are_named_by_filter_and_line(use: str, message: str) -> None:
    bundle = Bundle.from_files({"t.html": f"\n{{{{ {use} }}}}".encode(), "template.toml": b'currency="EUR"'})
    record = {
        "s": "Miller",
        "t": True,
        "c": {},
        "nan": Decimal("NaN"),
        "f": float("inf"),
        "n": 3,
        "d": dt.date(2026, 1, 1),
    }
    with pytest.raises(DocumentError) as caught:
        bundle.html({**record, "nothing": None})
    name, _, _ = use.partition(" | ")
    assert f"t.html:2: '{name}' | {message}" in str(caught.value) or not name.isalpha() or name == "missing"
    assert message in str(caught.value)
    assert "Miller" not in str(caught.value)


def test_money_needs_a_currency() -> None:
    with pytest.raises(DocumentError, match=r"money\(\"EUR\"\), or set `currency` in template.toml"):
        Bundle.from_files({"t.html": b"{{ 1 + n | money }}"}).html({"n": 1})


def test_zones_are_those_of_the_pinned_package() -> None:
    import zoneinfo

    path = zoneinfo.TZPATH
    try:
        zoneinfo.reset_tzpath(["/nowhere"])
        time_zone.cache_clear()
        assert Filters("en_US", timezone="Asia/Tokyo").datetime(MOMENT, "HH:mm") == "09:30"
        assert Filters("en_US").datetime(MOMENT, "HH:mm zzzz") == "00:30 Coordinated Universal Time"
    finally:
        zoneinfo.reset_tzpath(path)
    for name in ("Mars/Base", "../../etc/passwd", "", "Europe", "/etc/localtime"):
        with pytest.raises(ValueError, match="not a time zone"):
            time_zone(name)


@pytest.mark.parametrize("name", ["number", "percent"])
def test_digits_are_a_whole_number_whatever_was_printed_before(name: str) -> None:
    filters = Filters("en_US", "")
    printed = getattr(filters, name)
    assert printed(Decimal("0.25"), digits=1) == {"number": "0.2", "percent": "25.0%"}[name]
    with pytest.raises(FilterError, match="whole number"):
        printed(Decimal("0.25"), digits=True)
