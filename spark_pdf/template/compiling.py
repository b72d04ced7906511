"""How a template becomes Python: Jinja2's code generator, with bounds written in and with shorter ways.

In: a syntax tree. Out: what Jinja2 would write, but loops go over counted iterables, `~` and comparisons through
filters that weigh them, and what a template does most (read a field of a struct, print, calculate) stands in the code
itself where values are of plain types. All else goes through the functions that `HELPERS` names, which decide as ever.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.visitor import NodeTransformer

from spark_pdf.template.bounded import JOINED

COUNTED = "counted"
COMPARED = "compared"
HELPERS = ("field", "item", "printed", "escaped", "grouped", "Notes", "add", "multiply", "modulo", "power")
"""Names among an environment's `helpers`, which compiled templates know with a `_` before them."""

_NUMBERS = (int, float)
_MAX_INLINE = 8
"""Fields of fields whose code stands in each other's. Each takes two brackets, of which Python reads 200 at most."""


class Bounded(NodeTransformer):
    """Lets loops go over counted iterables, and `~` through a join that knows how long texts may be."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja2's name
        """Count what is looped over."""
        self.generic_visit(node)
        node.iter = _filter(node.iter, COUNTED)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802 - Jinja2's name
        """`a ~ b`"""
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        parts.set_environment(node.environment)  # type: ignore[arg-type]
        return _filter(parts, JOINED)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802 - Jinja2's name
        """Weigh what is compared. With what the template spells, and with a text or number, that costs nothing."""
        self.generic_visit(node)
        if not isinstance(node.expr, nodes.Const) and not all(isinstance(op.expr, nodes.Const) for op in node.ops):
            node.expr = _filter(node.expr, COMPARED)
        return node


def _filter(node: nodes.Node, name: str) -> nodes.Filter:
    wrapped = nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
    wrapped.set_environment(node.environment)  # type: ignore[arg-type]
    return wrapped


class TemplateCode(CodeGenerator):
    """Compiles a tree after `Bounded` has been through it.

    An expression that is written twice, in its test and in its use, is kept as `_value` in between: nothing else comes
    between the two, so one name serves all.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja2's name
        """The whole template."""
        self._namespaces = {ref.name for ref in node.find_all(nodes.NSRef)}
        self._inline = 0
        for name in HELPERS:
            self.writeline(f"_{name} = environment.helpers[{name!r}]")
        super().visit_Template(Bounded().visit(node), frame)

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`struct.field`"""
        self._member("_field", node.node, node.attr, frame)

    @optimizeconst
    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`struct["field"]`; what is not of this kind, as Jinja2 does it."""
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            self._member("_item", node.node, node.arg.value, frame)
        elif isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
        else:
            self._called("_item", node.node, node.arg, frame)

    def _member(self, helper: str, holder: nodes.Expr, key: str, frame: Frame) -> None:
        """The value under a key of a dict or a namespace; whatever is neither, or lacks the key, is the helper's."""
        if not isinstance(holder, nodes.Name) or holder.ctx != "load":
            if self._inline == _MAX_INLINE:
                self._called(helper, holder, nodes.Const(key), frame)
                return
            self._inline += 1
            self.write(f"(_value[{key!r}] if type(_value := ")
            self.visit(holder, frame)
            self.write(f") is dict and {key!r} in _value else {helper}(_value, {key!r}))")
            self._inline -= 1
            return
        name = frame.symbols.ref(holder.name)
        kind, held = "dict", name
        if holder.name in self._namespaces and not key.startswith("_"):
            kind, held = "_Notes", f"{name}._held"
        self.write(f"({held}[{key!r}] if type({name}) is {kind} and {key!r} in {held} else {helper}(")
        self.visit(holder, frame)  # which fails where the name is not there
        self.write(f", {key!r}))")

    def _called(self, helper: str, left: nodes.Expr, right: nodes.Expr, frame: Frame) -> None:
        self.write(f"{helper}(")
        self.visit(left, frame)
        self.write(", ")
        self.visit(right, frame)
        self.write(")")

    def _operation(self, helper: str, sign: str, node: nodes.BinExpr, frame: Frame, harmless: bool) -> None:
        """An operation that is guarded, unless an operand that the template spells makes it harmless."""
        if not harmless:
            self._called(helper, node.left, node.right, frame)
            return
        self.write("(")
        self.visit(node.left, frame)
        self.write(f" {sign} ")
        self.visit(node.right, frame)
        self.write(")")

    @optimizeconst
    def visit_Add(self, node: nodes.BinExpr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`+`: text and lists can grow by it, and neither can be added to a number."""
        harmless = _spelt(node.left, _NUMBERS) or _spelt(node.right, _NUMBERS)
        self._operation("_add", "+", node, frame, harmless)

    @optimizeconst
    def visit_Mul(self, node: nodes.BinExpr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`*`: text, lists and integers can grow by it, and no fraction makes them."""
        harmless = _spelt(node.left, float) or _spelt(node.right, float)
        self._operation("_multiply", "*", node, frame, harmless)

    @optimizeconst
    def visit_Mod(self, node: nodes.BinExpr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`%`: of text, it formats."""
        self._operation("_modulo", "%", node, frame, _spelt(node.left, _NUMBERS))

    @optimizeconst
    def visit_Pow(self, node: nodes.BinExpr, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`**`"""
        self._operation("_power", "**", node, frame, harmless=False)

    def visit_NSRef(self, node: nodes.NSRef, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """`{% set namespace.name = ... %}`; that it is a namespace, Jinja2 has asked before.

        Not so for `{% set namespace.name %}...{% endset %}`, but nothing else of a template's has what is written to.
        """
        self.writeline(f"{frame.symbols.ref(node.name)}._held[{node.attr!r}]")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - Jinja2's name
        """What is written in a row, in one piece: giving each out by itself costs more than making most of them."""
        if frame.buffer is not None or frame.require_output_check or len(node.nodes) == 1:
            super().visit_Output(node, frame)
            return
        self.writeline("_parts = []")
        frame.buffer = "_parts"
        super().visit_Output(node, frame)
        frame.buffer = None
        self.writeline("yield from _grouped(_parts)")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        """One call for what Jinja2 does in three: finalise, escape, wrap as Markup (which joining would unwrap)."""
        if _plainly(frame):
            self.write("(_escaped(_value) if type(_value := ")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if _plainly(frame):
            self.write(") is str else _printed(_value))")
        else:
            super()._output_child_post(node, frame, finalize)


def _plainly(frame: Frame) -> bool:
    """Whether all that is printed here is escaped, as it is unless the template switches it off."""
    return bool(frame.eval_ctx.autoescape) and not frame.eval_ctx.volatile


def _spelt(node: nodes.Expr, kinds: type | tuple[type, ...]) -> bool:
    """Whether the template spells a number here."""
    return isinstance(node, nodes.Const) and isinstance(node.value, kinds)
