"""Where a line may end (UAX 14), and a text cut into the pieces that the inline layout places.

In: text of one paragraph, tabs and newlines already dealt with (`white-space` is the caller's). Out: offsets, or pieces. uniseg implements the
standard for every script, at some 50 µs a character; so plain words (letters and digits of Latin script, with the usual marks around
them), which are nearly all that business documents hold, take a regular expression, and what either finds is remembered.
"""

from __future__ import annotations

import re

from uniseg.linebreak import line_break, line_break_boundaries

_LETTERS = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_PLAIN = re.compile(
    # Words that start with AL or NU, hold nothing inside that allows or forbids a break but AL, NU, IS and apostrophe, and end in AL, NU,
    # CL, CP, EX, IS or PO; then spaces. Between such words LB18 allows a break and no rule before it forbids one.
    rf"(?:[{_LETTERS}0-9]+(?:[.,:;'’@_&*=#][{_LETTERS}0-9]+)*[.,:;!?%)]*(?:\x20+|\Z))*"
)
_PIECES = re.compile(r"\x20+|[^\x20]+")

_BUDGET = 16 * 1024 * 1024
