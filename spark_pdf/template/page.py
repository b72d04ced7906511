"""A bundle's compiled template: a record in, HTML text out, or one `DocumentError` that says where it failed.

The message names template file, line and field. It never holds data: of an exception that is not ours only the type is
told, and a field's name only if the template itself spells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import FrameType, TracebackType

from jinja2 import TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateRuntimeError
from jinja2.runtime import Context

from spark_pdf.errors import BundleError, DocumentError, Place, TemplateError
from spark_pdf.model import Record
from spark_pdf.template.bounded import JOINED
from spark_pdf.template.compiling import COMPARED, COUNTED
from spark_pdf.template.environment import TemplateEnvironment, UndefinedField, decode
from spark_pdf.template.filters import FilterError
from spark_pdf.template.guards import GuardError
from spark_pdf.template.naming import TAGS, did_you_mean, nearest, unclosed_block
from spark_pdf.template.settings import BundleSettings

RECORD = "record"
"""Under this name a template sees the whole record, unless a column has it: `record["order id"]`."""

INTERNAL = (COMPARED, COUNTED, JOINED)
"""Filters that templates do not write themselves."""

SPELLING = (".html", ".htm", ".jinja", ".j2", ".toml", ".json")
"""Files whose names of fields may be told: the sample has names, and what it says is looked at for them alone."""

_DICT_METHODS = frozenset({"items", "keys", "values", "get"})
_CHUNK = 4096


_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (SecurityError, "the template does what the sandbox forbids"),
    (RecursionError, "the template calls itself without end"),
    (ZeroDivisionError, "a division by zero"),
    (ArithmeticError, "a calculation that has no result"),
    (TypeError, "an operation on values of a type that it does not take (or on NULL)"),
)


class PageTemplate:
    """The entry template of a bundle, compiled once; `html` may be called from any thread."""

    def __init__(self, files: Mapping[str, bytes], settings: BundleSettings, entry: str) -> None:
        self._environment = TemplateEnvironment(files, settings)
        self._files = files
        self._trees: dict[str, nodes.Template] = {}
        try:
            self._template = self._environment.get_template(entry)
            self._globals = dict(self._template.globals)  # what Jinja2 keeps in layers, and asks layer by layer
        except (SyntaxError, TemplateSyntaxError, RecursionError, ValueError, OverflowError) as error:
            raise unreadable(error, entry, self._environment) from None

    def html(self, record: Record) -> str:
        """The document's HTML. Raises `DocumentError` with code `template`."""
        self._environment.begin()
        try:
            variables = dict(self._globals, **record)
            variables.setdefault(RECORD, record)
            template = self._template
            context = Context(self._environment, variables, template.name, template.blocks, self._globals)
            return self._collected(template.root_render_func(context))
        except (DocumentError, MemoryError):
            raise
        except Exception as error:
            failure = self._failure(error, record)
        raise failure

    def _collected(self, pieces: Iterator[str]) -> str:
        """All pieces as one text. Its length is checked as they come, or a template could fill the memory first."""
        limit = self._environment.meter.limits.characters
        parts: list[str] = []
        size = 0
        while chunk := list(islice(pieces, _CHUNK)):
            size += sum(map(len, chunk))
            if size > limit:
                text = f"the document's HTML goes over {limit} characters"
                raise GuardError(f"{text} (limits.characters in template.toml)")
            parts += chunk
        return "".join(parts)

    def _failure(self, error: Exception, record: Record) -> DocumentError:
        place, frame = self._place(error.__traceback__)
        if isinstance(error, TemplateSyntaxError):
            found = syntax_error(error, place.file, self._environment)
            return DocumentError("template", found.reason, place=found.place)
        if isinstance(error, TemplateNotFound):
            # A name that the template computes may be data.
            spelt = self._spells(str(error.name), place)
            name = f" '{error.name}'," if spelt else ""
            near = did_you_mean(nearest(str(error.name), self._files)) if spelt else ""
            text = f"the template includes{name} a file that the bundle lacks{near}"
            return DocumentError("template", text, place=place)
        unknown = unknown_name(str(error), self._environment) if type(error) is TemplateRuntimeError else None
        if unknown is not None:
            return DocumentError("template", unknown, place=place)
        told = self._diagnosed(error, place, frame, record)
        if told is not None:
            return DocumentError("template", told[0], place=Place(place.file, told[1]))
        if isinstance(error, UndefinedField):
            path, place = self._field(str(error.name), place)
            return DocumentError("template", _undefined_message(path), place=place)
        if isinstance(error, (FilterError, GuardError)):
            return DocumentError("template", str(error), place=place)
        kind = type(error).__name__
        meaning = next((text for known, text in _KINDS if isinstance(error, known)), "the template failed")
        return DocumentError("template", f"{meaning} ({kind})", place=place)

    def _diagnosed(
        self, error: Exception, place: Place, frame: FrameType | None, record: Record
    ) -> tuple[str, int] | None:
        """What failed, by its path, and its line; None where that is not found."""
        from spark_pdf.template.diagnosis import Diagnosis  # documents that do not fail need none

        if place.file not in self._files:
            return None
        last = self._last_line(place)
        spelt = "\n".join(decode(data) for path, data in self._files.items() if path.lower().endswith(SPELLING))
        diagnosis = Diagnosis(self._environment, self._tree(place.file), frame, (place.line, last), record, spelt)
        try:
            if isinstance(error, UndefinedField):
                return diagnosis.undefined(error)
            if isinstance(error, (FilterError, GuardError)):
                return diagnosis.refused(str(error))
            return diagnosis.operation() if isinstance(error, TypeError) else None
        except Exception:
            return None  # whatever goes wrong here must not hide what went wrong

    def _last_line(self, place: Place) -> int:
        """The last line of the statement that begins at a place: the compiled code knows where the next one begins."""
        template = self._environment.get_template(place.file)
        later = [line for line, _ in template.debug_info if line > place.line]
        return min(later) - 1 if later else 1 << 30

    def _spells(self, text: str, place: Place) -> bool:
        """Whether the template has this text as it is."""
        return any(node.value == text for node in self._tree(place.file).find_all(nodes.Const))

    def _place(self, trace: TracebackType | None) -> tuple[Place, FrameType | None]:
        """File and line of the innermost frame that runs template code, and that frame."""
        place, frame = Place(self._template.name or ""), None
        while trace is not None:
            template = trace.tb_frame.f_globals.get("__jinja_template__")
            if template is not None:
                place = Place(template.name or "", template.get_corresponding_lineno(trace.tb_lineno))
                frame = trace.tb_frame
            trace = trace.tb_next
        return place, frame

    def _field(self, name: str, place: Place) -> tuple[str, Place]:
        """The path under which the template spells a field, and its line. "": the name is computed, so may be data."""
        spelt: list[tuple[str, int]] = []
        filters: list[tuple[str, int]] = []
        for node in self._tree(place.file).find_all((nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const)):
            if isinstance(node, nodes.Const):
                if isinstance(node.value, str) and name in node.value.split("."):
                    filters.append((node.value, node.lineno))
            elif _last(path := dotted(node)) == name:
                spelt.append((path, node.lineno))
        candidates = spelt or filters
        if not candidates:
            return "", place
        # A statement over several lines is reported by its first line: the first spelling at or below it is meant.
        path, line = min(candidates, key=lambda c: (c[1] < place.line, abs(c[1] - place.line)))
        return path, Place(place.file, line)

    def _tree(self, file: str) -> nodes.Template:
        if file not in self._trees:
            self._trees[file] = self._environment.parse(decode(self._files[file]), file)
        return self._trees[file]


