"""Records arrive as they were sent; what is no message of ours is said to be none."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_pdf.engines.celery.messages import EntryMessage, Status, Ticket, pack_record, unpack_record
from spark_pdf.engines.celery.rendering import copied_text
from spark_pdf.engines.entries import MadeBy
from spark_pdf.errors import DamagedFile, DocumentError, UsageError
from spark_pdf.manifest.schema import ManifestEntry
from spark_pdf.store.keys import KeyTemplate
from spark_pdf.template.record import record_hash

RECORD = {
    "text": "Änne", "number": 7, "large": -(2**80), "half": 0.5, "yes": True, "none": None, "bytes": b"\0\xff",
    "price": Decimal("1.10"), "day": date(2026, 11, 26), "at": datetime(2026, 11, 26, 1, 2, 3, 4, timezone.utc),
    "local": datetime(2026, 11, 26, 1, 2), "time": time(23, 59), "span": timedelta(1, 2, 3),
    "lines": [{"price": Decimal("-0.25"), "tags": ["a", None]}], 5: "a key of a map",
}  # fmt: skip


def test_a_record_arrives_as_it_was_sent() -> None:
    found = unpack_record(pack_record(RECORD))
    assert found == RECORD
    assert {name: type(value) for name, value in found.items()} == {name: type(v) for name, v in RECORD.items()}
    plain = {name: value for name, value in RECORD.items() if name != 5}
    assert record_hash({name: value for name, value in found.items() if name != 5}) == record_hash(plain)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.decimals(allow_nan=False) | st.dates() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.text(), PLAIN, max_size=5))
def test_any_record_arrives(record: dict[str, object]) -> None:
    try:
        packed = pack_record(record)
    except UsageError:  # lone surrogates
        return
    assert record_hash(unpack_record(packed)) == record_hash(record)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_said_to_be_none(data: bytes) -> None:
    for read in (unpack_record, EntryMessage.decode, lambda found: Status.decode(found, "here")):
        with contextlib.suppress(DamagedFile):
            read(data)


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j], ids=["object", "set", "complex"])
def test_what_is_no_plain_value_is_refused_without_being_shown(value: object) -> None:
    with pytest.raises(UsageError, match=f"not a plain value: {type(value).__name__}"):
        pack_record({"a": value})


def test_entries_and_statuses_arrive() -> None:
    made = MadeBy("invoice", "ab" * 32, "1+x")
    entry = ManifestEntry.document(
        "d", "h", uri="file:///x", offset=0, length=5, pages=1, content_sha256="a", sha256="a", warnings=("w",),
        render_ms=1.5, extra=("x", None),
    )  # fmt: skip
    message = EntryMessage(Ticket("s-20261126", "d"), entry, made)
    assert EntryMessage.decode(message.encode()) == message
    for status in (
        Status(message.ticket, "document", "h", entry, made, at="now"),
        Status(message.ticket, "accepted", "h"),
    ):
        assert Status.decode(status.encode(), "here") == status


def test_an_entry_of_other_types_is_none_of_ours() -> None:
    made = MadeBy("invoice", "ab" * 32, "1+x")
    entry = ManifestEntry.failure("d", "h", code="template", detail="x")
    for wrong in ({"document_id": 7}, {"pages": "1"}, {"warnings": None, "render_ms": "soon"}, {"status": None}):
        message = EntryMessage(Ticket("s-20261126", "d"), entry._replace(**wrong), made)
        with pytest.raises(DamagedFile):
            EntryMessage.decode(message.encode())


def test_a_number_of_few_characters_is_not_written_out_as_millions() -> None:
    assert copied_text(Decimal("1200.50")) == "1200.50"
    assert copied_text(Decimal("1E+3")) == "1000"
    assert copied_text(Decimal("1e99999999")) == "1E+99999999"
    with pytest.raises(DocumentError):
        KeyTemplate("{total}").key({"total": Decimal("1e99999999")}, "d")
    assert KeyTemplate("{total}/{document_id}").key({"total": Decimal("1E+3")}, "d") == "1000/d"
