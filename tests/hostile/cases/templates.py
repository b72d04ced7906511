"""Templates: ways out of the sandbox, in the shape of each published Jinja2 vulnerability; and what never ends."""

from __future__ import annotations

from decimal import Decimal

from tests.hostile.case import PLANTED, Corpus

CORPUS = Corpus("template")
RECORD = {"s": PLANTED, "rows": [1, 2, 3], "person": {"name": PLANTED}, "big": "x" * 1_000_000}

ESCAPES = {
    # CVE-2016-10745: str.format reaches attributes
    "CVE-2016-10745 format": "{{ '{0.__class__.__mro__}'.format(s) }}",
    "CVE-2016-10745 format by index": "{{ '{0[__class__]}'.format(person) }}",
    "CVE-2016-10745 keyword": "{{ '{a.__init__.__globals__}'.format(a=cycler) }}",
    "CVE-2016-10745 markup": "{{ ('{0.__class__}' | safe).format(s) }}",
    "CVE-2016-10745 filter": "{{ '%s' | format(s.__class__) }}",
    # CVE-2019-10906: str.format_map
    "CVE-2019-10906 format_map": "{{ '{a.__class__.__mro__}'.format_map({'a': s}) }}",
    "CVE-2019-10906 format_map of markup": "{{ ('{a.__class__}' | safe).format_map({'a': s}) }}",
    # CVE-2024-56326: a reference to format, called later
    "CVE-2024-56326 by a variable": "{% set f = '{0.__class__}'.format %}{{ f(s) }}",
    "CVE-2024-56326 by a macro": "{% macro run(f) %}{{ f(s) }}{% endmacro %}{{ run('{0.__class__}'.format) }}",
    "CVE-2024-56326 by map": "{{ ['{0.__class__}'.format] | map('call', s) | list }}",
    "CVE-2024-56326 by a namespace": "{% set n = namespace(f='{0.__class__}'.format) %}{{ n.f(s) }}",
    "CVE-2024-56326 by call": "{% call(x) ('{0.__class__}'.format)(s) %}{% endcall %}",
    # CVE-2025-27516: the attr filter gives the method unguarded
    "CVE-2025-27516 attr": "{{ ('{0.__class__}' | attr('format'))(s) }}",
    "CVE-2025-27516 attr of format_map": "{{ ('{a.__class__}' | attr('format_map'))({'a': s}) }}",
    "CVE-2025-27516 map attr": "{% for f in ['{0.__class__}'] | map('attr', 'format') %}{{ f(s) }}{% endfor %}",
    "CVE-2025-27516 map attribute": "{% for f in ['{0.__class__}'] | map(attribute='format') %}{{ f(s) }}{% endfor %}",
    # Shapes that every list of payloads has
    "mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "mro by item": "{{ ''['__class__']['__mro__'] }}",
    "mro by attr": "{{ '' | attr('__cla' ~ 'ss__') }}",
    "mro by hex": "{{ '' | attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "request globals": "{{ request.application.__globals__ }}",
    "config": "{{ config.items() }}",
    "cycler globals": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "joiner globals": "{{ joiner.__init__.__globals__ }}",
    "namespace globals": "{{ namespace.__init__.__globals__ }}",
    "lipsum globals": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "macro globals": "{% macro m() %}{% endmacro %}{{ m.__call__.__func__.__globals__ }}",
    "macro environment": "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "macro function": "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "caller function": "{% macro m() %}{{ caller._func }}{% endmacro %}{% call m() %}{% endcall %}",
    "self": "{{ self._TemplateReference__context.environment }}",
    "self init": "{{ self.__init__.__globals__.__builtins__ }}",
    "loop context": "{% for r in rows %}{{ loop._iterable }}{% endfor %}",
    "loop globals": "{% for r in rows %}{{ loop.__class__.__init__.__globals__ }}{% endfor %}",
    "undefined": "{{ nothing.__class__.__init__.__globals__ }}",
    "undefined exception": "{{ nothing._undefined_exception }}",
    "generator frame": "{{ (rows | map('string')).gi_frame.f_globals }}",
    "generator code": "{{ (rows | select).gi_code }}",
    "function code": "{{ dict.fromkeys.__func__ }}",
    "method self": "{{ s.upper.__self__.__class__ }}",
    "range class": "{{ range(3).__class__ }}",
    "dict class": "{{ {}.__class__ }}",
    "number": "{{ (1).__class__ }}",
    "sort by dunder": "{{ [s] | sort(attribute='__class__.__name__') }}",
    "groupby dunder": "{{ [s] | groupby('__class__') }}",
    "sum dunder": "{{ rows | sum(attribute='__class__') }}",
    "selectattr dunder": "{{ [s] | selectattr('__class__') | list }}",
    "unique dunder": "{{ [s] | unique(attribute='__class__') | list }}",
    "min dunder": "{{ [s, s] | min(attribute='__class__') }}",
    "mutation": "{{ rows.append(PLANTED) }}",
    "mutation of a struct": "{{ person.update({'a': 1}) }}",
    "mutation by clear": "{{ rows.clear() }}",
    "context module": "{% import 'm.html' as m %}{{ m.__dict__ }}",
    "context module globals": "{% import 'm.html' as m %}{{ m._TemplateModule__init__ }}",
}
for name, template in ESCAPES.items():
    CORPUS.renders(name, "template", template, RECORD, m_html=b"{% set a = 1 %}")

