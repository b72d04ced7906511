"""The Unicode bidirectional algorithm: UAX 9, revision 50 (Unicode 16.0).

In: the text of one paragraph and its base level (or None, to find it by rules P2 and P3). Out: the embedding level of
each character, before rule L1, which is for lines: `line_levels`. What explicit formatting characters say, they say as
characters: CSS's `unicode-bidi` is put into the text by the caller. Such characters get the level before them, which
is what section 5.2 says of retaining them. `visual_order` is rule L2.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from spark_pdf.text.bidi_data import BRACKETS, RANGES
from spark_pdf.text.cache import Budget, Remembered

_MOST = 125
"""max_depth (BD2)."""

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def needs_bidi(text: str) -> bool:
    """Whether a left-to-right paragraph with this text may hold anything that goes the other way."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def _table() -> tuple[list[int], list[int], list[str]]:
    spans = []
    for name, text in RANGES.items():
        for item in text.split():
            first, _, last = item.partition("-")
            spans.append((int(first, 16), int(last or first, 16), name))
    spans.sort()
    return [a for a, _, _ in spans], [b for _, b, _ in spans], [name for _, _, name in spans]


class _Classes(dict[str, str]):
    """Bidi_Class by character, found when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._spans: tuple[list[int], list[int], list[str]] | None = None

    def __missing__(self, character: str) -> str:
        if self._spans is None:
            self._spans = _table()
        firsts, lasts, names = self._spans
        code = ord(character)
        at = bisect_right(firsts, code) - 1
        found = self[character] = names[at] if at >= 0 and code <= lasts[at] else "L"
        return found


_classes = _Classes()


def bidi_class(character: str) -> str:
    """Bidi_Class of a character: "L", "AL", "EN", ..."""
    return _classes[character]


def _brackets() -> tuple[dict[str, str], dict[str, str]]:
    pairs = [(chr(int(a, 16)), chr(int(b, 16))) for a, b in (item.split(":") for item in BRACKETS.split())]
    # BD14 and BD15: canonical equivalents match. These two are all there are.
    same = {"\u2329": "\u3008", "\u232a": "\u3009"}
    return {a: same.get(b, b) for a, b in pairs}, {b: same.get(b, b) for _, b in pairs}


_OPENING, _CLOSING = _brackets()
_ISOLATES = ("LRI", "RLI", "FSI")
_REMOVED = frozenset(("RLE", "LRE", "RLO", "LRO", "PDF", "BN"))
_NEUTRAL = frozenset(("B", "S", "WS", "ON", "FSI", "LRI", "RLI", "PDI"))


def base_level(text: str) -> int:
    """P2 and P3: that of the first strong character outside of isolates; 0 where there is none."""
    return _first_strong([_classes[c] for c in text], 0) or 0


def _first_strong(classes: Sequence[str], start: int, *, isolated: bool = False) -> int | None:
    depth = 0
    for kind in classes[start:]:
        if kind in _ISOLATES:
            depth += 1
        elif kind == "PDI":
            if depth == 0 and isolated:
                return None
            depth = max(depth - 1, 0)
        elif depth == 0:
            if kind == "L":
                return 0
            if kind in ("R", "AL"):
                return 1
    return None


def levels(text: str, base: int | None = None) -> Sequence[int]:
    """The embedding level of each character of a paragraph; those of texts that return are remembered."""
    return _found[f"{'-' if base is None else base}{text}"]


def _find_levels(key: str) -> tuple[int, ...]:
    text, base = key[1:], None if key[0] == "-" else int(key[0])
    return tuple(_levels(text, base))


def _cost(key: str) -> int:
    return 200 + 12 * len(key)


_found: Remembered[tuple[int, ...]] = Remembered(Budget(2 * 1024 * 1024), _cost, _find_levels)


def _levels(text: str, base: int | None) -> list[int]:
    original = [_classes[c] for c in text]
    if base is None:
        base = _first_strong(original, 0) or 0
    classes = list(original)
    found = _explicit(classes, original, base)
    for sequence in _sequences(classes, original, found, base):
        sequence.resolve(text, classes, found)
    # Section 5.2: what X9 removes gets the level of what precedes it
    before = base
    for index, kind in enumerate(original):
        if kind in _REMOVED:
            found[index] = before
        else:
            before = found[index]
    return found


def line_levels(text: str, found: Sequence[int], base: int) -> list[int]:
    """Rule L1: separators, and white space before them or at the line's end, are at the paragraph's level."""
    result = list(found)
    trailing = True
    for index in range(len(text) - 1, -1, -1):
        kind = _classes[text[index]]
        if kind in ("B", "S"):
            result[index] = base
            trailing = True
        elif kind == "WS" or kind in _ISOLATES or kind == "PDI" or kind in _REMOVED:
            if trailing:
                result[index] = base
        else:
            trailing = False
    return result


def visual_order(found: Sequence[int]) -> list[int]:
    """Rule L2: indices in the order from left to right."""
    order = list(range(len(found)))
    if not found:
        return order
    odd = [level for level in found if level % 2]
    for level in range(max(found), (min(odd) if odd else 1) - 1, -1):
        start = 0
        while start < len(order):
            if found[order[start]] < level:
                start += 1
                continue
            end = start
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end
    return order


def _explicit(classes: list[str], original: list[str], base: int) -> list[int]:
    """X1 to X8: levels of explicit embeddings, overrides and isolates; overridden classes are written over."""
    stack: list[tuple[int, str, bool]] = [(base, "", False)]
    overflow_isolates = overflow_embeddings = valid_isolates = 0
    found = [base] * len(original)
    for index, kind in enumerate(original):
        level, override, _ = stack[-1]
        if kind in ("RLE", "LRE", "RLO", "LRO"):
            found[index] = level
            inner = _next_level(level, kind[0] == "R")
            if inner <= _MOST and not overflow_isolates and not overflow_embeddings:
                stack.append((inner, kind[0] if kind[2] == "O" else "", False))
            elif not overflow_isolates:
                overflow_embeddings += 1
        elif kind in _ISOLATES:
            found[index] = level
            if override:
                classes[index] = override
            right = kind == "RLI" or (kind == "FSI" and _first_strong(original, index + 1, isolated=True) == 1)
            inner = _next_level(level, right)
            if inner <= _MOST and not overflow_isolates and not overflow_embeddings:
                valid_isolates += 1
                stack.append((inner, "", True))
            else:
                overflow_isolates += 1
        elif kind == "PDI":
            if overflow_isolates:
                overflow_isolates -= 1
            elif valid_isolates:
                overflow_embeddings = 0
                while not stack[-1][2]:
                    stack.pop()
                stack.pop()
                valid_isolates -= 1
            level, override, _ = stack[-1]
            found[index] = level
            if override:
                classes[index] = override
        elif kind == "PDF":
            found[index] = level
            if overflow_isolates:
                pass
            elif overflow_embeddings:
                overflow_embeddings -= 1
            elif not stack[-1][2] and len(stack) > 1:
                stack.pop()
        elif kind == "B":
            found[index] = base
        elif kind != "BN":
            found[index] = level
            if override:
                classes[index] = override
        else:
            found[index] = level
    return found


def _next_level(level: int, right: bool) -> int:
    return (level + 1) | 1 if right else (level + 2) & ~1


class _Sequence:
    """An isolating run sequence (BD13): indices without what X9 removes, and the classes around it (X10)."""

    __slots__ = ("end", "indices", "level", "start")

    def __init__(self, indices: list[int], level: int, start: str, end: str) -> None:
        self.indices = indices
        self.level = level
        self.start = start
        self.end = end

    def resolve(self, text: str, classes: list[str], found: list[int]) -> None:
        """W1 to W7, N0 to N2, I1 and I2."""
        indices = self.indices
        kinds = [classes[index] for index in indices]
        before = list(kinds)
        _weak(kinds, self.start)
        direction = "R" if self.level % 2 else "L"
        _pair(text, indices, kinds, before, direction, self.start)
        _neutral(kinds, direction, self.start, self.end)
        for index, kind in zip(indices, kinds, strict=True):
            level = self.level
            if level % 2 == 0:
                level += 1 if kind == "R" else 2 if kind in ("AN", "EN") else 0
            elif kind in ("L", "EN", "AN"):
                level += 1
            found[index] = level


def _sequences(classes: list[str], original: list[str], found: list[int], base: int) -> list[_Sequence]:
    """X10. Level runs are joined where an isolate goes on behind its matching PDI."""
    kept = [index for index, kind in enumerate(original) if kind not in _REMOVED]
    runs: list[list[int]] = []
    for index in kept:
        if runs and found[runs[-1][-1]] == found[index]:
            runs[-1].append(index)
        else:
            runs.append([index])
    matches = _matching(original)
    # A run is gone on with by the one that its last isolate initiator's PDI starts; what matches nothing starts anew
    by_start = {run[0]: run for run in runs}
    continued = set(matches.values())
    place = {index: at for at, index in enumerate(kept)}
    sequences: list[_Sequence] = []
    for run in runs:
        if original[run[0]] == "PDI" and run[0] in continued:
            continue
        indices = list(run)
        while original[indices[-1]] in _ISOLATES and matches.get(indices[-1]) in by_start:
            indices += by_start[matches[indices[-1]]]
        level = found[indices[0]]
        first, last = place[indices[0]], place[indices[-1]]
        left = found[kept[first - 1]] if first else base
        right = found[kept[last + 1]] if last + 1 < len(kept) and original[indices[-1]] not in _ISOLATES else base
        sequences.append(_Sequence(indices, level, _side(max(level, left)), _side(max(level, right))))
    return sequences


def _side(level: int) -> str:
    return "R" if level % 2 else "L"


def _matching(original: list[str]) -> dict[int, int]:
    """The PDI of each isolate initiator that has one (BD9)."""
    matches: dict[int, int] = {}
    stack: list[int] = []
    for index, kind in enumerate(original):
        if kind in _ISOLATES:
            stack.append(index)
        elif kind == "PDI" and stack:
            matches[stack.pop()] = index
    return matches


def _weak(kinds: list[str], start: str) -> None:
    """W1 to W7."""
    before = strong = start
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kind = "ON" if before in _ISOLATES or before == "PDI" else before
        before = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        elif kind in ("R", "L", "AL"):
            strong = kind
        kinds[at] = "R" if kind == "AL" else kind
        if kind == "AL":
            before = "AL"
    for at in range(1, len(kinds) - 1):
        if kinds[at] in ("ES", "CS") and kinds[at - 1] == kinds[at + 1] and (
            kinds[at - 1] == "EN" or (kinds[at] == "CS" and kinds[at - 1] == "AN")
        ):  # fmt: skip
            kinds[at] = kinds[at - 1]
    _terminators(kinds)
    strong = start
    for at, kind in enumerate(kinds):
        if kind in ("ES", "CS", "ET"):
            kinds[at] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
        elif kind in ("R", "L"):
            strong = kind


def _terminators(kinds: list[str]) -> None:
    """W5: terminators that adjoin European numbers."""
    at = 0
    while at < len(kinds):
        if kinds[at] != "ET":
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if (at and kinds[at - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN"):
            kinds[at:end] = ["EN"] * (end - at)
        at = end


def _pair(text: str, indices: list[int], kinds: list[str], before: list[str], direction: str, start: str) -> None:
    """N0: brackets take the direction of what they enclose, or of what precedes. `before`: classes before W1."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for at, index in enumerate(indices):
        if kinds[at] != "ON":
            continue
        character = text[index]
        if character in _OPENING:
            if len(stack) == 63:
                return
            stack.append((_OPENING[character], at))
        elif character in _CLOSING:
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == _CLOSING[character]:
                    pairs.append((stack[depth][1], at))
                    del stack[depth:]
                    break
    for opening, closing in sorted(pairs):
        strong = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if direction in strong:
            side = direction
        elif strong:
            context = next((s for kind in reversed(kinds[:opening]) if (s := _strong(kind))), start)
            side = context if context != direction else direction
        else:
            continue
        for at in (opening, closing):
            kinds[at] = side
            mark = at + 1
            while mark < len(kinds) and before[mark] == "NSM":
                kinds[mark] = side
                mark += 1


def _strong(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _neutral(kinds: list[str], direction: str, start: str, end: str) -> None:
    """N1 and N2."""
    at = 0
    while at < len(kinds):
        if kinds[at] not in _NEUTRAL:
            at += 1
            continue
        last = at
        while last < len(kinds) and kinds[last] in _NEUTRAL:
            last += 1
        left = _strong(kinds[at - 1]) if at else start
        right = _strong(kinds[last]) if last < len(kinds) else end
        kinds[at:last] = [left if left == right else direction] * (last - at)
        at = last
