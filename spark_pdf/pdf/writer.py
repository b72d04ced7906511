"""The one place where PDF objects become bytes (ISO 32000-1, clause 7): numbering, syntax, order, cross-references.

In: Python values and streams. Out: the bytes of a file. This is the syntactic layer: it says what an object looks
like, not what a page or a font needs. Everything that touches all objects happens here and nowhere else: encryption
gets every string and every stream in `string` and `stream`, object streams are packed in `finish`, equal streams are
stored once, and what is only known once the file's layout is known (a signature's /ByteRange) is patched in at a
`span`.

Values: `str` is PDF syntax as it stands ("/Name", "5 0 R"), `Text` a text string, `bytes` a byte string, int, float
and bool what they are, lists and tuples arrays, dicts dictionaries; keys are names without the slash, and a key whose
value is None is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from spark_pdf.pdf.deflating import DOCUMENT_LEVEL, compress
from spark_pdf.pdf.numbers import number
from spark_pdf.pdf.strings import Text

VERSION: Final = b"1.7"
_BINARY_MARK: Final = b"%\xe2\xe3\xcf\xd3\n"
_OBJECTS_PER_STREAM: Final = 200
"""Objects in one object stream: enough to compress well, few enough for a viewer to unpack one for one object."""


def ref(number_: int) -> str:
    """The indirect reference to an object."""
    return f"{number_} 0 R"


def name(text: str) -> str:
    """A name (7.3.5), with everything but regular characters written as #xx."""
    return "/" + "".join(
        c if "!" <= c <= "~" and c not in "()<>[]{}/%#" else "".join(f"#{b:02X}" for b in c.encode()) for c in text
    )


def literal(data: bytes) -> bytes:
    """A literal string (7.3.4.2) of these bytes."""
    if b"\\" in data:
        data = data.replace(b"\\", b"\\\\")
    if b"(" in data:
        data = data.replace(b"(", b"\\(")
    if b")" in data:
        data = data.replace(b")", b"\\)")
    if b"\r" in data:  # a bare CR would be read as LF
        data = data.replace(b"\r", b"\\r")
    return b"(" + data + b")"


def text_bytes(text: str) -> bytes:
    """A text string's bytes: ASCII as it is (PDFDocEncoding agrees with it), everything else UTF-16 with its mark."""
    if text.isascii() and text.isprintable():
        return text.encode("ascii")
    return b"\xfe\xff" + text.encode("utf-16-be", "replace")


def syntax(value: Any) -> str:
    """A value without strings as PDF syntax, for places that take text: fpdf2's attributes."""
    return PdfWriter()._encode(value, 0).decode("latin-1")


def entries_of(value: Mapping[str, Any]) -> str:
    """A dictionary's entries as PDF syntax, without what encloses them: the part of it that is known beforehand."""
    return syntax(value)[2:-2]


class PreparedStream:
    """A stream that many documents hold, encoded once. `digest` stands for it where its bytes would be hashed.

    `entries` has no strings, and no references: both are a document's own.
    """

    __slots__ = ("body", "digest")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.digest = hashlib.blake2b(body, digest_size=16).digest()


def prepared_stream(entries: Mapping[str, Any], data: bytes) -> PreparedStream:
    """A stream of data that its /Filter has compressed already."""
    head = syntax({**entries, "Length": len(data)}).encode("latin-1")
    return PreparedStream(_stream_body(head, data))


def _stream_body(head: bytes, data: bytes) -> bytes:
    return b"%b\nstream\n%b\nendstream" % (head, data)


