"""Why a template failed on a record: a traceback in, the expression that is meant and what to do about it out.

    Diagnosis(environment, tree, frame, lines, record).undefined(error) -> (sentence, line) or None

The failing line may hold several expressions. The frame of the compiled template still has the values of its names, so
each candidate is evaluated again (names, fields and elements only: nothing is called) and compared with what failed.
Sentences hold what the template spells, and kinds of values; never a value. This runs when a document has failed, and
at no other time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import LoopContext, Macro, Undefined
from jinja2.utils import missing

from spark_pdf.template import values
from spark_pdf.template.naming import LOOP_ATTRIBUTES, did_you_mean, kind_of, nearest, own_default, spelling

if TYPE_CHECKING:
    from spark_pdf.template.environment import TemplateEnvironment, UndefinedField

_UNKNOWN: Any = object()
_LOCAL = re.compile(r"l_(\d+)_(.+)")
_OPERATIONS: tuple[tuple[type[nodes.Expr], str], ...] = (
    (nodes.BinExpr, "the calculation"), (nodes.UnaryExpr, "the calculation"), (nodes.Compare, "the comparison"),
    (nodes.Concat, "the text"), (nodes.Filter, "the filter"), (nodes.Test, "the test"), (nodes.Call, "the call"),
)  # fmt: skip
_DICT_METHODS = frozenset({"items", "keys", "values", "get"})


class Diagnosis:
    """What failed on some lines of one template. `lines`: first and last that the failing statement may have."""

    def __init__(
        self, environment: TemplateEnvironment, tree: nodes.Template, frame: FrameType | None, lines: tuple[int, int],
        record: Mapping[str, Any], spelt: str,
    ) -> None:  # fmt: skip
        self._environment = environment
        self._tree = tree
        self._lines = lines
        self._record = record
        self._spelt = spelt
        self._locals = _names(frame)

    # -- the three kinds of failures

    def undefined(self, error: UndefinedField) -> tuple[str, int] | None:
        """A field, element or name that is not there."""
        for node in self._nodes((nodes.Getattr, nodes.Getitem)):
            if self._last(node) == error.name and self._value(node.node) is error.holder:  # type: ignore[attr-defined]
                return self._absent(node, error), node.lineno
        if error.holder is missing or error.holder is None:
            for node in self._nodes((nodes.Name,)):
                if node.name == error.name and node.ctx == "load":  # type: ignore[attr-defined]
                    return self._unbound(node, error.name), node.lineno
        return None

    def operation(self) -> tuple[str, int] | None:
        """An operation on values that it does not take."""
        kinds = tuple(kind for kind, _ in _OPERATIONS)
        for node in self._nodes(kinds):
            what = next(text for kind, text in _OPERATIONS if isinstance(node, kind))
            if isinstance(node, (nodes.Filter, nodes.Test)):
                what += f" '{node.name}'"
            operands = [child for child in _operands(node) if spelling(child)]
            for operand in operands:
                if self._value(operand) is None:
                    return self._null(operand, what), node.lineno
            if isinstance(node, nodes.Filter) and (path := self._null_element(node)):
                return (
                    f"'{path}' is NULL in an element, which {what} does not take; leave it out with "
                    f'selectattr("{path.rpartition("[].")[2]}")',
                    node.lineno,
                )
            if isinstance(node, nodes.BinExpr) and len(operands) == 2:
                described = [(spelling(o), kind_of(self._value(o))) for o in operands if self._value(o) is not _UNKNOWN]
                if len(described) == 2 and described[0][1] != described[1][1]:
                    (left, one), (right, other) = described
                    return (
                        f"{self._quoted(left)} is {one} and {self._quoted(right)} {other}: {what} takes two of a kind",
                        node.lineno,
                    )
        return None

    def refused(self, message: str) -> tuple[str, int] | None:
        """What a filter, a loop or printing refuses: the same sentence, with what it is about."""
        name, colon, _ = message.partition(": ")
        if colon and name in self._environment.filters:
            for node in self._tree.find_all(nodes.Filter):
                path = spelling(node.node)
                if path and node.name == name and self._is_near(node) and self._repeats(node, message):
                    return f"{self._quoted(path)} | {message}", node.lineno
            return None
        if message.startswith("the loop goes over"):
            for loop in self._tree.find_all(nodes.For):
                value = self._value(loop.iter)
                if self._is_near(loop.iter) and (value is None or isinstance(value, (int, float))):
                    return f"{self._quoted(spelling(loop.iter))}: {message}", loop.iter.lineno
        elif "printed" in message:
            for printed in self._printed():
                value = self._value(printed)
                if value is not _UNKNOWN and kind_of(value) in message:
                    return f"{self._quoted(spelling(printed))}: {message}", printed.lineno
        return None

    # -- sentences

    def _absent(self, node: nodes.Node, error: UndefinedField) -> str:
        base, name, holder = spelling(node.node), error.name, error.holder  # type: ignore[attr-defined]
        path = self._quoted(spelling(node))
        if holder is None:
            goes_on = any(
                isinstance(outer, (nodes.Getattr, nodes.Getitem)) and outer.node is node
                for outer in self._tree.find_all(nodes.Node)
            )
            default = "" if goes_on else f'{{{{ {spelling(node)} | default("") }}}}, or '
            return f"{path} is not there, because '{base}' is NULL; write {default}{{% if {base} %}} around it"
        if isinstance(holder, (list, tuple)) and isinstance(name, int):
            argument = node.arg if isinstance(node, nodes.Getitem) else None
            index = str(name) if isinstance(argument, nodes.Const) else spelling(argument)
            ask = f"{{% if {base} | length > {index} %}}" if index else f"{{% if {base} %}}"
            return (
                f"{path} is not there: the list '{base}' is shorter ({base}[0] is its first element); ask {ask} first"
            )
        if isinstance(holder, (list, tuple)):
            return f"{path} is not there: '{base}' is a list; go over it with {{% for %}}, or take {base}[0].{name}"
        if isinstance(holder, Mapping):
            if name in _DICT_METHODS:
                hint = "; a struct's attributes are its fields: go over a map with `for key, value in x | items`"
                return f"{path} is not in the record{hint}"
            return f"{path} is not in the record{self._near(str(name), holder)}"
        if isinstance(holder, TemplateModule):
            known = [key for key in vars(holder) if not key.startswith("_")]
            return f"{path} is not in the imported template{did_you_mean(nearest(str(name), known))}"
        if isinstance(holder, LoopContext):
            return f"{path}: loops have no '{name}'{did_you_mean(nearest(str(name), LOOP_ATTRIBUTES))}"
        offered = values.offered(holder) or ()
        return f"{path} is not there: '{base}' is {kind_of(holder)}{did_you_mean(nearest(str(name), offered, 0.75))}"

    def _unbound(self, node: nodes.Node, name: str) -> str:
        for imported in self._tree.find_all(nodes.FromImport):
            names = [pair if isinstance(pair, tuple) else (pair, pair) for pair in imported.names]
            wanted = next((one for one, alias in names if alias == name), None)
            if wanted is not None and isinstance(imported.template, nodes.Const):
                near = did_you_mean(nearest(wanted, self._defined_in(str(imported.template.value))))
                return f"'{imported.template.value}' defines no '{wanted}'{near}"
        parameters = {argument.name for macro in self._tree.find_all(nodes.Macro) for argument in macro.args}
        if name in parameters and name not in self._record:
            return f"the macro was not given its parameter '{name}'"
        if name in self._record:
            return (
                f"'{name}' is in the record, but this template does not see it: import it `with context`, or give it "
                "to the macro"
            )
        called = any(call.node is node for call in self._tree.find_all(nodes.Call))
        if called and name in self._environment.filters:
            return f"'{name}' is a filter and not a function: write {{{{ x | {name} }}}}"
        own = [*self._macros(), *self._environment.globals] if called else []
        what = "neither a macro nor a function" if called else "not in the record"
        return f"'{name}' is {what}{did_you_mean(nearest(name, [*own, *self._record]))}"

    def _null(self, operand: nodes.Node, what: str) -> str:
        path = spelling(operand)
        instead = own_default(what)
        return (
            f"{self._quoted(path)} is NULL, which {what} does not take; write ({path} or {instead}), or ask "
            f"{{% if {path} is not none %}}"
        )

    def _near(self, name: str, holder: Mapping[str, Any]) -> str:
        """The nearest field. Columns are no data; keys of a map within a record are, unless the bundle spells them."""
        near = nearest(name, [key for key in holder if isinstance(key, str)])
        if near is None or (holder is not self._record and not re.search(rf"\b{re.escape(near)}\b", self._spelt)):
            return ""
        return did_you_mean(near)

    def _quoted(self, path: str) -> str:
        """A path, with what its first name goes over where that is a loop's: 'line.text' (lines[].text)."""
        root = re.split(r"[.\[]", path, maxsplit=1)[0]
        for loop in self._tree.find_all(nodes.For):
            binds = isinstance(loop.target, nodes.Name) and loop.target.name == root
            if binds and spelling(loop.iter) and _within(loop, self._lines):
                return f"'{path}' ({spelling(loop.iter)}[]{path[len(root) :]})"
        return f"'{path}'"

    # -- looking at values

    def _value(self, node: nodes.Node) -> Any:
        """What an expression of names, fields and elements is now; `_UNKNOWN` for all else."""
        try:
            if isinstance(node, nodes.Name):
                found = self._locals.get(node.name, missing)
                return self._record.get(node.name, _UNKNOWN) if found is missing else found
            if isinstance(node, nodes.Const):
                return node.value
            if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
                return -node.node.value
            if isinstance(node, (nodes.Getattr, nodes.Getitem)):
                base = self._value(node.node)
                if base is _UNKNOWN or isinstance(base, Undefined):
                    return _UNKNOWN
                name = self._last(node)
                if name is _UNKNOWN:
                    return _UNKNOWN
                if isinstance(node, nodes.Getattr):
                    return self._environment.getattr(base, str(name))
                return self._environment.getitem(base, name)
        except Exception:
            return _UNKNOWN
        return _UNKNOWN

    def _last(self, node: nodes.Node) -> Any:
        if isinstance(node, nodes.Getattr):
            return node.attr
        return self._value(node.arg) if isinstance(node, nodes.Getitem) else _UNKNOWN

    def _repeats(self, node: nodes.Filter, message: str) -> bool:
        value = self._value(node.node) if node.node is not None else _UNKNOWN
        if value is _UNKNOWN:
            return False
        arguments = [self._value(argument) for argument in node.args]
        keywords = {str(pair.key): self._value(pair.value) for pair in node.kwargs}
        try:
            self._environment.filters[node.name](value, *arguments, **keywords)
        except Exception as error:
            return str(error) == message
        return False

    def _null_element(self, node: nodes.Filter) -> str:
        """The path of a field that `sum(attribute="x")` and its kin meet as NULL; "" for none."""
        found = [pair.value for pair in node.kwargs if pair.key == "attribute"] or node.args[:1]
        path = found[0].value if found and isinstance(found[0], nodes.Const) else None
        elements = self._value(node.node) if node.node is not None else _UNKNOWN
        if not isinstance(path, str) or not isinstance(elements, (list, tuple)):
            return ""
        for element in elements:
            for part in path.split("."):
                element = self._environment.getitem(element, part)
            if element is None:
                return f"{spelling(node.node)}[].{path}"
        return ""

    # -- looking at the tree

    def _nodes(self, kinds: tuple[type[nodes.Node], ...]) -> Iterator[nodes.Node]:
        """Expressions of the failing statement: those on its first line first."""
        found = [node for node in self._tree.find_all(kinds) if self._is_near(node)]
        return iter(sorted(found, key=lambda node: node.lineno))

    def _is_near(self, node: nodes.Node) -> bool:
        return self._lines[0] <= node.lineno <= self._lines[1]

    def _printed(self) -> Iterator[nodes.Node]:
        for output in self._tree.find_all(nodes.Output):
            yield from (node for node in output.nodes if self._is_near(node) and spelling(node))

    def _macros(self) -> Iterable[str]:
        return [name for name, value in self._locals.items() if isinstance(value, Macro)]

    def _defined_in(self, file: str) -> list[str]:
        try:
            module = self._environment.get_template(file).module
        except Exception:
            return []
        return [key for key in vars(module) if not key.startswith("_")]


def _operands(node: nodes.Node) -> Iterator[nodes.Node]:
    for child in node.iter_child_nodes():
        yield child.expr if isinstance(child, nodes.Operand) else child


def _names(frame: FrameType | None) -> dict[str, Any]:
    """The template's names in a compiled function: `l_1_line`, of which the innermost counts."""
    found: dict[str, tuple[int, Any]] = {}
    for name, value in (frame.f_locals if frame is not None else {}).items():
        match = _LOCAL.fullmatch(name)
        if match is not None and value is not missing and found.get(match[2], (-1, None))[0] < int(match[1]):
            found[match[2]] = (int(match[1]), value)
    return {name: value for name, (_, value) in found.items()}


def _within(loop: nodes.For, lines: tuple[int, int]) -> bool:
    last = max((node.lineno for node in loop.find_all(nodes.Node)), default=loop.lineno)
    return loop.lineno <= lines[1] and last >= lines[0]
