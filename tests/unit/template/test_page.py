from __future__ import annotations

import contextlib
import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spark_pdf.errors import BundleError, DocumentError, TemplateError
from spark_pdf.template.bundle import Bundle


def bundle(template: str, **files: str) -> Bundle:
    named = {name.replace("_", ".", 1): text for name, text in files.items()}
    return Bundle.from_files({n: t.encode() for n, t in {"template.html": template, **named}.items()})


def html(template: str, record: dict[str, Any] | None = None, **files: str) -> str:
    return bundle(template, **files).html(record or {})


def failure(template: str, record: dict[str, Any] | None = None, **files: str) -> str:
    with pytest.raises(DocumentError) as caught:
        html(template, record, **files)
    assert caught.value.code == "template"
    return str(caught.value)


def test_data_are_escaped() -> None:
    record = {"a": "<b>&\"'", "plain": "x", "n": 3, "d": Decimal("1.50")}
    assert html("{{ a }}|{{ plain }}|{{ n }}|{{ d }}", record) == "&lt;b&gt;&amp;&#34;&#39;|x|3|1.50"
    assert html("{{ a | safe }}", record) == record["a"]
    assert html("{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(a) }}{{ m(plain) ~ a }}", record) == (
        "<i>&lt;b&gt;&amp;&#34;&#39;</i><i>x</i>&lt;b&gt;&amp;&#34;&#39;"
    )
    assert html("{% set x %}<i>{{ a }}</i>{% endset %}{{ x }}", record) == "<i>&lt;b&gt;&amp;&#34;&#39;</i>"
    assert html("{% autoescape false %}{{ a }}{{ n }}{% endautoescape %}", record) == record["a"] + "3"


def test_a_column_is_the_column_whatever_its_name() -> None:
    names = ["items", "values", "count", "keys", "get", "pop", "copy", "update", "range", "dict", "record", "namespace"]
    record = {name: f"v-{name}" for name in names}
    for name in names:
        assert html(f"{{{{ {name} }}}}", record) == f"v-{name}"
        assert html(f"{{{{ s.{name} }}}}{{{{ s['{name}'] }}}}", {"s": record}) == f"v-{name}" * 2
        assert f"'s.{name}' is not in the record" in failure(f"{{{{ s.{name} }}}}", {"s": {}})
        assert f"'s.{name}' is not in the record" in failure(f"{{{{ s['{name}'] }}}}", {"s": {}})
        assert html(f"{{{{ rows | map(attribute='{name}') | join }}}}", {"rows": [record]}) == f"v-{name}"


def test_columns_with_odd_names_are_reached_through_record() -> None:
    assert html("{{ record['order id'] }}{{ record.n }}", {"order id": "a", "n": 1}) == "a1"


def test_null_prints_nothing_and_is_false() -> None:
    assert (
        html("[{{ a }}{{ 'x' if a }}{{ a or 'none' }}{{ [a, 1] | join('-') }}{{ a ~ 'b' }}]", {"a": None})
        == "[none-1b]"
    )


def test_maps_are_gone_through_by_the_items_filter() -> None:
    record = {"m": {"b": 1, "a": 2}}
    assert html("{% for k, v in m | items %}{{ k }}{{ v }}{% endfor %}", record) == "b1a2"
    assert html("{% for k, v in m | dictsort %}{{ k }}{{ v }}{% endfor %}", record) == "a2b1"
    assert "| items" in failure("{% for k, v in m.items() %}{% endfor %}", record)


def test_undefined_names_are_named_with_path_file_and_line() -> None:
    assert failure("a\n{{ nmae }}") == "template.html:2: 'nmae' is not in the record"
    assert failure("\n\n{{ c.nmae }}", {"c": {"name": "Miller"}}) == "template.html:3: 'c.nmae' is not in the record"
    assert "'line.prize'" in failure("{% for line in ls %}\n{{ line.prize + 1 }}{% endfor %}", {"ls": [{"price": 1}]})
    assert "'a.b'" in failure("{{ a.b.c }}", {"a": {}})
    assert "'x'" in failure("{{ ls | sum(attribute='x') }}", {"ls": [{"y": 1}]})
    assert failure("{% include 'p.html' %}", p_html="\n{{ gone }}") == "p.html:2: 'gone' is not in the record"
    for use in (
        "{% if x %}{% endif %}",
        "{% for i in x %}{% endfor %}",
        "{{ x == 1 }}",
        "{{ x | upper }}",
        "{{ x ~ 1 }}",
    ):
        assert "'x' is not in the record" in failure(use)
    assert html("{{ x is defined }}{{ x | default('d') }}{{ 'y' if y is defined }}") == "Falsed"


