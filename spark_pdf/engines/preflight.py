"""What is tried before the first task starts: seconds now instead of an error an hour into the run.

In: a config, its bundle, its opened source. Out: nothing, or one clear error: outputs that cannot be written or
trusted, fields that the template needs and the records lack, mistakes that show as soon as a record is rendered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from spark_pdf.config import Config
from spark_pdf.engines.outcome import Outcome, Renders
from spark_pdf.engines.progress import Progress
from spark_pdf.engines.source import ID_COLUMN, PARTITION_COLUMN, RecordSource, Snapshot
from spark_pdf.engines.supervise import Supervised
from spark_pdf.errors import ConfigError, DocumentError, TemplateError
from spark_pdf.model import Limits, Record, Rendition

if TYPE_CHECKING:
    import pyarrow as pa

    from spark_pdf.manifest.runs import Pin
    from spark_pdf.render.renderer import Renderer
    from spark_pdf.template.bundle import Bundle

SAMPLE_SECONDS = 60.0
"""No record of the sample may take longer, whatever the config allows: preflight is about seconds."""


def needed_columns(config: Config, bundle: Bundle, schema_names: Sequence[str]) -> list[str] | None:
    """Top-level columns that are read: what the template, the key and the manifest need. None: all of them.

    The id and the cost are expressions that the engine evaluates over the whole source, so they need not be kept.
    """
    from spark_pdf.store.locations import key_fields

    in_key = key_fields(config.output.key) if config.output.layout == "objects" else ()
    fields = [path.split(".")[0] for path in in_key if path != "document_id"]
    _check_columns("output.key", fields, schema_names)
    _check_columns("manifest.columns", config.manifest.columns, schema_names)
    wanted = bundle.contract.columns
    if wanted is None:
        return None
    names = [*wanted, *fields, *config.manifest.columns]
    return [name for name in dict.fromkeys(names) if name in schema_names]


def prepare(config: Config, bundle: Bundle, source: RecordSource) -> tuple[pa.Schema, tuple[str, ...] | None]:
    """Hold the contract against the schema, prune the columns.

    The schema of what the manifest copies, and the columns that make a record's hash.
    """
    import pyarrow as pa

    schema = source.schema()
    # Records that have no schema are held against the contract one by one, where each is rendered.
    if getattr(source, "declared", True):
        bundle.contract.check(schema)
    columns = needed_columns(config, bundle, schema.names)
    source.prune(columns)
    extra = pa.schema([schema.field(name) for name in config.manifest.columns])
    return extra, hashed_columns(bundle, columns)


def hashed_columns(bundle: Bundle, read: Sequence[str] | None) -> tuple[str, ...] | None:
    """Of the columns that are read, those that make a record's hash: the template's. None: all of them.

    What only the manifest copies, or the key names, makes no document new.
    """
    template = bundle.contract.columns
    if template is None or read is None or set(read) <= set(template):
        return None
    return tuple(name for name in read if name in set(template))


ASIDE = " | "
"""Stands in a pinned source's summary between what is read and what for."""


def changed_since(earlier: Pin, now: Pin, snapshot: Snapshot) -> tuple[str, ...]:
    """What is another than in an earlier run, in words. What a run compares with, or is a retry of, is no source."""
    was, reads = earlier.source.split(" ")[0], snapshot.fingerprint
    summaries = (earlier.source_summary.split(ASIDE)[0], snapshot.summary)
    # A copy is another one each time, whatever is in it.
    copied = snapshot.kind == "materialized"
    then = replace(earlier, source=was, source_summary=summaries[0])
    found = then.changes(replace(now, source=was if copied else reads, source_summary=summaries[1]))
    return (*found, *(["perhaps the source, which is copied for each run"] if copied else []))


def _check_columns(key: str, columns: Iterable[str], schema_names: Sequence[str]) -> None:
    absent = [name for name in columns if name not in schema_names]
    if absent:
        near = get_close_matches(absent[0], schema_names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        names = ", ".join(schema_names)
        raise ConfigError(f"{key}: the source has no column '{absent[0]}'; it has: {names}{hint}", key=key)


@dataclass(frozen=True, slots=True)
class SampleJob:
    """What the child that renders the sample needs: the bundle itself, because the run has no files yet."""

    bundle_hash: str
    archive: bytes
    limits: Limits

    def renderer(self) -> Renders:
        """A renderer of the bundle that also says what the bundle lacks."""
        from spark_pdf.render.worker import renderer_for

        return _Telling(renderer_for(self.bundle_hash, lambda: self.archive, self.limits))


class _Telling:
    """A renderer whose renditions carry the bundle's own warnings (fonts that stand in for others) too."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    def render(self, record: Mapping[str, Any], document_id: str = "") -> Rendition:
        """See `Renderer.render`."""
        rendition = self._renderer.render(record, document_id)
        return replace(rendition, warnings=(*rendition.warnings, *self._renderer.warnings))


def check_sample(config: Config, bundle: Bundle, source: RecordSource, progress: Progress) -> None:
    """Render a few records.

    Raises `TemplateError` if none of them can be rendered: then it is not the records' fault.
    """
    if not config.preflight.records:
        return
    seconds = min(config.limits.seconds_per_document, SAMPLE_SECONDS)
    limits = replace(config.limits, seconds_per_document=seconds)
    # In a child, because a record may kill or hold up the process that renders it, and this one is the driver.
    supervised = Supervised(SampleJob(bundle.hash, bundle.to_archive(), limits))
    try:
        records = min(config.preflight.records, config.limit or config.preflight.records)
        outcomes = [supervised(*_split(record)) for record in source.sample(records)]
    finally:
        supervised.close()
    failures = [o for o in outcomes if o.rendition is None]
    if failures and len(failures) == len(outcomes):
        raise TemplateError(_all_failed(failures))
    for failure in failures:
        progress.failed_sample(DocumentError(failure.error_code or "render", failure.error_detail or ""))
    warnings = Counter(str(w) for o in outcomes if o.rendition for w in o.rendition.warnings)
    for warning in warnings:
        progress.note(f"warning: {warning}")


def _split(record: Record) -> tuple[str, Record]:
    values = dict(record)
    values.pop(PARTITION_COLUMN, None)
    return str(values.pop(ID_COLUMN)), values


def _all_failed(failures: Sequence[Outcome]) -> str:
    details = dict.fromkeys(
        f"[{f.error_code}] {(f.error_detail or '').removeprefix(f'document {f.document_id}: ')}" for f in failures
    )
    return f"none of the {len(failures)} records tried first can be rendered; nothing was started:\n  " + "\n  ".join(
        details
    )
