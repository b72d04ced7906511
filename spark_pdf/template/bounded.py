"""Jinja2's filters and tests that make, compare or write as much as an argument or a value says, each with a bound.

In: the usual ones by name. Out: those that stand in for them. What they refuse is a `GuardError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import pass_environment, pass_eval_context
from jinja2.environment import Environment
from jinja2.filters import make_attrgetter
from jinja2.nodes import EvalContext
from markupsafe import Markup

from spark_pdf.template import guards, values
from spark_pdf.template.guards import GuardError

JOINED = "joined_text"
_MAX_COUNT = 1 << 60
_MAX_DIGITS = 100
_REMEMBERED = 1024
_LONGEST = 64
_COMPARING = {"sort": 2, "unique": 1, "min": 1, "max": 1, "groupby": 0}
"""Filters that compare items, and at which place they take the name of an attribute by which to do it."""

_COMPARING_TESTS = (
    "==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan", ">=", "ge", "<", "lt", "lessthan", "<=", "le", "in",
)  # fmt: skip

_Filter = Callable[..., Any]


def bounded_filters(usual: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Jinja2's filters that make text of a size that an argument says, or that print whatever they get."""

    def sized(name: str, place: int, keyword: str, multiply: bool = False) -> Callable[..., Any]:
        usual_filter = usual[name]

        def bounded(value: Any, *args: Any, **kwargs: Any) -> Any:
            size = kwargs.get(keyword, args[place] if len(args) > place else 0)
            length = size if isinstance(size, int) else len(size) if isinstance(size, str) else 0
            lines = value.count("\n") + 2 if multiply and isinstance(value, str) else 1
            guards.refuse_long(length * lines)
            return usual_filter(value, *args, **kwargs)

        return bounded

    def joined(parts: list[Any]) -> str:
        pieces = [values.printable(part) for part in parts]
        markup = any(hasattr(piece, "__html__") for piece in pieces)
        if markup:
            escaped = [Markup.escape(piece) for piece in pieces]
            guards.refuse_long(sum(map(len, escaped)))
            return Markup("").join(escaped)
        texts = [str(piece) for piece in pieces]
        guards.refuse_long(sum(map(len, texts)))
        return "".join(texts)

    @pass_eval_context
    def replace(context: EvalContext, value: Any, old: str, new: str, count: int | None = None) -> Any:
        text = str(values.printable(value))
        guards.refuse_long(
            len(text) + min(text.count(str(old)), _MAX_COUNT if count is None else count) * len(str(new))
        )
        return usual["replace"](context, value, old, new, count)

    @pass_eval_context
    def join(context: EvalContext, value: Any, d: str = "", attribute: str | int | None = None) -> Any:
        if attribute is not None:
            value = map(make_attrgetter(context.environment, attribute), value)
        pieces = [values.printable(piece) for piece in value]
        guards.refuse_long(sum(len(piece) for piece in pieces if isinstance(piece, str)) + len(d) * len(pieces))
        return usual["join"](context, pieces, d)

    return {
        **{name: _comparing(usual[name], place) for name, place in _COMPARING.items()},
        JOINED: joined,
        "join": join,
        "replace": replace,
        "center": sized("center", 0, "width"),
        "indent": sized("indent", 0, "width", multiply=True),
        "batch": sized("batch", 0, "linecount"),
        "slice": sized("slice", 0, "slices"),
        "format": lambda value, *args, **kwargs: type(value)(guards.percent_format(value, kwargs or args)),
        "string": lambda value: usual["string"](values.printable(value)),
        "int": lambda value, *args, **kwargs: usual["int"](_written(value), *args, **kwargs),
        "round": _rounded(usual["round"]),
        "sum": _summed(usual["sum"]),
        "title": _remembering(usual["title"]),
        "tojson": _json(usual["tojson"]),
        "urlize": _marked(usual["urlize"]),
        "wordwrap": _wrapped(usual["wordwrap"]),
        "xmlattr": _attributes(usual["xmlattr"]),
    }


def bounded_tests(usual: Mapping[str, Any]) -> dict[str, Callable[..., bool]]:
    """Jinja2's tests that compare."""

    def weighed(test: Callable[..., bool]) -> Callable[..., bool]:
        return lambda value, *others: test(guards.comparable(value), *others)

    return {"sameas": _same, **{name: weighed(usual[name]) for name in _COMPARING_TESTS if name in usual}}


