"""The sandbox in which templates run: Jinja2, where nothing reaches beyond the bundle and the record.

Against Jinja2's own immutable sandbox: undefined names are errors that name the field; attributes of structs are their
keys; loops, calls and text are bounded per document (`guards`); NULL prints nothing; whatever depends on the clock, on
chance, on the machine or on memory addresses is gone. Templates are compiled once per worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from threading import get_ident
from types import BuiltinMethodType
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from spark_pdf.template import guards, values
from spark_pdf.template.bounded import bounded_filters, bounded_tests
from spark_pdf.template.compiling import COMPARED, COUNTED, TemplateCode
from spark_pdf.template.filters import Filters
from spark_pdf.template.guards import Meter
from spark_pdf.template.naming import LOOP_ATTRIBUTES
from spark_pdf.template.settings import BundleSettings

REMOVED_FILTERS = ("random", "pprint")
REMOVED_GLOBALS = ("lipsum",)
MAX_NESTING = 150
"""Levels of a template's syntax tree: blocks in blocks, and expressions in expressions."""


class UndefinedField(UndefinedError):  # noqa: N818 - Undefined is what it is
    """A template used what the record lacks. `name` is its last name (or number), and `holder` what was asked for it;
    the path is found from the syntax tree.
    """

    def __init__(self, name: Any, holder: Any) -> None:
        super().__init__("undefined")
        self.name = name
        self.holder = holder


class StrictField(StrictUndefined):
    """Undefined that can only be asked whether it is defined; all else raises `UndefinedField`."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *_args: Any, **_kwargs: Any) -> Any:
        if self._undefined_exception is SecurityError:
            raise SecurityError("refused")
        raise UndefinedField(self._undefined_name, self._undefined_obj)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _fail_with_undefined_error
    __pos__ = __neg__ = __call__ = __getitem__ = __pow__ = __rpow__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __complex__ = _fail_with_undefined_error
    __iter__ = __str__ = __len__ = __contains__ = __bool__ = __hash__ = _fail_with_undefined_error
    __eq__ = __ne__ = _fail_with_undefined_error


class BundleLoader(BaseLoader):
    """Templates come from the bundle's files, and from nowhere else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def get_source(self, environment: Any, template: str) -> tuple[str, None, Callable[[], bool]]:
        """Source, no file name (Python would look for its lines in the working folder), freshness: as Jinja2 asks."""
        data = self._files.get(template)
        if data is None:
            raise TemplateNotFound(template)
        return decode(data), None, lambda: True

    def list_templates(self) -> list[str]:
        """All files, as any of them may be included."""
        return list(self._files)


def decode(data: bytes) -> str:
    """Text of a template file: UTF-8, with or without a byte order mark."""
    return data.decode("utf-8-sig")


class Notes(Namespace):
    """`namespace()`: what templates write down while they run.

    Jinja2's own answers for each attribute in Python; here compiled templates read what is held, which is in none of a
    template's names, as names that begin with `_` are refused.
    """

    __slots__ = ("_held",)
    __getattribute__ = object.__getattribute__

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        self._held: dict[str, Any] = dict(*args, **kwargs)

    def __setitem__(self, name: str, value: Any) -> None:
        self._held[name] = value

    def __repr__(self) -> str:
        return f"<Namespace {self._held!r}>"


