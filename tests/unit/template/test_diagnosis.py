# ruff: noqa: E501 - a template and its message stand on one line
"""What a template's failure says: the path that is meant, file and line, what to do; and never a value."""

from __future__ import annotations

from typing import Any

import pytest

from spark_pdf.errors import SparkPdfError
from spark_pdf.template.bundle import Bundle

MACROS = b"{% macro money(a, b=2) %}{{ a }}{{ total }}{% endmacro %}"
SECRET = "Jane-4711"
RECORD: dict[str, Any] = {
    "name": SECRET, "note": None, "customer": None, "total": "12", "amount": 5, "day": None, "index": 7,
    "lines": [{"text": "a", "price": None}, {"text": "b", "price": 3}], "address": {"street": SECRET, "zip": "x"},
    "ledger": {SECRET + "x": 1}, "label": {"kind": {"colour": "red"}},
}  # fmt: skip
FILES = {
    "m.html": MACROS, "header.html": b"{{ index }}", "bad.html": b"a\n{% if x %}\n", "n.html": b"\n\n{{ lines[9] }}",
    "sample.json": b'{"address": {"street": "x"}}',
}  # fmt: skip


def failure(template: str, record: dict[str, Any] | None = None) -> str:
    with pytest.raises(SparkPdfError) as caught:
        Bundle.from_files({**FILES, "template.html": template.encode()}).html(RECORD if record is None else record)
    message = str(caught.value)
    assert SECRET not in message
    return message


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{{ lines[5].text }}", "2: 'lines[5]' is not there: the list 'lines' is shorter (lines[0] is its first element)"),
        ("{{ lines[5] }}", "ask {% if lines | length > 5 %} first"),
        ("{{ lines[index] }}", "'lines[index]' is not there: the list 'lines' is shorter (lines[0] is its first element); "
         "ask {% if lines | length > index %} first"),
        ("{{ lines[-3].text }}", "1: 'lines[-3]' is not there"),
        ("{{ lines[0].texd }}", "1: 'lines[0].texd' is not in the record"),
        ("{{ lines.text }}", "'lines.text' is not there: 'lines' is a list; go over it with {% for %}, or take lines[0].text"),
        ("{% for line in lines %}\n{{ line.txt }}\n{% endfor %}", "2: 'line.txt' (lines[].txt) is not in the record"),
        ("{% for line in lines %}{% if line.a and\n line.b %}{% endif %}{% endfor %}", "1: 'line.a' (lines[].a) is"),
        ("{% include 'n.html' %}", "n.html:3: 'lines[9]' is not there"),
    ],
)  # fmt: skip
def test_elements_and_their_fields_are_named_by_path(template: str, message: str) -> None:
    assert message in failure(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ customer.name }}", "1: 'customer.name' is not there, because 'customer' is NULL; write "
         '{{ customer.name | default("") }}, or {% if customer %} around it'),
        ("\n{{ customer.address.street }}", "2: 'customer.address' is not there, because 'customer' is NULL; write "
         "{% if customer %} around it"),
        ("{% for l in lines %}\n{{ l.price.x }}{% endfor %}", "2: 'l.price.x' (lines[].price.x) is not there, because"),
        ("{{ amount }} {{ amount + note }}", "'note' is NULL, which the calculation does not take; write (note or 0), or ask "
         "{% if note is not none %}"),
        ("{% for l in lines %}{{ 2 * l.price }}{% endfor %}", "'l.price' (lines[].price) is NULL, which the calculation"),
        ("{{ note | round }}", "'note' is NULL, which the filter 'round' does not take"),
        ("{{ note > 3 }}", "'note' is NULL, which the comparison does not take"),
        ("{{ lines | sum(attribute='price') }}", "'lines[].price' is NULL in an element, which the filter 'sum' does not "
         'take; leave it out with selectattr("price")'),
        ("{{ amount }}{{ day | date }}", "'day' | date: the value is NULL; say what stands there instead"),
        ("{% for x in note %}{% endfor %}", "'note': the loop goes over a NULL; write `or []` behind it"),
    ],
)  # fmt: skip
def test_nulls_are_named_with_what_to_do(template: str, message: str) -> None:
    assert message in failure(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ total + amount }}", "'total' is a string and 'amount' a number"),
        ("{{ amount }}{{ total | money('EUR') }}", "'total' | money: needs a number, got a string"),
        ("{{ name.first }}", "'name.first' is not there: 'name' is a string"),
        ("{{ amount }}{{ lines }}", "'lines': a list is printed as a whole"),
        ("{{ address }}", "'address': a struct is printed as a whole"),
        ("{% for x in amount %}{% endfor %}", "'amount': the loop goes over a number"),
    ],
)
def test_wrong_types_are_named_by_path(template: str, message: str) -> None:
    assert message in failure(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ nmae }}", "'nmae' is not in the record; did you mean 'name'?"),
        ("{{ record['nmae'] }}", "'record.nmae' is not in the record; did you mean 'name'?"),
        ("{{ name }}{{ address.stret }}", "'address.stret' is not in the record; did you mean 'street'?"),
        ("{{ amount | mony }}", "there is no filter 'mony'; did you mean 'money'?"),
        (
            "{% if amount == 4 %}{{ amount | mony }}{% endif %}{{ amount | mony }}",
            "no filter 'mony'; did you mean 'money'?",
        ),
        ("{{ name is strng }}", "there is no test 'strng'; did you mean 'string'?"),
        ("{% fro x in lines %}", "there is no tag 'fro'; did you mean 'from'?"),
        ("{% include 'heder.html' %}", "'heder.html', a file that the bundle lacks; did you mean 'header.html'?"),
        ("{% extends 'heder.html' %}", "'heder.html', a file that the bundle lacks; did you mean 'header.html'?"),
        (
            "{% import 'm.html' as m %}{{ m.mony(3) }}",
            "'m.mony' is not in the imported template; did you mean 'money'?",
        ),
        ("{% from 'm.html' import mony %}{{ mony(3) }}", "'m.html' defines no 'mony'; did you mean 'money'?"),
        (
            "{% macro sum(a) %}{% endmacro %}{{ summ(1) }}",
            "'summ' is neither a macro nor a function; did you mean 'sum'?",
        ),
        ("{{ rnge(3) }}", "'rnge' is neither a macro nor a function; did you mean 'range'?"),
        ("{{ money(3) }}", "'money' is a filter and not a function: write {{ x | money }}"),
        ("{% for l in lines %}{{ loop.indx }}{% endfor %}", "loops have no 'indx'; did you mean 'index'?"),
        ("{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", "the macro was not given its parameter 'a'"),
        (
            "{% from 'm.html' import money %}{{ money(3) }}",
            "m.html:1: 'total' is in the record, but this template does not",
        ),
    ],
)
def test_the_nearest_name_is_said(template: str, message: str) -> None:
    assert message in failure(template)


