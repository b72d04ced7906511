"""Template bundles: a folder, an archive or files in, one frozen `Bundle` out, known by the hash of its content.

A bundle is `template.html` and what it references by relative URL, or `template.py` with `draw(pdf, record)`, or a
folder with one HTML file. `template.toml` and `sample.json` are optional. While documents are made, a bundle's files
are all that can be read: no URL leads to the network or to another file.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from traceback import walk_tb
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from spark_pdf.errors import BundleError, Place
from spark_pdf.model import Record
from spark_pdf.template.contract import Contract, declared_contract, derive_contract
from spark_pdf.template.files import checked_files, hash_files, read_archive, read_folder, write_archive
from spark_pdf.template.page import PageTemplate
from spark_pdf.template.repertoire import characters
from spark_pdf.template.samples import parse_record
from spark_pdf.template.settings import SETTINGS_FILE, BundleSettings, parse_settings

SAMPLE_FILE = "sample.json"
HTML_ENTRY = "template.html"
PYTHON_ENTRY = "template.py"

DrawFunction = Callable[[Any, Record], None]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
SOURCES = (".html", ".htm", ".css", ".svg", ".toml", ".py", ".j2", ".jinja")
"""Files that people write by hand. Not the sample record: what it holds may be somebody's."""


def near_path(path: Path) -> str:
    """A hint at the folder or file beside a path that is not there, whose name is nearest."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean '{path.parent / near[0]}'?" if near else ""


class Bundle:
    """A template and all that it may read. Equal content has an equal `hash`, wherever it came from.

    Implements `model.Resources`. Templates are compiled, and contracts derived, when first asked for.
    """

    def __init__(self, files: Mapping[str, bytes], name: str) -> None:
        self.files: Mapping[str, bytes] = MappingProxyType(checked_files(files.items()))
        self.name = name
        self.hash = hash_files(self.files)
        self.settings = self._settings()
        self.entry = self._entry()

    @classmethod
    def load(cls, source: str | Path | bytes | Mapping[str, bytes]) -> Bundle:
        """A bundle from a folder, a `.zip` file, an archive's bytes, or files by relative path."""
        if isinstance(source, bytes):
            return cls.from_archive(source)
        if isinstance(source, Mapping):
            return cls.from_files(source)
        path = Path(source)
        if path.is_dir():
            return cls(read_folder(path), path.resolve().name)
        if path.is_file() and path.suffix.lower() == ".zip":
            try:
                return cls.from_archive(path.read_bytes(), path.stem)
            except OSError as error:
                raise BundleError(f"{path} cannot be read: {error.strerror}") from None
            except BundleError as error:
                raise BundleError(f"{path}: {error}") from None
        if path.is_file():
            raise BundleError(f"a template bundle is a folder or a .zip file; give the folder of {path}")
        raise BundleError(f"there is no template bundle at {path}{near_path(path)}")

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], name: str = "bundle") -> Bundle:
        """A bundle from files by relative POSIX path."""
        return cls(files, name)

    @classmethod
    def from_archive(cls, data: bytes, name: str = "bundle") -> Bundle:
        """A bundle from the bytes of a zip archive, such as `to_archive` makes."""
        return cls(read_archive(data), name)

    def to_archive(self) -> bytes:
        """The bundle as a stored zip, the same bytes for the same content."""
        return write_archive(self.files)

    def __repr__(self) -> str:
        return f"<Bundle {self.name} {self.hash[:12]}>"

    def __reduce__(self) -> tuple[object, ...]:
        return Bundle, (dict(self.files), self.name)

    @property
    def is_python(self) -> bool:
        """Whether the bundle draws with `template.py` instead of HTML."""
        return self.entry.endswith(".py")

    @cached_property
    def contract(self) -> Contract:
        """What the bundle needs from a record. Raises `TemplateError` where a template cannot be parsed."""
        if self.is_python:
            return declared_contract(self.settings.columns)
        return derive_contract(self.files, self.entry, self.settings)

    @cached_property
    def page(self) -> PageTemplate:
        """The compiled template. Raises `TemplateError` with file and line."""
        if self.is_python:
            raise BundleError("a template.py draws; it has no HTML", place=Place(self.entry))
        return PageTemplate(self.files, self.settings, self.entry)

    def html(self, record: Record) -> str:
        """The document's HTML. Raises `DocumentError` for the record's own failures, with file and line."""
        return self.page.html(record)

    @cached_property
    def draw(self) -> DrawFunction:
        """`draw(pdf, record)` of a `template.py`. It runs as code does: only templates in HTML are sandboxed."""
        try:
            code = compile(self.files[self.entry], self.entry, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", 0) or 0
            reason = f": {error.msg}" if isinstance(error, SyntaxError) else ""
            raise BundleError(f"the file is not valid Python{reason}", place=Place(self.entry, line)) from None
        names: dict[str, Any] = {"__name__": "template", "__file__": self.entry}
        try:
            exec(code, names)
        except Exception as error:
            # No record is there yet, so the message holds none.
            lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == self.entry]
            message = f"the file cannot be loaded: {type(error).__name__}: {error}"
            raise BundleError(message, place=Place(self.entry, lines[-1] if lines else 0)) from error
        function = names.get("draw")
        if not callable(function):
            raise BundleError("the file has no function draw(pdf, record)", place=Place(self.entry))
        return function  # type: ignore[no-any-return]

    def repertoire(self) -> frozenset[int] | None:
        """The code points of one font subset for all documents; None where each document has a subset of its own."""
        entries = self.settings.repertoire
        return None if entries is None else characters(entries, self.files)

    def sample(self) -> dict[str, Any] | None:
        """The record in `sample.json`, typed as `[types]` of template.toml says; None if there is none."""
        data = self.files.get(SAMPLE_FILE)
        return None if data is None else self.parse_record(data, SAMPLE_FILE)

    def parse_record(self, data: bytes, name: str = "record") -> dict[str, Any]:
        """A record from JSON: fractions become Decimal; fields that `[types]` declares get their type."""
        return parse_record(data, name, self.settings.types)

    def resolve(self, url: str, base: str = "") -> str:
        """Path within the bundle of a URL relative to `base`. `BundleError` if it leads elsewhere or to nothing."""
        scheme = _SCHEME.match(url.strip())
        if scheme:
            raise self._refused(f"'{scheme[1].lower()}:' URLs are not read; a bundle brings its files along", base)
        path = unquote(re.split("[?#]", url.strip(), maxsplit=1)[0]).replace("\\", "/")
        if path.startswith("/"):
            raise self._refused("an absolute URL is not read; write it relative to the file that has it", base)
        if not path:
            raise self._refused("an empty URL names no file", base)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(base), unicodedata.normalize("NFC", path)))
        if target.split("/", 1)[0] == "..":
            raise self._refused("a URL that leads out of the bundle is not read", base)
        if target not in self.files:
            raise self._refused(self._absent(url, target), base)
        return target

    def read(self, url: str, base: str = "") -> bytes:
        """Bytes of a relative URL, or of a `data:` URL (see `model.Resources`)."""
        if url.lstrip()[:5].lower() == "data:":
            return _data_url(url.strip(), base if base in self.files else "")
        return self.files[self.resolve(url, base)]

    def _refused(self, message: str, base: str) -> BundleError:
        return BundleError(message, place=Place(base) if base in self.files else None)

    def _absent(self, url: str, target: str) -> str:
        """Names the URL only where the bundle itself spells it: otherwise it is made of a record's data."""
        literal = url.strip().encode("utf-8", "replace")
        escaped = literal.replace(b"&", b"&amp;")
        sources = [data for path, data in self.files.items() if path.endswith(SOURCES)]
        if not any(literal in data or escaped in data for data in sources):
            return "no file of the bundle has that name"
        near = difflib.get_close_matches(target, self.files, n=1)
        return f"the bundle has no file '{target}'" + (f"; did you mean '{near[0]}'?" if near else "")

    def _settings(self) -> BundleSettings:
        data = self.files.get(SETTINGS_FILE)
        if data is None:
            return BundleSettings()
        try:
            settings = parse_settings(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise BundleError("the file is not UTF-8 text", place=Place(SETTINGS_FILE)) from None
        for font in settings.fonts:
            try:
                self.resolve(font.file)
            except BundleError as error:
                raise BundleError(f"the font '{font.family}': {error}", place=Place(SETTINGS_FILE)) from None
        return settings

    def _entry(self) -> str:
        if self.settings.entry:
            entry = self.resolve(self.settings.entry, SETTINGS_FILE)
            if not entry.endswith((".html", ".htm", ".py")):
                raise BundleError("'entry' is an .html or a .py file", place=Place(SETTINGS_FILE))
            return entry
        both = [name for name in (HTML_ENTRY, PYTHON_ENTRY) if name in self.files]
        pages = both or [path for path in self.files if "/" not in path and path.endswith((".html", ".htm"))]
        if len(pages) == 1:
            return pages[0]
        if not pages:
            raise BundleError(f"the bundle '{self.name}' has no template.html, no template.py and no other HTML file")
        several = ", ".join(pages)
        raise BundleError(f"the bundle '{self.name}' has several templates ({several}); set `entry` in template.toml")


def _data_url(url: str, base: str) -> bytes:
    head, comma, body = url[5:].partition(",")
    place = Place(base) if base else None
    if not comma:
        raise BundleError("a data: URL without a comma", place=place)
    data = unquote_to_bytes(body.encode("utf-8", "replace"))
    if not re.search(r";\s*base64\s*$", head, re.IGNORECASE):
        return data
    packed = re.sub(rb"\s+", b"", data)
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BundleError("a data: URL that is not valid base64", place=place) from None
