"""The Unicode line breaking algorithm: UAX 14, revision 53 (Unicode 16.0), without tailoring.

In: a text. Out: the offsets at which a line may, or must, end. The data come from uniseg (Line_Break, emoji) and Python
(general category, East Asian width), asked once per character. The rules are a table in the standard's notation.

A text becomes a string of symbols, one for each character: its class, refined where a rule asks for more. Nearly all
pairs of symbols decide alone whether a break is between them; for the rest, what the rules that concern them ask of
the surroundings becomes one regular expression. It runs on the reversed symbols, so that what precedes, which a rule
may ask for at any length, is what the expression looks ahead to, and what follows is what it looks behind at.

Where uniseg's own rules depart from the standard we follow the standard: in LB15b a closing quotation mark with
combining marks ends a text too; LB21a leaves out wide BA (U+3000); what Python's older Unicode lacks is not wide, nor
kept for future emoji, because of that (LB19a, 30, 30b).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from uniseg.derived import grapheme_base, grapheme_extend
from uniseg.emoji import extended_pictographic
from uniseg.linebreak import LineBreak, line_break

# One rule a line, in order; the first that holds decides. × forbids a break, ÷ allows it. A term is a name, several
# joined by | (any of them), one without another (~), or all but these (^); * repeats it, before the mark only. `sot`
# and `eot` are the ends of the text, not asked for themselves. LB1, 9 and 10 say what a character counts as, and LB8a
# needs what they replace: they are functions below.
_RULES = """
LB2    sot ×
LB3    × eot
LB4    BK ÷
LB5    CR × LF
LB5    CR|LF|NL ÷
LB6    × BK|CR|LF|NL
LB7    × SP|ZW
LB8    ZW SP* ÷
LB11   × WJ
LB11   WJ ×
LB12   GL ×
LB12a  ^SP|BA|HY × GL
LB13   × CL|CP|EX|SY
LB14   OP SP* ×
LB15a  sot|BK|CR|LF|NL|OP|QU|GL|SP|ZW Pi SP* ×
LB15b  × Pf SP|GL|WJ|CL|QU|CP|EX|IS|SY|BK|CR|LF|NL|ZW|eot
LB15c  SP ÷ IS NU
LB15d  × IS
LB16   CL|CP SP* × NS
LB17   B2 SP* × B2
LB18   SP ÷
LB19   × QU~Pi
LB19   QU~Pf ×
LB19a  ^wide × QU
LB19a  × QU ^wide
LB19a  QU × ^wide
LB19a  ^wide QU ×
LB20   ÷ CB
LB20   CB ÷
LB20a  sot|BK|CR|LF|NL|SP|ZW|CB|GL HY|hyphen × AL
LB21   × BA|HY|NS
LB21   BB ×
LB21a  HL HY|BA~wide × ^HL
LB21b  SY × HL
LB22   × IN
LB23   AL|HL × NU
LB23   NU × AL|HL
LB23a  PR × ID|EB|EM
LB23a  ID|EB|EM × PO
LB24   PR|PO × AL|HL
LB24   AL|HL × PR|PO
LB25   NU SY|IS* CL|CP × PO|PR
LB25   NU SY|IS* × PO|PR|NU
LB25   PO|PR × OP NU
LB25   PO|PR × OP IS NU
LB25   PO|PR|HY|IS × NU
LB26   JL × JL|JV|H2|H3
LB26   JV|H2 × JV|JT
LB26   JT|H3 × JT
LB27   JL|JV|JT|H2|H3 × PO
LB27   PR × JL|JV|JT|H2|H3
LB28   AL|HL × AL|HL
LB28a  AP × AK|circle|AS
LB28a  AK|circle|AS × VF|VI
LB28a  AK|circle|AS VI × AK|circle
LB28a  AK|circle|AS × AK|circle|AS VF
LB29   IS × AL|HL
LB30   AL|HL|NU × OP~wide
LB30   CP~wide × AL|HL|NU
LB30a  RI × second
LB30b  EB × EM
LB30b  emoji × EM
LB31   ÷
"""

# Symbols. What a character is called in the rules beside its class: Pi and Pf are quotation marks that open and close,
# `hyphen` is U+2010, `circle` U+25CC, `emoji` a code point that Unicode keeps for future ones, `second` a regional
# indicator that ends a pair.
_REFINED = {"QU": ("Pi", "Pf"), "BA": ("hyphen",), "AL": ("circle", "emoji"), "ID": ("emoji",), "RI": ("second",)}
_SPECIAL = {"\u2010": "hyphen", "\u25cc": "circle"}


def _all_symbols() -> dict[frozenset[str], str]:
    """A letter for each set of names: ASCII as long as it is not wide, so that translating plain text is quick."""
    kinds = [frozenset((end,)) for end in ("sot", "eot")]
    for each in LineBreak:
        kinds.append(frozenset((each.value,)))
        kinds += [frozenset((each.value, name)) for name in _REFINED.get(each.value, ())]
    narrow = {kind: chr(0x21 + index) for index, kind in enumerate(kinds)}
    return narrow | {kind | {"wide"}: chr(ord(letter) + 0x80) for kind, letter in narrow.items()}


_SYMBOLS = _all_symbols()
_START, _END = _SYMBOLS[frozenset(("sot",))], _SYMBOLS[frozenset(("eot",))]
_AL, _RI = _SYMBOLS[frozenset(("AL",))], _SYMBOLS[frozenset(("RI",))]
_PAIR = _RI + _SYMBOLS[frozenset(("RI", "second"))]


def _named(name: str) -> frozenset[str]:
    return frozenset(symbol for kind, symbol in _SYMBOLS.items() if name in kind)


def _names_of(char: str) -> frozenset[str]:
    """What the rules call a character (LB1 resolved)."""
    name = str(line_break(char).value)
    category = unicodedata.category(char)
    future = extended_pictographic(char) and not grapheme_base(char)
    if name in ("AI", "SG", "XX"):
        name = "AL"
    elif name == "SA":
        name = "CM" if category in ("Mn", "Mc") or grapheme_extend(char) else "AL"
    elif name == "CJ":
        name = "NS"
    refined = "emoji" if future else _SPECIAL.get(char, category)
    found = {name, refined} if refined in _REFINED.get(name, ()) else {name}
    # Python says F of any code point that its Unicode lacks; of these the ideographs and emoji are wide
    known = category != "Cn"
    if unicodedata.east_asian_width(char) in ("F", "W", "H") if known else name in ("ID", "EB") and not future:
        found.add("wide")
    return frozenset(found)


class _Translation(dict[int, str]):
    """Symbols by code point, found when first asked for."""

    def __missing__(self, code: int) -> str:
        symbol = self[code] = _SYMBOLS[_names_of(chr(code))]
        return symbol


def _any_of(symbols: frozenset[str]) -> str:
    return "[" + "".join(map(re.escape, sorted(symbols))) + "]"


class _Term(NamedTuple):
    """What may stand at one place, once or any number of times."""

    symbols: frozenset[str]
    repeated: bool

    def pattern(self) -> str:
        return _any_of(self.symbols) + "*" * self.repeated


class _Rule(NamedTuple):
    """`before` from the nearest to the farthest, `after` too."""

    breaks: bool
    before: tuple[_Term, ...]
    after: tuple[_Term, ...]

    def concerns(self, left: str, right: str) -> bool:
        """Whether the rule may hold between these two."""
        if self.after and right not in self.after[0].symbols:
            return False
        for term in self.before:
            if left in term.symbols:
                return True
            if not term.repeated:
                return False
        return True

    def decides(self, left: str) -> bool:
        """Whether a rule that concerns a pair asks no more: a single place on either side."""
        needed = [term for term in self.before if not term.repeated]
        return len(self.after) <= 1 and (not needed or (len(needed) == 1 and left in needed[0].symbols))

    def pattern(self) -> str:
        """For reversed symbols; holds at the place between the two, and takes nothing but an empty group at a break."""
        ahead = "".join(term.pattern() for term in self.before)
        behind = "".join(term.pattern() for term in reversed(self.after))
        return f"(?<={behind})(?={ahead})" + "()" * self.breaks


def _term(text: str) -> _Term:
    found: frozenset[str] = frozenset()
    for part in text.strip("^*").split("|"):
        name, _, without = part.partition("~")
        found |= _named(name) - (_named(without) if without else frozenset())
    return _Term(frozenset(_SYMBOLS.values()) - found if text[0] == "^" else found, text[-1] == "*")


def _rule(line: str) -> _Rule:
    words = line.split()[1:]
    breaks = "÷" in words
    at = words.index("÷" if breaks else "×")
    before, after = reversed(words[:at]), words[at + 1 :]
    return _Rule(breaks, tuple(map(_term, before)), tuple(map(_term, after)))


_TABLE = tuple(_rule(line) for line in _RULES.strip().splitlines())


@cache
def _joined(rules: tuple[int, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_TABLE[index].pattern() for index in rules))


class _Verdicts(dict[tuple[str, str], "bool | re.Pattern[str]"]):
    """Of two symbols that meet: whether a break is between them, or the expression that finds out."""

    def __missing__(self, pair: tuple[str, str]) -> bool | re.Pattern[str]:
        verdict = self[pair] = self._find(*pair)
        return verdict

    def _find(self, left: str, right: str) -> bool | re.Pattern[str]:
        asked: list[int] = []
        for index, rule in enumerate(_TABLE):
            if rule.concerns(left, right):
                asked.append(index)
                if rule.decides(left):
                    break
        outcomes = {_TABLE[index].breaks for index in asked}
        return outcomes.pop() if len(outcomes) == 1 else _joined(tuple(asked))


_translation = _Translation()
_verdicts = _Verdicts()

_ZWJ = _named("ZWJ")
_MARK = _named("CM") | _named("ZWJ")
_MARKS = re.compile(_any_of(_MARK))
_BARE = frozenset().union(*map(_named, ("sot", "BK", "CR", "LF", "NL", "SP", "ZW")))  # where a mark has no base
_ORPHANS = re.compile(f"(?<={_any_of(_BARE)}){_any_of(_MARK)}")


def find_breaks(text: str) -> list[int]:
    """Offsets into the text, ends excluded, at which a line may end and the next begin."""
    symbols = f"{_START}{text.translate(_translation)}{_END}"
    return _breaks_among_marks(symbols) if _MARKS.search(symbols) else _breaks_between(symbols)


def _breaks_among_marks(symbols: str) -> list[int]:
    """LB9 and 10: a mark belongs to what it follows, or is a letter where it can't. LB8a: no break behind a ZWJ."""
    whole = _ORPHANS.sub(_AL, symbols)
    places = [at for at, symbol in enumerate(whole) if symbol not in _MARK]
    found = _breaks_between("".join([whole[at] for at in places]))
    # In offsets of the text a symbol's place is one less, because of the start's symbol
    offsets = [places[at + 1] - 1 for at in found]
    return [offset for offset in offsets if symbols[offset] not in _ZWJ]


def _breaks_between(symbols: str) -> list[int]:
    symbols = symbols.replace(_RI + _RI, _PAIR)
    backwards = symbols[::-1]
    length = len(symbols)
    found: list[int] = []
    # The symbols `at` and `at + 1` meet at the text's offset `at`, because of the start's symbol
    for at, verdict in enumerate(map(_verdicts.__getitem__, pairwise(symbols))):
        if verdict is False:
            continue
        if verdict is not True:
            match = verdict.match(backwards, length - at - 1)
            if match is None or not match.lastindex:
                continue
        found.append(at)
    return found