def test_keys_that_only_the_record_has_are_not_told() -> None:
    """A struct's fields look like a map's keys, which are data."""
    assert failure("{{ ledger['Jane-4712x'] }}").endswith("is not in the record")
    assert failure("{{ label.kind.color }}").endswith("'label.kind.color' is not in the record")


def test_of_several_expressions_the_one_that_failed_is_named() -> None:
    record = {"a": {"name": "x"}, "b": {"nam": 1}, "name": "y"}
    assert "'b.name'" in failure("{{ a.name }}{{ name }}{{ b.name }}", record)
    assert "'y' is NULL" in failure("{{ x + 1 }}{{ y + 1 }}{{ z + 1 }}", {"x": 1, "y": None, "z": 2})
    assert "template.html:3: 'c'" in failure("{{ a\n + b\n + c }}", {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{% for x in lines %}\n{{ x }}\n", "template.html:2: the block that {% for %} begins is never closed"),
        (
            "{% if a %}\n{% for x in b %}{% endfor %}\n",
            "template.html:1: the block that {% if %} begins is never closed",
        ),
        (
            "{% include 'bad.html' %}",
            "bad.html:2: the block that {% if %} begins is never closed; {% endif %} is missing",
        ),
        ("{% set x %}\na", "template.html:1: the block that {% set %} begins is never closed; {% endset %} is missing"),
    ],
)
def test_a_block_that_is_not_closed_is_named_by_its_first_line(template: str, message: str) -> None:
    assert message in failure(template)
