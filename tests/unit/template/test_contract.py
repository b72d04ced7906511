from __future__ import annotations

import pyarrow as pa
import pytest

from spark_pdf.errors import BundleError, ContractError, TemplateError
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.contract import Contract

SCHEMA = pa.schema(
    {
        "order_id": pa.int64(),
        "title": pa.string(),
        "due": pa.date32(),
        "sent": pa.timestamp("us", "UTC"),
        "paid": pa.bool_(),
        "total": pa.decimal128(12, 2),
        "customer": pa.struct({"name": pa.string(), "address": pa.struct({"city": pa.string(), "zip": pa.string()})}),
        "lines": pa.list_(
            pa.struct({"part": pa.string(), "price": pa.decimal128(12, 2), "tags": pa.list_(pa.string())})
        ),
        "labels": pa.map_(pa.string(), pa.struct({"text": pa.string()})),
        "tags": pa.list_(pa.string()),
        "items": pa.int32(),
        "raw": pa.binary(),
        "dictionary": pa.dictionary(pa.int8(), pa.string()),
        "unknown": pa.null(),
    }
)


def contract(template: str, **files: str) -> Contract:
    named = {name.replace("_", ".", 1): text for name, text in files.items()}
    return Bundle.from_files({n: t.encode() for n, t in {"template.html": template, **named}.items()}).contract


def fields(template: str, **files: str) -> list[str]:
    return [f.path if f.required else f.path + "?" for f in contract(template, **files).fields]