# CVE-2024-56201: a template's name is written into the code that it compiles to
CORPUS.renders("CVE-2024-56201 a file's name", "template", '{% include "a{0}\'{b}%s.html" %}', RECORD, "lacks")
CORPUS.renders(
    "CVE-2024-56201 a file of that name", "document",
    "{% for n in ['{}'] %}{% include [\"x'{1+1}.html\"] ignore missing %}{% endfor %}ok",
)  # fmt: skip
# CVE-2024-22195 and CVE-2024-34064: keys of xmlattr are written as they are
for mark in (" onload=x", "/", ">", "=", "\t", "\n", "\f"):
    CORPUS.renders(
        f"CVE-2024-34064 xmlattr {mark.encode().hex()}", "template", "<p {{ {key: 1} | xmlattr }}>x</p>",
        {"key": f"{PLANTED}{mark}b"},
    )  # fmt: skip
# CVE-2020-28493: urlize took quadratic time
CORPUS.renders("CVE-2020-28493 urlize", "document", "{{ s | urlize }}", {"s": "a@" + "a." * 20_000})
CORPUS.renders(
    "CVE-2020-28493 urlize 2", "document", "{{ s | urlize }}", {"s": "(" * 20_000 + "http://" + "." * 20_000}
)
CORPUS.renders("striptags of open tags", "document", "{{ s | striptags }}", {"s": "<" * 50_000})
CORPUS.renders("striptags of comments", "document", "{{ s | striptags }}", {"s": "<!--" * 20_000})
CORPUS.renders("wordwrap", "document", "{{ s | wordwrap(3) }}", {"s": "ab " * 5_000})
CORPUS.renders("title", "document", "{{ s | title }}", {"s": "ab-" * 5_000})
CORPUS.renders("wordcount", "document", "{{ s | wordcount }}", {"s": "a" * 100_000})

