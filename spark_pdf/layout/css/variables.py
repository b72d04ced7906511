"""Custom properties, `var()`, `env()` and `attr()`. CSS Custom Properties 1, Environment Variables 1, Values 5.

In: tokens of declarations as they were written, and what custom properties inherit. Out: the tokens that stand there in
the end; None where a value is invalid at computed-value time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import tinycss2
from tinycss2.ast import CurlyBracketsBlock, FunctionBlock, ParenthesesBlock, SquareBracketsBlock

from spark_pdf.layout.css.calculation import LARGEST
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, sane, serialize, significant, too_deep
from spark_pdf.layout.css.wide import WIDE, Wide

MOST_TOKENS = 10_000
"""Tokens that one value may become: `--b: var(--a) var(--a)`, thirty times over, is a bomb."""
_BLOCKS = {"() block": ParenthesesBlock, "[] block": SquareBracketsBlock, "{} block": CurlyBracketsBlock}
_ENVIRONMENT = ("safe-area-inset-top", "safe-area-inset-right", "safe-area-inset-bottom", "safe-area-inset-left")

Expand = Callable[[Tokens], "dict[str, Any] | None"]


class Custom:
    """The value of a custom property. `text` tells values apart; `names`: the properties that it asks for."""

    __slots__ = ("names", "text", "tokens")

    def __init__(self, tokens: Iterable[Token]) -> None:
        self.tokens = tuple(tokens)
        self.text = serialize(self.tokens)
        self.names = tuple(dict.fromkeys(_names(self.tokens)))


Scope = Mapping[str, Custom]
"""Custom properties of an element, by name, without any `var()` left in them."""
NOTHING: Scope = {}


class Pending:
    """A declaration with `var()` in it: what it says is known with the element's custom properties.

    `attributes`: names of the element's attributes that it asks for by `attr()`.
    """

    __slots__ = ("_known", "attributes", "expand", "names", "tokens")

    _LIMIT = 64

    def __init__(self, tokens: Iterable[Token], expand: Expand) -> None:
        self.tokens = tuple(tokens)
        self.expand = expand
        self.names = tuple(dict.fromkeys(_names(self.tokens)))
        self.attributes = tuple(dict.fromkeys(_attribute_names(self.tokens)))
        self._known: dict[tuple[str | None, ...], dict[str, Any] | None] = {}

    def value(self, attribute: str, scope: Scope) -> Any:
        """The specified value of one longhand; `Wide.UNSET` where it is invalid at computed-value time."""
        found = [scope.get(name) for name in self.names]
        key = tuple([None if custom is None else custom.text for custom in found])
        if key not in self._known:
            if len(self._known) >= self._LIMIT:
                self._known.clear()
            self._known[key] = self._expanded(scope)
        values = self._known[key]
        return Wide.UNSET if values is None else values.get(attribute, Wide.UNSET)

    def _expanded(self, scope: Scope) -> dict[str, Any] | None:
        tokens = substituted(self.tokens, scope)
        return None if tokens is None or too_deep(tokens) else self.expand(tokens)

    def with_attributes(self, attributes: Mapping[str, str]) -> dict[str, Any] | Pending | None:
        """What it says on an element with these attributes: values, or what is still pending."""
        try:
            tokens = _with_attributes(self.tokens, attributes, [MOST_TOKENS])
        except _InvalidError:
            return None
        rest = Pending(tokens, self.expand)
        return rest if rest.names or needs_substitution(tokens) else self.expand(tokens)


class _InvalidError(Exception):
    """Invalid at computed-value time."""


def needs_substitution(tokens: Iterable[Token]) -> bool:
    """Whether `var()` or `env()` stands anywhere in the tokens."""
    return any(
        (token.type == "function" and token.lower_name in ("var", "env")) or needs_substitution(_inner(token))
        for token in tokens
        if token.type == "function" or token.type in _BLOCKS
    )


def needs_attributes(tokens: Iterable[Token]) -> bool:
    """Whether `attr()` stands anywhere in the tokens."""
    return any(True for _ in _attribute_names(tokens))


def _inner(token: Token) -> Tokens:
    if token.type == "function":
        return token.arguments  # type: ignore[no-any-return]
    return token.content if token.type in _BLOCKS else ()


def _names(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        inner = _inner(token)
        if token.type == "function" and token.lower_name == "var":
            arguments = significant(inner)
            if arguments and arguments[0].type == "ident":
                yield arguments[0].value
        yield from _names(inner)


def _attribute_names(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        inner = _inner(token)
        if token.type == "function" and token.lower_name == "attr":
            arguments = significant(inner)
            if arguments and arguments[0].type == "ident":
                yield arguments[0].lower_value
        yield from _attribute_names(inner)


def custom_value(tokens: Tokens) -> Custom | Wide | None:
    """The value of a declaration of a custom property; None where its `var()`s are not well formed."""
    kept = list(tokens)
    while kept and kept[0].type in ("whitespace", "comment"):
        kept.pop(0)
    while kept and kept[-1].type in ("whitespace", "comment"):
        kept.pop()
    if len(kept) == 1 and ident(kept[0]) in WIDE:
        return WIDE[str(ident(kept[0]))]
    return Custom(kept) if well_formed(kept) else None


def well_formed(tokens: Iterable[Token]) -> bool:
    """Whether each `var()` has the name of a custom property, and nothing but a comma behind it."""
    for token in tokens:
        inner = _inner(token)
        if token.type == "error":
            return False
        if token.type == "function" and token.lower_name in ("var", "env"):
            arguments = significant(inner)
            if not arguments or arguments[0].type != "ident":
                return False
            if token.lower_name == "var" and not arguments[0].value.startswith("--"):
                return False
            if len(arguments) > 1 and token.lower_name == "var" and not is_literal(arguments[1], ","):
                return False
        if not well_formed(inner):
            return False
    return True


def substituted(tokens: Tokens, scope: Scope) -> list[Token] | None:
    """The tokens with values in place of `var()` and `env()`; None where one has neither value nor fallback."""
    try:
        return _substituted(tokens, scope, [MOST_TOKENS])
    except _InvalidError:
        return None


def _spend(budget: list[int], count: int) -> None:
    budget[0] -= count
    if budget[0] < 0:
        raise _InvalidError


def _count(tokens: Tokens) -> int:
    return sum(1 + _count(_inner(token)) for token in tokens)


def _substituted(tokens: Tokens, scope: Scope, budget: list[int]) -> list[Token]:
    found: list[Token] = []
    for token in tokens:
        if token.type == "function" and token.lower_name in ("var", "env"):
            found += _value(token, scope, budget)
            continue
        _spend(budget, 1)
        inner = _inner(token)
        if inner:
            found.append(_rebuilt(token, _substituted(inner, scope, budget)))
        else:
            found.append(token)
    return found


def _rebuilt(token: Token, inner: list[Token]) -> Token:
    if token.type == "function":
        return FunctionBlock(token.source_line, token.source_column, token.name, inner)
    return _BLOCKS[token.type](token.source_line, token.source_column, inner)


def _value(token: Token, scope: Scope, budget: list[int]) -> list[Token]:
    """What a `var()` or `env()` stands for."""
    name, fallback = _split_fallback(token.arguments)
    if token.lower_name == "env":
        if name in _ENVIRONMENT:
            return list(tinycss2.parse_component_value_list("0px"))
    elif name in scope:
        custom = scope[name]
        _spend(budget, _count(custom.tokens))
        return list(custom.tokens)
    if fallback is None:
        raise _InvalidError
    return _substituted(fallback, scope, budget)


def _split_fallback(arguments: Tokens) -> tuple[str, Tokens | None]:
    """The name, and what stands behind the first comma."""
    for index, token in enumerate(arguments):
        if is_literal(token, ","):
            names = significant(arguments[:index])
            return (names[0].value if names and names[0].type == "ident" else ""), arguments[index + 1 :]
    names = significant(arguments)
    return (names[0].value if names and names[0].type == "ident" else ""), None


Check = Callable[[str, "Custom | None", Scope], "Custom | None"]
"""By name, value (None: invalid) and what is inherited: the value that a registered property has."""


def custom_scope(
    declared: Mapping[str, Custom | Wide], inherited: Scope, initial: Scope = NOTHING, check: Check | None = None
) -> Scope:
    """The custom properties of an element (CSS Custom Properties 1, 2.3 and 3): cycles make all in them invalid."""
    scope = dict(inherited)
    waiting: dict[str, Custom] = {}
    for name, value in declared.items():
        if isinstance(value, Custom):
            waiting[name] = value
            scope.pop(name, None)
        elif value is Wide.INITIAL:
            scope.pop(name, None)
            if name in initial:
                scope[name] = initial[name]
    resolver = _Resolver(waiting, scope, inherited, check)
    for name in waiting:
        resolver.visit(name)
    return scope


class _Resolver:
    """Substitutes custom properties in each other, depth first and without recursion: chains may be long."""

    def __init__(
        self, waiting: dict[str, Custom], scope: dict[str, Custom], inherited: Scope, check: Check | None
    ) -> None:
        self._waiting = waiting
        self._scope = scope
        self._inherited = inherited
        self._check = check
        self._invalid: set[str] = set()
        self._done: set[str] = set()

    def visit(self, start: str) -> None:
        """Bring a property's value into the scope, those that it asks for first."""
        path: dict[str, Iterator[str]] = {}
        self._enter(start, path)
        while path:
            name = next(reversed(path))
            wanted = next(path[name], None)
            if wanted is None:
                del path[name]
                self._finish(name)
            elif wanted in path:
                names = list(path)
                self._invalid.update(names[names.index(wanted) :])
            else:
                self._enter(wanted, path)

    def _enter(self, name: str, path: dict[str, Iterator[str]]) -> None:
        if name in self._waiting and name not in self._done:
            path[name] = iter(self._waiting[name].names)

    def _finish(self, name: str) -> None:
        self._done.add(name)
        custom = None if name in self._invalid else self._value(self._waiting[name])
        if self._check is not None:
            custom = self._check(name, custom, self._inherited)
        if custom is not None:
            self._scope[name] = custom

    def _value(self, custom: Custom) -> Custom | None:
        if not custom.names and not needs_substitution(custom.tokens):
            return custom
        tokens = substituted(custom.tokens, self._scope)
        return None if tokens is None or too_deep(tokens) else Custom(tokens)


