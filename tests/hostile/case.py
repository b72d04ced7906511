"""What a case of the corpus is: something hostile or broken, and the outcome that it has to have.

A case `act`s and so has an outcome in one word: `document`, a failure code of `model.FAILURE_CODES`, or the name of an
error in `spark_pdf.errors`. Whatever else happens is a fault: an exception that nobody typed, a hang, a death, a fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spark_pdf.errors import DocumentError, SparkPdfError
from spark_pdf.model import Limits, Record, Rendition
from spark_pdf.render.renderer import Renderer
from spark_pdf.template.bundle import Bundle

PLANTED = "KANARIENVOGEL"
"""Stands in the data of many cases; no message may have it. The longer words of every record are looked for as well."""

FEW = Limits(seconds_per_document=5.0, pages_per_document=50, bytes_per_document=8_000_000, pixels_per_image=1_000_000)
"""What cases are rendered with, where they do not say otherwise."""


@dataclass(frozen=True)
class Answer:
    """What acting came to, for checks: a rendition's PDF, pages and warnings, or the text of a typed error."""

    outcome: str
    message: str = ""
    pdf: bytes = b""
    pages: int = 0
    warnings: tuple[str, ...] = ()


Check = Callable[[Answer], None]


@dataclass(frozen=True)
class Case:
    """`outcome` is demanded ("a or b": one of these); `says` stands in the error's message or in a warning.

    `check` looks at the document. `record` and `files` are what messages are searched for: they may quote the files,
    never the record.
    """

    name: str
    outcome: str
    act: Callable[[], Rendition | None]
    says: str = ""
    check: Check | None = None
    record: Callable[[], Record] = dict
    files: Callable[[], Mapping[str, bytes]] = dict


@dataclass
class Corpus:
    """Cases in the making, of one topic."""

    topic: str
    cases: list[Case] = field(default_factory=list)

    def renders(
        self, name: str, outcome: str, template: str | bytes | Callable[[], str],
        record: Record | Callable[[], Record] | None = None, says: str = "", limits: Limits = FEW,
        check: Check | None = None, **files: bytes | Callable[[], bytes],
    ) -> None:  # fmt: skip
        """A template (and further files, `a__b_css` for `a/b.css`) that renders a record."""

        def all_files() -> dict[str, bytes]:
            text = template() if callable(template) else template
            found = {"template.html": text.encode() if isinstance(text, str) else text}
            for key, data in files.items():
                stem, _, ending = key.replace("__", "/").rpartition("_")
                found[f"{stem}.{ending}"] = data() if callable(data) else data
            return found

        def data() -> Record:
            return record() if callable(record) else record or {}

        def act() -> Rendition:
            return Renderer(Bundle.from_files(all_files()), limits).render(data(), "case-7")

        self.cases.append(Case(f"{self.topic}: {name}", outcome, act, says, check, data, all_files))

    def does(self, name: str, outcome: str, act: Callable[[], Any], says: str = "") -> None:
        """Anything else that may end in a typed error; `document` if it just ends."""

        def run() -> None:
            act()

        self.cases.append(Case(f"{self.topic}: {name}", outcome, run, says))


def answer_of(case: Case) -> Answer:
    """Act, and say what it came to."""
    try:
        found = case.act()
    except DocumentError as error:
        unforeseen = type(error.__cause__).__name__ if error.code == "render" and error.__cause__ is not None else ""
        return Answer(f"untyped {unforeseen}" if unforeseen else error.code, error.detail)
    except SparkPdfError as error:
        return Answer(type(error).__name__, str(error))
    except Exception as error:
        return Answer(f"untyped {type(error).__name__}", str(error)[:1000])
    if found is None:
        return Answer("document")
    return Answer("document", "", found.pdf, found.pages, tuple(map(str, found.warnings)))