class PdfWriter:
    """The objects of one file. Numbers are given in the order of `reserve` and `put`, and the file keeps that order."""

    __slots__ = ("_bodies", "_by_content", "_count", "_digests", "_object_streams", "_offsets", "_streams", "size")

    def __init__(self, *, object_streams: bool = False) -> None:
        self._count = 0
        self._bodies: dict[int, bytes] = {}
        self._streams: set[int] = set()
        self._by_content: dict[bytes, int] = {}
        self._digests: dict[int, bytes] = {}
        self._offsets: dict[int, int] = {}
        self._object_streams = object_streams
        self.size = 0
        """Bytes of all objects so far, so that a limit can stop a document before it is complete."""

    def reserve(self) -> int:
        """A number for an object that is put later, so that others can refer to it already."""
        self._count += 1
        return self._count

    def put(self, value: Any, number_: int | None = None) -> int:
        """Store an object that is not a stream; returns its number."""
        if number_ is None:
            self._count = number_ = self._count + 1
        body = self._encode(value, number_)
        self._bodies[number_] = body
        self.size += len(body)
        return number_

    def stream(
        self, entries: Mapping[str, Any], data: bytes, number_: int | None = None, *, level: int | None = None,
        shared: bool = False, digest: bytes = b"",
    ) -> int:  # fmt: skip
        """Store a stream. `level` deflates `data` here; None takes it as it is, with the /Filter that `entries` names.

        A `shared` stream whose dictionary and data are those of an earlier one is not stored again. `digest` stands
        for data where its bytes would be hashed.
        """
        if level is not None:
            data = compress(data, level)
            entries = {**entries, "Filter": "/FlateDecode"}
        head = self._encode({**entries, "Length": len(data)}, number_ or self._count + 1)
        body = _stream_body(head, data)
        if shared:
            content = hashlib.blake2b(body, digest_size=16).digest()
            known = self._by_content.get(content)
            if known is not None and number_ is None:
                return known
        if number_ is None:
            self._count = number_ = self._count + 1
        if shared:
            self._by_content[content] = number_
        if digest:
            self._digests[number_] = head + digest
        self._bodies[number_] = body
        self._streams.add(number_)
        self.size += len(body)
        return number_

    def prepared(self, stream: PreparedStream) -> int:
        """Store a prepared stream; returns its number. One that is stored already is not stored again."""
        digest = stream.digest
        known = self._by_content.get(digest)
        if known is not None:
            return known
        self._count = number_ = self._count + 1
        self._by_content[digest] = number_
        self._digests[number_] = digest
        self._bodies[number_] = stream.body
        self._streams.add(number_)
        self.size += len(stream.body)
        return number_

    def adopt(self, framed: str, number_: int) -> None:
        """Store an object that fpdf2 has written itself, without the frame that it puts around it."""
        body = framed.partition(" obj\n")[2].removesuffix("endobj").rstrip("\n").encode("latin-1")
        self._bodies[number_] = body
        if body.endswith(b"endstream"):
            self._streams.add(number_)
        self.size += len(body)

    def string(self, data: bytes, number_: int) -> bytes:
        """A string that stands in object `number_`. The only door for strings, so that encryption has one place."""
        return literal(data)

    def _encode(self, value: Any, number_: int) -> bytes:
        """A value's syntax. `number_` is the object that it stands in."""
        kind = type(value)
        if kind is str:
            return value.encode("latin-1")  # type: ignore[no-any-return]
        if kind is dict:
            parts = [b"<<"]
            for key, entry in value.items():
                if entry is None:
                    continue
                if type(entry) is str:
                    parts.append(f"/{key} {entry}".encode("latin-1"))
                elif type(entry) is int:
                    parts.append(b"/%b %d" % (key.encode("latin-1"), entry))
                else:
                    parts.append(b"/%b %b" % (key.encode("latin-1"), self._encode(entry, number_)))
            parts.append(b">>")
            return b"".join(parts)
        if kind is Text:
            return self.string(text_bytes(value), number_)
        if kind is list or kind is tuple:
            return b"[" + b" ".join([self._encode(item, number_) for item in value]) + b"]"
        if kind is bytes:
            return self.string(value, number_)
        if kind is bool:
            return b"true" if value else b"false"
        if kind is int or kind is float:
            return number(value)
        if isinstance(value, Mapping):
            return self._encode(dict(value), number_)
        if isinstance(value, str):
            return str(value).encode("latin-1")
        raise TypeError(f"a PDF object cannot hold a {kind.__name__}")

    def finish(self, root: int, info: int | None = None, *, trailer: Mapping[str, Any] | None = None) -> bytearray:
        """The file. /ID is derived from the objects' bytes, so that equal documents are equal to the last byte."""
        if self._count != len(self._bodies):
            missing = [n for n in range(1, self._count + 1) if n not in self._bodies]
            raise AssertionError(f"reserved but never put: objects {missing}")
        bodies, digests = self._bodies, self._digests
        content = b"".join([digests.get(number_) or bodies[number_] for number_ in range(1, self._count + 1)])
        identity = f"<{hashlib.blake2b(content, digest_size=16).hexdigest()}>"
        entries = {
            "Root": ref(root),
            "Info": ref(info) if info else None,
            "ID": [identity, identity],
            **(trailer or {}),
        }
        out = bytearray(b"%%PDF-%b\n%b" % (VERSION, _BINARY_MARK))
        if self._object_streams:
            self._finish_packed(out, entries)
        else:
            self._finish_plain(out, entries)
        return out

    def span(self, number_: int) -> tuple[int, int]:
        """Where an object's body stands in the finished file: what is patched afterwards keeps its length."""
        start = self._offsets[number_] + len(b"%d 0 obj\n" % number_)
        return start, start + len(self._bodies[number_])

    def _write(self, out: bytearray, numbers: Iterable[int]) -> None:
        offsets, bodies = self._offsets, self._bodies
        position = len(out)
        parts = []
        for number_ in numbers:
            offsets[number_] = position
            piece = b"%d 0 obj\n%b\nendobj\n" % (number_, bodies[number_])
            position += len(piece)
            parts.append(piece)
        out += b"".join(parts)

    def _finish_plain(self, out: bytearray, entries: dict[str, Any]) -> None:
        """A classic cross-reference table (7.5.4)."""
        count = self._count + 1
        self._write(out, range(1, count))
        start = len(out)
        rows = [b"xref\n0 %d\n0000000000 65535 f \n" % count]
        rows += [b"%010d 00000 n \n" % self._offsets[number_] for number_ in range(1, count)]
        out += b"".join(rows)
        out += b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (self._encode({"Size": count, **entries}, 0), start)

    def _finish_packed(self, out: bytearray, entries: dict[str, Any]) -> None:
        """Objects that are no streams go into object streams, located by a cross-reference stream (7.5.7, 7.5.8)."""
        loose = [n for n in range(1, self._count + 1) if n not in self._streams]
        rows: dict[int, tuple[int, int, int]] = {}
        for begin in range(0, len(loose), _OBJECTS_PER_STREAM):
            batch = loose[begin : begin + _OBJECTS_PER_STREAM]
            bodies = [self._bodies[n] for n in batch]
            positions = [0]
            for body in bodies:
                positions.append(positions[-1] + len(body) + 1)
            head = b" ".join(b"%d %d" % pair for pair in zip(batch, positions, strict=False)) + b"\n"
            kind = {"Type": "/ObjStm", "N": len(batch), "First": len(head)}
            holder = self.stream(kind, head + b"\n".join(bodies), level=DOCUMENT_LEVEL)
            rows.update((n, (2, holder, index)) for index, n in enumerate(batch))
        self._write(out, sorted(self._streams))
        rows.update((n, (1, self._offsets[n], 0)) for n in self._streams)
        table = self.reserve()
        start = len(out)
        rows[table] = (1, start, 0)
        width = max(2, (start.bit_length() + 7) // 8)
        data = [b"\0" + bytes(width) + b"\xff\xff"]
        for n in range(1, table + 1):
            kind_, where, index = rows[n]
            data.append(bytes((kind_,)) + where.to_bytes(width, "big") + index.to_bytes(2, "big"))
        layout = {"Type": "/XRef", "Size": table + 1, "W": [1, width, 2], **entries}
        # A table of some ten rows is hardly smaller deflated, for a tenth of what all else takes to deflate.
        self.stream(layout, b"".join(data), table, level=DOCUMENT_LEVEL if table > 60 else None)
        self._write(out, (table,))
        out += b"startxref\n%d\n%%%%EOF\n" % start
