"""Where words may be hyphenated: Liang's algorithm over the dictionaries that Pyphen packages (LibreOffice's).

In: a word and a language tag (BCP 47). Out: offsets into the word. A dictionary is read when a text in its language is
first hyphenated: its lines are only sorted by their letters, and their numbers read when they match, so that it takes
10 ms rather than Pyphen's half a second. Patterns that change the spelling at the break are left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_ESCAPED = re.compile(r"\^\^([0-9a-f]{2})")
_NUMBERED = re.compile(r"(\d?)(\D?)")
_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SETTINGS = ("%", "#", "LEFTHYPHENMIN", "RIGHTHYPHENMIN", "COMPOUND", "NEXTLEVEL", "NOHYPHEN")


class Patterns:
    """The patterns of one dictionary."""

    __slots__ = ("_known", "_longest", "_patterns")

    def __init__(self, path: Path) -> None:
        encoding, _, body = path.read_bytes().partition(b"\n")
        name = encoding.strip().decode("ascii").lower().replace("microsoft-", "")
        patterns: dict[str, str] = {}
        for line in body.decode(name).splitlines():
            line = line.strip()
            if not line or line.startswith(_SETTINGS) or "/" in line:
                continue
            if "^^" in line:
                line = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), line)
            patterns[line.translate(_DIGITS)] = line
        self._patterns = patterns
        self._longest = max(map(len, patterns), default=0)
        self._known: dict[str, tuple[int, ...]] = {}

    def points(self, word: str) -> tuple[int, ...]:
        """Offsets at which a word may be divided, however near to its ends."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) > 20_000:
                self._known.clear()
            found = self._known[word] = self._find(word)
        return found

    def _find(self, word: str) -> tuple[int, ...]:
        lowered = word.lower()
        if len(lowered) != len(word):
            return ()
        dotted = f".{lowered}."
        values = [0] * (len(dotted) + 1)
        patterns, longest = self._patterns, self._longest
        for start in range(len(dotted)):
            for end in range(start + 1, min(start + longest, len(dotted)) + 1):
                pattern = patterns.get(dotted[start:end])
                if pattern is None:
                    continue
                for offset, (number, _) in enumerate(_NUMBERED.findall(pattern)):
                    if number and int(number) > values[start + offset]:
                        values[start + offset] = int(number)
        return tuple([at for at in range(1, len(word)) if values[at + 1] % 2])


@lru_cache(maxsize=64)
def patterns_of(language: str) -> Patterns | None:
    """The patterns of a language, or of the next more general one; None where there are none."""
    if not language:
        return None
    import pyphen  # late: most documents hyphenate nothing

    name = pyphen.language_fallback(language)
    return None if name is None else _read(str(pyphen.LANGUAGES[name]))


@lru_cache(maxsize=16)
def _read(path: str) -> Patterns:
    return Patterns(Path(path))


def hyphenation_points(text: str, language: str, limits: tuple[int, int, int]) -> tuple[int, ...]:
    """Offsets into a text at which one of its words may be hyphenated. `limits`: letters that the word has at least,
    before the hyphen and after it (CSS Text 4, `hyphenate-limit-chars`).
    """
    patterns = patterns_of(language)
    if patterns is None:
        return ()
    whole, before, after = limits
    found: list[int] = []
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        if len(word) >= whole:
            last = len(word) - max(after, 1)
            found += [start + at for at in patterns.points(word) if max(before, 1) <= at <= last]
    return tuple(found)
