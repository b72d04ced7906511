"""What compiled templates do in their own code is what Jinja2's code, through the sandbox's functions, does."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import markupsafe
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.utils import Namespace

from spark_pdf.errors import DocumentError
from spark_pdf.template.bundle import Bundle
from spark_pdf.template.compiling import HELPERS, Bounded
from spark_pdf.template.environment import Notes, TemplateEnvironment
from spark_pdf.template.guards import grouped
from spark_pdf.template.settings import BundleSettings


class Plain(CodeGenerator):
    """Jinja2's own code, with the bounds alone."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        super().visit_Template(Bounded().visit(node), frame)


FILES = {
    "base.html": "<{% block a %}{{ s }}{{ a.p }}{% endblock %}|{% block b scoped %}{% endblock %}>",
    "part.html": "[{{ a.p }}{{ b + 1 }}{% for x in ls %}{{ x.p }},{{ loop.index }}{% endfor %}]",
    "macros.html": "{% macro m(x, y=2) %}{{ x }}{{ y * x }}{{ caller() if caller }}{% endmacro %}{% set k = 3 %}",
}
TEMPLATES = (
    "{{ a }}{{ b }}{{ s }}", "\n{{ a.p }}{{ a['p'] }}{{ a.p.q }}",
    "{{ s.upper() }}{{ s['upper']() }}{{ ls[0].p }}{{ ls[b] }}",
    "{{ a.p.q.r }}", "{{ a['p']['q'] }}", "{{ a.items }}{{ s.p }}{{ b.real }}", "{{ nothing.p }}", "{{ a.p.nothing }}",
    "\n{{ a + b }}", "{{ a * b }}\n{{ b * a }}", "{{ a % b }}", "{{ a ** b }}", "{{ a - b }}{{ a / b }}{{ a // b }}",
    "{{ a + 1 }}{{ 1 + a }}", "{{ a * 2 }}\n{{ 2 * a }}", "{{ a * 1.5 }}{{ 1.5 * a }}", "{{ 7 % a }}\n{{ a % 7 }}",
    "{{ 1.5 + a }}{{ a + 's' }}{{ a * 's' }}{{ 's' % a }}{{ '%s' % a }}", "{{ true + a }}{{ a * true }}",
    "{% set n = namespace(a=a, b=1) %}{{ n.a }}{{ n.c is defined }}{% set n.c = b %}{{ n.c }}{{ n['c'] }}{{ n.d }}",
    "{% set n = namespace(a) %}{{ n.p }}{% set n.p = n.p + 1 %}{{ n.p }}{{ n }}", "{% set a.p = 1 %}",
    "{% set n = namespace() %}{% set n._x = 1 %}{{ n._x is defined }}{{ n._x }}", "{% set b.p = 1 %}{{ b.p }}",
    "{% set n = namespace() %}{{ n.__class__ is defined }}{{ n.__class__ }}", "{{ namespace(a=1).a }}{{ n.a }}",
    "{% for n in [namespace(p=1), a, b, s] %}{% set n.p = 2 %}{{ n.p }}{% endfor %}",
    "{% for x in ls %}{{ x.p }}{{ x }}{{ loop.index0 }}{{ loop.nothing }}{% else %}none{{ a.p }}{% endfor %}",
    "{% for x in ls recursive %}{{ x.p }}{% if x.q %}{{ loop(x.q) }}{% endif %}{% endfor %}",
    "{% for x in ls if x.p %}{{ x.p | default('d') }}{{ loop.last }}{% endfor %}{{ x }}",
    "{% from 'macros.html' import m, k with context %}{{ m(a) }}{{ m(b, y=a) }}{% call m(b) %}{{ s }}{% endcall %}",
    "{% import 'macros.html' as ms %}{{ ms.m(s) }}{{ ms.k }}{{ ms.nothing }}", "{% import 'part.html' as p %}{{ p }}",
    "{% extends 'base.html' %}{% block a %}{{ super() }}!{{ b }}{% endblock %}{% block b %}{{ a.p }}{% endblock %}",
    "{% extends 'base.html' if b else 'part.html' %}x{{ a.p }}{% block a %}{{ a.p }}{% endblock %}y",
    "x{% include 'part.html' %}y{% set t %}{% include 'part.html' %}{{ s }}{{ a.p }}{% endset %}{{ t }}{{ t.p }}",
    "{% set t %}{% block a %}{{ s }}{{ a.p }}{% endblock %}{% endset %}{{ t }}{{ self.a() }}",
    "{% filter upper %}x{{ s }}{{ a.p }}{% endfilter %}{% autoescape false %}{{ s }}{{ a.p }}{% endautoescape %}",
    "{% set w = a.p %}{% if a.p == b %}{{ w }}{% elif a.p < b %}{{ w ~ s }}{% else %}{{ w }}{% endif %}",
    "{{ ls | map(attribute='p') | join }}{{ ls | sum(attribute='p') }}{{ ls | sort(attribute='p') | length }}",
    "{{ d.year }}{{ d.p }}{{ s.split('-')[-1] | trim | title }}{{ s | title }}{{ 's'.join(ls) }}",
    "{{ a | number }}{{ b | percent }}{{ d | date }}{{ a.p | money('EUR') }}{{ ls | date }}",
)  # fmt: skip


def outcome(template: str, record: dict[str, Any]) -> tuple[str, str]:
    files = {name: text.encode() for name, text in {**FILES, "template.html": template}.items()}
    try:
        return "html", Bundle.from_files({**files, "template.toml": b'entry = "template.html"'}).html(record)
    except DocumentError as error:
        return "error", str(error)


