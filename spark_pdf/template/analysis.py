"""What a template reads of a record: its syntax trees in, a tree of `Need`s out.

An abstract run of the template: every expression has a `Value`, the set of fields that it may be; names are bound by
`for`, `set`, `with`, `import`, macro parameters; each branch is taken; a macro is run at each call with what it is
given. Nothing is executed. Where a value goes where it cannot be followed (an unknown function, a dict), its field is
marked `whole`: anything below it may be read, and nothing there is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from spark_pdf.errors import BundleError, Place
from spark_pdf.template.environment import TemplateEnvironment, decode
from spark_pdf.template.naming import did_you_mean, nearest
from spark_pdf.template.needs import ITEM, Need, Use, words
from spark_pdf.template.page import INTERNAL, RECORD, unreadable
from spark_pdf.template.scopes import NOTHING, Macro, Scope, Value
from spark_pdf.template.settings import BundleSettings

_MAX_DEPTH = 40
_MAX_CALLS = 5_000
_SAME = words("sort reverse list unique select reject selectattr rejectattr default d")
_ONE = frozenset({"first", "last", "min", "max"})
_NESTED = frozenset({"batch", "slice"})
_BY_ATTRIBUTE = words("sort unique min max sum join groupby map")
_BY_FIRST_ARGUMENT = frozenset({"groupby", "selectattr", "rejectattr"})
_USES = {"money": Use.NUMBER, "number": Use.NUMBER, "percent": Use.NUMBER, "date": Use.DATE, "datetime": Use.DATE}
# Filters that take text, numbers or lists and give what has no fields: their value need not be followed.
_PLAIN = words(
    "abs capitalize center count e escape filesizeformat float forceescape format indent int join length "
    "lower money number percent date datetime time replace round safe string striptags sum title trim "
    "truncate upper urlencode urlize wordcount wordwrap"
)
_TYPE_TESTS = words("string number integer float boolean mapping sequence iterable callable true false")


def analyse(files: Mapping[str, bytes], entry: str, settings: BundleSettings) -> Need:
    """The needs of `entry` and of all that it takes in. Raises `TemplateError` where a template cannot be parsed."""
    analysis = _Analysis(files, settings)
    try:
        return analysis.run(entry)
    except RecursionError as error:
        raise unreadable(error, entry, analysis.environment) from None


class _Analysis:
    def __init__(self, files: Mapping[str, bytes], settings: BundleSettings) -> None:
        self.environment = TemplateEnvironment(files, settings)
        self.files = files
        self.root = Need("")
        self.trees: dict[str, nodes.Template] = {}
        self.file = ""
        self.depth = 0
        self.calls = 0
        self.blocks: dict[str, list[tuple[str, nodes.Block]]] = {}
        self.ends: set[str] = set()
        self.top = Scope()

    def run(self, entry: str) -> Need:
        """Walk the entry, its ancestors and what they include."""
        self.template(entry, self.top)
        for name in self.environment.globals:
            # A column may have the name of a global, which it then hides.
            if name in self.ends and name not in self.root.children:
                self.root.child(name).seen(Place(entry), required=False)
        return self.root

    # -- templates

    def tree(self, file: str, place: Place | None) -> nodes.Template:
        """The syntax tree of a file of the bundle."""
        if file not in self.trees:
            data = self.files.get(file)
            if data is None:
                near = did_you_mean(nearest(file, self.files))
                raise BundleError(f"the template '{file}' is not in the bundle{near}", place=place)
            try:
                self.trees[file] = self.environment.parse(decode(data), file)
            except (SyntaxError, TemplateSyntaxError, RecursionError, ValueError) as error:
                raise unreadable(error, file, self.environment) from None
            self.refuse_unknown(self.trees[file], file)
        return self.trees[file]

    def refuse_unknown(self, tree: nodes.Template, file: str) -> None:
        """Filters and tests that do not exist are found now, not when a record first comes by."""
        kinds: tuple[tuple[type[nodes.Expr], Mapping[str, Any], str], ...] = (
            (nodes.Filter, self.environment.filters, "filter"),
            (nodes.Test, self.environment.tests, "test"),
        )
        for kind, known, word in kinds:
            for node in tree.find_all(kind):
                name: str = node.name  # type: ignore[attr-defined]
                if name not in known:
                    hint = did_you_mean(nearest(name, [one for one in known if one not in INTERNAL]))
                    raise BundleError(f"there is no {word} '{name}'{hint}", place=Place(file, node.lineno))

    def template(self, file: str, scope: Scope, place: Place | None = None) -> None:
        """One template: its blocks are those of the most derived one."""
        tree = self.tree(file, place)
        self.calls += 1
        if self.depth > _MAX_DEPTH or self.calls > _MAX_CALLS:
            self.root.whole = True
            return
        self.depth += 1
        previous, self.file = self.file, file
        for block in tree.find_all(nodes.Block):
            self.blocks.setdefault(block.name, []).append((file, block))
        extends = tree.find(nodes.Extends)
        if extends is None:
            self.body(tree.body, scope)
        else:
            # What a derived template prints outside of blocks goes nowhere; what it sets, holds.
            self.body(
                [node for node in tree.body if not isinstance(node, (nodes.Output, nodes.Block, nodes.Extends))], scope
            )
            self.each_name(extends.template, lambda name: self.template(name, scope, self.place(extends)))
        self.file = previous
        self.depth -= 1

    def each_name(self, expression: nodes.Expr, visit: Callable[[str], None], excused: bool = False) -> None:
        """Visit each template that a constant expression names; a computed one may be any, and read anything."""
        found = [
            node.value for node in (expression, *expression.find_all(nodes.Const)) if isinstance(node, nodes.Const)
        ]
        names = [name for name in found if isinstance(name, str)]
        if not isinstance(expression, (nodes.Const, nodes.List, nodes.Tuple)):
            self.expression(expression, self.top)
            self.root.whole = True
            return
        several = len(names) > 1
        for name in names:
            if name in self.files or not (excused or several):
                visit(name)
                return

    # -- statements

    def place(self, node: nodes.Node) -> Place:
        """Where a node stands."""
        return Place(self.file, node.lineno)

    def body(self, statements: Iterable[nodes.Node], scope: Scope) -> None:
        """Statements in order, in one scope."""
        for node in statements:
            handler = getattr(self, f"on_{type(node).__name__.lower()}", None)
            if handler is not None:
                handler(node, scope)
            else:
                self.anything(node, scope)

    def anything(self, node: nodes.Node, scope: Scope) -> None:
        """A statement of no known kind: every name in it is read as a whole."""
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Expr):
                self.escape(self.expression(child, scope))
            else:
                self.body([child], scope)

    def on_output(self, node: nodes.Output, scope: Scope) -> None:
        """`{{ ... }}`"""
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                self.use(self.expression(part, scope), Use.PRINTED, self.place(part))

    def on_for(self, node: nodes.For, scope: Scope) -> None:
        """`{% for target in iter if test %}`"""
        iterated = self.expression(node.iter, scope)
        inner = scope.copy()
        inner.names["loop"] = NOTHING
        self.bind(node.target, self.elements(iterated, self.place(node)), inner)
        if node.test is not None:
            self.expression(node.test, inner)
        self.body(node.body, inner)
        self.body(node.else_, scope.copy())

    def on_if(self, node: nodes.If, scope: Scope) -> None:
        """Each branch; what a branch sets, the name may be afterwards, beside what it was."""
        before = dict(scope.names)
        self.expression(node.test, scope)
        after: list[dict[str, Value]] = []
        branches: list[Sequence[nodes.Node]] = [node.body, *[[other] for other in node.elif_], node.else_]
        for branch in branches:
            scope.names = dict(before)
            self.body(branch, scope)
            after.append(scope.names)
        scope.names = before
        for name in {name: None for names in after for name in names}:
            value = NOTHING
            for names in after:
                known = names.get(name) or (scope.parent.find(name) if scope.parent else None)
                # Where a branch does not set it, the name is still the record's column, if it has one.
                value = value.joined(known if known is not None else self.column(name, None, required=False))
            scope.names[name] = value

    def on_assign(self, node: nodes.Assign, scope: Scope) -> None:
        """`{% set target = value %}`"""
        self.bind(node.target, self.expression(node.node, scope), scope)

    def on_assignblock(self, node: nodes.AssignBlock, scope: Scope) -> None:
        """`{% set target %}...{% endset %}`"""
        self.body(node.body, scope.copy())
        self.bind(node.target, NOTHING, scope)

    def on_with(self, node: nodes.With, scope: Scope) -> None:
        """`{% with a = b %}`"""
        inner = scope.copy()
        for target, value in zip(node.targets, node.values, strict=True):
            self.bind(target, self.expression(value, scope), inner)
        self.body(node.body, inner)

    def on_filterblock(self, node: nodes.FilterBlock, scope: Scope) -> None:
        """`{% filter upper %}`"""
        self.body(node.body, scope.copy())
        for argument in node.filter.args:
            self.escape(self.expression(argument, scope))

    def on_scope(self, node: nodes.Scope, scope: Scope) -> None:
        """A scope of its own."""
        self.body(node.body, scope.copy())

    on_scopedevalcontextmodifier = on_scope

    def on_macro(self, node: nodes.Macro, scope: Scope) -> None:
        """A definition: its body counts where it is called."""
        scope.names[node.name] = Value(macros=(Macro(node, scope, self.file),))

    def on_callblock(self, node: nodes.CallBlock, scope: Scope) -> None:
        """`{% call(args) macro(...) %}`: the body runs where the macro calls `caller`."""
        self.call(node.call, scope, caller=Value(macros=(Macro(node, scope, self.file),)))

    def on_block(self, node: nodes.Block, scope: Scope) -> None:
        """The most derived block of this name, in the scope of the whole template unless it is `scoped`."""
        self.block(node.name, 0, scope if node.scoped else self.top)

    def block(self, name: str, level: int, scope: Scope) -> None:
        """The block at a level of derivation; `super()` in it takes the next one in."""
        chain = self.blocks.get(name, [])
        if level >= len(chain) or self.depth > _MAX_DEPTH:
            return
        self.depth += 1
        previous = self.file
        self.file, node = chain[level]
        inner = scope.copy()
        inner.names["super"] = NOTHING
        self.body(node.body, inner)
        calls_parent = any(isinstance(n, nodes.Name) and n.name == "super" for n in node.find_all(nodes.Name))
        self.file = previous
        if calls_parent:
            self.block(name, level + 1, scope)
        self.depth -= 1

    def on_include(self, node: nodes.Include, scope: Scope) -> None:
        """`{% include "x" %}`: sees what is in scope, keeps what it sets."""
        inner = scope.copy() if node.with_context else Scope()
        outer_blocks, outer_top = self.blocks, self.top
        self.blocks, self.top = {}, inner
        self.each_name(node.template, lambda name: self.template(name, inner, self.place(node)), node.ignore_missing)
        self.blocks, self.top = outer_blocks, outer_top

    def module(self, node: nodes.Import | nodes.FromImport) -> dict[str, Value] | None:
        """What an imported template defines; None where its name is computed."""
        if not isinstance(node.template, nodes.Const):
            self.root.whole = True
            return None
        inner = Scope()
        outer_blocks, outer_top = self.blocks, self.top
        self.blocks, self.top = {}, inner
        self.template(node.template.value, inner, self.place(node))
        self.blocks, self.top = outer_blocks, outer_top
        return inner.names

    def on_import(self, node: nodes.Import, scope: Scope) -> None:
        """`{% import "x" as m %}`"""
        names = self.module(node)
        scope.names[node.target] = Value(names=names) if names is not None else NOTHING

    def on_fromimport(self, node: nodes.FromImport, scope: Scope) -> None:
        """`{% from "x" import a, b as c %}`"""
        names = self.module(node)
        for entry in node.names:
            name, alias = entry if isinstance(entry, tuple) else (entry, entry)
            scope.names[alias] = (names or {}).get(name, NOTHING)

    # -- binding and reading

    def bind(self, target: nodes.Node, value: Value, scope: Scope) -> None:
        """Bind a name, or the parts of a tuple; what is kept on a namespace can no longer be followed."""
        if isinstance(target, nodes.Name):
            scope.names[target.name] = value
        elif isinstance(target, (nodes.Tuple, nodes.List)):
            parts = value.parts
            if len(parts) != len(target.items):
                self.escape(value)
                parts = (NOTHING,) * len(target.items)
            for item, part in zip(target.items, parts, strict=True):
                self.bind(item, part, scope)
        else:
            self.escape(value)

    def column(self, name: str, place: Place | None, required: bool) -> Value:
        """A column of the record, as a name that nothing has bound."""
        need = self.root.child(name)
        if place is not None:
            need.seen(place, required)
        return Value(needs=((need, not required),))

    def name(self, node: nodes.Name, scope: Scope, required: bool) -> Value:
        """What a name stands for."""
        bound = scope.find(node.name)
        if bound is not None:
            return bound
        if node.name in self.environment.globals:
            self.ends.add(node.name)
            return NOTHING
        if node.name in ("self", "caller", "varargs", "kwargs"):
            return NOTHING
        if node.name == RECORD:
            value = self.column(RECORD, self.place(node), required=False)
            return replace(value, needs=(*value.needs, (self.root, False)))
        return self.column(node.name, self.place(node), required)

    def attribute(self, base: Value, name: str, place: Place, required: bool) -> Value:
        """A field of what `base` may be."""
        if base.names is not None and name in base.names:
            return base.names[name]
        if base.parts and name in ("grouper", "list"):
            return base.parts[("grouper", "list").index(name)]
        found = []
        for need, excused in base.needs:
            below = need.child(name)
            below.seen(place, required and not excused)
            found.append((below, excused or not required))
        return Value(needs=tuple(found))

    def dotted(self, base: Value, path: object, place: Place, required: bool = True) -> Value:
        """A field by the `attribute="a.b"` of a filter; a computed one may be any."""
        if not isinstance(path, str):
            self.escape(base)
            return NOTHING
        for part in path.split("."):
            base = self.item(base, place) if part.isdigit() else self.attribute(base, part, place, required)
        return base

    def item(self, base: Value, place: Place) -> Value:
        """An element of what `base` may be, by index or computed key."""
        found = []
        for need, excused in base.needs:
            below = need.child(ITEM)
            below.seen(place, required=False)
            found.append((below, excused))
        value = Value(needs=tuple(found))
        if base.items is not None:
            value = value.joined(base.items)
        for part in base.parts:
            value = value.joined(part)
        return value

    def elements(self, base: Value, place: Place) -> Value:
        """What a loop over `base` goes through."""
        self.use(base, Use.LOOPED, place)
        if base.items is not None and not base.needs:
            return base.items
        return self.item(base, place)

    def use(self, value: Value, use: Use, place: Place) -> None:
        """Note how fields are used."""
        for need, _ in value.needs:
            need.uses.setdefault(use, place)
            if need is self.root:
                need.whole = True

    def escape(self, value: Value) -> None:
        """A value goes where it cannot be followed: anything of it may be read, and a macro may be called."""
        for need, _ in value.needs:
            need.whole = need.loose = True
        for inner in (value.items, *value.parts, *(value.names or {}).values()):
            if inner is not None and inner is not value:
                self.escape(inner)
        for macro in value.macros:
            self.run_macro(macro, [], {}, NOTHING)

    # -- expressions

    def expression(self, node: nodes.Node, scope: Scope, required: bool = True) -> Value:
        """What an expression may be; reading it is noted on the way."""
        if isinstance(node, nodes.Name):
            return self.name(node, scope, required)
        if isinstance(node, nodes.Getattr):
            return self.attribute(self.expression(node.node, scope), node.attr, self.place(node), required)
        if isinstance(node, nodes.Getitem):
            return self.subscript(node, scope, required)
        if isinstance(node, nodes.Call):
            return self.call(node, scope)
        if isinstance(node, nodes.Filter):
            return self.filter(node, scope)
        if isinstance(node, nodes.Test):
            return self.test(node, scope)
        return self.operator(node, scope)

    def subscript(self, node: nodes.Getitem, scope: Scope, required: bool) -> Value:
        """`a["b"]`, `a[0]`, `a[1:]`, `a[key]`"""
        base = self.expression(node.node, scope)
        if isinstance(node.arg, nodes.Const):
            if isinstance(node.arg.value, str):
                return self.attribute(base, node.arg.value, self.place(node), required)
            return self.item(base, self.place(node))
        if isinstance(node.arg, nodes.Neg) and isinstance(node.arg.node, nodes.Const):
            return self.item(base, self.place(node))  # ls[-1]
        if isinstance(node.arg, nodes.Slice):
            for bound in node.arg.iter_child_nodes():
                self.expression(bound, scope)
            return base
        self.expression(node.arg, scope)
        for need, _ in base.needs:
            need.whole = True
        return self.item(base, self.place(node)).excused()

    def operator(self, node: nodes.Node, scope: Scope) -> Value:
        """Choices are either side; literals have parts; what is computed has no fields."""
        if isinstance(node, (nodes.And, nodes.Or)):
            return self.expression(node.left, scope).joined(self.expression(node.right, scope))
        if isinstance(node, nodes.CondExpr):
            self.expression(node.test, scope)
            chosen = self.expression(node.expr1, scope)
            return chosen.joined(self.expression(node.expr2, scope)) if node.expr2 is not None else chosen
        if isinstance(node, (nodes.List, nodes.Tuple)):
            parts = tuple(self.expression(item, scope) for item in node.items)
            items = NOTHING
            for part in parts:
                items = items.joined(part)
            return Value(items=items, parts=parts if isinstance(node, nodes.Tuple) else ())
        if isinstance(node, nodes.Dict):
            for pair in node.items:
                self.expression(pair.key, scope)
                self.escape(self.expression(pair.value, scope))
            return NOTHING
        if isinstance(node, (nodes.Add, nodes.Concat)):
            operands = [self.expression(child, scope) for child in node.iter_child_nodes()]
            if isinstance(node, nodes.Concat):
                for operand in operands:
                    self.use(operand, Use.PRINTED, self.place(node))
                return NOTHING
            return operands[0].joined(operands[1])  # lists can be added
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Operand):
                self.expression(child.expr, scope)
            elif isinstance(child, nodes.Expr):
                self.expression(child, scope)
        return NOTHING

    def test(self, node: nodes.Test, scope: Scope) -> Value:
        """`x is defined` excuses x wherever it is read; asking for a type allows any."""
        asks = node.name in ("defined", "undefined")
        value = self.expression(node.node, scope, required=not asks)
        for need, _ in value.needs:
            if asks:
                need.guarded = True
            if node.name in _TYPE_TESTS:
                need.loose = True
        for argument in node.args:
            self.expression(argument, scope)
        return NOTHING

    def filter(self, node: nodes.Filter, scope: Scope) -> Value:
        """A filter: passes elements on, picks from them, reads attributes of them, or makes plain text."""
        name, place = node.name, self.place(node)
        has_default = name in ("default", "d")
        base = self.expression(node.node, scope, required=not has_default) if node.node is not None else NOTHING
        arguments = [self.expression(argument, scope) for argument in node.args]
        keywords = {pair.key: self.expression(pair.value, scope) for pair in node.kwargs}
        if has_default:
            return base.excused().joined(arguments[0] if arguments else NOTHING)
        if name in _USES:
            self.use(base, _USES[name], place)
        attribute = self.attribute_argument(node)
        if name in _BY_ATTRIBUTE | _BY_FIRST_ARGUMENT and attribute is not None:
            return self.by_attribute(node, base, attribute)
        if name == "map" and node.args and isinstance(node.args[0], nodes.Const):
            inner = self.elements(base, place)
            if node.args[0].value in _USES:
                self.use(inner, _USES[node.args[0].value], place)
            return self.after_map(inner, node.args[0].value)
        if name == "sum" and len(node.args) < 2 and "start" not in keywords:
            self.use(self.elements(base, place), Use.NUMBER, place)
        if name == "join":
            self.use(self.elements(base, place), Use.PRINTED, place)
        if name in _SAME:
            return base
        if name in _ONE:
            return self.elements(base, place)
        if name in _NESTED:
            return Value(items=Value(items=self.elements(base, place)))
        if name not in _PLAIN:
            for value in (base, *arguments, *keywords.values()):
                self.escape(value)
        return NOTHING

    def after_map(self, inner: Value, name: object) -> Value:
        """Elements after `map("filter")`."""
        if name in _SAME:
            return Value(items=inner)
        if name not in _PLAIN:
            self.escape(inner)
        return Value(items=NOTHING)

    def attribute_argument(self, node: nodes.Filter) -> nodes.Expr | None:
        """The `attribute=` of a filter, or its first argument where that is one."""
        for pair in node.kwargs:
            if pair.key == "attribute":
                return pair.value
        if node.name in _BY_FIRST_ARGUMENT and node.args:
            return node.args[0]
        place = {"sum": 0, "join": 1, "min": 1, "max": 1, "unique": 1, "sort": 2}.get(node.name)
        return node.args[place] if place is not None and len(node.args) > place else None

    def by_attribute(self, node: nodes.Filter, base: Value, attribute: nodes.Expr) -> Value:
        """Filters that look at a field of each element."""
        place, inner = self.place(node), self.elements(base, self.place(node))
        path = attribute.value if isinstance(attribute, nodes.Const) else None
        if path is None and isinstance(attribute, nodes.Const):
            return base
        excused = any(pair.key == "default" for pair in node.kwargs)
        tests = [a.value for a in node.args[1:2] if isinstance(a, nodes.Const)] if node.name.endswith("attr") else []
        required = not excused and tests not in (["defined"], ["undefined"])
        paths = path.split(",") if isinstance(path, str) and node.name == "sort" else [path]
        fields = [self.dotted(inner, one, place, required) for one in paths]
        # sum(start=[]) makes one list of many
        if node.name == "sum" and len(node.args) < 2 and all(pair.key != "start" for pair in node.kwargs):
            self.use(fields[0], Use.NUMBER, place)
        if node.name == "map":
            return Value(items=fields[0])
        if node.name == "groupby":
            group = Value(parts=(fields[0], Value(items=inner)))
            return Value(items=group)
        if node.name in ("min", "max"):
            return inner
        return base if node.name in _SAME else NOTHING

    # -- calls

    def call(self, node: nodes.Call, scope: Scope, caller: Value = NOTHING) -> Value:
        """A macro is run with what it is given; what goes to any other function can no longer be followed."""
        callee = self.callee(node, scope)
        arguments = [self.expression(argument, scope) for argument in node.args]
        keywords = {pair.key: self.expression(pair.value, scope) for pair in node.kwargs}
        for spread in (node.dyn_args, node.dyn_kwargs):
            if spread is not None:
                self.escape(self.expression(spread, scope))
        if callee.macros:
            for macro in callee.macros:
                self.run_macro(macro, arguments, keywords, caller)
            return NOTHING
        for value in (*arguments, *keywords.values(), caller):
            self.escape(value)
        return NOTHING

    def callee(self, node: nodes.Call, scope: Scope) -> Value:
        """What is called; `self.block()` is a block, and a method's object is only read."""
        target = node.node
        if isinstance(target, nodes.Getattr) and isinstance(target.node, nodes.Name) and target.node.name == "self":
            self.block(target.attr, 0, self.top)
            return NOTHING
        return self.expression(target, scope)

    def run_macro(self, macro: Macro, arguments: list[Value], keywords: dict[str, Value], caller: Value) -> None:
        """Walk a macro's body with its parameters bound."""
        self.calls += 1
        if self.depth > _MAX_DEPTH or self.calls > _MAX_CALLS:
            self.root.whole = True
            for value in (*arguments, *keywords.values()):
                for need, _ in value.needs:
                    need.whole = need.loose = True
            return
        node, inner = macro.node, macro.scope.copy()
        names = [argument.name for argument in node.args]
        first_default = len(names) - len(node.defaults)
        for index, name in enumerate(names):
            given = arguments[index] if index < len(arguments) else keywords.get(name)
            if given is None and index >= first_default:
                given = self.expression(node.defaults[index - first_default], inner)
            inner.names[name] = given if given is not None else NOTHING
        for value in (*arguments[len(names) :], *(v for k, v in keywords.items() if k not in names)):
            self.escape(value)
        if isinstance(node, nodes.Macro):
            inner.names["caller"] = caller
        self.depth += 1
        previous, self.file = self.file, macro.file
        self.body(node.body, inner)
        self.file = previous
        self.depth -= 1