def _getter(environment: Environment, attribute: Any) -> Callable[[Any], Any]:
    """Jinja2's getter of an attribute, and a shorter one for what is no path, as long as items are structs."""
    if type(attribute) is not str or "." in attribute or attribute.isdigit():
        return make_attrgetter(environment, attribute)
    item_of = environment.getitem
    return lambda item: item[attribute] if type(item) is dict and attribute in item else item_of(item, attribute)


def _comparing(usual: _Filter, place: int) -> _Filter:
    """A filter that compares the items of a list, or what they have by the name `attribute`."""

    @pass_environment
    def bounded(environment: Environment, value: Any, *args: Any, **kwargs: Any) -> Any:
        items = value if isinstance(value, (list, tuple)) else list(value)
        attribute = kwargs.get("attribute", args[place] if len(args) > place else None)
        keys: Iterable[Any] = items if attribute is None else map(_getter(environment, attribute), items)
        for key in keys:
            guards.comparable(key)
        return usual(environment, items, *args, **kwargs)

    return bounded


def _written(value: Any) -> Any:
    guards.refuse_unbounded(value)
    return value


def _remembering(usual: _Filter) -> _Filter:
    """A filter that takes words apart, for texts such as countries, which come again and again."""
    known = lru_cache(_REMEMBERED)(usual)
    return lambda value: known(value) if type(value) is str and len(value) <= _LONGEST else usual(value)


def _rounded(usual: _Filter) -> _Filter:
    def bounded(value: Any, precision: int = 0, method: Any = "common") -> Any:
        if type(value) is float and type(precision) is int and 0 <= precision <= _MAX_DIGITS and method == "common":
            return round(value, precision)
        if not isinstance(precision, int) or abs(precision) > _MAX_DIGITS:
            raise GuardError(f"round: the precision is a whole number of at most {_MAX_DIGITS}")
        return usual(_written(value), precision, method)

    return bounded


def _summed(usual: _Filter) -> _Filter:
    @pass_environment
    def bounded(environment: Environment, iterable: Any, attribute: Any = None, start: Any = 0) -> Any:
        if not isinstance(start, (int, float)) and hasattr(start, "__len__"):
            raise GuardError("sum: adds numbers; texts and lists are joined by other means")
        if attribute is not None:
            iterable = map(_getter(environment, attribute), iterable)
        return usual(environment, iterable, None, start)

    return bounded


def _json(usual: _Filter) -> _Filter:
    @pass_eval_context
    def bounded(context: EvalContext, value: Any, indent: int | None = None) -> Any:
        guards.refuse_long(guards.measure(value))
        if indent is not None and (not isinstance(indent, int) or indent > _MAX_DIGITS):
            raise GuardError(f"tojson: `indent` is a whole number of at most {_MAX_DIGITS}")
        found = usual(context, value, indent)
        guards.refuse_long(len(found))
        return found

    return bounded


def _marked(usual: _Filter) -> _Filter:
    @pass_eval_context
    def bounded(context: EvalContext, value: Any, *args: Any, **kwargs: Any) -> Any:
        added = sum([len(word) for word in (*args, *kwargs.values()) if isinstance(word, str)])
        guards.refuse_long((value.count(".") + value.count("@") + 1) * added if isinstance(value, str) else 0)
        return usual(context, value, *args, **kwargs)

    return bounded


def _wrapped(usual: _Filter) -> _Filter:
    @pass_environment
    def bounded(
        environment: Environment, s: Any, width: int = 79, break_long_words: bool = True, wrapstring: Any = None,
        break_on_hyphens: bool = True,
    ) -> Any:  # fmt: skip
        if not isinstance(width, int) or width < 1:
            raise GuardError("wordwrap: the width is a whole number above 0")
        guards.refuse_long((len(s) // width + s.count("\n") + 1) * len(wrapstring or "") if isinstance(s, str) else 0)
        return usual(environment, s, width, break_long_words, wrapstring, break_on_hyphens)

    return bounded


def _attributes(usual: _Filter) -> _Filter:
    @pass_eval_context
    def bounded(context: EvalContext, d: Any, autospace: bool = True) -> Any:
        guards.refuse_long(guards.measure(d))
        return usual(context, d, autospace)

    return bounded


def _same(value: Any, other: Any) -> bool:
    """`is sameas`: identity depends on caches, except for these three."""
    if other is True or other is False or other is None:
        return value is other
    raise GuardError("`sameas` compares with true, false or none; use == for all else")