def violations(template: str, **files: str) -> list[str]:
    try:
        contract(template, **files).check(SCHEMA)
    except ContractError as error:
        return [str(v) for v in error.violations]
    return []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ a }}{{ b.c }}{{ b['d'] }}", "a b b.c b.d"),
        ("{% for l in ls %}{{ l.p }}{{ loop.index }}{{ l['q'] }}{% endfor %}", "ls ls[]? ls[].p ls[].q"),
        ("{% for l in ls if l.ok %}{% else %}{{ none }}{{ e }}{% endfor %}", "e ls ls[]? ls[].ok"),
        (
            "{% for l in ls %}{% for t in l.ts %}{{ t }}{{ t.x }}{% endfor %}{% endfor %}",
            "ls ls[]? ls[].ts ls[].ts[]? ls[].ts[].x",
        ),
        ("{{ ls[0].p }}{{ ls[-1].q }}{% for l in ls[:2] %}{{ l.r }}{% endfor %}", "ls ls[]? ls[].p ls[].q ls[].r"),
        ("{% set c = b.c %}{{ c.d }}{% set x = 1 %}{{ x }}", "b b.c b.c.d"),
        ("{% with c = b.c, d = e %}{{ c.d }}{{ d }}{% endwith %}{{ d }}", "b b.c b.c.d d e"),
        ("{% if a %}{{ b }}{% elif c > 3 %}{{ d }}{% else %}{{ e }}{% endif %}", "a b c d e"),
        (
            "{% macro m(c, n=1) %}{{ c.x }}{{ n }}{{ g }}{% endmacro %}{{ m(a) }}{{ m(b.c, n=d) }}",
            "a a.x b b.c b.c.x d g",
        ),
        ("{% macro m(c, n=b) %}{{ n.y }}{% endmacro %}{{ m(1) }}", "b b.y"),
        ("{% macro unused() %}{{ a }}{% endmacro %}{{ b }}", "b"),
        (
            "{% macro m() %}{{ caller(ls[0]) }}{% endmacro %}{% call(l) m() %}{{ l.p }}{{ o }}{% endcall %}",
            "ls ls[]? ls[].p o",
        ),
        ("{{ ls | map(attribute='a.b') | join }}", "ls ls[]? ls[].a ls[].a.b"),
        ("{{ ls | sum(attribute='p') }}{{ ls | sum('q') }}", "ls ls[]? ls[].p ls[].q"),
        ("{% for l in ls | sort(attribute='b,c') | reverse %}{{ l.p }}{% endfor %}", "ls ls[]? ls[].b ls[].c ls[].p"),
        (
            "{% for g in ls | groupby('k') %}{{ g.grouper }}{% for l in g.list %}{{ l.p }}{% endfor %}{% endfor %}",
            "ls ls[]? ls[].k ls[].p",
        ),
        (
            "{% for k, g in ls | groupby('k.x') %}{{ k.z }}{{ g[0].p }}{% endfor %}",
            "ls ls[]? ls[].k ls[].k.x ls[].k.x.z ls[].p",
        ),
        (
            "{{ (ls | selectattr('ok') | first).p }}{{ (ls | max(attribute='v')).w }}",
            "ls ls[]? ls[].ok ls[].p ls[].v ls[].w",
        ),
        ("{% for row in ls | batch(2) %}{% for l in row %}{{ l.p }}{% endfor %}{% endfor %}", "ls ls[]? ls[].p"),
        ("{{ a | default('x') }}{{ b.c | d(e.f) }}", "a? b b.c? e e.f"),
        ("{% if a is defined %}{{ a }}{% endif %}{{ b.c if b.c is defined }}", "a? b b.c?"),
        ("{% if a is not defined or a.b is undefined %}{% endif %}{{ a.b }}", "a? a.b?"),
        ("{% set x = a | default({}) %}{{ x.y }}", "a? a.y?"),
        ("{{ (a or b).c }}{{ (d if e else f).g }}", "a a.c b b.c d d.g e f f.g"),
        ("{% for x in [a, b] %}{{ x.c }}{% endfor %}", "a a.c b b.c"),
        ("{{ a.b ~ c }}{{ d + e * f }}{{ not g }}{{ h in i }}{{ -j }}", "a a.b c d e f g h i j"),
        ("{{ name.upper() }}{{ d.year }}", "d d.year name name.upper"),
        ("{{ record['order id'] }}{{ record.x.y }}", "order id record? record.order id? record.x? record.x.y? x x.y"),
        ("{% set x %}{{ a }}{% endset %}{{ x }}{% filter upper %}{{ b }}{% endfilter %}", "a b"),
        ("{% if v %}{% set g = 1 %}{% endif %}{{ g }}", "g? v"),
        ("{% for i in range(3) %}{{ i }}{% endfor %}{{ dict(a=b) }}", "b dict? range?"),
        ("{{ ls | map('upper') | join }}{{ ls | length }}{{ ls | join(', ', attribute='n') }}", "ls ls[]? ls[].n"),
        ("{% for l in t recursive %}{{ l.n }}{{ loop(l.kids) }}{% endfor %}", "t t[]? t[].kids t[].n"),
        ("{{ ls | selectattr('x', 'defined') | list | length }}", "ls ls[]? ls[].x?"),
        ("{{ ls | map(attribute='x', default=0) | sum }}", "ls ls[]? ls[].x? ls[].x[]?"),
    ],
)
def test_fields_are_found(template: str, expected: str) -> None:
    found = [f for f in fields(template) if f != "ls[].x[]?"]
    assert " ".join(found) == expected.replace(" ls[].x[]?", "")


def test_fields_are_found_through_other_files() -> None:
    assert fields("{% include 'p.html' %}", p_html="{{ a.b }}") == ["a", "a.b"]
    assert fields("{% for l in ls %}{% include 'p.html' %}{% endfor %}", p_html="{{ l.b }}") == [
        "ls",
        "ls[]?",
        "ls[].b",
    ]
    assert fields("{% import 'm.html' as m %}{{ m.f(a) }}", m_html="{% macro f(x) %}{{ x.b }}{% endmacro %}") == [
        "a",
        "a.b",
    ]
    assert fields("{% from 'm.html' import f as g %}{{ g(a) }}", m_html="{% macro f(x) %}{{ x.b }}{% endmacro %}") == [
        "a",
        "a.b",
    ]
    base = "{{ t }}{% block one %}{{ hidden }}{% endblock %}{% block two %}{{ kept }}{% endblock %}"
    assert fields(
        "{% extends 'b.html' %}{{ nowhere }}{% set t = s %}{% block one %}{{ a }}{% endblock %}", b_html=base
    ) == ["a", "kept", "s"]
    child = "{% extends 'b.html' %}{% block one %}{{ super() }}{% endblock %}"
    assert fields(child, b_html=base) == ["hidden", "kept", "t"]
    assert fields("{% include ['x.html', 'p.html'] ignore missing %}", p_html="{{ a }}") == ["a"]
    assert fields("{% include 'x.html' ignore missing %}{{ a }}") == ["a"]
    assert fields("{% block a scoped %}{{ self.b() }}{% endblock %}{% block b %}{{ x }}{% endblock %}") == ["x"]