plain = st.sampled_from([None, 0, 1, -3, 2**70, True, 1.5, Decimal("1.50"), Decimal("NaN"), "", "x", "<a-b> c", "7"])
values = st.recursive(
    plain | st.just(dt.date(2026, 3, 29)),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["p", "q", "items"]), inner, max_size=3)
    ),
    max_leaves=5,
)
records = st.fixed_dictionaries(
    {"a": values, "b": plain, "s": st.sampled_from(["x", "<a-b> c", ""]), "ls": st.lists(values, max_size=3)},
    optional={"d": st.just(dt.date(2026, 3, 29)), "n": values},
)


@settings(max_examples=15, deadline=None)
@given(records)
@example({"a": {"p": 1}, "b": 2, "s": "a<b", "ls": [{"p": 1, "q": [{"p": 2, "q": None}]}], "d": dt.date(2026, 3, 29)})
@example({"a": 2, "b": 2, "s": "s", "ls": []})
def test_compiled_templates_do_what_the_sandbox_does(record: dict[str, Any]) -> None:
    ours = [outcome(template, record) for template in TEMPLATES]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TemplateEnvironment, "code_generator_class", Plain)
        theirs = [outcome(template, record) for template in TEMPLATES]
    for template, one, other in zip(TEMPLATES, ours, theirs, strict=True):
        assert one == other, template


def test_jinja_still_asks_what_is_overridden() -> None:
    """A Jinja2 that compiles in another way would let templates by the guards."""
    environment = TemplateEnvironment({}, BundleSettings())
    source: str = environment.compile(
        "{% set n = namespace() %}{% set n.a = x + y %}{{ x.f }}{{ x['f'] }}{{ x[y] }}{{ x * y }}{{ x % y }}"
        "{{ x ** y }}{% for i in x %}{{ i ~ y }}{{ i < y }}{% endfor %}{{ n.a }}",
        raw=True,
    )
    for name in HELPERS:
        assert f"_{name} = environment.helpers[{name!r}]" in source
        assert source.count(f"_{name}") > 1, f"Jinja2 does not ask for what writes _{name}"
    for theirs in ("environment.getattr", "environment.getitem", "call_binop", "finalize(", " escape(", "l_0_n['"):
        assert theirs not in source, f"Jinja2 writes {theirs} by itself"
    for filtered in ("counted", "compared", "joined_text"):
        assert f"environment.filters[{filtered!r}]" in source


def test_markupsafe_still_has_what_escapes_without_wrapping() -> None:
    """Without it templates print as before, by `escape`; it is looked for by name."""
    for text in ("", "plain", "<&>'\"", "ü<"):
        found = markupsafe._escape_inner(text)  # type: ignore[attr-defined]
        assert type(found) is str
        assert found == markupsafe.escape(text)


def test_notes_are_a_namespace_that_is_read_from_outside() -> None:
    assert issubclass(Notes, Namespace), "Jinja2 assigns to nothing else"
    notes = Notes({"self": 1}, b=2)
    notes["c"] = 3
    assert notes._held == {"self": 1, "b": 2, "c": 3}
    assert Notes(self=1)._held == {"self": 1}
    assert repr(notes) == repr(Namespace({"self": 1}, b=2, c=3))


def test_namespaces_where_text_or_a_name_is_due() -> None:
    """What Jinja2 makes text of, and an error that is told: both ask how a namespace is written."""
    written = "&lt;Namespace {&#39;p&#39;: 1}&gt;"
    for expression in ("n | e", "n | trim", "'%s' % n", "'{}'.format(n)"):
        assert outcome(f"{{% set n = namespace(p=1) %}}{{{{ {expression} }}}}", {}) == ("html", written)
    kind, told = outcome("{% set n = namespace(p=1) %}{{ d[n] }}", {"d": dt.date(2026, 3, 29)})
    assert kind == "error"
    assert told.startswith("template.html:1: 'd[n]' is not there")


def test_set_blocks_write_to_namespaces_alone() -> None:
    for struct in ({"p": 0}, {"p": 0, "_held": {}}):
        record = {"a": struct, "ls": [1]}
        for name in ("a", "ls", "record", "nothing", "namespace", "self"):
            kind, _ = outcome(f"{{% set {name}.p %}}x{{% endset %}}{{{{ a.p }}}}", record)
            assert kind == "error"
        assert struct in ({"p": 0}, {"p": 0, "_held": {}})
        assert record == {"a": struct, "ls": [1]}
    assert outcome("{% set n = namespace() %}{% set n.p %}<{{ 1 }}>{% endset %}{{ n.p }}", {}) == ("html", "<1>")


@pytest.mark.parametrize("step", [".b", "['b']"])
def test_fields_within_fields_are_read_as_deep_as_templates_may_be(step: str) -> None:
    """Python reads no more than 200 brackets within each other."""
    holder: Any = "found"
    for _ in range(140):
        holder = {"b": holder}
    assert outcome(f"{{{{ a{step * 140} }}}}", {"a": holder}) == ("html", "found")
    assert outcome(f"{{{{ (a{step * 130} | first){step * 10} }}}}", {"a": holder})[0] == "error"


def test_a_row_of_texts_that_is_too_long_is_refused_like_others() -> None:
    files = {"template.html": b"a\n{{ s }}{{ s }}{{ s }}", "template.toml": b"[limits]\ncharacters=10"}
    bundle = Bundle.from_files(files)
    assert bundle.html({"s": "xx"}) == "a\nxxxxxx"
    assert Bundle.from_files({"template.html": files["template.html"]}).html({"s": "x" * 9000}) == "a\n" + "x" * 27000
    with pytest.raises(DocumentError) as caught:
        bundle.html({"s": "xxx"})
    assert str(caught.value) == (
        "template.html: the document's HTML goes over 10 characters (limits.characters in template.toml)"
    )
    long = ["x" * 9000] * 3
    assert grouped(long) is long, "a text that is there once would be there three times"