def syntax_error(error: TemplateSyntaxError, entry: str, environment: TemplateEnvironment) -> TemplateError:
    """Jinja2's complaint about a template, with its place, and what was meant."""
    message, place = error.message or "syntax error", Place(error.name or entry, error.lineno)
    unknown = unknown_name(message, environment)
    if unknown is not None:
        return TemplateError(unknown, place=place)
    if message.startswith("Unexpected end of template") and error.source:
        block = unclosed_block(error.source)
        if block is not None:
            what = f"the block that {{% {block[0]} %}} begins is never closed; {{% end{block[0]} %}} is missing"
            return TemplateError(what, place=Place(place.file, block[1]))
    return TemplateError(message, place=place)


_UNKNOWN_NAME = re.compile(r"(?:No (filter|test) named|Encountered unknown (tag)) '([^']*)'")


def unknown_name(message: str, environment: TemplateEnvironment) -> str | None:
    """What Jinja2 says of a filter, test or tag that it does not know, with the nearest; None of all else."""
    found = _UNKNOWN_NAME.match(message)
    if found is None:
        return None
    kind, name = found[1] or found[2], found[3]
    known: Iterable[str] = {"filter": environment.filters, "test": environment.tests}.get(kind, TAGS)
    return f"there is no {kind} '{name}'{did_you_mean(nearest(name, [k for k in known if k not in INTERNAL]))}"


def unreadable(error: Exception, file: str, environment: TemplateEnvironment) -> TemplateError:
    """What Jinja2, or Python compiling what Jinja2 made, has against a template, with its place."""
    if isinstance(error, TemplateSyntaxError):
        return syntax_error(error, file, environment)
    if isinstance(error, UnicodeDecodeError):
        return BundleError("the template is not UTF-8 text", place=Place(file))
    text = "the template cannot be compiled: expressions or blocks are nested too deeply, or a number is too long"
    return TemplateError(text, place=Place(file))


_LONGEST_PATH = 32


def dotted(node: nodes.Node, length: int = 0) -> str:
    """`a.b["c"][0]` as a path, `a.b.c[]`; "" for what is not one, and for one that nobody would read."""
    if length > _LONGEST_PATH:
        return ""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        base = dotted(node.node, length + 1)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, nodes.Getitem):
        base = dotted(node.node, length + 1)
        if base and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return f"{base}.{node.arg.value}"
        return f"{base}[]" if base else ""
    return ""


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _undefined_message(path: str) -> str:
    if not path:
        return "an element that the template computes the name of is not there"
    hint = ""
    if _last(path) in _DICT_METHODS:
        hint = "; a struct's attributes are its fields: go over a map with `for key, value in x | items`"
    return f"'{path}' is not in the record{hint}"