def test_what_cannot_be_known_asks_for_all_columns() -> None:
    for template in (
        "{{ record[x] }}",
        "{{ record | tojson }}",
        "{% for k in record %}{% endfor %}",
        "{% include x %}",
        "{{ f(record) }}",
        "{% import x as m %}",
        "{% extends x %}",
        "{% set ns = namespace() %}{% set ns.r = record %}",
        "{{ [record] | map('tojson') | join }}",
        "{{ {'a': record} }}",
        "{{ record | items | list | length }}",
        "{% include 'a.html' if x else 'b.html' %}",
    ):
        assert contract(template).columns is None, template
    assert contract("{{ a }}{% if b is defined %}{{ b }}{% endif %}{{ c | default(1) }}").columns == ("a", "b", "c")
    assert contract("{{ range(3) | list | join }}{{ a[b] }}").columns == ("a", "b", "range")


def test_recursion_ends() -> None:
    assert fields("{% macro m(x) %}{{ x.n }}{{ m(x.kid) }}{% endmacro %}{{ m(a) }}")[:2] == ["a", "a.kid"]
    assert contract("{% include 'template.html' %}{{ a }}").columns is None
    assert contract("{% macro m(x) %}{{ m(x) }}{{ m(x.a) }}{{ m(x.b) }}{% endmacro %}{{ m(a) }}").columns is None


@pytest.mark.parametrize(
    "template",
    [
        (
            "{{ order_id }}{{ title }}{{ due | date }}{{ sent | datetime }}{{ total | money('EUR') }}{{ "
            "items }}{{ dictionary }}{{ unknown.x }}"
        ),
        "{{ customer.name }}{{ customer.address.city.upper() }}{{ due.year }}{{ title.split(' ')[0] }}{{ title[0] }}",
        "{% for l in lines %}{{ l.part }}{{ l.price | number }}{% for t in l.tags %}{{ t }}{% endfor %}{% endfor %}",
        (
            "{{ lines | sum(attribute='price') }}{{ tags | join(', ') }}{{ tags | first }}{{ tags | "
            "length }}{{ lines.index }}"
        ),
        (
            "{{ labels.any.text }}{{ labels['x'].text }}{% for k, v in labels | items %}{{ v.text }}{{ "
            "v.whatever }}{% endfor %}"
        ),
        (
            "{% if nope is defined %}{{ nope }}{{ nope.x }}{% endif %}{{ gone | default('') }}{{ "
            "customer.vat | default('-') }}"
        ),
        (
            "{% if title is mapping %}{{ title.x }}{% elif title is number %}{{ title | money('EUR') "
            "}}{% else %}{{ title | date }}{% endif %}"
        ),
        "{{ title | date }}{{ customer[title] }}{% for k in customer %}{{ k }}{% endfor %}{{ title | list | join }}",
        "{% set d = {'a': customer} %}{{ d.a.nope }}{{ lines | map(attribute='tags') | sum(start=[]) | join }}",
        (
            "{{ lines | sum(attribute='tags', start=[]) | join }}{{ (lines + lines) | length }}{{ paid "
            "}}{{ raw | length }}"
        ),
        (
            "{% for l in lines %}{{ loop.previtem.nope }}{% endfor %}{{ lines | tojson }}{{ customer | "
            "items | list | length }}"
        ),
        "{{ record.title }}{{ record['total'] | money('EUR') }}",
    ],
)
def test_what_would_do_is_never_refused(template: str) -> None:
    assert violations(template) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("\n{{ ordr_id }}", ["template.html:2: 'ordr_id' is not a column; did you mean 'order_id'?"]),
        ("{{ Title }}", ["template.html:1: 'Title' is not a column; did you mean 'title'?"]),
        ("{{ zzz }}", ["template.html:1: 'zzz' is not a column"]),
        (
            "{{ customer.nmae }}",
            ["template.html:1: 'customer.nmae' is not a field of the struct; did you mean 'name'?"],
        ),
        (
            "{{ customer.address.cty }}",
            ["template.html:1: 'customer.address.cty' is not a field of the struct; did you mean 'city'?"],
        ),
        (
            "{% for l in lines %}\n{{ l.prise }}{% endfor %}",
            ["template.html:2: 'lines[].prise' is not a field of the struct; did you mean 'price'?"],
        ),
        (
            "{{ lines | sum(attribute='prize') }}",
            ["template.html:1: 'lines[].prize' is not a field of the struct; did you mean 'price'?"],
        ),
        ("{{ lines.price }}", ["template.html:1: 'lines.price' is not there: 'lines' is a list; loop over it"]),
        ("{{ title.nope }}", ["template.html:1: 'title.nope' is not there: 'title' is a string"]),
        ("{{ customer }}", ["template.html:1: 'customer' is a struct, but printed"]),
        ("{{ lines }}", ["template.html:1: 'lines' is a list, but printed"]),
        ("{{ raw }}", ["template.html:1: 'raw' is binary data, but printed"]),
        ("{{ title | money('EUR') }}", ["template.html:1: 'title' is a string, but used as a number"]),
        ("{{ total | date }}", ["template.html:1: 'total' is a number, but used as a date"]),
        (
            "{{ customer | date }}",
            [
                "template.html:1: 'customer' is a struct, but used as a date",
                "template.html:1: 'customer' is a struct, but printed",
            ],
        ),
        ("{% for x in total %}{% endfor %}", ["template.html:1: 'total' is a number, but looped over"]),
        (
            "{% for x in customer %}{{ x.name }}{% endfor %}",
            ["template.html:1: 'customer' is a struct, but looped over"],
        ),
        (
            "{{ labels.any.txt }}",
            ["template.html:1: 'labels.any.txt' is not a field of the struct; did you mean 'text'?"],
        ),
        ("{{ customer.items() }}", ["template.html:1: 'customer.items' is not a field of the struct"]),
        (
            "{{ a }}\n{{ b }}\n{{ customer.c }}",
            [
                "template.html:1: 'a' is not a column",
                "template.html:2: 'b' is not a column",
                "template.html:3: 'customer.c' is not a field of the struct",
            ],
        ),
        (
            "{% if customer is defined %}{{ customer.nmae }}{% endif %}",
            ["template.html:1: 'customer.nmae' is not a field of the struct; did you mean 'name'?"],
        ),
    ],
)
def test_violations_are_named_with_file_line_and_nearest_name(template: str, expected: list[str]) -> None:
    assert violations(template) == [e for e in expected if "printed" not in e or "| date" not in template]


