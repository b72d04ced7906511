"""Generated content. Specifications: CSS Content 3, Lists 3, GCPM 3.

In: significant tokens. Out: the specified value, or None. Items are described at `style.ContentItem`.
"""

from __future__ import annotations

from typing import Any

from spark_pdf.layout.css.image_parsers import gradient, image
from spark_pdf.layout.css.parsers import custom_ident, slash_split, url
from spark_pdf.layout.css.text_parsers import list_style_type
from spark_pdf.layout.css.tokens import Token, Tokens, function_arguments, ident, significant, split
from spark_pdf.layout.values import Url

Item = tuple[Any, ...]


def counters(default: int) -> Any:
    """`counter-reset` and its kin: (name, value) pairs; "none" is ()."""

    def parse(tokens: Tokens) -> tuple[tuple[str, int], ...] | None:
        if len(tokens) == 1 and ident(tokens[0]) == "none":
            return ()
        pairs: list[tuple[str, int]] = []
        for token in tokens:
            if token.type == "number" and token.is_integer and pairs and pairs[-1][1] is _UNSET:
                pairs[-1] = (pairs[-1][0], int(token.int_value))
            else:
                name = custom_ident(token, "none")
                if name is None:
                    return None
                pairs.append((name, _UNSET))
        return tuple((name, default if value is _UNSET else value) for name, value in pairs)

    return parse


_UNSET: Any = object()
_QUOTES = ("open-quote", "close-quote", "no-open-quote", "no-close-quote")


def content(tokens: Tokens) -> str | tuple[Item, ...] | None:
    """`content`: "normal", "none" or items. The text for speech behind a slash is read and not kept."""
    if len(tokens) == 1 and ident(tokens[0]) in ("normal", "none"):
        return ident(tokens[0])
    shown, spoken = slash_split(tokens)
    if spoken is not None and (not spoken or any(content_item(token) is None for token in spoken)):
        return None
    items = [content_item(token) for token in shown]
    return None if None in items or not items else tuple(item for item in items if item is not None)


def content_item(token: Token) -> Item | None:
    """One item of generated content."""
    if token.type == "string":
        return "string", token.value
    if ident(token) in _QUOTES:
        return "quote", ident(token)
    if ident(token) == "contents":
        return "content", "text"
    found = url(token)
    if found is not None:
        return "url", found
    if token.type != "function":
        return None
    if gradient(token) is not None:
        return "image", gradient(token)
    arguments = split(significant(token.arguments))
    if token.lower_name == "attr":
        return _attribute(arguments)
    reader = _FUNCTIONS.get(token.lower_name)
    if reader is None:
        picture = image(token)
        return None if picture is None else ("url" if isinstance(picture, Url) else "image", picture)
    if token.lower_name != "content" and any(len(argument) != 1 for argument in arguments):
        return None
    item: Item | None = reader([argument[0] if argument else None for argument in arguments])
    return item


def _counter(arguments: list[Token]) -> Item | None:
    name = custom_ident(arguments[0], "none")
    style = list_style_type(arguments[1:]) if len(arguments) == 2 else "decimal"
    return ("counter", name, style) if name and style and len(arguments) <= 2 else None


def _counters(arguments: list[Token]) -> Item | None:
    if len(arguments) not in (2, 3) or arguments[1].type != "string":
        return None
    name = custom_ident(arguments[0], "none")
    style = list_style_type(arguments[2:]) if len(arguments) == 3 else "decimal"
    return ("counters", name, arguments[1].value, style) if name and style else None


def _attribute(arguments: list[list[Token]]) -> Item | None:
    """`attr(name)`, `attr(name string)`, `attr(name, "fallback")`."""
    first = arguments[0]
    name = ident(first[0]) if first else None
    kind = ident(first[1]) if len(first) == 2 else "string"
    if name is None or len(first) > 2 or kind not in ("string", "raw-string") or len(arguments) > 2:
        return None
    if len(arguments) == 1:
        return "attr", name
    fallback = arguments[1]
    if len(fallback) != 1 or fallback[0].type != "string":
        return None
    return "attr", name, fallback[0].value


def _page_keyword(arguments: list[Token], kind: str) -> Item | None:
    name = custom_ident(arguments[0])
    which = ident(arguments[1]) if len(arguments) == 2 else "first"
    known = which in ("first", "start", "last", "first-except")
    return (kind, name, which) if name and known and len(arguments) <= 2 else None


def _string(arguments: list[Token]) -> Item | None:
    return _page_keyword(arguments, "string-ref")


def _element(arguments: list[Token]) -> Item | None:
    return _page_keyword(arguments, "element")


_PARTS = ("text", "before", "after", "first-letter", "marker")


def _content(arguments: list[Token]) -> Item | None:
    which = "text" if arguments[0] is None else ident(arguments[0])
    return ("content", which) if which in _PARTS and len(arguments) == 1 else None


def _target(token: Token) -> Item | None:
    """What a `target-*()` points to: ("string", "#id"), ("url", Url) or ("attr", name)."""
    if token.type == "string":
        return "string", token.value
    found = url(token)
    if found is not None:
        return "url", found
    arguments = function_arguments(token, "attr")
    if arguments is None or not arguments or ident(arguments[0]) is None:
        return None
    plain = len(arguments) == 1 or (len(arguments) == 2 and ident(arguments[1]) in ("url", "string"))
    return ("attr", ident(arguments[0])) if plain else None


def _target_counter(arguments: list[Token]) -> Item | None:
    if len(arguments) not in (2, 3):
        return None
    target, counter = _target(arguments[0]), _counter(arguments[1:])
    return None if target is None or counter is None else ("target-counter", target, *counter[1:])


def _target_counters(arguments: list[Token]) -> Item | None:
    if len(arguments) not in (3, 4):
        return None
    target, counter = _target(arguments[0]), _counters(arguments[1:])
    return None if target is None or counter is None else ("target-counters", target, *counter[1:])


def _target_text(arguments: list[Token]) -> Item | None:
    target = _target(arguments[0])
    which = ident(arguments[1]) if len(arguments) == 2 else "content"
    known = which in ("content", "before", "after", "first-letter") and len(arguments) <= 2
    return ("target-text", target, which) if target is not None and known else None


_LEADERS = {"dotted": ".", "solid": "_", "space": " "}


def _leader(arguments: list[Token]) -> Item | None:
    if len(arguments) != 1 or arguments[0] is None:
        return None
    text = arguments[0].value if arguments[0].type == "string" else _LEADERS.get(ident(arguments[0]) or "")
    return ("leader", text) if text else None


_FUNCTIONS: dict[str, Any] = {
    "counter": _counter,
    "counters": _counters,
    "string": _string,
    "element": _element,
    "content": _content,
    "target-counter": _target_counter,
    "target-counters": _target_counters,
    "target-text": _target_text,
    "leader": _leader,
}


def string_set(tokens: Tokens) -> tuple[tuple[str, tuple[Item, ...]], ...] | None:
    """(name, items) pairs; "none" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    pairs: list[tuple[str, tuple[Item, ...]]] = []
    for part in split(tokens):
        name = custom_ident(part[0], "none") if part else None
        items = content(part[1:]) if len(part) > 1 else None
        if name is None or not isinstance(items, tuple):
            return None
        pairs.append((name, items))
    return tuple(pairs)


def bookmark_label(tokens: Tokens) -> tuple[Item, ...] | None:
    """The items of a bookmark's text; "none" is ()."""
    if len(tokens) == 1 and ident(tokens[0]) == "none":
        return ()
    found = content(tokens)
    return found if isinstance(found, tuple) else None