FEW_TURNS = b"[limits]\niterations = 100000"
ENDLESS = {
    "loops within loops": "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}{% endfor %}"
    "{% endfor %}{% endfor %}",
    "a long range": "{% for i in range(10 ** 9) %}{% endfor %}",
    "a longer range": "{% for i in range(10 ** 30) %}{% endfor %}",
    "range as a list": "{{ range(10 ** 9) | list }}",
    "range sum": "{{ range(10 ** 9) | sum }}",
    "a filtered loop": "{% for i in range(999999) if i < 0 %}{% endfor %}{% for i in range(999999) if i < 0 %}{% endfor %}",
    "text times": "{{ 'a' * 10 ** 9 }}",
    "text times by a filter": "{{ 'a' | indent(10 ** 9) }}",
    "list times": "{{ [0] * 10 ** 9 }}",
    "tuple times": "{{ (0,) * 10 ** 9 }}",
    "doubling": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    "doubling by plus": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "doubling by a list": "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "doubling by join": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = [n.s, n.s] | join %}{% endfor %}",
    "doubling by replace": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = n.s.replace('a', n.s) %}{% endfor %}",
    "doubling by format": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = '%s%s' % (n.s, n.s) %}{% endfor %}",
    "doubling by format method": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s = '{0}{0}'.format(n.s) %}{% endfor %}",
    "doubling by set block": "{% set n = namespace(s='ab') %}{% for i in range(60) %}{% set n.s %}{{ n.s }}{{ n.s }}{% endset %}{% endfor %}",
    "doubling by tojson": "{% set n = namespace(s='\"') %}{% for i in range(60) %}{% set n.s = n.s | tojson | string %}{% endfor %}",
    "doubling by a macro": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% else %}x{% endif %}{% endmacro %}{{ m(40) }}",
    "nested lists within lists": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s in [[n.s], n.s] }}",
    "nested lists sorted": "{% set n = namespace(s=['ab'], t=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ [n.s, n.t] | sort }}",
    "nested lists sorted by name": "{% set n = namespace(s=['ab'], t=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ [dict(a=n.s), dict(a=n.t)] | sort(attribute='a') }}",
    "nested lists grouped": "{% set n = namespace(s=['ab'], t=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ [dict(a=n.s), dict(a=n.t)] | groupby('a') }}",
    "nested lists tested": "{% set n = namespace(s=['ab'], t=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.s is eq n.t }}",
    "nested lists formatted": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ '%s' % (n.s,) }}",
    "nested lists formatted by method": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ '{}'.format(n.s) }}",
    "nested structs compared": "{% set n = namespace(s={}, t={}) %}{% for i in range(60) %}{% set n.s = {'a': n.s, 'b': n.s} %}{% set n.t = {'a': n.t, 'b': n.t} %}{% endfor %}{{ n.s == n.t }}",
    "a sum of lists": "{{ ([range(1000) | list] * 100000) | sum(start=[]) | length }}",
    "JSON with a wide indent": "{{ rows | tojson(indent=1000000000) }}",
    "wrapped by long text": "{{ big | wordwrap(1, wrapstring=big) }}",
    "joined by method": "{{ ''.join([big] * 1000) }}",
    "tabs": "{{ ('\t' * 1000000).expandtabs(10000) }}",
    "links with long words": "{{ ('a.com ' * 100000) | urlize(rel=big) }}",
    "attributes of long text": "{{ dict(a=big, b=big, c=big, d=big, e=big, f=big, g=big, h=big, i=big, j=big, k=big) | xmlattr }}",
    "nested lists doubled": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
    "nested lists joined": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s | join }}",
    "nested lists compared": "{% set n = namespace(s=['ab'], t=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.s == n.t }}",
    "nested lists to JSON": "{% set n = namespace(s=['ab']) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s | tojson }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "power of a fraction": "{{ 9.5 ** 9999999 }}",
    "power negative": "{{ 9 ** -999999999999 }}",
    "factorial by loops": "{% set n = namespace(v=2) %}{% for i in range(999999) %}{% set n.v = n.v * n.v %}{% endfor %}",
    "shift by round": "{{ 1.5 | round(2000000000, 'ceil') }}",
    "a wide format": "{{ '%999999999d' % 1 }}",
    "a precise format": "{{ '%.999999999f' % 1 }}",
    "a precise format method": "{{ '{:.999999999f}'.format(1) }}",
    "a wide format method": "{{ '{:>999999999}'.format(1) }}",
    "center": "{{ 'a'.center(10 ** 9) }}",
    "expandtabs": "{{ '\t\t'.expandtabs(10 ** 9) }}",
    "zfill": "{{ 'a'.zfill(10 ** 9) }}",
    "batch": "{{ rows | batch(10 ** 9, 0) | list }}",
    "slice": "{{ rows | slice(10 ** 9) | list }}",
    "wordwrap to nothing": "{{ 'aaaa' | wordwrap(0) }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "macros that call each other": "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a recursive loop": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a recursive loop that doubles": "{% for i in [1] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "an include of itself": "{% include 'template.html' %}",
    "an include in a circle": "{% include 'a.html' %}",
    "an import of itself": "{% import 'template.html' as t %}",
    "extends itself": "{% extends 'template.html' %}",
    "extends in a circle": "{% extends 'a.html' %}",
    "blocks that call themselves": "{% block a %}{{ self.a() }}{% endblock %}",
    "a caller that calls": "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{% call m() %}{{ m() }}{% endcall %}{% endcall %}",
}  # fmt: skip
for name, template in ENDLESS.items():
    circle = b"{% include 'template.html' %}" if "include" in template else b"{% extends 'template.html' %}"
    CORPUS.renders(name, "template", template, RECORD, a_html=circle, template_toml=FEW_TURNS)

