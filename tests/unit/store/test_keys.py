"""Document keys: readable where they can be, distinct always."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.errors import ConfigError, DocumentError
from spark_pdf.store.keys import MAX_BYTES, KeyTemplate, key_fields

RECORD: dict[str, Any] = {
    "o_orderkey": 4711,
    "o_orderdate": date(2026, 3, 5),
    "at": datetime(2026, 3, 5, 14, 7, 9, tzinfo=timezone.utc),
    "customer": {"c_name": "Smith & Sons/../etc", "address": {"city": "Łódź"}},
    "total": Decimal("1E+2"),
    "paid": True,
    "nothing": None,
    "lines": [1],
}


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("{document_id}", "A-1"),
        ("{document_id}.pdf", "A-1"),
        ("invoices/{o_orderdate:%Y/%m}/{document_id}", "invoices/2026/03/A-1"),
        ("{o_orderdate}/{document_id}", "2026-03-05/A-1"),
        ("{o_orderdate:%y%j}/{document_id}", "26064/A-1"),
        ("{at:%H-%M-%S}/{document_id}", "14-07-09/A-1"),
        ("{at}/{document_id}", "2026-03-05T140709/A-1"),
        ("{o_orderdate:%H}/{document_id}", "00/A-1"),
        ("{o_orderkey:08d}/x-{document_id}", "00004711/x-A-1"),
        ("{customer.c_name}/{document_id}", "Smith___Sons_.._etc/A-1"),
        ("{customer.address.city}/{document_id}", "Łódź/A-1"),
        ("{total}/{paid}/{document_id}", "100/true/A-1"),
    ],
)
def test_templates(template: str, key: str) -> None:
    assert KeyTemplate(template).key(RECORD, "A-1") == key


def test_fields_are_what_the_record_has_to_have() -> None:
    assert key_fields("{o_orderdate:%Y/%m}/{customer.c_name}/{document_id}") == ("customer.c_name", "o_orderdate")
    assert key_fields("{document_id}") == ()


@pytest.mark.parametrize(
    "template",
    [
        *["", "/", "a/{", "a}", "{a!r}", "/x", "x/", "a//b", "../{a}", "./{a}", "{a:%B}", "{a:%Y %m}", "{a:x}"],
        *["{0}", "{}", "{a[0]}", "{a.}", "a b", "a\\b", "a\n", "{a:%Y/}", "{a:{b}}"],
    ],
)
def test_what_is_no_template_is_a_config_error(template: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"'{template}'")) as raised:
        KeyTemplate(template)
    assert raised.value.key == "output.key"


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{nothing}", "'nothing', which is null"),
        ("{absent}", "'absent', which the record lacks"),
        ("{customer.absent}", "'customer.absent', which the record lacks"),
        ("{customer}", "which is a dict"),
        ("{lines}", "which is a list"),
        ("{o_orderkey:%Y}", "as a date, which it is not"),
        ("{customer.c_name:05d}", "as an integer, which it is not"),
    ],
)
def test_a_key_that_cannot_be_made_is_the_records_failure(template: str, says: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(says)) as raised:
        KeyTemplate(template).key(RECORD, "A-1")
    assert raised.value.code == "key"
    assert "Smith" not in str(raised.value)


@pytest.mark.parametrize(
    "document_id", ["con", "NUL.txt", "com1", "a/b", "a b", ".hidden", "x.", "..", "é", "a\0b", "x" * 161]
)
def test_a_changed_id_gets_its_hash(document_id: str) -> None:
    document_id = unicodedata.normalize("NFD", document_id)
    key = KeyTemplate("{document_id}").key({}, document_id)
    assert re.search(r"-[0-9a-f]{24}$", key)
    assert "/" not in key


def test_a_template_without_the_id_gets_its_hash() -> None:
    keys = {KeyTemplate("{customer.c_name}").key(RECORD, str(n)) for n in range(100)}
    assert len(keys) == 100
    by_column = KeyTemplate("{o_orderkey}", id_column="o_orderkey")
    assert by_column.key(RECORD, "4711") == "4711"
    assert by_column.key(RECORD, "other").startswith("4711-"), "the column is not what the id is"


def test_the_id_beside_another_field_does_not_tell_ids_apart() -> None:
    template = KeyTemplate("{a}-{document_id}")
    assert template.key({"a": "x-1"}, "2") != template.key({"a": "x"}, "1-2")


def test_an_id_that_looks_like_another_ones_key() -> None:
    template = KeyTemplate("{document_id}")
    made = template.key({}, "a/b")
    assert template.key({}, made) != made


def test_twins_in_case_and_in_normal_form() -> None:
    plain, folding = KeyTemplate("{document_id}"), KeyTemplate("{document_id}", fold_case=True)
    assert plain.key({}, "INV-1") == "INV-1"
    assert len({folding.key({}, name).casefold() for name in ("inv-1", "INV-1", "Inv-1")}) == 3
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    keys = {unicodedata.normalize("NFD", plain.key({}, name)) for name in (composed, decomposed)}
    assert len(keys) == 2


def test_long_keys_are_cut() -> None:
    template = KeyTemplate("/".join(["{a}"] * 9) + "/{document_id}")
    keys = {template.key({"a": "日本" * 100}, str(number)) for number in range(20)}
    assert len(keys) == 20
    for key in keys:
        assert len(key.encode()) <= MAX_BYTES
        assert all(part.strip(".") for part in key.split("/"))


IDS = st.text(st.characters(codec="utf-8") | st.sampled_from("aA/.-_ \u0301é"), min_size=1, max_size=40)


@given(st.lists(st.tuples(IDS, IDS), unique_by=lambda pair: pair[0], min_size=2, max_size=8), st.booleans())
def test_distinct_ids_never_collide(pairs: list[tuple[str, str]], fold: bool) -> None:
    for text in ("{document_id}", "{a}/{document_id}", "{document_id}/{a}", "{a}{document_id}", "x/{a}"):
        template = KeyTemplate(text, fold_case=fold)
        keys = [template.key({"a": other}, document_id) for document_id, other in pairs]
        assert len({key.casefold() if fold else key for key in keys}) == len(pairs)
        for key in keys:
            parts = key.split("/")
            assert len(parts) == text.count("/") + 1
            assert all(part not in ("", ".", "..") and not part.endswith(".") for part in parts)
            assert unicodedata.is_normalized("NFC", key)
            assert len(key.encode()) <= MAX_BYTES
            assert not any(unicodedata.category(c)[0] in "CZ" for c in key)