def test_a_name_over_several_lines_is_placed_on_its_own() -> None:
    assert failure("{{ a\n + b\n + c }}", {"a": 1, "b": 2}) == "template.html:3: 'c' is not in the record"


def test_messages_hold_no_data() -> None:
    secret = "Miller-4711"
    templates = (
        "{{ s.nope }}",
        "{{ m[s] }}",
        "{{ s + 1 }}",
        "{{ s | int + s }}",
        "{{ s | money('EUR') }}",
        "{{ s | date }}",
        "{{ m }}",
        "{{ s() }}",
        "{{ s | money(s) }}",
        "{{ n | date(s) }}",
        "{{ [s] }}",
        "{% for a, b in [s] %}{% endfor %}",
        "{% include s %}",
        "{{ s.format.x }}",
        "{{ m | attr(s) }}",
        "{{ '{0.x}'.format(s) }}",
        "{{ 1 / (s | length - 11) }}",
        "{{ s | tojson | list }}",
    )
    for template in templates:
        message = failure(template, {"s": secret, "m": {secret + "0": 1}, "n": 1})
        assert "Miller" not in message, template
        assert "4711" not in message, template
        assert message.startswith("template.html:1: "), template


def test_errors_cross_process_boundaries() -> None:
    import pickle

    with pytest.raises(DocumentError) as caught:
        html("{{ x }}")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ ().__class__.__bases__ }}",
        "{{ s.__init__.__globals__ }}",
        "{{ record.__class__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ s | attr('__class__') }}",
        "{{ '{0.__class__}'.format(s) }}",
        "{{ '{0.__class__}'.format_map({'0': s}) }}",
        "{{ ('{0.__class__}' | safe).format(s) }}",
        "{{ range.__self__ }}",
        "{{ namespace.__init__ }}",
        "{{ ls.append(1) }}",
        "{{ record.update({'a': 1}) }}",
        "{{ ls.sort() }}",
        "{{ d.today() }}",
        "{{ t.now() }}",
        "{{ t.fromtimestamp(0) }}",
        "{{ t.timestamp() }}",
        "{{ t.astimezone() }}",
        "{{ d.strftime('%A') }}",
        "{{ lipsum() }}",
        "{{ [1, 2] | map('attr', '__class__') | list | join }}",
        "{{ ls | map(attribute='__class__') | join }}",
        "{{ dict.__mro__ }}",
        "{{ joiner.__init__.__globals__ }}",
        "{% for x in ls %}{{ loop.__class__ }}{{ loop._iterator }}{% endfor %}",
        "{{ range }}",
        "{{ cycler(1) }}",
        "{{ ls | map('upper') }}",
        "{{ s.upper }}",
        "{{ (ls | map('upper')) ~ '' }}",
        "{{ [s.upper] | join }}",
        "{{ (ls | map('upper')) | string }}",
        "{{ s.encode('utf8') }}",
        "{{ s.translate({}) }}",
        "{{ b }}",
        "{{ 5 is sameas 5 }}",
    ],
)
def test_the_sandbox_holds(template: str) -> None:
    record = {"s": "x", "ls": ["a"], "d": dt.date(2026, 1, 1), "t": dt.datetime(2026, 1, 1), "b": b"x"}
    failure(template, record)
    assert record["ls"] == ["a"]


@pytest.mark.parametrize("gone", ["{{ ls | random }}", "{{ ls | pprint }}", "{% debug %}", "{% do 1 %}"])
def test_what_depends_on_chance_or_the_machine_is_gone(gone: str) -> None:
    with pytest.raises(TemplateError, match=r"^template.html:1"):
        html(gone, {"ls": [1]})