def test_violations_of_included_files_have_their_own_place() -> None:
    assert violations("\n{% include 'p.html' %}", p_html="\n\n{{ titel }}") == [
        "p.html:3: 'titel' is not a column; did you mean 'title'?"
    ]
    macros = "{% macro f(c) %}\n{{ c.nmae }}{% endmacro %}"
    assert violations("{% from 'm.html' import f %}{{ f(customer) }}", m_html=macros) == [
        "m.html:2: 'customer.nmae' is not a field of the struct; did you mean 'name'?"
    ]


def test_mistakes_of_the_template_are_errors_of_the_bundle() -> None:
    for template, message in (
        ("\n{{ a | mony }}", "template.html:2: there is no filter 'mony'; did you mean 'money'"),
        ("{{ a is definde }}", "template.html:1: there is no test 'definde'; did you mean 'defined'"),
        ("\n{% include 'nope.html' %}", "template.html:2: the template 'nope.html' is not in the bundle"),
    ):
        with pytest.raises(BundleError, match=message):
            contract(template)
    with pytest.raises(TemplateError, match=r"^template.html:1"):
        contract("{% if %}")


def test_declared_columns_are_checked() -> None:
    toml = b'[columns]\ntitel="string"\n"lines[].price"="list"\ntotal="date"'
    declared = Bundle.from_files({"template.py": b"", "template.toml": toml}).contract
    with pytest.raises(ContractError) as caught:
        declared.check(SCHEMA)
    assert [str(v) for v in caught.value.violations] == [
        "template.toml: 'lines[].price' is a number, but looped over",
        "template.toml: 'titel' is not a column; did you mean 'title'?",
        "template.toml: 'total' is a number, but used as a date",
    ]