class DocumentTemplate(Template):
    """A template of which an import without context lasts as long as the document. Jinja2 would keep it, and with it
    what namespaces and cyclers in it have noted of one record, for the documents of the next ones to read.
    """

    environment: TemplateEnvironment

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        new = ctx.globals_keys - self.globals.keys() if ctx is not None else None
        if ctx is not None and new:
            return self.make_module({key: ctx.parent[key] for key in new})
        modules = self.environment.modules.setdefault(get_ident(), {})
        found = modules.get(self)
        if found is None:
            found = modules[self] = self.make_module()
        return found


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Compiles and runs the templates of one bundle."""

    template_class = DocumentTemplate
    code_generator_class = TemplateCode
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, files: Mapping[str, bytes], settings: BundleSettings) -> None:
        self.meter = Meter(settings.limits)
        self.modules: dict[int, dict[Template, TemplateModule]] = {}
        """By thread: what its document has imported so far."""
        super().__init__(
            loader=BundleLoader(files),
            autoescape=True,
            undefined=StrictField,
            finalize=values.printable,
            auto_reload=False,
            cache_size=-1,
            keep_trailing_newline=True,
        )
        self.concat = self.meter.joined  # type: ignore[method-assign]
        self.binop_table.update({"*": guards.multiply, "**": guards.power, "+": guards.add, "%": guards.modulo})
        self.helpers: dict[str, Callable[..., Any]] = {
            "field": self.getattr, "item": self.getitem, "Notes": Notes, "grouped": guards.grouped,
            "printed": values.printed, "escaped": values.escaped,
            "multiply": guards.multiply, "power": guards.power, "add": guards.add, "modulo": guards.modulo,
        }  # fmt: skip
        self.globals["range"] = self.meter.range
        self.globals["namespace"] = Notes
        for name in REMOVED_GLOBALS:
            del self.globals[name]
        for name in REMOVED_FILTERS:
            del self.filters[name]
        self.filters.update(bounded_filters(dict(self.filters)))
        self.filters.update(Filters(settings.locale, settings.currency, settings.timezone).table())
        self.filters[COUNTED] = self.meter.counted
        self.filters["attr"] = self.getattr
        self.filters[COMPARED] = guards.comparable
        self.tests.update(bounded_tests(dict(self.tests)))
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": _json_value}

    def begin(self) -> None:
        """A document begins: nothing is used up, and nothing imported."""
        self.meter.start()
        if self.modules:
            self.modules.pop(get_ident(), None)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The tree, if it is not so deep that Jinja2, which asks each level of an expression anew, takes hours."""
        tree = super()._parse(source, name, filename)
        level: list[nodes.Node] = [tree]
        for _ in range(MAX_NESTING):
            level = [child for node in level for child in node.iter_child_nodes()]
            if not level:
                return tree
        raise TemplateSyntaxError("expressions or blocks are nested too deeply", level[0].lineno, name, filename)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`: a struct's key; else what `values` offers, or what Jinja2's own objects have."""
        kind = type(obj)
        if kind is dict:
            return obj[attribute] if attribute in obj else StrictField(None, obj, attribute)
        if kind is LoopContext:
            return getattr(obj, attribute) if attribute in LOOP_ATTRIBUTES else StrictField(None, obj, attribute)
        if kind is Notes:
            if attribute not in obj._held and attribute != "__class__":
                return StrictField(None, obj, attribute)
            return self.unsafe_undefined(obj, attribute) if attribute.startswith("_") else obj._held[attribute]
        offered = values.PLAIN_ATTRIBUTES.get(kind)
        if offered is None:
            if isinstance(obj, Mapping):
                try:
                    return obj[attribute]
                except KeyError:
                    return StrictField(None, obj, attribute)
            offered = values.offered(obj)
            if offered is None:
                return super().getattr(obj, attribute)
        if attribute not in offered or not hasattr(obj, attribute):
            return StrictField(None, obj, attribute)
        found = getattr(obj, attribute)
        if attribute == "format":
            return guards.guarded_format(obj, self.wrap_str_format(found) or found)
        return found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`: a key, an index or a slice, and never an attribute of a struct."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            if isinstance(argument, str) and not isinstance(obj, (Mapping, Undefined)):
                return self.getattr(obj, argument)
        return StrictField(None, obj, argument)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        """A call, counted as a turn, so that macros that call themselves end."""
        __self.meter.spend(1)
        guards.guard_call(__obj, args, kwargs)
        if (type(__obj) is BuiltinMethodType and type(__obj.__self__) is str) or __obj is Notes:
            # Neither is unsafe, nor asks for the context: what Jinja2 looks up in six steps.
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return __obj(*args, **kwargs)
        if not __self.is_safe_callable(__obj):
            raise SecurityError("refused")
        return __context.call(__obj, *args, **kwargs)


def _json_value(value: Any) -> Any:
    """What `tojson` writes for a record's values that JSON has no form for."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    raise TypeError("no JSON form")
