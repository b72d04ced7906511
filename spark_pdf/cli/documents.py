"""`render` and `get`: one document to a file."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

from spark_pdf.cli import console
from spark_pdf.errors import SparkPdfError, StoreError, UsageError
from spark_pdf.wording import plural, size


def render_document(bundle: str, data: str | None, target: str | None, as_json: bool) -> None:
    """Render a record of a bundle. Warnings go to stderr, the PDF to `target`."""
    from spark_pdf.render.template import Template

    template = Template.load(bundle)
    record = template.bundle.parse_record(_read(data), data if data != "-" else "stdin") if data else template.sample()
    if record is None:
        raise UsageError(f"{bundle} has no sample.json; give a record: --data record.json")
    rendition = template.render(record)
    for warning in dict.fromkeys((*template.warnings, *rendition.warnings)):
        console.warn(str(warning))
    where = _write(target or f"{_file_name(template.bundle.name)}.pdf", rendition.pdf)
    if as_json:
        warnings = [{"code": w.code, "message": w.message, "place": str(w.place or "")} for w in rendition.warnings]
        values = {
            "pages": rendition.pages,
            "bytes": len(rendition.pdf),
            "sha256": rendition.sha256,
            "warnings": warnings,
        }
        _result_json({"out": where, **values}, where)
    elif where != "-":
        console.result(f"{where}  {plural(rendition.pages, 'page')}, {size(len(rendition.pdf))}")


def get_document(
    configs: list[Path], sets: list[str], document_id: str, run_id: str | None, target: str | None, as_json: bool
) -> None:
    """Fetch the document that the manifest has under an id: of one run, or the latest."""
    from spark_pdf.cli.settings import read_config
    from spark_pdf.store.documents import read_document

    config = read_config(configs, sets)
    row = _row(config, document_id, run_id)
    if row["status"] == "erased":
        raise SparkPdfError(f"document {document_id} of run {row['run_id']} was {row['error_detail']}")
    if row["status"] == "expired":
        raise SparkPdfError(f"document {document_id} of run {row['run_id']} is no longer kept (retention)")
    if row["status"] != "document":
        raise SparkPdfError(
            f"document {document_id} failed in run {row['run_id']}: [{row['error_code']}] "
            f"{row['error_detail'].removeprefix(f'document {document_id}: ')}"
        )
    data = read_document(row["uri"], row["offset"], row["length"], config.store_options(row["uri"]))
    found = hashlib.sha256(data).hexdigest()
    if found != row["sha256"]:
        raise StoreError(
            f"document {document_id}: {row['uri']} does not hold the bytes that the manifest says (SHA-256 differs)"
        )
    where = _write(target or f"{_file_name(document_id)}.pdf", data)
    if as_json:
        _result_json({"out": where, **row}, where)
    elif where != "-":
        pages, length = plural(row["pages"], "page"), size(len(data))
        console.result(f"{where}  {pages}, {length}, of run {row['run_id']}")


_COLUMNS = (
    "document_id",
    "run_id",
    "status",
    "uri",
    "offset",
    "length",
    "pages",
    "sha256",
    "error_code",
    "error_detail",
)


def _row(config: Any, document_id: str, run_id: str | None) -> dict[str, Any]:
    from spark_pdf.manifest.runs import not_committed
    from spark_pdf.manifest.table import current_view, open_table
    from spark_pdf.store import output_store

    table = open_table(config)
    if run_id is not None and table.committed(run_id) is None:
        raise not_committed(output_store(config), table.uri, run_id)
    batches = (
        table.scan(_COLUMNS, run_id=run_id, document_ids=[document_id])
        if run_id is not None
        else current_view(table, _COLUMNS, [document_id])
    )
    rows: list[dict[str, Any]] = [row for batch in batches for row in batch.to_pylist()]
    if not rows:
        raise UsageError(f"{table.uri}: the manifest has no document '{document_id}'")
    return rows[0]


def _read(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the record {path}: {error.strerror}") from None


def _write(target: str, data: bytes) -> str:
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return target
    try:
        Path(target).write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}") from None
    return target


def _result_json(values: dict[str, Any], where: str) -> None:
    """The object goes to stdout, unless the document does."""
    if where != "-":
        console.result_json(values)


def _file_name(text: str) -> str:
    """A file name of a document id or a bundle's name."""
    return re.sub(r"[^\w.,=@-]+", "_", text).strip("._") or "document"
