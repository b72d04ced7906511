"""The one place where PDF objects become bytes (ISO 32000-1, clause 7): numbering, syntax, order, cross-references.

In: Python values and streams. Out: the bytes of a file. This is the syntactic layer: it says what an object looks
like, not what a page or a font needs. Everything that touches all objects happens here and nowhere else: encryption
gets every string and every stream in `string` and `stream`, object streams are packed in `file`, equal streams are
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
    return _literal(data.decode("latin-1")).encode("latin-1")


def _literal(text: str) -> str:
    """A literal string of the bytes that these characters stand for."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "(" in text:
        text = text.replace("(", "\\(")
    if ")" in text:
        text = text.replace(")", "\\)")
    if "\r" in text:  # a bare CR would be read as LF
        text = text.replace("\r", "\\r")
    return f"({text})"


def text_bytes(text: str) -> bytes:
    """A text string's bytes: ASCII as it is (PDFDocEncoding agrees with it), everything else UTF-16 with its mark."""
    if text.isascii() and text.isprintable():
        return text.encode("ascii")
    return b"\xfe\xff" + text.encode("utf-16-be", "replace")


def syntax(value: Any) -> str:
    """A value without strings as PDF syntax, for places that take text: fpdf2's attributes."""
    return PdfWriter()._encode(value, 0)


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
    head = f"{syntax(entries)[:-2]}/Length {len(data)}>>".encode("latin-1")
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
        body = self._encode(value, number_).encode("latin-1")
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
        deflated = "" if level is None else "/Filter /FlateDecode"
        start = self._encode(entries, number_ or self._count + 1)[:-2]
        head = f"{start}{deflated}/Length {len(data)}>>".encode("latin-1")
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

    def string(self, data: bytes, number_: int) -> str:
        """A string that stands in object `number_`. The only door for strings, so that encryption has one place."""
        return _literal(data.decode("latin-1"))

    def _encode(self, value: Any, number_: int) -> str:
        """A value's syntax, a character for each byte. `number_` is the object that it stands in."""
        kind = type(value)
        if kind is str:
            return value  # type: ignore[no-any-return]
        if kind is dict:
            entries: dict[str, Any] = value
            parts: list[str] = []
            for key, entry in entries.items():
                if entry is not None:
                    parts.append(f"/{key} {self._encode(entry, number_)}")
            return f"<<{''.join(parts)}>>"
        if kind is Text:
            return self.string(text_bytes(value), number_)
        if kind is list or kind is tuple:
            return f"[{' '.join([self._encode(item, number_) for item in value])}]"
        if kind is bytes:
            return self.string(value, number_)
        if kind is bool:
            return "true" if value else "false"
        if kind is int:
            return str(value)
        if kind is float:
            return number(value).decode("latin-1")
        if isinstance(value, Mapping):
            return self._encode(dict(value), number_)
        if isinstance(value, str):
            return str(value)
        raise TypeError(f"a PDF object cannot hold a {kind.__name__}")

    def finish(self, root: int, info: int | None = None, *, trailer: Mapping[str, Any] | None = None) -> bytearray:
        """The file as `file` has it, to be patched."""
        return bytearray(self.file(root, info, trailer=trailer))

    def file(self, root: int, info: int | None = None, *, trailer: Mapping[str, Any] | None = None) -> bytes:
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
        out = [b"%%PDF-%b\n%b" % (VERSION, _BINARY_MARK)]
        if self._object_streams:
            self._finish_packed(out, entries)
        else:
            self._finish_plain(out, entries)
        return b"".join(out)

    def span(self, number_: int) -> tuple[int, int]:
        """Where an object's body stands in the finished file: what is patched afterwards keeps its length."""
        start = self._offsets[number_] + len(b"%d 0 obj\n" % number_)
        return start, start + len(self._bodies[number_])

    def _write(self, out: list[bytes], position: int, numbers: Iterable[int]) -> int:
        """Objects as they stand in the file from `position` on; returns where they end."""
        offsets, bodies = self._offsets, self._bodies
        for number_ in numbers:
            offsets[number_] = position
            piece = b"%d 0 obj\n%b\nendobj\n" % (number_, bodies[number_])
            position += len(piece)
            out.append(piece)
        return position

    def _finish_plain(self, out: list[bytes], entries: dict[str, Any]) -> None:
        """A classic cross-reference table (7.5.4)."""
        count = self._count + 1
        start = self._write(out, len(out[0]), range(1, count))
        out.append(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        out += [b"%010d 00000 n \n" % self._offsets[number_] for number_ in range(1, count)]
        trailer = self._encode({"Size": count, **entries}, 0).encode("latin-1")
        out.append(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))

    def _finish_packed(self, out: list[bytes], entries: dict[str, Any]) -> None:
        """Objects that are no streams go into object streams, located by a cross-reference stream (7.5.7, 7.5.8)."""
        places: dict[int, int] = {}
        loose = [n for n in range(1, self._count + 1) if n not in self._streams]
        for begin in range(0, len(loose), _OBJECTS_PER_STREAM):
            batch = loose[begin : begin + _OBJECTS_PER_STREAM]
            bodies = [self._bodies[n] for n in batch]
            pairs: list[str] = []
            position = 0
            for n, body in zip(batch, bodies, strict=True):
                pairs.append(f"{n} {position}")
                position += len(body) + 1
            head = " ".join(pairs).encode("ascii") + b"\n"
            kind = {"Type": "/ObjStm", "N": len(batch), "First": len(head)}
            holder = self.stream(kind, head + b"\n".join(bodies), level=DOCUMENT_LEVEL)
            for index, n in enumerate(batch):
                places[n] = holder << 16 | index
        start = self._write(out, len(out[0]), sorted(self._streams))
        table = self.reserve()
        self._offsets[table] = start
        width = max(2, (start.bit_length() + 7) // 8)
        data = [b"\0" + bytes(width) + b"\xff\xff"]
        # A row as one number: 1 and the offset, or 2, the object stream and the place in it.
        packed, plain = 2 << 8 * (width + 2), 1 << 8 * (width + 2)
        for n in range(1, table + 1):
            place = places.get(n)
            row = plain | self._offsets[n] << 16 if place is None else packed | place
            data.append(row.to_bytes(width + 3, "big"))
        layout = {"Type": "/XRef", "Size": table + 1, "W": [1, width, 2], **entries}
        # A table of some ten rows is hardly smaller deflated, for a tenth of what all else takes to deflate.
        self.stream(layout, b"".join(data), table, level=DOCUMENT_LEVEL if table > 60 else None)
        self._write(out, start, (table,))
        out.append(b"startxref\n%d\n%%%%EOF\n" % start)
