"""Media queries, answered for paper. Specification: Media Queries 4; features come with later work.

In: the tokens of a media query list. Out: whether it holds for print.
"""

from __future__ import annotations

from spark_pdf.layout.css.declarations import Reporter
from spark_pdf.layout.css.tokens import Tokens, ident, significant, split


def matches_print(tokens: Tokens, reporter: Reporter, line: int) -> bool:
    """Whether one of the queries holds. One that is not understood holds not, and is reported."""
    tokens = significant(tokens)
    if not tokens:
        return True
    answers = [_query(part, reporter, line) for part in split(tokens)]  # all of them: each may have to be reported
    return any(answers)


def _query(tokens: Tokens, reporter: Reporter, line: int) -> bool:
    names = [ident(token) for token in tokens]
    negated = bool(names) and names[0] == "not"
    if names and names[0] in ("not", "only"):
        names = names[1:]
    if len(names) == 1 and names[0] is not None:
        return (names[0] in ("all", "print")) is not negated
    if len(names) > 1 and names[0] not in ("all", "print", None) and not negated:
        return False  # another medium: its features don't matter
    reporter.warn("unknown_media", "a media query is not supported; what it guards is dropped", line)
    return False