def test_only_the_bundle_is_included() -> None:
    assert (
        html(
            "{% include 'p.html' %}{% import 'm.html' as m %}{{ m.f(1) }}",
            p_html="p",
            m_html="{% macro f(x) %}{{ x }}{% endmacro %}",
        )
        == "p1"
    )
    assert (
        html("{% extends 'b.html' %}{% block a %}x{{ super() }}{% endblock %}", b_html="<{% block a %}y{% endblock %}>")
        == "<xy>"
    )
    for name in ("/etc/passwd", "../template.html", "nowhere.html"):
        assert "a file that the bundle lacks" in failure(f"{{% include '{name}' %}}")


def test_syntax_errors_are_found_when_the_bundle_is_compiled() -> None:
    with pytest.raises(TemplateError, match=r"^template.html:2: ") as caught:
        _ = bundle("a\n{% if %}").page
    assert caught.value.place is not None
    with pytest.raises(BundleError, match="not UTF-8"):
        _ = Bundle.from_files({"template.html": b"\xff\xfe"}).page


BOMBS = [
    "{% for i in range(1000) %}{% for j in range(1001) %}{% endfor %}{% endfor %}",
    "{% for i in range(1000001) %}{% endfor %}",
    "{% for i in range(2000) %}{% for j in range(2000) if false %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% for i in [1] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{{ 1000000000 * 'a' }}",
    "{{ [1] * 1000000000 }}",
    "{{ 9 ** 999999999 }}",
    "{{ 10 ** 9999 ** 99 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%99999d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{w}}'.format(1, w=1000000000) }}",
    "{{ 'a'.ljust(1000000000) }}",
    "{{ 'a'.zfill(width=1000000000) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ 'a' | indent(1000000000) }}",
    "{{ [1] | batch(1000000000, 0) | list }}",
    "{{ 'aaaaaaaaaa'.replace('a', x) }}",
    "{{ 'aaaaaaaaaaaa' | replace('a', x) }}",
    "{{ x.join(range(100)) }}",
    "{{ range(100) | join(x) }}",
    "{{ (x ~ x) ~ (x ~ x) ~ (x ~ x) ~ (x ~ x) ~ (x ~ x) ~ (x ~ x) }}",
    "{% set y = x + x + x + x + x + x + x + x + x + x + x + x %}{{ y }}",
    "{% set ns = namespace(s=x) %}{% for i in range(30) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
    "{% for i in range(100) %}{{ x }}{% endfor %}",
    "{% set n = namespace(v=99999) %}{% for i in range(40) %}{% set n.v = n.v * n.v %}{% endfor %}",
]


@pytest.mark.parametrize("template", BOMBS)
def test_nothing_grows_without_bounds(template: str) -> None:
    failure(template, {"x": "x" * 1_000_000})


def test_a_limit_counts_per_document() -> None:
    limited = Bundle.from_files(
        {
            "template.html": b"{% for i in ls %}{% for j in i %}{{ j }}{% endfor %}{% endfor %}",
            "template.toml": b"[limits]\niterations=6",
        }
    )
    for _ in range(5):
        assert limited.html({"ls": [[1, 2], [3, 4]]}) == "1234"
    with pytest.raises(DocumentError, match="6 turns"):
        limited.html({"ls": [[1, 2], [3, 4, 5]]})
    assert limited.html({"ls": [[1]]}) == "1"


def test_documents_of_several_threads_are_counted_apart() -> None:
    counted = bundle("{% for i in range(600000) if i < 0 %}{% endfor %}ok")
    counted.html({})
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(counted.html({}))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["ok"] * 3


def test_loops_over_what_is_none_say_so() -> None:
    assert "or []" in failure("{% for i in ls %}{% endfor %}", {"ls": None})
    assert "a number" in failure("{% for i in n %}{% endfor %}", {"n": 3})
    assert html("{% for i in ls or [] %}{{ i }}{% else %}none{% endfor %}", {"ls": None}) == "none"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["p", "q", "items"]), inner, max_size=3)
    ),
    max_leaves=6,
)
EVERYTHING = bundle(
    "{% macro m(x) %}{{ x.p | default('-') }}{% endmacro %}{{ a }}{{ b | money('EUR') if b }}{{ c | date if c }}"
    "{% for l in d or [] %}{{ m(l) }}{{ l.q * 2 }}{{ loop.index ~ l }}{% endfor %}{{ a.p[0] + b % c | sum }}"
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), values))
def test_no_record_makes_an_untyped_error(record: dict[str, Any]) -> None:
    with contextlib.suppress(DocumentError):
        assert isinstance(EVERYTHING.html(record), str)


