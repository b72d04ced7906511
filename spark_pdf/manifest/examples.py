"""Which failures made a run fail: for each code, the first details and ids.

In: the task manifests that have failures. Out: one phrase for each code. Details name ids, files and lines, never data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spark_pdf.manifest.runs import Run
from spark_pdf.manifest.schema import FAILURE, manifest_schema
from spark_pdf.manifest.tasks import read_tasks

_EACH = 3


def failure_examples(run: Run, tasks: Sequence[tuple[int, int]], counts: Mapping[str, int]) -> dict[str, str]:
    """By code: a detail, and a few ids. Reads no more task manifests than it takes to find them."""
    import pyarrow as pa

    schema = manifest_schema()
    wanted = pa.schema([schema.field(name) for name in ("document_id", "error_code", "error_detail")])
    found: dict[str, list[tuple[str, str]]] = {code: [] for code in counts}
    for batch in read_tasks(run.store, run.locations, tasks, wanted, status=FAILURE):
        for row in batch.to_pylist():
            examples = found.setdefault(row["error_code"], [])
            if len(examples) < _EACH:
                examples.append((row["document_id"], row["error_detail"] or ""))
        if all(len(found[code]) >= min(_EACH, counts[code]) for code in counts):
            break
    return {code: _phrase(examples) for code, examples in found.items() if examples}


def _phrase(examples: Sequence[tuple[str, str]]) -> str:
    ids = ", ".join(f"'{document_id}'" for document_id, _ in examples)
    return f", such as {ids}: {examples[0][1]}"