# attr()


def _with_attributes(tokens: Tokens, attributes: Mapping[str, str], budget: list[int]) -> list[Token]:
    found: list[Token] = []
    for token in tokens:
        if token.type == "function" and token.lower_name == "attr":
            found += _attribute(token.arguments, attributes, budget)
            continue
        _spend(budget, 1)
        inner = _inner(token)
        found.append(_rebuilt(token, _with_attributes(inner, attributes, budget)) if inner else token)
    return found


_NUMBERS = ("number", "integer")
_TYPES = ("string", "raw-string", "color", "url", "length", "angle", "percentage", "ident", *_NUMBERS)


def _attribute(arguments: Tokens, attributes: Mapping[str, str], budget: list[int]) -> list[Token]:
    """`attr(name type, fallback)`: Values 5, 7.7, and the types of its earlier drafts."""
    head, fallback = arguments, None
    for index, token in enumerate(arguments):
        if is_literal(token, ","):
            head, fallback = arguments[:index], arguments[index + 1 :]
            break
    words = significant(head)
    kind = _kind(words[1:])
    if not words or words[0].type != "ident" or kind is None:
        raise _InvalidError
    text = attributes.get(words[0].lower_value)
    if text is not None and len(text) <= 10_000:
        value = _typed(text, kind)
        if value is not None:
            _spend(budget, len(value))
            return value
    if fallback is None:
        if kind == "string":
            return _string("")
        raise _InvalidError
    return _with_attributes(fallback, attributes, budget)


