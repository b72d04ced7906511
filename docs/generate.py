"""The tables in docs/ that mirror code, made from that code.

In: config models, the table of CSS properties, error codes. Out: Markdown between `<!-- generated: NAME -->` and
`<!-- /generated -->` in docs/*.md. `python docs/generate.py` writes; `tests/test_docs.py` fails where a page is stale.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from spark_pdf import config, errors
from spark_pdf.layout import values
from spark_pdf.layout.css import page_rules, properties, pseudo_classes, selector_parser, shorthands
from spark_pdf.manifest import verify
from spark_pdf.model import FAILURE_CODES, Limits

DOCS = Path(__file__).parent
PACKAGE = DOCS.parent / "spark_pdf"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)

SECTIONS: Mapping[str, type] = {
    "": config.Config,
    "source": config.Source,
    "source.views.NAME": config.View,
    "document": config.Document,
    "output": config.Output,
    "manifest": config.Manifest,
    "retention": config.Retention,
    "limits": Limits,
    "tasks": config.Tasks,
    "spark": config.Spark,
    "spark.profile": config.Profile,
    "local": config.Local,
    "ray": config.Ray,
    "dask": config.Dask,
    "queue": config.Queue,
    "queue.callbacks": config.Callbacks,
    "serve": config.Serve,
    "preflight": config.Preflight,
    "submit": config.Submit,
    "submit.emr_serverless": config.EmrServerless,
    "submit.emr_step": config.EmrStep,
    "submit.databricks": config.Databricks,
    "submit.k8s": config.Kubernetes,
    "watch": config.Watch,
    "stream": config.Stream,
    "stream.dead_letters": config.DeadLetters,
    "stores.PREFIX": config.StoreOptions,
}
"""Where each section stands in a config."""


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; `|` inside a cell is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def type_words(kind: Any) -> str:
    """A type as a person who writes YAML calls it."""
    if kind is config.SecretRef:
        return "secret reference"
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return "secret reference" if kind == config.SecretRef else type_words(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_words(a) for a in arguments if a is not type(None))
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin is tuple:
        return f"list of {type_words(arguments[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping to {type_words(arguments[1])}"
    if isinstance(kind, type) and (issubclass(kind, BaseModel) or is_dataclass(kind)):
        return "section"
    return {str: "text", int: "whole number", float: "number", bool: "`true`, `false`"}[kind]


def default_words(value: Any) -> str:
    """A default as YAML, or "required", or nothing."""
    if value in (PydanticUndefined, MISSING):
        return "required"
    if value is None or value == () or value == {} or isinstance(value, BaseModel) or is_dataclass(value):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def config_rows(section: type) -> Iterator[tuple[str, Any, Any, str]]:
    """(key, type, default, description) of a section."""
    hints = typing.get_type_hints(section, include_extras=True)
    if is_dataclass(section):
        for field in fields(section):
            yield field.name, hints[field.name], field.default, field.metadata["description"]
        return
    for name, info in section.model_fields.items():  # type: ignore[attr-defined]
        default = info.default if info.default_factory is None else {}
        yield name, hints[name], default, info.description or ""


def configuration() -> str:
    """Every key, section by section."""
    parts = []
    for where, section in SECTIONS.items():
        title = f"### `{where}`" if where else "### The top level"
        rows = []
        for key, kind, default, says in config_rows(section):
            rows.append((f"`{key}`", type_words(kind), default_words(default), says))
        doc = (inspect.getdoc(section) or "").split("\n\n")[0].replace("\n", " ")
        parts.append(f"{title}\n\n{doc}\n\n" + table(("key", "type", "default", "meaning"), rows))
    return "\n".join(parts)


READ_AS = {
    "clip": "clip_path",
    "background_position_x": "background_position",
    "background_position_y": "background_position",
    "white_space_collapse": "white_space",
    "text_wrap_mode": "white_space",
}
"""Properties that layout reads joined with others."""


def _code() -> str:
    """Layout and pdf without the CSS reader: what acts on computed values."""
    files = [*(PACKAGE / "layout").rglob("*.py"), *(PACKAGE / "pdf").glob("*.py")]
    reader = (PACKAGE / "layout" / "css", PACKAGE / "layout" / "style.py")
    acting = [path for path in sorted(files) if not {path, path.parent} & set(reader)]
    return "\n".join(path.read_text(encoding="utf-8") for path in acting)


def without_effect() -> list[str]:
    """Properties that are read and computed, and that neither layout nor pdf mentions."""
    code = _code()
    return [row.name for row in properties.ROWS if not _reads(READ_AS.get(row.attribute, row.attribute), code)]


def _reads(attribute: str, code: str) -> bool:
    """Whether the code reads an attribute of a style: `.name` (no call), or its name in quotes, for `getattr`."""
    return re.search(rf"\.{attribute}\b(?!\()|[\"']{attribute}[\"']", code) is not None


def initial_words(value: Any) -> str:
    """An initial value in CSS's words, as far as that is simple."""
    if value is None or value in ((), (None,), ""):
        return "none"
    if isinstance(value, values.Track):
        return "auto"
    if isinstance(value, bool):
        return ""
    if type(value) is tuple:
        return " ".join(dict.fromkeys(words for item in value if (words := initial_words(item))))
    if hasattr(value, "space"):
        return {"currentcolor": "currentcolor"}.get(value.space) or ("black" if value.alpha else "transparent")
    if hasattr(value, "fraction"):
        return f"{value.fraction:.0%}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def css_properties() -> str:
    """The table of longhands."""
    idle = set(without_effect())
    rows = [
        (
            f"`{row.name}`",
            initial_words(row.initial),
            "yes" if row.inherited else "no",
            "" if row.name in idle else "yes",
        )
        for row in properties.ROWS
    ]
    return table(("property", "initial value", "inherited", "has effect"), rows)