def test_usual_jinja_works() -> None:
    record = {
        "ls": [{"n": "b", "p": 2}, {"n": "a", "p": 3}, {"n": "c", "p": 2}],
        "s": "héllo wörld",
        "d": dt.date(2026, 3, 1),
    }
    for template, expected in (
        (
            "{% for l in ls | sort(attribute='n') %}{{ loop.index }}{{ l.n }}{{ ',' if not loop.last }}{% endfor %}",
            "1a,2b,3c",
        ),
        (
            "{% for g in ls | groupby('p') %}{{ g.grouper }}:{{ g.list | map(attribute='n') | join }};{% endfor %}",
            "2:bc;3:a;",
        ),
        ("{% for k, g in ls | groupby('p') %}{{ k }}{{ g | length }}{% endfor %}", "2231"),
        ("{{ ls | selectattr('p', 'gt', 2) | map(attribute='n') | first }}", "a"),
        ("{% set ns = namespace(t=0) %}{% for l in ls %}{% set ns.t = ns.t + l.p %}{% endfor %}{{ ns.t }}", "7"),
        (
            "{{ s.upper() }}{{ s | title }}{{ s[0] }}{{ s.split(' ')[1] }}{{ s.format() }}",
            "HÉLLO WÖRLDHéllo Wörldhwörldhéllo wörld",
        ),
        ("{{ '%.2f' % 1.005 }}{{ '{:>5}'.format('a') }}{{ '%s-%s' | format(1, 2) }}", "1.00    a1-2"),
        ("{{ d.year }}{{ d.isoformat() }}{{ d.month + 1 }}", "20262026-03-014"),
        (
            (
                "{% for r in ls | batch(2) %}{{ r | length }}{% endfor %}{{ ls[:2] | length }}{{ 7 // 2 "
                "}}{{ 2 ** 3 }}{{ 7 % 4 }}"
            ),
            "212383",
        ),
        (
            (
                "{% for l in ls %}{% if loop.changed(l.p) %}{{ loop.cycle('x', 'y') }}{% endif %}{% "
                "endfor %}{{ range(3) | list | join }}"
            ),
            "xyx012",
        ),
        ("{% call(x) wrap() %}{{ x }}!{% endcall %}{% macro wrap() %}{% endmacro %}", None),
        ("{% macro w() %}[{{ caller('a') }}]{% endmacro %}{% call(x) w() %}{{ x }}!{% endcall %}", "[a!]"),
        ("{{ ls | tojson | length > 5 }}{{ {'a': d} | tojson }}", 'True{"a": "2026-03-01"}'),
        ("{% with a = 3 %}{{ a }}{% endwith %}{% filter upper %}x{{ s[1] }}{% endfilter %}", "3XÉ"),
    ):
        if expected is not None:
            assert html(template, record) == expected


_NOTING = (
    "{% set notes = namespace(of='') %}{% set turn = cycler('odd', 'even') %}"
    "{% macro note(x) %}{% set notes.of = notes.of ~ x %}{{ notes.of }} {{ turn.next() }}{% endmacro %}"
)


@pytest.mark.parametrize(
    "template",
    [
        "{% import 'm.html' as m %}{{ m.note(s) }}, {% import 'm.html' as n %}{{ n.note(s) }}",
        "{% from 'm.html' import note %}{{ note(s) }}, {{ note(s) }}",
        "{% from 'm.html' import note with context %}{{ note(s) }}, {{ note(s) }}",
        "{% import 'm.html' as m %}{{ m.note(s) }}, {% include 'p.html' %}",
    ],
)
def test_what_is_imported_notes_nothing_for_the_next_document(template: str) -> None:
    made = bundle(template, m_html=_NOTING, p_html="{% import 'm.html' as m %}{{ m.note(s) }}")
    assert [made.html({"s": text}) for text in ("a", "b", "a")] == [
        "a odd, aa even",
        "b odd, bb even",
        "a odd, aa even",
    ]


def test_what_is_included_without_context_begins_anew_in_each_document() -> None:
    part = "{% set n = namespace(x=0) %}{% set n.x = n.x + 1 %}{{ n.x }}"
    made = bundle("{% include 'p.html' without context %}", p_html=part)
    assert [made.html({}) for _ in range(3)] == ["1"] * 3
