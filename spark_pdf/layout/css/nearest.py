"""What was meant by a name or value that is not valid: the nearest that is.

In: the name as written. Out: a hint for the end of a message, or "". Asked of what a sheet drops only, and remembered,
since a document may write the same mistake into each of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from tinycss2.ast import DimensionToken, IdentToken

from spark_pdf.layout.css.properties import PROPERTIES
from spark_pdf.layout.css.shorthands import SHORTHANDS
from spark_pdf.layout.css.tokens import Token, Tokens, significant

AT_RULES = ("media", "supports", "layer", "page", "font-face", "counter-style", "import", "charset", "keyframes")

KEYWORDS = frozenset(
    """absolute all-small-caps alternate always anywhere around auto auto-fill auto-fit avoid avoid-column avoid-page
    balance baseline block blink block-end block-start bold bolder border-box both bottom break-all break-spaces
    break-word capitalize caption center circle clip clone closest-corner closest-side collapse column column-reverse
    contain content-box contents cover currentcolor dashed dense disc dotted double ellipse ellipsis end even expanded
    farthest-corner farthest-side fill first fit-content fixed flat flex flex-end flex-start flow-root footnote
    full-width grid groove hanging hidden hide inherit initial inline inline-block inline-end inline-flex inline-grid
    inline-start inline-table inset inside inter-word isolate italic justify keep-all landscape large larger last left
    lighter line-through linear-gradient list-item local lower-alpha lower-greek lower-latin lower-roman lowercase ltr
    manual match-parent max-content medium middle min-content minmax monospace multiply narrow no-repeat none normal
    nowrap oblique odd open outside outset overlay overline padding-box page portrait pre pre-line pre-wrap
    preserve radial-gradient recto relative repeat repeat-x repeat-y revert ridge right rotate round row row-reverse
    rtl running sans-serif scale scale-down scroll self-end self-start separate serif show slice small small-caps
    smaller solid space space-around space-between space-evenly square start static sticky stretch string sub super
    tabular-nums table table-caption table-cell table-column table-footer-group table-header-group table-row
    table-row-group text text-bottom text-top thick thin top translate transparent underline unset upper-alpha
    upper-latin upper-roman uppercase verso vertical-lr vertical-rl visible wavy wrap wrap-reverse x-large x-small
    xx-large xx-small aqua black blue fuchsia gray grey green lime maroon navy olive orange purple red silver teal
    white yellow""".split()  # noqa: SIM905 - four columns of quotation marks would hide the words
)
"""Words that values of several properties are made of, to look for what was meant; not all that are valid."""

Reads = Callable[[Tokens], object]


def hint(near: str | None) -> str:
    """The end of a message."""
    return f"; did you mean '{near}'?" if near else ""


@lru_cache(maxsize=512)
def nearest_property(name: str) -> str | None:
    """The property or shorthand that a name is nearest to."""
    return nearest(name, [*PROPERTIES, *SHORTHANDS])


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest of some names."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return near[0] if near else None


def value_hint(tokens: Tokens, reads: Reads) -> str:
    """What makes a value valid that is not: another word in place of one, or a unit. `reads` says what is valid."""
    tokens = significant(tokens)
    if len(tokens) > 12:
        return ""
    for place, token in enumerate(tokens):
        if token.type == "ident":
            for word in _similar(token.lower_value):
                if _is_valid(tokens, place, IdentToken(token.source_line, token.source_column, word), reads):
                    return hint(word)
    return _unit_hint(tokens, reads)


def _unit_hint(tokens: Sequence[Token], reads: Reads) -> str:
    with_units = [_in_px(token) for token in tokens]
    if any(a is not b for a, b in zip(with_units, tokens, strict=True)) and reads(with_units) is not None:
        return "; a length needs a unit, such as px"
    return ""


def _in_px(token: Token) -> Token:
    if token.type != "number" or not token.value:
        return token
    text = token.representation
    return DimensionToken(token.source_line, token.source_column, token.value, token.int_value, f"{text}px", "px")


def _is_valid(tokens: Sequence[Token], place: int, word: Token, reads: Reads) -> bool:
    return reads([*tokens[:place], word, *tokens[place + 1 :]]) is not None


@lru_cache(maxsize=512)
def _similar(word: str) -> tuple[str, ...]:
    return tuple(near for near in get_close_matches(word, KEYWORDS, n=4, cutoff=0.7) if near != word)