def css_shorthands() -> str:
    """Shorthands and aliases."""
    return ", ".join(f"`{name}`" for name in shorthands.SHORTHANDS) + "\n"


def css_silent() -> str:
    """Properties that are passed over without a warning."""
    return ", ".join(f"`{name}`" for name in sorted(properties.WITHOUT_EFFECT_ON_PAPER)) + "\n"


def css_selectors() -> str:
    """Pseudo-classes and pseudo-elements."""
    plain = [f"`:{name}`" for name in pseudo_classes.SIMPLE]
    functions = [f"`:{name}()`" for name in selector_parser.FUNCTIONS]
    elements = [f"`::{name}`" for name in selector_parser.PSEUDO_ELEMENTS]
    return ", ".join([*functions, *plain, *elements]) + "\n"


def css_pages() -> str:
    """Names of page sizes and of margin boxes."""
    sizes = ", ".join(f"`{name}`" for name in page_rules.PAGE_SIZES)
    boxes = ", ".join(f"`@{name}`" for name in page_rules.MARGIN_BOXES)
    return f"Page sizes: {sizes}.\n\nMargin boxes: {boxes}.\n"


def failure_codes() -> str:
    """`error_code` of a manifest entry."""
    return table(("`error_code`", "what it says"), [(f"`{code}`", says) for code, says in FAILURE_CODES.items()])


def exceptions() -> str:
    """Every exception, with the exit code of a command that ends with it."""
    rows = []
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.SparkPdfError):
            doc = (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
            rows.append((f"`{name}`", str(kind.exit_code), doc))
    return table(("exception", "exit code", "what it says"), rows)


def findings() -> str:
    """Kinds of findings of `spark-pdf verify`."""
    return table(("kind", "what it says"), [(f"`{kind}`", says) for kind, says in verify.KINDS.items()])


MAKERS: Mapping[str, Callable[[], str]] = {
    "configuration": configuration,
    "css-properties": css_properties,
    "css-shorthands": css_shorthands,
    "css-silent": css_silent,
    "css-selectors": css_selectors,
    "css-pages": css_pages,
    "failure-codes": failure_codes,
    "exceptions": exceptions,
    "findings": findings,
}


def renewed(text: str) -> str:
    """A page with its generated blocks made anew."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{MAKERS[found[2]]()}\n{found[3]}", text)


def main() -> None:
    """Write every page that has changed."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := renewed(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(page.name)


if __name__ == "__main__":
    main()
