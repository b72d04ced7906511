"""Single documents as functions of SQL, over Arrow: what runs on executors.

In: records as structs, a bundle's name. Out: documents. The renderer is the worker's own, which lives as long as it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa

from spark_pdf.config import StoreOptions
from spark_pdf.engines.outcome import Outcome, outcome_of
from spark_pdf.engines.spark.records import arrow_records
from spark_pdf.errors import UsageError
from spark_pdf.model import Limits
from spark_pdf.render.worker import renderer_for
from spark_pdf.store.documents import read_document
from spark_pdf.store.options import resolve


class Renders:
    """Functions over bundles, given by name as (hash, archive). A record that cannot be rendered gives null."""

    def __init__(self, bundles: Mapping[str, tuple[str, bytes]], limits: Limits) -> None:
        self._bundles, self._limits = dict(bundles), limits
        # Spark asks an Arrow function for its types by annotations, which methods have as well.
        self.document: Callable[[pa.Array, pa.Array], pa.Array] = self._function(self._documents)
        self.pdf: Callable[[pa.Array, pa.Array], pa.Array] = self._function(self._pdfs)
        self.pages: Callable[[pa.Array, pa.Array], pa.Array] = self._function(self._counts)

    @staticmethod
    def _function(made: Callable[[pa.Array, pa.Array], pa.Array]) -> Callable[[pa.Array, pa.Array], pa.Array]:
        def function(records: pa.Array, bundles: pa.Array) -> pa.Array:
            return made(records, bundles)

        function.__annotations__ = {"records": pa.Array, "bundles": pa.Array, "return": pa.Array}
        return function

    def _outcomes(self, records: pa.Array, bundles: pa.Array) -> Iterator[Outcome | None]:
        if not pa.types.is_struct(records.type):
            raise UsageError(f"a record is a struct, as in render_pdf(struct(*), 'invoice'); this is {records.type}")
        rows = arrow_records([pa.RecordBatch.from_struct_array(records)])
        there = records.is_valid().to_pylist()
        for row, name, valid in zip(rows, bundles.to_pylist(), there, strict=True):
            if name not in self._bundles:
                known = ", ".join(self._bundles)
                raise UsageError(f"no bundle is registered as '{name}'; there are: {known}")
            digest, archive = self._bundles[name]
            renderer = renderer_for(digest, lambda archive=archive: archive, self._limits)  # type: ignore[misc]
            yield outcome_of(renderer, "", row) if valid else None

    def _documents(self, records: pa.Array, bundles: pa.Array) -> pa.Array:
        kind = pa.struct(
            [
                ("pdf", pa.binary()),
                ("pages", pa.int32()),
                ("sha256", pa.string()),
                ("error_code", pa.string()),
                ("error_detail", pa.string()),
            ]
        )
        return pa.array([_row(outcome) for outcome in self._outcomes(records, bundles)], kind)

    def _pdfs(self, records: pa.Array, bundles: pa.Array) -> pa.Array:
        found = [one.rendition if one else None for one in self._outcomes(records, bundles)]
        return pa.array([one.pdf if one else None for one in found], pa.binary())

    def _counts(self, records: pa.Array, bundles: pa.Array) -> pa.Array:
        found = [one.rendition if one else None for one in self._outcomes(records, bundles)]
        return pa.array([one.pages if one else None for one in found], pa.int32())


def _row(outcome: Outcome | None) -> dict[str, object] | None:
    if outcome is None:
        return None
    if outcome.rendition is None:
        return {"error_code": outcome.error_code, "error_detail": outcome.error_detail}
    done = outcome.rendition
    return {"pdf": done.pdf, "pages": done.pages, "sha256": done.sha256}


def content(options: StoreOptions) -> Callable[[pa.Array, pa.Array, pa.Array], pa.Array]:
    """`pdf_content(uri, offset, length)`: stored bytes, fetched where they are asked for and not before."""
    reach = resolve(options)

    def function(uris: pa.Array, offsets: pa.Array, lengths: pa.Array) -> pa.Array:
        places = zip(uris.to_pylist(), offsets.to_pylist(), lengths.to_pylist(), strict=True)
        found = [None if uri is None else read_document(uri, start, size, reach) for uri, start, size in places]
        return pa.array(found, pa.binary())

    function.__annotations__ = {"uris": pa.Array, "offsets": pa.Array, "lengths": pa.Array, "return": pa.Array}
    return function
