"""One font file, loaded once per worker: identity, metrics, what it covers, what a PDF FontDescriptor needs.

In: the bytes of a TrueType, OpenType or WOFF file. Out: a `Face`, metrics in em (y upwards from the baseline, so
`descent` is given as a positive depth). Line metrics follow CSS Inline 3: `hhea`, or OS/2 typographic metrics where
the font sets USE_TYPO_METRICS. Shaping is in `shaping.py`, subsets are in `subset.py`, variable fonts in
`variations.py`.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Any, NamedTuple

import uharfbuzz as hb

from spark_pdf.errors import BundleError
from spark_pdf.text.sfnt import plain_sfnt

_FIXED_PITCH, _SERIF, _SYMBOLIC, _ITALIC, _FORCE_BOLD = 1, 2, 4, 64, 1 << 18
"""Flags of a FontDescriptor (ISO 32000-1, table 123)."""

_NEEDED = ("cmap", "head", "hhea", "hmtx", "maxp")


class Changes(NamedTuple):
    """How a face differs from its file: descriptors of `@font-face`, and styles that are synthesised.

    `scale`: glyphs and metrics times this (`size-adjust`, `font-size-adjust`, small capitals of a font that has none).
    `ascent`, `descent`, `line_gap`: in em, in place of the file's. `bold`, `slanted`: outlines are made bolder or
    oblique where they are embedded (`synthesis.py`).
    """

    scale: float = 1.0
    ascent: float | None = None
    descent: float | None = None
    line_gap: float | None = None
    bold: bool = False
    slanted: bool = False


UNCHANGED = Changes()


class Face:
    """A font file. Equal to every other face of the same bytes, by `key`, the SHA-256 of the (unpacked) file and of
    its `changes`.

    Metrics are in em. `kind` says how `pdf` embeds it: "truetype" (FontFile2, CIDFontType2) or "cff" (FontFile3
    /CIDFontType0C, CIDFontType0). `embedding_warning` is a sentence where the font's licence bits (OS/2 fsType) do
    not allow embedding. `origin` names the file in messages.
    """

    __slots__ = (
        "__weakref__", "_advances", "_hmtx", "_long_metrics", "ascent", "bbox", "cap_height", "changes", "data",
        "descent", "embedding_warning", "family_name", "flags", "glyph_count", "hb_face", "hb_font", "italic",
        "italic_angle", "key", "kind", "line_gap", "origin", "postscript_name", "stem_v", "strikeout_position",
        "strikeout_thickness", "subset_state", "underline_position", "underline_thickness", "units_per_em",
        "weight", "x_height",
    )  # fmt: skip

    def __init__(self, data: bytes, origin: str = "", changes: Changes = UNCHANGED) -> None:
        self.origin = origin or f"(sha256 {hashlib.sha256(data).hexdigest()[:12]})"
        self.data = plain_sfnt(data, self.origin)
        self.changes = changes
        self.key = face_key(self.data, changes)
        self.hb_face: Any = hb.Face(hb.Blob(self.data), 0)
        self._check_tables()
        self.hb_font: Any = hb.Font(self.hb_face)
        # A smaller em makes larger glyphs; head of what is embedded says the same, so it is a whole number
        self.units_per_em: int = min(max(round(self.hb_face.upem / changes.scale), 16), 16384)
        self.glyph_count: int = self.hb_face.glyph_count
        self._advances: dict[int, float] = {}
        self.subset_state: object | None = None
        """What `subset.py` remembers of this face."""
        try:
            self._read_metrics()
            self._read_names()
        except (struct.error, UnicodeDecodeError, RuntimeError, hb.HarfBuzzError):
            raise BundleError(f"the font {self.origin} is damaged: one of its tables cannot be read") from None

    def _check_tables(self) -> None:
        missing = [tag for tag in _NEEDED if not self.table(tag)]
        if missing or self.hb_face.glyph_count == 0:
            what = f"has no table {', '.join(missing)}" if missing else "has no glyphs"
            raise BundleError(f"the font {self.origin} cannot be used: it {what}")
        if self.table("glyf") and self.table("loca"):
            self.kind = "truetype"
        elif self.table("CFF "):
            self.kind = "cff"
        else:
            raise BundleError(
                f"the font {self.origin} has no outlines (glyf or CFF); bitmap, SVG and CFF2 are not drawn"
            )

    def table(self, tag: str) -> bytes:
        """Bytes of a table; empty where the font has none."""
        return bytes(self.hb_face.reference_table(tag).data)

    def _read_metrics(self) -> None:
        em = float(self.units_per_em)
        head, hhea, os2, post = (self.table(tag) for tag in ("head", "hhea", "OS/2", "post"))
        box = struct.unpack_from(">4h", head, 36)
        self.bbox = (box[0] / em, box[1] / em, box[2] / em, box[3] / em)
        self._hmtx = self.table("hmtx")
        (self._long_metrics,) = struct.unpack_from(">H", hhea, 34)
        if self._long_metrics == 0 or len(self._hmtx) < 4 * self._long_metrics:
            raise struct.error
        angle, position, thickness, fixed = struct.unpack_from(">ihhI", post, 4) if len(post) >= 16 else (0, 0, 0, 0)
        self.italic_angle = angle / 65536
        self.underline_position = (position or -0.1 * em) / em
        self.underline_thickness = (thickness or 0.05 * em) / em
        self._read_line_metrics(hhea, os2, em)
        self._read_os2(head, os2, em)
        self.flags = (
            _SYMBOLIC
            | (_FIXED_PITCH if fixed else 0)
            | (_SERIF if len(os2) >= 42 and _has_serifs(os2) else 0)
            | (_ITALIC if self.italic else 0)
            | (_FORCE_BOLD if self.weight >= 700 else 0)
        )
        # The file says nothing of stems, and viewers use StemV only to replace a font, while ours is embedded.
        self.stem_v = round(10 + 220 * (self.weight - 50) / 900)

    def _read_line_metrics(self, hhea: bytes, os2: bytes, em: float) -> None:
        ascent, descent, gap = struct.unpack_from(">3h", hhea, 4)
        if len(os2) >= 78:
            (selection,) = struct.unpack_from(">H", os2, 62)
            typographic = struct.unpack_from(">3h", os2, 68)
            if selection & 0x80 or (ascent == 0 and descent == 0):
                ascent, descent, gap = typographic
            if ascent == 0 and descent == 0:
                win_ascent, win_descent = struct.unpack_from(">2H", os2, 74)
                ascent, descent, gap = win_ascent, -win_descent, 0
        self.ascent = ascent / em
        self.descent = abs(descent) / em
        self.line_gap = max(gap, 0) / em
        changes = self.changes
        if changes.ascent is not None:
            self.ascent = changes.ascent
        if changes.descent is not None:
            self.descent = changes.descent
        if changes.line_gap is not None:
            self.line_gap = changes.line_gap

    def _read_os2(self, head: bytes, os2: bytes, em: float) -> None:
        (mac_style,) = struct.unpack_from(">H", head, 44)
        self.weight, self.italic = (700 if mac_style & 1 else 400), bool(mac_style & 2)
        self.strikeout_thickness, self.strikeout_position = self.underline_thickness, 0.0
        x_height = cap_height = restricted = 0
        if len(os2) >= 64:
            self.weight, _width, fs_type = struct.unpack_from(">3H", os2, 4)
            size, position = struct.unpack_from(">2h", os2, 26)
            self.strikeout_thickness, self.strikeout_position = size / em or self.underline_thickness, position / em
            (selection,) = struct.unpack_from(">H", os2, 62)
            self.italic = bool(selection & 0x201)
            restricted = fs_type & 0x000F == 2 or fs_type & 0x0200
        if len(os2) >= 90 and struct.unpack_from(">H", os2)[0] >= 2:
            x_height, cap_height = struct.unpack_from(">2h", os2, 86)
        if self.changes.bold:
            self.weight = max(self.weight, 700)
        if self.changes.slanted:
            self.italic, self.italic_angle = True, self.italic_angle or -14.0
        self.x_height = (x_height or self._height_of("x") or 0.5 * em) / em
        self.cap_height = (cap_height or self._height_of("H") or 0.7 * em) / em
        self.strikeout_position = self.strikeout_position or self.x_height * 0.6
        self.embedding_warning = (
            f"the font {self.origin} does not permit embedding (OS/2 fsType); its licence may forbid these documents"
            if restricted
            else ""
        )

    def _height_of(self, character: str) -> int:
        glyph = self.hb_font.get_nominal_glyph(ord(character))
        extents = self.hb_font.get_glyph_extents(glyph) if glyph else None
        return int(extents.y_bearing) if extents else 0

    def _read_names(self) -> None:
        self.family_name = self.hb_face.get_name(hb.OTNameIdPredefined.FONT_FAMILY) or ""
        wanted = self.hb_face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or self.family_name
        # A PDF name and a PostScript name in one: printable ASCII without delimiters, at most 63 characters.
        cleaned = "".join(c for c in wanted if "!" <= c <= "~" and c not in "[](){}<>/%#")[:63]
        self.postscript_name = cleaned or f"Font-{self.key[:12]}"

    def aspect(self, metric: str) -> float:
        """A metric that `font-size-adjust` names, in em: ex-height, cap-height, ch-width, ic-width or ic-height."""
        if metric == "ex-height":
            return self.x_height
        if metric == "cap-height":
            return self.cap_height
        glyph = self.hb_font.get_nominal_glyph(ord("0") if metric == "ch-width" else 0x6C34)
        return self.advance(glyph) / 1000 if glyph else 0.0

    def covers(self, codepoint: int) -> bool:
        """Whether the font maps this code point to a glyph."""
        return self.hb_font.get_nominal_glyph(codepoint) is not None

    def advance(self, glyph: int) -> float:
        """The glyph's own advance (without kerning) in 1/1000 em, as the /W array of a PDF font counts."""
        found = self._advances.get(glyph)
        if found is None:
            units: int = struct.unpack_from(">H", self._hmtx, 4 * min(glyph, self._long_metrics - 1))[0]
            found = self._advances[glyph] = units * 1000 / self.units_per_em
        return found

    def metric(self, glyph: int) -> bytes:
        """The glyph's four bytes of `hmtx`: advance and left side bearing, in font units."""
        if glyph < self._long_metrics:
            return self._hmtx[4 * glyph : 4 * glyph + 4]
        last = 4 * self._long_metrics
        bearing = last + 2 * (glyph - self._long_metrics)
        return self._hmtx[last - 4 : last - 2] + (self._hmtx[bearing : bearing + 2] or b"\0\0")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Face) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Face({self.postscript_name})"

    def __reduce__(self) -> tuple[object, ...]:
        return Face, (self.data, self.origin, self.changes)


def face_key(data: bytes, changes: Changes) -> str:
    """What `Face.key` is for these (unpacked) bytes."""
    key = hashlib.sha256(data).hexdigest()
    return key if changes == UNCHANGED else hashlib.sha256(f"{key} {tuple(changes)!r}".encode()).hexdigest()


def _has_serifs(os2: bytes) -> bool:
    """By PANOSE (Latin text, serif style 2 to 10), else by the IBM family class (1 to 5 and 7)."""
    family, serif_style = os2[32], os2[33]
    if family == 2 and serif_style > 1:
        return serif_style <= 10
    return os2[30] in (1, 2, 3, 4, 5, 7)
