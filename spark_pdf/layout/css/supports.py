"""`@supports`. Specification: CSS Conditional Rules 3 and 4.

In: the tokens of a condition. Out: whether it holds: whether a declaration is one that this engine reads, a selector
one that it matches, a font of a kind that it draws.
"""

from __future__ import annotations

from spark_pdf.layout.css.aliases import ALIASES
from spark_pdf.layout.css.conditions import Answer, ConditionError, holds
from spark_pdf.layout.css.declarations import specified
from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.selector_parser import parse_selectors
from spark_pdf.layout.css.selectors import SelectorError
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.css.tokens import Token, Tokens, ident, is_literal, significant, split
from spark_pdf.layout.css.variables import needs_substitution, well_formed

_FORMATS = ("truetype", "opentype", "woff", "woff2", "collection")
_TECHNOLOGIES = ("features-opentype", "variations")


def supported(tokens: Tokens) -> bool | None:
    """Whether the condition holds; None where it is not well formed."""
    try:
        return holds(tokens, _leaf) is True
    except ConditionError:
        return None


def supports_declaration(tokens: Tokens) -> bool:
    """`name: value`, without the parentheses: whether it would be kept."""
    tokens = significant(tokens)
    if len(tokens) < 2 or ident(tokens[0]) is None or not is_literal(tokens[1], ":"):
        return False
    value = tokens[2:]
    if len(value) > 1 and ident(value[-1]) == "important" and is_literal(value[-2], "!"):
        value = value[:-2]
    name = tokens[0].lower_value
    if name.startswith("--"):
        return True
    name = ALIASES.get(name, name)
    if (name not in PROPERTIES and name not in SHORTHANDS) or not value:
        return False
    if needs_substitution(value):
        return well_formed(value)
    return specified(name, "", value) is not None


def _leaf(token: Token) -> Answer:
    if token.type == "() block":
        return supports_declaration(token.content)
    name = token.lower_name
    if name == "selector":
        try:
            dropped: list[str] = []
            return len(parse_selectors(token.arguments, None, dropped)) == 1 and not dropped
        except SelectorError:
            return False
    words = [ident(word) for part in split(significant(token.arguments)) for word in part]
    if name == "font-format":
        return len(words) == 1 and words[0] in _FORMATS
    return name == "font-tech" and len(words) == 1 and words[0] in _TECHNOLOGIES