WIDE = {"d": Decimal("1E999999999"), "i": 10**100_000, "f": float("inf"), "small": Decimal("1E-999999999")}
for expression in (
    "d | int",
    "d | round",
    "d | round(0, 'ceil')",
    "'{:f}'.format(d)",
    "'{:,}'.format(d)",
    "'%d' % d",
    "'%.2f' % d",
    "d | money('EUR')",
    "d | number",
    "d | number('0.###E0')",
    "d | number('@@')",
    "d | percent",
    "d.as_integer_ratio()",
    "d // 3",
    "d % 3",
    "i",
    "i ~ ''",
    "i * i",
    "i | money('EUR')",
    "i | number",
    "f | money('EUR')",
    "f | int | string + 1",
    "'%d' % f",
    "f | round | int + d",
    "small | round(0, 'floor') | int + i",
    "'{:f}'.format(small)",
):
    CORPUS.renders(f"wide numbers: {expression}", "template", f"{{{{ {expression} }}}}", WIDE)
for expression in (
    "d",
    "d ~ ''",
    "d == 3",
    "[d, 3] | max",
    "small",
    "d | filesizeformat",
    "d | tojson",
    "d | float",
    "small | number",
):
    CORPUS.renders(f"wide numbers that print: {expression}", "document", f"{{{{ {expression} }}}}", WIDE)

OUTSIDE = (
    "/etc/passwd", "../template.html", "../../../../../../etc/passwd", "file:///etc/passwd", "//server/share",
    "http://127.0.0.1/x.html", "C:\\\\windows\\\\win.ini", "a/../../b.html", "..%2f..%2fetc/passwd", "a\\u0000.html",
    "template.html/../../x",
)  # fmt: skip
for target in OUTSIDE:
    for tag in ("include", "import", "extends", "from"):
        code = {"import": f"{{% import '{target}' as m %}}", "from": f"{{% from '{target}' import m %}}"}.get(
            tag, f"{{% {tag} '{target}' %}}"
        )
        if tag == "include" or target in OUTSIDE[:2]:
            CORPUS.renders(f"{tag} {target}", "template", code, says="a file that the bundle lacks")
CORPUS.renders(
    "include of what data say",
    "template",
    "{% include path %}",
    {"path": f"../{PLANTED}"},
    "a file that the bundle lacks",
)
CORPUS.renders("include of a list of data", "template", "{% include paths %}", {"paths": [PLANTED, "/etc/passwd"]})
CORPUS.renders("include of a number", "template", "{% include n %}", {"n": 7})
CORPUS.renders("include of a binary file", "template", "{% include 'a.png' %}", a_png=b"\x89PNG\xff\xfe")
CORPUS.renders("deep expressions", "TemplateError", "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}")
CORPUS.renders("deep lists", "TemplateError", "{{ " + "[" * 3000 + "]" * 3000 + " }}")
CORPUS.renders("deep ifs", "TemplateError", "{% if 1 %}" * 3000 + "{% endif %}" * 3000)
CORPUS.renders("many nots", "TemplateError", "{{ " + "not " * 5000 + "1 }}")
CORPUS.renders("a chain of attributes", "TemplateError", "{{ a" + ".a" * 5000 + " }}")
CORPUS.renders("a chain of sums", "TemplateError", "{{ 1" + " + 1" * 5000 + " }}")
CORPUS.renders("a chain of filters", "TemplateError", "{{ 1" + " | string" * 5000 + " }}")
CORPUS.renders("many loops in each other", "TemplateError", "{% for a in [1] %}" * 60 + "{% endfor %}" * 60)
CORPUS.renders(
    "an attribute chain that Jinja2 takes minutes for",
    "TemplateError",
    "{{ self" + ".__init__.__globals__" * 600 + " }}",
)
CORPUS.renders("a long sum", "document", "{{ 1" + " + 1" * 60 + " }}")
CORPUS.renders("unclosed", "TemplateError", "{{ " * 1000)
CORPUS.renders("a huge number", "TemplateError", "{{ " + "9" * 10_000 + " }}")
CORPUS.renders("many comments", "document", "{# a #}" * 20_000)
CORPUS.renders("no UTF-8", "BundleError", b"\xff\xfe\0")
CORPUS.renders("NUL in the template", "document", b"a\0b<p>\0</p>")
CORPUS.renders("many blocks", "document", "".join(f"{{% block b{n} %}}x{{% endblock %}}" for n in range(2000)))
