"""Brackets, comments and quotation marks of a style sheet that do not close. CSS Syntax 3, 4.3 and 5.4.

In: the text of a sheet. Out: (line, sentence) for what the parser passes over in silence: it closes what is open at
the end, and takes a brace too many for the start of a selector. One sentence of each kind: the first explains the rest.
"""

from __future__ import annotations

import re

_PARTS = re.compile(
    r"""(?P<comment>/\*(?:.*?\*/|.*$)) | (?P<string>"(?:\\.|[^"\\\n])*(?:"|\n|$) | '(?:\\.|[^'\\\n])*(?:'|\n|$))
    | url\(\s*[^"'\s()][^()]*\) | \\. | (?P<open>[{(\[]) | (?P<close>[})\]])""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_PAIRS = {"}": "{", ")": "(", "]": "["}


def unbalanced(css: str) -> list[tuple[int, str]]:
    """What does not close, or was never opened, by line."""
    found: dict[str, tuple[int, str]] = {}
    waiting: list[tuple[str, int]] = []
    suspect = -1
    for part in _PARTS.finditer(css):
        text, start = part[0], part.start()
        if part["comment"]:
            if len(text) < 4 or not text.endswith("*/"):
                found["comment"] = (
                    start,
                    "the comment begun here is never closed; the rest of the sheet is lost",
                )
        elif part["string"]:
            if len(text) < 2 or text[-1] != text[0]:
                found.setdefault("string", (start, "the quotation mark is not closed on its line"))
        elif part["open"]:
            if suspect < 0 and text == "{" and waiting and _stands_further_left(css, start, waiting[-1]):
                suspect = waiting[-1][1]
            waiting.append((text, start))
        elif part["close"]:
            if waiting and waiting[-1][0] == _PAIRS[text]:
                waiting.pop()
            elif not waiting and text == "}":
                sentence = "the '}' closes nothing; the rule that follows it is dropped"
                found.setdefault("stray", (start, sentence))
    if waiting:
        bracket, start = next((item for item in waiting if item[0] != "{"), waiting[-1])
        if bracket == "{" and suspect >= 0:
            start = suspect
        found["open"] = (start, f"the '{bracket}' is never closed; what follows is taken for a part of it")
    return sorted((css.count("\n", 0, start) + 1, sentence) for start, sentence in found.values())


def _stands_further_left(css: str, start: int, around: tuple[str, int]) -> bool:
    """Whether a block begins as far left as the one around it: then that one was meant to be closed."""
    bracket, outer = around
    return bracket == "{" and css.count("\n", outer, start) > 0 and _indent(css, start) <= _indent(css, outer)


def _indent(css: str, place: int) -> int:
    line = css[css.rfind("\n", 0, place) + 1 : place]
    return len(line) - len(line.lstrip())