def _kind(words: Tokens) -> str | None:
    """The type that is asked for: "string", a unit, `type(<length>)` as "length", "*" for anything."""
    if not words:
        return "string"
    if len(words) > 1:
        return None
    word = words[0]
    if word.type == "function" and word.lower_name == "type":
        text = serialize(word.arguments).replace(" ", "")
        return text.strip("<>") if text.strip("<>") in _TYPES or text == "*" else None
    return "%" if is_literal(word, "%") else ident(word)


def _string(text: str) -> list[Token]:
    return list(tinycss2.parse_component_value_list(tinycss2.serialize([tinycss2.ast.StringToken(1, 1, text, "")])))


def _typed(text: str, kind: str) -> list[Token] | None:
    """The attribute's text as a value of the type; None where it is none."""
    if kind in ("string", "raw-string"):
        return [tinycss2.ast.StringToken(1, 1, text, '"' + tinycss2.serializer.serialize_string_value(text) + '"')]
    if kind == "url":
        return [tinycss2.ast.URLToken(1, 1, text, "url()")]
    tokens = significant(tinycss2.parse_component_value_list(sane(text.strip())))
    if too_deep(tokens):
        return None
    if kind in ("color", "ident", "*"):
        return tokens if kind != "ident" or (len(tokens) == 1 and tokens[0].type == "ident") else None
    if len(tokens) != 1 or tokens[0].type not in ("number", "percentage", "dimension"):
        return None
    number = tokens[0]
    if abs(number.value) > LARGEST:
        return None
    if kind in _NUMBERS:
        return tokens if number.type == "number" and (kind == "number" or number.is_integer) else None
    if kind in ("length", "angle"):
        return tokens if number.type == "dimension" else None
    if kind == "percentage":
        return tokens if number.type == "percentage" else None
    if number.type != "number":
        return None
    return list(tinycss2.parse_component_value_list(f"{number.representation}{kind}"))
